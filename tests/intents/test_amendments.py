"""Sentences that mend the one before are recognised as a whole, and nothing else is taken for one."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.intents import amendments
from paydesk.intents.amendments import Change
from paydesk.intents.conversation import Item
from paydesk.intents.sentence import Sentence, read

TODAY = date(2026, 11, 21)
PAYMENT = Item("payment", "pi_one", "$25.00", "cus_j", "Jane Doe", "jane@a.co", 2500, "usd", "succeeded", "2026-11-20")


def _read(text: str) -> Sentence:
    return read(text, TODAY)


@pytest.mark.parametrize(
    ("said", "amount", "currency"),
    [
        ("make it $10", "10", "usd"),
        ("no, make that 10 dollars please", "10", "usd"),
        ("actually, €5.50", "5.5", "eur"),
        ("change the amount to $1,000", "1000", "usd"),
        ("$7 instead", "7", "usd"),
        ("sorry, it should be £12", "12", "gbp"),
        ("wait, only $3", "3", "usd"),
    ],
)
def test_another_amount_is_read(said: str, amount: str, currency: str) -> None:
    """Ours: what the write is to have instead, exactly."""
    change = amendments.change(_read(said))
    assert change is not None
    assert change.money is not None
    assert (change.money.amount, change.money.currency) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("no, half", Change(percent="50")),
        ("make it 25%", Change(percent="25")),
        ("make it the full amount", Change(full=True)),
        ("in full instead", Change(full=True)),
        ("make it 100%", Change(full=True)),
        ("make it in euros", Change(currency="eur")),
        ("make it at the end of the period", Change(at_period_end=True)),
        ("no, immediately", Change(at_period_end=False)),
    ],
)
def test_other_changes_are_read(said: str, change: Change) -> None:
    """Ours: shares, the whole, the currency and when it ends."""
    assert amendments.change(_read(said)) == change


@pytest.mark.parametrize(
    "said",
    [
        "$10",
        "half",
        "make it $10 if she agrees",
        "don't make it $10",
        "make it $10 or $20",
        "make it snappy",
        "refund $10",
        "no",
        "no, refund it",
        "how would I make it $10?",
        "make it $10 for Bob",
        "should I make it $10?",
        "he said make it $10",
    ],
)
def test_what_only_sounds_like_a_change_is_none(said: str) -> None:
    """Ours: a bare amount, a condition, a refusal, advice and hearsay change nothing."""
    assert amendments.change(_read(said)) is None


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("refund the rest", True),
        ("and give her the rest back", True),
        ("refund what's left of it", True),
        ("please refund the remaining amount", True),
        ("refund the rest tomorrow", False),
        ("don't refund the rest", False),
        ("should I refund the rest?", False),
        ("refund the rest of them", False),
        ("refund the rest if she asks", False),
        ("get some rest", False),
    ],
)
def test_the_rest_is_all_that_is_left(said: str, means: bool) -> None:
    """Ours: only the plain command."""
    assert amendments.refunds_the_rest(_read(said)) is means


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ("and the one before that?", 1),
        ("the payment before it", 1),
        ("what about the previous one?", 1),
        ("show me the one after that", -1),
        ("the one before yesterday", None),
        ("payments before that date", None),
        ("refund the one before that", None),
    ],
)
def test_before_and_after_are_steps(said: str, step: int | None) -> None:
    """Ours: one older, one newer; never a command."""
    assert amendments.step(_read(said)) == step


@pytest.mark.parametrize(
    ("said", "fits"),
    [
        ("was that from yesterday?", True),
        ("was it from today?", False),
        ("was that before yesterday?", False),
        ("is it from this week?", True),
        ("was that payment $25?", True),
        ("was it for €25?", False),
        ("was it $26?", False),
        ("was that from Bob?", False),
        ("is it jane's?", True),
        ("was that from Jane Doe?", True),
        ("was that from jane@a.co?", True),
    ],
)
def test_what_was_shown_is_checked(said: str, fits: bool) -> None:
    """Ours: date, amount and person of the one thing that was shown."""
    trait = amendments.checked(_read(said))
    assert trait is not None
    assert amendments.fits(trait, PAYMENT) is fits


@pytest.mark.parametrize("said", ["was it refunded?", "was that a mistake?", "is that all?", "was it the last one?"])
def test_other_questions_about_it_are_asked_as_ever(said: str) -> None:
    """Ours: what the thing itself has to be looked at for."""
    assert amendments.checked(_read(said)) is None


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("no, the other Jane", "Jane"),
        ("not that one, the other jane doe please", "jane doe"),
        ("the other one", ""),
        ("wrong Jane, I meant the other Jane", "Jane"),
        ("the other day", None),
        ("the other payment", None),
        ("refund the other one", None),
    ],
)
def test_the_other_is_somebody(said: str, who: str | None) -> None:
    """Ours: by the name that is said, or whoever was not picked."""
    assert amendments.other(_read(said)) == who


WORDS = ["no", "make", "it", "$10", "half", "the", "rest", "refund", "other", "one", "before", "that", ",", "if", "not"]


@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_no_text_is_slow_or_raises(words: list[str]) -> None:
    """Ours: whatever is said, each recogniser answers."""
    sentence = _read(" ".join(words))
    amendments.change(sentence)
    amendments.refunds_the_rest(sentence)
    amendments.step(sentence)
    amendments.checked(sentence)
    amendments.other(sentence)
