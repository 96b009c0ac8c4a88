"""What payment intents and setup intents have in common: their payment method, its type, the words of refusals."""

from typing import Any, Final

from paydesk.server.sandbox.authentication import check_return_url as check_url
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import merged_metadata
from paydesk.server.sandbox.redirects import BY_TYPE
from paydesk.server.sandbox.resources import payment_methods

OPEN: Final = ("requires_payment_method", "requires_confirmation", "requires_action")
# What a new account takes where nobody says which (as recorded).
DEFAULT_TYPES: Final = ("card", "bancontact", "klarna", "link", "pix", "satispay")
_DEBIT_CURRENCY: Final = {"us_bank_account": ("usd",), "sepa_debit": ("eur",)}
_NAMES: Final = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}
_NO_RETURN_URL: Final = (
    "This {name} is configured to accept payment methods enabled in your Dashboard. Because some of these "
    "payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want "
    "to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
    "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
)
_TOLD: Final = 60


def name(intent: Object) -> str:
    """How Stripe writes the intent's kind."""
    return _NAMES[intent["object"]]


def no_method(intent: Object) -> str:
    """Why an intent without a payment method cannot be confirmed."""
    return (
        f"You cannot confirm this {name(intent)} because it's missing a payment method. You can either update the "
        f"{name(intent)} with a payment method and then confirm it again, or confirm it again directly with a payment "
        "method or ConfirmationToken."
    )


def unexpected(message: str, intent: Object) -> StripeError:
    """A transition that the intent's state does not allow; the error carries the intent."""
    kind = intent["object"]
    return StripeError(message, code=f"{kind}_unexpected_state", extra={kind: intent})


def automatic(sent: dict[str, Any]) -> Object | None:
    """`automatic_payment_methods` of a new intent: on, unless types are named or it is turned off."""
    asked = sent.get("automatic_payment_methods", {"enabled": "payment_method_types" not in sent})
    if not asked["enabled"]:
        return None
    if "payment_method_types" in sent:
        raise StripeError(
            "You may only specify one of these parameters: automatic_payment_methods, payment_method_types."
        )
    return {"allow_redirects": asked.get("allow_redirects", "always"), "enabled": True}


def configuration(call: Call) -> str:
    """The id of the account's payment method configuration, which has no operations here."""
    known = call.store.fact(f"configuration:{call.account}")
    if known is None:
        known = call.new_id("pmc_1", 23)
        call.store.set_fact(f"configuration:{call.account}", known)
    return known


def _currencies(kind: str) -> tuple[str, ...]:
    """What a type of payment method takes; empty for any."""
    if kind in BY_TYPE:
        return BY_TYPE[kind].currencies
    return _DEBIT_CURRENCY.get(kind, ())


def check_types(types: list[str], currency: str | None) -> None:
    """StripeError for a type that Stripe does not know, or that cannot take the currency."""
    if not types:
        raise StripeError("You must provide at least one payment method type.", param="payment_method_types")
    for kind in types:
        wanted = _currencies(kind)
        if kind not in (*payment_methods.TYPES, "card_present") or (wanted and currency and currency not in wanted):
            raise StripeError(
                f"The payment method type provided: {kind[:_TOLD]} is invalid. Please ensure the provided type "
                "is activated in your dashboard (https://dashboard.stripe.com/account/payments/settings) and your "
                "account is enabled for any preview features that you are trying to use. See "
                "https://stripe.com/docs/payments/payment-methods/integration-options for supported payment method, "
                "currency, and country combinations.",
                param="payment_method_types",
            )


def check_return_url(intent: Object, sent: dict[str, Any]) -> None:
    """With methods that may redirect, a confirmation must say where to come back to."""
    if "return_url" in sent:
        check_url(sent["return_url"])
        return
    enabled = intent["automatic_payment_methods"]
    if enabled and enabled["allow_redirects"] == "always" and not is_off_session(sent):
        raise StripeError(_NO_RETURN_URL.format(name=name(intent)))


def is_off_session(sent: dict[str, Any]) -> bool:
    """Whether a confirmation says that the customer is not there."""
    return bool(sent.get("off_session", "false") != "false")


def check_method(call: Call, intent: Object) -> None:
    """StripeError where the payment method is another customer's, used up, or of a type that the intent refuses."""
    method = call.get("payment_method", intent["payment_method"])
    payment_methods.refuse_spent(method)
    _check_owner(method, intent)
    kind, types = method["type"], intent["payment_method_types"]
    if kind not in types and not intent["automatic_payment_methods"]:
        raise StripeError(
            f"The PaymentMethod provided ({kind}) is not allowed for this {name(intent)}. Please attach a "
            f"PaymentMethod of one of the following types: {', '.join(types)}. Alternatively update the allowed "
            f'payment_method_types for this {name(intent)} to include "{kind}".',
            param="payment_method",
        )
    if kind in (intent["excluded_payment_method_types"] or ()):
        raise StripeError(
            f"The PaymentMethod provided ({kind}) is excluded from this {name(intent)}.", param="payment_method"
        )
    wanted = _currencies(kind)
    if wanted and intent.get("currency") not in (None, *wanted):
        raise StripeError(
            f"The currency provided ({intent['currency']}) is invalid for a PaymentMethod of type {kind}, which "
            f"takes {', '.join(wanted)}.",
            param="payment_method",
        )


def _check_owner(method: Object, intent: Object) -> None:
    owner, customer = method["customer"], intent["customer"]
    if owner and not customer:
        raise StripeError(
            f"The payment method supplied ({method['id']}) belongs to the Customer {owner}. Please include the "
            f"Customer in the `customer` parameter on the {name(intent)}.",
            param="payment_method",
        )
    if owner and owner != customer:
        raise StripeError(
            f"The PaymentMethod {method['id']} does not belong to the Customer you supplied {customer}. Please use "
            "this PaymentMethod with the Customer that it belongs to instead.",
            param="payment_method",
        )


def choose_method(call: Call, intent: Object, sent: dict[str, Any]) -> None:
    """Put the payment method that was sent, or made of `payment_method_data`, into an open intent."""
    if "excluded_payment_method_types" in sent and intent["automatic_payment_methods"]:
        excluded = sent["excluded_payment_method_types"] or ()
        intent["payment_method_types"] = [kind for kind in DEFAULT_TYPES if kind not in excluded]
    if "payment_method_data" in sent:
        if sent.get("payment_method"):
            raise StripeError("You may only specify one of these parameters: payment_method, payment_method_data.")
        method = payment_methods.make(call, sent["payment_method_data"], "payment_method_data")
        intent["payment_method"] = method["id"]
    elif "payment_method" in sent:
        chosen = sent["payment_method"]
        intent["payment_method"] = chosen and payment_methods.usable(call, chosen, "payment_method")["id"]
    if intent["payment_method"] and sent.keys() & {"payment_method", "payment_method_data", "customer"}:
        check_method(call, intent)
    if intent["status"] == "requires_action" and sent.keys() & {"payment_method", "payment_method_data"}:
        # Another payment method: what the customer was to do for the last one is of no use any more.
        intent.update(status="requires_confirmation", next_action=None)
    if intent["status"] in ("requires_payment_method", "requires_confirmation"):
        intent["status"] = "requires_confirmation" if intent["payment_method"] else "requires_payment_method"


def copy(intent: Object, sent: dict[str, Any], names: tuple[str, ...]) -> None:
    """Take over what was sent as it is, and merge metadata."""
    for field in names:
        if field in sent:
            intent[field] = sent[field]
    if "metadata" in sent:
        intent["metadata"] = merged_metadata(intent["metadata"], sent["metadata"])


def check_secret(intent: Object, sent: dict[str, Any]) -> None:
    """StripeError for a `client_secret` that is another intent's."""
    if sent.get("client_secret", intent["client_secret"]) != intent["client_secret"]:
        raise StripeError(
            f"The client_secret provided does not match the client_secret associated with this {name(intent)}.",
            param="client_secret",
        )
