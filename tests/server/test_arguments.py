"""Arguments: strict names and types, errors that name the field, values that are never echoed."""

from datetime import date
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from paydesk.server.arguments import parse_arguments
from paydesk.server.errors import ArgumentError
from paydesk.skills.base import Desk, Effect, Result, Strict, skill


class Params(Strict):
    limit: int = Field(10, ge=1, le=100)
    start: date | None = None
    status: Literal["open", "closed"] | None = None
    customer: str | None = None


class Nothing(Result):
    pass


@skill(effect=Effect.READ, toolset="none")
async def probe(params: Params, desk: Desk) -> Nothing:
    """Probe."""
    return Nothing()


def test_json_types_are_taken_as_they_are() -> None:
    """Ours: JSON has no dates, so a date is ISO text; nothing else is converted."""
    params = parse_arguments(probe, {"limit": 5, "start": "2026-11-01", "status": "open"})
    assert params == Params(limit=5, start=date(2026, 11, 1), status="open")


@pytest.mark.parametrize("value", ["5", 5.0, 5.5, True, None, [5], 0, 101])
def test_a_wrong_type_or_range_is_refused_and_not_echoed(value: object) -> None:
    """MCP's facts: the SDK alone would run "500", 5.0 and true as integers."""
    with pytest.raises(ArgumentError) as caught:
        parse_arguments(probe, {"limit": value})
    assert caught.value.field == "limit"
    assert "limit" in caught.value.message


def test_an_unknown_name_is_refused_with_the_nearest_known_one() -> None:
    """Ours: a dropped argument would answer another question than the one asked."""
    with pytest.raises(ArgumentError, match="did you mean status"):
        parse_arguments(probe, {"statuss": "open"})


@given(st.text(min_size=8, alphabet=st.characters(categories=["L", "N"])))
def test_no_value_is_ever_echoed(secret: str) -> None:
    """Ours: an argument may hold a customer's data, and errors end up in logs."""
    with pytest.raises(ArgumentError) as caught:
        parse_arguments(probe, {"limit": f"§{secret}§", "status": f"§{secret}§"})
    assert f"§{secret}§" not in caught.value.as_text()


def test_hostile_names_are_cleaned_and_capped() -> None:
    """Ours: an argument's name comes from the caller, too."""
    with pytest.raises(ArgumentError) as caught:
        parse_arguments(probe, {"x\u202e\n" * 500: 1})
    assert "\n" not in caught.value.message
    assert "\u202e" not in caught.value.message
    assert len(caught.value.message) < 200


@pytest.mark.parametrize("arguments", [{"limit": float("nan")}, {"limit": object()}, {"customer": "x" * 100_000}])
def test_what_is_no_json_or_far_too_large_is_refused(arguments: dict[str, object]) -> None:
    """Ours: every input has a bound."""
    with pytest.raises(ArgumentError):
        parse_arguments(probe, arguments)
