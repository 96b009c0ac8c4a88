"""What a subscription brought while it had a discount stays known when that is gone, however it is heard of."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

from paydesk.server.mirror import inbox
from paydesk.server.mirror.mirror import Mirror
from paydesk.server.store.mirror_schema import events, revenue_changes
from tests.conftest import Talk

Open = Callable[..., Awaitable[Mirror]]
DAY = 86_400


class Discounted:
    """A subscription of $50.00 a month less 20 %, and a mirror that has heard of it."""

    def __init__(self, talk: Talk, mirror: Mirror) -> None:
        self.talk, self.mirror = talk, mirror
        self.path = ""

    async def begin(self, months: int = 6) -> None:
        """Subscribe, at so many months less."""
        talk = self.talk
        product = talk.post("/v1/products", name="Pro")["id"]
        price = talk.post(
            "/v1/prices", product=product, currency="usd", unit_amount=5_000, recurring={"interval": "month"}
        )
        coupon = talk.post("/v1/coupons", percent_off=20, duration="repeating", duration_in_months=months)["id"]
        person = talk.post("/v1/customers", payment_method="pm_card_visa",
                           invoice_settings={"default_payment_method": "pm_card_visa"})["id"]  # fmt: skip
        made = talk.post("/v1/subscriptions", customer=person, items=[{"price": price["id"]}],
                         discounts=[{"coupon": coupon}])  # fmt: skip
        self.path, self.item = f"/v1/subscriptions/{made['id']}", made["items"]["data"][0]["id"]
        self.begun = self.now

    @property
    def now(self) -> int:
        return int(self.talk.clock())

    def told(self, since: int) -> list[dict[str, Any]]:
        """The events from a moment on."""
        found = self.talk.get("/v1/events", limit=100, created={"gte": since})["data"]
        return [one for one in found if one["type"].startswith(("customer.subscription.", "customer.discount."))]

    async def hear(self, *told: dict[str, Any]) -> None:
        """Have these delivered and handled."""
        await self.mirror.store.write(lambda c: inbox.insert_events(c, told, source="webhook", received_at=self.now))
        await inbox.handle_pending(self.mirror, clock=self.talk.clock)

    async def steps(self) -> list[tuple[int, int]]:
        """Seconds since it began, minor units a month."""
        row = revenue_changes.c
        found = await self.mirror.store.read(
            lambda c: c.execute(select(row.at, row.a_month_minor).order_by(row.at)).all()
        )
        return [(at - self.begun, amount) for at, amount in found if at <= self.now]


@pytest.fixture
async def it(new_talk: Callable[..., Talk], mirror_of: Open) -> Discounted:
    """Half an hour after it began."""
    talk = new_talk()
    found = Discounted(talk, await mirror_of(talk))
    await found.begin()
    await found.mirror.sync()
    talk.clock.pass_s(1_800)
    return found


@pytest.mark.parametrize("order", ["as they came", "the other way round", "only of the discount"])
async def test_a_discount_that_was_taken_away_counts_until_then(it: Discounted, order: str) -> None:
    """Ours: Stripe's events name a discount by its id, and show none that is over; its past is counted all the same."""
    it.talk.clock.pass_s(3 * DAY)
    gone_at = it.now
    it.talk.delete(f"{it.path}/discount")
    it.talk.clock.pass_s(2 * DAY)
    told = it.told(gone_at)
    if order == "only of the discount":
        told = [one for one in told if one["type"] == "customer.discount.deleted"]
    for one in told if order == "the other way round" else reversed(told):
        await it.hear(one)
    assert await it.steps() == [(0, 4_000), (gone_at - it.begun, 5_000)]


async def test_a_discount_that_came_and_went_unheard_is_counted(it: Discounted) -> None:
    """Ours: the mirror hears of both in the end, and asks for the coupon, as no event holds it."""
    coupon = it.talk.post("/v1/coupons", percent_off=50, duration="forever")["id"]
    moments = [it.now]
    it.talk.post(it.path, discounts=[{"coupon": coupon}])
    it.talk.clock.pass_s(60)
    moments.append(it.now)
    it.talk.delete(f"{it.path}/discount")
    it.talk.delete(f"/v1/coupons/{coupon}")
    it.talk.clock.pass_s(DAY)
    await it.mirror.sync()
    given, gone = (moment - it.begun for moment in moments)
    assert await it.steps() == [(0, 4_000), (given, 2_500), (gone, 5_000)]


async def test_what_was_told_a_month_ago_is_settled(it: Discounted) -> None:
    """Ours: payloads are emptied after thirty days, and what comes later than that unmakes no step that they told."""
    it.talk.clock.pass_s(DAY)
    late_at = it.now
    it.talk.post(it.path, metadata={"note": "one"})
    (late,) = it.told(late_at)
    it.talk.clock.pass_s(DAY)
    changed_at = it.now
    it.talk.post(it.path, items=[{"id": it.item, "quantity": 2}], proration_behavior="none")
    await it.hear(*it.told(changed_at))
    it.talk.clock.pass_s(45 * DAY)
    await it.mirror.sync()
    emptied = await it.mirror.store.read(
        lambda c: c.execute(select(events.c.id).where(events.c.payload == "", events.c.created == changed_at)).all()
    )
    assert emptied
    before = await it.steps()
    assert before == [(0, 4_000), (changed_at - it.begun, 8_000)]
    await it.hear(late)
    assert await it.steps() == before


async def test_a_discount_that_was_over_before_the_mirror_began_is_counted(
    new_talk: Callable[..., Talk], mirror_of: Open
) -> None:
    """Stripe: events are listed for thirty days; a discount that ended within them is told of, its beginning is not."""
    talk = new_talk()
    it = Discounted(talk, await mirror_of(talk))
    await it.begin(months=1)
    for _ in range(5):
        talk.clock.pass_s(8 * DAY)
        talk.get("/v1/balance")  # whatever is due happens with the next request
    talk.post(it.path, metadata={"note": "one"})
    await it.mirror.sync()
    (over,) = [one for one in it.told(it.begun) if one["type"] == "customer.discount.deleted"]
    ended = over["data"]["object"]["end"]
    assert await it.steps() == [(0, 4_000), (ended - it.begun, 5_000)]


async def test_what_was_given_in_the_second_of_another_change_is_counted_though_it_is_over(it: Discounted) -> None:
    """Ours: events of one second end with what led to the present, not with what looks like it."""
    it.talk.delete(f"{it.path}/discount")
    coupon = it.talk.post("/v1/coupons", percent_off=20, duration="repeating", duration_in_months=1)["id"]
    it.talk.clock.pass_s(DAY)
    await it.mirror.sync()
    changed_at = it.now
    it.talk.post(it.path, items=[{"id": it.item, "quantity": 2}], proration_behavior="none")
    it.talk.post(it.path, discounts=[{"coupon": coupon}])
    for _ in range(5):
        it.talk.clock.pass_s(8 * DAY)
        it.talk.get("/v1/balance")  # whatever is due happens with the next request
    told = it.told(changed_at)
    (over,) = [one for one in told if one["type"] == "customer.discount.deleted"]
    await it.hear(over, *(one for one in told if one["created"] == changed_at))
    await it.hear(*told)
    ended = over["data"]["object"]["end"]
    assert (await it.steps())[-2:] == [(changed_at - it.begun, 8_000), (ended - it.begun, 10_000)]
