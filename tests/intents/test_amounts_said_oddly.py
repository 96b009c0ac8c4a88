"""Amounts and shares as people say them in passing: exactly what was said, or a question, and never another sum."""

from datetime import UTC, datetime

import pytest

from paydesk.intents.entities.money import find_money
from paydesk.intents.entities.shares import UNREAD, find_shares
from paydesk.intents.parse import parse
from paydesk.intents.router import WRITES

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PI = "pi_3QpD5gLkdIwHu7ix1hWcE9kY"


def _is_asked(text: str) -> bool:
    parsed = parse(text, now=NOW)
    return parsed.skill not in WRITES or bool(parsed.missing)


@pytest.mark.parametrize(
    ("said", "minor", "currency"),
    [
        ("a dollar fifty", 150, "usd"),
        ("a euro fifty", 150, "eur"),
        ("a buck fifty", 150, "usd"),
        ("a quid fifty", 150, "gbp"),
        ("a pound twenty-five", 125, "gbp"),
        ("a dollar ten", 110, "usd"),
        ("a dollar 50", 150, "usd"),
        ("a dollar and fifty cents", 150, "usd"),
        ("a dollar five cents", 105, "usd"),
        ("a euro and a half", 150, "eur"),
        ("half a euro", 50, "eur"),
        ("a quarter of a dollar", 25, "usd"),
        ("half dollar", 50, "usd"),
        ("half a hundred dollars", 5000, "usd"),
        ("a quarter dollar", 25, "usd"),
        ("a dollar - fifty", 150, "usd"),
        ("a dollar-fifty", 150, "usd"),
        ("half a dozen euros", 600, "eur"),
        ("one and a quarter pounds", 125, "gbp"),
        ("two and a half dollars", 250, "usd"),
        ("2 and a half dollars", 250, "usd"),
        ("one dollar fifty", 150, "usd"),
        ("twenty-one dollars fifty", 2150, "usd"),
        ("$50 and a half", 5050, "usd"),
        ("1.5k dollars", 150_000, "usd"),
    ],
)
@pytest.mark.parametrize("wording", ["refund {sum} on {it}", "capture {it} {sum}", "refund {sum} to Anna", "{sum}"])
def test_an_amount_is_what_it_says(wording: str, said: str, minor: int, currency: str) -> None:
    """Ours: what stands behind a single unit is its cents; it must never be read without the unit."""
    mentions = find_money(wording.format(sum=said, it=PI))
    assert [(one.minor(), one.currency, one.doubt) for one in mentions] == [(minor, currency, None)]


@pytest.mark.parametrize("unit", ["dollar", "euro", "buck", "quid", "pound", "rupee"])
@pytest.mark.parametrize("who", ["Anna", "anna"])
def test_a_charge_of_a_unit_and_its_cents_is_of_both(unit: str, who: str) -> None:
    """Ours: no unit is taken for a slip of its plural on the way."""
    assert parse(f"charge {who} a {unit} fifty", now=NOW).entities["amount"] == 150
    assert parse(f"refund a {unit} on {PI}", now=NOW).entities["amount"] == 100


@pytest.mark.parametrize(
    "said", ["a dollar fifty", "a euro fifty", "a dollar fifty a month", "one dollar fifty a month"]
)
def test_a_plan_at_a_unit_and_its_cents_costs_both(said: str) -> None:
    """Ours: the price of a subscription is read like any other."""
    parsed = parse(f"subscribe Anna to Pro at {said}", now=NOW)
    assert parsed.entities.get("amount") == 150


@pytest.mark.parametrize(
    "said",
    [
        "a dollar five",
        "a dollar five hundred",
        "a dollar 5000",
        "a euro 5",
        "a dollar 1.50",
        "dollar fifty",
        "1.500k dollars",
        "2.500k EUR",
        "1,500k EUR",
        "1 500k EUR",
        "1.250 million dollars",
        "nine zero dollars",
        "five zero dollars",
        "twenty five zero dollars",
        "one thousand thousand dollars",
        "one thousand million dollars",
        "a couple fifty dollars",
        "a hundred and a half dollars",
        "$10 500",
        "€10 500",
        "$150 50",
        "half of $50",
        "a third of a dollar",
        "20% of $50",
        "one dollar five",
        "an american dollar fifty",
        "150 50 dollars",
        "5 50 dollars",
        "20 dollars and fifty for Bob",
        "20 dollars and five",
        "three quarter dollars",
        "50 $ 20",
        "half dollars",
        "half a cent",
        "a quarter hundred and two dollars",
        "half a hundred and fifty dollars",
        "a dollar five USD",
        "a dollar five hundred CAD",
        "a pound sterling fifty",
        "a pound five sterling",
        "a million and a quarter dollars",
        "a euro half",
        "a dollar quarter",
    ],
)
@pytest.mark.parametrize("wording", ["charge Anna {sum}", "refund {sum} on {it}", "capture {it} {sum}"])
def test_an_amount_that_can_be_read_in_two_ways_is_asked_about(wording: str, said: str) -> None:
    """Ours: of two sums neither is taken."""
    assert _is_asked(wording.format(sum=said, it=PI))


@pytest.mark.parametrize(
    ("said", "percent"),
    [
        ("half percent", 0.5),
        ("half a percent", 0.5),
        ("a quarter percent", 0.25),
        ("one and a half percent", 1.5),
        ("2 and a half percent", 2.5),
        ("two and a quarter percent", 2.25),
        ("12.5%", 12.5),
        ("half", 50),
        ("a third", 33.33),
    ],
)
def test_a_share_is_what_it_says(said: str, percent: float) -> None:
    """Ours: a part of one percent is no part of the payment."""
    assert parse(f"refund {said} of {PI}", now=NOW).entities == {"payment_intent_id": PI, "percent": percent}


@pytest.mark.parametrize(
    "said",
    [
        "one and a half",
        "2 and a half",
        "half a third",
        "half a quarter",
        "half of a third",
        "the third",
        "1,000%",
        "1.000%",
        "1000%",
        "half to all",
        "half or all",
        "half or more",
        "20%+",
        "20%-30%",
        "20-30%",
        "20% or more",
        "%20",
        "percent 20",
        "1/2%",
        "2½%",
        "a third percent",
        "twenty point five percent",
        ".5",
        "0.5",
        "0.50",
        "haf",
        "hlaf",
        "20 prcent",
        "20 percnt",
        "20 prozent",
        "20 por ciento",
        "20 xyzzy",
        "a percent",
        "20‰",
        "20.%",
        "5-%",
        "<20%",
        "third from last",
    ],
)
@pytest.mark.parametrize("wording", ["refund {part} of {it}", "refund {part} of Anna's last payment"])
def test_a_share_that_nobody_can_be_sure_of_is_asked_about(wording: str, said: str) -> None:
    """Ours: neither a part of it, nor an amount, nor somebody's name."""
    assert _is_asked(wording.format(part=said, it=PI))


@pytest.mark.parametrize(
    "text",
    [
        "refund Anna's third payment",
        "refund Anna's fifth charge",
        "refund the third payment of Anna",
        f"refund the third {PI}",
        "refund a third payment of Anna",
        "refund her third last payment",
        "refund Anna's third largest payment",
        "refund third from last payment of Anna",
        "refund Anna's half payment",
        "capture the third payment of Anna",
    ],
)
def test_an_ordinal_is_no_share(text: str) -> None:
    """Ours: the third payment is one payment, not a third of one."""
    parsed = parse(text, now=NOW)
    assert _is_asked(text)
    assert "percent" not in parsed.entities


@pytest.mark.parametrize(
    ("text", "percent", "minor"),
    [
        ("refund half of the $50 payment to Anna", 50, 5000),
        ("refund half Anna's $50 payment", 50, 5000),
        ("refund 20% of the $50 charge to Anna", 20, 5000),
    ],
)
def test_a_share_of_a_payment_known_by_its_sum_stays_one(text: str, percent: int, minor: int) -> None:
    """Ours: the sum says which payment, the share how much of it."""
    entities = parse(text, now=NOW).entities
    assert (entities["percent"], entities["payment_amount"]) == (percent, minor)


def test_both_ends_of_a_range_may_be_said_oddly() -> None:
    """Ours: "and two dollars" is the other end, not more cents."""
    parsed = parse("payments between a dollar fifty and two dollars", now=NOW)
    assert parsed.entities == {"amount_gte": 150, "amount_lte": 200, "currency": "usd"}


@pytest.mark.parametrize("slip", ["haf", "hlaf", "hafl", "haff"])
@pytest.mark.parametrize("wording", ["refund {slip} Anna's last payment", "refund {slip} of Anna's last payment"])
def test_a_slip_of_half_is_nobodys_name(wording: str, slip: str) -> None:
    """Ours: "haf Anna" is nobody, and half is not the whole."""
    parsed = parse(wording.format(slip=slip), now=NOW)
    assert parsed.skill == "clarify"
    assert parsed.entities == {"customer": "Anna", "payment_ref": "latest"}


@pytest.mark.parametrize(
    ("text", "metric"),
    [("refunds as a percent of sales", "refund_rate"), ("what percent of payments failed", "failure_rate")],
)
def test_a_percent_that_is_asked_for_is_no_share(text: str, metric: str) -> None:
    """Ours: a question for a rate stays one."""
    assert parse(text, now=NOW).entities == {"metric": metric}


def test_a_share_that_cannot_be_read_is_one_that_no_write_takes() -> None:
    """Ours: it stays in the sentence, so that the whole is never taken for it."""
    assert [share.value for share in find_shares("refund 1,000% of it")] == [UNREAD]
    assert not 0 < UNREAD <= 100
