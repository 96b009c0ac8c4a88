"""Arguments: strict names and types, errors that name the field, values that are never echoed."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from paydesk.server.argument_words import wanted
from paydesk.server.arguments import in_our_names, parse_arguments
from paydesk.server.errors import ArgumentError, StripeNotFound
from paydesk.skills.base import Desk, Effect, Json, Result, Skill, Strict, skill
from paydesk.skills.catalogue import catalogue


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


def _patterns(node: Any, name: str) -> Iterator[tuple[str, str]]:
    """Every pattern of a schema, with the argument that it is of."""
    if isinstance(node, list):
        for part in node:
            yield from _patterns(part, name)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("pattern"), str):
        yield name, node["pattern"]
    for key, value in node.items():
        if key in ("properties", "$defs"):
            for inner, part in value.items():
                yield from _patterns(part, inner)
        elif key == "patternProperties":
            yield from ((name, pattern) for pattern in value)
        elif key != "pattern":
            yield from _patterns(value, name)


@pytest.mark.parametrize("one", catalogue().values(), ids=lambda one: one.name)
def test_a_form_is_told_in_words_and_not_as_a_pattern(one: Skill) -> None:
    """Ours: nobody mends an argument by a regular expression."""
    for name, pattern in _patterns(one.params.model_json_schema(), ""):
        assert (wanted(name, "string_pattern_mismatch", pattern) or "").startswith("must "), (name, pattern)


@pytest.mark.parametrize("code", ["EUR", "Eur", "eur"])
def test_a_currency_is_taken_in_capitals_too(code: str) -> None:
    """ISO 4217 writes capitals, Stripe small letters. Ours: either is the same currency, and no call is lost on it."""
    arguments = {"customer": "Jane", "amount_minor": 100, "currency": code}
    assert parse_arguments(catalogue()["create_payment"], arguments).currency == "eur"


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("list_payments", {"currency": "US$"}, "currency must be a currency's three letters, such as usd"),
        ("list_payments", {"currency": "XYZ"}, "currency: no such currency; give an ISO 4217 code such as usd"),
        ("list_payments", {"amount_major": "a lot"}, "amount_major must be an amount in major units, such as >50"),
        ("list_payments", {"start": "yesterday"}, "start must be a day, such as 2026-11-21"),
        ("list_payments", {"limit": "5"}, "limit must be a whole number"),
        ("list_payments", {"limit": 500}, "limit must be less than or equal to 100"),
        ("list_payments", {"sort": "biggest"}, "sort must be 'newest', 'oldest', 'largest' or 'smallest'"),
        ("list_disputes", {"dispute": "x"}, "dispute must be an id of the form dp_... or du_..."),
        ("create_payment_link", {"items": "x"}, "items must be a list"),
        ("create_payment_link", {"items": [{"price": 5}]}, "items[0].price must be text"),
        ("create_payment_link", {"items": []}, "items must have at least 1 item, not 0"),
        (
            "create_payment_link",
            {"items": [{"amount": 5}]},
            "items[0].amount is not an argument (did you mean amount_m",
        ),
        (
            "create_payment_link",
            {"items": [{"sum": 5}]},
            "Members of items: description, amount_minor, price, quantity",
        ),
        ("update_customer", {"customer": "a", "address": {"street": "x"}}, "Members of address: line1, line2, city"),
        (
            "update_customer",
            {"customer": "a", "adress": {}},
            "adress is not an argument (did you mean address?). Argum",
        ),
        ("update_customer", {"customer": "a", "address": {"country": "de"}}, "address.country must be a country's two"),
        ("report_usage", {"meter": "m", "customer": "a", "used": 1, "used_at": "now"}, "used_at must be a time with"),
        ("cancel_subscription", {"prorate": "no"}, "prorate must be true or false"),
    ],
)
def test_an_error_says_what_would_be_right(name: str, arguments: Json, says: str) -> None:
    """Ours: the argument and its form, in a sentence that a model or a person can act on."""
    with pytest.raises(ArgumentError) as caught:
        parse_arguments(catalogue()[name], arguments)
    assert says in caught.value.as_text()


def test_a_refusal_of_stripe_names_the_argument_as_it_is_called_here() -> None:
    """Stripe says `intent` or `id` of what is `payment` or `customer` here; what it quotes tells which it is."""

    def told(field: str | None, **arguments: str) -> str | None:
        problem = StripeNotFound("No such payment_intent: 'pi_1'", field=field)
        return in_our_names(problem, catalogue()["get_payment"], arguments).field

    assert told("intent", payment="pi_1", customer="pi") == "payment"
    assert told("customer", payment="pi_1") == "customer"
    assert told("intent", payment="latest", customer="Jane") == "intent"
    assert told(None, payment="pi_1") is None
