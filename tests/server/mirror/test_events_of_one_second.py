"""What a subscription brought is told by the last change of a second, whatever the order of its events."""

from collections.abc import Awaitable, Callable
from itertools import permutations

import pytest
from sqlalchemy import select

from paydesk.server.mirror import inbox
from paydesk.server.mirror.mirror import Mirror
from paydesk.server.store.mirror_schema import revenue_changes
from tests.conftest import Talk

Open = Callable[..., Awaitable[Mirror]]
DAY = 86_400


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_reminder_of_a_trial_that_was_ended_has_not_the_last_word(
    new_talk: Callable[..., Talk], mirror_of: Open, order: tuple[int, ...]
) -> None:
    """Stripe: `trial_will_end` comes at once with a trial of less than three days, and shows the trial as it was."""
    talk = new_talk()
    mirror = await mirror_of(talk)
    product = talk.post("/v1/products", name="Pro")["id"]
    price = talk.post("/v1/prices", product=product, currency="usd", unit_amount=5_000, recurring={"interval": "month"})
    person = talk.post("/v1/customers", payment_method="pm_card_visa",
                       invoice_settings={"default_payment_method": "pm_card_visa"})["id"]  # fmt: skip
    await mirror.sync()
    begun = int(talk.clock())
    made = talk.post("/v1/subscriptions", customer=person, items=[{"price": price["id"]}], trial_period_days=3)
    talk.post(f"/v1/subscriptions/{made['id']}", trial_end="now")
    told = [
        one for one in talk.get("/v1/events", limit=100)["data"] if one["type"].startswith("customer.subscription.")
    ]
    assert len(told) == 3
    talk.clock.pass_s(5 * DAY)
    # Their order within a second is by their ids, which tell nothing.
    named = [{**told[place], "id": f"evt_{name}"} for place, name in zip(order, "abc", strict=True)]
    await mirror.store.write(lambda c: inbox.insert_events(c, named, source="webhook", received_at=int(talk.clock())))
    await inbox.handle_pending(mirror, clock=talk.clock)
    row = revenue_changes.c
    steps = await mirror.store.read(lambda c: c.execute(select(row.at, row.a_month_minor)).all())
    assert [tuple(one) for one in steps] == [(begun, 5_000)]
