"""From what was understood to a call's arguments.

Whatever was understood and finds no place among the skill's parameters is said, never dropped: an answer that silently
ignored half of the question would be wrong about money.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from paydesk.skills.base import Json, Skill

# Entity -> the parameters that may hold it, the first that the skill has. An entity's own name always comes first.
_PLACES: Mapping[str, tuple[str, ...]] = {
    "customer": ("customer", "query", "name", "invoice"),
    "email": ("customer", "query", "invoice"),
    "customer_id": ("customer", "query", "invoice"),
    "email_domain": ("query",),
    "phone": ("query",),
    "payment_intent_id": ("payment",),
    "charge_id": ("payment",),
    "payment_ref": ("payment",),
    "subscription_id": ("subscription", "query"),
    "invoice_id": ("invoice", "query"),
    "dispute_id": ("dispute", "query"),
    "payout_id": ("payout", "query"),
    "product_id": ("product", "query"),
    "price_id": ("price", "product", "query"),
    "balance_type": ("kind",),
    "old_name": ("customer",),
    "new_name": ("name",),
    "new_email": ("email",),
    "new_phone": ("phone",),
    "card": ("payment_method",),
}
# An address names whom it concerns wherever somebody has to be named; a new one is `new_email`.
_BEFORE_ITSELF = {"email": "customer"}
_COMPARISONS = {"amount_gt": ">", "amount_gte": ">=", "amount_lt": "<", "amount_lte": "<="}
_AMOUNTS = frozenset({"amount", "payment_amount", *_COMPARISONS})


def arguments_for(skill: Skill, entities: Mapping[str, object]) -> tuple[Json, list[str]]:
    """The skill's arguments for what was understood, and the names of what found no place among them."""
    fields = skill.params.model_fields
    arguments: Json = {}
    left: list[str] = []
    if fields.keys() & {"payment_method", "card"}:
        entities = _with_card(entities)
    for name, value in entities.items():
        if value is None or name in _AMOUNTS or (name == "description" and "items" in fields):
            continue
        first = (_BEFORE_ITSELF[name],) if name in _BEFORE_ITSELF else ()
        named = (*first, name, *_PLACES.get(name, ()))
        places = [place for place in named if place in fields and place not in arguments]
        if places and _may_be(fields[places[0]].annotation, value):
            arguments[places[0]] = _fitting(fields[places[0]].annotation, value)
        elif not (name == "full" and value is True):  # the whole is what a refund without an amount gives back
            left.append(name)
    left += _place_amounts(skill, arguments, fields, entities)
    return arguments, left


# What the days of a sentence are of, where the skill can tell it apart.
_OF_WHAT: Mapping[str, re.Pattern[str]] = {
    "due": re.compile(r"\b(?:due|deadlines?|overdue)\b", re.IGNORECASE),
    "canceled": re.compile(r"\bcancel(?:l?ed|ed|lations?)\b|\bchurned\b", re.IGNORECASE),
    "period_end": re.compile(r"\b(?:renew(?:s|ing|als?)?|period ends?|runs? out|expir(?:e|es|ing))\b", re.IGNORECASE),
}


def dated_by(skill: Skill, arguments: Json, text: str) -> Json:
    """The arguments with `date_of` where the words say what the days are of: "disputes due this week"."""
    field = skill.params.model_fields.get("date_of")
    if field is None or "date_of" in arguments or not arguments.keys() & {"start", "end"}:
        return arguments
    said = [name for name, words in _OF_WHAT.items() if words.search(text) and _may_be(field.annotation, name)]
    return arguments | {"date_of": said[0]} if len(said) == 1 else arguments


def _with_card(entities: Mapping[str, object]) -> Mapping[str, object]:
    """Brand and last four digits as one text, which is how a saved card is named: `visa 4242`."""
    said = [str(entities[name]) for name in ("card_brand", "last4") if name in entities]
    others = {name: value for name, value in entities.items() if name not in ("card_brand", "last4")}
    return others | {"card": " ".join(said)} if said else entities


def _may_be(annotation: Any, value: object) -> bool:
    """False where the parameter has a list of values, and this is none of them."""
    if get_origin(annotation) is Literal:
        return value in get_args(annotation)
    parts = [part for part in get_args(annotation) if part is not type(None)]
    return not parts or any(_may_be(part, value) for part in parts)


def _fitting(annotation: Any, value: object) -> object:
    """The value as JSON; shares are text, so that 33.33 stays exact."""
    return str(value) if "str" in str(annotation) and isinstance(value, int | float) else value


# What an item is called where nobody said what for.
_USUAL_ITEM = {"create_payment_link": "Payment", "create_checkout": "Payment"}


def _place_amounts(
    skill: Skill, arguments: Json, fields: Mapping[str, Any], entities: Mapping[str, object]
) -> list[str]:
    """Put amounts where the skill takes them; returns the names that found no place."""
    from paydesk.intents.entities.currencies import iso_to_stripe

    said = [name for name in entities if name in _AMOUNTS and entities[name] is not None]
    if not said:
        return []
    currency = entities.get("currency")
    if {"amount_minor", "items"} & fields.keys() and said == ["amount"]:
        if not isinstance(currency, str):
            return ["currency"]
        amount_minor = iso_to_stripe(_whole(entities["amount"]), currency)
        what_for = entities.get("description") or (_USUAL_ITEM.get(skill.name, "As agreed"))
        if "items" in fields:  # what is said in words has one item
            arguments["items"] = [{"description": what_for, "amount_minor": amount_minor}]
        else:
            arguments["amount_minor"] = amount_minor
        return []
    if "amount_major" not in fields:
        return said
    spoken = {name: _major(_whole(entities[name]), currency) for name in said}
    if set(said) == {"amount_gte", "amount_lte"}:
        arguments["amount_major"] = f"{spoken['amount_gte']}..{spoken['amount_lte']}"
    elif len(said) == 1:
        arguments["amount_major"] = _COMPARISONS.get(said[0], "=") + spoken[said[0]]
    else:
        return said
    return []


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("an amount is an integer in minor units")
    return value


def _major(amount_minor: int, currency: object) -> str:
    """Minor units (hundredths where no currency was said) as a decimal in major units: 100000 -> "1000"."""
    from paydesk.intents.entities.currencies import exponent

    decimals = exponent(currency) if isinstance(currency, str) else 2
    if decimals == 0:
        return str(amount_minor)
    text = f"{amount_minor:0{decimals + 1}d}"
    whole, part = text[:-decimals], text[-decimals:]
    return f"{whole}.{part}" if int(part) else whole
