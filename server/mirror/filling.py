"""Reading an account once, wholly: stretches of time of each kind, several at once, each page with its cursor in one
transaction. So it goes on where it was, whenever it was ended; what changes meanwhile comes by events afterwards.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import anyio
from sqlalchemy import Connection, and_, func, select, update

from paydesk.server.errors import NotFound, StripeProblem, StripeRefused
from paydesk.server.limits import (
    MIRROR_EVENTS_KEPT_S,
    MIRROR_STRETCHES,
    MIRROR_SYNC_AT_ONCE,
    PAGE_SIZE,
)
from paydesk.server.mirror import facts
from paydesk.server.mirror.asking import parts_of
from paydesk.server.mirror.inbox import insert_events
from paydesk.server.mirror.kinds import KINDS, Kind
from paydesk.server.mirror.looking import known
from paydesk.server.mirror.rows import State, new_writing
from paydesk.server.store.mirror_schema import sync_stretches
from paydesk.server.store.upserts import insert_new
from paydesk.skills.base import Json, Page

if TYPE_CHECKING:
    from paydesk.server.mirror.mirror import Mirror

_ENDLESS: Final = 2**53
_FOUNDED: Final = 1_293_840_000  # 2011: where an account does not tell since when it is there
_PAGES_WORTH: Final = 2
_SUBSCRIPTION_EVENTS: Final = "events:customer.subscription.*"
_DISCOUNT_EVENTS: Final = "events:customer.discount.*"
Told = Callable[["Progress"], None]


@dataclass(frozen=True)
class Stretch:
    """Objects of one list created in [begins, ends); `cursor` is the last one that was taken in."""

    kind: str
    begins: int
    ends: int
    cursor: str | None
    count: int


@dataclass(frozen=True)
class Progress:
    """How far the reading is: objects so far by kind, and the share of the time of the account that was read."""

    counts: Mapping[str, int]
    share: float
    done: bool


def lists() -> dict[str, tuple[Kind | None, str, Json]]:
    """Every list to be read: its name -> kind, path, parameters. Events tell of old prices and discounts."""
    found: dict[str, tuple[Kind | None, str, Json]] = {
        f"{name}:{variant}": (kind, kind.path, kind.listed(variant))
        for name, kind in KINDS.items()
        for variant in range(len(kind.lists))
    }
    found[_SUBSCRIPTION_EVENTS] = (None, "/v1/events", {"type": "customer.subscription.*"})
    found[_DISCOUNT_EVENTS] = (
        None,
        "/v1/events",
        {"types": [*(f"customer.discount.{one}" for one in ("created", "updated", "deleted")), "coupon.deleted"]},
    )
    return found


async def begin(mirror: "Mirror") -> None:
    """Remember where events stand, then what is to be read; nothing where that is remembered already."""
    if await mirror.store.read(partial(facts.get, name=facts.BEGUN)) is not None:
        return
    now = mirror.now()
    newest = await mirror.stripe.page("/v1/events", {"limit": 1})
    cursor = str(newest.data[0]["id"]) if newest.data else None
    founded = await _founded(mirror)

    def keep(connection: Connection) -> None:
        if facts.get(connection, facts.BEGUN) is not None:
            return  # another process was quicker
        facts.remember(connection, **{facts.BEGUN: now, facts.CURSOR: cursor, facts.FRESH: None, facts.LEDGER: now})
        facts.remember(connection, **{facts.FOUNDED: founded})
        since = dict.fromkeys((_SUBSCRIPTION_EVENTS, _DISCOUNT_EVENTS), now - MIRROR_EVENTS_KEPT_S)
        stretches = [
            {"kind": name, "begins": since.get(name, 0), "ends": _ENDLESS, "cursor": None, "done": False, "count": 0}
            for name in lists()
        ]
        insert_new(connection, sync_stretches, stretches)

    await mirror.store.write(keep)


async def _founded(mirror: "Mirror") -> int:
    """Since when the account is there. It decides only on how time is divided: older objects are read as well."""
    try:
        created = (await mirror.stripe.get("/v1/account")).get("created")
    except StripeProblem:  # a restricted key may not ask
        return _FOUNDED
    return created if isinstance(created, int) else _FOUNDED


async def read_all(mirror: "Mirror", until: float, told: Told | None = None) -> bool:
    """Read on until time.monotonic() is `until`; whether everything is read. `told` hears after each page."""
    busy: set[tuple[str, int]] = set()
    failures: list[Exception] = []
    changed = anyio.Event()
    begun = False

    async def work(stretch: Stretch) -> None:
        nonlocal changed
        try:
            await _read_page(mirror, stretch)
            if told is not None:
                told(await mirror.store.read(partial(progress, mirror.now())))
        except Exception as failure:  # raised below as it is, once the others have ended
            failures.append(failure)
        busy.discard((stretch.kind, stretch.begins))
        changed.set()
        changed = anyio.Event()

    async with anyio.create_task_group() as group:
        # However little time there is, something is read: who asks often enough comes to the end.
        while not failures and (not begun or time.monotonic() < until):
            begun = True
            left = await mirror.store.read(_left)
            free = [one for one in left if (one.kind, one.begins) not in busy]
            if not left and not busy:
                break
            # Two processes that read the same account take different stretches, most of the time.
            for stretch in random.sample(free, min(len(free), MIRROR_SYNC_AT_ONCE - len(busy))):
                busy.add((stretch.kind, stretch.begins))
                group.start_soon(work, stretch)
            await changed.wait()
    if failures:
        raise failures[0]
    return not await mirror.store.read(_left)


def _left(connection: Connection) -> list[Stretch]:
    row = sync_stretches.c
    query = select(row.kind, row.begins, row.ends, row.cursor, row.count).where(row.done.is_(False))
    return [Stretch(*one) for one in connection.execute(query)]


def _look(connection: Connection) -> int:
    return facts.get_int(connection, facts.SEQ) or 0


async def _read_page(mirror: "Mirror", stretch: Stretch) -> None:
    """One page of a stretch, with what its objects show only in part."""
    kind, path, params = lists()[stretch.kind]
    created = {**({"gte": stretch.begins} if stretch.begins else {})}
    created |= {"lt": stretch.ends} if stretch.ends != _ENDLESS else {}
    asked: Json = {**params, "limit": PAGE_SIZE, **({"created": created} if created else {})}
    asked |= {"starting_after": stretch.cursor} if stretch.cursor else {}
    seen, now = await mirror.store.read(_look), mirror.now()
    try:
        page = await mirror.stripe.page(path, asked)
    except (NotFound, StripeRefused):
        if stretch.cursor is None:
            raise
        # The object at the cursor was deleted meanwhile.
        await mirror.store.write(partial(_begin_again_at_cursor, stretch, kind))
        return
    if kind is None:
        await mirror.store.write(partial(_keep_events, stretch, page, now), durable=False)
        return
    states = [State(it, now, fetched=True, parts=await parts_of(mirror.stripe, kind, it)) for it in page.data]
    await mirror.store.write(partial(_keep, stretch, kind, states, page, seen), durable=False)


def _keep(  # noqa: PLR0917 - bound by partial
    stretch: Stretch, kind: Kind, states: Sequence[State], page: Page, seen: int, connection: Connection
) -> None:
    """Take a page in, and move the cursor past it."""
    if not _advance(connection, stretch, page):
        return
    ids = [state.it["id"] for state in states]
    rows = known(connection, kind.table, ids, "seq", "deleted")
    # A row that changed since the page was asked for may be newer than the page.
    fresh = [
        state
        for state in states
        if (row := rows.get(state.it["id"])) is None or (row["seq"] <= seen and not row["deleted"])
    ]
    if kind.name == "balance_transaction":
        fresh = [state for state in fresh if state.it["id"] not in rows]
    if fresh:
        writing = new_writing(connection)
        writing.put(kind, fresh)
        writing.finish()


def _keep_events(stretch: Stretch, page: Page, now: int, connection: Connection) -> None:
    if _advance(connection, stretch, page):
        insert_events(connection, page.data, source="list", received_at=now)


def _at(stretch: Stretch) -> Any:
    row = sync_stretches.c
    cursor = row.cursor.is_(None) if stretch.cursor is None else row.cursor == stretch.cursor
    return and_(row.kind == stretch.kind, row.begins == stretch.begins, row.ends == stretch.ends, cursor)


def _advance(connection: Connection, stretch: Stretch, page: Page) -> bool:
    """Move the cursor; False where another process read this page already."""
    last = not page.has_more or not page.data
    count = stretch.count + len(page.data)
    values: Json = {"cursor": page.data[-1]["id"] if page.data else stretch.cursor, "done": last, "count": count}
    if not last:
        values["ends"] = int(page.data[-1]["created"]) + 1
    middle = None if last else _middle(connection, stretch, page)
    if middle is not None:
        values["begins"] = middle
    if not connection.execute(update(sync_stretches).where(_at(stretch)).values(values)).rowcount:
        return False
    if middle is not None:
        rest = {"kind": stretch.kind, "begins": stretch.begins, "ends": middle, "cursor": None, "done": False}
        insert_new(connection, sync_stretches, [{**rest, "count": 0}])
    return True


def _middle(connection: Connection, stretch: Stretch, page: Page) -> int | None:
    """Where to halve what is left of a stretch: where fewer are left than can be read at once, and it holds enough."""
    newest, oldest = int(page.data[0]["created"]), int(page.data[-1]["created"])
    lowest = max(stretch.begins, facts.get_int(connection, facts.FOUNDED) or _FOUNDED)
    middle = (lowest + oldest) // 2
    pages_left = (oldest - lowest) // max(newest - oldest, 1)
    if pages_left < _PAGES_WORTH or not lowest < middle < oldest:
        return None
    left = connection.scalar(select(func.count()).where(sync_stretches.c.done.is_(False)))
    return middle if (left or 0) < MIRROR_STRETCHES else None


def _begin_again_at_cursor(stretch: Stretch, kind: Kind | None, connection: Connection) -> None:
    """Read on by time from the object that is gone; its second is read again."""
    row = None
    if kind is not None and stretch.cursor is not None:
        row = known(connection, kind.table, [stretch.cursor], "created").get(stretch.cursor)
    ends = min(stretch.ends, row["created"] + 1) if row is not None and row["created"] else stretch.ends
    connection.execute(update(sync_stretches).where(_at(stretch)).values(cursor=None, ends=ends))


def progress(now: int, connection: Connection) -> Progress:
    """How far the reading is. The share is of time, as Stripe does not tell how much there is."""
    row = sync_stretches.c
    told = connection.execute(select(row.kind, func.sum(row.count)).group_by(row.kind))
    counts = {one[0]: int(one[1]) for one in told}
    left = _left(connection)
    by_kind: dict[str, float] = {}
    founded = facts.get_int(connection, facts.FOUNDED) or _FOUNDED
    for stretch in left:
        length = min(stretch.ends, now) - max(stretch.begins, founded)
        by_kind[stretch.kind] = by_kind.get(stretch.kind, 0.0) + max(length, 0)
    whole = max(now - founded, 1)
    share = 1 - sum(min(part / whole, 1.0) for part in by_kind.values()) / max(len(lists()), 1)
    return Progress(counts, share, not left)
