"""Usage: meters and their events, and the periods that are billed by them."""

from typing import Any

import pytest

DAY_S = 86_400


@pytest.fixture
def calls(talk: Any) -> dict[str, Any]:
    """A meter that sums up calls."""
    return dict(
        talk.post(
            "/v1/billing/meters", display_name="Calls", event_name="calls", default_aggregation={"formula": "sum"}
        )
    )


def _used(talk: Any, customer: str, value: object, event_name: str = "calls", **more: Any) -> dict[str, Any]:
    payload = {"stripe_customer_id": customer, "value": str(value)}
    return dict(talk.post("/v1/billing/meter_events", event_name=event_name, payload=payload, **more))


def _metered(subs: Any, talk: Any, meter: dict[str, Any], unit_amount: int = 25) -> str:
    return str(subs.price(talk, unit_amount, usage_type="metered", meter=meter["id"]))


def test_a_metered_item_is_billed_afterwards_by_what_was_used(subs: Any, talk: Any, calls: dict[str, Any]) -> None:
    """Stripe: nothing at first; each renewal bills the period that is over; each customer's own usage."""
    customer, other = subs.customer(talk), subs.customer(talk)
    made = subs.subscribe(talk, customer, _metered(subs, talk, calls), subs.price(talk))
    metered = made["items"]["data"][0]
    assert (made["status"], "quantity" in metered) == ("active", False)
    assert talk.get(f"/v1/invoices/{made['latest_invoice']}")["total"] == 1_000
    for value in (3, 4):
        _used(talk, customer, value)
    _used(talk, other, 100)
    end = metered["current_period_end"]
    talk.clock.now = end + 7_200
    _used(talk, customer, 50)
    invoice = subs.look(talk, made)["latest_invoice"]
    lines = [(line["amount"], line["quantity"], line["period"]["end"] == end) for line in invoice["lines"]["data"]]
    assert (invoice["status"], lines) == ("paid", [(175, 7, True), (1_000, 1, False)])


def test_usage_is_billed_when_a_subscription_is_cancelled_with_invoice_now(
    subs: Any, talk: Any, calls: dict[str, Any]
) -> None:
    """Stripe: `invoice_now` bills what was used up to now; without it the usage is lost."""
    customer = subs.customer(talk)
    made = subs.subscribe(talk, customer, _metered(subs, talk, calls, 100))
    _used(talk, customer, 8)
    talk.clock.pass_s(DAY_S)
    talk.delete(f"/v1/subscriptions/{made['id']}", invoice_now=True)
    assert talk.get("/v1/invoices", customer=customer)["data"][0]["total"] == 800


@pytest.mark.parametrize(("formula", "total"), [("sum", 7.5), ("count", 3.0), ("last", 1.0)])
def test_a_meter_sums_counts_or_keeps_the_last(subs: Any, talk: Any, formula: str, total: float) -> None:
    """Stripe: `default_aggregation`; the last is by the time that events are about, not by when they came."""
    meter = talk.post("/v1/billing/meters", display_name="M", event_name="m", default_aggregation={"formula": formula})
    customer, now = subs.customer(talk), talk.clock.now
    for value, at in ((4, now - 60), (1, now), (2.5, now - 120)):
        _used(talk, customer, value, "m", timestamp=at)
    day = now // DAY_S * DAY_S
    asked = {"customer": customer, "start_time": day - DAY_S, "end_time": day + DAY_S}
    at = f"/v1/billing/meters/{meter['id']}/event_summaries"
    assert [one["aggregated_value"] for one in talk.get(at, **asked)["data"]] == [total]
    by_day = talk.get(at, **asked, value_grouping_window="day")["data"]
    assert [(one["start_time"], one["aggregated_value"]) for one in by_day] == [(day, total)]


def test_an_event_counts_once_and_may_be_taken_back_for_a_day(subs: Any, talk: Any, calls: dict[str, Any]) -> None:
    """Stripe: an identifier is unique; an adjustment cancels the event, within 24 hours of its coming."""
    customer = subs.customer(talk)
    _used(talk, customer, 5, identifier="one")
    _used(talk, customer, 6, identifier="two")
    again = {"event_name": "calls", "identifier": "one", "payload": {"stripe_customer_id": customer, "value": "5"}}
    assert talk.refused("POST", "/v1/billing/meter_events", **again)["param"] == "identifier"
    back = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "one"}}
    assert talk.post("/v1/billing/meter_event_adjustments", **back)["status"] == "complete"
    day = talk.clock.now // DAY_S * DAY_S
    asked = {"customer": customer, "start_time": day, "end_time": day + DAY_S}
    found = talk.get(f"/v1/billing/meters/{calls['id']}/event_summaries", **asked)["data"]
    assert [one["aggregated_value"] for one in found] == [6.0]
    talk.clock.pass_s(DAY_S + 1)
    late = {**back, "cancel": {"identifier": "two"}}
    assert "24 hours" in talk.refused("POST", "/v1/billing/meter_event_adjustments", **late)["message"]


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        ({"event_name": "other"}, "event_name"),
        ({"payload": {"value": "1"}}, "payload[stripe_customer_id]"),
        ({"payload": {"stripe_customer_id": "cus_nobody", "value": "1"}}, "payload[stripe_customer_id]"),
        ({"payload": {"stripe_customer_id": None}}, "payload[value]"),
        ({"payload": {"stripe_customer_id": None, "value": "many"}}, "payload[value]"),
        ({"timestamp": 1_790_000_000 - 36 * DAY_S}, "timestamp"),
        ({"timestamp": 1_790_000_000 + 301}, "timestamp"),
    ],
)
def test_an_event_that_cannot_be_counted_is_refused_by_name(
    subs: Any, talk: Any, calls: dict[str, Any], sent: dict[str, Any], param: str
) -> None:
    """Stripe: unknown meters and customers, values that are no numbers, and times too far away."""
    customer = subs.customer(talk)
    asked: dict[str, Any] = {"event_name": "calls", "payload": {"stripe_customer_id": customer, "value": "1"}, **sent}
    if "stripe_customer_id" in asked["payload"] and asked["payload"]["stripe_customer_id"] is None:
        asked["payload"]["stripe_customer_id"] = customer
    assert talk.refused("POST", "/v1/billing/meter_events", **asked)["param"] == param


def test_a_meter_that_is_switched_off_counts_nothing(subs: Any, talk: Any, calls: dict[str, Any]) -> None:
    """Stripe: events and new prices need an active meter; its name is free for another one meanwhile."""
    at = f"/v1/billing/meters/{calls['id']}"
    assert talk.post(f"{at}/deactivate")["status_transitions"] == {"deactivated_at": talk.clock.now}
    event = {"event_name": "calls", "payload": {"stripe_customer_id": subs.customer(talk), "value": "1"}}
    assert talk.refused("POST", "/v1/billing/meter_events", **event)["param"] == "event_name"
    price = {"product_data": {"name": "M"}, "currency": "usd", "unit_amount": 5}
    metered = {"interval": "month", "usage_type": "metered", "meter": calls["id"]}
    assert talk.refused("POST", "/v1/prices", **price, recurring=metered)["param"] == "recurring[meter]"
    twin = {"display_name": "C", "event_name": "calls", "default_aggregation": {"formula": "count"}}
    talk.post("/v1/billing/meters", **twin)
    assert talk.refused("POST", f"{at}/reactivate")["param"] == "event_name"


def test_a_metered_item_takes_no_quantity(subs: Any, talk: Any, calls: dict[str, Any]) -> None:
    """Stripe: the quantity follows from usage; leaving it out of a change keeps the item and prorates nothing."""
    price, customer = _metered(subs, talk, calls), subs.customer(talk)
    error = talk.refused("POST", "/v1/subscriptions", customer=customer, items=[{"price": price, "quantity": 2}])
    assert error["param"] == "items[0][quantity]"
    made = subs.subscribe(talk, customer, price)
    added = talk.post("/v1/subscription_items", subscription=made["id"], price=subs.price(talk))
    talk.delete(f"/v1/subscription_items/{added['id']}", proration_behavior="none")
    assert talk.get("/v1/invoiceitems", customer=customer)["data"][0]["amount"] == 1_000


def _grant(talk: Any, customer: str, value: int, **more: Any) -> str:
    sent = {
        "customer": customer,
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": value}},
        "applicability_config": {"scope": {"price_type": "metered"}},
    }
    return str(talk.post("/v1/billing/credit_grants", **{**sent, **more})["id"])


def _left(talk: Any, customer: str, grant: str) -> int:
    asked = {"customer": customer, "filter": {"type": "credit_grant", "credit_grant": grant}}
    balance = talk.get("/v1/billing/credit_balance_summary", **asked)["balances"][0]
    return int(balance["available_balance"]["monetary"]["value"])


def test_credits_pay_for_usage_before_taxes_the_most_urgent_first(subs: Any, talk: Any, calls: dict[str, Any]) -> None:
    """Stripe: by priority, then by expiry; only metered lines; what is void or of another currency is not used."""
    customer = subs.customer(talk)
    rate = talk.post("/v1/tax_rates", display_name="VAT", percentage=10, inclusive=False)["id"]
    prices = _metered(subs, talk, calls, 100), subs.price(talk)
    made = subs.subscribe(talk, customer, *prices, default_tax_rates=[rate])
    later, first = _grant(talk, customer, 500), _grant(talk, customer, 300, priority=1)
    _used(talk, customer, 6)
    talk.clock.now = made["items"]["data"][0]["current_period_end"] + 7_200
    invoice = subs.look(talk, made)["latest_invoice"]
    assert (invoice["subtotal"], invoice["total_excluding_tax"], invoice["total"]) == (1_600, 1_000, 1_100)
    line = next(one for one in invoice["lines"]["data"] if one["amount"] == 600)
    assert [one["amount"] for one in line["pretax_credit_amounts"]] == [300, 300]
    assert (_left(talk, customer, first), _left(talk, customer, later)) == (0, 200)


def test_credits_come_back_from_an_invoice_that_is_void(subs: Any, talk: Any, calls: dict[str, Any]) -> None:
    """Stripe: `credits_application_invoice_voided` puts them back; used ones cannot be voided, only expire."""
    customer = subs.customer(talk)
    how = {"collection_method": "send_invoice", "days_until_due": 9}
    made = subs.subscribe(talk, customer, _metered(subs, talk, calls, 100), **how)
    grant = _grant(talk, customer, 250)
    _used(talk, customer, 6)
    talk.clock.now = made["items"]["data"][0]["current_period_end"] + 7_200
    invoice = subs.look(talk, made)["latest_invoice"]
    assert (invoice["total"], _left(talk, customer, grant)) == (350, 0)
    assert "used" in talk.refused("POST", f"/v1/billing/credit_grants/{grant}/void")["message"]
    talk.post(f"/v1/invoices/{invoice['id']}/void")
    assert _left(talk, customer, grant) == 250
    talk.post(f"/v1/billing/credit_grants/{grant}/expire")
    assert _left(talk, customer, grant) == 0
    kinds = [
        (one["credit"] or one["debit"])["type"] for one in talk.get("/v1/billing/credit_balance_transactions")["data"]
    ]
    assert kinds[::-1] == [
        "credits_granted",
        "credits_applied",
        "credits_application_invoice_voided",
        "credits_expired",
    ]


def test_credits_are_there_from_their_day_until_they_expire(subs: Any, talk: Any) -> None:
    """Stripe: `effective_at` and `expires_at`; the ledger knows of credits that may not be used yet."""
    customer = subs.customer(talk)
    span = {"effective_at": talk.clock.now + DAY_S, "expires_at": talk.clock.now + 3 * DAY_S}
    grant = _grant(talk, customer, 250, **span)
    seen = []
    for _ in range(4):
        seen.append(_left(talk, customer, grant))
        talk.clock.pass_s(DAY_S)
    assert seen == [0, 250, 250, 0]
    last = talk.get("/v1/billing/credit_balance_transactions", credit_grant=grant)["data"][0]
    assert last["debit"]["type"] == "credits_expired"
