"""Terminal's test helpers: presenting a card to a simulated reader, and confirming what was collected."""

from typing import Any, Final

from paydesk.server.sandbox import card_present, money, paying, setting_up
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.card_table import Card
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import choice, integer, mapping, required, text
from paydesk.server.sandbox.resources import payment_methods, refunds, terminal_readers
from paydesk.server.sandbox.routes import Resource

resource = Resource()

_PRESENT: Final = {
    "amount_tip": integer(0),
    "card": mapping(
        {
            "cvc": text(),
            "exp_month": required(integer(1, 12)),
            "exp_year": required(integer()),
            "number": required(text()),
        }
    ),
    "card_present": mapping({"number": text()}),
    "interac_present": mapping({"number": text()}),
    "type": choice("card", "card_present", "interac_present"),
}


@resource.post("/v1/test_helpers/terminal/readers/{reader}/present_payment_method", _PRESENT)
def present(call: Call, reader: str) -> Answer:
    """Hold a test card to a simulated reader; the answer is the reader, whether the payment went well or not."""
    found = terminal_readers.of(call, reader)
    action = found["action"]
    if not action or action["status"] != "in_progress":
        raise StripeError("The reader has no action in progress that takes a payment method.")
    kind = call.params.get("type", "card_present")
    number = call.params.get(kind, {}).get("number", card_present.DEFAULT_NUMBER)
    card = card_present.card_of(number)
    present_to = {
        "process_payment_intent": _pay,
        "collect_payment_method": _collect,
        "process_setup_intent": _save,
        "refund_payment": _refund,
    }.get(action["type"])
    if present_to is None:
        raise StripeError(f"An action of type {action['type']} takes no payment method.")
    try:
        present_to(call, action[action["type"]], card, call.params)
    except StripeError as error:
        if error.type != "card_error" and action["type"] != "refund_payment":
            raise
        return terminal_readers.end(call, found, code=error.code or "processing_error", message=error.message)
    return terminal_readers.end(call, found)


def _method(call: Call, card: Card, sent: dict[str, Any]) -> Object:
    kind = sent.get("type", "card_present")
    return call.create(
        card_present.method_object(call, card, "interac_present" if kind == "interac_present" else "card_present")
    )


def _tip(intent: Object, sent: dict[str, Any]) -> None:
    tip = sent.get("amount_tip")
    if tip:
        intent["amount"] += tip
        intent["amount_details"] = {"tip": {"amount": tip}}
        money.check_chargeable(intent["amount"], intent["currency"])


def _pay(call: Call, about: Object, card: Card, sent: dict[str, Any]) -> None:
    intent = call.get("payment_intent", about["payment_intent"])
    _tip(intent, sent)
    intent["payment_method"] = _method(call, card, sent)["id"]
    paying.confirm(call, intent, {})


def _collect(call: Call, about: Object, card: Card, sent: dict[str, Any]) -> None:
    intent = call.get("payment_intent", about["payment_intent"])
    _tip(intent, sent)
    method = _method(call, card, sent)
    intent.update(payment_method=method["id"], status="requires_confirmation")
    call.save(intent)
    about["payment_method"] = {name: value for name, value in method.items() if not name.startswith("_")}


def _save(call: Call, about: Object, card: Card, sent: dict[str, Any]) -> None:
    intent = call.get("setup_intent", about["setup_intent"])
    if card.decline:
        raise StripeError("Your card was declined.", status=402, type="card_error", code="card_declined")
    method = _method(call, card, sent)
    intent["payment_method"] = method["id"]
    saved = card_present.generated_card(call, card)
    if intent["customer"]:
        payment_methods.attach(call, saved, intent["customer"])
    setting_up.succeed(call, intent, method)
    latest = call.get("setup_attempt", intent["latest_attempt"])
    latest["payment_method_details"]["card_present"] = {"generated_card": saved["id"], "offline": None}
    call.save(latest)
    about["generated_card"] = saved["id"]


def _refund(call: Call, about: Object, _card: Card, _sent: dict[str, Any]) -> None:
    identifier = about.get("charge") or call.get("payment_intent", about["payment_intent"])["latest_charge"]
    charge = call.mention("charge", identifier or "", "charge")
    asked = ("amount", "metadata", "refund_application_fee", "reverse_transfer")
    refund = refunds.make(call, charge, {name: about[name] for name in asked if name in about})
    about["refund"] = refund["id"]


@resource.post(
    "/v1/terminal/readers/{reader}/confirm_payment_intent",
    {"confirm_config": mapping({"return_url": text()}), "payment_intent": required(text())},
)
def confirm(call: Call, reader: str) -> Answer:
    """Confirm a payment whose card was collected; the simulated reader is done at once."""
    found = terminal_readers.of(call, reader)
    intent = call.mention("payment_intent", call.params["payment_intent"], "payment_intent")
    if intent["status"] != "requires_confirmation":
        raise StripeError(
            f"The PaymentIntent cannot be confirmed because it has a status of {intent['status']}.",
            code="intent_invalid_state",
            param="payment_intent",
        )
    about: Object = {"payment_intent": intent["id"]}
    if "confirm_config" in call.params:
        about["confirm_config"] = call.params["confirm_config"]
    terminal_readers.begin(call, found, "confirm_payment_intent", about)
    try:
        paying.confirm(call, intent, {})
    except StripeError as error:
        if error.type != "card_error":
            raise
        return terminal_readers.end(call, found, code=error.code, message=error.message)
    return terminal_readers.end(call, found)
