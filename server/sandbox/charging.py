"""Charging: one attempt to take money from a card, its charge, its outcome; capturing a hold, or letting it go."""

from dataclasses import dataclass, field
from typing import Any, Final

from paydesk.server.sandbox import cards, ledger, money
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.cards import Card, Decline
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object, visible
from paydesk.server.sandbox.resources import disputes

HOLD_S: Final = 7 * ledger.DAY_S
TOO_MUCH_TO_CAPTURE: Final = (
    "The payment could not be captured because the requested capture amount is greater than the authorized amount. If "
    "you are trying to collect a tip or over-capture, your account might not be configured for those features. Contact "
    "us via https://support.stripe.com/contact/"
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is to be charged. `captures` False only holds the amount."""

    amount: int
    currency: str
    method: Object
    captures: bool = True
    authenticated: bool = False
    fields: dict[str, Any] = field(default_factory=dict)


def take(call: Call, attempt: Attempt, *, refusal: str | None = None) -> tuple[Object, Decline | None]:
    """Try to charge: the charge, succeeded or failed, and why it failed.

    `refusal` is a decline code that is known beforehand (authentication that could not be had).
    """
    card = cards.by_fingerprint(attempt.method["card"]["fingerprint"])
    code = refusal or card.decline
    decline = cards.DECLINES[code] if code else None
    charge = charge_object(call.new_id("ch_3", 23), call.now, attempt, card, decline)
    if decline:
        return call.create(charge, emits="charge.failed"), decline
    if attempt.captures:
        _settle(call, charge, card)
    call.create(charge, emits="charge.succeeded")
    if attempt.captures:
        _dispute(call, charge, card)
    else:
        call.later(call.now + HOLD_S, "charge.expire", charge=charge["id"])
    return charge, None


def capture(call: Call, charge: Object, amount_minor: int) -> Object:
    """Take a held amount, or a part of it; what is left of the hold is let go."""
    card = cards.by_fingerprint(charge["payment_method_details"]["card"]["fingerprint"])
    charge["captured"] = True
    charge["amount_captured"] = amount_minor
    _settle(call, charge, card)
    call.save(charge)
    call.emit("charge.captured", charge)
    _dispute(call, charge, card)
    return charge


def release(call: Call, charge: Object, event: str) -> Object:
    """Let a hold go: the whole amount counts as refunded, nothing was ever booked."""
    charge["amount_refunded"] = charge["amount"]
    charge["refunded"] = True
    call.save(charge)
    call.emit(event, charge)
    return charge


def _settle(call: Call, charge: Object, card: Card) -> None:
    captured: int = charge["amount_captured"]
    entry = ledger.Entry(
        "charge",
        captured,
        charge["currency"],
        charge["id"],
        charge["description"],
        fee=money.fee(captured, charge["currency"]),
        is_immediate=card.skips_pending,
    )
    charge["balance_transaction"] = ledger.add(call, entry)["id"]


def _dispute(call: Call, charge: Object, card: Card) -> None:
    if card.dispute:
        disputes.open_for(call, charge, card.dispute, is_inquiry=card.is_inquiry)


def expire(call: Call, charge: str) -> None:
    """A hold that nobody captured in seven days ends."""
    held = call.get("charge", charge)
    if held["captured"] or held["refunded"]:
        return
    release(call, held, "charge.expired")
    intent = held["payment_intent"] and call.find("payment_intent", held["payment_intent"])
    if intent:
        intent.update(status="canceled", amount_capturable=0, canceled_at=call.now, cancellation_reason="automatic")
        call.save(intent)
        call.emit("payment_intent.canceled", intent)


def charge_object(identifier: str, created: int, attempt: Attempt, card: Card, decline: Decline | None) -> Object:
    """The charge as it stands at once; a successful captured one still lacks its balance transaction."""
    captured = attempt.captures and not decline
    method = attempt.method
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
        "calculated_statement_descriptor": "Stripe",
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
        "fraud_details": {"stripe_report": "fraudulent"} if decline and card.risk == "highest" else {},
        "livemode": False,
        "metadata": {},
        "on_behalf_of": None,
        "outcome": _outcome(card, decline),
        "paid": not decline,
        "payment_intent": None,
        "payment_method": method["id"],
        "payment_method_details": {"card": _card_details(created, attempt, card), "type": "card"},
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
        "status": "failed" if decline else "succeeded",
        "transfer_data": None,
        "transfer_group": None,
        **attempt.fields,
    }


_RISK_SCORES: Final = {"normal": 24, "elevated": 66, "highest": 92}


def _outcome(card: Card, decline: Decline | None) -> Object:
    outcome: Object = {
        "advice_code": decline.advice if decline else None,
        "network_advice_code": decline.network_advice if decline else None,
        "network_decline_code": decline.network_code if decline else None,
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": decline.decline_code if decline else None,
        "risk_level": card.risk,
        "risk_score": _RISK_SCORES[card.risk],
        "seller_message": "Payment complete.",
        "type": "issuer_declined" if decline else "authorized",
    }
    if decline:
        outcome["seller_message"] = "The bank did not return any further details with this decline."
        if card.risk == "highest":
            outcome.update(network_status="not_sent_to_network", reason="highest_risk_level", type="blocked")
            outcome["seller_message"] = "Stripe blocked this payment as too risky."
    return outcome


def _card_details(created: int, attempt: Attempt, card: Card) -> Object:
    stored = attempt.method["card"]
    where = attempt.method["billing_details"]["address"] or {}
    details: Object = {
        "amount_authorized": attempt.amount,
        "authorization_code": None,
        "brand": card.brand,
        "checks": {
            "address_line1_check": card.line1_check if where.get("line1") else None,
            "address_postal_code_check": card.postal_check if where.get("postal_code") else None,
            "cvc_check": card.cvc_check,
        },
        "country": card.country,
        "electronic_commerce_indicator": "07",
        "exp_month": stored["exp_month"],
        "exp_year": stored["exp_year"],
        "extended_authorization": {"status": "disabled"},
        "fingerprint": stored["fingerprint"],
        "funding": card.funding,
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": card.last4,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card.brand,
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": attempt.amount, "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": _three_d_secure() if attempt.authenticated else None,
        "wallet": None,
    }
    if not attempt.captures:
        details["capture_before"] = created + HOLD_S
    return details


def _three_d_secure() -> Object:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }


def decline_error(decline: Decline, charge: Object, method: Object, intent: Object | None) -> StripeError:
    """The 402 that a declined payment is answered with; the failed charge stays."""
    extra: Object = {"decline_code": decline.decline_code}
    for name, value in (
        ("advice_code", decline.advice),
        ("network_advice_code", decline.network_advice),
        ("network_decline_code", decline.network_code),
    ):
        if value:
            extra[name] = value
    extra["charge"] = charge["id"]
    if intent:
        extra["payment_intent"] = intent
    extra["payment_method"] = visible(method)
    return StripeError(
        decline.message,
        status=402,
        type="card_error",
        code=decline.code,
        param=decline.param,
        extra=extra,
        keeps_effects=True,
    )
