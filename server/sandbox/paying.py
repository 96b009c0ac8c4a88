"""Paying an intent: confirmation, authentication, the attempt to charge, and what becomes of the intent.

Used by the payment intents' own operations and, through `charge_customer`, by invoices.
"""

from collections.abc import Callable
from typing import Any, Final

from paydesk.server.sandbox import cards, charging
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object, visible
from paydesk.server.sandbox.resources import payment_methods

# What else happens when an intent has been paid, whoever paid it: an invoice is settled by its intent.
AFTER_PAYMENT: Final[list[Callable[[Call, Object], None]]] = []

NO_METHOD: Final = (
    "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
    "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method "
    "or ConfirmationToken."
)
_NO_RETURN_URL: Final = (
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these "
    "payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want "
    "to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
    "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
)
_AUTHENTICATION_FAILED: Final = (
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod "
    "to attempt to fulfill this PaymentIntent again."
)


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


def unexpected(message: str, intent: Object) -> StripeError:
    """A transition that the intent's state does not allow; the error carries the intent."""
    return StripeError(message, code="payment_intent_unexpected_state", extra={"payment_intent": intent})


def check_return_url(intent: Object, sent: dict[str, Any]) -> None:
    """With methods that may redirect, a confirmation must say where to come back to."""
    automatic = intent["automatic_payment_methods"]
    off_session = sent.get("off_session", "false") != "false"
    if automatic and automatic["allow_redirects"] == "always" and "return_url" not in sent and not off_session:
        raise StripeError(_NO_RETURN_URL)


def check_method(call: Call, intent: Object) -> None:
    """StripeError where the payment method is another customer's, or used up."""
    method = call.get("payment_method", intent["payment_method"])
    payment_methods.refuse_spent(method)
    owner, customer = method["customer"], intent["customer"]
    if owner and not customer:
        raise StripeError(
            f"The payment method supplied ({method['id']}) belongs to the Customer {owner}. Please include the "
            "Customer in the `customer` parameter on the PaymentIntent.",
            param="payment_method",
        )
    if owner and owner != customer:
        raise StripeError(
            f"The PaymentMethod {method['id']} does not belong to the Customer you supplied {customer}. Please use "
            "this PaymentMethod with the Customer that it belongs to instead.",
            param="payment_method",
        )


def confirm(call: Call, intent: Object, sent: dict[str, Any]) -> Object:
    """Try to pay; the intent afterwards. A decline is raised as 402 and keeps its traces."""
    off_session = sent.get("off_session", "false") != "false"
    method = call.get("payment_method", intent["payment_method"])
    card = cards.by_fingerprint(method["card"]["fingerprint"])
    if needs_authentication(intent, method, card, off_session=off_session):
        if off_session:
            return _attempt(call, intent, method, refusal="authentication_required")
        if sent.get("error_on_requires_action"):
            return _attempt(call, intent, method, refusal="authentication_required")
        return _ask_customer(call, intent, sent.get("return_url"))
    return _attempt(call, intent, method)


def needs_authentication(intent: Object, method: Object, card: cards.Card, *, off_session: bool) -> bool:
    """Whether the bank wants the cardholder: by the card's kind, or because it was asked for."""
    saved = method["customer"] is not None
    wanted = {
        "always": True,
        "unless_set_up": not (saved and off_session),
        "on_session": not off_session,
        "": False,
    }[card.authentication]
    asked = intent["payment_method_options"]["card"]["request_three_d_secure"] in ("any", "challenge")
    return wanted or (asked and not off_session)


def _ask_customer(call: Call, intent: Object, return_url: str | None) -> Object:
    url = f"https://hooks.stripe.com/3d_secure_2/authenticate/{intent['id']}"
    intent["status"] = "requires_action"
    intent["next_action"] = (
        {"redirect_to_url": {"return_url": return_url, "url": url}, "type": "redirect_to_url"}
        if return_url
        else {"type": "use_stripe_sdk", "use_stripe_sdk": {"stripe_js": url, "type": "three_d_secure_redirect"}}
    )
    call.save(intent)
    call.emit("payment_intent.requires_action", intent)
    return intent


def authenticated(call: Call, intent: Object, *, succeeded: bool) -> Object:
    """The customer came back from the bank; the intent afterwards, a declined one without an error."""
    method = call.get("payment_method", intent["payment_method"])
    intent["next_action"] = None
    if succeeded:
        return _charge(call, intent, method, is_authenticated=True)[0]
    intent["last_payment_error"] = {
        "code": "payment_intent_authentication_failure",
        "doc_url": "https://stripe.com/docs/error-codes/payment-intent-authentication-failure",
        "message": _AUTHENTICATION_FAILED,
        "payment_method": visible(method),
        "type": "invalid_request_error",
    }
    _back_to_start(call, intent)
    return intent


def _attempt(call: Call, intent: Object, method: Object, *, refusal: str | None = None) -> Object:
    intent, error = _charge(call, intent, method, refusal=refusal)
    if error:
        raise error
    return intent


def _charge(
    call: Call, intent: Object, method: Object, *, refusal: str | None = None, is_authenticated: bool = False
) -> tuple[Object, StripeError | None]:
    """One attempt; the intent afterwards and, where it was declined, the error to answer with."""
    attempt = charging.Attempt(
        amount=intent["amount"],
        currency=intent["currency"],
        method=method,
        captures=intent["capture_method"] != "manual",
        authenticated=is_authenticated,
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
        error = charging.decline_error(decline, charge, method, intent)
        intent["last_payment_error"] = {
            **{name: value for name, value in error.body("")["error"].items() if name in _LAST_ERROR},
            "charge": charge["id"],
        }
        _back_to_start(call, intent)
        return intent, error
    intent.update(next_action=None, last_payment_error=None)
    if attempt.captures:
        intent.update(status="succeeded", amount_received=intent["amount"])
    else:
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
    if intent["setup_future_usage"] and intent["customer"]:
        method.pop("_spent", None)
        payment_methods.attach(call, method, intent["customer"])
    call.save(intent)
    call.emit("payment_intent.succeeded" if attempt.captures else "payment_intent.amount_capturable_updated", intent)
    if attempt.captures:
        for settle in AFTER_PAYMENT:
            settle(call, intent)
    return intent, None


_CARRIED: Final = (
    *("customer", "description", "receipt_email", "shipping", "statement_descriptor", "statement_descriptor_suffix"),
    "transfer_group",
)
_LAST_ERROR: Final = frozenset(
    {"advice_code", "code", "decline_code", "doc_url", "message", "network_advice_code", "network_decline_code"}
    | {"param", "payment_method", "type"}
)


def _back_to_start(call: Call, intent: Object) -> None:
    intent.update(status="requires_payment_method", payment_method=None)
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
    """Take a payment for an invoice; the payment intent afterwards: succeeded, requires_action or, where it was
    declined or there was no method, requires_payment_method (its `last_payment_error` says why). Never raises for a
    decline.
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
    call: Call, intent: Object, payment_method: str, *, off_session: bool = True, refusal: str | None = None
) -> Object:
    """Try an open intent (again) with a payment method, as `charge_customer` does.

    `refusal`: a decline code (cards.DECLINES) that the bank answers with, whatever the card.
    """
    intent["payment_method"] = payment_method
    check_method(call, intent)
    try:
        if refusal:
            return _attempt(call, intent, call.get("payment_method", payment_method), refusal=refusal)
        return confirm(call, intent, {"off_session": "true" if off_session else "false"})
    except StripeError as error:
        if not error.keeps_effects:
            raise
        return intent
