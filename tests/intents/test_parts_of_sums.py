"""Parts of a payment, however they are said: a part that is not read must never become the whole."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from paydesk.intents.parse import parse
from paydesk.intents.router import WRITES

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PI = "pi_3QpD5gLkdIwHu7ix1hWcE9kY"


@pytest.mark.parametrize(
    "wording", ["refund {part} of {it}", "refund {it} {part}", "refund {part} on {it}", "{part} back on {it}"]
)
@pytest.mark.parametrize(
    ("part", "percent"),
    [
        ("half", 50),
        ("a third", 33.33),
        ("a quarter", 25),
        ("one quarter", 25),
        ("a fifth", 20),
        ("two thirds", 66.67),
        ("40%", 40),
    ],
)
def test_a_part_is_refunded_as_a_part(wording: str, part: str, percent: float) -> None:
    """Ours: "a quarter" of a payment is no three months; where a form is not understood, it is asked or nothing."""
    parsed = parse(wording.format(part=part, it=PI), now=NOW)
    if parsed.skill in WRITES and not parsed.missing:
        assert Decimal(str(parsed.entities["percent"])) == Decimal(str(percent))


@pytest.mark.parametrize(
    "text",
    [
        "on fatima's last payment go ahead and refund a quarter",
        "refund a quarter of fatima's last payment",
        "give fatima a quarter of her last payment back",
    ],
)
def test_a_quarter_of_the_last_payment_is_a_quarter(text: str) -> None:
    """Ours: whatever its place in the sentence."""
    assert parse(text, now=NOW).entities == {"customer": "fatima", "payment_ref": "latest", "percent": 25}


@pytest.mark.parametrize("part", ["sixth", "ninth", "good part", "large share", "few euros", "bit"])
def test_what_names_no_share_is_asked_about(part: str) -> None:
    """Ours: a part that nobody can count is never the whole."""
    parsed = parse(f"refund a {part} of {PI}", now=NOW)
    assert parsed.skill in (None, "clarify") or parsed.missing


@pytest.mark.parametrize("name", ["marco bellini", "charles", "billy marsh", "augusto bayer", "monte clements"])
def test_names_that_look_like_slips_are_names(name: str) -> None:
    """Ours: "marco" is no March, and somebody all the same."""
    assert parse(f"charge {name} 85 dollars", now=NOW).entities.get("customer") == name
