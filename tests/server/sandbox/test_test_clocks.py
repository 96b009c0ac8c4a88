"""Test clocks: time of their own for some customers, moved forward on request."""

from datetime import UTC, datetime
from typing import Any

import pytest

DAY_S = 86_400
START = int(datetime(2028, 1, 31, 10, tzinfo=UTC).timestamp())
CLOCKS = "/v1/test_helpers/test_clocks"


def _clock(talk: Any, frozen_time: int = START) -> str:
    return str(talk.post(CLOCKS, frozen_time=frozen_time)["id"])


def _customer(talk: Any, clock: str, card: str | None = "pm_card_visa") -> str:
    saved = {"payment_method": card, "invoice_settings": {"default_payment_method": card}} if card else {}
    return str(talk.post("/v1/customers", name="Zoë", test_clock=clock, **saved)["id"])


def _advance(talk: Any, clock: str, to: str | int) -> dict[str, Any]:
    at = to if isinstance(to, int) else int(datetime.fromisoformat(to).replace(tzinfo=UTC).timestamp())
    answer = talk.post(f"{CLOCKS}/{clock}/advance", frozen_time=at)
    assert talk.get(f"{CLOCKS}/{clock}")["status"] == "ready"
    return dict(answer)


def test_a_customer_of_a_clock_lives_by_it_and_others_do_not(subs: Any, talk: Any) -> None:
    """Stripe: whatever belongs to the customer has the clock's time; everything else the sandbox's."""
    clock = _clock(talk)
    made = subs.subscribe(talk, _customer(talk, clock), subs.price(talk))
    assert (made["created"], made["test_clock"], made["start_date"]) == (START, clock, START)
    assert talk.get(f"/v1/invoices/{made['latest_invoice']}")["created"] == START
    assert subs.subscribe(talk, subs.customer(talk), subs.price(talk))["created"] == talk.clock.now
    talk.clock.pass_s(400 * DAY_S)
    assert subs.look(talk, made)["items"] == {**made["items"], "data": made["items"]["data"]}


def test_advancing_renews_at_the_ends_of_months(subs: Any, talk: Any) -> None:
    """Stripe: 31 January, the leap day, 31 March; every invoice at its own time, drafts for an hour."""
    clock = _clock(talk)
    made = subs.subscribe(talk, _customer(talk, clock), subs.price(talk))
    answer = _advance(talk, clock, "2028-03-01T00:00:00")
    assert (answer["status"], answer["frozen_time"]) == ("advancing", START)
    _advance(talk, clock, "2028-03-31T10:30:00")
    invoices = talk.get("/v1/invoices", subscription=made["id"])["data"]
    days = [datetime.fromtimestamp(one["created"], UTC).isoformat()[:16] for one in invoices]
    assert days == ["2028-03-31T10:00", "2028-02-29T10:00", "2028-01-31T10:00"]
    assert [one["status"] for one in invoices] == ["draft", "paid", "paid"]
    assert invoices[1]["status_transitions"]["paid_at"] == invoices[1]["created"] + 3_601


def test_what_happens_while_a_clock_advances_happens_in_order(subs: Any, talk: Any) -> None:
    """Stripe: a trial's notice, its end, the invoice and the retries come as they would in time."""
    clock = _clock(talk)
    customer = _customer(talk, clock, "pm_card_chargeCustomerFail")
    subs.subscribe(talk, customer, subs.price(talk), trial_period_days=10)
    _advance(talk, clock, START + 40 * DAY_S)
    events = talk.get("/v1/events", limit=100)["data"]
    told = [(one["type"], one["created"]) for one in reversed(events) if one["created"] > START]
    kinds = [name for name, _ in told if "subscription" in name or name == "invoice.payment_failed"]
    assert kinds[0] == "customer.subscription.trial_will_end"
    assert kinds[-1] == "customer.subscription.deleted"
    assert kinds.count("invoice.payment_failed") == 8
    times = [at for _, at in told]
    assert times == sorted(times)


def test_a_schedule_and_a_cancellation_wait_for_the_clock(subs: Any, talk: Any) -> None:
    """Stripe: what is planned by a clock's customers comes when the clock does."""
    clock = _clock(talk)
    price = subs.price(talk)
    planned = talk.post(
        "/v1/subscription_schedules",
        customer=_customer(talk, clock),
        start_date=START + 5 * DAY_S,
        phases=[{"items": [{"price": price}]}],
    )
    leaving = subs.subscribe(talk, _customer(talk, clock), price, cancel_at=START + 3 * DAY_S)
    talk.clock.pass_s(30 * DAY_S)
    at = f"/v1/subscription_schedules/{planned['id']}"
    assert (talk.get(at)["status"], subs.look(talk, leaving)["status"]) == ("not_started", "active")
    _advance(talk, clock, START + 6 * DAY_S)
    assert (talk.get(at)["status"], subs.look(talk, leaving)["status"]) == ("active", "canceled")


def test_lists_show_a_clocks_customers_only_where_it_is_named(subs: Any, talk: Any) -> None:
    """Stripe: customers, subscriptions and quotes of test clocks are left out of lists otherwise."""
    clock = _clock(talk)
    customer = _customer(talk, clock)
    made = subs.subscribe(talk, customer, subs.price(talk))
    quote = talk.post("/v1/quotes", customer=customer)
    for path, identifier in (("customers", customer), ("subscriptions", made["id"]), ("quotes", quote["id"])):
        assert talk.get(f"/v1/{path}")["data"] == []
        assert [one["id"] for one in talk.get(f"/v1/{path}", test_clock=clock)["data"]] == [identifier]


def test_deleting_a_clock_deletes_its_customers_and_what_was_to_come(subs: Any, talk: Any) -> None:
    """Stripe: the customers are deleted with their subscriptions; the clock is known no more."""
    clock = _clock(talk)
    customer = _customer(talk, clock)
    made = subs.subscribe(talk, customer, subs.price(talk))
    assert talk.delete(f"{CLOCKS}/{clock}") == {
        "id": clock,
        "object": "test_helpers.test_clock",
        "deleted": True,
    }
    assert talk.get(f"/v1/customers/{customer}")["deleted"] is True
    assert talk.get(f"/v1/subscriptions/{made['id']}")["status"] == "canceled"
    assert talk.refused("GET", f"{CLOCKS}/{clock}", 404)["param"] == "test_clock"
    assert talk.get(CLOCKS)["data"] == []


@pytest.mark.parametrize(("interval", "days"), [("day", 3), ("week", 15), ("month", 62)])
def test_a_clock_goes_at_most_two_intervals_at_a_time(subs: Any, talk: Any, interval: str, days: int) -> None:
    """Stripe: two intervals of the shortest subscription, two years without any; and never backwards."""
    clock = _clock(talk)
    at = f"{CLOCKS}/{clock}/advance"
    customer = _customer(talk, clock)
    assert talk.refused("POST", at, frozen_time=START)["param"] == "frozen_time"
    assert talk.refused("POST", at, frozen_time=START + 3 * 366 * DAY_S)["param"] == "frozen_time"
    subs.subscribe(talk, customer, subs.price(talk, interval=interval))
    assert "two intervals" in talk.refused("POST", at, frozen_time=START + days * DAY_S)["message"]
    assert talk.get(f"{CLOCKS}/{clock}")["frozen_time"] == START


def test_a_clock_has_three_customers_of_three_subscriptions(subs: Any, talk: Any) -> None:
    """Stripe's limits of test clocks; a customer that exists may join while it has no subscriptions."""
    clock = _clock(talk)
    customers = [_customer(talk, clock) for _ in range(3)]
    assert talk.refused("POST", "/v1/customers", test_clock=clock)["param"] == "test_clock"
    price = subs.price(talk)
    for _ in range(3):
        subs.subscribe(talk, customers[0], price)
    assert (
        "up to 3"
        in talk.refused("POST", "/v1/subscriptions", customer=customers[0], items=[{"price": price}])["message"]
    )
    free, bound = subs.customer(talk), subs.customer(talk)
    joined = talk.post(CLOCKS, frozen_time=START, customer=free)["id"]
    assert talk.get(f"/v1/customers/{free}")["test_clock"] == joined
    subs.subscribe(talk, bound, price)
    assert talk.refused("POST", CLOCKS, frozen_time=START, customer=bound)["param"] == "customer"


def test_usage_of_a_clocks_customer_is_of_its_time(subs: Any, talk: Any) -> None:
    """Stripe: meter events of a clock's customer are judged and billed by the clock."""
    meter = talk.post("/v1/billing/meters", display_name="M", event_name="m", default_aggregation={"formula": "sum"})
    clock = _clock(talk)
    customer = _customer(talk, clock)
    made = subs.subscribe(talk, customer, subs.price(talk, 100, usage_type="metered", meter=meter["id"]))
    payload = {"stripe_customer_id": customer, "value": "9"}
    assert talk.post("/v1/billing/meter_events", event_name="m", payload=payload)["timestamp"] == START
    assert talk.refused("POST", "/v1/billing/meter_events", event_name="m", payload=payload, timestamp=talk.clock.now)
    _advance(talk, clock, START + 31 * DAY_S)
    assert talk.get("/v1/invoices", subscription=made["id"])["data"][0]["total"] == 900


def test_payments_are_of_the_worlds_time(subs: Any, talk: Any) -> None:
    """Stripe: payment intents do not use the clock; so their money settles in days that really pass."""
    clock = _clock(talk)
    made = subs.subscribe(talk, _customer(talk, clock), subs.price(talk))
    talk.clock.pass_s(60)
    _advance(talk, clock, START + 31 * DAY_S)
    assert talk.get("/v1/invoices", subscription=made["id"])["data"][0]["created"] == START + 29 * DAY_S
    now = talk.clock.now
    assert [one["created"] for one in talk.get("/v1/payment_intents")["data"]] == [now, now - 60]
    rows = talk.get("/v1/balance_transactions")["data"]
    assert [(one["created"], one["available_on"] % DAY_S) for one in rows] == [(now, 0), (now - 60, 0)]
    talk.clock.pass_s(9 * DAY_S)
    assert {one["status"] for one in talk.get("/v1/balance_transactions")["data"]} == {"available"}
