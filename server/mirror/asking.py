"""Asking Stripe for objects as they are now, in full, several at once."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

import anyio

from paydesk.server.errors import NotFound
from paydesk.server.limits import MIRROR_FETCHES, PAGE_SIZE
from paydesk.server.mirror.kinds import Kind
from paydesk.server.mirror.rows import State
from paydesk.skills.base import Json, StripeReader

T = TypeVar("T")
R = TypeVar("R")
_PARTS_MOST = 100_000  # Stripe bounds an invoice's lines far below


async def each(items: Iterable[T], work: Callable[[T], Awaitable[R]], at_once: int = MIRROR_FETCHES) -> list[R]:
    """The results of `work` on every item, in order, so many at once. The first error ends all, and is raised."""
    these = list(items)
    if len(these) == 1:
        return [await work(these[0])]
    found: dict[int, R] = {}
    failures: list[Exception] = []
    limiter = anyio.CapacityLimiter(at_once)

    async def one(place: int, item: T) -> None:
        async with limiter:
            try:
                found[place] = await work(item)
            except Exception as failure:  # raised below without the group's wrapping: callers catch errors by kind
                failures.append(failure)
                group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for place, item in enumerate(these):
            group.start_soon(one, place, item)
    if failures:
        raise failures[0]
    return [found[place] for place in range(len(these))]


async def fetch(stripe: StripeReader, kind: Kind, identity: str, now: int) -> State:
    """One object as Stripe has it; gone where it was deleted, or is not there (any more)."""
    try:
        it = await stripe.get(f"{kind.path}/{identity}", kind.asked)
    except NotFound:
        it = {"id": identity, "deleted": True}
    if it.get("deleted"):
        return State(it, now, fetched=True, gone=True)
    return State(it, now, fetched=True, parts=await parts_of(stripe, kind, it))


async def parts_of(stripe: StripeReader, kind: Kind, it: Json) -> Sequence[Json] | None:
    """All that is listed inside an object, read on where the object shows only the first."""
    if kind.part is None:
        return None
    shown = it.get(kind.part.member) or {}
    if not shown.get("has_more"):
        found: list[Json] = shown.get("data") or []
        return found
    identity = str(it["id"])
    asked: Json = {"limit": PAGE_SIZE, **({kind.part.asked_by: identity} if kind.part.asked_by else {})}
    path = kind.part.path.replace("{id}", identity)
    return [one async for one in stripe.every(path, asked, most=_PARTS_MOST)]
