"""What hosts read of a skill: exact, closed and short."""

import json
from enum import StrEnum
from typing import Annotated, Any, Literal

import jsonschema
import pytest
from pydantic import BaseModel, Field, ValidationError

from paydesk.server.mcp.schemas import input_schema, output_schema
from paydesk.skills.base import Desk, Effect, Result, Skill, Strict, skill
from paydesk.skills.catalogue import catalogue


class Colour(StrEnum):
    RED = "red"


class Place(BaseModel):
    """A docstring that no host needs."""

    title: str
    zip: str | None = None


class Params(Strict):
    """A docstring that no host needs."""

    title: str | None = Field(None, description="Its title")
    colour: Colour | None = None
    amount: int | Literal["all"] | None = None
    home: Place | None = None
    tags: list[str] = Field(default_factory=list)


class Country(BaseModel):
    """A docstring that no host needs."""

    title: str
    capital: str = Field(description="Where its government sits, which need not be its largest city")
    largest_city: str = Field(description="Where most of its people live, which need not be its capital")


class Found(Result):
    """A docstring that no host needs."""

    here: Place
    there: Place | None = None
    land: Country
    border: Country | None = None
    neighbours: list[Country] | None = None
    seen: Literal["yes"] | None = None


@skill(effect=Effect.READ, toolset="places")
async def find_place(params: Params, desk: Desk) -> Found:
    """Find a place."""
    raise AssertionError("never called")


def _words(node: Any) -> list[str]:
    """Every keyword of a schema, names of properties left out."""
    if isinstance(node, list):
        return [word for part in node for word in _words(part)]
    if not isinstance(node, dict):
        return []
    words = []
    for key, value in node.items():
        words.append(key)
        words += (
            [w for part in value.values() for w in _words(part)] if key in ("properties", "$defs") else _words(value)
        )
    return words


def test_optional_arguments_are_written_as_their_plain_type() -> None:
    """Ours: leaving an argument out is how null is said; `anyOf` with null is three times as long."""
    properties = input_schema(find_place)["properties"]
    assert properties["title"] == {"description": "Its title", "type": "string"}
    assert properties["colour"] == {"enum": ["red"], "type": "string"} or properties["colour"]["const"] == "red"
    assert properties["amount"]["anyOf"] == [{"type": "integer"}, {"const": "all", "type": "string"}]


def test_a_property_called_title_is_kept_where_generated_titles_go() -> None:
    """Ours: pydantic's titles say the name again and are paid for by the token."""
    home = input_schema(find_place)["properties"]["home"]
    assert home["properties"]["title"] == {"type": "string"}
    assert "title" not in _words(input_schema(find_place))
    assert "no host needs" not in json.dumps([input_schema(find_place), output_schema(find_place)])


def test_small_definitions_stand_where_they_are_used_and_large_ones_are_shared() -> None:
    """Ours: references cost a reader a look-up, repetitions cost tokens."""
    assert "$defs" not in input_schema(find_place)
    output = output_schema(find_place)
    assert list(output["$defs"]) == ["Country"]
    assert output["properties"]["border"] == {"$ref": "#/$defs/Country"}
    assert output["properties"]["neighbours"]["items"] == {"$ref": "#/$defs/Country"}
    assert output["properties"]["there"] == output["properties"]["here"]
    assert output["properties"]["there"]["required"] == ["title"]


def test_an_error_fits_the_output_schema_of_every_tool() -> None:
    """MCP, as the TypeScript SDK reads it: structured content of an error is held to the output schema too."""
    for one in [find_place, *catalogue().values()]:
        schema = output_schema(one)
        jsonschema.Draft202012Validator(schema).validate({"error": {"code": "not_found"}})
        assert "required" not in schema


@pytest.mark.parametrize("one", [*catalogue().values()], ids=lambda one: one.name)
def test_every_schema_is_valid_closed_and_without_combinators_at_the_top(one: Skill) -> None:
    """MCP and its hosts: draft 2020-12, an object; some list no tool whose schema has anyOf at the top."""
    for schema in (input_schema(one), output_schema(one)):
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
        assert not {"anyOf", "oneOf", "allOf", "not", "$ref"} & set(schema)
    assert input_schema(one)["additionalProperties"] is False
    assert "title" not in _words(input_schema(one)) + _words(output_schema(one))


@pytest.mark.parametrize("one", [*catalogue().values()], ids=lambda one: one.name)
def test_every_example_fits_the_schema_that_hosts_see(one: Skill) -> None:
    """Ours: what the desk accepts and what it says that it accepts are the same."""
    validator = jsonschema.Draft202012Validator(input_schema(one))
    for example in one.examples:
        validator.validate(example)
        one.params.model_validate_json(json.dumps(example))


class Labels(Strict):
    """A docstring that no host needs."""

    named: dict[Annotated[str, Field(pattern="^[a-z]+$")], str] = Field(default_factory=dict, max_length=20)
    pair: Annotated[list[str], Field(min_length=2, max_length=3)]
    many: Annotated[list[str], Field(min_length=1, max_length=50)]


@skill(effect=Effect.READ, toolset="places")
async def label_place(params: Labels, desk: Desk) -> Found:
    """Label a place."""
    raise AssertionError("never called")


def test_a_pattern_of_keys_and_bounds_that_nobody_meets_stay_with_the_desk() -> None:
    """Ours: a model pays for every word of a schema; the desk still checks, and its error says what would be right."""
    texts = {"type": "array", "items": {"type": "string"}}
    assert input_schema(label_place)["properties"] == {
        "named": {"type": "object", "additionalProperties": {"type": "string"}},
        "pair": {**texts, "minItems": 2, "maxItems": 3},
        "many": texts,
    }
    with pytest.raises(ValidationError):
        Labels.model_validate({"pair": ["a", "b"], "many": ["c"], "named": {"A": "b"}})
