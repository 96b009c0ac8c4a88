"""Previews: exactly what the real change would bill, and nothing stored for it."""

from typing import Any

import pytest

DAY_S = 86_400
MONEY = ("subtotal", "total", "amount_due", "starting_balance", "ending_balance", "total_excluding_tax")
LINE = ("amount", "description", "quantity", "period", "discount_amounts", "taxes", "pricing")


def _preview(talk: Any, **sent: Any) -> dict[str, Any]:
    return talk.post("/v1/invoices/create_preview", **sent)


def _alike(preview: dict[str, Any], invoice: dict[str, Any]) -> None:
    assert [preview[name] for name in MONEY] == [invoice[name] for name in MONEY]
    for before, after in zip(preview["lines"]["data"], invoice["lines"]["data"], strict=True):
        for name in LINE:
            if name == "discount_amounts":
                assert [one["amount"] for one in before[name]] == [one["amount"] for one in after[name]]
            elif name == "pricing" and before[name]["price_details"]["price"] != after[name]["price_details"]["price"]:
                assert before[name]["unit_amount_decimal"] == after[name]["unit_amount_decimal"]
            else:
                assert before[name] == after[name]


def _running(talk: Any, subs: Any, **more: Any) -> tuple[str, dict[str, Any], str]:
    customer, price = subs.customer(talk), subs.price(talk, 1_000)
    made = subs.subscribe(talk, customer, price, **more)
    talk.clock.pass_s(10 * DAY_S)
    return customer, made, subs.price(talk, 4_400)


def _stored(talk: Any) -> list[Any]:
    listed = ("invoices", "invoiceitems", "events", "subscriptions", "prices", "coupons", "customers")
    return [talk.get(f"/v1/{one}", limit=100)["data"] for one in listed]


@pytest.mark.parametrize("behavior", ["always_invoice", "create_prorations", "none"])
@pytest.mark.parametrize("with_discount", [False, True])
def test_a_change_bills_what_its_preview_said(talk: Any, subs: Any, behavior: str, with_discount: bool) -> None:
    """Stripe: the preview of a change is the invoice that the same change makes, to the cent."""
    coupon = talk.post("/v1/coupons", percent_off=15, duration="forever")["id"]
    rate = talk.post("/v1/tax_rates", display_name="VAT", percentage="19", inclusive=False)["id"]
    more = {"discounts": [{"coupon": coupon}], "default_tax_rates": [rate]} if with_discount else {}
    _, made, other = _running(talk, subs, **more)
    items = [{"id": made["items"]["data"][0]["id"], "price": other, "quantity": 3}]
    details = {"items": items, "proration_behavior": behavior}
    before = _stored(talk)
    preview = _preview(talk, subscription=made["id"], subscription_details=details)
    assert _stored(talk) == before
    talk.post(f"/v1/subscriptions/{made['id']}", **details)
    if behavior != "always_invoice":
        talk.clock.pass_s(22 * DAY_S)
    _alike(preview, subs.look(talk, made)["latest_invoice"])
    assert (preview["billing_reason"], preview["status"], preview["number"]) == ("upcoming", "draft", None)


def test_a_renewal_bills_what_its_preview_said(talk: Any, subs: Any) -> None:
    """Stripe: without a change the preview is the next renewal, with what is pending and the customer's credit."""
    customer, made, _ = _running(talk, subs)
    talk.post("/v1/invoiceitems", customer=customer, amount=333, currency="usd", description="Extra")
    talk.post(f"/v1/customers/{customer}/balance_transactions", amount=-500, currency="usd")
    preview = _preview(talk, subscription=made["id"])
    assert preview["lines"]["total_count"] == 2
    assert preview["created"] == made["items"]["data"][0]["current_period_end"]
    talk.clock.pass_s(20 * DAY_S + 3 * 3_600)
    _alike(preview, subs.look(talk, made)["latest_invoice"])


def test_a_cancellation_now_bills_what_its_preview_said(talk: Any, subs: Any) -> None:
    """Stripe: `cancel_now` credits the rest of the period."""
    _, made, _ = _running(talk, subs)
    preview = _preview(talk, subscription=made["id"], subscription_details={"cancel_now": True})
    assert preview["total"] < 0
    talk.delete(f"/v1/subscriptions/{made['id']}", invoice_now=True, prorate=True)
    invoice = subs.look(talk, made)["latest_invoice"]
    assert (invoice["total"], invoice["lines"]["data"][0]["amount"]) == (preview["total"], preview["total"])


def test_a_new_subscription_bills_what_its_preview_said(talk: Any, subs: Any) -> None:
    """Stripe: a preview for a customer and items is the first invoice; also for someone who is no customer yet."""
    customer, price = subs.customer(talk), subs.price(talk, 2_500)
    items = [{"price": price, "quantity": 2}]
    preview = _preview(talk, customer=customer, subscription_details={"items": items})
    stranger = _preview(talk, customer_details={"tax_exempt": "exempt"}, subscription_details={"items": items})
    assert stranger["total"] == preview["total"] == 5_000
    made = talk.post("/v1/subscriptions", customer=customer, items=items)
    invoice = subs.look(talk, made)["latest_invoice"]
    assert (preview["total"], len(preview["lines"]["data"])) == (invoice["total"], 1)


def test_a_preview_takes_items_and_discounts_that_nobody_stored(talk: Any, subs: Any) -> None:
    """Stripe: `invoice_items` and `discounts` are of the preview only."""
    customer = subs.customer(talk)
    coupon = talk.post("/v1/coupons", amount_off=300, currency="usd")["id"]
    waiting = talk.post("/v1/invoiceitems", customer=customer, amount=100, currency="usd")["id"]
    items = [
        {"amount": 1_000, "currency": "usd", "description": "One"},
        {"unit_amount": 50, "quantity": 4, "currency": "usd"},
        {"invoiceitem": waiting, "amount": 200},
    ]
    preview = _preview(talk, customer=customer, invoice_items=items, discounts=[{"coupon": coupon}])
    assert (preview["subtotal"], preview["total"]) == (1_400, 1_100)
    assert talk.get(f"/v1/invoiceitems/{waiting}")["amount"] == 100
    assert talk.get(f"/v1/coupons/{coupon}")["times_redeemed"] == 0


def test_recurring_mode_leaves_out_what_comes_once(talk: Any, subs: Any) -> None:
    """Stripe's OpenAPI: `preview_mode=recurring` only has what renews."""
    customer, made, _ = _running(talk, subs)
    talk.post("/v1/invoiceitems", customer=customer, amount=333, currency="usd")
    assert _preview(talk, subscription=made["id"], preview_mode="recurring")["total"] == 1_000


def test_there_is_nothing_to_preview(talk: Any, subs: Any) -> None:
    """Stripe: 404 `invoice_upcoming_none` for a customer who owes nothing."""
    customer = subs.customer(talk)
    error = talk.refused("POST", "/v1/invoices/create_preview", 404, customer=customer)
    assert (error["code"], error["message"]) == (
        "invoice_upcoming_none",
        f"No upcoming invoices for customer: {customer}",
    )
    assert talk.refused("POST", "/v1/invoices/create_preview")["param"] == "customer"
    _, made, _ = _running(talk, subs)
    talk.delete(f"/v1/subscriptions/{made['id']}")
    assert talk.refused("POST", "/v1/invoices/create_preview", subscription=made["id"])["param"] == "subscription"


def test_a_wrong_change_is_refused_as_the_change_itself(talk: Any, subs: Any) -> None:
    """Ours: the preview asks the same code, so it says the same words."""
    _, made, _ = _running(talk, subs)
    details = {"items": [{"price": "price_none"}]}
    error = talk.refused("POST", "/v1/invoices/create_preview", subscription=made["id"], subscription_details=details)
    assert error["message"] == "No such price: 'price_none'"


def test_a_schedule_is_previewed_by_its_subscription(talk: Any, subs: Any) -> None:
    """Stripe: `schedule` instead of the subscription that it keeps."""
    _, made, _ = _running(talk, subs)
    schedule = talk.post("/v1/subscription_schedules", from_subscription=made["id"])["id"]
    assert _preview(talk, schedule=schedule)["total"] == _preview(talk, subscription=made["id"])["total"] == 1_000
    both = {"schedule": schedule, "subscription": made["id"]}
    assert talk.refused("POST", "/v1/invoices/create_preview", **both)["param"] == "schedule"
