"""Cards that are held to a reader: their payment method, and how they look in a charge."""

import hashlib
from typing import Any, Final

from paydesk.server.sandbox import cards
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.card_table import Card
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.instruments import card_object
from paydesk.server.sandbox.kinds import Object

DEFAULT_NUMBER: Final = "4242424242424242"
_SHOWN: Final = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")


def card_of(number: str) -> Card:
    """The test card of a number; StripeError for any other."""
    card = cards.by_number(number.replace(" ", ""))
    if card is None:
        raise StripeError(
            "The simulated reader takes Stripe's test cards only.",
            code="incorrect_number",
            param="card_present[number]",
        )
    return card


def method_object(call: Call, card: Card, kind: str = "card_present") -> Object:
    """The payment method of a card that was presented."""
    body = card_object(call.new_id("pm_1", 23), call.now, card)
    fields = body.pop("card")
    body["type"] = kind
    body[kind] = {
        **{name: fields[name] for name in _SHOWN},
        "brand_product": None,
        "cardholder_name": None,
        "description": None,
        "issuer": "Stripe",
        "networks": {"available": [card.brand], "preferred": None},
        "preferred_locales": ["en"],
        "read_method": "contact_emv",
    }
    if kind == "card_present":
        body[kind].update(offline=None)
    return body


def generated_card(call: Call, card: Card) -> Object:
    """The ordinary card that saving a presented one leaves behind."""
    return call.create(card_object(call.new_id("pm_1", 23), call.now, card))


def charge_details(created: int, method: Object, amount: int, *, captures: bool, hold_s: int) -> Object:
    """A presented card in a charge's `payment_method_details`."""
    kind: str = method["type"]
    stored = method[kind]
    cryptogram = hashlib.sha256(f"{method['id']} {amount}".encode()).hexdigest()[:16].upper()
    details: dict[str, Any] = {
        **{name: stored[name] for name in _SHOWN},
        "brand_product": None,
        "cardholder_name": None,
        "description": None,
        "emv_auth_data": None,
        "generated_card": None,
        "issuer": stored["issuer"],
        "network": stored["brand"],
        "network_transaction_id": None,
        "preferred_locales": ["en"],
        "read_method": stored["read_method"],
        "receipt": {
            "account_type": "credit",
            "application_cryptogram": cryptogram,
            "application_preferred_name": f"Stripe {stored['brand'].title()}",
            "authorization_code": None,
            "authorization_response_code": "3030",
            "cardholder_verification_method": None,
            "dedicated_file_name": "A000000003101001",
            "terminal_verification_results": "0000000000",
            "transaction_status_information": "0000",
        },
    }
    if kind == "card_present":
        details.update(
            amount_authorized=amount,
            incremental_authorization_supported=False,
            offline=None,
            overcapture_supported=False,
        )
        if not captures:
            details["capture_before"] = created + hold_s
    return {kind: details, "type": kind}
