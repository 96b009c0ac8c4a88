"""What Stripe tells is kept here first and handled afterwards, each event once, however often and in whatever order
it comes. What cannot be handled is tried again later, and in the end set aside with its error, never dropped.
"""

import json
import logging
import random
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, get_args

import anyio
from sqlalchemy import Connection, func, select, update

from paydesk.server.errors import NotFound, PaydeskError, StoreError, StripeBusy, StripeKeyRefused, StripeUnreachable
from paydesk.server.limits import (
    EVENT_BATCH_S,
    EVENT_BATCHES_MOST,
    EVENT_PAUSE_MOST_S,
    EVENT_PAUSE_S,
    EVENT_TRIES,
    EVENT_TRIES_IN_TROUBLE,
    EVENT_TROUBLES_MOST,
)
from paydesk.server.store.mirror_schema import events
from paydesk.server.store.upserts import insert_new_at_once
from paydesk.skills.base import Json

if TYPE_CHECKING:
    from paydesk.server.mirror.applying import Change
    from paydesk.server.mirror.mirror import Mirror

T = TypeVar("T")
_log = logging.getLogger("paydesk.mirror")

Source = Literal["webhook", "list"]
EventState = Literal["pending", "handled", "set_aside"]
STATES: tuple[EventState, ...] = get_args(EventState)

# Nothing is wrong with the event: Stripe or the disk is away for a while.
_TROUBLE = (StripeUnreachable, StripeBusy, StripeKeyRefused, StoreError, TimeoutError)


class Transactions(Protocol):
    """What is needed of a mirror's database; the store's own, or what guards it against damage."""

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one consistent snapshot."""
        ...

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` as the only writer, and commit."""
        ...


class TakeIn(Protocol):
    """`mirror.applying.take_in`: handles pending events in one transaction, or raises and has done nothing."""

    def __call__(self, mirror: "Mirror", event_ids: Sequence[str], /) -> "Awaitable[list[Change]]": ...


@dataclass(frozen=True)
class KeptEvent:
    """An event as the inbox holds it; times are seconds since 1970, `error` is `{code, message}` of the last try."""

    id: str
    type: str
    created: int
    api_version: str | None
    object: str | None
    object_id: str | None
    source: Source
    received_at: int
    state: EventState
    tries: int
    next_try_at: int
    handled_at: int | None
    error: Json | None


def insert_events(connection: Connection, found: Sequence[Json], *, source: Source, received_at: int) -> int:
    """Keep these events of Stripe (snapshots or thin ones), each id once; how many were new.

    Runs in the caller's transaction. `received_at` is in seconds since 1970. Raises ValueError for what is no event.
    """
    return insert_rows(connection, [row_of(event, source=source, received_at=received_at) for event in found])


def insert_rows(connection: Connection, rows: Sequence[Json]) -> int:
    """Keep rows made by `row_of`, each id once; how many were new. Runs in the caller's transaction."""
    return insert_new_at_once(connection, events, rows)


def row_of(event: Json, *, source: Source, received_at: int, payload: str | None = None) -> Json:
    """The row for one event; `payload` is its JSON where it is at hand. Raises ValueError for what is no event."""
    about = _about(event)
    identity, kind, created = _text(event.get("id")), _text(event.get("type")), _seconds(event.get("created"))
    if identity is None or kind is None:
        raise ValueError("an event's id and type are plain text")
    return {
        "id": identity,
        "type": kind,
        "created": created,
        "api_version": _text(event.get("api_version"), 64),
        "object": _text(about.get("object") or about.get("type"), 64),
        "object_id": _text(about.get("id")),
        "payload": _without_secrets(payload if payload is not None else json.dumps(event, separators=(",", ":"))),
        "source": source,
        "received_at": received_at,
        "state": "pending",
        "tries": 0,
        "next_try_at": 0,  # at once, whatever clock received_at came from
    }


# What a browser confirms a payment with: nobody needs it here, so it is not kept.
_SECRET = re.compile(r'"(client_secret|confirmation_secret)"(\s*):(\s*)(?:"[^"\\]*"|\{[^{}]*\})')


def _without_secrets(payload: str) -> str:
    return _SECRET.sub(r'"\1"\2:\3null', payload) if "_secret" in payload else payload


def _about(event: Json) -> Json:
    """What the event is about: a snapshot's object, or a thin event's reference to it."""
    data = event.get("data")
    found = data.get("object") if isinstance(data, dict) else None
    if not isinstance(found, dict):
        found = event.get("related_object")
    return found if isinstance(found, dict) else {}


_PLAIN = re.compile(r"[ -~]{1,255}")
_LAST_S = 253_402_300_799  # the year 9999


def _text(value: object, most: int = 255) -> str | None:
    # One row that no column takes would fail all that are written with it.
    return value if isinstance(value, str) and len(value) <= most and _PLAIN.fullmatch(value) else None


def _seconds(moment: object) -> int:
    found = moment if isinstance(moment, int) and not isinstance(moment, bool) else -1
    if isinstance(moment, str):  # thin events write it out: 2026-11-21T10:00:00.000Z
        try:
            written = datetime.fromisoformat(moment)
            found = int(written.timestamp()) if written.tzinfo is not None else -1
        except (ValueError, OverflowError):
            found = -1
    if not 0 <= found <= _LAST_S:
        raise ValueError("created is seconds since 1970, or a moment with its zone")
    return found


async def handle_pending(
    mirror: "Mirror",
    most: int = 200,
    *,
    clock: Callable[[], float] = time.time,
    take: TakeIn | None = None,
) -> "list[Change]":
    """Handle what is due, in batches of `most`, until nothing is; what changed, in the order of handling.

    Where a batch fails, its events are tried singly; one that fails is tried again later, longer each time, and set
    aside after its tries. Raises StoreError where the inbox itself cannot be read or written.
    """
    if take is None:
        from paydesk.server.mirror.applying import take_in

        take = take_in
    changed: list[Change] = []
    for _ in range(EVENT_BATCHES_MOST):
        due = await mirror.store.read(partial(_due, int(clock()), most))
        if not due:
            break
        batch = _Batch(mirror, take, clock)
        changed += await batch.handle(due)
        if batch.troubled:  # Stripe or the disk is away: what is left is tried when it is due again
            break
    return changed


class _Batch:
    """Some events that are due; `troubled` where it was given up because nothing would have gone through."""

    def __init__(self, mirror: "Mirror", take: TakeIn, clock: Callable[[], float]) -> None:
        self._mirror = mirror
        self._take = take
        self._clock = clock
        self.troubled = False

    async def handle(self, due: Sequence[str]) -> "list[Change]":
        done, failure = await self._try(due)
        if failure is None:
            return done
        if len(due) == 1:
            await self._put_off(due, failure)
            self.troubled = isinstance(failure, _TROUBLE)
            return done
        return done + await self._singly(due)

    async def _singly(self, due: Sequence[str]) -> "list[Change]":
        """One after the other, so that one that cannot be handled holds up no other."""
        done: list[Change] = []
        troubles = 0
        for at, event in enumerate(due):
            changes, failure = await self._try([event])
            done += changes
            if failure is None:
                troubles = 0
                continue
            await self._put_off([event], failure)
            troubles = troubles + 1 if isinstance(failure, _TROUBLE) else 0
            if troubles == EVENT_TROUBLES_MOST:
                # It is not these events: leave the rest as they are, but for a moment's pause.
                self.troubled = True
                await self._rest(due[at + 1 :])
                break
        return done

    async def _try(self, due: Sequence[str]) -> "tuple[list[Change], Exception | None]":
        """Take in those that are still pending: another process may have been here."""
        left = await self._mirror.store.read(partial(_still_pending, due))
        if not left:
            return [], None
        try:
            with anyio.fail_after(EVENT_BATCH_S):
                return await self._take(self._mirror, left), None
        except Exception as failure:  # whatever is wrong with one event, the others go on
            if await self._mirror.store.read(partial(_still_pending, left)):
                return [], failure
            return [], None

    async def _put_off(self, due: Sequence[str], failure: Exception) -> None:
        _log.warning("event %s could not be handled: %s", due[0], error_of(failure)["code"])
        await self._mirror.store.write(partial(_note_failure, due, failure, int(self._clock())))

    async def _rest(self, due: Sequence[str]) -> None:
        later = int(self._clock() + EVENT_PAUSE_S) + 1
        await self._mirror.store.write(partial(_delay, due, later))


def _due(now: int, most: int, connection: Connection) -> list[str]:
    row = events.c
    query = select(row.id).where(row.state == "pending", row.next_try_at <= now).order_by(row.next_try_at).limit(most)
    return list(connection.scalars(query))


def _still_pending(due: Sequence[str], connection: Connection) -> list[str]:
    found = set(connection.scalars(select(events.c.id).where(events.c.id.in_(due), events.c.state == "pending")))
    return [event for event in due if event in found]


def _note_failure(due: Sequence[str], failure: Exception, now: int, connection: Connection) -> None:
    most = EVENT_TRIES_IN_TROUBLE if isinstance(failure, _TROUBLE) else EVENT_TRIES
    row = events.c
    for one in connection.execute(select(row.id, row.tries).where(row.id.in_(due), row.state == "pending")).all():
        tries = one.tries + 1
        connection.execute(
            update(events)
            .where(row.id == one.id, row.state == "pending", row.tries == one.tries)
            .values(
                tries=tries,
                next_try_at=now + pause_s(tries),
                state="set_aside" if tries >= most else "pending",
                error=json.dumps(error_of(failure), ensure_ascii=False),
            )
        )


def _delay(due: Sequence[str], until: int, connection: Connection) -> None:
    row = events.c
    connection.execute(update(events).where(row.id.in_(due), row.state == "pending").values(next_try_at=until))


def pause_s(tries: int) -> int:
    """How long to wait after that many tries: doubling, with jitter, so that what failed together comes back apart."""
    longest = min(EVENT_PAUSE_S * 2.0 ** min(tries - 1, 30), EVENT_PAUSE_MOST_S)
    return max(1, round(longest * random.uniform(0.5, 1.0)))  # noqa: S311 - spreads load, guards nothing


def error_of(failure: Exception) -> Json:
    """A failure as `{code, message}`; of errors that are not ours only the kind, as their words may hold data."""
    if isinstance(failure, PaydeskError):
        return {"code": failure.code, "message": failure.message}
    if isinstance(failure, TimeoutError):
        return {"code": "timed_out", "message": "Handling took too long and was stopped."}
    return {"code": "unexpected", "message": f"Handling failed unexpectedly ({type(failure).__name__})."}


async def next_due_at(store: Transactions) -> int | None:
    """When the next pending event is due, in seconds since 1970; None where none is pending."""

    def look(connection: Connection) -> int | None:
        due: int | None = connection.scalar(select(func.min(events.c.next_try_at)).where(events.c.state == "pending"))
        return due

    return await store.read(look)


async def listed(
    store: Transactions, *, state: EventState | None = None, kind: str | None = None, limit: int = 20
) -> list[KeptEvent]:
    """The newest events of the inbox, by what Stripe says they were created."""

    def look(connection: Connection) -> list[KeptEvent]:
        query = select(*_SHOWN).order_by(events.c.created.desc(), events.c.id.desc()).limit(limit)
        if state is not None:
            query = query.where(events.c.state == state)
        if kind is not None:
            query = query.where(events.c.type == kind)
        return [_kept(row) for row in connection.execute(query)]

    return await store.read(look)


async def shown(store: Transactions, event_id: str) -> tuple[KeptEvent, Json]:
    """One event and its payload as Stripe sent it. Raises NotFound."""

    def look(connection: Connection) -> tuple[KeptEvent, Json] | None:
        row = connection.execute(select(*_SHOWN, events.c.payload).where(events.c.id == event_id)).first()
        return None if row is None else (_kept(row), json.loads(row.payload or "{}"))

    found = await store.read(look)
    if found is None:
        raise NotFound(
            "The inbox holds no event of that id.",
            field="event",
            next_step="`paydesk events list` shows what it holds; `paydesk sync` fills holes.",
        )
    return found


async def replay(store: Transactions, event_ids: Sequence[str] | None = None) -> int:
    """Make events that were set aside pending again, all of them without ids; how many.

    What is handled stays handled, so nothing is ever done twice.
    """

    def again(connection: Connection) -> int:
        change = update(events).where(events.c.state == "set_aside").values(state="pending", tries=0, next_try_at=0)
        if event_ids is not None:
            change = change.where(events.c.id.in_(event_ids))
        count: int = connection.execute(change).rowcount
        return count

    return await store.write(again)


_SHOWN = [events.c[name] for name in KeptEvent.__dataclass_fields__]


def _kept(row: Any) -> KeptEvent:
    found = {name: getattr(row, name) for name in KeptEvent.__dataclass_fields__}
    return KeptEvent(**{**found, "error": json.loads(row.error) if row.error else None})
