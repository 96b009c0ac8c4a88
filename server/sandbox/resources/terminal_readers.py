"""Terminal: simulated readers, and what they are asked to do (https://docs.stripe.com/terminal/references/testing).

An action is in_progress until a card is presented (a test helper), or it is cancelled.
"""

from typing import Any, Final

from paydesk.server.sandbox import lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing_parameter
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    PAGING,
    boolean,
    choice,
    clearable,
    currency,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
)
from paydesk.server.sandbox.routes import Resource

READER: Final = Kind(
    name="terminal.reader",
    prefix="tmr_",
    called="terminal reader",
    param="reader",
    indexed=("location", "status", "device_type", "serial_number"),
    expands=(
        *("location", "action.process_payment_intent.payment_intent", "action.process_setup_intent.setup_intent"),
        *("action.refund_payment.charge", "action.refund_payment.payment_intent", "action.refund_payment.refund"),
        *("action.collect_payment_method.payment_intent", "action.confirm_payment_intent.payment_intent"),
    ),
)

resource = Resource()

# Registration code -> what kind of device the simulated reader is.
_CODES: Final = {
    "simulated-wpe": "simulated_wisepos_e",
    "simulated-s700": "simulated_stripe_s700",
    "simulated-s710": "simulated_stripe_s710",
    "simulated-m425": "simulated_verifone_m425",
    "simulated-p630": "simulated_verifone_p630",
    "simulated-ux700": "simulated_verifone_ux700",
    "simulated-v660p": "simulated_verifone_v660p",
}
_DEVICE_TYPES: Final = (
    *("bbpos_chipper2x", "bbpos_wisepad3", "bbpos_wisepos_e", "mobile_phone_reader", "simulated_stripe_s700"),
    *("simulated_stripe_s710", "simulated_verifone_m425", "simulated_verifone_p630", "simulated_verifone_ux700"),
    *("simulated_verifone_v660p", "simulated_wisepos_e", "stripe_m2", "stripe_s700", "stripe_s710"),
    *("verifone_P400", "verifone_m425", "verifone_p630", "verifone_ux700", "verifone_v660p"),
)


@resource.post(
    "/v1/terminal/readers",
    {"label": text(), "location": text(), "metadata": metadata(), "registration_code": required(text())},
)
def create(call: Call) -> Answer:
    """Register a simulated reader by its code (`simulated-wpe`, `simulated-s700`, ...)."""
    sent = call.params
    device = _CODES.get(sent["registration_code"])
    if device is None:
        raise StripeError(
            "No device was found matching the provided registration code. In test mode use one of: "
            f"{', '.join(_CODES)}.",
            param="registration_code",
        )
    if "location" not in sent:
        raise missing_parameter("location")
    location = call.mention("terminal.location", sent["location"], "location")
    identifier = call.new_id("tmr_", 14)
    reader: Object = {
        "id": identifier,
        "object": "terminal.reader",
        "action": None,
        "device_sw_version": "",
        "device_type": device,
        "ip_address": "0.0.0.0",  # noqa: S104 - what Stripe shows of a simulated reader, nothing is bound
        "label": sent.get("label", sent["registration_code"]),
        "last_seen_at": call.now * 1_000,
        "livemode": False,
        "location": location["id"],
        "metadata": merged_metadata({}, sent.get("metadata") or {}),
        "serial_number": f"{sent['registration_code']}-{identifier[4:]}",
        "status": "online",
    }
    return call.create(reader)


@resource.get(
    "/v1/terminal/readers",
    {
        **PAGING,
        "device_type": choice(*_DEVICE_TYPES),
        "location": text(),
        "serial_number": text(),
        "status": choice("offline", "online"),
    },
)
def list_all(call: Call) -> Answer:
    """Readers, newest first, by place, kind, number and status."""
    names = ("location", "device_type", "serial_number", "status")
    return lists.page(call, "terminal.reader", {name: call.params.get(name) for name in names})


@resource.get("/v1/terminal/readers/{reader}")
def retrieve(call: Call, reader: str) -> Answer:
    """One reader with what it is doing, or the stub of a deleted one."""
    return call.get("terminal.reader", reader)


@resource.post("/v1/terminal/readers/{reader}", {"label": clearable(text()), "metadata": metadata()})
def update(call: Call, reader: str) -> Answer:
    """Change what a reader is called."""
    found = of(call, reader)
    if "label" in call.params:
        found["label"] = call.params["label"] or found["serial_number"]
    if "metadata" in call.params:
        found["metadata"] = merged_metadata(found["metadata"], call.params["metadata"])
    return call.save(found)


@resource.delete("/v1/terminal/readers/{reader}")
def delete(call: Call, reader: str) -> Answer:
    """Take a reader out of use."""
    return call.delete(of(call, reader), keeps=("device_type", "serial_number"))


def of(call: Call, reader: str) -> Object:
    """A reader that is there; a deleted one is not."""
    found = call.get("terminal.reader", reader)
    if found.get("deleted"):
        raise StripeError(f"No such terminal reader: '{reader}'", status=404, code="resource_missing", param="reader")
    return found


def begin(call: Call, reader: Object, kind: str, about: Object, *, status: str = "in_progress") -> Object:
    """Have a reader do something, unless it is busy; the reader afterwards."""
    doing = reader["action"]
    if doing and doing["status"] == "in_progress" and doing["type"] != "set_reader_display":
        raise StripeError(
            "Reader is currently busy processing another request. Please wait until it has finished, or cancel it.",
            code="terminal_reader_busy",
        )
    reader["action"] = {"failure_code": None, "failure_message": None, kind: about, "status": status, "type": kind}
    reader["last_seen_at"] = call.now * 1_000
    call.save(reader)
    call.emit("terminal.reader.action_updated", reader)
    return reader


def end(call: Call, reader: Object, *, code: str | None = None, message: str | None = None) -> Object:
    """The reader is done, or has failed."""
    failed = code is not None or message is not None
    reader["action"].update(status="failed" if failed else "succeeded", failure_code=code, failure_message=message)
    call.save(reader)
    call.emit(f"terminal.reader.action_{'failed' if failed else 'succeeded'}", reader)
    return reader


def _intent(call: Call, identifier: str, statuses: tuple[str, ...]) -> Object:
    found = call.mention("payment_intent", identifier, "payment_intent")
    if not {"card_present", "interac_present"} & set(found["payment_method_types"]):
        raise StripeError(
            "The PaymentIntent must have `card_present` or `interac_present` among its payment_method_types.",
            code="payment_intent_incompatible_payment_method",
            param="payment_intent",
        )
    if found["status"] not in statuses:
        raise StripeError(
            f"The PaymentIntent cannot be processed because it has a status of {found['status']}.",
            code="intent_invalid_state",
            param="payment_intent",
        )
    return found


_REDISPLAY: Final = choice("always", "limited", "unspecified")
_TIPPING: Final = mapping({"amount_eligible": integer(0)})
_PROCESS_CONFIG: Final = mapping(
    {
        "allow_redisplay": _REDISPLAY,
        "enable_customer_cancellation": boolean(),
        "return_url": text(),
        "skip_tipping": boolean(),
        "tipping": _TIPPING,
    }
)
_COLLECT_CONFIG: Final = mapping(
    {
        "allow_redisplay": _REDISPLAY,
        "enable_customer_cancellation": boolean(),
        "skip_tipping": boolean(),
        "tipping": _TIPPING,
    }
)
_CANCELLABLE: Final = mapping({"enable_customer_cancellation": boolean()})


def _with_config(about: Object, sent: dict[str, Any], name: str) -> Object:
    if name in sent:
        about[name] = {key: value for key, value in sent[name].items() if key != "allow_redisplay"}
    return about


@resource.post(
    "/v1/terminal/readers/{reader}/process_payment_intent",
    {"payment_intent": required(text()), "process_config": _PROCESS_CONFIG},
)
def process_payment_intent(call: Call, reader: str) -> Answer:
    """Take a payment: the reader waits for a card."""
    found = of(call, reader)
    intent = _intent(call, call.params["payment_intent"], ("requires_payment_method",))
    about = _with_config({"payment_intent": intent["id"]}, call.params, "process_config")
    return begin(call, found, "process_payment_intent", about)


@resource.post(
    "/v1/terminal/readers/{reader}/collect_payment_method",
    {"collect_config": _COLLECT_CONFIG, "payment_intent": required(text())},
)
def collect_payment_method(call: Call, reader: str) -> Answer:
    """Read a card for a payment that is confirmed in a second step."""
    found = of(call, reader)
    intent = _intent(call, call.params["payment_intent"], ("requires_payment_method",))
    about = _with_config({"payment_intent": intent["id"]}, call.params, "collect_config")
    return begin(call, found, "collect_payment_method", about)


@resource.post(
    "/v1/terminal/readers/{reader}/process_setup_intent",
    {"allow_redisplay": required(_REDISPLAY), "process_config": _CANCELLABLE, "setup_intent": required(text())},
)
def process_setup_intent(call: Call, reader: str) -> Answer:
    """Save a card: the reader waits for it."""
    found = of(call, reader)
    intent = call.mention("setup_intent", call.params["setup_intent"], "setup_intent")
    if intent["status"] != "requires_payment_method" or "card_present" not in intent["payment_method_types"]:
        raise StripeError(
            f"The SetupIntent cannot be processed: it has a status of {intent['status']} and the types "
            f"{', '.join(intent['payment_method_types'])}.",
            code="intent_invalid_state",
            param="setup_intent",
        )
    about = _with_config({"setup_intent": intent["id"]}, call.params, "process_config")
    return begin(call, found, "process_setup_intent", about)


@resource.post(
    "/v1/terminal/readers/{reader}/refund_payment",
    {
        "amount": integer(1),
        "charge": text(),
        "metadata": metadata(),
        "payment_intent": text(),
        "refund_application_fee": boolean(),
        "refund_payment_config": _CANCELLABLE,
        "reverse_transfer": boolean(),
    },
)
def refund_payment(call: Call, reader: str) -> Answer:
    """Give a payment back to the card that is presented."""
    found = of(call, reader)
    sent = call.params
    if "charge" not in sent and "payment_intent" not in sent:
        raise StripeError("One of the following params should be provided for this request: payment_intent or charge.")
    for name in ("charge", "payment_intent"):
        if name in sent:
            call.mention(name, sent[name], name)
    about = {name: value for name, value in sent.items() if name not in ("expand", "refund_payment_config")}
    return begin(call, found, "refund_payment", _with_config(about, sent, "refund_payment_config"))


_CART: Final = mapping(
    {
        "currency": required(currency()),
        "line_items": required(
            list_of(
                mapping(
                    {
                        "amount": required(integer(0)),
                        "description": required(text()),
                        "quantity": required(integer(1)),
                    }
                )
            )
        ),
        "tax": integer(0),
        "total": required(integer(0)),
    }
)


@resource.post("/v1/terminal/readers/{reader}/set_reader_display", {"cart": _CART, "type": required(choice("cart"))})
def set_reader_display(call: Call, reader: str) -> Answer:
    """Show a cart."""
    if "cart" not in call.params:
        raise missing_parameter("cart")
    cart = {"tax": None, **call.params["cart"]}
    return begin(call, of(call, reader), "set_reader_display", {"cart": cart, "type": "cart"}, status="succeeded")


@resource.post("/v1/terminal/readers/{reader}/cancel_action")
def cancel_action(call: Call, reader: str) -> Answer:
    """Have a reader stop what it is doing."""
    found = of(call, reader)
    found["action"] = None
    return call.save(found)
