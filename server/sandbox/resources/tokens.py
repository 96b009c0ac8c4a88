"""Tokens: a card, a bank account or a secret number under a name that may be used once."""

from typing import Any, Final

from paydesk.server.sandbox import card_entry, card_sources
from paydesk.server.sandbox.bank_accounts import FIELDS, bank_account_object
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.params import either, mapping, required, text, unserved
from paydesk.server.sandbox.routes import Resource


def shown(_call: Call, token: Object) -> Object:
    """Without the sandbox's own notes."""
    return visible(token)


TOKEN: Final = Kind(name="token", prefix="tok_", param="token", shows=shown)
_KINDS: Final = ("bank_account", "card", "cvc_update", "pii")
_BANK_DETAILS: Final = {
    **{name: param for name, param in FIELDS.items() if name not in ("documents", "metadata", "object")},
    **unserved("payment_method"),
}
_CREATE: Final = {
    "bank_account": mapping(_BANK_DETAILS),
    "card": either(mapping(card_sources.OF_TOKENS), text()),
    "cvc_update": mapping({"cvc": required(text())}),
    "pii": mapping({"id_number": text()}),
    **unserved("account", "customer", "person"),
}
_PREFIXES: Final = {"bank_account": "btok_1", "card": "tok_1", "cvc_update": "cvctok_1", "pii": "pii_1"}

resource = Resource()


@resource.post("/v1/tokens", _CREATE)
def create(call: Call) -> Answer:
    """A token of a card, a bank account, a new security code or a personal number."""
    given = [name for name in _KINDS if name in call.params]
    if len(given) != 1:
        raise StripeError(
            "You must supply either a card, customer, bank account, or person to create a token."
            if not given
            else f"You may only specify one of these parameters: {', '.join(given)}."
        )
    return call.create(_token(call, given[0], call.params[given[0]]), emits=None)


def _token(call: Call, kind: str, sent: Any) -> Object:
    token: Object = {
        "id": call.new_id(_PREFIXES[kind], 23),
        "object": "token",
        "client_ip": None,
        "created": call.now,
        "livemode": False,
        "type": kind,
        "used": False,
    }
    if kind == "card":
        if isinstance(sent, str):
            raise StripeError("The sandbox makes tokens of card numbers only, not of saved cards.", param="card")
        card, entered = card_entry.of_number(call, sent)
        token["card"] = card_sources.card_object(call, card, entered, sent)
        # Stripe shows a card in a token as nobody's yet.
        del token["card"]["customer"]
        token["_entered"] = {name: value for name, value in entered.items() if name.startswith("_")}
    elif kind == "bank_account":
        account = bank_account_object(call, sent, None)
        owned = ("account", "available_payout_methods", "default_for_currency", "future_requirements", "metadata")
        token["bank_account"] = {
            name: value for name, value in visible(account).items() if name not in (*owned, "requirements")
        }
        token["_sent"] = sent
    return token


@resource.get("/v1/tokens/{token}")
def retrieve(call: Call, token: str) -> Answer:
    """One token."""
    return call.get("token", token)
