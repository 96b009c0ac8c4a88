"""What happened, and what looks like fraud: rules over charges, each explained, quiet where nothing stands out."""

from typing import Any

import pytest

from paydesk.skills.analytics.get_fraud_signals import get_fraud_signals
from paydesk.skills.base import Json
from paydesk.skills.events.list_events import list_events
from paydesk.skills.risk import signals_in

HOUR_S, DAY_S = 3_600, 86_400
START = 1_795_262_400


def charge(number: int, at: int, status: str = "succeeded", amount: int = 2_000, **more: Any) -> Json:
    """A charge as Stripe lists it, with what the rules look at."""
    card = {"fingerprint": more.pop("card", f"card{number}"), "last4": "4242", "brand": "visa", "country": "US"}
    card["country"] = more.pop("card_country", "US")
    billing = {"address": {"country": more.pop("billed_in", "US")}}
    return {
        "id": f"ch_{number}",
        "object": "charge",
        "created": at,
        "status": status,
        "amount": amount,
        "currency": "usd",
        "customer": f"cus_{number}",
        "outcome": {},
        "billing_details": billing,
        "payment_method_details": {"card": card},
        **more,
    }


def quiet() -> list[Json]:
    """Two hundred ordinary charges over a month, one of ten declined."""
    return [
        charge(number, START + number * 3 * HOUR_S, "failed" if number % 10 == 0 else "succeeded", 2_000 + number % 7)
        for number in range(200)
    ]


def test_an_ordinary_month_is_quiet() -> None:
    """Ours: a sign that is always there is none."""
    assert signals_in(quiet()) == []


@pytest.mark.parametrize(
    ("kind", "odd"),
    [
        ("card_testing", [charge(900 + n, START + 50 * HOUR_S + n * 60, "failed", 100) for n in range(8)]),
        ("velocity", [charge(900 + n, START + n * 300, card="same") for n in range(5)]),
        ("repeated_declines", [charge(900 + n, START + n * 4 * HOUR_S, "failed", customer="cus_x") for n in range(4)]),
        ("country_mismatch", [charge(900, START, card_country="BR", billed_in="NO")]),
        ("high_risk", [charge(900, START, outcome={"risk_level": "highest"})]),
        ("blocked", [charge(900, START, "failed", outcome={"type": "blocked"})]),
        ("unusual_amount", [charge(900, START + 40 * DAY_S, amount=400_000)]),
    ],
)
def test_each_pattern_is_seen_among_ordinary_charges(kind: str, odd: list[Json]) -> None:
    """Ours: the rule that is meant fires, and only on the charges that are odd."""
    (signal,) = signals_in([*quiet(), *odd])
    assert signal.kind == kind
    assert {one["id"] for one in signal.charges} <= {one["id"] for one in odd}


def test_what_is_common_is_no_sign() -> None:
    """Ours: an account whose customers live abroad, a list price paid by many, a shop with many declines an hour."""
    abroad = [charge(900 + n, START + n * HOUR_S, card_country="BR", billed_in="NO") for n in range(40)]
    dear = [charge(800 + n, START + n * DAY_S, amount=400_000) for n in range(3)]
    assert signals_in([*quiet(), *abroad, *dear]) == []


def test_a_card_that_went_through_after_declines_weighs_more() -> None:
    """Ours: that is how stolen cards look that were found to work."""
    declined = [charge(900 + n, START + n * 600, "failed", customer="cus_x") for n in range(4)]
    (alone,) = signals_in([*quiet(), *declined])
    (paid,) = signals_in([*quiet(), *declined, charge(910, START + 3_000, customer="cus_x")])
    assert paid.weight > alone.weight
    assert paid.charges[0]["id"] == "ch_903" or any(one["id"] == "ch_910" for one in paid.charges)


async def test_risky_payments_of_the_sandbox_are_told(desk: Any) -> None:
    """Stripe: pm_card_riskLevelElevated is paid although its risk is elevated."""
    jane = await desk.customer("Jane Doe")
    await desk.pay(jane["id"], 5_000)
    await desk.pay(jane["id"], 6_000, card="pm_card_riskLevelElevated")
    found = await desk.run(get_fraud_signals)
    assert [signal.kind for signal in found.signals] == ["high_risk"]
    assert found.signals[0].customer == jane["id"]
    assert found.sentence().startswith("1 sign of possible fraud among 2 charges")
    assert "radar" not in (found.sentence() + " ".join(found.lines())).lower()


async def test_no_charges_have_no_signs(desk: Any) -> None:
    """Ours: and that is said."""
    assert (await desk.run(get_fraud_signals)).sentence().startswith("No sign of fraud among 0 charges")


async def test_events_tell_what_happened_to_one_object(desk: Any) -> None:
    """Stripe: an event holds the object and what changed; an event of a charge is about its customer as well."""
    jane = await desk.customer("Jane Doe")
    await desk.post(f"/v1/customers/{jane['id']}", name="Jane Poe")
    await desk.pay(jane["id"], 5_000)
    await desk.customer("Bob Stone")
    found = await desk.run(list_events, {"about": jane["id"]})
    assert {event.type for event in found.events} >= {"customer.created", "customer.updated", "charge.succeeded"}
    assert all("Bob" not in line for line in found.lines())
    (renamed,) = (await desk.run(list_events, {"event_type": "customer.updated"})).events
    assert (renamed.about, renamed.changed) == (jane["id"], ["name"])


async def test_what_stripe_no_longer_lists_is_said(desk: Any) -> None:
    """Stripe: events are listed for thirty days."""
    found = await desk.run(list_events, {"start": "2026-01-01"})
    assert "Stripe lists events for 30 days" in found.sentence()
