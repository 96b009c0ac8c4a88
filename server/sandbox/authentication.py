"""3D Secure: whether the cardholder is asked, where, and what becomes of the intent that waits.

The bank's page is the sandbox's own (`/_sandbox/pages/authenticate/{intent}`), reached through the intent's
`next_action`; `POST /_sandbox/payment_intents/{intent}/authenticate` does the same without a browser.
"""

from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.card_table import Card
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object, visible

PAGE: Final = "/_sandbox/pages/authenticate/"
_ELSEWHERE: Final = "https://hooks.stripe.com/3d_secure_2/authenticate/"
# A link that a browser would run instead of open.
_NO_LINKS: Final = frozenset({"", "javascript", "data", "vbscript", "file"})
_NAMES: Final = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}


def demanded(card: Card, method: Object, *, off_session: bool, requested: bool) -> str:
    """How the bank treats this attempt: "ask" (the customer must act), "frictionless", "error" (needed, and cannot be
    had), "" (authentication has no part), or the result of one that was requested in vain (`attempt_acknowledged`,
    `processing_error`, `not_supported`).
    """
    wanted = {
        "always": True,
        "unless_set_up": not (method.get("_set_up") and off_session),
        "on_session": not off_session,
        "frictionless": True,
        "error": True,
        "": False,
    }[card.authentication]
    if wanted:
        return card.authentication if card.authentication in ("frictionless", "error") else "ask"
    if not requested or off_session:
        return ""
    vain = {"bypass": "attempt_acknowledged", "error": "processing_error", "unsupported": "not_supported"}
    return vain.get(card.challenge, card.challenge)


def check_return_url(url: str) -> str:
    """StripeError for a place that no browser can be sent to."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme.lower() in _NO_LINKS or not (parts.netloc or parts.path):
        raise StripeError("Not a valid URL", code="url_invalid", param="return_url")
    return url


def next_action(call: Call, intent: Object, sent: dict[str, Any]) -> Object:
    """What the customer has to do: follow a redirect, or what Stripe.js shows (without `return_url`, or asked to)."""
    return_url = None if sent.get("use_stripe_sdk") else sent.get("return_url")
    page = f"{call.origin}{PAGE}{intent['id']}" if call.origin else _ELSEWHERE + intent["id"]
    if call.account != call.store.fact("account"):
        page += "?" + urlencode({"account": call.account})
    if return_url:
        return {"redirect_to_url": {"return_url": return_url, "url": page}, "type": "redirect_to_url"}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"stripe_js": page, "type": "three_d_secure_redirect"}}


def failure(intent: Object, method: Object) -> Object:
    """What an intent keeps as its last error when the customer did not authenticate."""
    kind: str = intent["object"]
    name = _NAMES[kind]
    return {
        "code": f"{kind}_authentication_failure",
        "doc_url": f"https://stripe.com/docs/error-codes/{kind.replace('_', '-')}-authentication-failure",
        "message": (
            "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
            f"PaymentMethod to attempt to fulfill this {name} again."
        ),
        "payment_method": visible(method),
        "type": "invalid_request_error",
    }


def way_back(intent: Object, return_url: str | None, *, succeeded: bool) -> str | None:
    """Where the bank's page sends the customer, with what Stripe adds to the address."""
    if not return_url:
        return None
    kind = intent["object"]
    told = {
        kind: intent["id"],
        f"{kind}_client_secret": intent["client_secret"],
        "redirect_status": "succeeded" if succeeded else "failed",
    }
    if kind == "payment_intent":
        told["source_type"] = "card"
    before, mark, fragment = return_url.partition("#")
    return f"{before}{'&' if '?' in before else '?'}{urlencode(told)}{mark}{fragment}"
