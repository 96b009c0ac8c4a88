"""Payment intents: what is to be paid, through every attempt to pay it.

requires_payment_method --method--> requires_confirmation --confirm--> succeeded
         ^                                                        |--> requires_capture --capture--> succeeded
         '-------------- declined (402, the intent stays) --------|--> requires_action --authenticate--> ...
any of the open states --cancel--> canceled
"""

from typing import Any, Final

from paydesk.server.sandbox import charging, lists, money, paying, search
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    LISTING,
    SEARCHING,
    amount,
    boolean,
    choice,
    clearable,
    currency,
    either,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
    unserved,
)
from paydesk.server.sandbox.resources import payment_methods
from paydesk.server.sandbox.resources.customers import SHIPPING, whole_shipping
from paydesk.server.sandbox.routes import Resource

PAYMENT_INTENT: Final = Kind(
    name="payment_intent",
    prefix="pi_",
    param="intent",
    indexed=("customer", "status", "currency"),
    expands=("customer", "latest_charge", "payment_method", "application", "on_behalf_of", "review"),
    searches={
        "amount": "number",
        "created": "number",
        "currency": "token",
        "customer": "token",
        "metadata": "metadata",
        "status": "token",
    },
)

OPEN: Final = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE: Final = (
    *("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing"),
)

_METHOD_OPTIONS: Final = mapping(
    {
        "card": clearable(
            mapping(
                {
                    "request_three_d_secure": choice("any", "automatic", "challenge"),
                    "setup_future_usage": clearable(choice("none", "off_session", "on_session")),
                    **unserved("capture_method", "cvc_token", "installments", "mandate_options", "moto", "network"),
                    **unserved("request_extended_authorization", "request_incremental_authorization"),
                    **unserved("request_multicapture", "request_overcapture", "require_cvc_recollection"),
                    **unserved(
                        "statement_descriptor_suffix_kana", "statement_descriptor_suffix_kanji", "three_d_secure"
                    ),
                }
            )
        ),
        **unserved(*payment_methods.OTHER_TYPES, "card_present"),
    }
)
_SHARED: Final = {
    "payment_method": clearable(text()),
    "payment_method_data": mapping(payment_methods.DATA),
    "payment_method_options": _METHOD_OPTIONS,
    "payment_method_types": list_of(text()),
    "receipt_email": clearable(text()),
    "setup_future_usage": clearable(choice("off_session", "on_session")),
    "shipping": clearable(SHIPPING),
    **unserved("allowed_payment_method_types", "amount_details", "excluded_payment_method_types", "hooks"),
    **unserved("payment_details"),
}
_CONFIRMING: Final = {
    "error_on_requires_action": boolean(),
    "off_session": either(mapping({}), choice("true", "false", "one_off", "recurring")),
    "return_url": text(),
    "use_stripe_sdk": boolean(),
    **unserved("confirmation_token", "mandate", "mandate_data", "radar_options"),
}
_FIELDS: Final = {
    **_SHARED,
    "customer": text(),
    "description": clearable(text(1_000)),
    "metadata": metadata(),
    "statement_descriptor": clearable(text(22)),
    "statement_descriptor_suffix": clearable(text(22)),
    "transfer_group": text(),
    "capture_method": choice("automatic", "automatic_async", "manual"),
    **unserved("application_fee_amount", "customer_account", "payment_method_configuration", "transfer_data"),
}
_CREATE: Final = {
    **_FIELDS,
    **_CONFIRMING,
    "amount": required(amount(1)),
    "currency": required(currency()),
    "automatic_payment_methods": mapping(
        {"enabled": required(boolean()), "allow_redirects": choice("always", "never")}
    ),
    "confirm": boolean(),
    "confirmation_method": choice("automatic", "manual"),
    **unserved("on_behalf_of"),
}
_UPDATE: Final = {**_FIELDS, "amount": amount(1), "currency": currency()}
_CONFIRM: Final = {
    **_SHARED,
    **_CONFIRMING,
    "capture_method": choice("automatic", "automatic_async", "manual"),
    "client_secret": text(),
    **unserved("amount_to_confirm"),
}

resource = Resource()


@resource.post("/v1/payment_intents", _CREATE)
def create(call: Call) -> Answer:
    """A new intent; with `confirm` it is paid at once, or declined with 402."""
    sent = call.params
    money.check_chargeable(sent["amount"], sent["currency"])
    intent = paying.intent_object(
        call.new_id("pi_3", 23), call.now, sent["amount"], sent["currency"], call.new_id("", 25)
    )
    automatic = sent.get("automatic_payment_methods", {"enabled": "payment_method_types" not in sent})
    if automatic["enabled"]:
        if "payment_method_types" in sent:
            raise StripeError(
                "You may only specify one of these parameters: automatic_payment_methods, payment_method_types."
            )
        allowed = automatic.get("allow_redirects", "always")
        intent["automatic_payment_methods"] = {"allow_redirects": allowed, "enabled": True}
    intent["confirmation_method"] = sent.get("confirmation_method", "automatic")
    _apply(call, intent, sent)
    if not sent.get("confirm"):
        for name in ("off_session", "return_url", "error_on_requires_action"):
            if name in sent:
                raise StripeError(f"You can only pass `{name}` when `confirm` is true.", param=name)
        return call.create(intent, emits="payment_intent.created")
    paying.check_return_url(intent, sent)
    if intent["payment_method"] is None:
        raise StripeError(paying.NO_METHOD, code="payment_intent_unexpected_state")
    call.create(intent, emits="payment_intent.created")
    return paying.confirm(call, intent, sent)


@resource.get("/v1/payment_intents", {**LISTING, "customer": text(), **unserved("customer_account")})
def list_all(call: Call) -> Answer:
    """Intents, newest first, by customer."""
    return lists.page(call, "payment_intent", {"customer": call.params.get("customer")})


@resource.get("/v1/payment_intents/search", SEARCHING)
def find(call: Call) -> Answer:
    """Intents by the query language."""
    return search.answer(call, "payment_intent")


@resource.get("/v1/payment_intents/{intent}", {"client_secret": text()})
def retrieve(call: Call, intent: str) -> Answer:
    """One intent."""
    return call.get("payment_intent", intent)


@resource.post("/v1/payment_intents/{intent}", _UPDATE)
def update(call: Call, intent: str) -> Answer:
    """Change an open intent; of a closed one only texts and metadata."""
    found = call.get("payment_intent", intent)
    sent = call.params
    for name in ("amount", "currency", "customer", "payment_method", "capture_method"):
        if name in sent and found["status"] not in OPEN:
            raise paying.unexpected(
                f"This PaymentIntent's {name} could not be updated because it has a status of {found['status']}. You "
                f"may only update the {name} of a PaymentIntent with one of the following statuses: {', '.join(OPEN)}.",
                found,
            )
    if "amount" in sent or "currency" in sent:
        found["amount"] = sent.get("amount", found["amount"])
        found["currency"] = sent.get("currency", found["currency"])
        money.check_chargeable(found["amount"], found["currency"])
    _apply(call, found, sent)
    return call.save(found)


@resource.post("/v1/payment_intents/{intent}/confirm", _CONFIRM)
def confirm(call: Call, intent: str) -> Answer:
    """Try to pay an open intent."""
    found = call.get("payment_intent", intent)
    sent = call.params
    if found["status"] not in OPEN:
        why = {
            "succeeded": "it has already succeeded after being previously confirmed",
            "canceled": "it has been canceled",
        }.get(found["status"], f"it has a status of {found['status']}")
        raise paying.unexpected(f"You cannot confirm this PaymentIntent because {why}.", found)
    _apply(call, found, sent)
    if found["payment_method"] is None:
        raise paying.unexpected(paying.NO_METHOD, found)
    paying.check_method(call, found)
    paying.check_return_url(found, sent)
    return paying.confirm(call, found, sent)


_CAPTURE: Final = {
    "amount_to_capture": amount(1),
    "final_capture": boolean(),
    "metadata": metadata(),
    "statement_descriptor": text(22),
    "statement_descriptor_suffix": text(22),
    **unserved("amount_details", "application_fee_amount", "hooks", "payment_details", "transfer_data"),
}


@resource.post("/v1/payment_intents/{intent}/capture", _CAPTURE)
def capture(call: Call, intent: str) -> Answer:
    """Take a held amount, or a part of it."""
    found = call.get("payment_intent", intent)
    sent = call.params
    if found["status"] == "succeeded" and found["capture_method"] == "manual":
        raise paying.unexpected("This PaymentIntent could not be captured because it has already been captured.", found)
    if found["status"] != "requires_capture":
        raise paying.unexpected(
            f"This PaymentIntent could not be captured because it has a status of {found['status']}. Only a "
            "PaymentIntent with one of the following statuses may be captured: requires_capture.",
            found,
        )
    wanted = sent["amount_to_capture"] if "amount_to_capture" in sent else found["amount_capturable"]
    if wanted > found["amount_capturable"]:
        raise StripeError(charging.TOO_MUCH_TO_CAPTURE, param="amount_to_capture")
    if sent.get("final_capture") is False:
        raise StripeError("This PaymentIntent does not support multicapture.", param="final_capture")
    _copy(found, sent)
    charging.capture(call, call.get("charge", found["latest_charge"]), wanted)
    found.update(status="succeeded", amount_received=wanted, amount_capturable=0)
    call.save(found)
    call.emit("payment_intent.succeeded", found)
    return found


@resource.post(
    "/v1/payment_intents/{intent}/cancel",
    {"cancellation_reason": choice("duplicate", "fraudulent", "requested_by_customer", "abandoned")},
)
def cancel(call: Call, intent: str) -> Answer:
    """Cancel an open intent; a hold is let go."""
    found = call.get("payment_intent", intent)
    if found["status"] == "canceled":
        raise paying.unexpected("You cannot cancel this PaymentIntent because it is already canceled.", found)
    if found["status"] not in CANCELABLE:
        listed = ", ".join(f"`{status}`" for status in CANCELABLE[:-1]) + f", or `{CANCELABLE[-1]}`"
        raise paying.unexpected(
            f"You cannot cancel this PaymentIntent because it has a status of {found['status']}. Only a PaymentIntent "
            f"with one of the following statuses may be canceled: {listed}.",
            found,
        )
    return cancel_open(call, found, call.params.get("cancellation_reason"))


def cancel_open(call: Call, intent: Object, reason: str | None) -> Object:
    """Cancel an intent that is still open; a hold is let go. For an invoice's: "void_invoice", "failed_invoice"."""
    if intent["status"] == "requires_capture":
        charging.release(call, call.get("charge", intent["latest_charge"]), "charge.refunded")
    intent.update(
        status="canceled", canceled_at=call.now, cancellation_reason=reason, amount_capturable=0, next_action=None
    )
    call.save(intent)
    call.emit("payment_intent.canceled", intent)
    return intent


@resource.post("/_sandbox/payment_intents/{intent}/authenticate", {"outcome": required(choice("succeed", "fail"))})
def authenticate(call: Call, intent: str) -> Answer:
    """Ours: what the customer does on the bank's page, which has no API at Stripe."""
    found = call.get("payment_intent", intent)
    if found["status"] != "requires_action":
        raise paying.unexpected(f"This PaymentIntent does not wait for the customer: it is {found['status']}.", found)
    return paying.authenticated(call, found, succeeded=call.params["outcome"] == "succeed")


_COPIED: Final = (
    *("description", "receipt_email", "setup_future_usage", "statement_descriptor", "statement_descriptor_suffix"),
    *("transfer_group", "capture_method"),
)


def _copy(intent: Object, sent: dict[str, Any]) -> None:
    for name in _COPIED:
        if name in sent:
            intent[name] = sent[name]
    if "metadata" in sent:
        intent["metadata"] = merged_metadata(intent["metadata"], sent["metadata"])
    if "shipping" in sent:
        intent["shipping"] = sent["shipping"] and whole_shipping(sent["shipping"])


def _apply(call: Call, intent: Object, sent: dict[str, Any]) -> None:
    """Put what was sent into an intent, in any of its open states."""
    _copy(intent, sent)
    if "customer" in sent:
        intent["customer"] = call.mention("customer", sent["customer"], "customer")["id"]
    if "payment_method_types" in sent:
        _apply_types(intent, sent["payment_method_types"])
    card_options = sent.get("payment_method_options", {}).get("card")
    if card_options:
        intent["payment_method_options"]["card"].update(card_options)
    if "payment_method_data" in sent:
        method = payment_methods.make(call, sent["payment_method_data"], "payment_method_data")
        intent["payment_method"] = method["id"]
    elif "payment_method" in sent:
        chosen = sent["payment_method"]
        intent["payment_method"] = chosen and payment_methods.usable(call, chosen, "payment_method")["id"]
    if intent["payment_method"] and sent.keys() & {"payment_method", "payment_method_data", "customer"}:
        paying.check_method(call, intent)
    if intent["status"] in ("requires_payment_method", "requires_confirmation"):
        intent["status"] = "requires_confirmation" if intent["payment_method"] else "requires_payment_method"


def _apply_types(intent: Object, types: list[str]) -> None:
    if not types or set(types) - {"card", "link"}:
        raise StripeError(
            "The sandbox takes cards only: payment_method_types may hold card and link.", param="payment_method_types"
        )
    intent["payment_method_types"] = types
    intent["automatic_payment_methods"] = None
