"""What a payment method was made of, a test card or a test bank account, and how it looks in the objects made of it."""

from typing import Any, Final

from paydesk.server.sandbox import cards, debits
from paydesk.server.sandbox.card_table import Card
from paydesk.server.sandbox.debits import Bank
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import whole_address
from paydesk.server.sandbox.redirects import BY_TYPE, Redirect, fields_of

_DISPLAY: Final = {"amex": "american_express", "diners": "diners_club", "unionpay": "union_pay"}
_BANK_NAME: Final = "STRIPE TEST BANK"
_YEAR_S: Final = 31_556_952


Instrument = Card | Bank | Redirect


def of(method: Object) -> Instrument:
    """The card, bank account or redirect behind a payment method, or behind a charge's `payment_method_details`."""
    kind: str = method["type"]
    if kind in ("card", "card_present", "interac_present"):
        return cards.by_fingerprint(method[kind]["fingerprint"])
    if kind in BY_TYPE:
        return BY_TYPE[kind]
    return debits.by_fingerprint(kind, method[kind]["fingerprint"], method.get("_failure"))


def of_charge(charge: Object) -> Instrument:
    """What was charged."""
    return of(charge["payment_method_details"])


def method_object(identifier: str, created: int, instrument: Instrument, *, customer: str | None = None) -> Object:
    """The payment method of a card, bank account or redirect, as new."""
    if isinstance(instrument, Card):
        return card_object(identifier, created, instrument, customer=customer)
    if isinstance(instrument, Redirect):
        return _object(identifier, created, customer, instrument.type, fields_of(instrument.type, None))
    body = _object(identifier, created, customer, instrument.type, _bank_fields(instrument))
    if instrument.failure and not instrument.names:
        # Known by how its number ends only, which the fingerprint does not tell.
        body["_failure"] = instrument.failure
    return body


def card_object(identifier: str, created: int, card: Card, *, customer: str | None = None) -> Object:
    """The payment method of a test card, as new; expiring in the year after next."""
    fields: Object = {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "unchecked" if customer is None else card.cvc_check,
        },
        "country": card.country,
        "display_brand": _DISPLAY.get(card.brand, card.brand),
        "exp_month": 11,
        "exp_year": 1970 + created // _YEAR_S + 2,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": list(card.networks or (card.brand,)), "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.challenge != "unsupported"},
        "wallet": None,
    }
    return _object(identifier, created, customer, "card", fields)


def _object(identifier: str, created: int, customer: str | None, kind: str, fields: Object) -> Object:
    return {
        "id": identifier,
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": whole_address(None),
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        kind: fields,
        "created": created,
        "customer": customer,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
    }


def _bank_fields(bank: Bank) -> Object:
    if bank.type == "us_bank_account":
        return {
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": _BANK_NAME,
            "financial_connections_account": None,
            "fingerprint": bank.fingerprint,
            "last4": bank.last4,
            "networks": {"preferred": "ach", "supported": ["ach"]},
            "routing_number": debits.ROUTING_NUMBER,
            "status_details": {},
        }
    return {
        "bank_code": bank.number[4:12],
        "branch_code": "",
        "country": bank.country,
        "fingerprint": bank.fingerprint,
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": bank.last4,
    }


def checks(card: Card, method: Object) -> Object:
    """What the bank says to the security code and the address that came with a card."""
    where = method["billing_details"]["address"] or {}
    return {
        "address_line1_check": card.line1_check if where.get("line1") else None,
        "address_postal_code_check": card.postal_check if where.get("postal_code") else None,
        "cvc_check": None if method.get("_without_cvc") else card.cvc_check,
    }


def bank_charge_details(method: Object, mandate: str | None) -> Object:
    """A bank account in a charge's `payment_method_details`."""
    kind: str = method["type"]
    stored = method[kind]
    shown: tuple[str, ...] = ("bank_code", "branch_code", "country", "fingerprint", "last4")
    if kind == "us_bank_account":
        shown = ("account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "routing_number")
    details: dict[str, Any] = {name: stored[name] for name in shown}
    details["mandate"] = mandate
    if kind == "us_bank_account":
        details["payment_reference"] = None
    return {kind: details, "type": kind}


def three_d_secure(result: str, flow: str = "challenge") -> Object:
    """How authentication went, in a charge's or an attempt's card."""
    went_well = result == "authenticated"
    return {
        "authentication_flow": flow if went_well else None,
        "electronic_commerce_indicator": "05" if went_well else None,
        "exemption_indicator": None,
        "result": result,
        "result_reason": {"attempt_acknowledged": "card_not_enrolled", "processing_error": "protocol_error"}.get(
            result
        ),
        "transaction_id": None,
        "version": "2.2.0",
    }
