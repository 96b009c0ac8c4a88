"""What leads up to a question and trails after it, and what only looks like it."""

from datetime import UTC, datetime

import pytest

from paydesk.intents.parse import parse

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OVERDUE = ("list_invoices", {"status": "past_due"})


@pytest.mark.parametrize(
    "around",
    [
        "hmm, {}",
        "yo {} pls",
        "sorry to bother you, {}?",
        "quick question: {}?",
        "I'm chasing {}",
        "we're interested in {}",
        "could I possibly have a quick list of {}",
        "I'd love to have a look at the {}",
        "walk me through the {}",
        "what's the latest on {}",
        "a rundown of the {} would be lovely",
        "{}, read me those",
        "{} - can I see them?",
        "{} as a list, if there are any",
        "{} lah",
    ],
)
def test_what_leads_up_to_a_question_changes_nothing_of_it(around: str) -> None:
    """Ours: it says that something is asked, never what."""
    parsed = parse(around.format("overdue invoices"), now=NOW)
    assert (parsed.skill, parsed.entities) == OVERDUE


@pytest.mark.parametrize(
    "text",
    [
        "hmm, the invoices are all sorted",
        "yo the payouts landed",
        "omg so many refunds",
        "I'm chasing a bus",
        "a list of my favourite films would be lovely",
        "I'd like to see fewer failed payments",
        "more payments would be great",
        "walk me through the old town",
        "what's the latest on the election",
        "please don't show me the payments",
        "no need to list the disputes",
        "thanks for showing up, disputes are hard",
    ],
)
def test_a_remark_that_begins_like_a_question_asks_nothing(text: str) -> None:
    """Ours: behind what is left out every word has to be understood, and a refusal stays one."""
    assert parse(text, now=NOW).skill is None


@pytest.mark.parametrize("text", ["Anna, which invoices are overdue?", "Anna, any overdue invoices?"])
def test_who_is_spoken_to_is_no_customer(text: str) -> None:
    """Ours: a first name and a comma call somebody; a filter that nobody asked for would hide the rest."""
    assert (parse(text, now=NOW).skill, parse(text, now=NOW).entities) == OVERDUE


@pytest.mark.parametrize("text", ["Hale & Pym: which invoices are overdue?", "Hale & Pym - any overdue invoices?"])
def test_what_stands_before_a_question_says_of_whom_it_is(text: str) -> None:
    """Ours: left out, the answer would be about everyone."""
    parsed = parse(text, now=NOW)
    assert (parsed.skill, parsed.entities) == (OVERDUE[0], OVERDUE[1] | {"customer": "Hale & Pym"})


@pytest.mark.parametrize("text", ["so yesterday, what failed?", "Yesterday: which payments failed?"])
def test_a_day_before_a_question_is_kept(text: str) -> None:
    """Ours: left out, the answer would be about all days."""
    said = {"status": "failed", "start": "2026-11-20", "end": "2026-11-21"}
    assert parse(text, now=NOW).entities == said


@pytest.mark.parametrize(
    "text", ["an agent flagged pi_3QhT2LkdIwHu7ix, open it", "pi_3QhT2LkdIwHu7ix, what became of it?"]
)
def test_one_thing_told_about_and_pointed_at_is_shown(text: str) -> None:
    """Ours: with one id in the sentence, "it" can be nothing else."""
    parsed = parse(text, now=NOW)
    assert (parsed.skill, parsed.entities) == ("get_payment", {"payment_intent_id": "pi_3QhT2LkdIwHu7ix"})
