"""What the customer enters at the checkout: checked, put into the session, and made into a customer."""

import re
from collections.abc import Mapping
from typing import Any, Final

from paydesk.server.sandbox import checkout, checkout_lines, tax_id_formats, tax_identities, tax_places
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import whole_address
from paydesk.server.sandbox.resources import customers
from paydesk.server.sandbox.resources.customers import whole_shipping

_ADDRESS: Final = {
    "city": "San Francisco",
    "country": "US",
    "line1": "510 Townsend St",
    "postal_code": "94103",
    "state": "CA",
}
_EXPIRY: Final = re.compile(r"\s*(\d{1,2})\s*[/\-. ]\s*(\d{2}|\d{4})\s*|\s*(\d{2})(\d{2})\s*", re.ASCII)
_NAME, _EMAIL, _PHONE = "Jenny Rosen", "jenny.rosen@example.com", "+15555550100"


def card(told: Mapping[str, Any]) -> dict[str, Any]:
    """A card as a page's form has it (`number`, `expiry`, `cvc`); StripeError for what is incomplete."""
    if not told.get("number"):
        raise StripeError("Your card number is incomplete.", param="number")
    match = _EXPIRY.fullmatch(told.get("expiry") or "")
    if match is None:
        raise StripeError("Your card's expiration date is incomplete.", param="expiry")
    if not told.get("cvc"):
        raise StripeError("Your card's security code is incomplete.", param="cvc")
    month, year = (int(one) for one in match.groups() if one)
    return {"number": told["number"], "exp_month": month, "exp_year": year, "cvc": told["cvc"]}


def details(customer: Mapping[str, Any], told: Mapping[str, Any]) -> Object:
    """`customer_details`: what is known of the customer, and what was entered."""
    address = told.get("address") or customer.get("address")
    found: Object = {
        "address": whole_address(address) if address else None,
        "business_name": told.get("business_name"),
        "email": told.get("email") or customer.get("email"),
        "individual_name": told.get("individual_name"),
        "name": told.get("name") or customer.get("name"),
        "phone": told.get("phone") or customer.get("phone"),
        "tax_exempt": customer.get("tax_exempt") or "none",
        "tax_ids": [told["tax_id"]] if told.get("tax_id") else [],
    }
    return found


def made_up(session: Object, sent: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, and test words for whatever else the page would ask for."""
    known = session["customer_details"] or {}
    told = dict(sent)
    told.setdefault("email", known.get("email") or _EMAIL)
    told.setdefault("name", known.get("name") or _NAME)
    told.setdefault("address", known.get("address") or _ADDRESS)
    if session["phone_number_collection"]["enabled"]:
        told.setdefault("phone", known.get("phone") or _PHONE)
    allowed = (session["shipping_address_collection"] or {}).get("allowed_countries")
    if allowed:
        country = "US" if "US" in allowed else allowed[0]
        told.setdefault("shipping", {"name": told["name"], "address": {**_ADDRESS, "country": country}})
    if (session["consent_collection"] or {}).get("terms_of_service") == "required":
        told.setdefault("terms_of_service", "accepted")
    for one, words in (("business", "Rosen Ltd"), ("individual", told["name"])):
        if session.get("name_collection", {}).get(one, {}).get("enabled"):
            told.setdefault(f"{one}_name", words)
    return told


def adjust(call: Call, session: Object, told: Mapping[str, Any]) -> None:
    """Take over what changes the price: quantities, amounts of choice, the way of shipping, a promotion code."""
    lines = {line["id"]: line for line in session["_lines"]}
    for name, change in (("quantities", checkout_lines.resize), ("amounts", None)):
        for identifier, value in (told.get(name) or {}).items():
            line = lines.get(identifier)
            if line is None:
                raise StripeError(f"No such line item: '{identifier}'", param=f"{name}[{identifier}]")
            if change:
                change(line, value, f"{name}[{identifier}]")
            else:
                checkout_lines.pick(call, line, value, f"{name}[{identifier}]")
    chosen = told.get("shipping_rate")
    if chosen:
        if chosen not in {one["shipping_rate"] for one in session["shipping_options"]}:
            raise StripeError(f"This way of shipping is not offered: {chosen}", param="shipping_rate")
        session["shipping_cost"] = {"shipping_rate": chosen}
    if told.get("promotion_code"):
        _redeem(call, session, told["promotion_code"])
    checkout.recount(call, session)


def _redeem(call: Call, session: Object, code: str) -> None:
    if not session["allow_promotion_codes"]:
        raise StripeError("This Checkout Session takes no promotion codes.", param="promotion_code")
    known = [one for one in call.every("promotion_code", {"active": True}) if one["code"].lower() == code.lower()]
    mine = [one for one in known if one["customer"] in (None, session["customer"])]
    named = mine[0]["id"] if mine else code
    if not mine and call.find("promotion_code", code) is None:
        raise StripeError("This code is invalid.", code="resource_missing", param="promotion_code")
    checkout.discount(call, session, [{"promotion_code": named}], "promotion_code")


def take(call: Call, session: Object, told: Mapping[str, Any]) -> None:
    """Put what the customer entered into the session; StripeError names the field that does not do."""
    adjust(call, session, told)
    email = told.get("email") or (session["customer_details"] or {}).get("email")
    if not email or "@" not in email or " " in email:
        raise StripeError("Your email is incomplete.", code="email_invalid", param="email")
    if session["phone_number_collection"]["enabled"] and not told.get("phone"):
        raise StripeError("Your phone number is incomplete.", param="phone")
    _fill_custom(session, told.get("custom_fields") or {})
    _check_tax_id(session, told.get("tax_id"))
    known = session["customer"] and call.get("customer", session["customer"])
    session["customer_details"] = details(known or {}, {**told, "email": email})
    if session["billing_address_collection"] == "required" and not (session["customer_details"]["address"] or {}).get(
        "line1"
    ):
        raise StripeError("Your billing address is incomplete.", param="address")
    goods = _goods(session, told)
    session["collected_information"] = {
        "business_name": told.get("business_name"),
        "individual_name": told.get("individual_name"),
        "shipping_details": goods,
    }
    _agree(session, told)
    checkout.recount(call, session)
    if session["automatic_tax"]["enabled"] and session["automatic_tax"]["status"] != "complete":
        raise tax_places.no_location("address")
    if known:
        _update_customer(call, session, known, told)


def _check_tax_id(session: Object, given: Mapping[str, Any] | None) -> None:
    """StripeError for a tax id that nobody asked for, or that does not look like one of its type."""
    if not given:
        return
    if not session.get("tax_id_collection", {}).get("enabled"):
        raise StripeError("This Checkout Session collects no tax ids.", param="tax_id")
    kind, value = given.get("type"), given.get("value")
    if kind not in tax_id_formats.TYPES or not value or not tax_id_formats.fits(kind, value):
        raise StripeError(f"Your tax id is not valid for {kind or 'no type'}.", code="tax_id_invalid", param="tax_id")


def _goods(session: Object, told: Mapping[str, Any]) -> Object | None:
    allowed = (session["shipping_address_collection"] or {}).get("allowed_countries")
    known: Object | None = (session["collected_information"] or {}).get("shipping_details")
    if not allowed:
        return known
    whole = whole_shipping(told.get("shipping"))
    if whole is None:
        if known:
            return known
        raise StripeError("Your shipping address is incomplete.", param="shipping")
    if whole["address"]["country"] not in allowed:
        raise StripeError(
            f"We do not ship to {whole['address']['country'] or 'there'}.", param="shipping[address][country]"
        )
    return {"address": whole["address"], "name": whole["name"]}


def _agree(session: Object, told: Mapping[str, Any]) -> None:
    asked = session["consent_collection"] or {}
    if asked.get("terms_of_service") == "required" and told.get("terms_of_service") != "accepted":
        raise StripeError("You must agree to the terms of service.", param="terms_of_service")
    if asked.get("terms_of_service") or asked.get("promotions"):
        session["consent"] = {
            "promotions": told.get("promotions") if asked.get("promotions") == "auto" else None,
            "terms_of_service": told.get("terms_of_service"),
        }


def _fill_custom(session: Object, entered: Mapping[str, str]) -> None:
    fields = {field["key"]: field for field in session["custom_fields"]}
    for key in entered:
        if key not in fields:
            raise StripeError(f"No such custom field: '{key}'", param=f"custom_fields[{key}]")
    for key, field in fields.items():
        kind, at = field["type"], f"custom_fields[{key}]"
        value = entered.get(key) or field[kind]["default_value"]
        label = field["label"]["custom"]
        if not value:
            if not field["optional"]:
                raise StripeError(f"{label} is required.", code="parameter_missing", param=at)
            continue
        _check_custom(field, kind, value, label, at)
        field[kind]["value"] = value


def _check_custom(field: Object, kind: str, value: str, label: str, at: str) -> None:
    if kind == "dropdown":
        if value not in {one["value"] for one in field[kind]["options"]}:
            raise StripeError(f"{label} must be one of those offered.", param=at)
        return
    if kind == "numeric" and not (value.isascii() and value.isdigit()):
        raise StripeError(f"{label} takes digits only.", param=at)
    least, most = field[kind]["minimum_length"] or 0, field[kind]["maximum_length"] or 255
    if not least <= len(value) <= most:
        raise StripeError(f"{label} must have {least} to {most} characters.", param=at)


def _update_customer(call: Call, session: Object, customer: Object, told: Mapping[str, Any]) -> None:
    """What the merchant lets the checkout change of a customer that was there before."""
    may = session["_data"].get("customer_update", {})
    known = session["customer_details"]
    for name in ("address", "name"):
        if may.get(name) == "auto" and known[name]:
            customer[name] = known[name]
    if may.get("shipping") == "auto" and session["collected_information"]["shipping_details"]:
        customer["shipping"] = {**session["collected_information"]["shipping_details"], "phone": None}
    if customer["email"] is None:
        customer["email"] = known["email"]
    call.save(customer, emits="customer.updated")
    if told.get("tax_id"):
        tax_identities.make(call, customer, told["tax_id"]["type"], told["tax_id"]["value"])


def customer_for(call: Call, session: Object) -> Object:
    """The session's customer, made of what was entered where there is none yet."""
    if session["customer"]:
        return call.get("customer", session["customer"])
    told = session["customer_details"]
    customer = customers.blank(call.new_id("cus_", 14), call.now, call.new_id("", 8).upper())
    goods = session["collected_information"]["shipping_details"]
    customer.update(
        address=told["address"],
        email=told["email"],
        name=told["business_name"] or told["individual_name"] or told["name"],
        phone=told["phone"],
        shipping=goods and {**goods, "phone": told["phone"]},
    )
    call.create(customer, emits="customer.created")
    for one in told["tax_ids"]:
        tax_identities.make(call, customer, one["type"], one["value"])
    session["customer"] = customer["id"]
    return customer


def bill_to(call: Call, session: Object, method: Object) -> None:
    """A payment method that says nothing of its owner learns it from the checkout."""
    told = session["customer_details"]
    if method["customer"]:
        return
    billing = method["billing_details"]
    for name in ("email", "name", "phone", "address"):
        known = billing[name]
        if told[name] and not (any(known.values()) if isinstance(known, dict) else known):
            billing[name] = dict(told[name]) if name == "address" else told[name]
    redisplay = session["_data"].get("payment_method_data", {}).get("allow_redisplay")
    if redisplay:
        method["allow_redisplay"] = redisplay
    call.save(method)
