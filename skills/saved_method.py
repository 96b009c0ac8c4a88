"""The payment methods that a customer has saved, and the one that a charge would use."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from paydesk.skills.base import Json, StripeReader
from paydesk.skills.errors import Ambiguous, SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.who import label

MethodId = Annotated[str, Field(pattern="^(?:pm|card|src)_[A-Za-z0-9_]{1,80}$", description="pm_ id")]
_SHOWN = 20


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


def method_of(method: Json, now: datetime) -> SavedMethod:
    """Read a payment method."""
    card: dict[str, Any] = method.get("card") or {}
    if not card.get("last4"):
        return SavedMethod(str(method["id"]), str(method["type"]), clean(method["type"]).replace("_", " "), False)
    ends = (int(card["exp_year"]), int(card["exp_month"]))
    text = f"{card.get('brand') or 'card'} •{card['last4']} {ends[1]:02}/{ends[0]}"
    return SavedMethod(str(method["id"]), str(method["type"]), clean(text), ends < (now.year, now.month))


async def saved_methods(stripe: StripeReader, customer: Json, now: datetime) -> list[SavedMethod]:
    """The customer's saved methods, newest first."""
    page = await stripe.page(f"/v1/customers/{customer['id']}/payment_methods", {"limit": _SHOWN})
    return [method_of(method, now) for method in page.data]


async def method_meant(stripe: StripeReader, customer: Json, wanted: str | None, now: datetime) -> SavedMethod | None:
    """The method to charge: the named one, else the customer's default, else the only one; None where there is none.

    Raises SkillError where the named one is not this customer's, Ambiguous where there are several and no default.
    """
    methods = await saved_methods(stripe, customer, now)
    default = (customer.get("invoice_settings") or {}).get("default_payment_method")
    default = default["id"] if isinstance(default, dict) else default
    if wanted is not None:
        for method in methods:
            if method.id == wanted:
                return replace(method, is_default=method.id == default)
        raise SkillError(
            f"{label(customer)} has no saved payment method of this id.",
            code="payment_method_not_found",
            field="payment_method",
            choices=[f"{method.text} {method.id}" for method in methods[:5]],
        )
    for method in methods:
        if method.id == default:
            return replace(method, is_default=True)
    if len(methods) > 1:
        raise Ambiguous(
            f"{label(customer)} has {len(methods)} saved payment methods and no default: which one?",
            code="payment_method_ambiguous",
            field="payment_method",
            choices=[f"{method.text} {method.id}" for method in methods[:8]],
            next_step="Say its pm_ id.",
        )
    return methods[0] if methods else None


def no_method(customer: Json) -> SkillError:
    """What to say where nothing can be charged."""
    return SkillError(
        f"{label(customer)} has no saved payment method to charge.",
        code="no_payment_method",
        field="customer",
        next_step="A method is saved when the customer pays or enters it; get_customer shows them.",
    )
