"""What an invoice is reduced by and taxed with, and what it comes to by Stripe's own preview."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from paydesk.skills.base import Json, StripeReader
from paydesk.skills.coupon import reduction_meant
from paydesk.skills.errors import SkillError
from paydesk.skills.items import Line
from paydesk.skills.money import money
from paydesk.skills.tax_rate import tax_rate_meant
from paydesk.skills.who import label

DiscountText = Annotated[str, Field(min_length=1, max_length=200, description="Coupon or promotion code")]
TaxText = Annotated[str, Field(min_length=1, max_length=100, description='"automatic", or a tax rate')]
AUTOMATIC = "automatic"
_TAXED_BY = ("address", "shipping", "tax_exempt")


@dataclass(frozen=True)
class Terms:
    """`sent` goes into the invoice, `discounts` once it has its lines; `total_minor` is None where neither is."""

    sent: Json = field(default_factory=dict)
    discounts: tuple[Json, ...] = ()
    told: tuple[tuple[str, str], ...] = ()
    total_minor: int | None = None


async def terms_of(
    stripe: StripeReader, customer: Json, bill: tuple[Sequence[Line], str], *, discount: str | None, tax: str | None
) -> Terms:
    """What the terms take off and add to a bill of lines in a currency.

    Raises NotFound, Ambiguous, SkillError, or what Stripe says to its preview.
    """
    if discount is None and tax is None:
        return Terms()
    lines, currency = bill
    sent: Json = {}
    discounts: tuple[Json, ...] = ()
    foreseen: Json = {"currency": currency, "customer_details": _place(customer)}
    foreseen["invoice_items"] = [_item(line, currency) for line in lines]
    reduced = taxed = ""
    if discount is not None:
        found = await reduction_meant(stripe, discount, customer=customer, currency=currency)
        discounts, reduced = (found.sent,), found.told
        # A code may be for this customer alone; for a preview without one, its coupon stands in.
        foreseen["discounts"] = [{"coupon": found.coupon["id"]}]
    elif held := _held_coupon(customer):
        foreseen["discounts"] = [{"coupon": held}]
    if tax is not None:
        taxed = await _tax(stripe, tax, customer, sent, foreseen)
    invoice = await stripe.preview(foreseen)
    return Terms(sent, discounts, tuple(_told(invoice, currency, reduced, taxed)), int(invoice["total"]))


async def _tax(stripe: StripeReader, tax: str, customer: Json, sent: Json, foreseen: Json) -> str:
    """Puts the tax into the invoice and its preview, and says which."""
    if tax.strip().lower() == AUTOMATIC:
        if not ((customer.get("shipping") or {}).get("address") or customer.get("address")):
            raise SkillError(
                f"{label(customer)} has no address, on which automatic tax depends.",
                code="no_address",
                field="tax",
                next_step="Add one with update_customer, or name a tax rate.",
            )
        sent["automatic_tax"] = foreseen["automatic_tax"] = {"enabled": True}
        return "by Stripe, for the customer's place"
    rate = await tax_rate_meant(stripe, tax)
    sent["default_tax_rates"] = [rate.id]
    for item in foreseen["invoice_items"]:
        item["tax_rates"] = [rate.id]
    return rate.line()


def _place(customer: Json) -> Json:
    """Who is billed, without their id: a preview for a customer would take in what else is pending for them."""
    found = {name: customer[name] for name in _TAXED_BY if customer.get(name)}
    if "shipping" in found:
        found["shipping"] = {
            name: value for name, value in found["shipping"].items() if name in ("address", "name", "phone") and value
        }
    for part in (found, found.get("shipping", {})):
        if "address" in part:
            part["address"] = {name: value for name, value in part["address"].items() if value}
    return found or {"tax_exempt": "none"}


def _held_coupon(customer: Json) -> str | None:
    """The coupon that every invoice of the customer inherits."""
    coupon = (((customer.get("discount") or {}).get("source")) or {}).get("coupon")
    return str(coupon["id"]) if isinstance(coupon, dict) else coupon


def _item(line: Line, currency: str) -> Json:
    if line.price is not None:
        return {"price": line.price["id"], "quantity": line.item.quantity}
    return {"amount": line.amount_minor, "currency": currency, "description": line.text}


def _told(invoice: Json, currency: str, reduced: str, taxed: str) -> Sequence[tuple[str, str]]:
    off = sum(int(one["amount"]) for one in invoice.get("total_discount_amounts") or ())
    taxes = sum(int(one["amount"]) for one in invoice.get("total_taxes") or ())
    told = [("Subtotal", money(int(invoice["subtotal"]), currency).text)]
    if reduced or off:
        told.append(("Discount", f"{money(off, currency).text} off{f': {reduced}' if reduced else ''}"))
    if taxed:
        told.append(("Tax", f"{money(taxes, currency).text}: {taxed}"))
    return told
