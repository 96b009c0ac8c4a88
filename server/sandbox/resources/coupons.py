"""Coupons: how much is taken off, of what, for how long. Create, retrieve, update, delete, list."""

from collections.abc import Mapping
from typing import Any, Final

from paydesk.server.sandbox import discounting, expand, lists, pricing
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    LISTING,
    choice,
    clearable,
    currency,
    decimal,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    table,
    text,
    timestamp,
)
from paydesk.server.sandbox.routes import Resource

_ID_LENGTH: Final = 8


def shown(_call: Call, coupon: Object) -> Object:
    """Without what is there only when expanded."""
    coupon.pop("_products", None)
    coupon.pop("_currency_options", None)
    return coupon


def _applies_to(call: Call, coupon: Object) -> Object | None:
    products = expand.kept(call, coupon, "_products")
    return {"products": products} if products else None


def _currency_options(call: Call, coupon: Object) -> Object:
    own = {coupon["currency"]: {"amount_off": coupon["amount_off"]}} if coupon["amount_off"] else {}
    return {**own, **(expand.kept(call, coupon, "_currency_options") or {})}


COUPON: Final = Kind(
    name="coupon",
    prefix="",
    param="coupon",
    includes={"applies_to": _applies_to, "currency_options": _currency_options},
    shows=shown,
)

_OPTIONS: Final = table(mapping({"amount_off": required(integer(1))}))
_CREATE: Final = {
    "amount_off": integer(1),
    "applies_to": mapping({"products": list_of(text())}),
    "currency": currency(),
    "currency_options": _OPTIONS,
    "duration": choice("forever", "once", "repeating"),
    "duration_in_months": integer(1),
    "id": text(500),
    "max_redemptions": integer(1),
    "metadata": metadata(),
    "name": clearable(text(40)),
    "percent_off": decimal(minimum="0.01", maximum="100"),
    "redeem_by": timestamp(),
}
_UPDATE: Final = {"currency_options": _OPTIONS, "metadata": metadata(), "name": clearable(text(40))}

resource = Resource()


@resource.post("/v1/coupons", _CREATE)
def create(call: Call) -> Answer:
    """A new coupon: a percentage, or an amount in one or more currencies."""
    sent = call.params
    _check(call, sent)
    percent = sent.get("percent_off")
    coupon: Object = {
        "id": sent.get("id") or call.new_id("", _ID_LENGTH),
        "object": "coupon",
        "amount_off": sent.get("amount_off"),
        "created": call.now,
        "currency": sent.get("currency") if "amount_off" in sent else None,
        "duration": sent.get("duration", "once"),
        "duration_in_months": sent.get("duration_in_months"),
        "livemode": False,
        "max_redemptions": sent.get("max_redemptions"),
        "metadata": merged_metadata({}, sent.get("metadata", {})),
        "name": sent.get("name"),
        # A percentage is a JSON number at Stripe; discounting.py computes with its exact text.
        "percent_off": None if percent is None else float(percent),
        "redeem_by": sent.get("redeem_by"),
        "times_redeemed": 0,
        "valid": True,
        "_products": sent.get("applies_to", {}).get("products", []),
        "_currency_options": _options(sent.get("currency_options", {})),
    }
    if coupon["redeem_by"]:
        call.later(coupon["redeem_by"], "coupon.expire", coupon=coupon["id"])
    before = call.find("coupon", coupon["id"])
    if before is None:
        return call.create(coupon, emits="coupon.created")
    # The id of a deleted coupon is free again.
    before.clear()
    before.update(coupon)
    call.save(before)
    call.emit("coupon.created", before)
    return before


def _check(call: Call, sent: Mapping[str, Any]) -> None:
    """StripeError for what does not make a coupon, in Stripe's words (recorded: 07_catalog)."""
    if "percent_off" in sent and "amount_off" in sent:
        raise StripeError("Received both percent_off and amount_off parameters. Please pass in only one.")
    if "percent_off" not in sent and "amount_off" not in sent:
        raise StripeError("Must provide percent_off or amount_off.", code="parameter_missing")
    if "amount_off" in sent and "currency" not in sent:
        raise StripeError("You must pass currency when passing amount_off", param="currency")
    if "percent_off" in sent and "currency_options" in sent:
        raise StripeError(
            "You may only specify one of these parameters: currency_options, percent_off.", param="currency_options"
        )
    if sent.get("duration") == "repeating" and "duration_in_months" not in sent:
        raise StripeError(
            "The duration_in_months param must be set when creating a coupon with a repeating duration",
            param="duration",
        )
    if "duration_in_months" in sent and sent.get("duration") != "repeating":
        raise StripeError(
            "The duration_in_months param can only be set when creating a coupon with a repeating duration",
            param="duration_in_months",
        )
    discounting.refuse_past(call, sent.get("redeem_by"), "redeem_by")
    for index, product in enumerate(sent.get("applies_to", {}).get("products", [])):
        call.mention("product", product, f"applies_to[products][{index}]")
    known = call.find("coupon", sent["id"]) if "id" in sent else None
    if known and not known.get("deleted"):
        raise StripeError("Coupon already exists.", code="resource_already_exists")


def _options(sent: Mapping[str, Any]) -> Object:
    for code in sent:
        pricing.check_option(code)
    return {code: {"amount_off": one["amount_off"]} for code, one in sent.items()}


@resource.get("/v1/coupons", LISTING)
def list_all(call: Call) -> Answer:
    """Coupons, newest first."""
    return lists.page(call, "coupon")


@resource.get("/v1/coupons/{coupon}")
def retrieve(call: Call, coupon: str) -> Answer:
    """One coupon."""
    return _living(call, coupon)


@resource.post("/v1/coupons/{coupon}", _UPDATE)
def update(call: Call, coupon: str) -> Answer:
    """Change a coupon's name, metadata or further currencies; never what it takes off."""
    found = _living(call, coupon)
    sent = call.params
    if "name" in sent:
        found["name"] = sent["name"]
    if "metadata" in sent:
        found["metadata"] = merged_metadata(found["metadata"], sent["metadata"])
    if "currency_options" in sent:
        if found["amount_off"] is None:
            raise StripeError("`currency_options` need a coupon with `amount_off`.", param="currency_options")
        found["_currency_options"] = {**found["_currency_options"], **_options(sent["currency_options"])}
    return call.save(found, emits="coupon.updated")


@resource.delete("/v1/coupons/{coupon}")
def delete(call: Call, coupon: str) -> Answer:
    """Delete a coupon: nobody can redeem it any more; who did keeps the discount."""
    found = _living(call, coupon)
    # The event shows it as deletion found it, but no longer valid (recorded: probe_catalog_events).
    discounting.invalidate(call, found)
    call.emit("coupon.deleted", found)
    return call.delete(found)


@resource.action("coupon.expire")
def expire(call: Call, coupon: str) -> None:
    """`redeem_by` has come."""
    found = call.find("coupon", coupon)
    if found and not found.get("deleted") and found["redeem_by"] == call.now:
        discounting.invalidate(call, found)


def _living(call: Call, coupon: str) -> Object:
    found = call.get("coupon", coupon)
    if found.get("deleted"):
        raise missing("coupon", coupon, "coupon")
    return found
