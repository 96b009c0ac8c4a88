"""Prorations: the credit for time that was paid and not used, the charge for the time that remains.

Each line is floored toward minus infinity on unit x quantity x fraction, on its own; a credit is for what was really
billed, whatever the item costs by now (recorded: 01_proration_half_cent, probe_proration).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any, Final

from paydesk.server.sandbox import (
    invoicing,
    pending,
    periods,
    pricing,
    subscribing,
    subscription_lines,
    subscription_terms,
)
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object

_FROZEN: Final = ("pricing", "quantity", "discounts")


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a period: from `since` to `until`, measured against a period of `whole_s` seconds."""

    since: int
    until: int
    whole_s: int

    def of(self, price: Object, quantity: int) -> Fraction:
        """What a quantity costs for that part, exactly."""
        return pricing.exact_cost(price, quantity) * Fraction(self.until - self.since, self.whole_s)


def rest_of_period(subscription: Object, since: int) -> Share:
    """From a moment to the end of the current period; StripeError for a moment outside of it."""
    start, end = subscribing.period_of(subscription)
    if not start <= since <= end:
        raise StripeError(
            f"Invalid proration_date: it must lie within the current period, from {start} to {end}.",
            param="proration_date",
        )
    return Share(since, end, subscribing.length_s(subscription, (start, end)))


def credit(call: Call, subscription: Object, item: Object, share: Share) -> Object | None:
    """What the customer gets back for an item: the body of a pending item; None where nothing was billed for it."""
    as_is = {"price": item["price"]["id"], "quantity": item.get("quantity")}
    is_classic = subscription["billing_mode"]["type"] == "classic"
    billed = as_is if is_classic else subscription["_billed"].get(item["id"], as_is)
    if billed is None or subscribing.is_metered(item["price"]):
        return None
    price = pricing.billed(call, billed["price"], subscription["currency"])
    amount = floor(-share.of(price, billed["quantity"]) * _paid_part(call, billed))
    body = _body(call, subscription, item, price=price, quantity=billed["quantity"], share=share)
    credited = _credited(call, billed)
    body.update(amount=amount, description=f"Unused time on {body['description']}")
    body["proration_details"] = {"credited_items": credited, "discount_amounts": []}
    return body


def charge(call: Call, subscription: Object, item: Object, share: Share) -> Object | None:
    """What the customer pays for an item as it is now: the body of a pending item; None for one paid by usage."""
    price = pricing.billed(call, item["price"]["id"], subscription["currency"])
    if subscribing.is_metered(price):
        return None
    body = _body(call, subscription, item, price=price, quantity=item["quantity"], share=share)
    part = subscription_terms.paid_share(call, subscription, item, pricing.exact_cost(price, item["quantity"]))
    amount = floor(share.of(price, item["quantity"]) * part)
    body.update(amount=amount, description=f"Remaining time on {body['description']}")
    return body


def _paid_part(call: Call, billed: dict[str, Any]) -> Fraction:
    """Which part of its price was billed for an item: less than all of it where a discount ran."""
    if "part" in billed:
        return Fraction(billed["part"])
    lines = (call.find("invoice", billed.get("invoice") or "") or {}).get("lines", {}).get("data", [])
    return subscription_terms.billed_share(next((one for one in lines if one["id"] == billed["line"]), None))


def _body(call: Call, subscription: Object, item: Object, *, price: Object, quantity: int, share: Share) -> Object:
    many = f"{quantity} × " if quantity != 1 else ""
    return {
        "amount": 0,
        "currency": price["currency"],
        "description": f"{many}{subscription_lines.product_name(call, price)} after {periods.written(share.since)}",
        "discountable": False,
        "frozen_fields": list(_FROZEN),
        "parent": {
            "subscription_details": {"subscription": subscription["id"], "subscription_item": item["id"]},
            "type": "subscription_details",
        },
        "period": {"end": share.until, "start": share.since},
        "pricing": invoicing.pricing_of(price, is_proration=True),
        "proration": True,
        "proration_details": {"credited_items": None, "discount_amounts": []},
        "quantity": quantity,
    }


def _credited(call: Call, billed: dict[str, Any]) -> Object | None:
    """Which line, or pending item, a credit answers."""
    invoice, line = billed.get("invoice"), billed.get("line")
    item = call.find("invoiceitem", billed["item"]) if billed.get("item") else None
    if item and item.get("invoice"):
        invoice = item["invoice"]
        lines = (call.find("invoice", invoice) or {}).get("lines", {}).get("data", [])
        line = next((one["id"] for one in lines if pending.item_of(one) == item["id"]), None)
    elif item:
        return {"invoice_item": item["id"], "type": "invoice_item"}
    if invoice is None or line is None:
        return None
    return {
        "invoice_line_item_details": {"invoice": invoice, "invoice_line_items": [line]},
        "type": "invoice_line_items",
    }


def credits_for(call: Call, subscription: Object, items: Iterable[Object], share: Share) -> list[Object]:
    """The credits of those items that were billed."""
    found = [credit(call, subscription, item, share) for item in items]
    return [body for body in found if body is not None]


def charges_for(call: Call, subscription: Object, items: Iterable[Object], share: Share) -> list[tuple[Object, Object]]:
    """The charges of those items that are paid in advance, each with its item."""
    found = [(item, charge(call, subscription, item, share)) for item in items]
    return [(item, body) for item, body in found if body is not None]


def put(call: Call, subscription: Object, given: list[Object], charges: list[tuple[Object, Object]]) -> None:
    """Store credits, and charges each with its subscription item, as pending items; credits are listed first."""
    for item, body in reversed(charges):
        stored = pend(call, subscription, body)
        subscription["_billed"][item["id"]] = {
            "price": item["price"]["id"],
            "quantity": item["quantity"],
            "item": stored["id"],
            "part": str(subscription_terms.paid_share(call, subscription, item, _cost(call, subscription, item))),
        }
    for body in reversed(given):
        pend(call, subscription, body)


def _cost(call: Call, subscription: Object, item: Object) -> Fraction:
    return pricing.exact_cost(pricing.billed(call, item["price"]["id"], subscription["currency"]), item["quantity"])


def pend(call: Call, subscription: Object, body: Object) -> Object:
    """Store one proration for the customer's next invoice."""
    return pending.add(call, subscription["customer"], body)
