"""Objects of Stripe become rows: their own, those of what is inside them, and what is summed from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from paydesk.server.mirror import facts, kinds
from paydesk.server.mirror.kinds import Kind, Part
from paydesk.server.mirror.looking import Row, chunks, hidden_of, known
from paydesk.server.mirror.revenue import Foretold, rewrite
from paydesk.server.mirror.scrubbing import scrubbed
from paydesk.server.mirror.sums import SUMMED_KINDS, DailySums
from paydesk.server.store.upserts import upsert
from paydesk.skills.base import Json

_OURS: Final = frozenset({"id", "created", "deleted", "as_of", "fetched", "seq", "whole"})


@dataclass(frozen=True)
class State:
    """What an object was at `as_of` (seconds): as an event told it, or as Stripe answered (`fetched`).

    `gone`: deleted at Stripe; `it` then only needs its id. `parts` are what is inside it, in full.
    """

    it: Json
    as_of: int
    fetched: bool
    gone: bool = False
    parts: Sequence[Json] | None = None


class Writing:
    """One transaction's changes of rows. Call `finish` at its end, or nothing is summed."""

    def __init__(self, connection: Connection, seq: int) -> None:
        self.connection = connection
        self.seq = seq
        self._sums = DailySums()
        self._counts: dict[str, int] = {}

    def put(self, kind: Kind, states: Sequence[State], *, since: Mapping[str, int] | None = None) -> None:
        """Store these states, one for each object, in place of what is stored.

        `since` says for subscriptions from when on their revenue may have changed; without it the state's own moment.
        """
        if not states:
            return
        old = known(self.connection, kind.table, (state.it["id"] for state in states))
        hidden = hidden_of(self.connection, kind, [state.it for state in states if not state.gone])
        rows = [self._row(kind, state, old.get(state.it["id"]), hidden) for state in states]
        upsert(self.connection, kind.table, rows)
        self._sum(kind, old, rows)
        if kind.part is not None:
            self._put_parts(kind.part, states, hidden, had=set(old))
        if kind.name == "subscription":
            self._rewrite(states, rows, since or {})

    def finish(self) -> None:
        """Write what was summed and counted."""
        self._sums.write(self.connection)
        facts.count_up(self.connection, self._counts)

    def _sum(self, kind: Kind, old: Mapping[str, Row], rows: Sequence[Json]) -> None:
        for row in rows:
            before = old.get(row["id"])
            there = before is not None and not before["deleted"]
            self._counts[kind.name] = self._counts.get(kind.name, 0) + (not row["deleted"]) - there
            if kind.name in SUMMED_KINDS:
                self._sums.replace(kind.name, before, row)

    def _row(self, kind: Kind, state: State, old: Row | None, hidden: set[str]) -> Json:
        it = state.it
        created = it.get("created")
        if not isinstance(created, int):
            created = old["created"] if old is not None else 0
        ours = {
            "id": it["id"],
            "created": created,
            "deleted": state.gone,
            "as_of": state.as_of,
            "fetched": state.fetched,
            "seq": self.seq,
        }
        if state.gone:
            empty = {column.name: None for column in kind.table.columns if column.name not in _OURS}
            return {**ours, **empty, "whole": ""}
        it, whole = kinds.kept(it)
        columns = kind.columns(it)
        if it["id"] in hidden:
            whole = kinds.written(scrubbed(it))
            # Figures are made of the columns; only these two are anybody's.
            columns |= {name: None for name in ("name", "email") if name in columns}
        return {**ours, **columns, **self._kept(kind, old), "whole": whole}

    @staticmethod
    def _kept(kind: Kind, old: Row | None) -> Json:
        """Columns that Stripe's object does not tell, as they were."""
        extra = {"balance_transaction": "payout", "payout": "contents_known"}.get(kind.name)
        return {} if extra is None else {extra: old[extra] if old is not None else None}

    def _put_parts(self, part: Part, states: Sequence[State], hidden: set[str], *, had: set[str]) -> None:
        """The parts of each parent as they are now; those that it no longer has are deleted."""
        rows: list[Json] = []
        for state in states:
            rows += [self._part_row(part, state, one, hidden) for one in state.parts or ()]
        now = {row["id"] for row in rows}
        parents = [state.it["id"] for state in states if state.it["id"] in had]
        empty = {one.name: None for one in part.table.columns if one.name not in _OURS and one.name != part.parent}
        for some in chunks(parents):
            column = part.table.c
            query = select(column.id).where(column[part.parent].in_(some), column.deleted.is_(False))
            left = [one for one in self.connection.scalars(query) if one not in now]
            for gone in chunks(left):
                lost = {**empty, "deleted": True, "seq": self.seq, "whole": ""}
                self.connection.execute(part.table.update().where(column.id.in_(gone)).values(lost))
        upsert(self.connection, part.table, rows)

    def _part_row(self, part: Part, state: State, one: Json, hidden: set[str]) -> Json:
        parent = state.it
        one, whole = kinds.kept(one)
        created = one.get("created", parent.get("created"))
        if parent["id"] in hidden:
            whole = kinds.written(scrubbed(one))
        return {
            "id": one["id"],
            "created": created if isinstance(created, int) else 0,
            "deleted": False,
            "as_of": state.as_of,
            "fetched": state.fetched,
            "seq": self.seq,
            part.parent: parent["id"],
            **part.columns(one),
            "whole": whole,
        }

    def _rewrite(self, states: Sequence[State], rows: Sequence[Json], since: Mapping[str, int]) -> None:
        for state, row in zip(states, rows, strict=True):
            if not state.gone and row["customer"] is not None:
                now = Foretold(state.it, state.as_of)
                rewrite(self.connection, self.seq, now, since=min(since.get(row["id"], state.as_of), state.as_of))


def new_writing(connection: Connection) -> Writing:
    """The changes of a transaction, under the next `seq`."""
    return Writing(connection, facts.next_seq(connection))
