"""The payment methods that a customer has saved, and the one that a charge would use."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from paydesk.skills.base import Json, StripeReader
from paydesk.skills.errors import Ambiguous, SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.who import label

MethodText = Annotated[str, Field(min_length=1, max_length=100, description="Id, or brand and last 4 digits")]
# What is said around the brand and the digits: "the visa ending in 4242".
_BESIDE = frozenset({"the", "a", "my", "his", "her", "their", "card", "ending", "ends", "in", "with", "that", "number"})
_BRANDS = {"american express": "amex", "master card": "mastercard", "diners club": "diners", "union pay": "unionpay"}
_SHOWN = 20
_CHOICES = 8


@dataclass(frozen=True)
class SavedMethod:
    """A saved way to pay: `text` as a person knows it, `expired` whether its month has passed.

    `is_default`: Stripe charges it where nothing else is named.
    """

    id: str
    type: str
    text: str
    expired: bool
    is_default: bool = False
    brand: str | None = None
    last4: str | None = None

    @property
    def choice(self) -> str:
        """As a candidate to choose from."""
        return f"{self.text} {self.id}"


def method_of(method: Json, now: datetime) -> SavedMethod:
    """Read a payment method."""
    card: dict[str, Any] = method.get("card") or {}
    if not card.get("last4"):
        return SavedMethod(str(method["id"]), str(method["type"]), clean(method["type"]).replace("_", " "), False)
    ends = (int(card["exp_year"]), int(card["exp_month"]))
    text = f"{card.get('brand') or 'card'} •{card['last4']} {ends[1]:02}/{ends[0]}"
    return SavedMethod(
        str(method["id"]),
        str(method["type"]),
        clean(text),
        expired=ends < (now.year, now.month),
        brand=clean(card.get("brand") or "", 40).lower() or None,
        last4=str(card["last4"]),
    )


def default_of(customer: Json) -> str | None:
    """The id of the method that Stripe charges where nothing else is named."""
    default = (customer.get("invoice_settings") or {}).get("default_payment_method")
    return str(default["id"]) if isinstance(default, dict) else default


async def saved_methods(stripe: StripeReader, customer: Json, now: datetime) -> list[SavedMethod]:
    """The customer's saved methods, newest first."""
    page = await stripe.page(f"/v1/customers/{customer['id']}/payment_methods", {"limit": _SHOWN})
    return [method_of(method, now) for method in page.data]


async def method_meant(stripe: StripeReader, customer: Json, wanted: str | None, now: datetime) -> SavedMethod | None:
    """The method to charge: the named one, else the customer's default, else the only one; None where there is none.

    Raises SkillError where the named one is not this customer's, Ambiguous where there are several and no default.
    """
    methods = await saved_methods(stripe, customer, now)
    default = default_of(customer)
    if wanted is not None:
        found = _named(methods, wanted, customer, default)
        return replace(found, is_default=found.id == default)
    for method in methods:
        if method.id == default:
            return replace(method, is_default=True)
    if len(methods) > 1:
        raise Ambiguous(
            f"{label(customer)} has {len(methods)} saved payment methods and no default: which one?",
            code="payment_method_ambiguous",
            field="payment_method",
            choices=[method.choice for method in methods[:_CHOICES]],
            next_step="Say its last four digits or its pm_ id.",
        )
    return methods[0] if methods else None


def _named(methods: list[SavedMethod], wanted: str, customer: Json, default: str | None) -> SavedMethod:
    """The method of this id, or the only one of this brand and these last four digits, or the default."""
    text = wanted.strip()
    found = [method for method in methods if method.id == text]
    if not found and "_" not in text:
        words = set(_words(text))
        found = [method for method in methods if words <= _known(method, default)]
    if len(found) == 1:
        return found[0]
    if found:
        raise Ambiguous(
            f"{label(customer)} has {len(found)} saved payment methods like that: which one?",
            code="payment_method_ambiguous",
            field="payment_method",
            choices=[method.choice for method in found[:_CHOICES]],
            next_step="Say its pm_ id.",
        )
    raise SkillError(
        f"{label(customer)} has no such payment method saved.",
        code="payment_method_not_found",
        field="payment_method",
        choices=[method.choice for method in methods[:_CHOICES]],
        next_step="Name one of these." if methods else "A method is saved when the customer pays or enters it.",
    )


def _words(text: str) -> list[str]:
    """The words that tell methods apart; where there are none, `card` or the whole text."""
    said = text.lower().replace("•", " ").replace(",", " ")
    for spelt, brand in _BRANDS.items():
        said = said.replace(spelt, brand)
    words = said.split()
    return [word for word in words if word not in _BESIDE] or (["card"] if "card" in words else words)


def _known(method: SavedMethod, default: str | None) -> set[str]:
    """The words that name a method."""
    marks = {method.brand or "", method.last4 or "", *method.type.split("_")}
    marks |= {"expired"} if method.expired else set()
    return marks | {"default"} if method.id == default else marks


def no_method(customer: Json) -> SkillError:
    """What to say where nothing can be charged."""
    return SkillError(
        f"{label(customer)} has no saved payment method to charge.",
        code="no_payment_method",
        field="customer",
        next_step="A method is saved when the customer pays or enters it; get_customer shows them.",
    )
