"""What Stripe's library raises, as our errors: what failed, what Stripe called it, and what to do next. Never a key."""

import random
from typing import TYPE_CHECKING, Any

from paydesk.server.errors import (
    StripeBusy,
    StripeKeyRefused,
    StripeNotFound,
    StripeProblem,
    StripeRefused,
    StripeUnreachable,
)
from paydesk.server.limits import RETRY_AFTER_MOST_S
from paydesk.server.logs import redact

if TYPE_CHECKING:
    import stripe

_UNKNOWN_END = "idempotency_key_in_use"


def problem_of(error: "stripe.StripeError", *, reading: bool) -> StripeProblem:
    """The error of our tree for what the library raised; `reading` tells a missing object from a refused write."""
    status = error.http_status
    said = _said(error)
    known: dict[str, Any] = {
        "http_status": status,
        "stripe_code": said.get("code"),
        "decline_code": said.get("decline_code"),
        "request_id": error.request_id,
        "doc_url": said.get("doc_url"),
        "field": said.get("param"),
    }
    # The library's own text may quote the body, so only Stripe's message is passed on, without keys.
    message = redact(str(said.get("message") or "Stripe gave no reason."))
    if status is None or status >= 500 or status < 400 or said.get("code") == _UNKNOWN_END:
        return _unreachable(known, status)
    if status in (401, 403):
        return StripeKeyRefused(
            f"Stripe refused the key: {message}",
            next_step="Check STRIPE_SECRET_KEY and its permissions; `paydesk doctor` helps.",
            **known,
        )
    if status == 429:
        return StripeBusy(
            "Stripe's rate limit held for longer than a call may wait; nothing was done.",
            next_step="Try again in a minute, or ask for less at once.",
            **known,
        )
    if status == 404 and reading:
        return StripeNotFound(message, next_step="Check the id; search or a list finds the right one.", **known)
    return StripeRefused(message, next_step=_next_step(known), **known)


def _unreachable(known: dict[str, Any], status: int | None) -> StripeUnreachable:
    how = "did not answer" if status is None else f"answered with an error of its own (HTTP {status})"
    return StripeUnreachable(
        f"Stripe {how}.",
        next_step="Reads can be repeated. Whether a write happened is looked up before anything is sent again.",
        **known,
    )


def retry_after_s(error: "stripe.StripeError", attempt: int) -> float:
    """How long to wait before the next try: what Stripe asks for, else 0.5 s doubling, with jitter, capped."""
    asked = (error.headers or {}).get("retry-after") or (error.headers or {}).get("Retry-After")
    try:
        pause_s = float(asked) if asked else 0.5 * 2 ** (attempt - 1)
    except ValueError:
        pause_s = 0.5 * 2 ** (attempt - 1)
    # Many callers that were refused together must not come back together.
    jitter = random.uniform(0, 0.25)  # noqa: S311 - spreads load, guards nothing
    return min(max(pause_s, 0.0) + jitter, RETRY_AFTER_MOST_S)


def _said(error: "stripe.StripeError") -> dict[str, Any]:
    body = error.json_body
    said = body.get("error") if isinstance(body, dict) else None
    return said if isinstance(said, dict) else {}


def _next_step(known: dict[str, Any]) -> str:
    if known["decline_code"]:
        return "The card was declined: another payment method, or the customer's bank, can help."
    if known["field"]:
        return f"Correct {known['field']} and ask again; nothing was changed."
    return "Nothing was changed."
