"""Links to pay at, pages for customers, and what ends for good: shown before, and done as shown."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from paydesk.server.errors import NotFound, SkillError
from paydesk.skills.customers.delete_customer import delete_customer
from paydesk.skills.customers.detach_payment_method import detach_payment_method
from paydesk.skills.customers.list_payment_methods import list_payment_methods
from paydesk.skills.customers.open_customer_portal import open_customer_portal
from paydesk.skills.payments.create_checkout import create_checkout
from paydesk.skills.payments.create_payment_link import create_payment_link
from paydesk.skills.payments.deactivate_payment_link import deactivate_payment_link
from paydesk.skills.subscriptions.get_subscription import get_subscription
from paydesk.skills.subscriptions.report_usage import report_usage
from paydesk.skills.subscriptions.schedule_subscription import schedule_subscription

Send = Callable[..., Awaitable[Any]]
WORK = {"items": [{"description": "Workshop", "amount_minor": 9_000, "quantity": 2}], "currency": "eur"}


@pytest.fixture
async def subscribed(desk: Any) -> dict[str, str]:
    """Jane with a saved card and a running subscription to Pro at 49 dollars a month; ids by name."""
    jane = await desk.customer("Jane Doe", email="jane@example.com")
    card = await desk.post("/v1/payment_methods/pm_card_visa/attach", customer=jane["id"])
    settings = {"default_payment_method": card["id"]}
    await desk.post(f"/v1/customers/{jane['id']}", invoice_settings=settings)
    price = await desk.post(
        "/v1/prices", currency="usd", unit_amount=4900, recurring={"interval": "month"}, product_data={"name": "Pro"}
    )
    made = await desk.post("/v1/subscriptions", customer=jane["id"], items=[{"price": price["id"]}])
    return {"customer": jane["id"], "card": card["id"], "price": price["id"], "subscription": made["id"]}


async def test_a_payment_link_is_made_and_switched_off_by_its_address(desk: Any, sent_as_planned: Send) -> None:
    """Stripe: a link may be paid again and again, so that is said; inactive ones are refused."""
    plan = await desk.run(create_payment_link, WORK)
    assert plan.says == "Create a payment link for €180.00 (Workshop)."
    assert plan.warnings == ("It can be paid any number of times until it is switched off.",)
    made = await sent_as_planned(desk, create_payment_link, plan)
    assert made.active and made.url.startswith("http")
    assert made.opposite() is not None
    off = await sent_as_planned(
        desk, deactivate_payment_link, await desk.run(deactivate_payment_link, {"payment_link": made.url})
    )
    assert not off.active
    with pytest.raises(SkillError) as caught:
        await desk.run(deactivate_payment_link, {"payment_link": made.payment_link})
    assert caught.value.code == "already_off"
    with pytest.raises(NotFound):
        await desk.run(deactivate_payment_link, {"payment_link": "https://buy.example/none"})


async def test_a_checkout_knows_its_mode_by_what_is_sold(
    desk: Any, subscribed: dict[str, str], sent_as_planned: Send
) -> None:
    """Stripe: a recurring price makes it a subscription's checkout."""
    once = await desk.run(create_checkout, {**WORK, "success_url": "https://a.example/thanks", "customer": "jane doe"})
    assert once.says == "Create a checkout for Jane Doe: €180.00 (Workshop)."
    made = await sent_as_planned(desk, create_checkout, once)
    session = await desk.stripe.get(f"/v1/checkout/sessions/{made.checkout}")
    assert (session["mode"], session["amount_total"], session["currency"]) == ("payment", 18_000, "eur")
    asked = {"items": [{"price": subscribed["price"]}], "success_url": "https://a.example/thanks"}
    again = await desk.run(create_checkout, asked)
    assert again.request.params["mode"] == "subscription"
    assert again.says == "Create a checkout: $49.00 / month (Pro)."


async def test_removing_the_card_that_pays_says_what_stops(
    desk: Any, subscribed: dict[str, str], sent_as_planned: Send
) -> None:
    """Ours: a subscription without a card fails at its renewal, which nobody sees coming otherwise."""
    plan = await desk.run(detach_payment_method, {"customer": "jane doe", "payment_method": "visa 4242"})
    assert plan.warnings == (
        "It is the default: nothing is charged by itself afterwards.",
        "1 running subscription would have nothing to charge.",
    )
    await sent_as_planned(desk, detach_payment_method, plan)
    told = await desk.run(list_payment_methods, {"customer": "jane doe"})
    assert told.sentence() == "Jane Doe has no saved payment methods."


async def test_saved_methods_are_told_with_the_default(desk: Any, subscribed: dict[str, str]) -> None:
    """Stripe: the default is what invoices charge."""
    told = await desk.run(list_payment_methods, {"customer": "jane doe"})
    assert told.sentence().startswith("Jane Doe has 1 saved payment method; visa •4242")
    assert told.methods[0].default


async def test_deleting_a_customer_says_what_ends_with_them(
    desk: Any, subscribed: dict[str, str], sent_as_planned: Send
) -> None:
    """Stripe: it cancels subscriptions at once and cannot be undone."""
    plan = await desk.run(delete_customer, {"customer": "jane doe"})
    assert plan.undo is None
    assert plan.warnings == ("1 subscription ends at once, unrefunded.",)
    await sent_as_planned(desk, delete_customer, plan)
    one = await desk.stripe.get(f"/v1/subscriptions/{subscribed['subscription']}")
    assert one["status"] == "canceled"


async def test_the_portal_warns_that_its_address_is_a_key(
    desk: Any, subscribed: dict[str, str], sent_as_planned: Send
) -> None:
    """Ours: whoever has it can change the customer's cards."""
    plan = await desk.run(open_customer_portal, {"customer": "jane doe"})
    assert plan.warnings
    assert (await sent_as_planned(desk, open_customer_portal, plan)).url.startswith("http")


async def test_a_subscription_is_told_with_its_next_invoice(desk: Any, subscribed: dict[str, str]) -> None:
    """Stripe: the next invoice is foretold by a preview that changes nothing."""
    for asked in ({"customer": "jane doe"}, {"subscription": subscribed["subscription"]}):
        told = await desk.run(get_subscription, asked)
        assert "Pro" in told.sentence() and "$49.00" in told.sentence()
        assert told.lines()[0].startswith("Next invoice: $49.00 on 2026-12-21")


async def test_a_schedule_begins_when_it_says_in_its_phases(
    desk: Any, subscribed: dict[str, str], sent_as_planned: Send
) -> None:
    """Stripe: phases follow each other; after the last the subscription goes on or ends."""
    phases = [{"price": subscribed["price"], "periods": 3}, {"price": subscribed["price"], "quantity": 2}]
    plan = await desk.run(schedule_subscription, {"customer": "jane doe", "start_date": "2027-01-01", "phases": phases})
    assert plan.says == (
        "Schedule a subscription for Jane Doe from 2027-01-01: Pro at $49.00 / month for 3 periods, "
        "then Pro at 2 x $49.00 / month."
    )
    made = await sent_as_planned(desk, schedule_subscription, plan)
    assert (made.starts, made.status) == ("2027-01-01", "not_started")
    schedule = await desk.stripe.get(f"/v1/subscription_schedules/{made.schedule}")
    assert [phase["items"][0]["quantity"] for phase in schedule["phases"]] == [1, 2]
    for wrong in (
        {"start_date": "2026-11-21", "phases": phases},
        {"start_date": "2027-01-01", "phases": phases[::-1]},
        {"start_date": "2027-01-01", "phases": phases, "then": "cancel"},
    ):
        with pytest.raises(SkillError):
            await desk.run(schedule_subscription, {"customer": "jane doe", **wrong})


async def test_usage_reaches_its_meter(desk: Any, subscribed: dict[str, str], sent_as_planned: Send) -> None:
    """Stripe: a meter event names the meter's event, the customer and a value as text."""
    meter = await desk.post(
        "/v1/billing/meters", display_name="Calls", event_name="calls", default_aggregation={"formula": "sum"}
    )
    plan = await desk.run(report_usage, {"meter": "Calls", "customer": "jane doe", "used": 1_200})
    assert plan.says == "Report 1,200 Calls for Jane Doe."
    await sent_as_planned(desk, report_usage, plan)
    day = 86_400
    now = int(desk.now().timestamp())
    asked = {"customer": subscribed["customer"], "start_time": now // day * day, "end_time": now // day * day + day}
    summaries = await desk.stripe.page(f"/v1/billing/meters/{meter['id']}/event_summaries", asked)
    assert [one["aggregated_value"] for one in summaries.data] == [1200]
    with pytest.raises(NotFound):
        await desk.run(report_usage, {"meter": "minutes", "customer": "jane doe", "used": 1})
    with pytest.raises(SkillError):
        old = {"used_at": "2026-01-01T00:00:00Z"}
        await desk.run(report_usage, {"meter": "Calls", "customer": "jane doe", "used": 1, **old})
