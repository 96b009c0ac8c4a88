"""Cards of the old kind (`card_...`): what tokens hold, and what customers keep as a source.

A customer's card is a payment method of the same id, too, as at Stripe: that is what is charged.
"""

from typing import Any, Final

from paydesk.server.sandbox import card_entry, instruments
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.card_table import Card
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Object, visible
from paydesk.server.sandbox.params import choice, integer, merged_metadata, metadata, required, text, unserved
from paydesk.server.sandbox.resources import payment_methods

ADDRESS: Final = (
    *("address_city", "address_country", "address_line1", "address_line2", "address_state", "address_zip"),
)
# A card in a form: by the numbers themselves.
_NUMBERS: Final = {
    **dict.fromkeys((*ADDRESS, "cvc", "name"), text()),
    "exp_month": required(integer()),
    "exp_year": required(integer()),
    "number": required(text()),
}
DETAILS: Final = {
    **_NUMBERS,
    "metadata": metadata(),
    "object": choice("card"),
    **unserved("encrypted", "network_token", "swipe_data"),
}
# The same for a token.
OF_TOKENS: Final = {**_NUMBERS, "currency": text(), **unserved("networks")}
_BRANDS: Final = {
    "visa": "Visa", "mastercard": "MasterCard", "amex": "American Express", "discover": "Discover",
    "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay",
}  # fmt: skip
_EXPIRES_AFTER_YEARS: Final = 2


def card_object(call: Call, card: Card, entered: Object, sent: dict[str, Any]) -> Object:
    """The card as a token or a customer holds it; `entered` is what card_entry read of it."""
    year = 1970 + call.now // 31_556_952 + _EXPIRES_AFTER_YEARS
    without_cvc = entered.get("_without_cvc", False)
    return {
        "id": call.new_id("card_1", 23),
        "object": "card",
        **{name: sent.get(name) for name in ADDRESS},
        "address_line1_check": "unchecked" if sent.get("address_line1") else None,
        "address_zip_check": "unchecked" if sent.get("address_zip") else None,
        "allow_redisplay": "unspecified",
        "brand": _BRANDS[card.brand],
        "country": card.country,
        "customer": None,
        "cvc_check": None if without_cvc else "unchecked",
        "dynamic_last4": None,
        "exp_month": entered.get("exp_month", 11),
        "exp_year": entered.get("exp_year", year),
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "last4": card.last4,
        "metadata": merged_metadata({}, sent.get("metadata") or {}),
        "name": sent.get("name"),
        "regulated_status": "unregulated",
        "tokenization_method": None,
    }


def add(call: Call, customer: Object, given: Any, param: str) -> Object:
    """Keep a card for a customer, by token or by numbers; a card that fails its check is declined with 402.

    The caller tells of it (`customer.source.created`) and saves the customer.
    """
    if isinstance(given, str):
        if given.startswith(("btok_", "src_", "ba_")):
            raise StripeError("The sandbox keeps cards as sources only: send a token of a card.", param=param)
        card, entered = card_entry.of_token(call, given, param)
        sent: dict[str, Any] = {}
    else:
        card, entered = card_entry.of_number(call, given, param)
        sent = given
    source = card_object(call, card, entered, sent)
    twin = _twin(call, source, card, entered)
    payment_methods.check_saving(card, twin)
    checks = instruments.checks(card, twin)
    twin["customer"] = source["customer"] = customer["id"]
    twin["card"]["checks"] = dict(checks)
    source["cvc_check"] = checks["cvc_check"]
    source["address_line1_check"] = checks["address_line1_check"]
    source["address_zip_check"] = checks["address_postal_code_check"]
    call.create(twin)
    call.create({**source, "_made_at": call.now})
    if customer["default_source"] is None:
        customer["default_source"] = source["id"]
    return source


def change_default(call: Call, customer: Object, sent: dict[str, Any]) -> None:
    """What `source`, `card` and `default_source` do to a customer: a new card takes the default one's place."""
    for param in ("source", "card"):
        if param in sent:
            before = customer["default_source"]
            source = add(call, customer, sent[param], param)
            call.emit("customer.source.created", source)
            customer["default_source"] = source["id"]
            old = before and of_customer(call, customer["id"], before)
            if old:
                remove(call, customer, old)
    for param in ("default_source", "default_card"):
        if param in sent:
            chosen = of_customer(call, customer["id"], sent[param])
            if chosen is None:
                raise missing("source", sent[param], param, status=400)
            customer["default_source"] = chosen["id"]


def _twin(call: Call, source: Object, card: Card, entered: Object) -> Object:
    method = instruments.card_object(source["id"], call.now, card)
    method["card"].update(exp_month=source["exp_month"], exp_year=source["exp_year"])
    if entered.get("_without_cvc"):
        method["_without_cvc"] = True
    _describe(method, source)
    return method


def _describe(method: Object, source: Object) -> None:
    billing = method["billing_details"]
    billing["name"] = source["name"]
    for name, field in (("postal_code", "address_zip"), *((one, f"address_{one}") for one in _SAME)):
        billing["address"][name] = source[field]


_SAME: Final = ("city", "country", "line1", "line2", "state")


def change(call: Call, source: Object, sent: dict[str, Any]) -> Object:
    """Change what is said of a customer's card."""
    for name in ("exp_month", "exp_year"):
        if name in sent:
            source[name] = sent[name]
    card_entry.check_expiry(call, source["exp_month"], source["exp_year"])
    source["exp_year"] = card_entry.full_year(source["exp_year"])
    for name in (*ADDRESS, "name"):
        if name in sent:
            source[name] = sent[name]
    if "metadata" in sent:
        source["metadata"] = merged_metadata(source["metadata"], sent["metadata"])
    twin = call.get("payment_method", source["id"])
    twin["card"].update(exp_month=source["exp_month"], exp_year=source["exp_year"])
    _describe(twin, source)
    call.save(twin)
    return call.save(source, emits="customer.source.updated")


def remove(call: Call, customer: Object, source: Object) -> Object:
    """Take a card from its customer; another one becomes the default. The stub of the card."""
    twin = call.get("payment_method", source["id"])
    twin.update(customer=None, _spent=True)
    call.save(twin)
    was = visible(source)
    stub = call.delete(source)
    call.emit("customer.source.deleted", was)
    if customer["default_source"] == source["id"]:
        left = call.every("card", {"customer": customer["id"]}, limit=1)
        customer["default_source"] = left[0]["id"] if left else None
        call.save(customer, emits="customer.updated")
    return stub


def of_customer(call: Call, customer: str, identifier: str) -> Object | None:
    """A customer's card, or None."""
    found = call.find("card", identifier)
    if found is None or found.get("deleted") or found.get("customer") != customer:
        return None
    return found
