"""What an answer showed, as things that can be referred to later."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from paydesk.intents.conversation import ITEMS_MOST, Item, Turn, kind_of
from paydesk.skills.base import Json, StripeReader
from paydesk.skills.hostile_text import clean
from paydesk.skills.who import MARGIN, SURE

_ID = re.compile(r"[a-z]{2,8}_[A-Za-z0-9_]{1,100}")
_CHOICE_ID = re.compile(r"\b(?:cus|pi|ch|py|sub|in|du|dp|po|prod|price|pm|card|si)_[A-Za-z0-9]{1,100}\b")
_LABEL_CHARACTERS = 80
_WHO = ("customer", "query")


def shown(name: str, arguments: Mapping[str, object], result: Json, entities: Mapping[str, object]) -> Turn:
    """What an answer was about, and what it listed."""
    asked = _asked_for(arguments, entities)
    said = tuple(entities.items())
    if "proposal_id" in result:
        return Turn(name, said, about=(asked,) if asked else ())
    single = _item(result)
    rows = _rows(result)
    items = tuple(item for item in (_item(row) for row in rows or ()) if item is not None)
    if single is not None:
        owner = single if single.kind == "customer" else None
        return Turn(name, said, (single,), tuple(_owned(item, owner) for item in items), lists=bool(items))
    more = bool(result.get("has_more"))
    if arguments.get("limit") == 1 and len(items) == 1:
        return Turn(name, said, items, items, lists=True)  # one was asked for, so that one is meant
    if items and all(item.kind == "customer" for item in items):
        # Who was looked for is who was found, where one fits and no other comes near.
        return Turn(name, said, _sure(items, rows or []), items, more, lists=True)
    if asked is not None and asked.kind == "customer":
        called = next((item.owner for item in items if item.owner), None)
        asked = Item("customer", asked.id, called or asked.label, said=asked.said)
        items = tuple(_owned(item, asked) for item in items)
    return Turn(name, said, (asked,) if asked else (), items, more, lists=rows is not None)


def _sure(items: tuple[Item, ...], rows: list[Json]) -> tuple[Item, ...]:
    first, *others = [float(row.get("confidence") or 0.0) for row in rows]
    clear = first * 100 >= SURE and all((first - other) * 100 >= MARGIN for other in others)
    return items[:1] if clear else ()


def _asked_for(arguments: Mapping[str, object], entities: Mapping[str, object]) -> Item | None:
    """The customer, or the one thing, that the question itself named."""
    who = next((arguments[name] for name in _WHO if isinstance(arguments.get(name), str)), None)
    thing = next((value for name, value in arguments.items() if name in _THINGS and _is_id(value)), None)
    if isinstance(thing, str):
        return Item(kind_of(thing) or "", thing, thing) if kind_of(thing) else None
    if not isinstance(who, str) or not entities.keys() & {"customer", "email", "customer_id"}:
        return None
    if who.startswith("cus_"):
        return Item("customer", who, who)
    return Item("customer", "", clean(who, _LABEL_CHARACTERS), said=who)


_THINGS = frozenset({"payment", "subscription", "invoice", "dispute", "payout", "proposal"})


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _owned(item: Item, owner: Item | None) -> Item:
    """The row of a customer who was asked for belongs to them, whatever it tells of a name."""
    if owner is None or item.kind == "customer":
        return item
    return replace(item, owner_id=owner.id or None, owner=None if not owner.id else item.owner)


#: The longest list that any skill gives.
ROWS_MOST = 100


def _rows(result: Json, most: int = ITEMS_MOST + 1) -> list[Json] | None:
    """The rows of a list, an empty one too; None where there is no list of things with ids."""
    for name, value in result.items():
        if isinstance(value, list) and (value or name in _LISTS):
            known = all(isinstance(row, dict) and kind_of(str(_id_of(row))) for row in value)
            if known:
                return value[:most]
    return None


def items_of(result: Json) -> tuple[Item, ...]:
    """What a list shows, as things that can be referred to."""
    return tuple(item for item in (_item(row) for row in _rows(result, ROWS_MOST) or ()) if item is not None)


_LISTS = frozenset({
    "payments", "customers", "subscriptions", "invoices", "disputes", "payouts", "refunds", "products", "proposals",
})  # fmt: skip


def _id_of(row: Mapping[str, Any]) -> object:
    return row.get("id") or row.get("proposal_id")


def _item(row: Mapping[str, Any]) -> Item | None:
    object_id = _id_of(row)
    if not isinstance(object_id, str) or not _ID.fullmatch(object_id):
        return None
    kind = kind_of(object_id)
    if kind is None:
        return None
    amount = row.get("amount") or row.get("total")
    money = amount if isinstance(amount, dict) else {}
    owner = row.get("customer") if isinstance(row.get("customer"), str) else None
    owner_id = row.get("customer_id")
    if owner and owner.startswith("cus_"):
        owner_id, owner = owner_id or owner, None
    day = row.get("created")
    told = [money.get("text"), row.get("name"), row.get("plan"), f"from {owner}" if owner else None, row.get("email")]
    told += [row.get("text"), row.get("status"), day]
    label = ", ".join(str(part) for part in told if isinstance(part, str) and part)
    return Item(
        kind,
        object_id,
        f"{clean(label, _LABEL_CHARACTERS)} {object_id}".strip(),
        owner_id=str(owner_id) if isinstance(owner_id, str) else None,
        owner=clean(owner, _LABEL_CHARACTERS) if owner else None,
        email=row.get("email") if isinstance(row.get("email"), str) else None,
        amount_minor=money.get("amount_minor"),
        currency=money.get("currency"),
        status=row.get("status") if isinstance(row.get("status"), str) else None,
        day=day[:10] if isinstance(day, str) else None,
    )


_ITS_PAYMENT = re.compile(r", ((?:pi|ch|py)_[A-Za-z0-9]{1,100})\)")
_ON_A_PAYMENT = frozenset({"refund_payment", "capture_payment", "cancel_payment"})


def proposal_of(skill: str | None, outcome: Json) -> Item:
    """The proposal that a write became; `of` is the payment that it is about, where it is about one."""
    # Our own words end with the payment's id, after whatever a customer is called.
    told = _ITS_PAYMENT.findall(str(outcome.get("says"))) if skill in _ON_A_PAYMENT else []
    proposal_id = str(outcome["proposal_id"])
    return Item("proposal", proposal_id, proposal_id, status=outcome.get("state"), of=told[-1] if told else None)


# What belongs to a customer -> where it is read.
_OWNED_AT = {
    "pi": "/v1/payment_intents",
    "ch": "/v1/charges",
    "py": "/v1/charges",
    "sub": "/v1/subscriptions",
    "in": "/v1/invoices",
}


async def owner_of(stripe: StripeReader, object_id: str) -> str | None:
    """The customer to whom a payment, subscription or invoice belongs; None where to nobody. Raises NotFound."""
    path = _OWNED_AT.get(object_id.partition("_")[0])
    if path is None or not _is_id(object_id):
        return None
    customer = (await stripe.get(f"{path}/{object_id}")).get("customer")
    return str(customer["id"] if isinstance(customer, dict) else customer) if customer else None


def options_of(choices: tuple[str, ...]) -> tuple[Item, ...]:
    """The choices of an error as things to pick from; the id that we wrote stands last, after what customers wrote."""
    found = []
    for choice in choices:
        ids = _CHOICE_ID.findall(choice)
        if ids:
            found.append(Item(kind_of(ids[-1]) or "other", ids[-1], choice))
    return tuple(found) if len(found) == len(choices) else ()
