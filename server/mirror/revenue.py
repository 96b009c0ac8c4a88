"""What each subscription brought a month, from when on: rewritten whenever Stripe tells of the subscription.

From the moment that is told of, the rows of that subscription are made anew out of the events that are kept, in their
order, and of its present state. So the order in which events arrive changes nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, func, select

from paydesk.server.limits import MIRROR_PREDICTED_S
from paydesk.server.mirror import discounts
from paydesk.server.mirror.kinds import a_month_minor, id_of
from paydesk.server.store.mirror_schema import events, revenue_changes
from paydesk.server.store.upserts import upsert
from paydesk.skills.base import Json

Steps = list[tuple[int, int]]  # (from when, minor units a month)
_UPDATED: Final = 2
_RUNNING: Final = frozenset({"active", "past_due", "trialing"})


@dataclass(frozen=True)
class Foretold:
    """A subscription's state at a moment, and what it lets expect."""

    it: Json
    at: int

    def amount_at(self, moment: int) -> int:
        """What it brings a month at that moment, were nothing else to happen."""
        ended = self.it.get("ended_at") or self.it.get("cancel_at")
        if ended and moment >= ended:
            return 0
        if self.it.get("status") == "trialing":
            return self._full_at(moment) if moment >= int(self.it.get("trial_end") or moment + 1) else 0
        return a_month_minor(self._discounted_at(moment))

    def _full_at(self, moment: int) -> int:
        return a_month_minor(self._discounted_at(moment), status="active")

    @cached_property
    def discounts(self) -> Sequence[Json]:
        """Those of its discounts that are known whole."""
        return [one for one in self.it.get("discounts") or () if isinstance(one, dict)]

    @cached_property
    def _ends(self) -> set[int]:
        """When its discounts end."""
        return {one["end"] for one in self.discounts if isinstance(one.get("end"), int)}

    def _discounted_at(self, moment: int) -> Json:
        """It with what of its discounts had not ended."""
        if all(moment < end for end in self._ends):
            return self.it
        return {**self.it, "discounts": _unended(self.discounts, moment)}

    def foreseen(self, since: int, until: int | None, after: "Foretold | None") -> Steps:
        """What it lets expect between two moments, without what Stripe told otherwise (`after`) soon after."""
        moments = {self.it.get("trial_end") if self.it.get("status") == "trialing" else None, self.it.get("cancel_at")}
        likely = {one for one in moments if isinstance(one, int)}
        steps = [
            (moment, self.amount_at(moment))
            for moment in sorted(likely | self._ends)
            if moment > since and (until is None or moment < until) and not self.it.get("ended_at")
        ]
        if after is None:
            return steps
        so = after.amount_at(after.at)
        # That a discount ends is certain.
        is_sure = self._ends - likely
        return [
            (at, amount) for at, amount in steps if at in is_sure or after.at - at > MIRROR_PREDICTED_S or amount == so
        ]

    def history(self, given: Iterable[Json] = ()) -> Steps:
        """What its present state tells of its past: its present price since it began, and nothing since it ended.

        Discounts tell when they ran, those that are shown and all that were `given` otherwise. `unpaid`, `paused` and
        `incomplete` do not tell since when, so nothing is made up for them.
        """
        begun = max(int(self.it["start_date"]), int(self.it.get("trial_end") or 0))
        ended = self.it.get("ended_at") or (self.it.get("canceled_at") if self.it.get("status") == "canceled" else None)
        if self.it.get("status") == "canceled":
            ran = self._ran(begun, int(ended), given) if ended else []
            return [*ran, (int(ended), 0)] if ended and ran else []
        if begun > self.at:
            return []
        return self._ran(begun, self.at + 1, given) if self.it.get("status") in _RUNNING else [(begun, 0)]

    def _ran(self, begun: int, until: int, given: Iterable[Json]) -> Steps:
        """Its present price in [begun, until), less the discounts that ran."""
        every = list({str(one.get("id")): one for one in (*self.discounts, *given)}.values())
        turns = {one[name] for one in every for name in ("start", "end") if isinstance(one.get(name), int)}
        steps: Steps = []
        for moment in sorted({begun, *(one for one in turns if begun < one < until)} if begun < until else ()):
            running = [one for one in _unended(every, moment) if (one.get("start") or 0) <= moment]
            steps.append((moment, a_month_minor({**self.it, "discounts": running}, status="active")))
        return steps


def _unended(found: Iterable[Json], moment: int) -> list[Json]:
    return [one for one in found if moment < (one.get("end") or moment + 1)]


def rewrite(connection: Connection, seq: int, now: Foretold, *, since: int) -> None:
    """Make the subscription's rows from `since` on anew. `now` is its present state."""
    identity = str(now.it["id"])
    learnt = discounts.remember(connection, identity, now.discounts)
    given = discounts.of_subscription(connection, identity)
    if learnt is not None:
        since = min(since, in_force_since(connection, learnt, identity))
    # A little earlier, so that what was foreseen for just before can be held against what came.
    since -= MIRROR_PREDICTED_S
    told = _told(connection, since, now, given)
    settled = _settled_until(connection, since, identity)
    if settled is not None:
        # What those events told stands in the rows alone.
        told = [one for one in told if one.at > settled]
    first_at = told[0].at if told else now.at
    if settled is not None:
        since = max(settled + 1, first_at - MIRROR_PREDICTED_S)
    row = revenue_changes.c
    query = select(row.at, row.a_month_minor).where(row.subscription == identity, row.at < first_at).order_by(row.at)
    # That a discount ended is certain, and the next event no longer names it.
    ends = {one["end"] for one in given.values()}
    kept: Steps = [(one.at, one.a_month_minor) for one in connection.execute(query) if one.at < since or one.at in ends]
    if kept and told and told[0].before is not None and _is_made_up(connection, kept, told[0], given):
        kept = []
    steps = _begun(kept, told, now, given)
    if told and told[0].before is not None:
        steps += told[0].before.foreseen(since, told[0].at, told[0].state)
    for one, following in zip(told, [*(later.state for later in told[1:]), now], strict=False):
        if following.at == one.at:
            continue  # of one second the last state counts
        is_older = following.at > one.at
        steps.append((one.at, one.state.amount_at(one.at)))
        steps += one.state.foreseen(one.at, following.at if is_older else None, following if is_older else None)
    if not told or now.at >= told[-1].at:
        steps.append((now.at, now.amount_at(now.at)))
        steps += now.foreseen(now.at, None, None)
    _store(connection, seq, now, _changes(kept, steps, now))


@dataclass(frozen=True)
class _Told:
    """One event about a subscription."""

    state: Foretold
    before: Foretold | None
    type: str

    @property
    def at(self) -> int:
        return self.state.at


def in_force_since(connection: Connection, moment: int, identity: str) -> int:
    """When the event came whose state was in force then; the moment itself where that is not kept."""
    row = events.c
    earlier = (row.object_id == identity, row.object == "subscription", row.created <= moment, row.payload != "")
    at = connection.scalar(select(func.max(row.created)).where(*earlier, row.state == "handled"))
    return moment if at is None else int(at)


def _settled_until(connection: Connection, since: int, identity: str) -> int | None:
    """The newest event of that time that is known by its id alone; None where there is none."""
    row = events.c
    emptied = (row.object_id == identity, row.object == "subscription", row.created >= since, row.payload == "")
    at: int | None = connection.scalar(select(func.max(row.created)).where(*emptied, row.state == "handled"))
    return at


def _is_made_up(connection: Connection, kept: Steps, first: _Told, given: Mapping[str, Json]) -> bool:
    """Whether no event told what is kept from before the first one: it was taken from a later state."""
    row, it = events.c, first.state.it
    about = (row.object_id == str(it["id"]), row.object == "subscription", row.created < first.at)
    if connection.execute(select(row.id).where(*about, row.state == "handled").limit(1)).first() is not None:
        return False
    turns = {it.get("start_date"), it.get("trial_end")}
    turns |= {one[name] for one in given.values() for name in ("start", "end")}
    return all(at in turns for at, _ in kept)


def _begun(kept: Steps, told: Sequence[_Told], now: Foretold, given: Mapping[str, Json]) -> Steps:
    """How it began, where that is not kept: as the first event says it had been before, else as it is now."""
    if kept:
        return []
    if not told:
        return now.history(given.values())
    first = told[0]
    past = first.before or first.state
    return [step for step in past.history(given.values()) if step[0] < first.at]


def _told(connection: Connection, since: int, now: Foretold, given: Mapping[str, Json]) -> list[_Told]:
    """What events of that time tell of the subscription, in their order."""
    row = events.c
    about = (row.object_id == str(now.it["id"]), row.object == "subscription", row.created >= since, row.payload != "")
    found = connection.execute(select(row.type, row.created, row.payload).where(*about).order_by(row.created, row.id))
    told = [one for event in found if (one := _read(event.type, event.created, event.payload, given)) is not None]
    seconds = [_in_order(list(same)) for _, same in groupby(told, key=lambda one: one.at)]
    if seconds and not seconds[-1][1]:
        _end_as(seconds[-1][0], now)
    return [one for same, _ in seconds for one in same]


def _read(kind: str, created: int, payload: str, given: Mapping[str, Json]) -> _Told | None:
    data = json.loads(payload).get("data")
    it = data.get("object") if isinstance(data, dict) else None
    if not isinstance(it, dict) or "status" not in it or "items" not in it:
        return None  # a thin event tells nothing
    it = _with_discounts(it, given)
    previous = data.get("previous_attributes")
    before = _with_discounts(_merged(it, previous), given) if isinstance(previous, dict) else None
    return _Told(Foretold(it, created), Foretold(before, created - 1) if before is not None else None, kind)


def _with_discounts(it: Json, known: Mapping[str, Json]) -> Json:
    """Events name discounts by id only; those that Stripe told of are known."""
    given = [known.get(one, one) if isinstance(one, str) else one for one in it.get("discounts") or ()]
    return {**it, "discounts": given}


def _merged(it: Any, previous: Any) -> Any:
    """An object as it had been: members that changed, put back."""
    if isinstance(it, dict) and isinstance(previous, dict):
        return {**it, **{key: _merged(it.get(key), value) for key, value in previous.items()}}
    return previous


_RANK = {
    "customer.subscription.created": 0,
    "customer.subscription.updated": _UPDATED,
    "customer.subscription.deleted": 3,
}


def _rank(one: _Told) -> int:
    # What only reminds, as of a trial's end, changes nothing: it never has the last word.
    return _RANK.get(one.type, 1)


def _in_order(same: list[_Told]) -> tuple[list[_Told], bool]:
    """Events of one second: each change after the one that it says to have changed; whether that left no choice."""
    ordered = sorted((one for one in same if _rank(one) != _UPDATED), key=_rank)
    left = [one for one in same if _rank(one) == _UPDATED]
    last = ordered[0].state.it if ordered and not _rank(ordered[0]) else None
    changes: list[_Told] = []
    is_sure = True
    while left:
        following = [one for one in left if _follows(one, last, left)]
        is_sure = is_sure and len(following) == 1
        changes.append((following or left)[0])
        left.remove(changes[-1])
        last = changes[-1].state.it
    return sorted([*ordered, *changes], key=_rank), is_sure


def _end_as(same: list[_Told], now: Foretold) -> None:
    """The newest events end with the one that agrees with what is so now, after all that it foresees."""
    amount = now.amount_at(now.at)
    same.sort(key=lambda one: (_rank(one), one.state.amount_at(now.at) == amount))


def _follows(one: _Told, last: Json | None, left: Iterable[_Told]) -> bool:
    if one.before is None:
        return False
    if last is not None:
        return _alike(one.before.it, last)
    return not any(other is not one and _alike(one.before.it, other.state.it) for other in left)


def _alike(one: Json, other: Json) -> bool:
    return all(one.get(name) == other.get(name) for name in ("status", "items", "discounts", "latest_invoice"))


def _changes(kept: Steps, steps: Steps, now: Foretold) -> Steps:
    """Only what differs from the step before it; what is kept stands first. At least one, so that it can be seen."""
    merged = dict([*kept, *steps])
    changes: Steps = []
    for at, amount in sorted(merged.items()):
        if amount != (changes[-1][1] if changes else 0):
            changes.append((at, amount))
    return changes or [(int(now.it["start_date"]), 0)]


def _store(connection: Connection, seq: int, now: Foretold, changes: Steps) -> None:
    """The rows as they are to be; whoever copies them sees by `seq` that this subscription changed."""
    row = revenue_changes.c
    identity = str(now.it["id"])
    connection.execute(revenue_changes.delete().where(row.subscription == identity))
    upsert(
        connection,
        revenue_changes,
        [
            {
                "subscription": identity,
                "at": at,
                "customer": id_of(now.it.get("customer")),
                "currency": str(now.it["currency"]),
                "a_month_minor": amount,
                "seq": seq,
            }
            for at, amount in changes
        ],
    )
