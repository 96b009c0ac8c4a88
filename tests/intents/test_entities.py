"""Ids, contacts, names, numbers, shares, intervals and states in sentences."""

from decimal import Decimal

import pytest

from paydesk.intents.entities.contacts import find_contacts
from paydesk.intents.entities.ids import find_ids
from paydesk.intents.entities.names import find_capitalised, is_cased, known
from paydesk.intents.entities.quantities import find_intervals, find_trial, read_digits, read_words
from paydesk.intents.entities.shares import find_shares
from paydesk.intents.entities.statuses import find_status


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("refund pi_3MtwBwLkdIwHu7ix28a3tqPa.", "payment_intent_id", "pi_3MtwBwLkdIwHu7ix28a3tqPa"),
        ("(ch_3Mx)", "charge_id", "ch_3Mx"),
        ("py_1JKw8x2eZvKYlo2C", "charge_id", "py_1JKw8x2eZvKYlo2C"),
        ("cus_Abc123's", "customer_id", "cus_Abc123"),
        ("in_1MtHbELkdIwHu7ixl4OzzPMv", "invoice_id", "in_1MtHbELkdIwHu7ixl4OzzPMv"),
        ("dp_1Mow", "dispute_id", "dp_1Mow"),
    ],
)
def test_an_id_is_taken_as_written(text: str, key: str, value: str) -> None:
    """Stripe: the prefix says what it is; the rest is case-sensitive."""
    assert [(found.key, found.value, text[found.start : found.end]) for found in find_ids(text)] == [
        (key, value, value)
    ]


@pytest.mark.parametrize("text", ["in_transit", "in_progress", "sub_total", "price_id", "order_id", "cupi_3Mx"])
def test_words_with_an_underscore_are_no_ids(text: str) -> None:
    """Ours: in_transit is a status."""
    assert find_ids(text) == []


@pytest.mark.parametrize("text", ["PI_3MTWBWLKDIWHU7IX28A3TQPA", "pi_3mtwbwlkdiwhu7ix28a3tqpa", "Cus_Abc123"])
def test_a_damaged_id_is_marked(text: str) -> None:
    """Ours: an id whose case was damaged is asked about."""
    assert [found.damaged for found in find_ids(text)] == [True]


@pytest.mark.parametrize("text", ["sk_live_abcdef123456", "pi_3Mx_secret_abc123", "rk_test_51Habcdef"])
def test_a_secret_is_masked_and_never_repeated(text: str) -> None:
    """Ours: keys and client secrets leave no trace in an answer."""
    assert {found.value for found in find_ids(text)} == {""}


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("to d'artagnan@musketeers.fr please", "email", "d'artagnan@musketeers.fr"),
        ("jane@example.com's payments", "email", "jane@example.com"),
        ("<bob.o+x@mail.example.co.uk>", "email", "bob.o+x@mail.example.co.uk"),
        ("customers @acme.com", "domain", "acme.com"),
        ("phone +44 20 7946 0958", "phone", "+44 20 7946 0958"),
        ("acme phone 555-0142", "phone", "555-0142"),
        ("call (415) 555-0100", "phone", "(415) 555-0100"),
        ("see https://example.com/a?b=1.", "url", "https://example.com/a?b=1"),
    ],
)
def test_a_contact_is_taken_as_written(text: str, kind: str, value: str) -> None:
    """Ours: as written, without a possessive or a full stop."""
    assert [(found.kind, found.value) for found in find_contacts(text)] == [(kind, value)]


@pytest.mark.parametrize("text", ["2026-11-05", "$1,234,567.89", "last 12345678 things", "1 234 567 yen"])
def test_numbers_are_not_phone_numbers(text: str) -> None:
    """Ours: dates and sums have digits too."""
    assert find_contacts(text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("payments from O'Brien & Sons", "O'Brien & Sons"),
        ("cancel Subscription Box Co's subscription", "Subscription Box Co"),
        ("charge Grant Yen $12", "Grant Yen"),
        ("by Siobhán O'Neill-Byrne in", "Siobhán O'Neill-Byrne"),
        ("refund Johnson and Johnson", "Johnson and Johnson"),
        ("for Bank of Ireland", "Bank of Ireland"),
        ("to Ludwig van Beethoven", "Ludwig van Beethoven"),
        ("from Acme, Inc. today", "Acme, Inc."),
        ("Refund Jane Doe", "Jane Doe"),
        ("Refund Co wants it", "Refund Co"),
        ("charge Jane Doe CA$30", "Jane Doe"),
    ],
)
def test_a_capitalised_run_is_a_name(text: str, name: str) -> None:
    """Ours: a name masks its words, whatever they are."""
    assert [text[start:end] for start, end in find_capitalised(text)] == [name]


@pytest.mark.parametrize(
    "text", ["sales on Black Friday", "since Monday", "EUR payments in Q3", "Show failed payments"]
)
def test_days_currencies_and_first_words_are_no_names(text: str) -> None:
    """Ours: capitals have other reasons too."""
    assert find_capitalised(text) == []


@pytest.mark.parametrize(
    ("text", "cased"), [("SHOW PAYMENTS", False), ("Show Me The Payments From Last Week", False), ("pay Bob", True)]
)
def test_capitals_that_say_nothing_are_ignored(text: str, cased: bool) -> None:
    """Ours: in capitals or in title case every word would be a name."""
    assert is_cased(text) is cased


def test_known_names_are_found_longest_first_and_whole() -> None:
    """Ours: "Jane Doe" before "Jane", and never inside another word."""
    index = known(("Jane", "Jane Doe", "Bill"))
    text = "refund jane doe, not janet; bill Bill"
    assert [text[start:end] for start, end in index.find(text)] == ["jane doe", "Bill"]


@pytest.mark.parametrize(
    ("text", "value", "doubtful"),
    [
        ("1,234.56", "1234.56", False),
        ("1.234,56", "1234.56", False),
        ("1'250.00", "1250.00", False),
        ("10,000", "10000", False),
        ("12,50", "12.50", False),
        ("1.500", "1500", True),
        ("1,5", "1.5", True),
        ("0.500", "0.500", False),
        (".75", "0.75", False),
        ("1,00,000", "100000", False),
        ("1.234.567", "1234567", False),
        ("1 234,5", "1234.5", True),
    ],
)
def test_separators_are_read_or_doubted(text: str, value: str, doubtful: bool) -> None:
    """Ours: one rule for every way to write a number."""
    digits = read_digits(text)
    assert digits is not None
    assert (digits.value, digits.doubtful) == (Decimal(value), doubtful)


@pytest.mark.parametrize("text", ["1.2.3", "1,23,4", "12,34,56.7.8"])
def test_digits_without_sense_are_refused(text: str) -> None:
    """Ours: nothing is guessed from a version number."""
    assert read_digits(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("twenty-five", 25),
        ("two hundred and ten", 210),
        ("half a million", 500_000),
        ("three thousand five hundred", 3_500),
        ("a grand", 1_000),
    ],
)
def test_number_words_add_up(text: str, value: int) -> None:
    """Ours: English number words."""
    assert read_words(text) == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("refund half of it", ["50"]),
        ("a third of ch_3Mx", ["33.33"]),
        ("two thirds", ["66.67"]),
        ("25%", ["25"]),
        ("half a million", []),
        ("the first half of October", []),
    ],
)
def test_shares_are_percent(text: str, values: list[str]) -> None:
    """Ours: half is 50, a third 33.33; half of a month is a date."""
    assert [str(share.value) for share in find_shares(text)] == values


@pytest.mark.parametrize(
    ("text", "unit", "count"),
    [
        ("monthly", "month", 1),
        ("biweekly", "week", 2),
        ("quarterly", "month", 3),
        ("49/mo", "month", 1),
        ("every 2 weeks", "week", 2),
        ("every other month", "month", 2),
        ("per year", "year", 1),
        ("a month", "month", 1),
    ],
)
def test_intervals_are_unit_and_count(text: str, unit: str, count: int) -> None:
    """Ours: biweekly is every 2 weeks, quarterly every 3 months."""
    assert [(one.unit, one.count) for one in find_intervals(text)] == [(unit, count)]


@pytest.mark.parametrize(
    ("text", "days"),
    [("with a 14-day trial", 14), ("a two week free trial", 14), ("trial of 30 days", 30), ("7 days free", 7)],
)
def test_trials_are_days(text: str, days: int) -> None:
    """Ours: a week is 7 days, a month 30."""
    trial = find_trial(text)
    assert trial is not None and trial.days == days


@pytest.mark.parametrize(
    ("skill", "text", "status"),
    [
        ("list_payments", "declined payments", "failed"),
        ("list_payments", "partially refunded payments", "partially_refunded"),
        ("list_invoices", "overdue invoices", "past_due"),
        ("list_invoices", "unpaid invoices", "open"),
        ("list_disputes", "open disputes", "needs_response"),
        ("list_payouts", "payouts in transit", "in_transit"),
        ("list_products", "inactive products", "archived"),
        ("list_subscriptions", "trialing subs", "trialing"),
        ("find_customers", "delinquent customers", "delinquent"),
        ("list_products", "list products", None),
    ],
)
def test_states_are_named_as_stripe_names_them(skill: str, text: str, status: str | None) -> None:
    """Stripe's names; ours: an open and overdue invoice is past_due."""
    found = find_status(skill, text)
    assert (found[0] if found else None) == status
