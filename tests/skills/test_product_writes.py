"""Products, prices, coupons and codes: planned, shown, and made as they were shown."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from paydesk.server.errors import Ambiguous, NotFound, SkillError
from paydesk.skills.products.create_coupon import create_coupon
from paydesk.skills.products.create_price import create_price
from paydesk.skills.products.create_product import create_product
from paydesk.skills.products.create_promotion_code import create_promotion_code
from paydesk.skills.products.list_coupons import list_coupons
from paydesk.skills.products.update_product import update_product

Send = Callable[..., Awaitable[Any]]


async def test_a_product_comes_with_its_price(desk: Any, sent_as_planned: Send) -> None:
    """Stripe: default_price_data makes both in one request."""
    arguments = {"name": "Studio Pass", "amount_minor": 4900, "currency": "usd", "interval": "month"}
    plan = await desk.run(create_product, arguments)
    assert plan.says == "Create the product Studio Pass at $49.00 / month."
    made = await sent_as_planned(desk, create_product, plan)
    price = await desk.stripe.get(f"/v1/prices/{made.default_price}")
    assert (price["unit_amount"], price["recurring"]["interval"], price["product"]) == (4900, "month", made.product)
    again = await desk.run(create_product, arguments)
    assert again.warnings and made.product in again.warnings[0]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"name": "X", "amount_minor": 5}, "price_incomplete"),
        ({"name": "X", "currency": "usd"}, "price_incomplete"),
        ({"name": "X", "amount_minor": 1001, "currency": "kwd"}, "finer_than_stripe"),
        ({"name": "X", "amount_minor": 5, "currency": "usd", "interval_count": 3}, "interval_missing"),
        ({"name": "\u200b"}, "name_missing"),
    ],
)
async def test_half_a_product_is_refused(desk: Any, arguments: dict[str, Any], code: str) -> None:
    """Ours: what is missing is named, and nothing is proposed."""
    with pytest.raises(SkillError) as caught:
        await desk.run(create_product, arguments)
    assert caught.value.code == code


async def test_archiving_a_product_tells_of_subscriptions_and_can_be_taken_back(
    desk: Any, sent_as_planned: Send
) -> None:
    """Stripe: archiving hides a product and ends nothing."""
    price = await desk.post(
        "/v1/prices", currency="usd", unit_amount=900, recurring={"interval": "month"}, product_data={"name": "Pro"}
    )
    jane = await desk.customer("Jane Doe")
    card = await desk.post("/v1/payment_methods/pm_card_visa/attach", customer=jane["id"])
    items = [{"price": price["id"]}]
    await desk.post("/v1/subscriptions", customer=jane["id"], items=items, default_payment_method=card["id"])
    plan = await desk.run(update_product, {"product": "Pro", "status": "archived"})
    assert plan.warnings == ("1 subscriptions go on billing it: archiving ends none.",)
    done = await sent_as_planned(desk, update_product, plan)
    assert done.status == "archived"
    assert plan.opposite is not None
    back = await sent_as_planned(desk, update_product, await desk.run(update_product, plan.opposite.arguments))
    assert back.status == "active"
    with pytest.raises(SkillError) as caught:
        await desk.run(update_product, {"product": "Pro", "status": "active"})
    assert caught.value.code == "nothing_to_change"


async def test_two_products_of_one_name_are_a_question(desk: Any) -> None:
    """Ours: never the newest by itself."""
    for _ in range(2):
        await desk.post("/v1/products", name="Pro")
    for skill, more in (
        (update_product, {"status": "archived"}),
        (create_price, {"currency": "usd", "amount_minor": 5}),
    ):
        with pytest.raises(Ambiguous):
            await desk.run(skill, {"product": "Pro", **more})


async def test_tiers_and_usage_are_priced_as_said(desk: Any, sent_as_planned: Send) -> None:
    """Stripe: metered prices need a meter; the last tier has no end."""
    await desk.post("/v1/products", name="Messages")
    await desk.post(
        "/v1/billing/meters", display_name="Sent", event_name="messages_sent", default_aggregation={"formula": "sum"}
    )
    asked = {
        "product": "Messages",
        "currency": "usd",
        "interval": "month",
        "meter": "messages_sent",
        "tiers": [{"up_to": 1000, "amount_minor": 2}, {"amount_minor": 1}],
        "tiers_mode": "graduated",
    }
    plan = await desk.run(create_price, asked)
    assert plan.details == (("Units 1 to 1,000", "$0.02 each"), ("Units from 1,001", "$0.01 each"))
    made = await sent_as_planned(desk, create_price, plan)
    price = await desk.stripe.get(f"/v1/prices/{made.price.id}", {"expand": ["tiers"]})
    assert [tier["up_to"] for tier in price["tiers"]] == [1000, None]
    assert price["recurring"]["usage_type"] == "metered"
    with pytest.raises(NotFound) as caught:
        await desk.run(create_price, {**asked, "meter": "minutes"})
    assert "messages_sent" in caught.value.choices[0]
    for tiers in ([{"up_to": 5, "amount_minor": 1}], [{"amount_minor": 1}, {"up_to": 5, "amount_minor": 1}]):
        with pytest.raises(SkillError):
            await desk.run(create_price, {**asked, "tiers": tiers})


async def test_a_coupon_gets_a_code_that_customers_type(desk: Any, sent_as_planned: Send) -> None:
    """Stripe: a promotion code points at a coupon and may be limited further."""
    coupon = await sent_as_planned(
        desk, create_coupon, await desk.run(create_coupon, {"name": "Spring", "percent": "12.5"})
    )
    assert coupon.coupon.terms == "12.5% off once"
    plan = await desk.run(create_promotion_code, {"coupon": "spring", "code": "SPRING25"})
    assert plan.warnings == ("Anybody who knows it can use it.",)
    await sent_as_planned(desk, create_promotion_code, plan)
    (row,) = (await desk.run(list_coupons)).coupons
    assert (row.name, row.terms, row.codes) == ("Spring", "12.5% off once", ["SPRING25"])
    with pytest.raises(SkillError) as caught:
        await desk.run(create_promotion_code, {"coupon": "Spring", "code": "SPRING25"})
    assert caught.value.code == "code_taken"


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": "X"},
        {"name": "X", "percent": "101"},
        {"name": "X", "percent": "0"},
        {"name": "X", "percent": "5", "amount_minor": 5},
        {"name": "X", "amount_minor": 5},
        {"name": "X", "percent": "5", "duration": "repeating"},
        {"name": "X", "percent": "5", "months": 3},
    ],
)
async def test_a_coupon_that_makes_no_sense_is_refused(desk: Any, arguments: dict[str, Any]) -> None:
    """Ours: just one discount, within its bounds, and months only where it repeats."""
    with pytest.raises(SkillError):
        await desk.run(create_coupon, arguments)
