"""Setting up a payment method for later: one attempt of a setup intent, and what becomes of both.

Recorded of Stripe: a decline leaves the intent in `requires_payment_method` with `last_setup_error`, no charge.
"""

from collections.abc import Callable
from typing import Any, Final

from paydesk.server.sandbox import authentication, cards, charging, instruments, intents, microdeposits, redirects
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.card_table import Card
from paydesk.server.sandbox.debits import Bank
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.redirects import Redirect
from paydesk.server.sandbox.resources import mandates, payment_methods

SETUP_ATTEMPT: Final = Kind(
    name="setup_attempt",
    prefix="setatt_",
    called="setupattempt",
    indexed=("setup_intent",),
    expands=(
        "application",
        "customer",
        "on_behalf_of",
        "payment_method",
        "setup_intent",
        *(
            "payment_method_details.bancontact.generated_sepa_debit",
            "payment_method_details.bancontact.generated_sepa_debit_mandate",
            "payment_method_details.card_present.generated_card",
            "payment_method_details.ideal.generated_sepa_debit",
            "payment_method_details.ideal.generated_sepa_debit_mandate",
            "payment_method_details.sofort.generated_sepa_debit",
            "payment_method_details.sofort.generated_sepa_debit_mandate",
        ),
    ),
)

# What else happens when an intent has set a method up: a subscription may have waited for it.
AFTER_SETUP: Final[list[Callable[[Call, Object], None]]] = []


def confirm(call: Call, intent: Object, sent: dict[str, Any]) -> Object:
    """Try to set up the intent's payment method; a decline is raised as 402 and keeps its traces."""
    method = call.get("payment_method", intent["payment_method"])
    instrument = instruments.of(method)
    if isinstance(instrument, Redirect):
        if not instrument.saves:
            raise StripeError(
                f"Payment methods of type '{instrument.type}' cannot be set up for future payments.",
                param="payment_method",
            )
        redirects.check(instrument, holds=False, return_url=sent.get("return_url"), off_session=False)
        _attempt(call, intent, method, "requires_action")
        return _ask_customer(call, intent, authentication.next_action(call, intent, {"return_url": sent["return_url"]}))
    if isinstance(instrument, Bank):
        mandate = mandates.given(call, intent, method, sent)
        intent["mandate"] = mandate
        if microdeposits.is_needed(method):
            _attempt(call, intent, method, "requires_action")
            microdeposits.send(call, intent, method)
            return _ask_customer(call, intent, microdeposits.next_action(call, intent))
        return succeed(call, intent, method)
    options = intent["payment_method_options"].get("card", {})
    requested = options.get("request_three_d_secure") in ("any", "challenge")
    how = authentication.demanded(instrument, method, off_session=False, requested=requested)
    if how == "ask":
        _attempt(call, intent, method, "requires_action")
        return _ask_customer(call, intent, authentication.next_action(call, intent, sent))
    return _answer(call, intent, method, instrument, how)


def _answer(call: Call, intent: Object, method: Object, card: Card, how: str) -> Object:
    """The bank's answer to a card that nobody has to authenticate, or that has been."""
    decline = cards.DECLINES["generic_decline"] if how == "error" else None
    if card.decline and card.declines_on_attach:
        decline = cards.DECLINES[card.decline]
    if decline and decline.code == "incorrect_cvc" and method.get("_without_cvc"):
        decline = None
    method["card"]["checks"] = instruments.checks(card, method)
    if decline is None:
        return succeed(call, intent, method, result=how)
    call.save(method)
    payment_methods.spend(call, method)
    error = charging.decline_error(decline, None, method, setup_intent=intent)
    _attempt(call, intent, method, "failed", error=charging.last_error(error), result=how)
    intent["last_setup_error"] = charging.last_error(error)
    _back_to_start(call, intent)
    raise error


def succeed(call: Call, intent: Object, method: Object, *, result: str = "") -> Object:
    """The payment method is set up: it belongs to the customer, if there is one, and may be used off session."""
    latest = intent["latest_attempt"] and call.get("setup_attempt", intent["latest_attempt"])
    if latest and latest["status"] == "requires_action":
        latest["status"] = "succeeded"
        if result and method["type"] == "card":
            latest["payment_method_details"]["card"]["three_d_secure"] = _three_d_secure(result)
        call.save(latest)
    else:
        _attempt(call, intent, method, "succeeded", result=result)
    if intent["usage"] == "off_session":
        method["_set_up"] = True
    if intent["customer"] and method["type"] != "card_present":
        payment_methods.attach(call, method, intent["customer"])
    call.save(method)
    intent.update(status="succeeded", next_action=None, last_setup_error=None)
    call.save(intent)
    call.emit("setup_intent.succeeded", intent)
    for settle in AFTER_SETUP:
        settle(call, intent)
    return intent


def authenticated(call: Call, intent: Object, *, succeeded: bool) -> Object:
    """The customer came back from the bank; the intent afterwards, a declined one without an error."""
    method = call.get("payment_method", intent["payment_method"])
    instrument = instruments.of(method)
    intent["next_action"] = None
    if succeeded:
        if isinstance(instrument, Card):
            method["card"]["checks"] = instruments.checks(instrument, method)
        return succeed(call, intent, method, result="authenticated")
    return _refused(call, intent, authentication.failure(intent, method))


def bounced(call: Call, intent: str) -> None:
    """The small deposits did not arrive: the account cannot be saved."""
    found = call.get("setup_intent", intent)
    if found["status"] == "requires_action":
        _refused(call, found, microdeposits.failure(call.get("payment_method", found["payment_method"])))


def _refused(call: Call, intent: Object, error: Object) -> Object:
    """What the customer was asked for did not come: the attempt failed, the intent starts again."""
    latest = call.get("setup_attempt", intent["latest_attempt"])
    latest.update(status="failed", setup_error=error)
    call.save(latest)
    intent["last_setup_error"] = error
    _back_to_start(call, intent)
    return intent


def _ask_customer(call: Call, intent: Object, next_action: Object) -> Object:
    intent.update(status="requires_action", next_action=next_action)
    call.save(intent)
    call.emit("setup_intent.requires_action", intent)
    return intent


def _back_to_start(call: Call, intent: Object) -> None:
    intent.update(status="requires_payment_method", payment_method=None, next_action=None)
    call.save(intent)
    call.emit("setup_intent.setup_failed", intent)


def _attempt(
    call: Call, intent: Object, method: Object, status: str, *, error: Object | None = None, result: str = ""
) -> Object:
    kind = method["type"]
    attempt: Object = {
        "id": call.new_id("setatt_1", 23),
        "object": "setup_attempt",
        "application": None,
        "created": call.now,
        "customer": intent["customer"],
        "customer_account": None,
        "flow_directions": None,
        "livemode": False,
        "on_behalf_of": intent["on_behalf_of"],
        "payment_method": method["id"],
        "payment_method_details": {kind: _details(method, result), "type": kind},
        "setup_error": error,
        "setup_intent": intent["id"],
        "status": status,
        "usage": intent["usage"],
    }
    intent["latest_attempt"] = attempt["id"]
    return call.create(attempt)


def _details(method: Object, result: str) -> Object:
    if method["type"] != "card":
        return {}
    stored = method["card"]
    shown = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    return {
        **{name: stored[name] for name in shown},
        "checks": dict(stored["checks"]),
        "network": stored["brand"],
        "three_d_secure": _three_d_secure(result) if result else None,
        "wallet": None,
    }


def _three_d_secure(result: str) -> Object:
    flow = "frictionless" if result == "frictionless" else "challenge"
    settled = {"frictionless": "authenticated", "error": "processing_error"}.get(result, result)
    whole = instruments.three_d_secure(settled, flow)
    return {name: value for name, value in whole.items() if name != "exemption_indicator"}


def check_state(intent: Object, step: str) -> None:
    """StripeError for a step that the intent's state does not allow."""
    if intent["status"] in intents.OPEN:
        return
    why = "it has already succeeded" if intent["status"] == "succeeded" else "it has been canceled"
    raise intents.unexpected(f"You cannot {step} this SetupIntent because {why}.", intent)


def carrying(error: StripeError, intent: Object) -> StripeError:
    """Recorded: what is refused of an intent that exists carries the intent."""
    error.extra.setdefault("setup_intent", intent)
    return error
