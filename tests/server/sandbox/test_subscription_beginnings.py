"""How subscriptions begin: anchors of their own choice, in the past, with extras, in classic mode."""

from datetime import UTC, datetime
from typing import Any

import pytest

DAY_S = 86_400


def _at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def _lines(talk: Any, subscription: dict[str, Any]) -> list[tuple[str, int]]:
    invoice = talk.get(f"/v1/invoices/{subscription['latest_invoice']}")
    return [(line["description"], line["amount"]) for line in invoice["lines"]["data"]]


@pytest.fixture
def january(talk: Any) -> Any:
    """A sandbox on 15 January 2027, noon."""
    talk.clock.now = _at("2027-01-15T12:00:00")
    return talk


def test_the_time_until_a_chosen_anchor_costs_its_share_of_a_month(subs: Any, january: Any) -> None:
    """Stripe: the first invoice is prorated; 17 of the 31 days that end at 1 February, floored; then whole months."""
    price, customer = subs.price(january), subs.customer(january)
    anchor = _at("2027-02-01T12:00:00")
    made = subs.subscribe(january, customer, price, billing_cycle_anchor=anchor)
    assert (made["status"], made["billing_cycle_anchor"]) == ("active", anchor)
    assert subs.period(made) == ("2027-01-15", "2027-02-01")
    assert _lines(january, made) == [("1 × Plan 1000 (at $10.00 / month)", 1_000 * 17 // 31)]
    january.clock.now = anchor + 2 * 3_600
    renewed = january.get(f"/v1/subscriptions/{made['id']}")
    assert subs.period(renewed) == ("2027-02-01", "2027-03-01")
    assert [amount for _, amount in _lines(january, renewed)] == [1_000]


def test_the_time_until_an_anchor_may_be_free(subs: Any, january: Any) -> None:
    """Stripe: `proration_behavior=none` bills nothing before the anchor, and there is nothing to credit later."""
    anchor = _at("2027-02-01T12:00:00")
    made = subs.subscribe(
        january,
        subs.customer(january),
        subs.price(january),
        billing_cycle_anchor=anchor,
        proration_behavior="none",
    )
    assert [amount for _, amount in _lines(january, made)] == [0]
    item = made["items"]["data"][0]["id"]
    january.post(f"/v1/subscriptions/{made['id']}", items=[{"id": item, "quantity": 3}])
    waiting = january.get("/v1/invoiceitems", pending=True)["data"]
    assert [one["amount"] > 0 for one in waiting] == [True]


@pytest.mark.parametrize(
    ("config", "anchors"),
    [
        ({"day_of_month": 31}, ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        ({"day_of_month": 10, "hour": 0, "minute": 0, "second": 0}, ["2027-02-10", "2027-03-10"]),
        ({"day_of_month": 30, "month": 2}, ["2027-02-28", "2027-03-30", "2027-04-30"]),
    ],
)
def test_an_anchor_may_be_a_day_of_the_month(
    subs: Any, january: Any, config: dict[str, int], anchors: list[str]
) -> None:
    """Stripe: `billing_cycle_anchor_config` keeps the day through shorter months."""
    made = subs.subscribe(january, subs.customer(january), subs.price(january), billing_cycle_anchor_config=config)
    assert made["billing_cycle_anchor_config"]["day_of_month"] == config["day_of_month"]
    for day in anchors:
        assert subs.period(made)[1] == day
        january.clock.now = made["items"]["data"][0]["current_period_end"] + 7_200
        made = january.get(f"/v1/subscriptions/{made['id']}")


def test_a_backdated_start_is_billed_by_an_imagined_period(subs: Any, talk: Any) -> None:
    """Stripe's guide to backdating: 14 of the 28 days from 15 February are exactly half a month."""
    talk.clock.now = _at("2027-03-01T12:00:00")
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk), backdate_start_date=_at("2027-02-15T12:00:00"))
    assert (made["start_date"], made["billing_cycle_anchor"]) == (_at("2027-02-15T12:00:00"), talk.clock.now)
    assert _lines(talk, made) == [
        ("Time on Plan 1000 from 15 Feb 2027 until 1 Mar 2027", 500),
        ("1 × Plan 1000 (at $10.00 / month)", 1_000),
    ]


def test_a_backdated_start_need_not_be_billed(subs: Any, talk: Any) -> None:
    """Stripe: with `proration_behavior=none` only the start date is of the past."""
    since = talk.clock.now - 40 * DAY_S
    made = subs.subscribe(
        talk, subs.customer(talk), subs.price(talk), backdate_start_date=since, proration_behavior="none"
    )
    assert made["start_date"] == since
    assert [amount for _, amount in _lines(talk, made)] == [1_000]


def test_things_bought_beside_it_are_on_the_first_invoice_only(subs: Any, talk: Any) -> None:
    """Stripe: `add_invoice_items` are one-time."""
    price = subs.price(talk)
    product = talk.get(f"/v1/prices/{price}")["product"]
    extra = {"price_data": {"currency": "usd", "product": product, "unit_amount": 700}, "quantity": 2}
    made = subs.subscribe(talk, subs.customer(talk), price, add_invoice_items=[extra])
    assert [amount for _, amount in _lines(talk, made)] == [1_400, 1_000]
    talk.clock.pass_s(32 * DAY_S)
    assert [amount for _, amount in _lines(talk, talk.get(f"/v1/subscriptions/{made['id']}"))] == [1_000]


def test_an_extra_in_another_currency_is_refused(subs: Any, talk: Any) -> None:
    """Stripe: everything on a subscription's invoice is in its currency; nothing is left of the request."""
    price = subs.price(talk)
    product = talk.get(f"/v1/prices/{price}")["product"]
    extra = {"price_data": {"currency": "eur", "product": product, "unit_amount": 700}}
    error = talk.refused(
        "POST",
        "/v1/subscriptions",
        customer=subs.customer(talk),
        items=[{"price": price}],
        add_invoice_items=[extra],
    )
    assert "`eur`" in error["message"]
    assert talk.get("/v1/subscriptions", status="all")["data"] == []
    assert talk.get("/v1/invoiceitems")["data"] == []


def test_a_classic_subscription_credits_what_an_item_costs_and_a_flexible_one_what_was_billed(
    subs: Any, talk: Any
) -> None:
    """Stripe: the billing mode decides what a credit is for where a change was not prorated; migrating switches."""
    credited = {}
    for mode in ("classic", "flexible"):
        made = subs.subscribe(talk, subs.customer(talk), subs.price(talk), billing_mode={"type": mode})
        at = f"/v1/subscriptions/{made['id']}"
        item = made["items"]["data"][0]["id"]
        talk.post(at, items=[{"id": item, "quantity": 10}], proration_behavior="none")
        talk.post(at, items=[{"id": item, "quantity": 20}])
        waiting = talk.get("/v1/invoiceitems", customer=made["customer"], pending=True)["data"]
        credited[mode] = min(one["amount"] for one in waiting)
        if mode == "classic":
            assert made["billing_mode"] == {"flexible": None, "type": "classic"}
            assert talk.post(f"{at}/migrate", billing_mode={"type": "flexible"})["billing_mode"]["type"] == "flexible"
        assert "already" in talk.refused("POST", f"{at}/migrate", billing_mode={"type": "flexible"})["message"]
    assert credited == {"classic": -10_000, "flexible": -1_000}


def test_discounts_of_a_subscription_come_off_its_invoices(subs: Any, talk: Any) -> None:
    """Stripe: a coupon given with the subscription lowers its invoices, a coupon for once the first only."""
    coupon = talk.post("/v1/coupons", percent_off=25, duration="once")["id"]
    made = subs.subscribe(talk, subs.customer(talk), subs.price(talk), discounts=[{"coupon": coupon}])
    assert talk.get(f"/v1/invoices/{made['latest_invoice']}")["total"] == 750
    talk.clock.pass_s(32 * DAY_S)
    renewed = talk.get(f"/v1/subscriptions/{made['id']}")
    assert talk.get(f"/v1/invoices/{renewed['latest_invoice']}")["total"] == 1_000


@pytest.mark.parametrize("keeps", ["off", "on_subscription"])
def test_a_trial_may_ask_for_a_card_that_is_not_charged_yet(subs: Any, talk: Any, keeps: str) -> None:
    """Stripe: with `default_incomplete` and nothing due, `pending_setup_intent` saves the card; then it is gone."""
    made = subs.subscribe(
        talk,
        subs.customer(talk, None),
        subs.price(talk),
        trial_period_days=7,
        payment_behavior="default_incomplete",
        payment_settings={"save_default_payment_method": keeps},
        expand=["pending_setup_intent"],
    )
    intent = made["pending_setup_intent"]
    assert (made["status"], intent["status"], intent["usage"]) == ("trialing", "requires_payment_method", "off_session")
    done = talk.post(f"/v1/setup_intents/{intent['id']}/confirm", payment_method="pm_card_visa")
    after = talk.get(f"/v1/subscriptions/{made['id']}")
    kept = done["payment_method"] if keeps == "on_subscription" else None
    assert (after["pending_setup_intent"], after["default_payment_method"]) == (None, kept)


@pytest.mark.parametrize("name", ["cancel_at", "trial_end", "billing_cycle_anchor", "backdate_start_date"])
@pytest.mark.parametrize("at", [1_790_000_000_000, -(10**15), 10**17])
def test_a_time_that_no_calendar_knows_is_refused_by_name(subs: Any, talk: Any, name: str, at: int) -> None:
    """Ours: milliseconds sent for seconds are the usual mistake; nothing is left of the request."""
    sent = {"customer": subs.customer(talk), "items": [{"price": subs.price(talk)}], name: at}
    assert talk.refused("POST", "/v1/subscriptions", **sent)["param"] == name
    assert talk.get("/v1/subscriptions", status="all")["data"] == []
