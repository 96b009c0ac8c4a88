"""Events become rows: looked at, asked about where they do not say enough, and taken in by one transaction.

An event's snapshot is taken where it is certainly newer than the row; otherwise Stripe is asked. That nothing came in
between is held by `seq`: where a row changed since it was looked at, everything is looked at again. So each row shows
at least what every handled event about it told, whatever the order and whoever else is at work.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update

from paydesk.server.errors import StoreError
from paydesk.server.limits import MIRROR_SKEW_S, MIRROR_TAKE_IN_TRIES
from paydesk.server.mirror import discounts, kinds
from paydesk.server.mirror.asking import each, fetch
from paydesk.server.mirror.coupons import coupons_of
from paydesk.server.mirror.forgetting import forget_in
from paydesk.server.mirror.kinds import GONE, KINDS, OTHERS, Kind
from paydesk.server.mirror.ledger import find_transactions, named_in, whole_in
from paydesk.server.mirror.looking import Row, chunks, forgotten_among, known
from paydesk.server.mirror.revenue import Foretold, in_force_since, rewrite
from paydesk.server.mirror.rows import State, new_writing
from paydesk.server.mirror.scrubbing import scrubbed_event
from paydesk.server.store.mirror_schema import events
from paydesk.skills.base import Json

if TYPE_CHECKING:
    from paydesk.server.mirror.mirror import Mirror

_BALANCES = frozenset({"balance", "invoice_credit_balance"})  # in the customer's own currency, in others
_LOOKED_AT = ("id", "as_of", "fetched", "deleted", "seq")
About = tuple[str, str]  # kind, id


@dataclass(frozen=True)
class Change:
    """What one handled event told of: `object` is Stripe's name of the kind; `created` in seconds."""

    event_id: str
    type: str
    object: str | None
    object_id: str | None
    created: int


@dataclass(frozen=True)
class _Event:
    change: Change
    api_version: str | None
    payload: Json

    @property
    def snapshot(self) -> Json | None:
        data = self.payload.get("data")
        found = data.get("object") if isinstance(data, dict) else None
        return found if isinstance(found, dict) else None


@dataclass
class _Batch:
    """What is to be done for some events: states that are at hand, and what Stripe has to be asked for."""

    events: list[_Event]
    rows: dict[About, Row | None] = field(default_factory=dict)
    coupons: discounts.Coupons = field(default_factory=dict)
    states: dict[About, State] = field(default_factory=dict)
    asked: set[About] = field(default_factory=set)


class _Overtaken(Exception):
    """Another process changed what this one had looked at."""


async def take_in(mirror: "Mirror", event_ids: Sequence[str]) -> list[Change]:
    """Handle these pending events in one transaction; what they told of, in their order, each once for all processes.

    Events that are not pending (any more) are passed over. Raises PaydeskError where they cannot be handled; then
    nothing happened.
    """
    for _ in range(MIRROR_TAKE_IN_TRIES):
        batch = await mirror.store.read(partial(_look, event_ids, mirror.trains))
        if not batch.events:
            return []
        now = mirror.now()
        asked = sorted(batch.asked)
        found = await each(asked, partial(_fetch, mirror, now))
        batch.states |= dict(zip(asked, found, strict=True))
        ledger = await _ledger_of(mirror, batch, now)
        shown = [
            one for _, state in batch.states.items() for one in state.it.get("discounts") or () if isinstance(one, dict)
        ]
        batch.coupons = await coupons_of(mirror, [one for _, one in _discounts(batch)], shown)
        try:
            return await mirror.store.write(partial(_apply, batch, ledger, now))
        except _Overtaken:
            continue
    raise StoreError(
        "Several processes handle the same events at once.",
        code="mirror_busy",
        next_step="Nothing is lost: they are handled again in a moment.",
    )


async def _fetch(mirror: "Mirror", now: int, about: About) -> State:
    return await fetch(mirror.stripe, KINDS[about[0]], about[1], now)


def _look(event_ids: Sequence[str], trains: frozenset[str], connection: Connection) -> _Batch:
    """The pending ones of these events, and what each asks for."""
    batch = _Batch([_event(row) for row in _pending(connection, event_ids)])
    told: dict[About, list[_Event]] = {}
    besides: dict[About, int] = {}
    for event in batch.events:
        about = _about(event)
        if about is not None:
            told.setdefault(about, []).append(event)
        for other in (*_others(event), *_drafts(connection, event)):
            besides[other] = max(besides.get(other, 0), event.change.created)
    for name in KINDS:
        ids = {identity for kind, identity in (*told, *besides) if kind == name}
        rows = known(connection, KINDS[name].table, ids, *_LOOKED_AT)
        batch.rows |= {(name, identity): rows.get(identity) for identity in ids}
    for about, its in told.items():
        _decide(batch, about, its, trains)
    for about, moment in besides.items():
        if about not in batch.states and _is_news(batch.rows[about], moment) is not False:
            batch.asked.add(about)
    return batch


def _pending(connection: Connection, event_ids: Sequence[str]) -> Iterable[Any]:
    row = events.c
    columns = (row.id, row.type, row.created, row.object, row.object_id, row.api_version, row.payload)
    found: dict[str, Any] = {}
    for some in chunks(event_ids):
        query = select(*columns).where(row.id.in_(some), row.state == "pending")
        found |= {one.id: one for one in connection.execute(query)}
    return [found[one] for one in dict.fromkeys(event_ids) if one in found]


def _event(row: Any) -> _Event:
    change = Change(row.id, row.type, row.object, row.object_id, row.created)
    payload = json.loads(row.payload) if row.payload else {}
    return _Event(change, row.api_version, payload if isinstance(payload, dict) else {})


def _about(event: _Event) -> About | None:
    """The object that the event is about, where it is mirrored. An upcoming invoice is none yet."""
    kind, identity = event.change.object, event.change.object_id
    if (
        kind is None
        or kind not in KINDS
        or identity is None
        or "upcoming" in (event.change.type.rpartition(".")[2], identity[:8])
    ):
        return None
    return kind, identity


def _others(event: _Event) -> list[About]:
    """Mirrored objects that changed with it and have no event of their own."""
    kind, snapshot = event.change.object or "", event.snapshot or {}
    named = KINDS[kind].changes if kind in KINDS else OTHERS.get(kind, ())
    found = [(other, kinds.id_of(snapshot.get(member))) for member, other in named]
    return [(other, identity) for other, identity in found if identity is not None]


def _drafts(connection: Connection, event: _Event) -> list[About]:
    """A customer's drafts, which take in the balance of the customer and are not told of when it changes."""
    data = event.payload.get("data")
    before = data.get("previous_attributes") if isinstance(data, dict) else None
    if event.change.object != "customer" or not isinstance(before, dict) or _BALANCES.isdisjoint(before):
        return []
    row = KINDS["invoice"].table.c
    theirs = (row.customer == event.change.object_id, row.status == "draft", row.deleted.is_(False))
    return [("invoice", one) for one in connection.scalars(select(row.id).where(*theirs))]


def _is_news(row: Row | None, moment: int) -> bool | None:
    """Whether an event of that moment tells more than the row holds; None where it cannot be known."""
    if row is None:
        return True
    skew_s = MIRROR_SKEW_S if row["fetched"] else 0
    if row["deleted"]:
        # A product may be made anew under its old id: only Stripe can tell.
        return None if moment > row["as_of"] + skew_s else False
    if moment > row["as_of"] + skew_s:
        return True
    return False if moment < row["as_of"] - skew_s else None


def _decide(batch: _Batch, about: About, its: Sequence[_Event], trains: frozenset[str]) -> None:
    """Take the newest snapshot of an object, or ask for it, or leave its row as it is."""
    row = batch.rows[about]
    moment = max(one.change.created for one in its)
    newest = [one for one in its if one.change.created == moment]
    is_news = _is_news(row, moment)
    gone = next((one for one in its if one.change.type in GONE), None)
    if gone is not None and not (row is not None and row["deleted"]):
        batch.states[about] = State({"id": about[1], **_created(gone)}, gone.change.created, fetched=False, gone=True)
    elif is_news is False:
        return
    elif is_news and len(newest) == 1 and _suffices(newest[0], KINDS[about[0]], trains):
        it = newest[0].snapshot or {}
        part = KINDS[about[0]].part
        parts = (it.get(part.member) or {}).get("data") if part is not None else None
        batch.states[about] = State(it, moment, fetched=False, parts=parts)
    else:
        batch.asked.add(about)


def _created(event: _Event) -> Json:
    created = (event.snapshot or {}).get("created")
    return {"created": created} if isinstance(created, int) else {}


def _suffices(event: _Event, kind: Kind, trains: frozenset[str]) -> bool:
    """Whether the snapshot is written as we read it, and complete."""
    it = event.snapshot
    train = (event.api_version or "").rpartition(".")[2]
    if it is None or it.get("id") != event.change.object_id or train not in trains:
        return False
    inside = it.get(kind.part.member) if kind.part is not None else {}
    if not isinstance(inside, dict) or inside.get("has_more"):
        return False
    # What a discount takes off stands in the discount, which a snapshot only names; what is due of a draft changes
    # with the customer's balance.
    return not (
        (kind.name == "subscription" and it.get("discounts"))
        or (kind.name == "invoice" and it.get("status") == "draft")
    )


async def _ledger_of(mirror: "Mirror", batch: _Batch, now: int) -> list[State]:
    """The balance transactions that these states name and the mirror does not hold."""
    whole = [one for state in batch.states.values() for one in whole_in(state.it)]
    named = {one for event in batch.events for one in named_in(event.snapshot or {})}
    named |= {one for state in batch.states.values() for one in named_in(state.it)}
    moments = [event.change.created for event in batch.events]
    span = min(moments), max(moments)
    return await find_transactions(mirror, named - {one["id"] for one in whole}, whole, span=span, now=now)


def _apply(batch: _Batch, ledger: Sequence[State], now: int, connection: Connection) -> list[Change]:
    """Everything about these events, or, where somebody was here meanwhile, nothing."""
    _check(batch, connection)
    writing = new_writing(connection)
    since = _since(batch, connection)
    for name, kind in KINDS.items():
        writing.put(kind, [state for (its, _), state in batch.states.items() if its == name], since=since)
    # Last, as whom they are about stands in what they are about.
    kind = KINDS["balance_transaction"]
    have = known(connection, kind.table, (state.it["id"] for state in ledger), "id")
    writing.put(kind, [state for state in ledger if state.it["id"] not in have])
    _look_back(batch, since, writing.seq, connection)
    writing.finish()
    gone = [identity for (name, identity), state in batch.states.items() if name == "customer" and state.gone]
    for customer in gone:
        forget_in(connection, customer, now, writing.seq)
    _mark_handled(batch, now, writing.seq, connection)
    return [event.change for event in batch.events]


def _discounts(batch: _Batch) -> list[tuple[_Event, Json]]:
    """What is told of discounts of subscriptions."""
    told = [(event, event.snapshot) for event in batch.events if event.change.object == "discount"]
    return [(event, one) for event, one in told if one is not None and isinstance(one.get("subscription"), str)]


def _since(batch: _Batch, connection: Connection) -> dict[str, int]:
    """Subscription -> from when on these events change what it brought. What they tell of discounts is remembered."""
    since: dict[str, int] = {}
    for event in batch.events:
        about, moment = _about(event), event.change.created
        if about is not None and about[0] == "subscription":
            since[about[1]] = min(since.get(about[1], moment), moment)
    for event, discount in _discounts(batch):
        its, gone_at = str(discount["subscription"]), None
        if event.change.type.endswith(".deleted"):
            gone_at = event.change.created
        changed = discounts.remember(connection, its, [discount], coupons=batch.coupons, gone_at=gone_at)
        if changed is not None:
            since[its] = min(since.get(its, changed), in_force_since(connection, changed, its))
    return since


def _look_back(batch: _Batch, since: Mapping[str, int], seq: int, connection: Connection) -> None:
    """Late events about subscriptions and their discounts change nothing but what was known of their past."""
    table = KINDS["subscription"].table
    late = [one for one in since if ("subscription", one) not in batch.states]
    for row in known(connection, table, late, "as_of", "deleted", "whole").values():
        if not row["deleted"]:
            rewrite(connection, seq, Foretold(json.loads(row["whole"]), row["as_of"]), since=since[row["id"]])


def _check(batch: _Batch, connection: Connection) -> None:
    """Raise _Overtaken where an event was handled, or a row that was looked at changed."""
    if len(list(_pending(connection, [event.change.event_id for event in batch.events]))) != len(batch.events):
        raise _Overtaken
    for name, kind in KINDS.items():
        looked = {about[1]: row for about, row in batch.rows.items() if about[0] == name}
        now = known(connection, kind.table, looked, "seq")
        for identity, row in looked.items():
            if (row["seq"] if row is not None else None) != (now[identity]["seq"] if identity in now else None):
                raise _Overtaken


def _mark_handled(batch: _Batch, now: int, seq: int, connection: Connection) -> None:
    """Turn all of them handled, or none; what is told of forgotten customers is kept without what is personal."""
    whose = {event.change.event_id: _customer(event) for event in batch.events}
    hidden = forgotten_among(connection, whose.values())
    by_customer: dict[str | None, list[str]] = {}
    for identity, customer in whose.items():
        by_customer.setdefault(customer, []).append(identity)
    row = events.c
    for customer, its in by_customer.items():
        for some in chunks(its):
            done = {"state": "handled", "handled_at": now, "customer": kinds.text(customer), "error": None, "seq": seq}
            changed = connection.execute(
                update(events).where(row.id.in_(some), row.state == "pending").values(done)
            ).rowcount
            if changed != len(some):
                raise _Overtaken
    for event in batch.events:
        if whose[event.change.event_id] in hidden:
            clean = json.dumps(scrubbed_event(event.payload), separators=(",", ":"))
            connection.execute(update(events).where(row.id == event.change.event_id).values(payload=clean))


def _customer(event: _Event) -> str | None:
    if event.change.object == "customer":
        return event.change.object_id
    return kinds.id_of((event.snapshot or {}).get("customer"))
