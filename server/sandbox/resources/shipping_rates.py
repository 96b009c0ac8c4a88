"""Shipping rates: what sending goods costs, as checkout sessions and payment links offer it."""

from collections.abc import Mapping
from typing import Any, Final

from paydesk.server.sandbox import lists, pricing
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.expand import kept
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.params import (
    LISTING,
    amount,
    boolean,
    choice,
    clearable,
    currency,
    integer,
    mapping,
    merged_metadata,
    metadata,
    required,
    table,
    text,
)
from paydesk.server.sandbox.routes import Resource


def shown(_call: Call, rate: Object) -> Object:
    """Without the amounts in other currencies, which are there only when expanded."""
    return visible(rate)


def _options(call: Call, rate: Object) -> Object:
    own = rate["fixed_amount"]
    mine = {own["currency"]: {"amount": own["amount"], "tax_behavior": rate["tax_behavior"]}}
    return {**mine, **(kept(call, rate, "_options") or {})}


SHIPPING_RATE: Final = Kind(
    name="shipping_rate",
    prefix="shr_",
    called="shipping rate",
    param="shipping_rate_token",
    indexed=("active", "fixed_amount.currency"),
    expands=("tax_code",),
    includes={"fixed_amount.currency_options": _options},
    shows=shown,
)
_BOUND: Final = mapping(
    {"unit": required(choice("business_day", "day", "hour", "month", "week")), "value": required(integer(1))}
)
_BEHAVIOR: Final = pricing.TAX_BEHAVIOR
# What a rate is made of, here and as `shipping_rate_data`.
DATA: Final = {
    "delivery_estimate": mapping({"maximum": _BOUND, "minimum": _BOUND}),
    "display_name": required(text(100)),
    "fixed_amount": mapping(
        {
            "amount": required(amount()),
            "currency": required(currency()),
            "currency_options": table(mapping({"amount": required(amount()), "tax_behavior": _BEHAVIOR})),
        }
    ),
    "metadata": metadata(),
    "tax_behavior": _BEHAVIOR,
    "tax_code": text(),
    "type": choice("fixed_amount"),
}
_UPDATE: Final = {
    "active": boolean(),
    "fixed_amount": mapping(
        {"currency_options": table(mapping({"amount": amount(), "tax_behavior": _BEHAVIOR}))},
    ),
    "metadata": metadata(),
    "tax_behavior": clearable(_BEHAVIOR),
}

resource = Resource()


@resource.post("/v1/shipping_rates", DATA)
def create(call: Call) -> Answer:
    """A new rate."""
    return make(call, call.params)


def make(call: Call, sent: Mapping[str, Any], prefix: str = "") -> Object:
    """Store the rate that was sent (under `prefix`)."""
    if "fixed_amount" not in sent:
        name = f"{prefix}[fixed_amount]" if prefix else "fixed_amount"
        raise StripeError(f"Missing required param: {name}.", code="parameter_missing", param=name)
    fixed = sent["fixed_amount"]
    options = fixed.get("currency_options", {})
    for code in options:
        pricing.check_option(code)
    estimate = sent.get("delivery_estimate")
    rate: Object = {
        "id": call.new_id("shr_1"),
        "object": SHIPPING_RATE.name,
        "active": True,
        "created": call.now,
        "delivery_estimate": estimate and {name: estimate.get(name) for name in ("maximum", "minimum")},
        "display_name": sent["display_name"],
        "fixed_amount": {"amount": fixed["amount"], "currency": fixed["currency"]},
        "livemode": False,
        "metadata": merged_metadata({}, sent.get("metadata", {})),
        "tax_behavior": sent.get("tax_behavior", "unspecified"),
        "tax_code": sent.get("tax_code"),
        "type": "fixed_amount",
        "_options": {code: {"tax_behavior": "unspecified", **one} for code, one in options.items()},
    }
    return call.create(rate)


def amount_in(rate: Object, code: str, param: str) -> int:
    """What a stored rate costs in a currency; StripeError where it has no amount in it."""
    own = rate["fixed_amount"]
    if own["currency"] == code:
        return int(own["amount"])
    option = rate.get("_options", {}).get(code)
    if option is None:
        raise StripeError(
            f"The shipping rate {rate['id']} has no amount in {code}; it is in {own['currency']}.", param=param
        )
    return int(option["amount"])


@resource.get("/v1/shipping_rates", {**LISTING, "active": boolean(), "currency": currency()})
def list_all(call: Call) -> Answer:
    """Rates, newest first, by currency and whether they are still offered."""
    sent = call.params
    where = {"active": sent.get("active"), "fixed_amount.currency": sent.get("currency")}
    return lists.page(call, SHIPPING_RATE.name, where)


@resource.get("/v1/shipping_rates/{shipping_rate_token}")
def retrieve(call: Call, shipping_rate_token: str) -> Answer:
    """One rate."""
    return call.get(SHIPPING_RATE.name, shipping_rate_token)


@resource.post("/v1/shipping_rates/{shipping_rate_token}", _UPDATE)
def update(call: Call, shipping_rate_token: str) -> Answer:
    """Archive a rate, or change what it says; its amount stays."""
    found = call.get(SHIPPING_RATE.name, shipping_rate_token)
    sent = call.params
    if "active" in sent:
        found["active"] = sent["active"]
    if "tax_behavior" in sent:
        if found["tax_behavior"] != "unspecified":
            raise StripeError("The tax behavior of a shipping rate can be set only once.", param="tax_behavior")
        found["tax_behavior"] = sent["tax_behavior"] or "unspecified"
    if "metadata" in sent:
        found["metadata"] = merged_metadata(found["metadata"], sent["metadata"])
    for code, one in sent.get("fixed_amount", {}).get("currency_options", {}).items():
        pricing.check_option(code)
        found["_options"][code] = {"amount": 0, "tax_behavior": "unspecified", **found["_options"].get(code, {}), **one}
    return call.save(found)
