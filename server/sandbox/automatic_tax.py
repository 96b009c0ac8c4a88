"""Automatic tax: lines taxed by where the customer is, with rates of the sandbox's table instead of the merchant's own.

The rates are tax rates like others, made when first needed; they are in no list.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from paydesk.server.sandbox import tax_places, taxing
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object, visible
from paydesk.server.sandbox.params import boolean, choice, mapping, required, unserved

# The parameter `automatic_tax`.
AUTOMATIC: Final = mapping(
    {
        "enabled": required(boolean()),
        "liability": mapping({"type": required(choice("self")), **unserved("account")}),
    }
)


def switch(holder: Object, sent: Mapping[str, Any]) -> None:
    """Turn it on or off for a subscription or a draft; StripeError beside rates of the merchant's own."""
    if sent["enabled"] and holder["default_tax_rates"]:
        raise StripeError("You cannot use `default_tax_rates` with automatic tax.", param="automatic_tax[enabled]")
    found = holder["automatic_tax"]
    found.update(enabled=sent["enabled"], liability={"type": "self"} if sent["enabled"] else None)
    if "provider" in found:
        found.update(provider="stripe" if sent["enabled"] else None, status=None)


def check_location(customer: Object) -> None:
    """StripeError for a customer whose place is not known."""
    if tax_places.location(customer) is None:
        raise tax_places.no_location("automatic_tax[enabled]")


def apply(call: Call, invoice: Object, customer: Object) -> None:
    """Give every line of a draft the rates of the customer's place as it is now."""
    if not invoice["automatic_tax"]["enabled"]:
        return
    own = invoice.setdefault("_rates", {})
    for line in invoice["lines"]["data"]:
        own[line["id"]] = rates_of(call, invoice, line, customer)


def rates_of(call: Call, invoice: Object, line: Object, customer: Object) -> list[Object]:
    """The rates of one line, each with its reason; none where the place is not known, which the invoice then says."""
    place = tax_places.location(customer)
    invoice["automatic_tax"]["status"] = "complete" if place else "requires_location_inputs"
    if place is None:
        return []
    details = (line["pricing"] or {}).get("price_details", {})
    price = call.find("price", details.get("price", "")) or {}
    product = call.find("product", details.get("product", "")) or {}
    behavior = price.get("tax_behavior", "unspecified")
    if behavior == "unspecified":
        behavior = tax_places.behavior(call, invoice["currency"])
    taken = tax_places.of_place(call, place.address, at=call.now, tax_ids=invoice["customer_tax_ids"])
    is_free = product.get("tax_code") == tax_places.NONTAXABLE
    return [_rate(call, one, inclusive=behavior == "inclusive", is_free=is_free) for one in taken]


def _rate(call: Call, taken: tax_places.Taken, *, inclusive: bool, is_free: bool) -> Object:
    levy = taken.levy
    percentage = "0" if is_free else taken.percentage
    key = f"{levy.country} {levy.state} {levy.tax_type} {percentage} {inclusive}"
    known = call.every("tax_rate", {"_automatic": key}, limit=1)
    if known:
        rate = known[0]
    else:
        rate = taxing.rate_object(
            call.new_id("txr_"), call.now, levy.display_name, Decimal(percentage), inclusive=inclusive
        )
        rate.update(
            active=False,
            country=levy.country,
            jurisdiction=levy.state or levy.country,
            jurisdiction_level="state" if levy.state else "country",
            state=levy.state,
            tax_type=levy.tax_type,
            _automatic=key,
        )
        call.create(rate)
    return {**visible(rate), "_reason": "product_exempt" if is_free else taken.reason}
