"""Invoices with a discount and with tax: planned with the total that Stripe foretells, and made so."""

import pytest

from paydesk.skills.catalogue import catalogue
from paydesk.skills.errors import Ambiguous, NotFound, SkillError
from paydesk.skills.invoice_terms import terms_of
from paydesk.skills.items import Item, lines_of

CREATE = catalogue()["create_invoice"]
WORK = [{"description": "Work", "amount_minor": 10_000}]
BERLIN = {"country": "DE", "postal_code": "10115", "city": "Berlin", "line1": "Unter den Linden 1"}


@pytest.fixture
async def jane(desk):
    """A customer with a card, an address and something else that is pending for her."""
    customer, _ = await desk.with_card("Jane Doe")
    await desk.post(f"/v1/customers/{customer['id']}", address=BERLIN)
    await desk.post("/v1/invoiceitems", customer=customer["id"], amount=77_700, currency="eur")
    return customer


def _asked(**more):
    return {"customer": "Jane Doe", "items": WORK, "currency": "eur", **more}


async def _coupon(desk, code=None, **more):
    coupon = await desk.post("/v1/coupons", **({"percent_off": 25, "duration": "once", "name": "Spring"} | more))
    if code:
        promotion = {"type": "coupon", "coupon": coupon["id"]}
        await desk.post("/v1/promotion_codes", promotion=promotion, **code)
    return coupon


@pytest.mark.parametrize("collect", ["send", "charge", "draft"])
async def test_an_invoice_is_made_with_the_discount_and_tax_that_were_shown(
    desk, jane, sent_as_planned, collect
) -> None:
    """Ours: the total a person approves is what Stripe foretells and then bills; what else is pending stays out."""
    await _coupon(desk, {"code": "SPRING25"})
    rate = await desk.post("/v1/tax_rates", display_name="VAT", percentage=19, inclusive=False, country="DE")
    plan = await desk.run(CREATE, _asked(discount="spring25", tax="VAT 19%", collect=collect))
    details = dict(plan.details)
    assert details["Subtotal"] == "€100.00"
    assert details["Discount"] == "€25.00 off: Spring, 25% off once by the code SPRING25"
    assert details["Tax"] == f"€14.25: VAT 19% on top DE {rate['id']}"
    assert details["Total"] == "€89.25, before the customer's balance"
    assert "for €89.25" in plan.says
    assert (plan.moves.amount_minor if plan.moves else None) == (8925 if collect == "charge" else None)
    made = await sent_as_planned(desk, CREATE, plan)
    assert made.total.text == "€89.25"
    assert made.status == {"send": "open", "charge": "paid", "draft": "draft"}[collect]


async def test_automatic_tax_is_by_the_place_of_the_customer(desk, jane, sent_as_planned) -> None:
    """Stripe: automatic tax needs an address. Ours: who has none is told so before anything is made."""
    plan = await desk.run(CREATE, _asked(tax="automatic"))
    foretold = plan.relies_on["total"]
    made = await sent_as_planned(desk, CREATE, plan)
    assert made.total.amount_minor == foretold
    assert plan.prepares[0].params["automatic_tax"] == {"enabled": True}
    bob = await desk.customer("Bob", email="bob@example.com")
    with pytest.raises(SkillError) as wrong:
        await desk.run(CREATE, _asked(customer=bob["id"], tax="automatic"))
    assert (wrong.value.code, wrong.value.field) == ("no_address", "tax")


async def test_a_code_with_a_least_amount_is_redeemed_once_the_lines_are_there(desk, jane, sent_as_planned) -> None:
    """Stripe: a promotion code may ask for a minimum amount, which an empty draft has not."""
    limits = {"minimum_amount": 5000, "minimum_amount_currency": "eur"}
    await _coupon(desk, {"code": "BIG", "restrictions": limits})
    plan = await desk.run(CREATE, _asked(discount="BIG"))
    assert (await sent_as_planned(desk, CREATE, plan)).total.text == "€75.00"


async def test_a_coupon_is_found_by_id_or_name_and_may_take_off_everything(desk, jane, sent_as_planned) -> None:
    """Ours: a coupon needs no code. Stripe: an invoice of nothing is paid as it is finalized."""
    coupon = await _coupon(desk, name="On the house", percent_off=100)
    for text in (coupon["id"], "on the house"):
        plan = await desk.run(CREATE, _asked(discount=text))
        assert dict(plan.details)["Total"] == "€0.00, before tax and the customer's balance"
    made = await sent_as_planned(desk, CREATE, plan)
    assert (made.total.text, made.status) == ("€0.00", "paid")


async def test_what_the_customer_is_taken_off_anyway_is_in_the_foretold_total(desk, jane) -> None:
    """Stripe: an invoice inherits its customer's discount unless it is given others."""
    coupon = await _coupon(desk, duration="forever")
    await desk.post("/v1/tax_rates", display_name="VAT", percentage=19, inclusive=True)
    customer = await desk.stripe.get(f"/v1/customers/{jane['id']}")
    customer["discount"] = {"source": {"coupon": coupon["id"], "type": "coupon"}}
    bill = await lines_of(desk.stripe, [Item(**WORK[0])], "eur")
    terms = await terms_of(desk.stripe, customer, bill, discount=None, tax="19%")
    assert terms.total_minor == 7500
    assert ("Discount", "€25.00 off") in terms.told


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"discount": "NOPE"}, "coupon_not_found"),
        ({"discount": "Five"}, "currency_differs"),
        ({"discount": "OTHERS"}, "code_of_another_customer"),
        ({"discount": "promo_nothing"}, None),
        ({"discount": "Gone"}, "coupon_expired"),
        ({"tax": "VAT"}, "tax_rate_ambiguous"),
        ({"tax": "GST"}, "tax_rate_not_found"),
        ({"tax": "txr_../x"}, "invalid_id"),
    ],
)
async def test_a_discount_or_tax_that_cannot_be_used_is_said_before_anything_is_made(
    desk, jane, arguments, code
) -> None:
    """Ours: the error names the field and what there is; nothing is half made."""
    await _coupon(desk, name="Five", percent_off=None, amount_off=500, currency="usd")
    bob = await desk.customer("Bob")
    await _coupon(desk, {"code": "OTHERS", "customer": bob["id"]}, name="Bob's")
    gone = await _coupon(desk, name="Gone", max_redemptions=1)
    await desk.post("/v1/subscriptions", **await _once(desk, bob, gone))
    for percent in (7, 19):
        await desk.post("/v1/tax_rates", display_name="VAT", percentage=percent, inclusive=True)
    with pytest.raises((SkillError, NotFound, Ambiguous)) as wrong:
        await desk.run(CREATE, _asked(**arguments))
    assert wrong.value.code == (code or wrong.value.code)
    assert wrong.value.field in ("discount", "tax", "promotion_code")


async def _once(desk, who, coupon):
    """What redeems a coupon."""
    card = await desk.post("/v1/payment_methods/pm_card_visa/attach", customer=who["id"])
    price = await desk.price()
    return {
        "customer": who["id"],
        "items": [{"price": price["id"]}],
        "discounts": [{"coupon": coupon["id"]}],
        "default_payment_method": card["id"],
    }
