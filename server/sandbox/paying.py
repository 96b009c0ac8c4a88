"""Paying an intent: confirmation, authentication, the attempt to charge, and what becomes of the intent.

Used by the payment intents' own operations and, through `charge_customer`, by invoices.
"""

from collections.abc import Callable
from typing import Any, Final

from paydesk.server.sandbox import authentication, charging, instruments, intents, microdeposits, redirects
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.charge_objects import Attempt
from paydesk.server.sandbox.debits import Bank
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.intents import check_method, check_return_url, unexpected
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.redirects import Redirect
from paydesk.server.sandbox.resources import mandates, payment_methods

__all__ = ["check_method", "check_return_url", "unexpected"]

# What else happens when an intent has been paid, whoever paid it: an invoice is settled by its intent.
AFTER_PAYMENT: Final[list[Callable[[Call, Object], None]]] = []
# The same for a payment that was processing and that the bank refused in the end.
AFTER_FAILURE: Final[list[Callable[[Call, Object], None]]] = []
# What follows an attempt that was not declined: paid, held or processing. It comes after AFTER_PAYMENT.
AFTER_ATTEMPT: Final[list[Callable[[Call, Object], None]]] = []


def intent_object(identifier: str, created: int, amount_minor: int, currency: str, secret: str) -> Object:
    """An intent that nobody has tried to pay."""
    return {
        "id": identifier,
        "object": "payment_intent",
        "amount": amount_minor,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{identifier}_secret_{secret}",
        "confirmation_method": "automatic",
        "created": created,
        "currency": currency,
        "customer": None,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }


def confirm(call: Call, intent: Object, sent: dict[str, Any]) -> Object:
    """Try to pay; the intent afterwards. A decline is raised as 402 and keeps its traces."""
    off_session = intents.is_off_session(sent)
    method = call.get("payment_method", intent["payment_method"])
    instrument = instruments.of(method)
    if isinstance(instrument, Bank):
        return _confirm_debit(call, intent, method, sent)
    if method.get("_authenticated_for") == intent["id"]:
        # With manual confirmation the customer has authenticated, and the server confirms once more.
        return _attempt(call, intent, method, result="authenticated")
    if isinstance(instrument, Redirect):
        if off_session and instrument.saves and method.get("_set_up"):
            # Its owner said yes to this when it was saved.
            return _attempt(call, intent, method)
        url = sent.get("return_url")
        redirects.check(instrument, holds=not _captures(intent), return_url=url, off_session=off_session)
        return _ask_customer(call, intent, authentication.next_action(call, intent, {"return_url": url}))
    if method["type"] != "card" or (sent.get("payment_method_options", {}).get("card") or {}).get("moto"):
        # An order by telephone cannot be authenticated; whoever holds the card to a reader is asked for no more.
        return _attempt(call, intent, method)
    options = intent["payment_method_options"].get("card", {})
    requested = options.get("request_three_d_secure") in ("any", "challenge")
    how = authentication.demanded(instrument, method, off_session=off_session, requested=requested)
    if how == "ask":
        if off_session or sent.get("error_on_requires_action"):
            return _attempt(call, intent, method, refusal="authentication_required")
        return _ask_customer(call, intent, authentication.next_action(call, intent, sent))
    if how == "error":
        return _attempt(call, intent, method, refusal="generic_decline")
    if how == "frictionless":
        return _attempt(call, intent, method, result="authenticated", flow="frictionless")
    return _attempt(call, intent, method, result=how)


def _confirm_debit(call: Call, intent: Object, method: Object, sent: dict[str, Any]) -> Object:
    """A bank account: with a mandate, once it is verified, and then the bank takes its time."""
    if intent["capture_method"] == "manual":
        raise StripeError(
            f"The payment method type {method['type']} cannot be captured manually.", param="capture_method"
        )
    mandate = mandates.given(call, intent, method, sent)
    if microdeposits.is_needed(method):
        # Remembered for the charge that follows when the account is verified.
        method["_mandate"] = mandate
        call.save(method)
        microdeposits.send(call, intent, method)
        return _ask_customer(call, intent, microdeposits.next_action(call, intent))
    return _attempt(call, intent, method, mandate=mandate)


def _ask_customer(call: Call, intent: Object, next_action: Object) -> Object:
    intent.update(status="requires_action", next_action=next_action)
    call.save(intent)
    call.emit("payment_intent.requires_action", intent)
    return intent


def authenticated(call: Call, intent: Object, *, succeeded: bool) -> Object:
    """The customer came back from the bank; the intent afterwards, a declined one without an error."""
    method = call.get("payment_method", intent["payment_method"])
    intent["next_action"] = None
    if not succeeded:
        intent["last_payment_error"] = authentication.failure(intent, method)
        _back_to_start(call, intent)
        return intent
    if intent["confirmation_method"] == "manual":
        method["_authenticated_for"] = intent["id"]
        call.save(method)
        intent["status"] = "requires_confirmation"
        return call.save(intent)
    return _charge(call, intent, method, result="authenticated")[0]


def bounced(call: Call, intent: str) -> None:
    """The small deposits did not arrive: the account cannot be debited."""
    found = call.get("payment_intent", intent)
    if found["status"] == "requires_action":
        method = call.get("payment_method", found["payment_method"])
        found["last_payment_error"] = microdeposits.failure(method)
        _back_to_start(call, found)


def verified(call: Call, intent: Object, method: Object) -> Object:
    """The bank account was verified: it is charged now."""
    intent["next_action"] = None
    return _attempt(call, intent, method, mandate=method.get("_mandate"))


def _attempt(call: Call, intent: Object, method: Object, **how: Any) -> Object:
    intent, error = _charge(call, intent, method, **how)
    if error:
        raise error
    return intent


def _charge(
    call: Call,
    intent: Object,
    method: Object,
    *,
    refusal: str | None = None,
    result: str = "",
    flow: str = "challenge",
    mandate: str | None = None,
) -> tuple[Object, StripeError | None]:
    """One attempt; the intent afterwards and, where it was declined, the error to answer with."""
    attempt = Attempt(
        amount=intent["amount"],
        currency=intent["currency"],
        method=method,
        captures=_captures(intent),
        authentication=result,
        flow=flow,
        mandate=mandate,
        options=intent["payment_method_options"].get("card", {}),
        fields={
            **{name: intent[name] for name in _CARRIED},
            "metadata": dict(intent["metadata"]),
            "payment_intent": intent["id"],
        },
    )
    charge, decline = charging.take(call, attempt, refusal=refusal)
    intent["latest_charge"] = charge["id"]
    payment_methods.spend(call, method)
    if decline:
        error = charging.decline_error(decline, charge, method, payment_intent=intent)
        intent["last_payment_error"] = charging.last_error(error)
        _back_to_start(call, intent)
        return intent, error
    intent.update(next_action=None, last_payment_error=None)
    _save_method(call, intent, method)
    if charge["status"] == "pending":
        intent["status"] = "processing"
        call.save(intent)
        call.emit("payment_intent.processing", intent)
    elif attempt.captures:
        _paid(call, intent)
    else:
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
        call.save(intent)
        call.emit("payment_intent.amount_capturable_updated", intent)
    for tell in AFTER_ATTEMPT:
        tell(call, intent)
    return intent, None


_CARRIED: Final = (
    *("customer", "description", "receipt_email", "shipping", "statement_descriptor", "statement_descriptor_suffix"),
    *("application_fee_amount", "on_behalf_of", "transfer_data", "transfer_group"),
)


def _captures(intent: Object) -> bool:
    options = intent["payment_method_options"].get("card", {})
    return "manual" not in (intent["capture_method"], options.get("capture_method"))


def _save_method(call: Call, intent: Object, method: Object) -> None:
    """Attach what is to be used again; off-session use is what the customer has agreed to."""
    options = intent["payment_method_options"].get(method["type"], {})
    usage = options.get("setup_future_usage") or intent["setup_future_usage"]
    if usage not in ("on_session", "off_session") or not intent["customer"]:
        return
    method.pop("_spent", None)
    if usage == "off_session":
        method["_set_up"] = True
    payment_methods.attach(call, method, intent["customer"])
    call.save(method)


def _paid(call: Call, intent: Object) -> None:
    intent.update(status="succeeded", amount_received=intent["amount"])
    call.save(intent)
    call.emit("payment_intent.succeeded", intent)
    for settle in AFTER_PAYMENT:
        settle(call, intent)


def bank_answered(call: Call, charge: str) -> None:
    """What was processing is paid, or failed."""
    pending = call.get("charge", charge)
    if pending["status"] != "pending":
        return
    decline = charging.bank_answers(call, pending)
    intent = pending["payment_intent"] and call.get("payment_intent", pending["payment_intent"])
    if not intent:
        return
    if decline is None:
        _paid(call, intent)
        return
    method = call.get("payment_method", intent["payment_method"])
    intent["last_payment_error"] = charging.last_error(charging.decline_error(decline, pending, method))
    _back_to_start(call, intent)
    for undo in AFTER_FAILURE:
        undo(call, intent)


def _back_to_start(call: Call, intent: Object) -> None:
    intent.update(status="requires_payment_method", payment_method=None, next_action=None)
    call.save(intent)
    call.emit("payment_intent.payment_failed", intent)


def charge_customer(
    call: Call,
    customer: Object,
    amount_minor: int,
    currency: str,
    payment_method: str | None,
    *,
    description: str | None = None,
    metadata: dict[str, str] | None = None,
    off_session: bool = True,
) -> Object:
    """Take a payment for an invoice; the payment intent afterwards: succeeded, processing (a bank debit),
    requires_action or, where it was declined or there was no method, requires_payment_method (its
    `last_payment_error` says why). Never raises for a decline.
    """
    intent = intent_object(call.new_id("pi_3", 23), call.now, amount_minor, currency, call.new_id("", 25))
    intent.update(
        customer=customer["id"],
        description=description,
        metadata=dict(metadata or {}),
        capture_method="automatic",
        receipt_email=None,
        payment_method=payment_method,
    )
    call.create(intent, emits="payment_intent.created")
    return intent if payment_method is None else pay(call, intent, payment_method, off_session=off_session)


def pay(
    call: Call,
    intent: Object,
    payment_method: str,
    *,
    off_session: bool = True,
    refusal: str | None = None,
    confirming: dict[str, Any] | None = None,
) -> Object:
    """Try an open intent (again) with a payment method, as `charge_customer` does.

    `refusal`: a decline code (cards.DECLINES) that the bank answers with, whatever the card. `confirming`: what else
    the confirmation says (`return_url`, `mandate_data`).
    """
    intent["payment_method"] = payment_method
    method = call.get("payment_method", payment_method)
    if method["type"] not in intent["payment_method_types"]:
        intent["payment_method_types"] = [*intent["payment_method_types"], method["type"]]
    check_method(call, intent)
    try:
        if refusal:
            return _attempt(call, intent, method, refusal=refusal)
        return confirm(call, intent, {"off_session": "true" if off_session else "false", **(confirming or {})})
    except StripeError as error:
        if not error.keeps_effects:
            raise
        return intent
