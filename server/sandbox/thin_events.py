"""Thin events (v2): what happened to which object, without the object (https://docs.stripe.com/event-destinations).

Each snapshot event has a thin twin, `v1.` before its type, made of it when it is asked for; its id follows from the
snapshot's. Thin events with no snapshot (a ping, usage that fits no meter) are stored as objects of their own.
"""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from paydesk.server.sandbox import deliveries, event_types
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object, visible

if TYPE_CHECKING:
    from paydesk.server.sandbox.call import Call

_TWIN: Final = "evt_test_65"
_SINGLETONS: Final = {"balance": "/v1/balance", "balance_settings": "/v1/balance_settings"}
_PLURALS: Final = {"billing.alert": "billing/alerts", "tax.registration": "tax/registrations", "person": "persons"}


def shown(_call: "Call", event: Object) -> Object:
    """A thin event as the API shows it; one that was shown already is left as it is."""
    return _written(event)


def _written(event: Object) -> Object:
    created = event["created"]
    return {**visible(event), "created": moment(created) if isinstance(created, int) else created}


THIN_EVENT: Final = Kind(
    name=deliveries.THIN_EVENT,
    prefix="evt_test_",
    called="event",
    indexed=("related_object.id", "type"),
    shows=shown,
)


def moment(seconds: int) -> str:
    """A time as v2 writes it: `2026-11-21T08:00:00.000Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def seconds(text: str, param: str) -> int:
    """The time that a v2 parameter writes; StripeError where it is none."""
    try:
        found = datetime.fromisoformat(text)
        return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise StripeError(
            f"Invalid timestamp: {text[:40]}; write it as 2026-11-21T08:00:00.000Z.", param=param
        ) from None


def of_snapshot(event: Object, context: str | None = None) -> Object:
    """The thin twin of a snapshot event, with the snapshot's number for `created`; `context` names the other books."""
    about = event["data"]["object"]
    related: dict[str, Any] = {"type": about["object"], "url": _SINGLETONS.get(about["object"], "")}
    if not related["url"]:
        related = {"id": about.get("id", ""), **related, "url": url_of(about)}
    asked = event["request"]
    reason = None
    if asked["id"]:
        reason = {"type": "request", "request": {"id": asked["id"], "idempotency_key": asked["idempotency_key"] or ""}}
    return {
        "id": _TWIN + event["id"].removeprefix("evt_"),
        "object": deliveries.THIN_EVENT,
        "context": context,
        "created": event["created"],
        "livemode": False,
        "reason": reason,
        "related_object": related,
        "snapshot_event": event["id"],
        "type": event_types.THIN + event["type"],
    }


def url_of(about: Object) -> str:
    """Where an object of v1 is retrieved."""
    name = about["object"]
    path = _PLURALS.get(name) or f"{name.replace('.', '/')}s"
    if name in ("person", "external_account") and about.get("account"):
        path = f"accounts/{about['account']}/{path}"
    return f"/v1/{path}/{about.get('id', '')}"


def notification(event: Object) -> Object:
    """What is posted to a destination: the thin event without its data and changes."""
    left_out = {"data", "changes"}
    return {name: value for name, value in _written(event).items() if name not in left_out}


def tell(call: "Call", event_type: str, related: Object | None, data: Object) -> None:
    """Store such a thin event and queue it for whoever listens."""
    deliveries.announce_thin(call, make(call, event_type, related, data))


def make(call: "Call", event_type: str, related: Object | None, data: Object | None = None) -> Object:
    """Store a thin event that has no snapshot. `related`: `{id, type, url}`."""
    event: Object = {
        "id": call.new_id("evt_test_", 42),
        "object": deliveries.THIN_EVENT,
        "context": None,
        "created": call.now,
        "livemode": False,
        "reason": None,
        "related_object": related,
        "snapshot_event": None,
        "type": event_type,
    }
    if data is not None:
        event["data"] = data
    return call.create(event)


def find(call: "Call", identifier: str) -> Object | None:
    """A thin event by its id, stored or the twin of a snapshot."""
    if identifier.startswith(_TWIN):
        row = call.store.get(call.account, "event", "evt_" + identifier.removeprefix(_TWIN))
        if row:
            return of_snapshot(json.loads(row.body))
    return call.find(deliveries.THIN_EVENT, identifier)
