"""Payment intents: what is to be paid, through every attempt to pay it.

requires_payment_method --method--> requires_confirmation --confirm--> succeeded
         ^                                                        |--> requires_capture --capture--> succeeded
         '-------------- declined (402, the intent stays) --------|--> requires_action --authenticate--> ...
any of the open states --cancel--> canceled
"""

from typing import Any, Final

from paydesk.server.sandbox import (
    amount_details,
    charging,
    connected_payments,
    intent_params,
    intents,
    lists,
    microdeposits,
    money,
    paying,
    search,
)
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import LISTING, PAGING, SEARCHING, amount, choice, currency, text, unserved
from paydesk.server.sandbox.resources import confirmation_tokens
from paydesk.server.sandbox.resources.customers import whole_parcel
from paydesk.server.sandbox.routes import Resource

PAYMENT_INTENT: Final = Kind(
    name="payment_intent",
    prefix="pi_",
    param="intent",
    indexed=("customer", "status", "currency"),
    expands=(
        "customer",
        "latest_charge",
        "payment_method",
        "application",
        "on_behalf_of",
        "review",
        "transfer_data.destination",
    ),
    includes={"amount_details.line_items": amount_details.line_items},
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

resource = Resource()


_WHEN_CONFIRMING: Final = (
    *("confirmation_token", "error_on_requires_action", "mandate", "mandate_data", "off_session", "return_url"),
)


@resource.post("/v1/payment_intents", intent_params.CREATE)
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
        intent["payment_method_configuration_details"] = {"id": intents.configuration(call), "parent": None}
    intent["confirmation_method"] = sent.get("confirmation_method", "automatic")
    _apply(call, intent, sent)
    if not sent.get("confirm"):
        for name in _WHEN_CONFIRMING:
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


@resource.post("/v1/payment_intents/{intent}", intent_params.UPDATE)
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


@resource.post("/v1/payment_intents/{intent}/confirm", intent_params.CONFIRM)
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


@resource.post("/v1/payment_intents/{intent}/capture", intent_params.CAPTURE)
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
    _copy(call, found, sent)
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


@resource.post("/v1/payment_intents/{intent}/increment_authorization", intent_params.INCREMENT)
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
    found["amount"] = sent["amount"]
    _copy(call, found, sent)
    charge["amount"] = card["amount_authorized"] = sent["amount"]
    card["overcapture"]["maximum_amount_capturable"] = sent["amount"]
    call.save(charge, emits="charge.updated")
    found["amount_capturable"] = sent["amount"]
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


@resource.get("/v1/payment_intents/{intent}/amount_details_line_items", PAGING)
def list_line_items(call: Call, intent: str) -> Answer:
    """What an intent's amount consists of, in the order in which it was sent."""
    call.get("payment_intent", intent)
    return lists.page(call, amount_details.LINE_ITEM.name, {"_intent": intent})


resource.action("charge.answered")(paying.bank_answered)
resource.action("microdeposits.bounced.payment_intent")(paying.bounced)


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
    *("transfer_group", "capture_method", "excluded_payment_method_types"),
)


def _copy(call: Call, intent: Object, sent: dict[str, Any]) -> None:
    intents.copy(intent, sent, _COPIED)
    if "shipping" in sent:
        intent["shipping"] = sent["shipping"] and whole_parcel(sent["shipping"])
    if "amount_details" in sent:
        amount_details.apply(call, intent, sent["amount_details"])
    if "payment_details" in sent:
        given = sent["payment_details"]
        intent["payment_details"] = {
            name: (given or {}).get(name) for name in ("customer_reference", "order_reference")
        }


def _apply(call: Call, intent: Object, sent: dict[str, Any]) -> None:
    """Put what was sent into an intent, in any of its open states."""
    confirmation_tokens.take(call, intent, sent)
    _copy(call, intent, sent)
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
    intent.update(automatic_payment_methods=None, payment_method_configuration_details=None)
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
        if name in intent_params.UNSHOWN:
            continue
        if value is None:
            stored.pop(name, None)
        else:
            stored[name] = value
