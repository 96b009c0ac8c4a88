"""Promotion codes: words that customers redeem a coupon with. Create, retrieve, update, list."""

import re
from collections.abc import Mapping
from typing import Any, Final

from paydesk.server.sandbox import discounting, expand, lists, periods, pricing
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.conditions import same_letters
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    LISTING,
    boolean,
    choice,
    currency,
    integer,
    mapping,
    merged_metadata,
    metadata,
    required,
    table,
    text,
    timestamp,
    unserved,
)
from paydesk.server.sandbox.routes import Resource


def shown(_call: Call, code: Object) -> Object:
    """Without what is there only when expanded."""
    code.pop("_currency_options", None)
    return code


def _currency_options(call: Call, code: Object) -> Object:
    limits = code["restrictions"]
    own = (
        {limits["minimum_amount_currency"]: {"minimum_amount": limits["minimum_amount"]}}
        if limits["minimum_amount"]
        else {}
    )
    return {**own, **(expand.kept(call, code, "_currency_options") or {})}


PROMOTION_CODE: Final = Kind(
    name="promotion_code",
    prefix="promo_",
    called="promotion code",
    param="promotion_code",
    indexed=("active", "customer", "promotion.coupon"),
    expands=("customer", "promotion.coupon"),
    includes={"restrictions.currency_options": _currency_options},
    shows=shown,
)

CODE_LENGTH: Final = 8
_PATTERN: Final = re.compile(r"[a-zA-Z0-9\-_]+", re.ASCII)
_FURTHEST_S: Final = 5 * 366 * periods.DAY_S
_OPTIONS: Final = table(mapping({"minimum_amount": integer(1)}))
_CREATE: Final = {
    "active": boolean(),
    "code": text(500),
    "customer": text(),
    "expires_at": timestamp(),
    "max_redemptions": integer(1),
    "metadata": metadata(),
    "promotion": required(mapping({"coupon": text(), "type": required(choice("coupon"))})),
    "restrictions": mapping(
        {
            "currency_options": _OPTIONS,
            "first_time_transaction": boolean(),
            "minimum_amount": integer(1),
            "minimum_amount_currency": currency(),
        }
    ),
    **unserved("customer_account"),
}
_UPDATE: Final = {
    "active": boolean(),
    "metadata": metadata(),
    "restrictions": mapping({"currency_options": _OPTIONS}),
}
_LIST: Final = {
    **LISTING,
    "active": boolean(),
    "code": text(),
    "coupon": text(),
    "customer": text(),
    **unserved("customer_account"),
}

resource = Resource()


@resource.post("/v1/promotion_codes", _CREATE)
def create(call: Call) -> Answer:
    """A new code for a coupon, of the merchant's choosing or made up."""
    sent = call.params
    named = sent["promotion"].get("coupon")
    if not named:
        raise StripeError("You must pass promotion.coupon when passing promotion", param="promotion.coupon")
    coupon = call.mention("coupon", named, "promotion[coupon]")
    customer = call.mention("customer", sent["customer"], "customer")["id"] if "customer" in sent else None
    _check_expiry(call, sent, coupon)
    limits = sent.get("restrictions", {})
    _check_limits(limits)
    code: Object = {
        "id": call.new_id("promo_"),
        "object": "promotion_code",
        "active": sent.get("active", True) and coupon["valid"],
        "code": _checked(sent["code"]) if "code" in sent else call.new_id("", CODE_LENGTH).upper(),
        "created": call.now,
        "customer": customer,
        "customer_account": None,
        "expires_at": sent.get("expires_at"),
        "livemode": False,
        "max_redemptions": sent.get("max_redemptions"),
        "metadata": merged_metadata({}, sent.get("metadata", {})),
        "promotion": {"coupon": coupon["id"], "type": "coupon"},
        "restrictions": {
            "first_time_transaction": limits.get("first_time_transaction", False),
            "minimum_amount": limits.get("minimum_amount"),
            "minimum_amount_currency": limits.get("minimum_amount_currency"),
        },
        "times_redeemed": 0,
        "_currency_options": _options(limits),
    }
    _refuse_double(call, code)
    if code["expires_at"]:
        call.later(code["expires_at"], "promotion_code.expire", promotion_code=code["id"])
    return call.create(code, emits="promotion_code.created")


def _check_expiry(call: Call, sent: Mapping[str, Any], coupon: Object) -> None:
    expires_at = sent.get("expires_at")
    discounting.refuse_past(call, expires_at, "expires_at")
    if expires_at and expires_at > call.now + _FURTHEST_S:
        raise StripeError("Invalid timestamp: can be no more than five years in the future.", param="expires_at")
    if expires_at and coupon["redeem_by"] and expires_at > coupon["redeem_by"]:
        raise StripeError("A promotion code cannot expire after its coupon's `redeem_by`.", param="expires_at")
    most = sent.get("max_redemptions")
    if most and coupon["max_redemptions"] and most > coupon["max_redemptions"]:
        raise StripeError(
            "The `max_redemptions` of a promotion code cannot be greater than its coupon's.", param="max_redemptions"
        )


def _check_limits(limits: Mapping[str, Any]) -> None:
    if ("minimum_amount" in limits) != ("minimum_amount_currency" in limits):
        missing = "minimum_amount_currency" if "minimum_amount" in limits else "minimum_amount"
        raise StripeError(
            "`restrictions[minimum_amount]` and `restrictions[minimum_amount_currency]` go together.",
            param=f"restrictions[{missing}]",
        )


def _options(limits: Mapping[str, Any]) -> Object:
    sent = limits.get("currency_options", {})
    for code in sent:
        pricing.check_option(code)
    return {code: {"minimum_amount": one.get("minimum_amount", 0)} for code, one in sent.items()}


def _checked(code: str) -> str:
    if not _PATTERN.fullmatch(code):
        raise StripeError(
            r"This value must match the regex pattern. (/\A[a-zA-Z0-9\-_]+\z/ does not match for the value "
            f"{code}).",
            param="code",
        )
    return code


def _refuse_double(call: Call, code: Object) -> None:
    """StripeError where another active code of the same customers has the same letters in either case."""
    for other in call.every("promotion_code", {"active": True}):
        same = other["code"].lower() == code["code"].lower() and other["customer"] == code["customer"]
        if same and other["id"] != code["id"]:
            raise StripeError(f"An active promotion code with `code: {code['code']}` already exists.")


@resource.get("/v1/promotion_codes", _LIST)
def list_all(call: Call) -> Answer:
    """Promotion codes, newest first, by whether they are active, code (in either case), coupon, customer."""
    sent = call.params
    where = {"active": sent.get("active"), "customer": sent.get("customer"), "promotion.coupon": sent.get("coupon")}
    matching = same_letters("code", sent["code"]) if "code" in sent else None
    return lists.page(call, "promotion_code", where, matching=matching)


@resource.get("/v1/promotion_codes/{promotion_code}")
def retrieve(call: Call, promotion_code: str) -> Answer:
    """One promotion code."""
    return call.get("promotion_code", promotion_code)


@resource.post("/v1/promotion_codes/{promotion_code}", _UPDATE)
def update(call: Call, promotion_code: str) -> Answer:
    """Switch a code on or off, change its metadata or the minimum in further currencies."""
    found = call.get("promotion_code", promotion_code)
    sent = call.params
    if sent.get("active") and not found["active"]:
        _check_usable(call, found)
        _refuse_double(call, found)
    if "active" in sent:
        found["active"] = sent["active"]
    if "metadata" in sent:
        found["metadata"] = merged_metadata(found["metadata"], sent["metadata"])
    if "restrictions" in sent:
        found["_currency_options"] = {**found["_currency_options"], **_options(sent["restrictions"])}
    return call.save(found, emits="promotion_code.updated")


def _check_usable(call: Call, code: Object) -> None:
    """StripeError for a code that cannot be switched on again."""
    coupon = call.find("coupon", code["promotion"]["coupon"]) or {}
    is_over = code["expires_at"] is not None and code["expires_at"] <= call.now
    is_used_up = code["max_redemptions"] is not None and code["times_redeemed"] >= code["max_redemptions"]
    if is_over or is_used_up or not coupon.get("valid"):
        raise StripeError(
            "This promotion code cannot be activated: it has expired, was redeemed as often as it may be, or its "
            "coupon is no longer valid.",
            param="active",
        )


@resource.action("promotion_code.expire")
def expire(call: Call, promotion_code: str) -> None:
    """`expires_at` has come."""
    found = call.find("promotion_code", promotion_code)
    if found:
        found["active"] = False
        call.save(found, emits="promotion_code.updated")
