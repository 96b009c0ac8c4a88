"""A charge as an object: the amounts, the outcome, the card or bank account that was charged."""

from dataclasses import dataclass, field
from typing import Any, Final

from paydesk.server.sandbox import card_present, instruments, ledger, redirects
from paydesk.server.sandbox.card_table import Card
from paydesk.server.sandbox.cards import Decline
from paydesk.server.sandbox.debits import Bank
from paydesk.server.sandbox.instruments import Instrument
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.redirects import Redirect

HOLD_S: Final = 7 * ledger.DAY_S
_RISK_SCORES: Final = {"normal": 24, "elevated": 66, "highest": 92}


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is to be charged.

    - `captures` False only holds the amount
    - `authentication`: the result of 3D Secure ("authenticated", "attempt_acknowledged", ...), "" where it had no part
    - `flow`: "challenge" where the customer was asked, "frictionless"; `mandate` of a bank debit
    - `options`: the intent's options for cards
    """

    amount: int
    currency: str
    method: Object
    captures: bool = True
    authentication: str = ""
    flow: str = "challenge"
    mandate: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)


def charge_object(
    identifier: str, created: int, attempt: Attempt, instrument: Instrument, decline: Decline | None
) -> Object:
    """The charge as it stands at once; a successful captured one still lacks its balance transaction."""
    captured = attempt.captures and not decline
    method = attempt.method
    waits = isinstance(instrument, Bank) and not decline
    blocked = isinstance(instrument, Card) and instrument.risk == "highest"
    return {
        "id": identifier,
        "object": "charge",
        "amount": attempt.amount,
        "amount_captured": attempt.amount if captured else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "Stripe" if isinstance(instrument, Card) else None,
        "captured": captured,
        "created": created,
        "currency": attempt.currency,
        "customer": None,
        "description": None,
        "dispute": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {"stripe_report": "fraudulent"} if decline and blocked else {},
        "livemode": False,
        "metadata": {},
        "on_behalf_of": None,
        "outcome": _outcome(instrument, decline),
        "paid": not decline and not waits,
        "payment_intent": None,
        "payment_method": method["id"],
        "payment_method_details": _details(created, attempt, instrument),
        "radar_options": {},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None if decline else f"https://pay.stripe.com/receipts/payment/{identifier}",
        "refunded": False,
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "failed" if decline else "pending" if waits else "succeeded",
        "transfer_data": None,
        "transfer_group": None,
        **attempt.fields,
    }


def _outcome(instrument: Instrument, decline: Decline | None) -> Object:
    outcome: Object = {
        "advice_code": decline.advice if decline else None,
        "network_advice_code": decline.network_advice if decline else None,
        "network_decline_code": decline.network_code if decline else None,
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": (decline.decline_code or decline.code) if decline else None,
        "risk_level": "not_assessed",
        "seller_message": "Payment complete.",
        "type": "issuer_declined" if decline else "authorized",
    }
    blocked = decline is not None and decline.decline_code == "fraudulent"
    if isinstance(instrument, Card):
        outcome["risk_level"] = instrument.risk
        outcome["risk_score"] = _RISK_SCORES[instrument.risk]
        blocked = blocked and instrument.risk == "highest"
    if decline:
        outcome["seller_message"] = "The bank did not return any further details with this decline."
    if blocked:
        outcome.update(network_status="not_sent_to_network", reason="highest_risk_level", type="blocked")
        outcome.update(seller_message="Stripe blocked this payment as too risky.", risk_level="highest")
    return outcome


def bank_said_no(charge: Object, decline: Decline) -> None:
    """The bank answered a pending charge, and did not pay."""
    charge.update(status="failed", paid=False, captured=False, amount_captured=0, receipt_url=None)
    charge.update(failure_code=decline.code, failure_message=decline.message)
    charge["outcome"].update(
        network_status="declined_by_network",
        reason=decline.code,
        seller_message="The bank did not return any further details with this decline.",
        type="issuer_declined",
    )


def _details(created: int, attempt: Attempt, instrument: Instrument) -> Object:
    if isinstance(instrument, Bank):
        return instruments.bank_charge_details(attempt.method, attempt.mandate)
    if isinstance(instrument, Redirect):
        return redirects.charge_details(attempt.method)
    if attempt.method["type"] != "card":
        return card_present.charge_details(
            created, attempt.method, attempt.amount, captures=attempt.captures, hold_s=HOLD_S
        )
    return {"card": _card_details(created, attempt, instrument), "type": "card"}


def _card_details(created: int, attempt: Attempt, card: Card) -> Object:
    stored = attempt.method["card"]
    can = _availability(attempt.options)
    details: Object = {
        "amount_authorized": attempt.amount,
        "authorization_code": None,
        "brand": stored["brand"],
        "checks": instruments.checks(card, attempt.method),
        "country": stored["country"],
        "electronic_commerce_indicator": "07",
        "exp_month": stored["exp_month"],
        "exp_year": stored["exp_year"],
        "extended_authorization": {"status": "disabled"},
        "fingerprint": stored["fingerprint"],
        "funding": stored["funding"],
        "incremental_authorization": {"status": can["request_incremental_authorization"]},
        "installments": None,
        "last4": stored["last4"],
        "mandate": None,
        "multicapture": {"status": can["request_multicapture"]},
        "network": attempt.options.get("network") or stored["brand"],
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": attempt.amount, "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": None,
        "wallet": None,
    }
    if attempt.authentication:
        details["three_d_secure"] = instruments.three_d_secure(attempt.authentication, attempt.flow)
    if not attempt.captures:
        details["capture_before"] = created + HOLD_S
    return details


def _availability(options: dict[str, Any]) -> dict[str, str]:
    """Whether a hold may be raised or captured in parts: where the intent asked for it."""
    return {
        name: "available" if options.get(name) == "if_available" else "unavailable"
        for name in ("request_incremental_authorization", "request_multicapture")
    }
