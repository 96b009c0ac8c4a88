"""JSON Schemas of a skill as hosts read them: every byte of an input schema is paid for by a model's context.

Made from the pydantic models, then: no generated titles, no docstrings of models, `T | None` written as `T` (leaving an
argument out is how null is said), small definitions put in place, no bound or default that goes without saying, nothing
but an object at the top. Lengths and patterns of text stay with the desk, which checks them all the same: a model does
not write better text for having paid for a regular expression, and the error says what would be right.
"""

import json
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

from pydantic import BaseModel

from paydesk.skills.base import Json, Skill

_COMBINATORS = ("anyOf", "oneOf", "allOf", "not")
_TEXT_BOUNDS = frozenset({"pattern", "minLength", "maxLength"})
_REF = "#/$defs/"
_IN_PLACE_CHARACTERS = 200
# Nobody writes so many items into one call by mistake.
_MANY = 10


def input_schema(skill: Skill) -> Json:
    """The JSON Schema (draft 2020-12) of the arguments: closed, without combinators at the top.

    Raises TypeError where the params model cannot be said that way.
    """
    return _input(skill.params)


def output_schema(skill: Skill) -> Json:
    """The JSON Schema of the structured answer.

    It is open and requires nothing at the top, because the same tool may answer `{"error": {...}}`, and some clients
    (the TypeScript SDK among them) hold an error's structured content to the output schema too.
    """
    return _output(skill.answers)


@cache
def _input(params: type[BaseModel]) -> Json:
    schema = _compact(params.model_json_schema(mode="validation"))
    whole: Json = {"type": "object", "properties": {}, **schema, "additionalProperties": False}
    _check_top(params.__module__, whole)
    return whole


@cache
def _output(answers: type[BaseModel]) -> Json:
    schema = _compact(answers.model_json_schema(mode="serialization"), closed=False)
    whole = {name: part for name, part in schema.items() if name != "required"}
    _check_top(answers.__module__, whole)
    return whole


def _check_top(name: str, schema: Json) -> None:
    found = [word for word in _COMBINATORS if word in schema]
    if found or schema.get("type") != "object":
        raise TypeError(f"{name}: some hosts cannot read {found or schema.get('type')} at the top of a schema")


def _compact(schema: Json, *, closed: bool = True) -> Json:
    definitions: Json = schema.pop("$defs", {})
    if "$ref" in schema:  # pydantic puts a model that refers to itself behind a reference
        schema = {**definitions[schema["$ref"].removeprefix(_REF)]}
    parts = {name: _part(part, closed=closed) for name, part in definitions.items()}
    whole: Json = _part(schema, closed=closed)
    return _place_definitions(whole, parts)


def _part(schema: Any, *, closed: bool) -> Any:
    """One schema, and all below it, without noise."""
    if not isinstance(schema, dict):
        return schema
    flat = _without_key_pattern(_without_null(schema))
    said: Json = {}
    for key, value in flat.items():
        if key == "title" or key in _TEXT_BOUNDS or (key == "description" and "properties" in flat):
            continue
        if _goes_without_saying(key, value, flat):
            continue
        if key == "additionalProperties" and isinstance(value, bool):
            # pydantic writes it on every model; what is closed must stay so, an answer need not say it.
            if closed and not value:
                said[key] = value
            continue
        if key == "properties":
            said[key] = {name: _part(part, closed=closed) for name, part in value.items()}
        elif key in ("anyOf", "oneOf", "allOf", "prefixItems"):
            said[key] = [_part(part, closed=closed) for part in value]
        elif key in ("items", "additionalProperties"):
            said[key] = _part(value, closed=closed)
        elif key == "required":
            required = [name for name in value if not _may_be_null(flat["properties"][name])]
            if required:
                said[key] = required
        else:
            said[key] = value
    return said


def _goes_without_saying(key: str, value: Any, schema: Json) -> bool:
    """Defaults that are nothing, no, a word, or a page's size; counts that begin at 0 or 1, or end beyond any use.

    How long a list is unless asked, and how brief, is seen in every answer.
    """
    if key == "default":
        return value is None or value is False or isinstance(value, str) or "maximum" in schema
    if key in ("minimum", "minItems"):
        return value in (0, 1)
    if key in ("maxItems", "maxProperties"):
        return bool(value >= _MANY)
    return key == "maximum" and value > 1_000


def _may_be_null(schema: Json) -> bool:
    return any(part.get("type") == "null" for part in schema.get("anyOf", ()))


def _without_null(schema: Json) -> Json:
    """`anyOf: [T, null]` as `T`, with what stands beside it kept."""
    if not _may_be_null(schema):
        return schema
    others = [part for part in schema["anyOf"] if part.get("type") != "null"]
    beside = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**others[0], **beside} if len(others) == 1 else {**beside, "anyOf": others}


def _without_key_pattern(schema: Json) -> Json:
    """A mapping's one pattern of keys left out: it is a pattern of text as well."""
    patterns: Json = schema.get("patternProperties", {})
    if len(patterns) != 1:
        return schema
    beside = {key: value for key, value in schema.items() if key != "patternProperties"}
    return {**beside, "additionalProperties": next(iter(patterns.values()))}


def _place_definitions(whole: Json, parts: dict[str, Json]) -> Json:
    """Definitions used once, and small ones, go where they are used; the others stay under `$defs`."""
    uses: Counter[str] = Counter()
    _each_ref([whole, *parts.values()], lambda name: uses.update([name]))
    # A reference costs every reader a look-up, and clients that hold answers to the schema a tenth of a millisecond.
    kept = {name for name, part in parts.items() if uses[name] > 1 and len(json.dumps(part)) > _IN_PLACE_CHARACTERS}
    kept |= {name for name in parts if _refers_to_itself(name, parts)}

    def place(node: Any) -> Any:
        if isinstance(node, list):
            return [place(part) for part in node]
        if not isinstance(node, dict):
            return node
        name = node.get("$ref", "").removeprefix(_REF) if isinstance(node.get("$ref"), str) else ""
        if name and name not in kept:
            beside = {key: value for key, value in node.items() if key != "$ref"}
            return place({**parts[name], **beside})
        return {key: place(value) for key, value in node.items()}

    placed: Json = place(whole)
    used: list[str] = []
    pending = [placed]
    while pending:
        found: list[str] = []
        _each_ref(pending, found.append)
        new = [name for name in dict.fromkeys(found) if name not in used]
        used += new
        pending = [place(parts[name]) for name in new]
    if used:
        placed["$defs"] = {name: place(parts[name]) for name in sorted(used)}
    return placed


def _refers_to_itself(name: str, parts: dict[str, Json]) -> bool:
    seen: set[str] = set()
    pending = [name]
    while pending:
        found: list[str] = []
        _each_ref([parts[pending.pop()]], found.append)
        if name in found:
            return True
        pending += [other for other in found if other not in seen]
        seen.update(found)
    return False


def _each_ref(nodes: Any, tell: Callable[[str], None]) -> None:
    if isinstance(nodes, list):
        for part in nodes:
            _each_ref(part, tell)
    elif isinstance(nodes, dict):
        if isinstance(nodes.get("$ref"), str):
            tell(nodes["$ref"].removeprefix(_REF))
        for part in nodes.values():
            _each_ref(part, tell)
