"""What the mirror answers: each metric by the quickest way that is exact, with how fresh it is and what was read."""

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from paydesk.server.analytics.lake import Lake, MirrorStore
from paydesk.server.analytics.layout import COPIED
from paydesk.server.analytics.mirror_counting import Reading, ways
from paydesk.server.analytics.recurring import Whose, movements, rows_up_to
from paydesk.server.errors import PaydeskError, StoreError
from paydesk.server.limits import FIGURES_FILL_LONG_S, FIGURES_FILL_S, FIGURES_FRESH_S
from paydesk.skills.base import Mode
from paydesk.skills.books import Span
from paydesk.skills.counting import can_count
from paydesk.skills.figures import Asked, Counted
from paydesk.skills.mrr_bridge import RememberedMrr

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from paydesk.server.mirror.standing import Standing

_log = logging.getLogger("paydesk.analytics")
_KNOWN_BEFORE = timedelta(days=30)  # what Stripe still tells of changes when a mirror is filled


class FilledMirror(Protocol):
    """What figures need of a mirror; `server/mirror` is it."""

    @property
    def store(self) -> MirrorStore: ...

    async def ready(self, budget_s: float) -> bool: ...

    async def freshen(self, older_than_s: float) -> bool: ...

    async def standing(self) -> "Standing": ...


def columns_folder(home: Path, account_id: str, mode: Mode) -> Path:
    """Where the columns of an account stand."""
    return home / "analytics" / f"{re.sub(r'[^A-Za-z0-9_]', '', account_id)}-{mode}"


class MirrorFigures:
    """Figures of one account. `open_mirror` gives its mirror, `folder` the place of its columns.

    `tell` hears how far a copy into columns is that takes long; the log does otherwise.
    """

    def __init__(
        self,
        open_mirror: Callable[[], Awaitable[FilledMirror]],
        folder: Callable[[], Awaitable[Path]],
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self._open_mirror = open_mirror
        self._folder = folder
        self._tell = tell
        self._reading: Reading | None = None

    async def counted(self, asked: Asked, span: Span) -> Counted | None:
        """The figures of a period; None where the mirror is off, cannot be filled in time, or is not fresh.

        A mirror that is damaged or cannot be fed never answers; what Stripe itself can tell is then asked of Stripe.
        """
        try:
            mirror = await self._open_mirror()
            budget_s = FIGURES_FILL_S if can_count(asked) else FIGURES_FILL_LONG_S
            if not await _is_current(mirror, budget_s):
                return None
            reading = await self._ready(mirror)
            standing = await mirror.standing()
        except PaydeskError as problem:
            _may_be_left_to_stripe(asked, problem)
            return None
        try:
            found = await ways(asked)(reading, asked, span)
        except StoreError as problem:
            _may_be_left_to_stripe(asked, problem)
            return None
        age_s = max(0, asked.now - int(standing.fresh_at.timestamp())) if standing.fresh_at else None
        failed = standing.set_aside
        aside = f" {failed:,} events could not be taken in (`paydesk events list`)." if failed else ""
        return replace(found, source="mirror", age_s=age_s, caveat=found.caveat + aside)

    async def bridges(self, start: int, end: int, now: int) -> RememberedMrr | None:
        """MRR from start to end (seconds; days are UTC) by currency, for a report; None where the mirror is not filled.

        What is known of after `now` is not counted. Raises PaydeskError.
        """
        mirror = await self._open_mirror()
        filled_at = (await mirror.standing()).filled_at
        if filled_at is None or not await mirror.freshen(FIGURES_FRESH_S):
            return None
        reading = await self._ready(mirror)
        until = min(end, now + 1)

        def look(connection: "DuckDBPyConnection") -> RememberedMrr:
            found = tuple(bridge for _, bridge in movements(connection, start, until, Whose()))
            return RememberedMrr(found, filled_at - _KNOWN_BEFORE, rows_up_to(connection, until))

        return await reading.lake.ask(look)

    async def copy(self) -> int:
        """Have the columns of a filled mirror copied now rather than in the first question; how many rows they hold."""
        reading = await self._ready(await self._open_mirror())
        return await reading.lake.ask(_rows)

    async def _ready(self, mirror: FilledMirror) -> Reading:
        if self._reading is None or self._reading.store is not mirror.store:
            await self.aclose()
            self._reading = Reading(mirror.store, Lake(await self._folder(), mirror.store, self._tell))
        return self._reading

    async def aclose(self) -> None:
        """Let go of the copy."""
        reading, self._reading = self._reading, None
        if reading is not None:
            await reading.lake.aclose()


def _rows(connection: "DuckDBPyConnection") -> int:
    counts = [connection.execute(f"SELECT count(*) FROM {table.name}").fetchone() for table in COPIED]
    return sum(int(count[0]) for count in counts if count)


def _may_be_left_to_stripe(asked: Asked, problem: PaydeskError) -> None:
    """Raises the problem where Stripe's lists cannot answer in the mirror's stead."""
    if not can_count(asked):
        raise problem
    _log.warning("figures are counted from Stripe, as the mirror cannot be used: %s", problem.code)


async def _is_current(mirror: FilledMirror, budget_s: float) -> bool:
    """Whether it holds all and heard of the last changes; where some were missed, it is filled again in the time."""
    for _ in range(2):
        if not await mirror.ready(budget_s):
            return False
        if await mirror.freshen(FIGURES_FRESH_S):
            return True
    return False
