"""Subscriptions: how they begin, renew, fall behind, change and end; every amount to the minor unit."""

from datetime import UTC, datetime
from typing import Any

import pytest

DAY_S = 86_400
HOUR_S = 3_600


def _customer(talk: Any, card: str | None = "pm_card_visa") -> str:
    customer = talk.post("/v1/customers", name="Zoë", email="zoe@example.com")["id"]
    if card:
        method = talk.post(f"/v1/payment_methods/{card}/attach", customer=customer)["id"]
        talk.post(f"/v1/customers/{customer}", invoice_settings={"default_payment_method": method})
    return str(customer)


def _price(talk: Any, unit_amount: int = 1_000, currency: str = "usd", **recurring: Any) -> str:
    data = {"name": f"Plan {unit_amount}"}
    wanted = {"interval": "month", **recurring}
    made = talk.post("/v1/prices", product_data=data, currency=currency, unit_amount=unit_amount, recurring=wanted)
    return str(made["id"])


def _subscribe(talk: Any, customer: str, *prices: str, **more: Any) -> dict[str, Any]:
    items = [{"price": price} for price in prices]
    return talk.post("/v1/subscriptions", **{"customer": customer, "items": items, **more})


def _look(talk: Any, subscription: dict[str, Any]) -> dict[str, Any]:
    return talk.get(f"/v1/subscriptions/{subscription['id']}", expand=["latest_invoice"])


def _types(talk: Any, *, of: str) -> list[str]:
    events = talk.get("/v1/events", limit=100)["data"]
    return [event["type"] for event in reversed(events) if event["type"].startswith(of)]


def _period(subscription: dict[str, Any]) -> tuple[str, str]:
    item = subscription["items"]["data"][0]
    ends = (item["current_period_start"], item["current_period_end"])
    start, end = (datetime.fromtimestamp(one, UTC).strftime("%Y-%m-%d") for one in ends)
    return start, end


def test_a_first_payment_starts_a_subscription(talk: Any) -> None:
    """Stripe: incomplete, paid at once, active; one numbered invoice, one charge, the balance moved."""
    customer = _customer(talk)
    made = _subscribe(talk, customer, _price(talk, 2_500), expand=["latest_invoice.payments"])
    invoice = made["latest_invoice"]
    assert made["status"] == "active"
    assert (invoice["status"], invoice["amount_paid"], invoice["billing_reason"]) == (
        "paid",
        2_500,
        "subscription_create",
    )
    paid = invoice["payments"]["data"][0]
    assert (paid["status"], paid["amount_paid"]) == ("paid", 2_500)
    intent = talk.get(f"/v1/payment_intents/{paid['payment']['payment_intent']}")
    assert (intent["status"], intent["amount_received"], intent["customer"]) == ("succeeded", 2_500, customer)
    assert talk.get("/v1/balance_transactions")["data"][0]["amount"] == 2_500
    assert _types(talk, of="customer.subscription") == [
        "customer.subscription.created",
        "customer.subscription.updated",
    ]
    # Everything happened in one second, so only the kinds of events are certain, not the order between kinds.
    assert set(_types(talk, of="invoice.")) >= {"invoice.created", "invoice.finalized", "invoice.paid"}


def test_several_items_are_added_up_on_one_invoice(talk: Any) -> None:
    """Stripe: a line for each item, described by quantity, name and price."""
    items = [{"price": _price(talk, 1_000), "quantity": 3}, {"price": _price(talk, 250)}]
    made = talk.post("/v1/subscriptions", customer=_customer(talk), items=items, expand=["latest_invoice"])
    lines = made["latest_invoice"]["lines"]["data"]
    assert [(line["amount"], line["description"]) for line in lines] == [
        (3_000, "3 × Plan 1000 (at $10.00 / month)"),
        (250, "1 × Plan 250 (at $2.50 / month)"),
    ]
    assert (made["latest_invoice"]["total"], made["plan"], made["quantity"]) == (3_250, None, None)


def test_a_month_end_stays_a_month_end(new_talk: Any) -> None:
    """Stripe: 31 January, 28 February, 31 March; each period is billed once."""
    talk = new_talk()
    talk.clock.now = int(datetime(2027, 1, 31, 12, tzinfo=UTC).timestamp())
    made = _subscribe(talk, _customer(talk), _price(talk))
    seen = [_period(made)]
    for _ in range(3):
        talk.clock.now = (
            talk.get(f"/v1/subscriptions/{made['id']}")["items"]["data"][0]["current_period_end"] + 2 * HOUR_S
        )
        seen.append(_period(_look(talk, made)))
    assert seen == [
        ("2027-01-31", "2027-02-28"),
        ("2027-02-28", "2027-03-31"),
        ("2027-03-31", "2027-04-30"),
        ("2027-04-30", "2027-05-31"),
    ]
    invoices = talk.get("/v1/invoices", subscription=made["id"])["data"]
    assert [(one["status"], one["amount_paid"]) for one in invoices] == [("paid", 1_000)] * 4


def test_a_renewal_is_a_draft_for_an_hour_and_then_paid(talk: Any) -> None:
    """Stripe: a cycle's invoice covers the period before on its face, the period to come on its lines."""
    made = _subscribe(talk, _customer(talk), _price(talk))
    end = made["items"]["data"][0]["current_period_end"]
    talk.clock.now = end
    invoice = _look(talk, made)["latest_invoice"]
    assert (invoice["status"], invoice["billing_reason"], invoice["number"]) == ("draft", "subscription_cycle", None)
    assert (invoice["period_start"], invoice["period_end"]) == (made["created"], end)
    assert invoice["lines"]["data"][0]["period"]["start"] == end
    talk.clock.pass_s(HOUR_S)
    assert _look(talk, made)["latest_invoice"]["status"] == "draft"
    talk.clock.pass_s(1)
    paid = _look(talk, made)["latest_invoice"]
    assert (paid["status"], paid["amount_paid"], paid["attempt_count"]) == ("paid", 1_000, 1)
    assert paid["number"].endswith("-0002")


def test_what_was_missed_is_billed_at_its_own_time(talk: Any) -> None:
    """Ours: a sandbox that slept for a year wakes to twelve invoices, each dated on its day."""
    made = _subscribe(talk, _customer(talk), _price(talk))
    talk.clock.pass_s(366 * DAY_S)
    invoices = talk.get("/v1/invoices", subscription=made["id"], limit=100)["data"]
    assert len(invoices) == 13
    days = {datetime.fromtimestamp(one["created"], UTC).day for one in invoices}
    assert days == {datetime.fromtimestamp(made["created"], UTC).day}
    assert all(one["status"] == "paid" for one in invoices)


def test_a_declined_first_payment_leaves_it_incomplete_until_it_is_paid(talk: Any) -> None:
    """Stripe: `allow_incomplete` answers 200 with an open invoice; paying it activates the subscription."""
    customer = _customer(talk, "pm_card_chargeCustomerFail")
    made = _subscribe(talk, customer, _price(talk), expand=["latest_invoice"])
    invoice = made["latest_invoice"]
    assert (made["status"], invoice["status"], invoice["attempt_count"]) == ("incomplete", "open", 1)
    assert talk.refused("POST", f"/v1/invoices/{invoice['id']}/pay", 402)["code"] == "card_declined"
    good = talk.post("/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
    paid = talk.post(f"/v1/invoices/{invoice['id']}/pay", payment_method=good)
    assert (paid["status"], paid["attempt_count"]) == ("paid", 1)
    assert _look(talk, made)["status"] == "active"


def test_an_unpaid_first_invoice_ends_the_subscription_after_23_hours(talk: Any) -> None:
    """Stripe: incomplete_expired, the invoice void; nothing is renewed afterwards."""
    made = _subscribe(talk, _customer(talk, "pm_card_chargeCustomerFail"), _price(talk))
    talk.clock.pass_s(23 * HOUR_S - 1)
    assert _look(talk, made)["status"] == "incomplete"
    talk.clock.pass_s(1)
    over = _look(talk, made)
    assert (over["status"], over["latest_invoice"]["status"]) == ("incomplete_expired", "void")
    talk.clock.pass_s(60 * DAY_S)
    assert len(talk.get("/v1/invoices", subscription=made["id"])["data"]) == 1
    assert talk.get("/v1/subscriptions", status="ended")["data"][0]["id"] == made["id"]


def test_error_if_incomplete_leaves_nothing_behind(talk: Any) -> None:
    """Stripe: 402, and no subscription, invoice, charge or number is left of the request."""
    customer = _customer(talk, "pm_card_chargeCustomerFail")
    items = [{"price": _price(talk)}]
    asked = {"customer": customer, "items": items, "payment_behavior": "error_if_incomplete"}
    error = talk.refused("POST", "/v1/subscriptions", 402, **asked)
    assert (error["type"], error["code"]) == ("card_error", "card_declined")
    for path in ("/v1/subscriptions?status=all", "/v1/invoices", "/v1/charges", "/v1/payment_intents"):
        assert talk.get(path)["data"] == []
    assert talk.get(f"/v1/customers/{customer}")["next_invoice_sequence"] == 1


def test_default_incomplete_waits_for_the_clients_own_confirmation(talk: Any) -> None:
    """Stripe: no attempt is made; confirming the invoice's intent pays the invoice and starts the subscription."""
    made = _subscribe(
        talk,
        _customer(talk, None),
        _price(talk),
        payment_behavior="default_incomplete",
        payment_settings={"save_default_payment_method": "on_subscription"},
        expand=["latest_invoice.confirmation_secret"],
    )
    invoice = made["latest_invoice"]
    assert (made["status"], invoice["status"], invoice["attempted"]) == ("incomplete", "open", False)
    secret = invoice["confirmation_secret"]["client_secret"]
    intent = secret.partition("_secret_")[0]
    talk.post(f"/v1/payment_intents/{intent}/confirm", payment_method="pm_card_visa", return_url="https://example.com")
    after = _look(talk, made)
    assert (after["status"], after["latest_invoice"]["status"]) == ("active", "paid")
    assert after["default_payment_method"] == talk.get(f"/v1/payment_intents/{intent}")["payment_method"]


def test_a_customer_without_a_card_cannot_subscribe_but_can_be_sent_an_invoice(talk: Any) -> None:
    """Stripe: 400 for automatic charging; by invoice it is active at once and due after so many days."""
    customer, price = _customer(talk, None), _price(talk)
    error = talk.refused("POST", "/v1/subscriptions", customer=customer, items=[{"price": price}])
    assert (error["code"], "no attached payment source" in error["message"]) == ("resource_missing", True)
    assert talk.get("/v1/subscriptions", status="all")["data"] == []
    sent = {"collection_method": "send_invoice", "days_until_due": 14}
    made = _subscribe(talk, customer, price, **sent, expand=["latest_invoice"])
    assert (made["status"], made["latest_invoice"]["status"]) == ("active", "draft")
    assert made["latest_invoice"]["due_date"] == talk.clock.now + 14 * DAY_S
    talk.clock.pass_s(HOUR_S + 1)
    assert _look(talk, made)["latest_invoice"]["status"] == "open"
    assert "invoice.sent" in _types(talk, of="invoice.")


def test_a_trial_costs_nothing_until_it_ends(talk: Any) -> None:
    """Stripe: a paid invoice of zero, a warning three days before, then the first full period."""
    made = _subscribe(talk, _customer(talk), _price(talk), trial_period_days=14, expand=["latest_invoice"])
    assert (made["status"], made["latest_invoice"]["status"], made["latest_invoice"]["total"]) == (
        "trialing",
        "paid",
        0,
    )
    assert made["trial_end"] == made["billing_cycle_anchor"] == made["created"] + 14 * DAY_S
    talk.clock.pass_s(11 * DAY_S)
    assert "customer.subscription.trial_will_end" in _types(talk, of="customer.subscription")
    talk.clock.pass_s(3 * DAY_S + HOUR_S + 1)
    after = _look(talk, made)
    assert (after["status"], after["latest_invoice"]["amount_paid"]) == ("active", 1_000)
    assert after["items"]["data"][0]["current_period_start"] == made["trial_end"]


def test_a_trial_can_be_ended_early_or_moved(talk: Any) -> None:
    """Stripe: `trial_end=now` bills the first period at once; a later time moves the anchor."""
    made = _subscribe(talk, _customer(talk), _price(talk), trial_period_days=14)
    at = f"/v1/subscriptions/{made['id']}"
    later = made["trial_end"] + DAY_S
    assert talk.post(at, trial_end=later)["items"]["data"][0]["current_period_end"] == later
    talk.clock.pass_s(DAY_S)
    ended = talk.post(at, trial_end="now", expand=["latest_invoice"])
    assert (ended["status"], ended["latest_invoice"]["amount_paid"]) == ("active", 1_000)
    assert ended["billing_cycle_anchor"] == talk.clock.now
    talk.clock.now = later + HOUR_S + 1
    assert len(talk.get("/v1/invoices", subscription=made["id"])["data"]) == 2


def test_a_failed_renewal_is_tried_eight_times_and_then_the_subscription_ends(talk: Any) -> None:
    """Stripe's default: past_due and delinquent, tried again within two weeks, then canceled for payment_failed."""
    customer = _customer(talk)
    made = _subscribe(talk, customer, _price(talk))
    bad = talk.post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", customer=customer)["id"]
    talk.post(f"/v1/subscriptions/{made['id']}", default_payment_method=bad)
    talk.clock.now = made["items"]["data"][0]["current_period_end"] + HOUR_S + 1
    behind = _look(talk, made)
    invoice = behind["latest_invoice"]
    assert (behind["status"], invoice["status"], invoice["attempt_count"]) == ("past_due", "open", 1)
    assert invoice["next_payment_attempt"] > talk.clock.now
    assert talk.get(f"/v1/customers/{customer}")["delinquent"] is True
    talk.clock.pass_s(15 * DAY_S)
    over = _look(talk, made)
    assert (over["status"], over["latest_invoice"]["attempt_count"]) == ("canceled", 8)
    assert over["cancellation_details"]["reason"] == "payment_failed"
    assert (over["latest_invoice"]["status"], over["latest_invoice"]["auto_advance"]) == ("open", False)
    assert len(talk.get("/v1/charges", customer=customer, limit=100)["data"]) == 9


def test_paying_the_latest_invoice_brings_a_subscription_back(talk: Any) -> None:
    """Stripe: past_due becomes active, the customer is no longer delinquent, no retry follows."""
    customer = _customer(talk)
    made = _subscribe(talk, customer, _price(talk))
    bad = talk.post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", customer=customer)["id"]
    talk.post(f"/v1/subscriptions/{made['id']}", default_payment_method=bad)
    talk.clock.now = made["items"]["data"][0]["current_period_end"] + HOUR_S + 1
    invoice = _look(talk, made)["latest_invoice"]
    good = talk.get(f"/v1/customers/{customer}")["invoice_settings"]["default_payment_method"]
    talk.post(f"/v1/invoices/{invoice['id']}/pay", payment_method=good)
    assert _look(talk, made)["status"] == "active"
    assert talk.get(f"/v1/customers/{customer}")["delinquent"] is False
    charges = len(talk.get("/v1/charges", customer=customer)["data"])
    talk.clock.pass_s(20 * DAY_S)
    assert len(talk.get("/v1/charges", customer=customer)["data"]) == charges


def test_a_hard_decline_is_not_tried_again_with_the_same_card(talk: Any) -> None:
    """Stripe: a card whose bank wants the cardholder is asked once; another card is charged at the next retry."""
    customer = _customer(talk)
    made = _subscribe(talk, customer, _price(talk))
    at = f"/v1/subscriptions/{made['id']}"
    strict = talk.post("/v1/payment_methods/pm_card_authenticationRequired/attach", customer=customer)["id"]
    talk.post(at, default_payment_method=strict)
    talk.clock.now = made["items"]["data"][0]["current_period_end"] + 5 * DAY_S
    assert (_look(talk, made)["status"], _look(talk, made)["latest_invoice"]["attempt_count"]) == ("past_due", 3)
    assert len(talk.get("/v1/charges", customer=customer)["data"]) == 2
    talk.post(at, default_payment_method=None)
    talk.clock.pass_s(2 * DAY_S)
    assert (_look(talk, made)["status"], _look(talk, made)["latest_invoice"]["attempt_count"]) == ("active", 4)


def test_a_canceled_subscription_is_over_at_once(talk: Any) -> None:
    """Stripe: canceled and ended now, listed only when asked for, not to be canceled or changed again."""
    made = _subscribe(talk, _customer(talk), _price(talk))
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


def test_an_end_with_the_period_can_be_taken_back(talk: Any) -> None:
    """Stripe: `cancel_at_period_end` sets when; unset, the subscription renews; set, it ends without an invoice."""
    made = _subscribe(talk, _customer(talk), _price(talk))
    at = f"/v1/subscriptions/{made['id']}"
    end = made["items"]["data"][0]["current_period_end"]
    ending = talk.post(at, cancel_at_period_end=True)
    assert (ending["status"], ending["cancel_at"], ending["canceled_at"]) == ("active", end, talk.clock.now)
    stays = talk.post(at, cancel_at_period_end=False)
    assert (stays["cancel_at"], stays["canceled_at"], stays["cancellation_details"]["reason"]) == (None, None, None)
    talk.post(at, cancel_at_period_end=True)
    talk.clock.now = end
    over = _look(talk, made)
    assert (over["status"], over["ended_at"]) == ("canceled", end)
    assert over["canceled_at"] == made["created"]
    assert len(talk.get("/v1/invoices", subscription=made["id"])["data"]) == 1


def test_half_a_period_is_credited_and_charged_exactly(talk: Any) -> None:
    """Stripe: the credit of the old price and the charge of the new one, each rounded down on its own."""
    price, dearer = _price(talk, 1_001), _price(talk, 2_003)
    made = _subscribe(talk, _customer(talk), price)
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


def test_prorations_wait_for_the_next_invoice_unless_it_is_wished(talk: Any) -> None:
    """Stripe: `create_prorations` leaves pending items, which the renewal takes before its own lines."""
    made = _subscribe(talk, _customer(talk), _price(talk, 3_000))
    item = made["items"]["data"][0]
    talk.clock.pass_s(10 * DAY_S)
    talk.post(f"/v1/subscriptions/{made['id']}", items=[{"id": item["id"], "quantity": 2}])
    waiting = talk.get("/v1/invoiceitems", pending=True)["data"]
    assert [one["amount"] for one in waiting] == [-2_000, 4_000]
    talk.clock.now = item["current_period_end"] + HOUR_S + 1
    invoice = _look(talk, made)["latest_invoice"]
    assert [line["amount"] for line in invoice["lines"]["data"]] == [-2_000, 4_000, 6_000]
    assert invoice["amount_paid"] == 8_000
    assert talk.get("/v1/invoiceitems", pending=True)["data"] == []


def test_items_are_added_and_removed_by_their_own_paths_too(talk: Any) -> None:
    """Stripe: an added item is charged for the rest of the period, a removed one credited; the last one stays."""
    made = _subscribe(talk, _customer(talk), _price(talk, 3_000))
    talk.clock.pass_s(15 * DAY_S)
    added = talk.post("/v1/subscription_items", subscription=made["id"], price=_price(talk, 900), quantity=2)
    assert [one["amount"] for one in talk.get("/v1/invoiceitems", pending=True)["data"]] == [900]
    assert len(talk.get("/v1/subscription_items", subscription=made["id"])["data"]) == 2
    talk.delete(f"/v1/subscription_items/{added['id']}")
    assert sum(one["amount"] for one in talk.get("/v1/invoiceitems", pending=True)["data"]) == 0
    error = talk.refused("DELETE", f"/v1/subscription_items/{made['items']['data'][0]['id']}")
    assert "at least one" in error["message"]


def test_another_interval_begins_a_new_period_now(talk: Any) -> None:
    """Stripe: from month to year the anchor moves, the rest of the month is credited, the year is billed at once."""
    made = _subscribe(talk, _customer(talk), _price(talk, 3_000))
    item = made["items"]["data"][0]
    talk.clock.pass_s(10 * DAY_S)
    yearly = _price(talk, 30_000, interval="year")
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
def test_subscriptions_are_listed_by_what_stripe_lists_them_by(talk: Any, customer_exists: bool) -> None:
    """Stripe: customer, price, status, creation and the current period, newest first."""
    price, customer = _price(talk), _customer(talk)
    first = _subscribe(talk, customer, price)
    talk.clock.pass_s(DAY_S)
    second = _subscribe(talk, _customer(talk), _price(talk, 700), trial_period_days=5)
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


def test_a_subscription_shows_its_price_as_it_is_now(talk: Any) -> None:
    """Stripe: items hold the price itself, so a new nickname is seen in every subscription."""
    price = _price(talk)
    made = _subscribe(talk, _customer(talk), price)
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
        ({"billing_mode": {"type": "classic"}}, "billing_mode[type]", "flexible"),
        ({"payment_behavior": "pending_if_incomplete"}, "payment_behavior=pending_if_incomplete", "does not serve"),
        ({"cancel_at": 5}, "cancel_at", "does not serve"),
        ({"default_payment_method": "pm_nope"}, "default_payment_method", "No such PaymentMethod"),
        ({"colour": "green"}, "colour", "unknown parameter"),
    ],
)
def test_what_cannot_be_subscribed_is_refused_by_name(
    talk: Any, sent: dict[str, Any], param: str | None, words: str
) -> None:
    """Stripe's words where it has them, plain ones where the sandbox does less; nothing is left of the request."""
    asked = {"customer": _customer(talk), "items": [{"price": _price(talk)}], **sent}
    error = talk.refused("POST", "/v1/subscriptions", **asked)
    assert (error.get("param"), words in error["message"]) == (param, True), error
    assert talk.get("/v1/subscriptions", status="all")["data"] == []


def test_prices_that_cannot_be_subscribed_to_are_refused(talk: Any) -> None:
    """Stripe: one-time, inactive, double and mixed prices; ours: tiers and mixed intervals."""
    customer, monthly = _customer(talk), _price(talk)
    once = talk.post("/v1/prices", product_data={"name": "Once"}, currency="usd", unit_amount=5)["id"]
    retired = _price(talk)
    talk.post(f"/v1/prices/{retired}", active=False)
    wrong = {
        "type=one_time": [{"price": once}],
        "inactive": [{"price": retired}],
        "multiple subscription items with the same plan": [{"price": monthly}, {"price": monthly}],
        "only supports `eur`": [{"price": monthly}, {"price": _price(talk, currency="eur")}],
        "share one interval": [{"price": monthly}, {"price": _price(talk, interval="year")}],
    }
    for words, items in wrong.items():
        assert words in talk.refused("POST", "/v1/subscriptions", customer=customer, items=items)["message"]
    assert talk.refused("POST", "/v1/subscriptions", 404, customer="cus_nope", items=[{"price": monthly}])["param"] == (
        "customer"
    )


def test_one_customer_has_subscriptions_in_one_currency(talk: Any) -> None:
    """Stripe: a second currency has to wait until the first subscription is over."""
    customer = _customer(talk)
    first = _subscribe(talk, customer, _price(talk))
    euro = [{"price": _price(talk, currency="eur")}]
    assert "combine currencies" in talk.refused("POST", "/v1/subscriptions", customer=customer, items=euro)["message"]
    talk.delete(f"/v1/subscriptions/{first['id']}")
    assert talk.post("/v1/subscriptions", customer=customer, items=euro)["currency"] == "eur"


def test_deleting_a_customer_ends_the_subscriptions(talk: Any) -> None:
    """Stripe: they are canceled with the customer, and nothing is billed afterwards."""
    customer = _customer(talk)
    made = _subscribe(talk, customer, _price(talk))
    talk.delete(f"/v1/customers/{customer}")
    assert talk.get(f"/v1/subscriptions/{made['id']}")["status"] == "canceled"
    talk.clock.pass_s(60 * DAY_S)
    assert len(talk.get("/v1/invoices", subscription=made["id"])["data"]) == 1


def test_a_repeated_request_subscribes_once(talk: Any) -> None:
    """Stripe: the same idempotency key answers with the same subscription and charges once."""
    asked = {"customer": _customer(talk), "items": [{"price": _price(talk)}]}
    key = {"Idempotency-Key": "once"}
    answers = [talk.ask("POST", "/v1/subscriptions", asked, key).body["id"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(talk.get("/v1/charges")["data"]) == 1


def test_a_detached_card_is_passed_over(talk: Any) -> None:
    """Ours: a subscription whose own card was detached is charged to the customer's default, and else falls behind."""
    customer = _customer(talk)
    made = _subscribe(talk, customer, _price(talk))
    own = talk.post("/v1/payment_methods/pm_card_mastercard/attach", customer=customer)["id"]
    talk.post(f"/v1/subscriptions/{made['id']}", default_payment_method=own)
    talk.post(f"/v1/payment_methods/{own}/detach")
    talk.clock.now = made["items"]["data"][0]["current_period_end"] + HOUR_S + 1
    assert _look(talk, made)["latest_invoice"]["status"] == "paid"
    default = talk.get(f"/v1/customers/{customer}")["invoice_settings"]["default_payment_method"]
    talk.post(f"/v1/payment_methods/{default}/detach")
    talk.clock.now = _look(talk, made)["items"]["data"][0]["current_period_end"] + HOUR_S + 1
    behind = _look(talk, made)
    assert (behind["status"], behind["latest_invoice"]["status"]) == ("past_due", "open")


def test_moving_the_anchor_moves_an_end_with_the_period(talk: Any) -> None:
    """Ours: `cancel_at` always names the end of the period that the subscription is in."""
    made = _subscribe(talk, _customer(talk), _price(talk))
    at = f"/v1/subscriptions/{made['id']}"
    talk.post(at, cancel_at_period_end=True)
    talk.clock.pass_s(10 * DAY_S)
    moved = talk.post(at, billing_cycle_anchor="now")
    assert moved["cancel_at"] == moved["items"]["data"][0]["current_period_end"] > talk.clock.now + 25 * DAY_S
    talk.clock.now = moved["cancel_at"]
    assert _look(talk, made)["status"] == "canceled"


def test_a_first_payment_may_wait_for_the_cardholder(talk: Any) -> None:
    """Stripe: a card that wants authentication leaves the subscription incomplete until the bank has said yes."""
    customer = _customer(talk, "pm_card_authenticationRequired")
    expand = ["latest_invoice.payments"]
    made = _subscribe(talk, customer, _price(talk), expand=expand)
    intent = made["latest_invoice"]["payments"]["data"][0]["payment"]["payment_intent"]
    assert (made["status"], talk.get(f"/v1/payment_intents/{intent}")["status"]) == ("incomplete", "requires_action")
    assert "invoice.payment_action_required" in _types(talk, of="invoice.")
    talk.post(f"/_sandbox/payment_intents/{intent}/authenticate", outcome="succeed")
    after = _look(talk, made)
    assert (after["status"], after["latest_invoice"]["status"]) == ("active", "paid")
