"""Rules over the whole catalogue: what every skill has in common, whoever wrote it."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import BaseModel
from rapidfuzz import fuzz

from paydesk.server.mcp.schemas import input_schema
from paydesk.skills import base
from paydesk.skills.base import Plan, Result, Skill, WriteParams, WriteResult
from paydesk.skills.catalogue import catalogue

SKILLS = list(catalogue().values())
EACH = pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.name)
TOOLSETS = {
    *("account", "analytics", "customers", "desk", "disputes", "invoices"),
    *("payments", "payouts", "products", "subscriptions", "tax", "terminal"),
}
# Names whose values differ by what is listed; their type is text all the same. Only a list's `detail` takes fields.
_OWN_VALUES = {"status", "state", "date_of", "kind", "method", "scope", "reason", "detail"}
# One thing by id or name in its own list, and a filter in another's: the words explain which forms are taken.
_OWN_WORDS = {"product", "query", "text", "name", "email"}
_DESCRIPTION_MOST = 110
_SLOTS = {
    *("amount_major", "card", "customer", "dates", "email", "money", "payment_ref", "percent", "phrase", "text"),
    *("start", "end"),
}


def _models(model: type[BaseModel], seen: set[type[BaseModel]] | None = None) -> Iterator[type[BaseModel]]:
    """A model and every model within it."""
    seen = set() if seen is None else seen
    if model in seen:
        return
    seen.add(model)
    yield model
    for hint in get_type_hints(model).values():
        for part in _parts(hint):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _models(part, seen)


def _parts(hint: Any) -> Iterator[Any]:
    yield hint
    for part in get_args(hint):
        yield from _parts(part)


@EACH
def test_a_description_is_one_short_line_that_ends_with_a_period(skill: Skill) -> None:
    """Ours: it is what a model searches and pays for."""
    assert re.fullmatch(r"[A-Z][^\n]*\.", skill.description)
    assert len(skill.description) <= _DESCRIPTION_MOST
    assert skill.title.strip() == skill.title
    assert skill.title


@EACH
def test_a_skill_stands_in_a_known_toolset_and_its_file_says_its_name(skill: Skill) -> None:
    """Ours: file name = function name = tool name; toolsets are what operators type."""
    assert skill.toolset in TOOLSETS
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", skill.name)
    assert skill.run.__module__.rpartition(".")[2] == skill.name


def test_no_two_names_are_alike() -> None:
    """Ours: a model must not mistake one tool for another."""
    names = sorted(catalogue())
    for index, name in enumerate(names):
        for other in names[index + 1 :]:
            assert fuzz.ratio(name, other) < 88, f"{name} and {other}"
    descriptions = [skill.description for skill in SKILLS]
    assert len(set(descriptions)) == len(descriptions)
    titles = [skill.title for skill in SKILLS]
    assert len(set(titles)) == len(titles)


@EACH
def test_a_write_plans_and_can_be_repeated_on_purpose_and_a_read_cannot(skill: Skill) -> None:
    """Ours: skill code never sends; a write returns a Plan of a result that can be read again after a restart."""
    returned = get_type_hints(skill.run)["return"]
    if not skill.writes:
        assert not issubclass(skill.params, WriteParams)
        return
    assert getattr(returned, "__origin__", None) is Plan
    assert issubclass(skill.result, WriteResult)
    assert skill.result.read.__func__ is not WriteResult.read.__func__
    assert issubclass(skill.params, WriteParams)


@EACH
def test_a_result_says_itself_in_a_sentence_and_is_closed(skill: Skill) -> None:
    """Ours: a client that reads only text is told as much."""
    assert skill.result.sentence is not Result.sentence
    assert issubclass(skill.result, Result)
    for model in _models(skill.result):
        assert model.model_config.get("extra") == "forbid", model
        assert model.model_config.get("frozen"), model


@EACH
def test_money_is_never_a_float(skill: Skill) -> None:
    """Ours: amounts are whole minor units with a currency; a bare number is neither."""
    for model in [*_models(skill.params), *_models(skill.result)]:
        for name, hint in get_type_hints(model).items():
            looks_like_money = re.search(r"amount|price|total|fee|balance|sum|cost|paid|refunded|owed", name)
            assert not (looks_like_money and float in list(_parts(hint))), f"{model.__name__}.{name}"
            is_bare = looks_like_money and int in list(_parts(hint))
            assert not is_bare or name.endswith(("_minor", "_count", "more_prices")), f"{model.__name__}.{name}"


@EACH
def test_no_result_has_a_place_for_a_secret(skill: Skill) -> None:
    """Ours: never a client_secret, a key or a token."""
    for model in _models(skill.result):
        assert not [name for name in model.model_fields if re.search(r"secret|api_key|token|password", name)]


@EACH
def test_examples_are_arguments_that_fit(skill: Skill) -> None:
    """Ours: what hosts are shown can be called as it stands."""
    assert skill.examples, "an example says more than a schema"
    for example in skill.examples:
        skill.params.model_validate_json(json.dumps(example))
        assert set(example) <= set(skill.params.model_fields)


@EACH
def test_phrases_are_short_lower_case_and_fill_slots_that_the_skill_has(skill: Skill) -> None:
    """Ours: the router learns from them; a slot without a parameter could never be filled."""
    assert skill.says or skill.name == "ask"
    assert len(set(skill.says)) == len(skill.says)
    for phrase in skill.says:
        slots = set(re.findall(r"\{(\w+)\}", phrase))
        assert len(phrase) <= 80
        assert not phrase.endswith((".", "?", "!"))
        assert slots <= {*skill.params.model_fields, *_SLOTS}, f"{skill.name}: {phrase}"


def test_a_phrase_belongs_to_one_skill() -> None:
    """Ours: two skills that claim a sentence would make a guess of it."""
    claimed: dict[str, list[str]] = defaultdict(list)
    for skill in SKILLS:
        for phrase in skill.says:
            claimed[phrase.casefold()].append(skill.name)
    assert {phrase: names for phrase, names in claimed.items() if len(names) > 1} == {}


def test_a_parameter_means_the_same_in_every_skill() -> None:
    """Ours: a model that has learnt one tool knows the others' arguments."""
    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for skill in SKILLS:
        for name, schema in input_schema(skill).get("properties", {}).items():
            kept = dict(schema)
            if name in _OWN_VALUES:
                kept.pop("enum", None)
                kept.pop("const", None)
            if name in _OWN_WORDS:
                kept.pop("description", None)
            # A description may be left out where another tool's says it, and never says something else.
            description = kept.pop("description", None)
            said[name][json.dumps(kept, sort_keys=True)].append(skill.name)
            if description:
                said[f"{name} described"][description].append(skill.name)
    differing = {name: dict(forms) for name, forms in said.items() if len(forms) > 1}
    assert differing == {}


@EACH
def test_lists_are_paged_alike(skill: Skill) -> None:
    """Ours: whoever gives a limit is told whether there is more, and how to go on."""
    if "limit" in skill.params.model_fields:
        assert "has_more" in skill.result.model_fields
    if "cursor" in skill.params.model_fields:
        assert {"has_more", "next_cursor", "looked_at"} <= set(skill.result.model_fields)
    if {"start", "end"} & set(skill.params.model_fields):
        assert {"start", "end"} <= set(skill.params.model_fields)


def test_every_skill_declares_itself_through_the_one_decorator() -> None:
    """Ours: a skill is a value; nothing else makes one."""
    assert all(isinstance(skill, base.Skill) for skill in SKILLS)
    assert list(catalogue()) == sorted(catalogue())
