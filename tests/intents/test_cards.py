"""Whole card numbers are dotted out before anything reads them; the last four digits say which card is meant."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.intents.entities import cards
from paydesk.intents.explain import explain
from paydesk.intents.parse import parse

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
#: Stripe's test numbers: https://docs.stripe.com/testing
NUMBERS = [
    "4242424242424242",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "3056930009020004",
    "3566002020360505",
    "6205500000000000004",
]
SENTENCES = [
    "charge jane $20 on {}",
    "show payments with card {}",
    'create a customer called Jane Doe with description "card {}"',
    "search for {}",
    "refund {} $5",
    "find {}",
    "{}",
]


def _spaced(number: str, mark: str) -> str:
    return mark.join(number[at : at + 4] for at in range(0, len(number), 4))


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("mark", ["", " ", "-", "\u00a0"])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_no_whole_card_number_leaves_the_parser(number: str, mark: str, sentence: str) -> None:
    """Ours: what the answer does not hold, nobody can log or show."""
    parsed, steps = explain(sentence.format(_spaced(number, mark)), now=NOW)
    told = json.dumps([parsed.as_json(), repr(parsed.unclear), repr(steps)], ensure_ascii=False)
    digits = "".join(letter for letter in told if letter.isdigit() or letter not in " -\u00a0")
    assert number[:-4] not in digits


@pytest.mark.parametrize("number", NUMBERS)
def test_the_last_four_digits_stay_and_the_length_too(number: str) -> None:
    """Ours: spans lead to the same places, and masking twice changes nothing."""
    text = f"card {_spaced(number, ' ')} cvc 123, thanks"
    safe = cards.masked(text)
    assert len(safe) == len(text)
    assert safe.endswith("cvc •••, thanks")
    assert "".join(filter(str.isdigit, safe)) == number[-4:]
    assert cards.masked(safe) == safe


@pytest.mark.parametrize(
    "text",
    [
        "refund pi_4242424242424242",
        "call +4242424242424242",
        "payments over 4,242,424,242,424,242",
        "between 2026-11-21 and 2026-11-22",
        "order 4242424242424241",
        "charge bob 1234567890123456 dollars",
    ],
)
def test_what_is_no_card_number_stays(text: str) -> None:
    """Ours: ids, phones, sums, dates and numbers whose check digit is wrong are what they were."""
    assert cards.masked(text) == text


@given(st.text(max_size=200))
def test_masking_never_raises_nor_changes_the_length(text: str) -> None:
    """Ours: any text comes out as long as it went in."""
    assert len(cards.masked(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "skill", "entities"),
    [
        ("payments with the card ending in 4242", "list_payments", {"last4": "4242"}),
        ("show payments with card 4242 4242 4242 4242", "list_payments", {"last4": "4242"}),
        ("visa payments over $50", "list_payments", {"card_brand": "visa", "amount_gt": 5000, "currency": "usd"}),
        (
            "charge Jane Doe $20 on the card ending in 4242",
            "create_payment",
            {"customer": "Jane Doe", "amount": 2000, "currency": "usd", "last4": "4242"},
        ),
        ("charge Jane Doe $20 on 4242 4242 4242 4242", "clarify", {"customer": "Jane Doe"}),
    ],
)
def test_the_last_four_digits_name_a_card(text: str, skill: str, entities: dict[str, object]) -> None:
    """Ours: on a write a whole number is asked about, with the saved card as what may be meant."""
    parsed = parse(text, now=NOW)
    assert (parsed.skill, parsed.entities) == (skill, entities)
    if skill == "clarify":
        assert parsed.unclear is not None
        assert parse(parsed.unclear.readings[0].text, now=NOW).entities["last4"] == "4242"


def test_a_card_number_is_no_amount() -> None:
    """Ours: its digits are never a sum."""
    parsed = parse("my card is 4242424242424242, refund me", now=NOW)
    assert "amount" not in parsed.entities
    assert parsed.money == []
