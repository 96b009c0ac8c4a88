"""How the index comes to hold what Stripe holds: every customer once, page by page, and from then on what changed.

What is done after each page is on the disk, so a filling that was killed goes on where it stood. Changes come from
Stripe's events since the last one seen; the events from before the filling's first page are read again after its last,
so a customer who changed meanwhile ends as Stripe has it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from paydesk.server.directory.index import Index
from paydesk.server.directory.worker import Worker
from paydesk.server.errors import NotFound, StripeRefused
from paydesk.server.limits import (
    DIRECTORY_EVENT_PAGES_MOST,
    DIRECTORY_EVENTS_KEPT_S,
    PAGE_SIZE,
)
from paydesk.skills.base import Json, Page, StripeReader

_KINDS = ["customer.created", "customer.updated", "customer.deleted"]

_CLOCKS_DIFFER_S = 60.0
_FILLED, _CURSOR, _EVENT, _BEGUN, _FRESH = "filled_at", "fill_cursor", "event", "fill_begun", "fresh_at"


@dataclass(frozen=True)
class Standing:
    """How many customers the index holds, since when it holds all of them, and when it last heard of changes."""

    customers: int
    filled_at: datetime | None
    fresh_at: datetime | None


class Feed:
    """Keeps one index like Stripe's list of customers. `clock` is the account's time in seconds."""

    def __init__(self, worker: Worker, stripe: StripeReader, clock: Callable[[], float]) -> None:
        self._worker = worker
        self._stripe = stripe
        self._clock = clock

    async def standing(self) -> Standing:
        """How far it is."""
        count, filled, fresh = await self._worker.read(
            lambda index: (index.count(), index.state(_FILLED), index.state(_FRESH))
        )
        return Standing(count, _moment(filled), _moment(fresh))

    async def fill(self, budget_s: float, told: Callable[[int], None] | None = None) -> bool:
        """Go on filling for about that long; `told` hears of the count after each page. Whether everybody is in."""
        until = time.monotonic() + budget_s
        if await self._worker.read(lambda index: index.state(_FILLED)) is not None:
            return True
        if await self._worker.read(lambda index: index.state(_BEGUN)) is None:
            await self._begin()
        while not await self._one_page():
            if told is not None:
                told((await self.standing()).customers)
            if time.monotonic() >= until:
                return False
        return True

    async def _begin(self) -> None:
        newest = await self._stripe.page("/v1/events", {"types": _KINDS, "limit": 1})
        event = str(newest.data[0]["id"]) if newest.data else None
        begun = self._clock()
        await self._worker.write(lambda index: index.remember(**{_EVENT: event, _BEGUN: repr(begun), _CURSOR: None}))

    async def _one_page(self) -> bool:
        """Put one page of the list in; whether it was the last."""
        cursor = await self._worker.read(lambda index: index.state(_CURSOR))
        asked: Json = {"limit": PAGE_SIZE, **({"starting_after": cursor} if cursor else {})}
        try:
            page = await self._stripe.page("/v1/customers", asked)
        except (NotFound, StripeRefused):
            if cursor is None:
                raise
            await self.forget()  # the customer at the cursor was deleted meanwhile: begin again
            return False
        last = not page.has_more or not page.data
        filled = repr(self._clock()) if last else None

        def keep(index: Index) -> None:
            index.put(page.data)
            index.remember(**{_CURSOR: page.next_cursor, _FILLED: filled})

        await self._worker.write(keep)
        return last

    async def forget(self) -> None:
        """Take everybody out, so that the next filling begins anew."""
        await self._worker.write(lambda index: index.clear())

    async def refresh(self, older_than_s: float) -> bool:
        """Hear of changes, where the last time is longer ago than this; False where all has to be read again.

        Raises what Stripe raises.
        """
        now = self._clock()
        fresh, begun = await self._worker.read(lambda index: (index.state(_FRESH), index.state(_BEGUN)))
        since = float(fresh or begun or 0.0)
        if fresh is not None and 0 <= now - since < older_than_s:
            return True
        if now - since <= DIRECTORY_EVENTS_KEPT_S and now >= since - _CLOCKS_DIFFER_S and await self._catch_up(now):
            return True
        await self.forget()
        return False

    async def _catch_up(self, now: float) -> bool:
        """Take in the events since the last seen; False where that one is gone and a gap cannot be excluded."""
        for _ in range(DIRECTORY_EVENT_PAGES_MOST):
            cursor, begun = await self._worker.read(lambda index: (index.state(_EVENT), index.state(_BEGUN)))
            try:
                page = await self._events_after(cursor, float(begun or 0.0))
            except (NotFound, StripeRefused):
                return False
            changed = await self._as_it_is(page.data)
            newest = str(page.data[0]["id"]) if page.data else cursor

            def keep(index: Index, changed: list[Json] = changed, newest: str | None = newest) -> None:
                index.put(changed)
                index.remember(**{_EVENT: newest, _FRESH: repr(now)})

            await self._worker.write(keep)
            if not page.has_more:
                return True
        return False

    async def _events_after(self, cursor: str | None, begun: float) -> Page:
        if cursor is not None:
            return await self._stripe.page("/v1/events", {"types": _KINDS, "limit": PAGE_SIZE, "ending_before": cursor})
        # Nothing had ever happened to a customer when the filling began.
        since = {"gte": int(begun) - int(_CLOCKS_DIFFER_S)}
        return await self._stripe.page("/v1/events", {"types": _KINDS, "limit": PAGE_SIZE, "created": since})

    async def _as_it_is(self, events: list[Json]) -> list[Json]:
        """Each customer that the events (newest first) speak of, once, as it is after the newest of them.

        Within one second their order says nothing, so Stripe is asked for whoever changed twice in it.
        """
        newest: dict[str, Json] = {}
        unclear: set[str] = set()
        for event in events:
            customer = str(event["data"]["object"]["id"])
            if customer not in newest:
                newest[customer] = event
            elif newest[customer]["created"] == event["created"]:
                unclear.add(customer)
        return [await self._settled(event, ask=customer in unclear) for customer, event in newest.items()]

    async def _settled(self, event: Json, *, ask: bool) -> Json:
        customer: Json = event["data"]["object"]
        if event["type"] == "customer.deleted":
            return {**customer, "deleted": True}
        if not ask:
            return customer
        try:
            return await self._stripe.get(f"/v1/customers/{customer['id']}")
        except NotFound:
            return {**customer, "deleted": True}


def _moment(seconds: str | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)
