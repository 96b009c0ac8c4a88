"""Subscriptions: how they change and end, how they are listed, and what is refused; every amount to the minor unit."""

from typing import Any

import pytest

DAY_S = 86_400
HOUR_S = 3_600


def test_a_canceled_subscription_is_over_at_once(subs: Any, talk: Any) -> None:
    """Stripe: canceled and ended now, listed only when asked for, not to be canceled or changed again."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk))
    at = f"/v1/subscriptions/{made['id']}"
    over = talk.delete(at, cancellation_details={"comment": "too dear", "feedback": "too_expensive"})
    assert (over["status"], over["canceled_at"], over["ended_at"]) == ("canceled", talk.clock.now, talk.clock.now)
    assert over["cancellation_details"] == {
        "comment": "too dear",
        "feedback": "too_expensive",
        "reason": "cancellation_requested",
    }
    assert talk.get("/v1/subscriptions")["data"] == []
    for status in ("all", "canceled", "ended"):
        assert [one["id"] for one in talk.get("/v1/subscriptions", status=status)["data"]] == [made["id"]]
    assert talk.refused("DELETE", at, 404)["code"] == "resource_missing"
    assert "canceled subscription" in talk.refused("POST", at, cancel_at_period_end=True)["message"]
    assert talk.post(at, metadata={"a": "b"})["metadata"] == {"a": "b"}
    talk.clock.pass_s(60 * DAY_S)
    assert len(talk.get("/v1/invoices", subscription=made["id"])["data"]) == 1


def test_an_end_with_the_period_can_be_taken_back(subs: Any, talk: Any) -> None:
    """Stripe: `cancel_at_period_end` sets when; unset, the subscription renews; set, it ends without an invoice."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk))
    at = f"/v1/subscriptions/{made['id']}"
    end = made["items"]["data"][0]["current_period_end"]
    ending = talk.post(at, cancel_at_period_end=True)
    assert (ending["status"], ending["cancel_at"], ending["canceled_at"]) == ("active", end, talk.clock.now)
    stays = talk.post(at, cancel_at_period_end=False)
    assert (stays["cancel_at"], stays["canceled_at"], stays["cancellation_details"]["reason"]) == (None, None, None)
    talk.post(at, cancel_at_period_end=True)
    talk.clock.now = end
    over = subs.look(talk, made)
    assert (over["status"], over["ended_at"]) == ("canceled", end)
    assert over["canceled_at"] == made["created"]
    assert len(talk.get("/v1/invoices", subscription=made["id"])["data"]) == 1


def test_half_a_period_is_credited_and_charged_exactly(subs: Any, talk: Any) -> None:
    """Stripe: the credit of the old price and the charge of the new one, each rounded down on its own."""
    price, dearer = subs.price(talk, 1_001), subs.price(talk, 2_003)
    made = subs.subscribe(talk, subs.customer(talk), price)
    item = made["items"]["data"][0]
    half = (item["current_period_end"] - item["current_period_start"]) // 2
    talk.clock.pass_s(half)
    changed = {"items": [{"id": item["id"], "price": dearer}], "proration_behavior": "always_invoice"}
    after = talk.post(f"/v1/subscriptions/{made['id']}", **changed, expand=["latest_invoice"])
    invoice = after["latest_invoice"]
    # -500.5 goes down to -501, 1001.5 down to 1001.
    assert [line["amount"] for line in invoice["lines"]["data"]] == [-501, 1_001]
    assert (invoice["billing_reason"], invoice["amount_paid"], after["plan"]["id"]) == (
        "subscription_update",
        500,
        dearer,
    )


def test_prorations_wait_for_the_next_invoice_unless_it_is_wished(subs: Any, talk: Any) -> None:
    """Stripe: `create_prorations` leaves pending items, which the renewal takes before its own lines."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk, 3_000))
    item = made["items"]["data"][0]
    talk.clock.pass_s(10 * DAY_S)
    talk.post(f"/v1/subscriptions/{made['id']}", items=[{"id": item["id"], "quantity": 2}])
    waiting = talk.get("/v1/invoiceitems", pending=True)["data"]
    assert [one["amount"] for one in waiting] == [-2_000, 4_000]
    talk.clock.now = item["current_period_end"] + HOUR_S + 1
    invoice = subs.look(talk, made)["latest_invoice"]
    assert [line["amount"] for line in invoice["lines"]["data"]] == [-2_000, 4_000, 6_000]
    assert invoice["amount_paid"] == 8_000
    assert talk.get("/v1/invoiceitems", pending=True)["data"] == []


def test_items_are_added_and_removed_by_their_own_paths_too(subs: Any, talk: Any) -> None:
    """Stripe: an added item is charged for the rest of the period, a removed one credited; the last one stays."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk, 3_000))
    talk.clock.pass_s(15 * DAY_S)
    added = talk.post("/v1/subscription_items", subscription=made["id"], price=subs.price(talk, 900), quantity=2)
    assert [one["amount"] for one in talk.get("/v1/invoiceitems", pending=True)["data"]] == [900]
    assert len(talk.get("/v1/subscription_items", subscription=made["id"])["data"]) == 2
    talk.delete(f"/v1/subscription_items/{added['id']}")
    assert sum(one["amount"] for one in talk.get("/v1/invoiceitems", pending=True)["data"]) == 0
    error = talk.refused("DELETE", f"/v1/subscription_items/{made['items']['data'][0]['id']}")
    assert "at least one" in error["message"]


def test_another_interval_begins_a_new_period_now(subs: Any, talk: Any) -> None:
    """Stripe: from month to year the anchor moves, the rest of the month is credited, the year is billed at once."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk, 3_000))
    item = made["items"]["data"][0]
    talk.clock.pass_s(10 * DAY_S)
    yearly = subs.price(talk, 30_000, interval="year")
    after = talk.post(
        f"/v1/subscriptions/{made['id']}", items=[{"id": item["id"], "price": yearly}], expand=["latest_invoice"]
    )
    assert after["billing_cycle_anchor"] == talk.clock.now
    assert [line["amount"] for line in after["latest_invoice"]["lines"]["data"]] == [-2_000, 30_000]
    assert after["latest_invoice"]["amount_paid"] == 28_000
    talk.clock.pass_s(40 * DAY_S)
    assert len(talk.get("/v1/invoices", subscription=made["id"])["data"]) == 2
    talk.clock.pass_s(326 * DAY_S)
    assert [one["total"] for one in talk.get("/v1/invoices", subscription=made["id"])["data"]] == [
        30_000,
        28_000,
        3_000,
    ]


@pytest.mark.parametrize("customer_exists", [True, False])
def test_subscriptions_are_listed_by_what_stripe_lists_them_by(subs: Any, talk: Any, customer_exists: bool) -> None:
    """Stripe: customer, price, status, creation and the current period, newest first."""
    price, customer = subs.price(talk), subs.customer(talk)
    first = subs.subscribe(talk, customer, price)
    talk.clock.pass_s(DAY_S)
    second = subs.subscribe(talk, subs.customer(talk), subs.price(talk, 700), trial_period_days=5)
    end = second["items"]["data"][0]["current_period_end"]
    filters = {
        "customer": customer if customer_exists else "cus_nobody",
        "price": price if customer_exists else "price_nobody",
    }
    for name, value in filters.items():
        expected = [first["id"]] if customer_exists else []
        assert [one["id"] for one in talk.get("/v1/subscriptions", **{name: value})["data"]] == expected
    listed = talk.get("/v1/subscriptions", current_period_end={"lte": end})["data"]
    assert [one["id"] for one in listed] == [second["id"]]
    assert [one["id"] for one in talk.get("/v1/subscriptions", status="trialing")["data"]] == [second["id"]]
    found = talk.get("/v1/subscriptions/search", query="status:'active'")["data"]
    assert [one["id"] for one in found] == [first["id"]]


def test_a_subscription_shows_its_price_as_it_is_now(subs: Any, talk: Any) -> None:
    """Stripe: items hold the price itself, so a new nickname is seen in every subscription."""
    price = subs.price(talk)
    made = subs.subscribe(talk, subs.customer(talk), price)
    talk.post(f"/v1/prices/{price}", nickname="Gold", active=False)
    seen = talk.get("/v1/subscriptions")["data"][0]
    assert seen["items"]["data"][0]["price"]["nickname"] == "Gold"
    assert (seen["id"], seen["plan"]["active"]) == (made["id"], False)
    assert not [name for name in seen if name.startswith("_")]


@pytest.mark.parametrize(
    ("sent", "param", "words"),
    [
        ({"items": None}, "items", "items"),
        ({"items": [{"price": "price_nope"}]}, "items[0][price]", "No such price"),
        ({"items": [{"quantity": 2}]}, "items[0][price]", "Missing required param"),
        ({"collection_method": "send_invoice"}, "days_until_due", "days_until_due"),
        ({"days_until_due": 3}, "days_until_due", "send_invoice"),
        ({"trial_end": 5}, "trial_end", "future"),
        ({"currency": "eur"}, None, "expected currency: `eur`"),
        ({"billing_mode": {"type": "modern"}}, "billing_mode[type]", "flexible"),
        ({"payment_behavior": "pending_if_incomplete"}, "payment_behavior", "only for updates"),
        ({"cancel_at": 5}, "cancel_at", "future"),
        ({"backdate_start_date": 2_000_000_000}, "backdate_start_date", "past"),
        ({"billing_cycle_anchor": 5}, "billing_cycle_anchor", "future"),
        ({"billing_cycle_anchor": 1_800_000_000}, "billing_cycle_anchor", "next natural billing date"),
        ({"default_payment_method": "pm_nope"}, "default_payment_method", "No such PaymentMethod"),
        ({"colour": "green"}, "colour", "unknown parameter"),
    ],
)
def test_what_cannot_be_subscribed_is_refused_by_name(
    subs: Any, talk: Any, sent: dict[str, Any], param: str | None, words: str
) -> None:
    """Stripe's words where it has them, plain ones where the sandbox does less; nothing is left of the request."""
    asked = {"customer": subs.customer(talk), "items": [{"price": subs.price(talk)}], **sent}
    error = talk.refused("POST", "/v1/subscriptions", **asked)
    assert (error.get("param"), words in error["message"]) == (param, True), error
    assert talk.get("/v1/subscriptions", status="all")["data"] == []


def test_prices_that_cannot_be_subscribed_to_are_refused(subs: Any, talk: Any) -> None:
    """Stripe: one-time, inactive, double and mixed prices; ours: tiers and mixed intervals."""
    customer, monthly = subs.customer(talk), subs.price(talk)
    once = talk.post("/v1/prices", product_data={"name": "Once"}, currency="usd", unit_amount=5)["id"]
    retired = subs.price(talk)
    talk.post(f"/v1/prices/{retired}", active=False)
    wrong = {
        "type=one_time": [{"price": once}],
        "inactive": [{"price": retired}],
        "multiple subscription items with the same plan": [{"price": monthly}, {"price": monthly}],
        "only supports `eur`": [{"price": monthly}, {"price": subs.price(talk, currency="eur")}],
        "share one interval": [{"price": monthly}, {"price": subs.price(talk, interval="year")}],
    }
    for words, items in wrong.items():
        assert words in talk.refused("POST", "/v1/subscriptions", customer=customer, items=items)["message"]
    assert talk.refused("POST", "/v1/subscriptions", 404, customer="cus_nope", items=[{"price": monthly}])["param"] == (
        "customer"
    )


def test_one_customer_has_subscriptions_in_one_currency(subs: Any, talk: Any) -> None:
    """Stripe: a second currency has to wait until the first subscription is over."""
    customer = subs.customer(talk)
    first = subs.subscribe(talk, customer, subs.price(talk))
    euro = [{"price": subs.price(talk, currency="eur")}]
    assert "combine currencies" in talk.refused("POST", "/v1/subscriptions", customer=customer, items=euro)["message"]
    talk.delete(f"/v1/subscriptions/{first['id']}")
    assert talk.post("/v1/subscriptions", customer=customer, items=euro)["currency"] == "eur"


def test_deleting_a_customer_ends_the_subscriptions(subs: Any, talk: Any) -> None:
    """Stripe: they are canceled with the customer, and nothing is billed afterwards."""
    customer = subs.customer(talk)
    made = subs.subscribe(talk, customer, subs.price(talk))
    talk.delete(f"/v1/customers/{customer}")
    assert talk.get(f"/v1/subscriptions/{made['id']}")["status"] == "canceled"
    talk.clock.pass_s(60 * DAY_S)
    assert len(talk.get("/v1/invoices", subscription=made["id"])["data"]) == 1


def test_a_repeated_request_subscribes_once(subs: Any, talk: Any) -> None:
    """Stripe: the same idempotency key answers with the same subscription and charges once."""
    asked = {"customer": subs.customer(talk), "items": [{"price": subs.price(talk)}]}
    key = {"Idempotency-Key": "once"}
    answers = [talk.ask("POST", "/v1/subscriptions", asked, key).body["id"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(talk.get("/v1/charges")["data"]) == 1


def test_a_detached_card_is_passed_over(subs: Any, talk: Any) -> None:
    """Ours: a subscription whose own card was detached is charged to the customer's default, and else falls behind."""
    customer = subs.customer(talk)
    made = subs.subscribe(talk, customer, subs.price(talk))
    own = talk.post("/v1/payment_methods/pm_card_mastercard/attach", customer=customer)["id"]
    talk.post(f"/v1/subscriptions/{made['id']}", default_payment_method=own)
    talk.post(f"/v1/payment_methods/{own}/detach")
    talk.clock.now = made["items"]["data"][0]["current_period_end"] + HOUR_S + 1
    assert subs.look(talk, made)["latest_invoice"]["status"] == "paid"
    default = talk.get(f"/v1/customers/{customer}")["invoice_settings"]["default_payment_method"]
    talk.post(f"/v1/payment_methods/{default}/detach")
    talk.clock.now = subs.look(talk, made)["items"]["data"][0]["current_period_end"] + HOUR_S + 1
    behind = subs.look(talk, made)
    assert (behind["status"], behind["latest_invoice"]["status"]) == ("past_due", "open")


def test_moving_the_anchor_moves_an_end_with_the_period(subs: Any, talk: Any) -> None:
    """Ours: `cancel_at` always names the end of the period that the subscription is in."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk))
    at = f"/v1/subscriptions/{made['id']}"
    talk.post(at, cancel_at_period_end=True)
    talk.clock.pass_s(10 * DAY_S)
    moved = talk.post(at, billing_cycle_anchor="now")
    assert moved["cancel_at"] == moved["items"]["data"][0]["current_period_end"] > talk.clock.now + 25 * DAY_S
    talk.clock.now = moved["cancel_at"]
    assert subs.look(talk, made)["status"] == "canceled"


def test_a_first_payment_may_wait_for_the_cardholder(subs: Any, talk: Any) -> None:
    """Stripe: a card that wants authentication leaves the subscription incomplete until the bank has said yes."""
    customer = subs.customer(talk, "pm_card_authenticationRequired")
    expand = ["latest_invoice.payments"]
    made = subs.subscribe(talk, customer, subs.price(talk), expand=expand)
    intent = made["latest_invoice"]["payments"]["data"][0]["payment"]["payment_intent"]
    assert (made["status"], talk.get(f"/v1/payment_intents/{intent}")["status"]) == ("incomplete", "requires_action")
    assert "invoice.payment_action_required" in subs.types(talk, of="invoice.")
    talk.post(f"/_sandbox/payment_intents/{intent}/authenticate", outcome="succeed")
    after = subs.look(talk, made)
    assert (after["status"], after["latest_invoice"]["status"]) == ("active", "paid")
