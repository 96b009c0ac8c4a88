"""Unclear words are asked about with their readings, and an answer picks one or takes their place."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.intents import replies
from paydesk.intents.conversation import Asked
from paydesk.intents.parse import Parsed, parse
from paydesk.intents.sentence import read

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _parse(text: str) -> Parsed:
    return parse(text, now=NOW)


def _entities(text: str) -> tuple[str | None, dict[str, object]]:
    parsed = _parse(text)
    return parsed.skill, parsed.entities


def _answered(text: str, answer: str) -> replies.Reply | None:
    parsed = _parse(text)
    assert parsed.unclear is not None
    return replies.reply(read(answer, NOW.date()), Asked("reading", text, unclear=parsed.unclear))


@pytest.mark.parametrize(
    ("text", "question", "meant"),
    [
        (
            "refund 1.500 to Acme",
            "For Acme: do you mean 1.50 or 1,500.00?",
            [{"amount": 150, "currency": None}, {"amount": 150_000, "currency": None}],
        ),
        (
            "refund €1.500 to Acme",
            "For Acme: do you mean €1.50 or €1,500.00?",
            [{"amount": 150, "currency": "eur"}, {"amount": 150_000, "currency": "eur"}],
        ),
        (
            "refund $1,5 to bob@x.com",
            "Do you mean $1.50 or $15.00?",
            [{"amount": 150, "currency": "usd"}, {"amount": 1500, "currency": "usd"}],
        ),
        ("charge Jane ¥1.500", "For Jane: do you mean ¥1,500?", [{"amount": 1500, "currency": "jpy"}]),
        (
            "charge Jane 500 kr",
            "For Jane: do you mean Swedish kronor (SEK), Norwegian kroner (NOK) or Danish kroner (DKK)?",
            [{"amount": 50_000, "currency": code} for code in ("sek", "nok", "dkk")],
        ),
        (
            "charge Jane 200 pesos",
            "For Jane: do you mean Mexican pesos (MXN), Colombian pesos (COP) or Philippine pesos (PHP)?",
            [{"amount": 20_000, "currency": code} for code in ("mxn", "cop", "php")],
        ),
        ("refund about $20 of pi_3Nabc", "Do you mean $20.00 exactly?", [{"amount": 2000, "currency": "usd"}]),
        (
            "refund $20 or $30 of pi_3Nabc",
            "Do you mean $20.00 or $30.00?",
            [{"amount": 2000, "currency": "usd"}, {"amount": 3000, "currency": "usd"}],
        ),
        (
            "refund $25 in euros to Acme",
            "For Acme: do you mean $25.00 or €25.00?",
            [{"amount": 2500, "currency": "usd"}, {"amount": 2500, "currency": "eur"}],
        ),
        (
            "show payments from 03/04",
            "Do you mean 3 April or 4 March?",
            [{"start": "2026-04-03", "end": "2026-04-04"}, {"start": "2026-03-04", "end": "2026-03-05"}],
        ),
        (
            "payments between 03/04 and 05/06",
            "Do you mean between 3 April and 5 June or between 4 March and 6 May?",
            [{"start": "2026-04-03", "end": "2026-06-06"}, {"start": "2026-03-04", "end": "2026-05-07"}],
        ),
        (
            "subscribe Acme to Pro starting 02/03/2027",
            "For Acme: do you mean starting 2 March 2027 or starting 3 February 2027?",
            [{"start_date": "2027-03-02"}, {"start_date": "2027-02-03"}],
        ),
    ],
)
def test_a_question_offers_the_readings_and_each_is_a_whole_sentence(
    text: str, question: str, meant: list[dict[str, object]]
) -> None:
    """Ours: what is offered is what would be done, and no reading is unclear itself."""
    parsed = _parse(text)
    assert (parsed.skill, parsed.question) == ("clarify", question)
    assert parsed.unclear is not None
    assert len(parsed.unclear.readings) == len(meant)
    for reading, said in zip(parsed.unclear.readings, meant, strict=True):
        skill, entities = _entities(reading.text)
        assert skill not in (None, "clarify")
        assert {**entities, **said} == entities


@pytest.mark.parametrize(
    ("text", "answer", "meant"),
    [
        ("refund €1.500 to Acme", "the first", "refund €1.50 to Acme"),
        ("refund €1.500 to Acme", "2", "refund €1500.00 to Acme"),
        ("refund €1.500 to Acme", "1500", "refund €1500.00 to Acme"),
        ("refund €1.500 to Acme", "I mean 1,500.00", "refund €1500.00 to Acme"),
        ("refund €1.500 to Acme", "1.50", "refund €1.50 to Acme"),
        ("refund €1.500 to Acme", "the smaller one", "refund €1.50 to Acme"),
        ("refund €1.500 to Acme", "the larger", "refund €1500.00 to Acme"),
        ("refund $2 or $1 of pi_3Nabc", "2", "refund 2 USD of pi_3Nabc"),
        ("refund $2 or $1 of pi_3Nabc", "the second", "refund 1 USD of pi_3Nabc"),
        ("charge Acme 500 kr", "danish", "charge Acme 500 DKK"),
        ("charge Acme 500 kr", "the Norwegian ones", "charge Acme 500 NOK"),
        ("charge Acme 500 kr", "SEK", "charge Acme 500 SEK"),
        ("charge Acme ¥1.500", "yes", "charge Acme ¥1500"),
        ("show payments from 03/04", "april", "show payments from 3 April"),
        ("show payments from 03/04", "the 4 March one", "show payments from 4 March"),
        ("show payments from 03/04", "the last", "show payments from 4 March"),
    ],
)
def test_a_reading_is_picked_by_amount_word_size_or_place(text: str, answer: str, meant: str) -> None:
    """Ours: a figure that is one of the amounts is that amount, and only else a place in the list."""
    reply = _answered(text, answer)
    assert reply is not None
    assert reply.texts == (meant,)
    assert not reply.unsure


@pytest.mark.parametrize(
    "answer", ["1500 if she agrees", "1500 unless he paid", "not 1500", "1.500", "1500 twice", "both", "$1500 or so"]
)
def test_more_than_a_reading_never_picks_one(answer: str) -> None:
    """Ours: a condition or a refusal in the answer counts as it would have counted in the sentence."""
    reply = _answered("refund €1.500 of pi_3Nabc", answer)
    for text in reply.texts if reply else ():
        assert _parse(text).skill in (None, "clarify"), text


@pytest.mark.parametrize("answer", ["no", "never mind"])
def test_a_reading_may_be_declined(answer: str) -> None:
    """Ours: no answer is an answer too."""
    reply = _answered("refund €1.500 to Acme", answer)
    assert reply is not None
    assert reply.declined


def test_something_new_answers_nothing() -> None:
    """Ours: a sentence of its own is taken as new."""
    assert _answered("refund €1.500 to Acme", "what's my balance?") is None
    assert _answered("refund €1.500 to Acme", "refund pi_3Nabc") is None


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(["$", "€", "£", ""]))
def test_the_two_readings_of_a_mark_are_the_only_ones(head: int, tail: int, sign: str) -> None:
    """Ours: the one has decimals, the other thousands, and neither loses a digit."""
    parsed = _parse(f"refund {sign}{head}.{tail:03d} to Acme")
    assert parsed.unclear is not None
    amounts = [reading.amount for reading in parsed.unclear.readings]
    assert amounts[-1] == head * 1000 + tail
    assert len(amounts) == (2 if tail % 10 == 0 else 1)
    assert all(_entities(reading.text)[0] == "refund_payment" for reading in parsed.unclear.readings)
