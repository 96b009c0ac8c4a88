"""Hearing what changed since the last time, from Stripe's list of events; and noticing when that list cannot tell."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select, update

from paydesk.server.errors import NotFound, StripeRefused
from paydesk.server.limits import (
    CLOCK_SKEW_S,
    MIRROR_EVENT_PAGES_MOST,
    MIRROR_EVENTS_KEPT_S,
    MIRROR_EVENTS_SETTLE_S,
    MIRROR_PAYLOADS_KEPT_S,
    PAGE_SIZE,
)
from paydesk.server.mirror import facts
from paydesk.server.mirror.inbox import insert_events
from paydesk.server.store.mirror_schema import events
from paydesk.skills.base import Json, Page

if TYPE_CHECKING:
    from paydesk.server.mirror.mirror import Mirror

_AT_FIRST_MOST = 20_000
_CLEANED_EVERY_S = 24 * 60 * 60


async def list_events(mirror: "Mirror") -> bool:
    """Keep every event since the last seen one; False where a gap cannot be excluded.

    Raises what Stripe raises; what was kept until then stays.
    """
    now = mirror.now()
    fresh, begun = await mirror.store.read(
        lambda connection: (facts.get_int(connection, facts.FRESH), facts.get_int(connection, facts.BEGUN))
    )
    since = fresh if fresh is not None else begun
    if since is None or now - since > MIRROR_EVENTS_KEPT_S or now < since - CLOCK_SKEW_S:
        return False
    reached = await mirror.store.read(partial(facts.get, name=facts.CURSOR))
    for _ in range(MIRROR_EVENT_PAGES_MOST):
        try:
            page = await _after(mirror, reached, since)
        except (NotFound, StripeRefused):
            return False
        if page is None:
            return False
        # An event may still turn up before the newest ones, so the next time begins a little earlier.
        settled = [event for event in page.data if int(event["created"]) <= now - MIRROR_EVENTS_SETTLE_S]
        last = not page.has_more or not page.data
        await mirror.store.write(partial(_keep, page.data, settled, now if last else None, mirror.now()))
        if last:
            return True
        reached = str(page.data[0]["id"])
    return False


async def _after(mirror: "Mirror", cursor: str | None, since: int) -> Page | None:
    """The oldest page of events after the cursor; without one all of that time, or None where those are too many."""
    if cursor is not None:
        return await mirror.stripe.page("/v1/events", {"limit": PAGE_SIZE, "ending_before": cursor})
    asked: Json = {"created": {"gte": since - CLOCK_SKEW_S}}
    found = [event async for event in mirror.stripe.every("/v1/events", asked, most=_AT_FIRST_MOST)]
    return None if len(found) == _AT_FIRST_MOST else Page(data=found, has_more=False)


def _keep(
    found: Sequence[Json], settled: Sequence[Json], fresh_at: int | None, now: int, connection: Connection
) -> None:
    insert_events(connection, found, source="list", received_at=now)
    if settled:
        facts.remember(connection, **{facts.CURSOR: str(settled[0]["id"])})
    if fresh_at is not None:
        facts.remember(connection, **{facts.FRESH: fresh_at})


async def drop_old_payloads(mirror: "Mirror") -> None:
    """Once a day, empty what handled events said a month ago; that they were handled stays known."""
    now = mirror.now()
    await mirror.store.write(partial(_drop, now))


def _drop(now: int, connection: Connection) -> None:
    last = facts.get_int(connection, facts.CLEANED)
    if last is not None and 0 <= now - last < _CLEANED_EVERY_S:
        return
    row = events.c
    old = select(row.id).where(row.created < now - MIRROR_PAYLOADS_KEPT_S, row.state == "handled", row.payload != "")
    connection.execute(update(events).where(row.id.in_(old)).values(payload=""))
    facts.remember(connection, **{facts.CLEANED: now})
