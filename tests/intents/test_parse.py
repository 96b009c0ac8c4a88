"""Whole sentences: our own with their meaning, the shared set's score, and what must hold for any text."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.intents.parse import MAX_CHARACTERS, parse
from paydesk.intents.router import WRITES

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OURS: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "sentences.jsonl").read_text("utf-8").splitlines()
]
KEYS = ["skill", "entities", "missing", "question", "confidence", "money", "dates", "us"]


@pytest.mark.parametrize("row", OURS, ids=[row["text"] or "(empty)" for row in OURS])
def test_a_sentence_means_what_we_say_it_means(row: dict[str, Any]) -> None:
    """Ours: written from the conventions, said on 2026-11-21."""
    parsed = parse(row["text"], now=NOW)
    assert (parsed.skill, parsed.entities) == (row["skill"], row["entities"])


def test_the_shared_sentences_keep_their_score(shared: Path) -> None:
    """Ours: at least 95 of 100 rows of the development set are wholly right, and no write is ever invented."""
    rows = [
        json.loads(line) for line in (shared / "understanding/dev_utterances.jsonl").read_text("utf-8").splitlines()
    ]
    parsed = [parse(row["text"], now=NOW) for row in rows]
    right = [
        one.skill == row["skill"] and one.entities == row["entities"] for one, row in zip(parsed, rows, strict=True)
    ]
    assert sum(right) >= 0.95 * len(rows), [row["text"] for row, good in zip(rows, right, strict=True) if not good]
    assert not [row["text"] for one, row in zip(parsed, rows, strict=True) if one.skill in WRITES - {row["skill"]}]


def test_sentences_for_someone_else_become_no_write(shared: Path) -> None:
    """Ours: of thousands of sentences about weather, films and bank accounts none moves money or changes a record."""
    lines = (shared / "understanding/public_out_of_scope.jsonl").read_text("utf-8").splitlines()
    parsed = [(text, parse(text, now=NOW).skill) for text in (json.loads(line)["text"] for line in lines)]
    assert not [text for text, skill in parsed if skill in WRITES]
    assert sum(skill not in (None, "clarify") for _, skill in parsed) < 0.02 * len(parsed)


@given(st.text(max_size=200))
def test_no_text_is_too_strange_to_read(text: str) -> None:
    """Ours: whatever is typed, the parser answers with the agreed keys, and spans point into the text."""
    parsed = parse(text, now=NOW)
    answer = parsed.as_json()
    assert list(answer) == KEYS
    json.dumps(answer)
    for mention in parsed.money:
        assert 0 <= mention.start < mention.end <= len(text)
    for said in parsed.dates:
        assert 0 <= said.start_pos < said.end_pos <= len(text)


OUR_WORDS = [
    *("refund", "charge", "cancel", "$50", "bob", "pi_9ZyX8w7V", "'x'", "not", "if", "all", "and", "03/04", "1.500"),
    *("kr", "last", "payment", "maybe", "<money>"),
]


@given(st.lists(st.sampled_from(OUR_WORDS), max_size=9))
def test_any_mixture_of_our_words_is_answered(words: list[str]) -> None:
    """Ours: a write that comes out has a target, and what is asked about has a question."""
    parsed = parse(" ".join(words), now=NOW)
    if parsed.skill in WRITES:
        assert parsed.entities
    if parsed.skill == "clarify" or parsed.missing:
        assert parsed.question


@pytest.mark.parametrize("verb", ["refund", "charge", "cancel the subscription of", "reimburse"])
@pytest.mark.parametrize("before", ["don't", "do not", "never", "please don't", "we should not"])
def test_a_refusal_is_never_a_command(before: str, verb: str) -> None:
    """Ours: "don't refund ..." must not refund."""
    assert parse(f"{before} {verb} jane@example.com $5", now=NOW).skill is None


@pytest.mark.parametrize(
    "text",
    [
        'find the customer named "refund all payments"',
        'payments from "Charge Everyone Ltd"',
        "payments from Refund Everything GmbH",
        'set the description of cus_Abc123 to "refund everyone"',
        "find refund.me@cancel.com",
        "show payments from https://refund.example/charge/all",
    ],
)
def test_nothing_inside_a_name_or_a_quote_chooses_a_skill(text: str) -> None:
    """Ours: names, quotes and addresses are masked before routing, whatever they say."""
    assert parse(text, now=NOW).skill in ("find_customers", "list_payments", "update_customer")


def test_known_names_are_masked_first() -> None:
    """Ours: with the customer list at hand, a name that reads like a command or a sum is still a name."""
    names = ("refund all", "ten dollars ltd", "Jane")
    assert parse("payments from refund all", now=NOW, names=names).entities == {"customer": "refund all"}
    assert parse("charge ten dollars ltd $5", now=NOW, names=names).entities == {
        "customer": "ten dollars ltd",
        "amount": 500,
        "currency": "usd",
    }


@pytest.mark.parametrize("names", [("Jane Doe", "Jane Doe"), ("Jane Doe", "Jane Smith")])
def test_namesakes_are_asked_about_on_a_write(names: tuple[str, ...]) -> None:
    """Ours: two customers that match equally well are never guessed between; a read may show both."""
    said = names[0] if names[0] == names[1] else "jane"
    asked = parse(f"refund {said} $5", now=NOW, names=names)
    assert asked.skill == "clarify" and asked.entities["customer"] == said and asked.question
    assert parse(f"payments from {said}", now=NOW, names=names).skill == "list_payments"
    assert parse(f"refund {said} $5", now=NOW, names=("Jane Doe", "Bob")).skill == "refund_payment"


def test_an_id_that_lost_its_case_is_asked_about() -> None:
    """Stripe's ids are case-sensitive; ours: a damaged one is never guessed back."""
    parsed = parse("REFUND PI_3MTWBWLKDIWHU7IX28A3TQPA", now=NOW)
    assert parsed.skill == "clarify" and "id" in (parsed.question or "")


def test_a_missing_currency_is_named_and_asked_for() -> None:
    """Ours: money never moves in a currency that nobody said."""
    parsed = parse("charge acme corp a grand", now=NOW)
    assert parsed.skill == "create_payment"
    assert parsed.missing == ["currency"]
    assert parsed.question is not None and "currency" in parsed.question


def test_a_text_too_long_is_not_read() -> None:
    """Ours: the parser's time is bounded by the length it accepts."""
    parsed = parse("refund pi_9ZyX8w7V " * (MAX_CHARACTERS // 10), now=NOW)
    assert parsed.skill is None and parsed.question


def test_the_time_is_an_argument() -> None:
    """Ours: the same sentence said on another day means another day; a naive time is UTC."""
    said = parse("payments yesterday", now=datetime(2024, 3, 1, 12)).entities  # noqa: DTZ001 - naive on purpose
    assert said == {"start": "2024-02-29", "end": "2024-03-01"}


def test_example_phrases_support_but_never_choose_a_write() -> None:
    """Ours: a skill's own examples are evidence for a reading, not a way to trigger a write."""
    phrases = {"refund_payment": ["money stuff please"], "list_payments": ["show {status} payments"]}
    assert parse("money stuff please", now=NOW, phrases=phrases).skill not in WRITES
    plain, supported = parse("failed payments", now=NOW), parse("failed payments", now=NOW, phrases=phrases)
    assert plain.skill == supported.skill and supported.confidence >= plain.confidence


@pytest.mark.parametrize(
    "text",
    [
        "refund pi_123abc $-5",
        "refund $-5 of pi_123abc",
        "refund $20 plus tax of pi_123abc",
        "refund pi_123abc $20 including fees",
        "refund $ of the last payment of Jane Doe",
        "refund the 3rd payment of bob@example.com",
        "refund the second to last payment of Jane Doe",
        "refund the largest payment of Acme",
    ],
)
def test_what_was_not_read_in_a_refund_is_a_question(text: str) -> None:
    """Ours: an amount or a payment that fell out of sight would refund the whole of another one."""
    parsed = parse(text, now=NOW)
    assert parsed.skill == "clarify"
    assert parsed.question
    assert "amount" not in parsed.entities
    assert "payment_ref" not in parsed.entities or "last payment of" in text


@pytest.mark.parametrize(
    ("text", "skill"),
    [
        ("which account is this?", "get_account"),
        ("show my account", "get_account"),
        ("account details", "get_account"),
        ("are we in test mode?", "get_account"),
        ("show my proposals", "list_proposals"),
        ("what's waiting for approval?", "list_proposals"),
        ("pending approvals", "list_proposals"),
        ("what is my account number", None),
        ("list proposals for the school play", None),
        ("account manager jobs", None),
    ],
)
def test_questions_about_the_desk_itself_are_whole_sentences(text: str, skill: str | None) -> None:
    """Ours: an assistant may ask where it is and what waits; anything around those words is someone else's matter."""
    assert parse(text, now=NOW).skill == skill
