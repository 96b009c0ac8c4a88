"""Which of what was told becomes the row: the newest snapshot where it is certain, else what Stripe says when asked."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

from paydesk.server.errors import StripeUnreachable
from paydesk.server.limits import EVENT_TRIES, MIRROR_SKEW_S
from paydesk.server.mirror import inbox
from paydesk.server.mirror.mirror import Mirror
from paydesk.server.store import mirror_schema as tables
from paydesk.server.stripe_api.opening import sandbox_door
from tests.conftest import Talk

Open = Callable[..., Awaitable[Mirror]]


class Counting:
    """A door that remembers which objects were asked for, and fails as long as it is told to."""

    def __init__(self, door: Any) -> None:
        self._door = door
        self.asked: list[str] = []
        self.is_away = False
        self.breaks: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._door, name)

    async def get(self, path: str, params: Any = None) -> Any:
        self.asked.append(path)
        if self.is_away:
            raise StripeUnreachable("Stripe did not answer.")
        if self.breaks is not None:
            raise self.breaks
        return await self._door.get(path, params)


class Desk:
    """A filled mirror of a talk with one customer, and the events that Stripe would deliver."""

    def __init__(self, talk: Talk, mirror: Mirror, door: Counting, customer: str) -> None:
        self.talk, self.mirror, self.door, self.customer = talk, mirror, door, customer

    def named(self, name: str) -> dict[str, Any]:
        """Rename the customer; the event of it."""
        self.talk.post(f"/v1/customers/{self.customer}", name=name)
        return dict(self.talk.get("/v1/events", limit=1)["data"][0])

    async def take(self, *told: dict[str, Any]) -> list[str]:
        """Have these delivered and handled; what was asked for."""
        self.door.asked.clear()
        at = int(self.talk.clock())
        await self.mirror.store.write(lambda c: inbox.insert_events(c, told, source="webhook", received_at=at))
        await inbox.handle_pending(self.mirror, clock=self.talk.clock)
        return self.door.asked

    async def name(self) -> str | None:
        """What the mirror says the customer is called."""
        row = tables.customers.c
        return await self.mirror.store.read(lambda c: c.scalar(select(row.name).where(row.id == self.customer)))

    async def state(self, event_id: str) -> str:
        """How the event stands."""
        return (await inbox.shown(self.mirror.store, event_id))[0].state

    @property
    def path(self) -> str:
        return f"/v1/customers/{self.customer}"


@pytest.fixture
async def desk(new_talk: Callable[..., Talk], mirror_of: Open, either_database: str | None) -> Desk:
    """Filled long enough ago that clocks cannot be why two moments are near."""
    talk = new_talk()
    customer = str(talk.post("/v1/customers", name="First")["id"])
    door = Counting(sandbox_door(talk.sandbox, now=talk.clock))
    mirror = await mirror_of(talk, door)
    await mirror.sync()
    talk.clock.pass_s(MIRROR_SKEW_S + 10)
    return Desk(talk, mirror, door, customer)


async def test_a_newer_snapshot_is_the_row_and_an_older_one_is_not(desk: Desk) -> None:
    """Ours: nothing is asked where the order is known; Stripe: events come in any order."""
    older = desk.named("Second")
    desk.talk.clock.pass_s(5)
    newer = desk.named("Third")
    assert await desk.take(newer) == []
    assert await desk.name() == "Third"
    assert await desk.take(older) == []
    assert await desk.name() == "Third"
    assert await desk.state(older["id"]) == "handled"


async def test_of_the_same_second_stripe_is_asked(desk: Desk) -> None:
    """Stripe: `created` has whole seconds, so two events of one second have no order."""
    told = [desk.named("Second"), desk.named("Third")]
    assert await desk.take(told[1]) == []  # alone it is the newest
    assert await desk.take(told[0]) == [desk.path]
    assert await desk.name() == "Third"
    desk.talk.clock.pass_s(MIRROR_SKEW_S + 10)
    again = [desk.named("Fourth"), desk.named("Fifth")]
    assert await desk.take(*reversed(again)) == [desk.path]  # both at once: asked once
    assert await desk.name() == "Fifth"


async def test_near_a_fetched_row_of_another_version_thin_or_incomplete_stripe_is_asked(desk: Desk) -> None:
    """Stripe: an endpoint has a version of its own, and thin events hold no object."""
    old = desk.named("Second") | {"api_version": "2019-02-19"}
    assert await desk.take(old) == [desk.path]
    assert await desk.name() == "Second"
    near = desk.named("Third")  # the row was fetched a moment ago
    assert await desk.take(near) == [desk.path]
    assert await desk.name() == "Third"
    desk.talk.clock.pass_s(MIRROR_SKEW_S + 10)
    whole = desk.named("Fourth")
    thin = {
        "id": "evt_thin",
        "object": "v2.core.event",
        "type": "v1.customer.updated",
        "created": whole["created"],
        "related_object": {"id": desk.customer, "type": "customer", "url": desk.path},
    }
    assert await desk.take(thin) == [desk.path]
    assert await desk.name() == "Fourth"
    assert await desk.state("evt_thin") == "handled"


async def test_who_is_deleted_stays_so_whatever_comes_later(desk: Desk) -> None:
    """Stripe: an older event may come after the deletion; ours: it brings nobody back."""
    before = desk.named("Second")
    desk.talk.clock.pass_s(5)
    desk.talk.delete(desk.path)
    deleted = dict(desk.talk.get("/v1/events", limit=1)["data"][0])
    await desk.take(deleted)
    await desk.take(before)
    row = tables.customers.c
    kept = await desk.mirror.store.read(lambda c: c.execute(select(row.deleted, row.name, row.whole)).one())
    assert tuple(kept) == (True, None, "")


async def test_types_that_nobody_knows_are_handled_and_change_nothing(desk: Desk) -> None:
    """Stripe: new types of events come without notice."""
    event = {**desk.named("Second"), "id": "evt_new", "type": "gizmo.spun", "data": {"object": {"object": "gizmo"}}}
    assert await desk.take(event) == []
    assert await desk.state("evt_new") == "handled"
    assert await desk.name() == "First"


async def test_what_cannot_be_asked_waits_longer_each_time_and_what_is_broken_is_set_aside_until_replayed(
    desk: Desk,
) -> None:
    """Ours: nothing is lost; a fault of one event ends in `set_aside` with its error, and replaying handles it."""
    old = desk.named("Second") | {"api_version": "2019-02-19"}
    desk.door.is_away = True
    await desk.take(old)
    kept, _ = await inbox.shown(desk.mirror.store, old["id"])
    assert (kept.state, kept.tries) == ("pending", 1)
    assert kept.next_try_at > desk.talk.clock()
    assert kept.error is not None
    assert kept.error["code"] == "stripe_unreachable"

    desk.door.is_away, desk.door.breaks = False, ValueError("a fault of ours")
    for _ in range(EVENT_TRIES):
        desk.talk.clock.pass_s(4_000)
        await inbox.handle_pending(desk.mirror, clock=desk.talk.clock)
    kept, payload = await inbox.shown(desk.mirror.store, old["id"])
    assert kept.state == "set_aside"
    assert "fault of ours" not in json.dumps(kept.error)
    assert payload["id"] == old["id"]
    assert (await desk.mirror.standing()).set_aside == 1

    desk.door.breaks = None
    assert await inbox.replay(desk.mirror.store, ["evt_other"]) == 0
    assert await inbox.replay(desk.mirror.store) == 1
    await inbox.handle_pending(desk.mirror, clock=desk.talk.clock)
    assert await desk.state(old["id"]) == "handled"
    assert await desk.name() == "Second"
    assert await inbox.replay(desk.mirror.store) == 0
