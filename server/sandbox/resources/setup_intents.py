"""Setup intents: saving a payment method without charging it.

requires_payment_method --method--> requires_confirmation --confirm--> succeeded
         ^                                                        '--> requires_action --authenticate--> succeeded
         '-------------- declined (402, the intent stays), or not authenticated ------------'
any of the open states --cancel--> canceled
"""

import json
from typing import Any, Final

from paydesk.server.sandbox import intents, lists, microdeposits, setting_up
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    LISTING,
    boolean,
    choice,
    clearable,
    list_of,
    mapping,
    metadata,
    required,
    text,
    unserved,
)
from paydesk.server.sandbox.resources import confirmation_tokens, mandates, payment_methods
from paydesk.server.sandbox.routes import Resource

SETUP_INTENT: Final = Kind(
    name="setup_intent",
    prefix="seti_",
    called="setupintent",
    param="intent",
    indexed=("customer", "payment_method", "attach_to_self"),
    expands=(
        *("application", "customer", "latest_attempt", "mandate", "on_behalf_of", "payment_method"),
        "single_use_mandate",
    ),
)

_CARD_OPTIONS: Final = mapping(
    {
        "network": payment_methods.NETWORK,
        "request_three_d_secure": choice("any", "automatic", "challenge"),
        **unserved("mandate_options", "three_d_secure"),
    }
)
_OPTIONS: Final = mapping(
    {
        "card": _CARD_OPTIONS,
        "us_bank_account": mapping(
            {
                "verification_method": choice("automatic", "instant", "microdeposits"),
                **unserved("financial_connections", "mandate_options", "networks"),
            }
        ),
        **unserved("acss_debit", "amazon_pay", "bacs_debit", "bizum", "card_present", "klarna", "link", "paypal"),
        **unserved("payto", "pix", "sepa_debit", "upi"),
    }
)
_SHARED: Final = {
    "payment_method": text(),
    "payment_method_data": mapping(payment_methods.DATA),
    "payment_method_options": _OPTIONS,
    **unserved("allowed_payment_method_types"),
}
_FIELDS: Final = {
    **_SHARED,
    "attach_to_self": boolean(),
    "customer": text(),
    "description": text(1_000),
    "excluded_payment_method_types": clearable(list_of(payment_methods.EXCLUDED)),
    "flow_directions": list_of(choice("inbound", "outbound")),
    "metadata": metadata(),
    "payment_method_types": list_of(text()),
    **unserved("customer_account", "payment_method_configuration"),
}
_CONFIRMING: Final = {
    "return_url": text(),
    "confirmation_token": text(),
    "use_stripe_sdk": boolean(),
}
_CREATE: Final = {
    **_FIELDS,
    **_CONFIRMING,
    "mandate_data": mandates.data(),
    "automatic_payment_methods": mapping(
        {"enabled": required(boolean()), "allow_redirects": choice("always", "never")}
    ),
    "confirm": boolean(),
    "usage": choice("off_session", "on_session"),
    **unserved("on_behalf_of", "single_use"),
}
_COPIED: Final = ("attach_to_self", "description", "excluded_payment_method_types", "flow_directions")

resource = Resource()


def setup_intent_object(identifier: str, created: int, secret: str) -> Object:
    """A setup intent that nobody has tried."""
    return {
        "id": identifier,
        "object": "setup_intent",
        "application": None,
        "automatic_payment_methods": None,
        "cancellation_reason": None,
        "client_secret": f"{identifier}_secret_{secret}",
        "created": created,
        "customer": None,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "mandate": None,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        # Recorded: `usage: on_session` is answered with this all the same.
        "usage": "off_session",
    }


@resource.post("/v1/setup_intents", _CREATE)
def create(call: Call) -> Answer:
    """A new setup intent; with `confirm` it is tried at once, or declined with 402."""
    sent = call.params
    intent = setup_intent_object(call.new_id("seti_1", 23), call.now, call.new_id("", 31))
    intent["automatic_payment_methods"] = intents.automatic(sent)
    if intent["automatic_payment_methods"]:
        intent["payment_method_types"] = list(intents.DEFAULT_TYPES)
        intent["payment_method_configuration_details"] = {"id": intents.configuration(call), "parent": None}
    _apply(call, intent, sent)
    if not sent.get("confirm"):
        for name in ("confirmation_token", "return_url", "mandate_data"):
            if name in sent:
                raise StripeError(f"You can only pass `{name}` when `confirm` is true.", param=name)
        return call.create(intent, emits="setup_intent.created")
    intents.check_return_url(intent, sent)
    if intent["payment_method"] is None:
        raise StripeError(intents.no_method(intent), code="setup_intent_unexpected_state")
    call.create(intent, emits="setup_intent.created")
    return setting_up.confirm(call, intent, sent)


@resource.get(
    "/v1/setup_intents",
    {
        **LISTING,
        "attach_to_self": boolean(),
        "customer": text(),
        "payment_method": text(),
        **unserved("customer_account"),
    },
)
def list_all(call: Call) -> Answer:
    """Setup intents, newest first, by customer or payment method."""
    sent = call.params
    where = {name: sent.get(name) for name in ("customer", "payment_method", "attach_to_self")}
    return lists.page(call, "setup_intent", where)


@resource.get("/v1/setup_intents/{intent}", {"client_secret": text()})
def retrieve(call: Call, intent: str) -> Answer:
    """One setup intent."""
    found = call.get("setup_intent", intent)
    intents.check_secret(found, call.params)
    return found


@resource.post("/v1/setup_intents/{intent}", _FIELDS)
def update(call: Call, intent: str) -> Answer:
    """Change an open setup intent; of a closed one only texts and metadata."""
    found = call.get("setup_intent", intent)
    sent = call.params
    if sent.keys() - {"description", "metadata", "expand"}:
        setting_up.check_state(found, "update")
    try:
        _apply(call, found, sent)
    except StripeError as error:
        raise setting_up.carrying(error, _as_stored(call, intent)) from error
    return call.save(found)


@resource.post(
    "/v1/setup_intents/{intent}/confirm",
    {
        **_SHARED,
        **_CONFIRMING,
        "client_secret": text(),
        "mandate_data": mandates.data(is_online_told=False),
    },
)
def confirm(call: Call, intent: str) -> Answer:
    """Try to set up the payment method."""
    found = call.get("setup_intent", intent)
    sent = call.params
    intents.check_secret(found, sent)
    setting_up.check_state(found, "confirm")
    try:
        _apply(call, found, sent)
        if found["payment_method"] is None:
            raise intents.unexpected(intents.no_method(found), found)
        intents.check_method(call, found)
        intents.check_return_url(found, sent)
    except StripeError as error:
        raise setting_up.carrying(error, _as_stored(call, intent)) from error
    return setting_up.confirm(call, found, sent)


def _as_stored(call: Call, intent: str) -> Object:
    """The intent without what this request has put into it."""
    row = call.store.get(call.account, "setup_intent", intent)
    stored: Object = json.loads(row.body) if row else {}
    return stored


@resource.post(
    "/v1/setup_intents/{intent}/cancel",
    {"cancellation_reason": choice("abandoned", "duplicate", "requested_by_customer")},
)
def cancel(call: Call, intent: str) -> Answer:
    """Cancel an open setup intent."""
    found = call.get("setup_intent", intent)
    if found["status"] == "canceled":
        raise intents.unexpected("You cannot cancel this SetupIntent because it is already canceled.", found)
    if found["status"] not in intents.OPEN:
        listed = ", ".join(f"`{status}`" for status in intents.OPEN[:-1]) + f", or `{intents.OPEN[-1]}`"
        raise intents.unexpected(
            f"You cannot cancel this SetupIntent because it has a status of {found['status']}. Only a SetupIntent with "
            f"one of the following statuses may be canceled: {listed}.",
            found,
        )
    found.update(status="canceled", cancellation_reason=call.params.get("cancellation_reason"), next_action=None)
    call.save(found)
    call.emit("setup_intent.canceled", found)
    return found


@resource.post("/v1/setup_intents/{intent}/verify_microdeposits", microdeposits.TAKES)
def verify_microdeposits(call: Call, intent: str) -> Answer:
    """Say what was deposited into a bank account that was only typed in."""
    found = call.get("setup_intent", intent)
    intents.check_secret(found, call.params)
    return setting_up.succeed(call, found, microdeposits.verify(call, found, call.params))


resource.action("microdeposits.bounced.setup_intent")(setting_up.bounced)


def _apply(call: Call, intent: Object, sent: dict[str, Any]) -> None:
    """Put what was sent into an intent, in any of its open states."""
    confirmation_tokens.take(call, intent, sent)
    intents.copy(intent, sent, _COPIED)
    if "customer" in sent:
        intent["customer"] = call.mention("customer", sent["customer"], "customer")["id"]
    if "payment_method_types" in sent:
        intents.check_types(sent["payment_method_types"], None)
        intent["payment_method_types"] = sent["payment_method_types"]
        intent.update(automatic_payment_methods=None, payment_method_configuration_details=None)
        intent["payment_method_options"] = {
            kind: options for kind, options in _default_options().items() if kind in sent["payment_method_types"]
        }
    for kind, options in sent.get("payment_method_options", {}).items():
        intent["payment_method_options"].setdefault(kind, {}).update(options)
    intents.choose_method(call, intent, sent)


def _default_options() -> Object:
    return {
        "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"},
        "us_bank_account": {"verification_method": "automatic"},
    }
