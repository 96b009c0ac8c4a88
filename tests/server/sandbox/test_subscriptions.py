"""Subscriptions: how they begin, renew and fall behind; every amount to the minor unit."""

from datetime import UTC, datetime
from typing import Any

DAY_S = 86_400
HOUR_S = 3_600


def test_a_first_payment_starts_a_subscription(subs: Any, talk: Any) -> None:
    """Stripe: incomplete, paid at once, active; one numbered invoice, one charge, the balance moved."""
    customer = subs.customer(talk)
    made = subs.subscribe(talk, customer, subs.price(talk, 2_500), expand=["latest_invoice.payments"])
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
    assert subs.types(talk, of="customer.subscription") == [
        "customer.subscription.created",
        "customer.subscription.updated",
    ]
    # Everything happened in one second, so only the kinds of events are certain, not the order between kinds.
    assert set(subs.types(talk, of="invoice.")) >= {"invoice.created", "invoice.finalized", "invoice.paid"}


def test_several_items_are_added_up_on_one_invoice(subs: Any, talk: Any) -> None:
    """Stripe: a line for each item, described by quantity, name and price."""
    items = [{"price": subs.price(talk, 1_000), "quantity": 3}, {"price": subs.price(talk, 250)}]
    made = talk.post("/v1/subscriptions", customer=subs.customer(talk), items=items, expand=["latest_invoice"])
    lines = made["latest_invoice"]["lines"]["data"]
    assert [(line["amount"], line["description"]) for line in lines] == [
        (3_000, "3 × Plan 1000 (at $10.00 / month)"),
        (250, "1 × Plan 250 (at $2.50 / month)"),
    ]
    assert (made["latest_invoice"]["total"], made["plan"], made["quantity"]) == (3_250, None, None)


def test_a_month_end_stays_a_month_end(subs: Any, new_talk: Any) -> None:
    """Stripe: 31 January, 28 February, 31 March; each period is billed once."""
    talk = new_talk()
    talk.clock.now = int(datetime(2027, 1, 31, 12, tzinfo=UTC).timestamp())
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk))
    seen = [subs.period(made)]
    for _ in range(3):
        talk.clock.now = (
            talk.get(f"/v1/subscriptions/{made['id']}")["items"]["data"][0]["current_period_end"] + 2 * HOUR_S
        )
        seen.append(subs.period(subs.look(talk, made)))
    assert seen == [
        ("2027-01-31", "2027-02-28"),
        ("2027-02-28", "2027-03-31"),
        ("2027-03-31", "2027-04-30"),
        ("2027-04-30", "2027-05-31"),
    ]
    invoices = talk.get("/v1/invoices", subscription=made["id"])["data"]
    assert [(one["status"], one["amount_paid"]) for one in invoices] == [("paid", 1_000)] * 4


def test_a_renewal_is_a_draft_for_an_hour_and_then_paid(subs: Any, talk: Any) -> None:
    """Stripe: a cycle's invoice covers the period before on its face, the period to come on its lines."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk))
    end = made["items"]["data"][0]["current_period_end"]
    talk.clock.now = end
    invoice = subs.look(talk, made)["latest_invoice"]
    assert (invoice["status"], invoice["billing_reason"], invoice["number"]) == ("draft", "subscription_cycle", None)
    assert (invoice["period_start"], invoice["period_end"]) == (made["created"], end)
    assert invoice["lines"]["data"][0]["period"]["start"] == end
    talk.clock.pass_s(HOUR_S)
    assert subs.look(talk, made)["latest_invoice"]["status"] == "draft"
    talk.clock.pass_s(1)
    paid = subs.look(talk, made)["latest_invoice"]
    assert (paid["status"], paid["amount_paid"], paid["attempt_count"]) == ("paid", 1_000, 1)
    assert paid["number"].endswith("-0002")


def test_what_was_missed_is_billed_at_its_own_time(subs: Any, talk: Any) -> None:
    """Ours: a sandbox that slept for a year wakes to twelve invoices, each dated on its day."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk))
    talk.clock.pass_s(366 * DAY_S)
    invoices = talk.get("/v1/invoices", subscription=made["id"], limit=100)["data"]
    assert len(invoices) == 13
    days = {datetime.fromtimestamp(one["created"], UTC).day for one in invoices}
    assert days == {datetime.fromtimestamp(made["created"], UTC).day}
    assert all(one["status"] == "paid" for one in invoices)


def test_a_declined_first_payment_leaves_it_incomplete_until_it_is_paid(subs: Any, talk: Any) -> None:
    """Stripe: `allow_incomplete` answers 200 with an open invoice; paying it activates the subscription."""
    customer = subs.customer(talk, "pm_card_chargeCustomerFail")
    made = subs.subscribe(talk, customer, subs.price(talk), expand=["latest_invoice"])
    invoice = made["latest_invoice"]
    assert (made["status"], invoice["status"], invoice["attempt_count"]) == ("incomplete", "open", 1)
    assert talk.refused("POST", f"/v1/invoices/{invoice['id']}/pay", 402)["code"] == "card_declined"
    good = talk.post("/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
    paid = talk.post(f"/v1/invoices/{invoice['id']}/pay", payment_method=good)
    assert (paid["status"], paid["attempt_count"]) == ("paid", 1)
    assert subs.look(talk, made)["status"] == "active"


def test_an_unpaid_first_invoice_ends_the_subscription_after_23_hours(subs: Any, talk: Any) -> None:
    """Stripe: incomplete_expired, the invoice void; nothing is renewed afterwards."""
    made = subs.subscribe(talk, subs.customer(talk, "pm_card_chargeCustomerFail"), subs.price(talk))
    talk.clock.pass_s(23 * HOUR_S - 1)
    assert subs.look(talk, made)["status"] == "incomplete"
    talk.clock.pass_s(1)
    over = subs.look(talk, made)
    assert (over["status"], over["latest_invoice"]["status"]) == ("incomplete_expired", "void")
    talk.clock.pass_s(60 * DAY_S)
    assert len(talk.get("/v1/invoices", subscription=made["id"])["data"]) == 1
    assert talk.get("/v1/subscriptions", status="ended")["data"][0]["id"] == made["id"]


def test_error_if_incomplete_leaves_nothing_behind(subs: Any, talk: Any) -> None:
    """Stripe: 402, and no subscription, invoice, charge or number is left of the request."""
    customer = subs.customer(talk, "pm_card_chargeCustomerFail")
    items = [{"price": subs.price(talk)}]
    asked = {"customer": customer, "items": items, "payment_behavior": "error_if_incomplete"}
    error = talk.refused("POST", "/v1/subscriptions", 402, **asked)
    assert (error["type"], error["code"]) == ("card_error", "card_declined")
    for path in ("/v1/subscriptions?status=all", "/v1/invoices", "/v1/charges", "/v1/payment_intents"):
        assert talk.get(path)["data"] == []
    assert talk.get(f"/v1/customers/{customer}")["next_invoice_sequence"] == 1


def test_default_incomplete_waits_for_the_clients_own_confirmation(subs: Any, talk: Any) -> None:
    """Stripe: no attempt is made; confirming the invoice's intent pays the invoice and starts the subscription."""
    made = subs.subscribe(
        talk,
        subs.customer(talk, None),
        subs.price(talk),
        payment_behavior="default_incomplete",
        payment_settings={"save_default_payment_method": "on_subscription"},
        expand=["latest_invoice.confirmation_secret"],
    )
    invoice = made["latest_invoice"]
    assert (made["status"], invoice["status"], invoice["attempted"]) == ("incomplete", "open", False)
    secret = invoice["confirmation_secret"]["client_secret"]
    intent = secret.partition("_secret_")[0]
    talk.post(f"/v1/payment_intents/{intent}/confirm", payment_method="pm_card_visa", return_url="https://example.com")
    after = subs.look(talk, made)
    assert (after["status"], after["latest_invoice"]["status"]) == ("active", "paid")
    assert after["default_payment_method"] == talk.get(f"/v1/payment_intents/{intent}")["payment_method"]


def test_a_customer_without_a_card_cannot_subscribe_but_can_be_sent_an_invoice(subs: Any, talk: Any) -> None:
    """Stripe: 400 for automatic charging; by invoice it is active at once and due after so many days."""
    customer, price = subs.customer(talk, None), subs.price(talk)
    error = talk.refused("POST", "/v1/subscriptions", customer=customer, items=[{"price": price}])
    assert (error["code"], "no attached payment source" in error["message"]) == ("resource_missing", True)
    assert talk.get("/v1/subscriptions", status="all")["data"] == []
    sent = {"collection_method": "send_invoice", "days_until_due": 14}
    made = subs.subscribe(talk, customer, price, **sent, expand=["latest_invoice"])
    assert (made["status"], made["latest_invoice"]["status"]) == ("active", "draft")
    assert made["latest_invoice"]["due_date"] == talk.clock.now + 14 * DAY_S
    talk.clock.pass_s(HOUR_S + 1)
    assert subs.look(talk, made)["latest_invoice"]["status"] == "open"
    assert "invoice.sent" in subs.types(talk, of="invoice.")


def test_a_trial_costs_nothing_until_it_ends(subs: Any, talk: Any) -> None:
    """Stripe: a paid invoice of zero, a warning three days before, then the first full period."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk), trial_period_days=14, expand=["latest_invoice"])
    assert (made["status"], made["latest_invoice"]["status"], made["latest_invoice"]["total"]) == (
        "trialing",
        "paid",
        0,
    )
    assert made["trial_end"] == made["billing_cycle_anchor"] == made["created"] + 14 * DAY_S
    talk.clock.pass_s(11 * DAY_S)
    assert "customer.subscription.trial_will_end" in subs.types(talk, of="customer.subscription")
    talk.clock.pass_s(3 * DAY_S + HOUR_S + 1)
    after = subs.look(talk, made)
    assert (after["status"], after["latest_invoice"]["amount_paid"]) == ("active", 1_000)
    assert after["items"]["data"][0]["current_period_start"] == made["trial_end"]


def test_a_trial_can_be_ended_early_or_moved(subs: Any, talk: Any) -> None:
    """Stripe: `trial_end=now` bills the first period at once; a later time moves the anchor."""
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk), trial_period_days=14)
    at = f"/v1/subscriptions/{made['id']}"
    later = made["trial_end"] + DAY_S
    assert talk.post(at, trial_end=later)["items"]["data"][0]["current_period_end"] == later
    talk.clock.pass_s(DAY_S)
    ended = talk.post(at, trial_end="now", expand=["latest_invoice"])
    assert (ended["status"], ended["latest_invoice"]["amount_paid"]) == ("active", 1_000)
    assert ended["billing_cycle_anchor"] == talk.clock.now
    talk.clock.now = later + HOUR_S + 1
    assert len(talk.get("/v1/invoices", subscription=made["id"])["data"]) == 2


def test_a_failed_renewal_is_tried_eight_times_and_then_the_subscription_ends(subs: Any, talk: Any) -> None:
    """Stripe's default: past_due and delinquent, tried again within two weeks, then canceled for payment_failed."""
    customer = subs.customer(talk)
    made = subs.subscribe(talk, customer, subs.price(talk))
    bad = talk.post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", customer=customer)["id"]
    talk.post(f"/v1/subscriptions/{made['id']}", default_payment_method=bad)
    talk.clock.now = made["items"]["data"][0]["current_period_end"] + HOUR_S + 1
    behind = subs.look(talk, made)
    invoice = behind["latest_invoice"]
    assert (behind["status"], invoice["status"], invoice["attempt_count"]) == ("past_due", "open", 1)
    assert invoice["next_payment_attempt"] > talk.clock.now
    assert talk.get(f"/v1/customers/{customer}")["delinquent"] is True
    talk.clock.pass_s(15 * DAY_S)
    over = subs.look(talk, made)
    assert (over["status"], over["latest_invoice"]["attempt_count"]) == ("canceled", 8)
    assert over["cancellation_details"]["reason"] == "payment_failed"
    assert (over["latest_invoice"]["status"], over["latest_invoice"]["auto_advance"]) == ("open", False)
    assert len(talk.get("/v1/charges", customer=customer, limit=100)["data"]) == 9


def test_paying_the_latest_invoice_brings_a_subscription_back(subs: Any, talk: Any) -> None:
    """Stripe: past_due becomes active, the customer is no longer delinquent, no retry follows."""
    customer = subs.customer(talk)
    made = subs.subscribe(talk, customer, subs.price(talk))
    bad = talk.post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", customer=customer)["id"]
    talk.post(f"/v1/subscriptions/{made['id']}", default_payment_method=bad)
    talk.clock.now = made["items"]["data"][0]["current_period_end"] + HOUR_S + 1
    invoice = subs.look(talk, made)["latest_invoice"]
    good = talk.get(f"/v1/customers/{customer}")["invoice_settings"]["default_payment_method"]
    talk.post(f"/v1/invoices/{invoice['id']}/pay", payment_method=good)
    assert subs.look(talk, made)["status"] == "active"
    assert talk.get(f"/v1/customers/{customer}")["delinquent"] is False
    charges = len(talk.get("/v1/charges", customer=customer)["data"])
    talk.clock.pass_s(20 * DAY_S)
    assert len(talk.get("/v1/charges", customer=customer)["data"]) == charges


def test_a_hard_decline_is_not_tried_again_with_the_same_card(subs: Any, talk: Any) -> None:
    """Stripe: a card whose bank wants the cardholder is asked once; another card is charged at the next retry."""
    customer = subs.customer(talk)
    made = subs.subscribe(talk, customer, subs.price(talk))
    at = f"/v1/subscriptions/{made['id']}"
    strict = talk.post("/v1/payment_methods/pm_card_authenticationRequired/attach", customer=customer)["id"]
    talk.post(at, default_payment_method=strict)
    talk.clock.now = made["items"]["data"][0]["current_period_end"] + 5 * DAY_S
    assert (subs.look(talk, made)["status"], subs.look(talk, made)["latest_invoice"]["attempt_count"]) == (
        "past_due",
        3,
    )
    assert len(talk.get("/v1/charges", customer=customer)["data"]) == 2
    talk.post(at, default_payment_method=None)
    talk.clock.pass_s(2 * DAY_S)
    assert (subs.look(talk, made)["status"], subs.look(talk, made)["latest_invoice"]["attempt_count"]) == ("active", 4)
