"""Customers: create, retrieve, update, delete, list and search."""

import re
from typing import Any, Final

from paydesk.server.sandbox import card_sources, clocks, lists, search, subscribing, tax_identities, tax_places
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.params import (
    LISTING,
    SEARCHING,
    address,
    choice,
    clearable,
    either,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
    unserved,
    whole_address,
)
from paydesk.server.sandbox.resources import payment_methods
from paydesk.server.sandbox.routes import Resource


def _subscriptions_of(call: Call, customer: Object) -> Object:
    """Those that are not over, newest first."""
    found = [one for one in call.every("subscription", {"customer": customer["id"]}) if one["status"] != "canceled"]
    return lists.whole(found, f"/v1/customers/{customer['id']}/subscriptions")


def _sources_of(call: Call, customer: Object) -> Object:
    """The cards that are kept as sources, newest first."""
    cards = [visible(one) for one in call.every("card", {"customer": customer["id"]})]
    return lists.whole(cards, f"/v1/customers/{customer['id']}/sources")


def _tax_ids_of(call: Call, customer: Object) -> Object:
    """The customer's tax ids, newest first."""
    found = [visible(one) for one in call.every("tax_id", {"customer": customer["id"]})]
    return lists.whole(found, f"/v1/customers/{customer['id']}/tax_ids")


def _tax_of(call: Call, customer: Object) -> Object:
    """Whether tax can be computed for the customer, and by which address."""
    place = tax_places.location(customer)
    return {
        "automatic_tax": tax_places.support(call, customer),
        "ip_address": None,
        "location": place and {"country": place.country, "source": place.source, "state": place.state},
        "provider": "stripe",
    }


CUSTOMER: Final = Kind(
    name="customer",
    prefix="cus_",
    indexed=("email", "invoice_prefix", "test_clock"),
    expands=("default_source", "invoice_settings.default_payment_method", "test_clock"),
    includes={
        "sources": _sources_of,
        "subscriptions": _subscriptions_of,
        "tax": _tax_of,
        "tax_ids": _tax_ids_of,
    },
    searches={"created": "number", "email": "text", "name": "text", "phone": "text", "metadata": "metadata"},
)

_INVOICE_SETTINGS: Final = mapping(
    {
        "custom_fields": clearable(
            list_of(mapping({"name": required(text(40)), "value": required(text(140))}), maximum=4)
        ),
        "default_payment_method": clearable(text()),
        "footer": clearable(text()),
        "rendering_options": clearable(
            mapping(
                {
                    "amount_tax_display": clearable(choice("exclude_tax", "include_inclusive_tax")),
                    "template": clearable(text()),
                }
            )
        ),
    }
)
SHIPPING: Final = mapping({"address": required(address()), "name": required(text()), "phone": clearable(text())})
# Of a payment, the parcel too.
PARCEL: Final = mapping(
    {
        "address": required(address()),
        "carrier": clearable(text()),
        "name": required(text()),
        "phone": clearable(text()),
        "tracking_number": clearable(text()),
    }
)
_FIELDS: Final = {
    "address": clearable(address()),
    "balance": integer(-(10**12), 10**12),
    "business_name": clearable(text(150)),
    "description": clearable(text()),
    "email": clearable(text(512)),
    "individual_name": clearable(text(150)),
    "invoice_prefix": clearable(text()),
    "invoice_settings": _INVOICE_SETTINGS,
    "metadata": metadata(),
    "name": clearable(text(256)),
    "next_invoice_sequence": integer(1),
    "phone": clearable(text(20)),
    "preferred_locales": clearable(list_of(text())),
    "shipping": clearable(SHIPPING),
    "tax_exempt": clearable(choice("exempt", "none", "reverse")),
    "source": either(mapping(card_sources.DETAILS), text()),
    "tax": mapping({"validate_location": choice("deferred", "immediately"), **unserved("ip_address")}),
    **unserved("cash_balance"),
}
_CREATE: Final = {
    **_FIELDS,
    "payment_method": text(),
    "tax_id_data": list_of(mapping(tax_identities.SENT), maximum=tax_identities.MAX_TAX_IDS),
    "test_clock": text(),
}
_UPDATE: Final = {
    **_FIELDS,
    "tax": mapping({"validate_location": choice("auto", "deferred", "immediately"), **unserved("ip_address")}),
    "card": either(mapping(card_sources.DETAILS), text()),
    **dict.fromkeys(("default_card", "default_source"), text(500)),
    **unserved("bank_account", "default_alipay_account", "default_bank_account"),
}
_PREFIX: Final = re.compile(r"[A-Z0-9]{1,12}", re.ASCII)
_PREFIX_ALPHABET_LENGTH: Final = 8
_PLAIN: Final = (
    *("balance", "business_name", "description", "email", "individual_name", "name"),
    *("next_invoice_sequence", "phone"),
)

resource = Resource()


def blank(identifier: str, created: int, invoice_prefix: str) -> Object:
    """A customer of whom nothing is known yet, with every field that Stripe shows."""
    return {
        "id": identifier,
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": created,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": invoice_prefix,
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


@resource.post("/v1/customers", _CREATE)
def create(call: Call) -> Answer:
    """A new customer; with `payment_method` it is attached at once, with `test_clock` it lives by that clock."""
    if "test_clock" in call.params:
        _enter_clock(call, call.params["test_clock"])
    customer = blank(call.new_id("cus_", 14), call.now, call.new_id("", _PREFIX_ALPHABET_LENGTH).upper())
    method = call.params.get("payment_method")
    if method:
        found = payment_methods.usable(call, method, "payment_method")
        payment_methods.attach(call, found, customer["id"])
        settings = call.params.get("invoice_settings") or {}
        if settings.get("default_payment_method") == method:
            # A ready name (`pm_card_visa`) given in both places means the one card that it has just become.
            settings["default_payment_method"] = found["id"]
    source = card_sources.add(call, customer, call.params["source"], "source") if "source" in call.params else None
    _apply(call, customer)
    call.create(customer, emits="customer.created")
    if source:
        call.emit("customer.source.created", source)
    for one in call.params.get("tax_id_data", []):
        tax_identities.make(call, customer, one["type"], one["value"])
    return customer


def _enter_clock(call: Call, clock: str) -> None:
    call.mention(clocks.TEST_CLOCK.name, clock, "test_clock")
    if len(call.every("customer", {"test_clock": clock})) >= clocks.MAX_CUSTOMERS:
        raise StripeError(
            f"A test clock can have up to {clocks.MAX_CUSTOMERS} customers, and {clock} has as many.",
            param="test_clock",
        )
    call.live_by(clock)


@resource.get("/v1/customers", {**LISTING, "email": text(), "test_clock": text()})
def list_all(call: Call) -> Answer:
    """Customers, newest first, by exact e-mail; those of a test clock only where it is named."""
    clock = call.params.get("test_clock")
    where = {"email": call.params.get("email"), "test_clock": clock}
    return lists.page(call, "customer", where, matching=clocks.only_of(clock))


@resource.get("/v1/customers/search", SEARCHING)
def find(call: Call) -> Answer:
    """Customers by the query language."""
    return search.answer(call, "customer")


@resource.get("/v1/customers/{customer}")
def retrieve(call: Call, customer: str) -> Answer:
    """One customer, or the stub of a deleted one."""
    return call.get("customer", customer)


@resource.post("/v1/customers/{customer}", _UPDATE)
def update(call: Call, customer: str) -> Answer:
    """Change a customer; what is not sent stays."""
    found = living(call, customer)
    card_sources.change_default(call, found, call.params)
    _apply(call, found)
    return call.save(found, emits="customer.updated")


@resource.delete("/v1/customers/{customer}")
def delete(call: Call, customer: str) -> Answer:
    """Delete a customer for good; subscriptions end, the payment methods are let go."""
    found = living(call, customer)
    for subscription in call.every("subscription", {"customer": customer}):
        if subscription["status"] not in subscribing.ENDED:
            subscribing.end(call, subscription, reason=None)
    for method in call.every("payment_method", {"customer": customer}):
        payment_methods.let_go(call, method)
    for source in call.every("card", {"customer": customer}):
        call.delete(source)
    return call.delete(found, emits="customer.deleted")


def living(call: Call, customer: str) -> Object:
    """The customer that the path names; 404 for one that was deleted, which only a retrieve still finds."""
    found = call.get("customer", customer)
    if found.get("deleted"):
        raise StripeError(f"No such customer: '{customer}'", status=404, code="resource_missing", param="customer")
    return found


def _apply(call: Call, customer: Object) -> None:
    """Put what was sent into the customer, refusing what does not fit."""
    sent = call.params
    if sent.get("email") and ("@" not in sent["email"] or " " in sent["email"]):
        raise StripeError(f"Invalid email address: {sent['email']}", code="email_invalid", param="email")
    for field in _PLAIN:
        if field in sent:
            customer[field] = sent[field]
    if "metadata" in sent:
        customer["metadata"] = merged_metadata(customer["metadata"], sent["metadata"])
    if "address" in sent:
        customer["address"] = None if sent["address"] is None else whole_address(sent["address"])
    if "shipping" in sent:
        customer["shipping"] = whole_shipping(sent["shipping"])
    if "preferred_locales" in sent:
        customer["preferred_locales"] = sent["preferred_locales"] or []
    if "tax_exempt" in sent:
        customer["tax_exempt"] = sent["tax_exempt"] or "none"
    if sent.get("tax", {}).get("validate_location") == "immediately" and not tax_places.location(customer):
        raise tax_places.no_location("address")
    if sent.get("invoice_prefix"):
        _take_prefix(call, customer, sent["invoice_prefix"])
    if "invoice_settings" in sent:
        _apply_invoice_settings(call, customer, sent["invoice_settings"])


def whole_shipping(sent: dict[str, Any] | None) -> Object | None:
    """Shipping details with every field, null where none was sent."""
    if sent is None:
        return None
    return {"address": whole_address(sent["address"]), "name": sent["name"], "phone": sent.get("phone")}


def whole_parcel(sent: dict[str, Any] | None) -> Object | None:
    """The shipping details of a payment, null where none was sent."""
    shipping = whole_shipping(sent)
    if shipping is not None and sent is not None:
        shipping.update(carrier=sent.get("carrier"), tracking_number=sent.get("tracking_number"))
    return shipping


def _take_prefix(call: Call, customer: Object, prefix: str) -> None:
    """Invoice prefixes are unique among customers (recorded: probe_invoice_prefix)."""
    if not _PREFIX.fullmatch(prefix):
        raise StripeError("Invoice number prefix must be 1–12 uppercase letters or numbers.")
    for holder in call.every("customer", {"invoice_prefix": prefix}, limit=1):
        if holder["id"] != customer["id"]:
            raise StripeError(
                f"This invoice number prefix is taken by customer: {holder['id']}. Please enter a different prefix.",
                param="invoice_prefix",
            )
    customer["invoice_prefix"] = prefix


def _apply_invoice_settings(call: Call, customer: Object, sent: dict[str, Any]) -> None:
    settings = customer["invoice_settings"]
    for field in ("custom_fields", "footer"):
        if field in sent:
            settings[field] = sent[field] or None
    if "rendering_options" in sent:
        options = sent["rendering_options"]
        settings["rendering_options"] = options and {
            "amount_tax_display": options.get("amount_tax_display"),
            "template": options.get("template"),
        }
    if "default_payment_method" in sent:
        default = sent["default_payment_method"]
        method = default and call.find("payment_method", default)
        if default and (not method or method["customer"] != customer["id"]):
            raise StripeError(
                f"The customer does not have a payment method with the ID {default}. "
                "The payment method must be attached to the customer.",
                code="resource_missing",
                param="invoice_settings[default_payment_method]",
            )
        settings["default_payment_method"] = default
