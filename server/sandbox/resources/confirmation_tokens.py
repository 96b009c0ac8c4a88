"""Confirmation tokens: what a customer entered at the checkout, to be confirmed by the server.

Stripe.js makes them; for tests there is `POST /v1/test_helpers/confirmation_tokens`. One is used once, within 12 hours.
"""

from typing import Any, Final

from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.params import choice, mapping, text, unserved
from paydesk.server.sandbox.resources import payment_methods
from paydesk.server.sandbox.resources.customers import SHIPPING, whole_shipping
from paydesk.server.sandbox.routes import Resource

LIVES_S: Final = 12 * 3_600


def shown(_call: Call, token: Object) -> Object:
    """Without the sandbox's own notes."""
    return visible(token)


CONFIRMATION_TOKEN: Final = Kind(
    name="confirmation_token",
    prefix="ctoken_",
    called="confirmation token",
    param="confirmation_token",
    shows=shown,
    expands=(
        "payment_method_preview.card.generated_from.setup_attempt",
        "payment_method_preview.customer",
        "payment_method_preview.sepa_debit.generated_from.charge",
        "payment_method_preview.sepa_debit.generated_from.setup_attempt",
    ),
)
_CREATE: Final = {
    "payment_method": text(),
    "payment_method_data": mapping(payment_methods.DATA),
    "return_url": text(),
    "setup_future_usage": choice("off_session", "on_session"),
    "shipping": SHIPPING,
    **unserved("payment_method_options"),
}
_PREVIEWED: Final = ("allow_redisplay", "billing_details", "customer", "customer_account", "type")

resource = Resource()


@resource.post("/v1/test_helpers/confirmation_tokens", _CREATE)
def create(call: Call) -> Answer:
    """A token of a payment method, as Stripe.js would make it at the checkout."""
    sent = call.params
    if ("payment_method" in sent) == ("payment_method_data" in sent):
        raise StripeError("You must provide exactly one of these parameters: payment_method, payment_method_data.")
    if "payment_method" in sent:
        method = payment_methods.usable(call, sent["payment_method"], "payment_method")
    else:
        method = payment_methods.make(call, sent["payment_method_data"], "payment_method_data")
    kind = method["type"]
    preview = {name: method[name] for name in _PREVIEWED}
    return call.create(
        {
            "id": call.new_id("ctoken_1", 23),
            "object": "confirmation_token",
            "created": call.now,
            "expires_at": call.now + LIVES_S,
            "livemode": False,
            "mandate_data": None,
            "payment_intent": None,
            "payment_method_options": None,
            "payment_method_preview": {**preview, kind: dict(method[kind])},
            "return_url": sent.get("return_url"),
            "setup_future_usage": sent.get("setup_future_usage"),
            "setup_intent": None,
            "shipping": whole_shipping(sent["shipping"]) if "shipping" in sent else None,
            "use_stripe_sdk": False,
            "_method": method["id"],
        }
    )


@resource.get("/v1/confirmation_tokens/{confirmation_token}")
def retrieve(call: Call, confirmation_token: str) -> Answer:
    """One confirmation token."""
    return call.get("confirmation_token", confirmation_token)


def take(call: Call, intent: Object, sent: dict[str, Any]) -> None:
    """Put what a `confirmation_token` holds into the parameters of a confirmation, and use it up.

    StripeError for one that is used, too old, or comes with another payment method.
    """
    if "confirmation_token" not in sent:
        return
    if sent.keys() & {"payment_method", "payment_method_data"}:
        raise StripeError(
            "You may only specify one of these parameters: confirmation_token, payment_method, payment_method_data."
        )
    token = call.mention("confirmation_token", sent["confirmation_token"], "confirmation_token")
    if token["payment_intent"] or token["setup_intent"]:
        raise StripeError(
            f"The ConfirmationToken {token['id']} has already been used. A ConfirmationToken can only be used once.",
            param="confirmation_token",
        )
    if call.now >= token["expires_at"]:
        raise StripeError(f"The ConfirmationToken {token['id']} has expired.", param="confirmation_token")
    token[intent["object"]] = intent["id"]
    token["expires_at"] = None
    call.save(token)
    sent["payment_method"] = token["_method"]
    names = (
        ("return_url", "setup_future_usage", "shipping") if intent["object"] == "payment_intent" else ("return_url",)
    )
    for name in names:
        if token[name] is not None:
            sent.setdefault(name, token[name])
