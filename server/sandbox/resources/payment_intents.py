"""Payment intents: what is to be paid, through every attempt to pay it.

requires_payment_method --method--> requires_confirmation --confirm--> succeeded
         ^                                                        |--> requires_capture --capture--> succeeded
         '-------------- declined (402, the intent stays) --------|--> requires_action --authenticate--> ...
any of the open states --cancel--> canceled
"""

from typing import Any, Final

from paydesk.server.sandbox import charging, connected_payments, intents, lists, microdeposits, money, paying, search
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
    metadata,
    required,
    text,
    unserved,
)
from paydesk.server.sandbox.resources import mandates, payment_methods
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

OPEN: Final = intents.OPEN
CANCELABLE: Final = (
    *("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing"),
)

_IF_AVAILABLE: Final = choice("if_available", "never")
_USAGE: Final = clearable(choice("none", "off_session", "on_session"))
_CARD_OPTIONS: Final = {
    "capture_method": clearable(choice("manual")),
    "moto": boolean(),
    "network": choice("amex", "cartes_bancaires", "diners", "discover", "jcb", "mastercard", "unionpay", "visa"),
    "request_extended_authorization": _IF_AVAILABLE,
    "request_incremental_authorization": _IF_AVAILABLE,
    "request_multicapture": _IF_AVAILABLE,
    "request_overcapture": _IF_AVAILABLE,
    "request_three_d_secure": choice("any", "automatic", "challenge"),
    "require_cvc_recollection": boolean(),
    "setup_future_usage": _USAGE,
    **unserved("cvc_token", "installments", "mandate_options", "three_d_secure"),
    **unserved("statement_descriptor_suffix_kana", "statement_descriptor_suffix_kanji"),
}
_METHOD_OPTIONS: Final = mapping(
    {
        "card": clearable(mapping(_CARD_OPTIONS)),
        "us_bank_account": clearable(
            mapping(
                {
                    "preferred_settlement_speed": clearable(choice("fastest", "standard")),
                    "setup_future_usage": _USAGE,
                    "verification_method": choice("automatic", "instant", "microdeposits"),
                    **unserved("financial_connections", "mandate_options", "networks", "target_date"),
                    **unserved("transaction_purpose"),
                }
            )
        ),
        "sepa_debit": clearable(mapping({"setup_future_usage": _USAGE, **unserved("mandate_options", "target_date")})),
        **unserved(*payment_methods.OTHER_TYPES, "card_present"),
    }
)
# What is sent and never shown again.
_UNSHOWN: Final = frozenset({"moto", "preferred_settlement_speed"})
_SHARED: Final = {
    "payment_method": clearable(text()),
    "payment_method_data": mapping(payment_methods.DATA),
    "payment_method_options": _METHOD_OPTIONS,
    "payment_method_types": list_of(text()),
    "receipt_email": clearable(text()),
    "setup_future_usage": clearable(choice("off_session", "on_session")),
    "shipping": clearable(SHIPPING),
    "excluded_payment_method_types": clearable(list_of(choice(*payment_methods.TYPES))),
    **unserved("allowed_payment_method_types", "amount_details", "hooks"),
    **unserved("payment_details"),
}
_CONFIRMING: Final = {
    "error_on_requires_action": boolean(),
    "mandate_data": mandates.DATA,
    "off_session": either(mapping({}), choice("true", "false", "one_off", "recurring")),
    "radar_options": mapping({"referrer": clearable(text()), "session": text()}),
    "return_url": text(),
    "use_stripe_sdk": boolean(),
    **unserved("confirmation_token", "mandate"),
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
    **connected_payments.CHANGES,
    **unserved("customer_account", "payment_method_configuration"),
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
    **connected_payments.PARAMS,
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
    intent["automatic_payment_methods"] = intents.automatic(sent)
    if intent["automatic_payment_methods"]:
        intent["payment_method_types"] = list(intents.DEFAULT_TYPES)
    intent["confirmation_method"] = sent.get("confirmation_method", "automatic")
    _apply(call, intent, sent)
    if not sent.get("confirm"):
        for name in ("off_session", "return_url", "error_on_requires_action", "mandate_data"):
            if name in sent:
                raise StripeError(f"You can only pass `{name}` when `confirm` is true.", param=name)
        return call.create(intent, emits="payment_intent.created")
    paying.check_return_url(intent, sent)
    if intent["payment_method"] is None:
        raise StripeError(intents.no_method(intent), code="payment_intent_unexpected_state")
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
    found = call.get("payment_intent", intent)
    intents.check_secret(found, call.params)
    return found


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
    intents.check_secret(found, sent)
    if found["status"] not in OPEN:
        why = {
            "succeeded": "it has already succeeded after being previously confirmed",
            "canceled": "it has been canceled",
        }.get(found["status"], f"it has a status of {found['status']}")
        raise paying.unexpected(f"You cannot confirm this PaymentIntent because {why}.", found)
    _apply(call, found, sent)
    if found["payment_method"] is None:
        raise paying.unexpected(intents.no_method(found), found)
    paying.check_method(call, found)
    paying.check_return_url(found, sent)
    return paying.confirm(call, found, sent)


_CAPTURE: Final = {
    "amount_to_capture": amount(1),
    "final_capture": boolean(),
    "metadata": metadata(),
    "statement_descriptor": text(22),
    "statement_descriptor_suffix": text(22),
    **connected_payments.CHANGES,
    **unserved("amount_details", "hooks", "payment_details"),
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
    charge = call.get("charge", found["latest_charge"])
    goes_on = sent.get("final_capture") is False and wanted < found["amount_capturable"]
    card = charge["payment_method_details"].get("card", {})
    if goes_on and card.get("multicapture", {}).get("status") != "available":
        raise StripeError(
            "This PaymentIntent does not support multicapture: final_capture may not be false.", param="final_capture"
        )
    _copy(found, sent)
    connected_payments.change_before_capture(call, found, charge, sent)
    charging.capture(call, charge, wanted)
    found["amount_received"] += wanted
    if goes_on:
        found["amount_capturable"] -= wanted
        call.save(found)
        call.emit("payment_intent.amount_capturable_updated", found)
        return found
    found.update(status="succeeded", amount_capturable=0)
    call.save(found)
    call.emit("payment_intent.succeeded", found)
    return found


_INCREMENT: Final = {
    "amount": required(amount(1)),
    "description": text(1_000),
    "metadata": metadata(),
    "statement_descriptor": text(22),
    **unserved("amount_details", "application_fee_amount", "hooks", "payment_details", "transfer_data"),
}


@resource.post("/v1/payment_intents/{intent}/increment_authorization", _INCREMENT)
def increment(call: Call, intent: str) -> Answer:
    """Raise a hold to a higher amount, where the intent asked for that to be possible."""
    found = call.get("payment_intent", intent)
    sent = call.params
    if found["status"] != "requires_capture":
        raise paying.unexpected(
            f"This PaymentIntent's authorization could not be incremented because it has a status of "
            f"{found['status']}. Only a PaymentIntent with one of the following statuses may be incremented: "
            "requires_capture.",
            found,
        )
    charge = call.get("charge", found["latest_charge"])
    card = charge["payment_method_details"].get("card")
    if card is None or card["incremental_authorization"]["status"] != "available":
        raise StripeError("This PaymentIntent does not support incremental authorization.", param="amount")
    if sent["amount"] <= found["amount"]:
        raise StripeError(
            f"The amount must be greater than the currently authorized amount "
            f"({money.written(found['amount'], found['currency'])}).",
            param="amount",
        )
    money.check_chargeable(sent["amount"], found["currency"])
    _copy(found, sent)
    charge["amount"] = card["amount_authorized"] = sent["amount"]
    card["overcapture"]["maximum_amount_capturable"] = sent["amount"]
    call.save(charge, emits="charge.updated")
    found.update(amount=sent["amount"], amount_capturable=sent["amount"])
    call.save(found)
    call.emit("payment_intent.amount_capturable_updated", found)
    return found


@resource.post("/v1/payment_intents/{intent}/verify_microdeposits", microdeposits.TAKES)
def verify_microdeposits(call: Call, intent: str) -> Answer:
    """Say what was deposited into a bank account that was only typed in; it is debited then."""
    found = call.get("payment_intent", intent)
    intents.check_secret(found, call.params)
    return paying.verified(call, found, microdeposits.verify(call, found, call.params))


@resource.post("/v1/payment_intents/{intent}/apply_customer_balance", {"amount": amount(1), "currency": currency()})
def apply_customer_balance(call: Call, intent: str) -> Answer:
    """Customers have no cash balance here, so that there is nothing to apply."""
    found = call.get("payment_intent", intent)
    raise paying.unexpected(
        "This PaymentIntent's payment method is not customer_balance; there is no cash balance to apply.", found
    )


resource.action("charge.answered")(paying.bank_answered)


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
        held = call.get("charge", intent["latest_charge"])
        if held["captured"]:
            raise paying.unexpected(
                "You cannot cancel this PaymentIntent because a part of it has been captured already.", intent
            )
        charging.release(call, held, "charge.refunded")
    elif intent["status"] == "processing":
        charging.call_off(call, call.get("charge", intent["latest_charge"]))
    intent.update(
        status="canceled", canceled_at=call.now, cancellation_reason=reason, amount_capturable=0, next_action=None
    )
    call.save(intent)
    call.emit("payment_intent.canceled", intent)
    return intent


_COPIED: Final = (
    *("description", "receipt_email", "setup_future_usage", "statement_descriptor", "statement_descriptor_suffix"),
    *("transfer_group", "capture_method"),
)


def _copy(intent: Object, sent: dict[str, Any]) -> None:
    intents.copy(intent, sent, _COPIED)
    if "shipping" in sent:
        intent["shipping"] = sent["shipping"] and whole_shipping(sent["shipping"])


def _apply(call: Call, intent: Object, sent: dict[str, Any]) -> None:
    """Put what was sent into an intent, in any of its open states."""
    _copy(intent, sent)
    if "customer" in sent:
        intent["customer"] = call.mention("customer", sent["customer"], "customer")["id"]
    if "payment_method_types" in sent:
        _apply_types(intent, sent["payment_method_types"])
    for kind, options in sent.get("payment_method_options", {}).items():
        _apply_options(intent, kind, options)
    connected_payments.apply(call, intent, sent)
    intents.choose_method(call, intent, sent)


def _apply_types(intent: Object, types: list[str]) -> None:
    intents.check_types(types, intent["currency"])
    intent["payment_method_types"] = types
    intent["automatic_payment_methods"] = None
    defaults = {
        **intent["payment_method_options"],
        "us_bank_account": {"verification_method": "automatic"},
        "sepa_debit": {},
    }
    intent["payment_method_options"] = {kind: options for kind, options in defaults.items() if kind in types}


def _apply_options(intent: Object, kind: str, options: dict[str, Any] | None) -> None:
    """Options of one type; a cleared one is no longer shown, but those that a card always shows."""
    stored = intent["payment_method_options"].setdefault(kind, {})
    for name, value in (options or {}).items():
        if name in _UNSHOWN:
            continue
        if value is None:
            stored.pop(name, None)
        else:
            stored[name] = value
