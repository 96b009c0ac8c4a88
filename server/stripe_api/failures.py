"""What Stripe's library raises, as our errors: what failed, what Stripe called it, and what to do next. Never a key."""

import math
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
from paydesk.skills.error_words import words_for
from paydesk.skills.hostile_text import clean

if TYPE_CHECKING:
    import stripe

_UNKNOWN_END = "idempotency_key_in_use"  # the first request of this key is still under way, and may succeed
_NO_SUCH_URL = "Unrecognized request URL"  # also a 404, but about the request, not about an object
_MESSAGE_CHARACTERS = 500


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
    message = redact(clean(said.get("message") or "Stripe gave no reason.", _MESSAGE_CHARACTERS))
    if status is None or status >= 500 or status < 400 or said.get("code") == _UNKNOWN_END:
        return _unreachable(known, status)
    if status == 401:
        # Stripe's own words show the end of the key.
        return StripeKeyRefused(
            "Stripe does not know this key.",
            next_step="Check STRIPE_SECRET_KEY: it may be mistyped, rolled or expired. `paydesk doctor` helps.",
            **known,
        )
    if status == 403:
        return StripeKeyRefused(
            f"Stripe refused this to the key: {message}",
            next_step="Give the key of STRIPE_SECRET_KEY the permission that is named, or use another key.",
            **known,
        )
    if status == 429:
        return StripeBusy(
            "Stripe's rate limit held for longer than a call may wait; nothing was done.",
            next_step=_when(_asked_pause_s(error)),
            **known,
        )
    if status == 404 and reading and not message.startswith(_NO_SUCH_URL):
        return StripeNotFound(message, next_step="Check the id; search or a list finds the right one.", **known)
    return StripeRefused(_declined(known) or message, next_step=_next_step(known), **known)


def _unreachable(known: dict[str, Any], status: int | None) -> StripeUnreachable:
    how = "did not answer" if status is None else f"answered with an error of its own (HTTP {status})"
    return StripeUnreachable(
        f"Stripe {how}.",
        next_step="Reads can be repeated. Whether a write happened is looked up before anything is sent again.",
        **known,
    )


def unreadable() -> StripeUnreachable:
    """The error for an answer that is not Stripe's: a proxy's page, or something else that listens there."""
    return StripeUnreachable(
        "What answered does not speak as Stripe does.",
        next_step="Check PAYDESK_STRIPE_API_BASE and any proxy in between; `paydesk doctor` helps.",
    )


def after_lost_answer(refused: StripeProblem) -> StripeUnreachable:
    """A refusal that came after an earlier answer to the same request was lost: the effect is not known."""
    return StripeUnreachable(
        "Stripe's answer was lost, and asking again was refused.",
        next_step="Whether it happened is looked up before anything is sent again.",
        http_status=refused.http_status,
        request_id=refused.request_id,
    )


def retry_after_s(error: "stripe.StripeError", attempt: int) -> float | None:
    """How long to wait before the next try: what Stripe asks for, else 0.5 s doubling, with jitter.

    None where Stripe asks for more than a call may wait: coming back early would only be refused again.
    """
    asked_s = _asked_pause_s(error)
    if asked_s is not None and asked_s > RETRY_AFTER_MOST_S:
        return None
    pause_s = 0.5 * 2 ** (attempt - 1) if asked_s is None else asked_s
    # Many callers that were refused together must not come back together.
    return pause_s + random.uniform(0, 0.25)  # noqa: S311 - spreads load, guards nothing


def _asked_pause_s(error: "stripe.StripeError") -> float | None:
    """The seconds of `Retry-After`; None where it is absent, a date, or no sensible number."""
    try:
        # Header names keep the spelling they came in where the transport hands over a plain mapping.
        asked = next((value for name, value in (error.headers or {}).items() if name.lower() == "retry-after"), "")
        seconds = float(asked)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _when(asked_s: float | None) -> str:
    when = "in a minute" if asked_s is None else f"in {max(math.ceil(asked_s), 1)} s"
    return f"Try again {when}, or ask for less at once."


def _said(error: "stripe.StripeError") -> dict[str, Any]:
    body = error.json_body
    said = body.get("error") if isinstance(body, dict) else None
    return said if isinstance(said, dict) else {}


def _declined(known: dict[str, Any]) -> str | None:
    """Why the bank said no. Stripe's words are for whoever pays ("Your card ..."), and often leave the reason out."""
    words = words_for(known["decline_code"])
    return f"The card was declined ({known['decline_code']}). {words.means}" if words else None


def _next_step(known: dict[str, Any]) -> str:
    words = words_for(known["decline_code"])
    if words:
        return words.then
    if known["decline_code"]:
        return "The card was declined: another payment method, or the customer's bank, can help."
    if known["field"]:
        return f"Correct {known['field']} and ask again; nothing was changed."
    words = words_for(known["stripe_code"])
    return f"{words.then} Nothing was changed." if words else "Nothing was changed."
