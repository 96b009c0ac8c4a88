"""Discounts: who may redeem what, what it takes off, when it ends."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DAY_S = 86_400


def _coupon(talk: Any, **sent: Any) -> str:
    return str(talk.post("/v1/coupons", **({"percent_off": 25} if "amount_off" not in sent else {}), **sent)["id"])


def _bill(talk: Any, customer: str, *amounts: int, **more: Any) -> dict[str, Any]:
    for amount in amounts:
        talk.post("/v1/invoiceitems", customer=customer, amount=amount, currency="usd", description=f"Work {amount}")
    return talk.post("/v1/invoices", customer=customer, pending_invoice_items_behavior="include", **more)


def _offs(invoice: dict[str, Any]) -> list[int]:
    lines = reversed(invoice["lines"]["data"])
    return [sum(one["amount"] for one in line["discount_amounts"]) for line in lines]


def test_an_amount_off_is_split_over_the_lines(talk: Any, subs: Any) -> None:
    """Stripe: in proportion, each share floored, the rest to the last line."""
    coupon = _coupon(talk, amount_off=100, currency="usd")
    invoice = _bill(talk, subs.customer(talk), 333, 333, 334, discounts=[{"coupon": coupon}])
    assert sorted(_offs(invoice)) == [33, 33, 34]
    assert (invoice["subtotal"], invoice["total"], invoice["amount_due"]) == (1_000, 900, 900)
    assert invoice["total_discount_amounts"] == [{"amount": 100, "discount": invoice["discounts"][0]}]


def test_more_off_than_there_is_leaves_nothing_to_pay(talk: Any, subs: Any) -> None:
    """Stripe: a coupon takes off at most the subtotal; the rest of it is lost."""
    coupon = _coupon(talk, amount_off=5_000, currency="usd")
    invoice = _bill(talk, subs.customer(talk), 700, discounts=[{"coupon": coupon}])
    assert (invoice["total"], invoice["total_discount_amounts"][0]["amount"]) == (0, 700)
    assert talk.post(f"/v1/invoices/{invoice['id']}/finalize")["status"] == "paid"


def test_an_items_own_discount_goes_before_the_invoices(talk: Any, subs: Any) -> None:
    """Stripe's OpenAPI: "Line item discounts are applied before invoice discounts"; the subtotal has them in it."""
    customer = subs.customer(talk)
    half, tenth = (talk.post("/v1/coupons", percent_off=percent)["id"] for percent in (50, 10))
    talk.post("/v1/invoiceitems", customer=customer, amount=1_000, currency="usd", discounts=[{"coupon": half}])
    invoice = _bill(talk, customer, discounts=[{"coupon": tenth}])
    assert (invoice["subtotal"], invoice["total"]) == (500, 450)
    assert [one["amount"] for one in invoice["total_discount_amounts"]] == [500, 50]


def test_a_coupon_for_some_products_leaves_the_others_alone(talk: Any, subs: Any) -> None:
    """Stripe: `applies_to.products`."""
    product = talk.post("/v1/products", name="Tea")["id"]
    price = talk.post("/v1/prices", product=product, currency="usd", unit_amount=400)["id"]
    coupon = _coupon(talk, applies_to={"products": [product]})
    customer = subs.customer(talk)
    talk.post("/v1/invoiceitems", customer=customer, pricing={"price": price})
    invoice = _bill(talk, customer, 1_000, discounts=[{"coupon": coupon}])
    assert invoice["total"] == 1_300
    assert talk.get(f"/v1/coupons/{coupon}", expand=["applies_to"])["applies_to"] == {"products": [product]}


def test_a_coupon_takes_off_in_the_invoices_currency(talk: Any, subs: Any) -> None:
    """Stripe: `currency_options`; a currency that it lacks is refused."""
    coupon = _coupon(talk, amount_off=100, currency="usd", currency_options={"eur": {"amount_off": 80}})
    euros = talk.post("/v1/customers")["id"]
    talk.post("/v1/invoiceitems", customer=euros, amount=1_000, currency="eur")
    invoice = talk.post(
        "/v1/invoices",
        customer=euros,
        currency="eur",
        pending_invoice_items_behavior="include",
        discounts=[{"coupon": coupon}],
    )
    assert invoice["total"] == 920
    yens = {"customer": talk.post("/v1/customers")["id"], "currency": "jpy", "discounts": [{"coupon": coupon}]}
    assert talk.refused("POST", "/v1/invoices", **yens)["param"] == "discounts[0][coupon]"


def test_credits_are_not_discounted(talk: Any, subs: Any) -> None:
    """Stripe's OpenAPI: `discountable` is false by default for negative items."""
    invoice = _bill(talk, subs.customer(talk), 1_000, -200, discounts=[{"coupon": _coupon(talk)}])
    assert (invoice["subtotal"], invoice["total"]) == (800, 550)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    amounts=st.lists(st.integers(-5_000, 90_000), min_size=1, max_size=6),
    offs=st.lists(st.one_of(st.integers(1, 200_000), st.sampled_from(["12.5", "33.33", "100", "0.01"])), max_size=3),
    rates=st.lists(st.tuples(st.sampled_from(["8.875", "20", "5", "0"]), st.booleans()), max_size=2),
)
def test_an_invoice_comes_to_its_lines_less_discounts_with_taxes(
    talk: Any, amounts: list[int], offs: list[Any], rates: list[tuple[str, bool]]
) -> None:
    """Stripe: to the cent, whatever is combined; no line that costs something is discounted below nothing."""
    asked = [{"percent_off": one} if isinstance(one, str) else {"amount_off": one, "currency": "usd"} for one in offs]
    coupons = [{"coupon": talk.post("/v1/coupons", **one)["id"]} for one in asked]
    taxes = [
        talk.post("/v1/tax_rates", display_name="T", percentage=share, inclusive=inclusive)["id"]
        for share, inclusive in rates
    ]
    customer = talk.post("/v1/customers")["id"]
    invoice = _bill(talk, customer, *amounts, discounts=coupons or "", default_tax_rates=taxes)
    lines = invoice["lines"]["data"]
    off = sum(one["amount"] for one in invoice["total_discount_amounts"])
    on_top = sum(one["amount"] for one in invoice["total_taxes"] if one["tax_behavior"] == "exclusive")
    inside = sum(one["amount"] for one in invoice["total_taxes"] if one["tax_behavior"] == "inclusive")
    assert invoice["subtotal"] == sum(amounts)
    assert invoice["total"] == sum(amounts) - off + on_top
    assert invoice["total_excluding_tax"] == invoice["total"] - on_top - inside
    for line in lines:
        taken = sum(one["amount"] for one in line["discount_amounts"])
        assert 0 <= taken <= max(0, line["amount"])
    assert off == sum(one["amount"] for line in lines for one in line["discount_amounts"])


def test_a_discount_for_once_has_one_invoice(talk: Any, subs: Any) -> None:
    """Stripe: `duration=once`, and an event when it is over."""
    customer, price = subs.customer(talk), subs.price(talk, 1_000)
    made = subs.subscribe(talk, customer, price, discounts=[{"coupon": _coupon(talk, duration="once")}])
    assert subs.look(talk, made)["latest_invoice"]["amount_paid"] == 750
    assert subs.look(talk, made)["discounts"] == []
    assert subs.types(talk, of="customer.discount") == ["customer.discount.created", "customer.discount.deleted"]
    talk.clock.pass_s(32 * DAY_S)
    assert subs.look(talk, made)["latest_invoice"]["total"] == 1_000


def test_a_discount_for_once_waits_for_the_end_of_a_trial(talk: Any, subs: Any) -> None:
    """Stripe: the invoice of a trial costs nothing, so it uses nothing up."""
    customer, price = subs.customer(talk), subs.price(talk, 1_000)
    coupon = _coupon(talk, duration="once")
    made = subs.subscribe(talk, customer, price, discounts=[{"coupon": coupon}], trial_period_days=3)
    assert len(subs.look(talk, made)["discounts"]) == 1
    talk.clock.pass_s(4 * DAY_S)
    assert subs.look(talk, made)["latest_invoice"]["total"] == 750


def test_a_repeating_discount_ends_after_its_months(talk: Any, subs: Any) -> None:
    """Stripe: two months of two are cheaper, the third is not; `end` says when."""
    customer, price = subs.customer(talk), subs.price(talk, 1_000)
    coupon = _coupon(talk, duration="repeating", duration_in_months=2)
    made = subs.subscribe(talk, customer, price, discounts=[{"coupon": coupon}])
    totals = [subs.look(talk, made)["latest_invoice"]["total"]]
    for _ in range(2):
        talk.clock.pass_s(31 * DAY_S)
        totals.append(subs.look(talk, made)["latest_invoice"]["total"])
    assert totals == [750, 750, 1_000]
    assert subs.look(talk, made)["discounts"] == []


def test_a_discount_for_ever_goes_on_when_its_coupon_is_deleted(talk: Any, subs: Any) -> None:
    """Stripe: deleting a coupon does not affect who has redeemed it; nobody else may."""
    customer, price = subs.customer(talk), subs.price(talk, 1_000)
    coupon = _coupon(talk, duration="forever")
    made = subs.subscribe(talk, customer, price, discounts=[{"coupon": coupon}])
    talk.delete(f"/v1/coupons/{coupon}")
    talk.clock.pass_s(32 * DAY_S)
    assert subs.look(talk, made)["latest_invoice"]["total"] == 750
    sent = {"customer": customer, "items": [{"price": price}], "discounts": [{"coupon": coupon}]}
    assert talk.refused("POST", "/v1/subscriptions", **sent)["message"] == f"No such coupon: '{coupon}'"


def test_an_item_of_a_subscription_has_discounts_of_its_own(talk: Any, subs: Any) -> None:
    """Stripe: only its own line is cheaper."""
    customer, price, other = subs.customer(talk), subs.price(talk, 1_000), subs.price(talk, 2_000)
    coupon = _coupon(talk, duration="forever")
    items = [{"price": price, "discounts": [{"coupon": coupon}]}, {"price": other}]
    made = talk.post("/v1/subscriptions", customer=customer, items=items)
    invoice = subs.look(talk, made)["latest_invoice"]
    assert invoice["total"] == 2_750
    assert [len(line["discounts"]) for line in invoice["lines"]["data"]] == [1, 0]


def test_a_subscriptions_discount_can_be_taken_away(talk: Any, subs: Any) -> None:
    """Stripe: the answer is the stub of the discount; a second time there is none."""
    customer, price = subs.customer(talk), subs.price(talk, 1_000)
    made = subs.subscribe(talk, customer, price, discounts=[{"coupon": _coupon(talk, duration="forever")}])
    stub = talk.delete(f"/v1/subscriptions/{made['id']}/discount")
    assert (stub["deleted"], stub["subscription"]) == (True, made["id"])
    again = talk.ask("DELETE", f"/v1/subscriptions/{made['id']}/discount")
    assert (again.status, again.error["message"]) == (404, f"No active discount for subscription: {made['id']}")


def test_half_a_period_is_credited_at_what_it_really_cost(talk: Any, subs: Any) -> None:
    """Stripe: "a later credit is what was really billed"; there and back comes to nothing."""
    customer, price, other = subs.customer(talk), subs.price(talk, 1_000), subs.price(talk, 3_000)
    made = subs.subscribe(talk, customer, price, discounts=[{"coupon": _coupon(talk, duration="forever")}])
    item = made["items"]["data"][0]["id"]
    talk.clock.pass_s(15 * DAY_S)
    for wanted in (other, price):
        talk.post(f"/v1/subscriptions/{made['id']}", items=[{"id": item, "price": wanted}])
    amounts = [one["amount"] for one in talk.get("/v1/invoiceitems", customer=customer)["data"]]
    assert sum(amounts) in (0, -1, -2)
    assert max(map(abs, amounts)) == 1_125
    assert 375 in amounts


@pytest.mark.parametrize("limit", ["coupon", "promotion_code"])
def test_what_is_used_up_is_refused(talk: Any, subs: Any, limit: str) -> None:
    """Stripe: `max_redemptions` of a coupon and of a promotion code."""
    coupon = _coupon(talk, **({"max_redemptions": 1} if limit == "coupon" else {}))
    sent = {"promotion": {"type": "coupon", "coupon": coupon}, "code": "SPRING"}
    code = talk.post("/v1/promotion_codes", **sent, **({"max_redemptions": 1} if limit != "coupon" else {}))["id"]
    given = {"coupon": coupon} if limit == "coupon" else {"promotion_code": code}
    customer = subs.customer(talk)
    talk.post("/v1/invoices", customer=customer, discounts=[given])
    assert talk.get(f"/v1/promotion_codes/{code}")["active"] is False
    assert (
        talk.refused("POST", "/v1/invoices", customer=customer, discounts=[given])["param"] == f"discounts[0][{limit}]"
    )


def test_a_promotion_code_keeps_its_restrictions(talk: Any, subs: Any) -> None:
    """Stripe: the customer, the first transaction, the minimum amount."""
    customer, price = subs.customer(talk), subs.price(talk, 1_000)
    promotion = {"type": "coupon", "coupon": _coupon(talk, duration="forever")}
    for restricted, words in (
        ({"customer": subs.customer(talk)}, "by this customer"),
        ({"restrictions": {"minimum_amount": 1_001, "minimum_amount_currency": "usd"}}, "$10.01"),
        ({"restrictions": {"first_time_transaction": True}}, "prior transactions"),
    ):
        code = talk.post("/v1/promotion_codes", promotion=promotion, **restricted)["id"]
        if "first_time_transaction" in restricted.get("restrictions", {}):
            subs.subscribe(talk, customer, price)
        sent = {"customer": customer, "items": [{"price": price}], "discounts": [{"promotion_code": code}]}
        assert words in talk.refused("POST", "/v1/subscriptions", **sent)["message"]


def test_a_code_expires_by_the_clock(talk: Any) -> None:
    """Stripe: a code is inactive from `expires_at` on, and its letters are free again."""
    promotion = {"type": "coupon", "coupon": _coupon(talk)}
    code = talk.post("/v1/promotion_codes", promotion=promotion, code="MAY", expires_at=talk.clock.now + 60)
    assert [one["id"] for one in talk.get("/v1/promotion_codes", code="may")["data"]] == [code["id"]]
    assert "already exists" in talk.refused("POST", "/v1/promotion_codes", promotion=promotion, code="may")["message"]
    talk.clock.pass_s(60)
    assert talk.get(f"/v1/promotion_codes/{code['id']}")["active"] is False
    talk.post("/v1/promotion_codes", promotion=promotion, code="may")


def test_a_coupon_that_can_no_longer_be_redeemed_is_not_valid(talk: Any) -> None:
    """Stripe: `redeem_by` has come."""
    coupon = _coupon(talk, redeem_by=talk.clock.now + 60)
    talk.clock.pass_s(60)
    assert talk.get(f"/v1/coupons/{coupon}")["valid"] is False
    sent = {"customer": talk.post("/v1/customers")["id"], "discounts": [{"coupon": coupon}]}
    assert talk.refused("POST", "/v1/invoices", **sent)["code"] == "coupon_expired"
