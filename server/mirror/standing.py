"""How far a mirror is: what it holds, since when, and what waits to be handled."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from paydesk.server.mirror import facts
from paydesk.server.store import mirror_schema as tables


@dataclass(frozen=True)
class Standing:
    """`counts` by Stripe's name of the kind; `filled_at` is None until everything was read once; `fresh_at` is the
    moment up to which changes are known; `pending` events wait since `oldest_pending_at`, `set_aside` ones failed.
    """

    counts: Mapping[str, int]
    filled_at: datetime | None
    fresh_at: datetime | None
    pending: int
    oldest_pending_at: datetime | None
    set_aside: int

    @property
    def rows(self) -> int:
        """How many objects it holds."""
        return sum(self.counts.values())


def look(connection: Connection) -> Standing:
    """How far the mirror is, without counting its rows."""
    kept = {row.name: row.value for row in connection.execute(select(tables.facts))}
    states = tables.events.c.state
    waiting = connection.execute(
        select(states, func.count(), func.min(tables.events.c.received_at))
        .where(states.in_(("pending", "set_aside")))
        .group_by(states)
    )
    events = {state: (count, oldest) for state, count, oldest in waiting}
    pending, oldest = events.get("pending", (0, None))
    return Standing(
        counts={
            name.removeprefix(facts.COUNT): int(value)
            for name, value in sorted(kept.items())
            if name.startswith(facts.COUNT)
        },
        filled_at=_moment(kept.get(facts.FILLED)),
        fresh_at=_moment(kept.get(facts.FRESH)),
        pending=pending,
        oldest_pending_at=_moment(oldest),
        set_aside=events.get("set_aside", (0, None))[0],
    )


def _moment(seconds: str | int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)
