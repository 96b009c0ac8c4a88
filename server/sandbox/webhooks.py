"""What is posted to an endpoint: the event as its endpoint wants it, and Stripe's signature over it.

`Stripe-Signature: t=...,v1=...`: HMAC-SHA256 of `{t}.{body}` by the endpoint's secret; while a secret is being replaced
the header carries one `v1` for each (https://docs.stripe.com/webhooks#verify-manually).
"""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from paydesk.server.sandbox import deliveries, thin_events
from paydesk.server.sandbox.deliveries import Delivery
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.events import API_VERSION
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.storage import Store

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - how they begin
DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One POST to an endpoint."""

    url: str
    headers: dict[str, str]
    body: bytes


# Posts it and gives the HTTP status; OSError where no answer came.
Sender = Callable[[Outgoing], Awaitable[int]]


def new_secrets(new_id: Callable[..., str]) -> list[Object]:
    """The notes of a new endpoint's one secret; `until` is when it ends by the sandbox's clock (None: never)."""
    return [{"secret": new_id(SECRET_PREFIX, 32), "until": None}]


def rotated(secrets: list[Object], new_id: Callable[..., str], now: int, expires_in_s: int) -> list[Object]:
    """The secrets after a new one was made: the old ones still sign until they expire."""
    until = now + expires_in_s
    old = [{**one, "until": min(until, one["until"] or until)} for one in secrets]
    return [*new_secrets(new_id), *(one for one in old if one["until"] > now)]


def signature(body: str, secrets: list[Object], *, signed_at: int, now: int) -> str:
    """The header's value: `signed_at` in real time, which is what receivers compare it with."""
    alive = [one["secret"] for one in secrets if one["until"] is None or one["until"] > now]
    made = [hmac.new(one.encode(), f"{signed_at}.{body}".encode(), hashlib.sha256).hexdigest() for one in alive]
    return ",".join([f"t={signed_at}", *(f"v1={one}" for one in made)])


def outgoing(store: Store, delivery: Delivery, *, now: int, real_now: int) -> Outgoing | None:
    """What is to be posted now; None where endpoint or event are gone, or the endpoint is disabled."""
    place = _endpoint(store, delivery)
    row = store.get(delivery.books, delivery.kind, delivery.event)
    if place is None or row is None:
        return None
    content = json.dumps(_content(place, delivery, json.loads(row.body)), indent=2, ensure_ascii=False)
    headers = {
        "Accept": "*/*; q=0.5, application/xml",
        "Cache-Control": "no-cache",
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(content, place["_secrets"], signed_at=real_now, now=now),
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }
    return Outgoing(url_of(place), headers, content.encode("utf-8", "replace"))


def url_of(place: Object) -> str:
    """Where an endpoint or a destination is."""
    return str(place["url"] if place["object"] == deliveries.ENDPOINT.name else place["_url"])


def _endpoint(store: Store, delivery: Delivery) -> Object | None:
    kind = deliveries.ENDPOINT.name if delivery.endpoint.startswith("we_") else deliveries.DESTINATION
    row = store.get(delivery.account, kind, delivery.endpoint)
    found: Object = json.loads(row.body) if row else {"deleted": True}
    return None if found.get("deleted") or found["status"] != "enabled" else found


def _content(place: Object, delivery: Delivery, event: Object) -> Object:
    is_foreign = delivery.books != delivery.account
    if event["object"] == deliveries.THIN_EVENT:
        return thin_events.notification(event)
    if place.get("event_payload") == "thin":
        return thin_events.notification(thin_events.of_snapshot(event, delivery.books if is_foreign else None))
    version = place.get("api_version") or place.get("snapshot_api_version") or API_VERSION
    account: dict[str, Any] = {"account": delivery.books} if is_foreign else {}
    return {"id": event["id"], "object": "event", **account, **event, "api_version": version}


MAX_URL: Final = 2_048


def check_url(url: str, param: str) -> str:
    """The URL of an endpoint; StripeError unless it is http or https with a host. Hosts of this machine are fine."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https"):
        raise StripeError(
            "Invalid URL: An explicit scheme (such as https) must be provided.", code="url_invalid", param=param
        )
    is_plain = url.isascii() and url.isprintable() and " " not in url
    if not host or not is_plain or len(url) > MAX_URL:
        raise StripeError("Invalid URL: URL must be a valid address with a host.", code="url_invalid", param=param)
    return url
