"""Holding a mirror against Stripe, counts and sums and members; and mending what differs by asking."""

import json
import random
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, func, select

from paydesk.server.limits import MIRROR_VERIFY_SAMPLE
from paydesk.server.mirror.asking import each, fetch
from paydesk.server.mirror.kinds import KINDS, Kind, kept
from paydesk.server.mirror.living_by_clocks import ON_CLOCKS, on_clocks
from paydesk.server.mirror.looking import Row, chunks, hidden_of, known
from paydesk.server.mirror.rows import State, new_writing
from paydesk.server.mirror.scrubbing import scrubbed
from paydesk.skills.base import Json

if TYPE_CHECKING:
    from paydesk.server.mirror.mirror import Mirror

_LISTED_MOST: Final = 10_000_000
_BATCH: Final = 200


@dataclass(frozen=True)
class Total:
    """One kind's count, and the sum of its amounts in minor units by currency, here and at Stripe."""

    kind: str
    here: int
    there: int
    sums_here: Mapping[str, int]
    sums_there: Mapping[str, int]

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.here == self.there and dict(self.sums_here) == dict(self.sums_there)


@dataclass(frozen=True)
class Difference:
    """An object that is not as Stripe has it: which members differ, or that it is missing here or there."""

    kind: str
    id: str
    what: str


@dataclass
class Verified:
    """What was compared and what differed; all differences that are listed were mended."""

    totals: list[Total] = field(default_factory=list)
    compared: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether nothing differed."""
        return not self.differences and all(total.agrees for total in self.totals)


async def verify(
    mirror: "Mirror",
    *,
    since: int = 0,
    sample: int = MIRROR_VERIFY_SAMPLE,
    kinds: Iterable[str] = tuple(KINDS),
    told: Callable[[str], None] | None = None,
) -> Verified:
    """Compare every object made since then (seconds), and a random sample of older ones, with Stripe's, and mend.

    Stripe tells no totals, so all of that time is listed. Raises what Stripe raises.
    """
    found = Verified()
    for name in kinds:
        if told is not None:
            told(name)
        kind = KINDS[name]
        wrong = await _compare_listed(mirror, kind, since, found)
        wrong |= await _compare_sample(mirror, kind, since, sample, found)
        await mend(mirror, kind, sorted(wrong))
    return found


async def _compare_listed(mirror: "Mirror", kind: Kind, since: int, found: Verified) -> set[str]:
    there: dict[str, int] = {}
    wrong: set[str] = set()
    met: set[str] = set()
    batch: list[Json] = []
    async for it in _listed(mirror, kind, since):
        if it["id"] in met:
            continue  # of a test clock, and in both lists
        met.add(str(it["id"]))
        _add(there, it.get("currency"), it.get("amount", it.get("total")))
        batch.append(it)
        if len(batch) == _BATCH:
            wrong |= await _differing(mirror, kind, batch, found)
            batch = []
    wrong |= await _differing(mirror, kind, batch, found)
    here, sums, unmet = await mirror.store.read(partial(_here, kind, since, met))
    # What lived by a clock that was deleted is in no list any more, and stays as it ended.
    left = await mirror.store.read(partial(_of_clocks, kind, unmet))
    for state in await each(sorted(left), partial(_fetch, mirror, kind, mirror.now())):
        if not state.gone:
            unmet.discard(str(state.it["id"]))
            met.add(str(state.it["id"]))
            _add(there, state.it.get("currency"), state.it.get("amount", state.it.get("total")))
            wrong |= await _differing(mirror, kind, [state.it], found)
    # An object made while the list was read is in neither or in both by the next time.
    for one in sorted(unmet):
        found.differences.append(Difference(kind.name, one, "is not in Stripe's list"))
    found.totals.append(Total(kind.name, here, len(met), sums, there))
    return wrong | unmet


async def _listed(mirror: "Mirror", kind: Kind, since: int) -> AsyncIterator[Json]:
    """Every object of a kind made since then, those on test clocks last."""
    for variant in range(len(kind.lists)):
        asked = {**kind.listed(variant), **({"created": {"gte": since}} if since else {})}
        async for it in mirror.stripe.every(kind.path, asked, most=_LISTED_MOST):
            yield it
    async for it in on_clocks(mirror, kind):
        if int(it["created"]) >= since:
            yield it


def _here(kind: Kind, since: int, met: set[str], connection: Connection) -> tuple[int, dict[str, int], set[str]]:
    row = kind.table.c
    those = (row.created >= since, row.deleted.is_(False))
    amount = next((row[name] for name in ("amount_minor", "total_minor") if name in row), None)
    sums: dict[str, int] = {}
    if amount is not None:
        grouped = select(row.currency, func.sum(amount)).where(*those).group_by(row.currency)
        for currency, total in connection.execute(grouped):
            _add(sums, currency, int(total or 0))
    ids = set(connection.scalars(select(row.id).where(*those)))
    return len(ids), sums, ids - met


def _of_clocks(kind: Kind, ids: set[str], connection: Connection) -> set[str]:
    if kind.name not in ON_CLOCKS:
        return set()
    rows = known(connection, kind.table, ids, "whole")
    return {one for one, row in rows.items() if json.loads(row["whole"]).get("test_clock")}


def _add(sums: dict[str, int], currency: object, amount: object) -> None:
    if isinstance(currency, str) and isinstance(amount, int):
        sums[currency] = sums.get(currency, 0) + amount


async def _compare_sample(mirror: "Mirror", kind: Kind, since: int, sample: int, found: Verified) -> set[str]:
    """Objects older than what was listed, drawn at random, asked for one by one."""
    if since == 0 or sample == 0:
        return set()
    ids = await mirror.store.read(partial(_drawn, kind, since, sample))
    states = await each(ids, partial(_fetch, mirror, kind, mirror.now()))
    wrong = {state.it["id"] for state in states if state.gone}
    found.differences += [Difference(kind.name, one, "was deleted at Stripe") for one in sorted(wrong)]
    return wrong | await _differing(mirror, kind, [state.it for state in states if not state.gone], found)


def _drawn(kind: Kind, since: int, sample: int, connection: Connection) -> list[str]:
    row = kind.table.c
    ids = list(connection.scalars(select(row.id).where(row.created < since, row.deleted.is_(False))))
    return random.sample(ids, min(sample, len(ids)))


async def _differing(mirror: "Mirror", kind: Kind, objects: Sequence[Json], found: Verified) -> set[str]:
    if not objects:
        return set()
    found.compared += len(objects)
    differences = await mirror.store.read(partial(differences_of, kind, objects))
    found.differences += differences
    return {one.id for one in differences}


def differences_of(kind: Kind, objects: Sequence[Json], connection: Connection) -> list[Difference]:
    """Which of Stripe's objects are not in the mirror as they are, member by member."""
    rows = known(connection, kind.table, (it["id"] for it in objects))
    wholes = known(connection, kind.table, (it["id"] for it in objects), "whole")
    hidden = hidden_of(connection, kind, objects)
    found = []
    for it in objects:
        identity = str(it["id"])
        if identity not in rows or rows[identity]["deleted"]:
            found.append(Difference(kind.name, identity, "is missing"))
            continue
        shown, _ = kept(it)
        shown = scrubbed(shown) if identity in hidden else shown
        members = unlike(kind, json.loads(wholes[identity]["whole"]), shown)
        columns = {name: value for name, value in kind.columns(it).items() if name not in {"name", "email"}}
        members |= {name for name, value in columns.items() if rows[identity][name] != value}
        if members:
            found.append(Difference(kind.name, identity, "differs in " + ", ".join(sorted(members))))
    return found


def unlike(kind: Kind, here: Json, there: Json) -> set[str]:
    """Members that differ, but for those that change untold."""
    names = (set(here) | set(there)) - kind.untold
    return {name for name in names if here.get(name) != there.get(name)}


async def mend(mirror: "Mirror", kind: Kind, ids: Sequence[str]) -> None:
    """Ask Stripe for these objects and store them as they are."""
    for some in chunks(ids):
        seen = await mirror.store.read(partial(_seqs, kind, some))
        states = await each(some, partial(_fetch, mirror, kind, mirror.now()))
        await mirror.store.write(partial(_store, kind, states, seen))


def _seqs(kind: Kind, ids: Sequence[str], connection: Connection) -> dict[str, Row]:
    return known(connection, kind.table, ids, "seq")


async def _fetch(mirror: "Mirror", kind: Kind, now: int, identity: str) -> State:
    return await fetch(mirror.stripe, kind, identity, now)


def _store(kind: Kind, states: Sequence[State], seen: Mapping[str, Row], connection: Connection) -> None:
    """Those whose rows nobody else changed meanwhile; what was changed came from Stripe a moment ago."""
    rows = known(connection, kind.table, (state.it["id"] for state in states), "seq")
    same = [state for state in states if rows.get(state.it["id"]) == seen.get(state.it["id"])]
    writing = new_writing(connection)
    writing.put(kind, same)
    writing.finish()


async def mend_unmet(mirror: "Mirror", begun: int) -> None:
    """Ask for every object that the reading since then has not met."""
    for kind in KINDS.values():
        if kind.name != "balance_transaction":
            await mend(mirror, kind, await mirror.store.read(partial(_unmet, kind, begun)))


def _unmet(kind: Kind, begun: int, connection: Connection) -> list[str]:
    row = kind.table.c
    return list(connection.scalars(select(row.id).where(row.as_of < begun, row.deleted.is_(False))))


async def mend_clocks(mirror: "Mirror") -> None:
    """Ask for everything that lives by test clocks, which lists leave out, and store it. Raises what Stripe raises."""
    for name in ON_CLOCKS:
        kind = KINDS[name]
        ids = dict.fromkeys([str(it["id"]) async for it in on_clocks(mirror, kind)])
        await mend(mirror, kind, list(ids))
