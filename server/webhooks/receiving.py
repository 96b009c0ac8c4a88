"""Whether a delivery may be taken in: its signature, its age, its shape, and whether it is meant for this desk.

Every refusal has a code that stays as it is; none tells anything of the body. The scheme of the signature is
https://docs.stripe.com/webhooks#verify-manually.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from paydesk.server.errors import WebhookRefused
from paydesk.server.limits import (
    WEBHOOK_FUTURE_S,
    WEBHOOK_HEADER_CHARACTERS,
    WEBHOOK_SIGNATURES_MOST,
    WEBHOOK_TOLERANCE_S,
)
from paydesk.server.stripe_api.signatures import signed_by
from paydesk.skills.base import Json, Mode

SNAPSHOT, THIN = "event", "v2.core.event"

_MOMENT = re.compile(r"\d{1,12}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_EVENT_ID = re.compile(r"evt_[A-Za-z0-9_]{1,120}")
_TYPE = re.compile(r"[A-Za-z0-9_.\[\]]{1,200}")
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z_]{1,40})?")
_ACCOUNT = re.compile(r"acct_[A-Za-z0-9_]{1,100}")


@dataclass(frozen=True)
class Delivery:
    """What was delivered: the event, its text as it came, and the account whose event it is."""

    event: Json
    text: str
    account: str


def signed_at(header: str) -> int:
    """The moment in a `Stripe-Signature`, in seconds since 1970. Raises WebhookRefused for what is no such header."""
    parts = header.split(",") if len(header) <= WEBHOOK_HEADER_CHARACTERS else []
    pairs = [part.strip().partition("=") for part in parts]
    moments = [value for name, _, value in pairs if name == "t"]
    signatures = [value for name, _, value in pairs if name == "v1"]
    if (
        len(moments) != 1
        or not (moments[0].isascii() and _MOMENT.fullmatch(moments[0]))
        or not 0 < len(signatures) <= WEBHOOK_SIGNATURES_MOST
        or not all(_SIGNATURE.fullmatch(one) for one in signatures)
    ):
        raise WebhookRefused("Stripe-Signature cannot be read.", code="webhook_signature_malformed")
    return int(moments[0])


def check(body: bytes, header: str | None, *, secrets: Mapping[str, str], mode: Mode, now: float) -> Delivery:
    """The delivery, where everything about it is right. `secrets`: the secret -> the account whose endpoint has it.

    Raises WebhookRefused.
    """
    if not header:
        raise WebhookRefused("There is no Stripe-Signature.", code="webhook_signature_missing")
    at = signed_at(header)
    if not secrets:
        raise WebhookRefused(
            "This desk has no webhook secret yet.",
            code="webhook_no_secret",
            http_status=503,
            next_step="Run `paydesk webhooks register`, or set PAYDESK_STRIPE_WEBHOOK_SECRET.",
        )
    text = _decoded(body)
    secret = signed_by(text, _as_the_library_reads(header), secrets)
    if secret is None:
        raise WebhookRefused("No secret of this desk made this signature.", code="webhook_signature_wrong")
    if at < now - WEBHOOK_TOLERANCE_S:
        raise WebhookRefused("This was signed too long ago.", code="webhook_too_old")
    if at > now + WEBHOOK_FUTURE_S:
        raise WebhookRefused("This was signed in the future.", code="webhook_clock_skew")
    event = event_of(text, mode)
    return Delivery(event, text, _account_of(event) or secrets[secret])


def _as_the_library_reads(header: str) -> str:
    """Without the blanks that may follow a comma: Stripe's library takes them for a part of the name."""
    return ",".join(part.strip() for part in header.split(","))


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise _unreadable() from None


def event_of(text: str, mode: Mode) -> Json:
    """The event in a body whose signature is right. Raises WebhookRefused where it is none, or of another mode."""
    try:
        event: Json = json.loads(text)
    except (ValueError, RecursionError):
        raise _unreadable() from None
    if not _has_shape(event):
        raise WebhookRefused("The body is no event of Stripe's.", code="webhook_not_an_event")
    version = event.get("api_version")
    # Another version than ours is taken in, and its object fetched anew; one that cannot be a version tells that
    # something else than Stripe wrote this.
    if event["object"] == SNAPSHOT and not (version is None or _fits(_VERSION, version)):
        raise WebhookRefused("The event's API version is none of Stripe's.", code="webhook_unknown_version")
    if event["livemode"] is not (mode == "live"):
        raise WebhookRefused(
            f"This desk runs in {mode} mode; the event is of {'live' if event['livemode'] else 'test'} mode.",
            code="webhook_wrong_mode",
        )
    return event


def _has_shape(event: object) -> bool:
    if not isinstance(event, dict) or event.get("object") not in (SNAPSHOT, THIN):
        return False
    if not (_fits(_EVENT_ID, event.get("id")) and _fits(_TYPE, event.get("type"))):
        return False
    if not isinstance(event.get("livemode"), bool):
        return False
    if event["object"] == THIN:
        return isinstance(event.get("created"), str)
    data, created = event.get("data"), event.get("created")
    is_dated = isinstance(created, int) and not isinstance(created, bool)
    return is_dated and isinstance(data, dict) and isinstance(data.get("object"), dict)


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and value.isascii() and pattern.fullmatch(value) is not None


def _account_of(event: Json) -> str | None:
    """The connected account that it is about: `account` of a snapshot, `context` of a thin event.

    Raises WebhookRefused where it cannot be an account.
    """
    named = event.get("account") if event["object"] == SNAPSHOT else event.get("context")
    if named is None:
        return None
    if not _fits(_ACCOUNT, named):
        raise wrong_account()
    return str(named)


def wrong_account() -> WebhookRefused:
    """The refusal of an event whose account is neither this desk's nor connected to it."""
    return WebhookRefused("The event is of an account that this desk does not know.", code="webhook_wrong_account")


def _unreadable() -> WebhookRefused:
    return WebhookRefused("The body is not whole, or is no JSON.", code="webhook_body_unreadable")
