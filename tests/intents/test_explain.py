"""Which words led to what."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from paydesk.intents.explain import explain
from paydesk.intents.parse import parse

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_each_word_that_mattered_is_told_with_what_it_means() -> None:
    """Ours: a decision about money can be followed word by word, slips of the finger included."""
    text = "pls refnd jane doe $20 from her last paymnt in novmber"
    parsed, steps = explain(text, now=NOW)
    told = {step.words: step.means for step in steps}
    assert parsed == parse(text, now=NOW) or parsed.skill == "refund_payment"
    assert told["refnd"] == "commands refund_payment"
    assert told["$20"] == "amount 20 usd"
    assert told["novmber"] == "dates [2026-11-01, 2026-12-01)"
    assert steps[-1].means == "so refund_payment"
    assert all(text[step.start : step.end] == step.words for step in steps)


def test_a_closed_gate_is_told() -> None:
    """Ours: why nothing was done is as clear as why something was."""
    _, steps = explain("don't refund pi_9ZyX8w7V", now=NOW)
    assert "a refusal: nothing is done" in [step.means for step in steps]
    assert steps[-1].means.startswith("so nothing")


def test_a_question_is_told_by_its_figure_or_its_thing() -> None:
    """Ours: reads are chosen by a figure or a thing that is named."""
    _, steps = explain("revenue last month", now=NOW)
    assert ("revenue", "asks for the figure revenue") in [(step.words, step.means) for step in steps]
    _, steps = explain("failed payments", now=NOW)
    assert ("payments", "names the thing payment") in [(step.words, step.means) for step in steps]


@given(st.text(max_size=80))
def test_any_text_can_be_explained(text: str) -> None:
    """Ours: explaining never fails where parsing does not."""
    parsed, steps = explain(text, now=NOW)
    assert steps
    assert parsed.skill == parse(text, now=NOW).skill
