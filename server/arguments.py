"""Arguments of a call, parsed strictly: names and types must fit, values are never changed and never echoed."""

import json
import re
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from paydesk.server.argument_words import wanted
from paydesk.server.errors import ArgumentError, StripeProblem
from paydesk.server.limits import ARGUMENT_BYTES
from paydesk.skills.base import Skill, Strict
from paydesk.skills.hostile_text import clean

_NAME_CHARACTERS = 40
_SHOULD = re.compile(r"(?:Input|String|List|Dictionary|Value|Data) should ")


def parse_arguments(skill: Skill, arguments: Mapping[str, Any]) -> Strict:
    """The arguments as the skill's params. Raises ArgumentError that names every field at fault.

    JSON mode is what makes strictness fit a protocol: a date may be text, but `"500"`, `5.0` or `true` is no integer.
    """
    try:
        text = json.dumps(dict(arguments), allow_nan=False)
    except (TypeError, ValueError):
        raise ArgumentError("Arguments must be a JSON object of plain values.") from None
    if len(text) > ARGUMENT_BYTES:
        raise ArgumentError(f"Arguments must be smaller than {ARGUMENT_BYTES:,} bytes.")
    try:
        return skill.params.model_validate_json(text)
    except ValidationError as wrong:
        details = wrong.errors(include_url=False, include_input=False)
        raise _error(skill, details) from None


def in_our_names(problem: StripeProblem, skill: Skill, arguments: Mapping[str, Any]) -> StripeProblem:
    """Stripe's refusal with the argument at fault in our name: Stripe says `intent` of what is called `payment` here.

    It is the argument whose value Stripe's message quotes; where that is none of them, Stripe's own name stays.
    """
    if problem.field in (None, *skill.params.model_fields):
        return problem
    quoted = (name for name, value in arguments.items() if isinstance(value, str) and f"'{value}'" in problem.message)
    problem.field = next(quoted, problem.field)
    return problem


def _error(skill: Skill, details: list[ErrorDetails]) -> ArgumentError:
    said = [_complaint(skill, detail) for detail in details[:5]]
    first = details[0]["loc"]
    return ArgumentError(
        f"{skill.name}: " + "; ".join(said) + ".",
        field=clean(first[0], _NAME_CHARACTERS) if first else None,
        next_step=_next_step(skill, details),
    )


def _complaint(skill: Skill, detail: ErrorDetails) -> str:
    place = _place(detail) or "arguments"
    kind = detail["type"]
    if kind == "extra_forbidden":
        nearest = _nearest(str(detail["loc"][-1]), list(_taken_at(skill, detail)))
        return f"{place} is not an argument" + (f" (did you mean {nearest}?)" if nearest else "")
    if kind == "missing":
        return f"{place} is required"
    if kind == "json_invalid":
        return "arguments are not valid JSON"
    named = [str(part) for part in detail["loc"] if isinstance(part, str)]
    pattern = str(detail.get("ctx", {}).get("pattern") or "") or None
    for name in reversed(named):
        right = wanted(name, kind, pattern)
        if right is not None:
            return f"{place} {right}"
    text = detail["msg"].removeprefix("Value error, ").replace(" after validation", "")
    should = _SHOULD.match(text)
    if should:
        return f"{place} must {text[should.end() :]}"
    return f"{place}: {text[:1].lower()}{text[1:]}"


def _place(detail: ErrorDetails) -> str:
    """Where it is, such as `items[0].price`: as the skills' own errors name it."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{clean(part, _NAME_CHARACTERS)}" for part in detail["loc"])
    return "".join(parts).removeprefix(".")


def _next_step(skill: Skill, details: list[ErrorDetails]) -> str | None:
    misnamed = next((one for one in details if one["type"] in ("extra_forbidden", "missing")), None)
    if misnamed is None:
        return None
    names = ", ".join(
        f"{name} (required)" if field.is_required() else name for name, field in _taken_at(skill, misnamed).items()
    )
    inside = [part for part in misnamed["loc"][:-1] if isinstance(part, str)]
    if inside:
        return f"Members of {'.'.join(inside)}: {names}."
    return f"Arguments of {skill.name}: {names or 'none'}."


def _taken_at(skill: Skill, detail: ErrorDetails) -> Mapping[str, FieldInfo]:
    """What may stand where something is wrong: the skill's arguments, or the members of one of them."""
    model: type[BaseModel] = skill.params
    for part in detail["loc"][:-1]:
        field = model.model_fields.get(part) if isinstance(part, str) else None
        model = (_model_in(field.annotation) if field else None) or model
    return model.model_fields


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an argument's type holds: itself, or the items of a list, or what may be left out."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)


def _nearest(name: str, known: list[str]) -> str | None:
    from rapidfuzz import process

    found = process.extractOne(name, known, score_cutoff=70)
    return found[0] if found else None
