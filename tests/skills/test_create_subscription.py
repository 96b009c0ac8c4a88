"""Starting subscriptions: the price that is meant, what is made first, and when the first charge is."""

from datetime import UTC, datetime

import pytest

from paydesk.server.errors import Ambiguous, SkillError, StripeRefused
from paydesk.skills.base import Prepared
from paydesk.skills.subscriptions.create_subscription import create_subscription

MONTHLY = {"customer": "Jane Doe", "amount_minor": 4999, "currency": "usd", "interval": "month"}


async def _subscribed(desk, sent_as_planned, **more):
    """Jane on Pro at $49.00 a month."""
    jane, price = (await desk.with_card("Jane Doe"))[0], await desk.price()
    plan = await desk.run(create_subscription, {"customer": jane["id"], "price": price["id"], **more})
    return jane, price, await sent_as_planned(desk, create_subscription, plan)


def _at(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


async def test_a_price_that_exists_is_found_by_its_amount(desk, sent_as_planned) -> None:
    """Ours: "49.99/mo" finds the price that says so, and nothing is made beside it."""
    await desk.with_card("Jane Doe")
    price = await desk.price(amount=4999)
    await desk.price(name="Yearly", amount=4999, interval="year")
    await desk.price(name="Euro", amount=4999, currency="eur")
    plan = await desk.run(create_subscription, MONTHLY)
    assert plan.prepares == ()
    assert plan.request.params["items"] == [{"price": price["id"], "quantity": 1}]
    assert plan.says == "Subscribe Jane Doe to Pro at $49.99 / month."
    assert dict(plan.details)["Invoiced at once"] == "$49.99"
    done = await sent_as_planned(desk, create_subscription, plan)
    assert (done.status, done.costs) == ("active", "$49.99 / month")
    assert done.opposite().skill == "cancel_subscription"


async def test_a_price_that_does_not_exist_is_made_first(desk, sent_as_planned) -> None:
    """Ours: the person sees that a price and a product would be made, and for what."""
    await desk.with_card("Jane Doe")
    plan = await desk.run(create_subscription, MONTHLY | {"product": "Gold", "quantity": 3})
    assert [one.path for one in plan.prepares] == ["/v1/prices"]
    assert plan.prepares[0].params == {
        "currency": "usd",
        "unit_amount": 4999,
        "recurring": {"interval": "month", "interval_count": 1},
        "product_data": {"name": "Gold"},
    }
    assert plan.request.params["items"] == [{"price": Prepared(0), "quantity": 3}]
    assert "made first" in dict(plan.details)["Price"]
    assert plan.moves.amount_minor == 14_997
    done = await sent_as_planned(desk, create_subscription, plan)
    assert done.costs == "3 x $49.99 / month"
    # What was made is found the next time.
    again = await desk.run(create_subscription, MONTHLY | {"product": "Gold"})
    assert again.prepares == ()
    assert any("already" in warning for warning in again.warnings)


async def test_a_new_price_joins_the_product_that_is_named(desk) -> None:
    """Ours: a product is not made twice; a like name is told."""
    await desk.with_card("Jane Doe")
    price = await desk.price(name="Enterprise")
    plan = await desk.run(create_subscription, MONTHLY | {"product": "Enterprise"})
    assert plan.prepares[0].params["product"] == price["product"]
    alike = await desk.run(create_subscription, MONTHLY | {"product": "Enterprize"})
    assert alike.prepares[0].params["product_data"] == {"name": "Enterprize"}
    assert any("like name" in warning for warning in alike.warnings)


async def test_two_products_at_the_same_price_are_a_question(desk) -> None:
    """Ours: it never guesses what is sold."""
    await desk.with_card("Jane Doe")
    for name in ("Pro", "Gold"):
        await desk.price(name=name, amount=4999)
    with pytest.raises(Ambiguous) as caught:
        await desk.run(create_subscription, MONTHLY)
    assert len(caught.value.choices) == 2
    assert "to Gold" in (await desk.run(create_subscription, MONTHLY | {"product": "Gold"})).says


async def test_a_product_with_several_prices_is_a_question_until_the_interval_is_said(desk) -> None:
    """Ours: "the Pro plan" has to mean one price."""
    await desk.with_card("Jane Doe")
    price = await desk.price()
    await desk.post(
        "/v1/prices", currency="usd", unit_amount=49_000, recurring={"interval": "year"}, product=price["product"]
    )
    with pytest.raises(Ambiguous) as caught:
        await desk.run(create_subscription, {"customer": "Jane Doe", "product": "Pro"})
    assert caught.value.field == "price"
    yearly = await desk.run(create_subscription, {"customer": "Jane Doe", "product": "Pro", "interval": "year"})
    assert "$490.00 / year" in yearly.says


async def test_a_customer_is_billed_in_one_currency(desk, sent_as_planned) -> None:
    """Stripe: all subscriptions of a customer share a currency."""
    await _subscribed(desk, sent_as_planned)
    with pytest.raises(SkillError) as caught:
        await desk.run(create_subscription, MONTHLY | {"currency": "eur"})
    assert caught.value.code == "currency_differs"


async def test_nobody_to_charge_is_an_error_and_a_trial_or_an_invoice_is_not(desk, sent_as_planned) -> None:
    """Stripe: a subscription whose first charge fails would be left incomplete."""
    await desk.customer("Jane Doe", email="jane@example.com")
    with pytest.raises(SkillError) as caught:
        await desk.run(create_subscription, MONTHLY)
    assert caught.value.code == "no_payment_method"
    trial = await desk.run(create_subscription, MONTHLY | {"trial_days": 14})
    assert any("No payment method" in warning for warning in trial.warnings)
    sent = await desk.run(create_subscription, MONTHLY | {"days_until_due": 30})
    assert sent.request.params["collection_method"] == "send_invoice"
    assert "default_payment_method" not in sent.request.params
    assert (await sent_as_planned(desk, create_subscription, sent)).status == "active"


async def test_a_trial_is_told_by_its_days_or_its_end_and_a_second_one_is_warned_of(desk, sent_as_planned) -> None:
    """Stripe: trial_period_days or trial_end; ours: who has tried before is pointed out."""
    jane, _ = await desk.with_card("Jane Doe")
    plan = await desk.run(create_subscription, MONTHLY | {"trial_days": 14})
    assert plan.request.params["trial_period_days"] == 14
    assert dict(plan.details)["First charge"] == "$49.99 on 2026-12-05; nothing before"
    done = await sent_as_planned(desk, create_subscription, plan)
    assert (done.status, done.trial_end) == ("trialing", "2026-12-05")
    await desk.stripe.send(_delete(done.subscription), idempotency_key="gone")
    again = await desk.run(create_subscription, MONTHLY | {"trial_end": "2026-12-24"})
    assert again.request.params["trial_end"] == _at(2026, 12, 24)
    assert any("trial before" in warning for warning in again.warnings)
    assert again.customer == jane["id"]


def _delete(subscription: str):
    from paydesk.skills.base import StripeRequest

    return StripeRequest("DELETE", f"/v1/subscriptions/{subscription}")


async def test_a_first_charge_to_come_charges_nothing_before(desk, sent_as_planned) -> None:
    """Ours: "starting June 1" is the first charge; Stripe knows that as a trial until then."""
    await desk.with_card("Jane Doe")
    plan = await desk.run(create_subscription, MONTHLY | {"start_date": "2027-06-01"})
    assert plan.request.params["trial_end"] == _at(2027, 6, 1)
    assert "first charged on 2027-06-01" in plan.says
    done = await sent_as_planned(desk, create_subscription, plan)
    assert done.trial_end == "2027-06-01"
    today = await desk.run(create_subscription, MONTHLY | {"start_date": "2026-11-21"})
    assert "trial_end" not in today.request.params


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"trial_days": 7, "start_date": "2027-06-01"}, "two_starts"),
        ({"start_date": "2026-11-20"}, "date_not_ahead"),
        ({"trial_end": "2026-11-21"}, "date_not_ahead"),
        ({"start_date": "2029-06-01"}, "date_too_far"),
        ({"price": "price_1"}, "two_prices"),
    ],
)
async def test_what_contradicts_itself_is_refused(desk, more, code) -> None:
    """Ours: each says when the first charge is, or what is sold; two of them leave it open."""
    await desk.with_card("Jane Doe")
    with pytest.raises(SkillError) as caught:
        await desk.run(create_subscription, MONTHLY | more)
    assert caught.value.code == code


async def test_what_is_billed_by_use_takes_no_quantity(desk) -> None:
    """Stripe: a metered price has no quantity."""
    jane, _ = await desk.with_card("Jane Doe")
    meter = await desk.post(
        "/v1/billing/meters", display_name="Calls", event_name="calls", default_aggregation={"formula": "sum"}
    )
    recurring = {"interval": "month", "usage_type": "metered", "meter": meter["id"]}
    price = await desk.post(
        "/v1/prices", currency="usd", unit_amount=2, recurring=recurring, product_data={"name": "Calls"}
    )
    plan = await desk.run(create_subscription, {"customer": jane["id"], "product": "Calls"})
    assert plan.request.params["items"] == [{"price": price["id"]}]
    assert plan.moves is None
    with pytest.raises(SkillError) as caught:
        await desk.run(create_subscription, {"customer": jane["id"], "product": "Calls", "quantity": 3})
    assert caught.value.code == "metered_price"


async def test_a_declined_first_charge_leaves_no_subscription_behind(desk, sent_as_planned) -> None:
    """Stripe: error_if_incomplete; ours: it begins whole or not at all."""
    jane, _ = await desk.with_card("Jane Doe", card="pm_card_chargeCustomerFail")
    await desk.price(amount=4999)
    plan = await desk.run(create_subscription, MONTHLY)
    with pytest.raises(StripeRefused):
        await sent_as_planned(desk, create_subscription, plan)
    assert (await desk.stripe.page("/v1/subscriptions", {"customer": jane["id"], "status": "all"})).data == []
