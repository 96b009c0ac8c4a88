"""Event destinations (v2): endpoints for thin or snapshot events, of this account or of the connected ones."""

import re
from typing import Any, Final

from paydesk.server.sandbox import deliveries, event_types, lists_v2, thin_events, webhooks
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing, missing_parameter
from paydesk.server.sandbox.events import API_VERSION
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.params import (
    Param,
    choice,
    clearable,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
    unserved,
)
from paydesk.server.sandbox.routes import Resource

MAX_DESTINATIONS: Final = 16
# Also types of parts of Stripe that are not here; nothing will be sent for those.
_THIN: Final = re.compile(r"v[12](\.[a-z_]+(\[[a-z_.]+\])?){2,6}", re.ASCII)


def _shown(_call: Call, body: Object) -> Object:
    """Times as v2 writes them; of the endpoint's URL and secret only what was asked for."""
    shown = visible(body)
    for name in ("created", "updated"):
        if isinstance(shown.get(name), int):
            shown[name] = thin_events.moment(shown[name])
    return shown


KIND: Final = Kind(
    name=deliveries.DESTINATION,
    prefix="ed_test_",
    called="event destination",
    indexed=("status",),
    shows=_shown,
)

resource = Resource()


def _including(*allowed: str) -> dict[str, Param]:
    return {"include": list_of(choice(*allowed))}


_URL: Final = "webhook_endpoint.url"
_SECRET: Final = "webhook_endpoint.signing_secret"  # noqa: S105 - the name of a field


def _place() -> Param:
    def read_url(value: Any, name: str) -> str:
        return webhooks.check_url(str(text().read(value, name)), name)

    return mapping({"url": required(Param(read_url))})


@resource.post(
    "/v2/core/event_destinations",
    {
        "description": clearable(text()),
        "enabled_events": required(list_of(text(), 500)),
        "event_payload": required(choice("snapshot", "thin")),
        "events_from": list_of(choice("@self", "@accounts", "self", "other_accounts")),
        "metadata": metadata(),
        "name": required(text(250)),
        "snapshot_api_version": text(60),
        "type": required(choice("webhook_endpoint", "amazon_eventbridge", "azure_event_grid")),
        "webhook_endpoint": _place(),
        **_including(_URL, _SECRET),
        **unserved("amazon_eventbridge", "azure_event_grid"),
    },
)
def create(call: Call) -> Answer:
    """Have events posted to a URL; `include` asks for the URL and, only here, for the secret."""
    sent = call.params
    if sent["type"] != "webhook_endpoint":
        raise StripeError("The sandbox serves destinations of the type webhook_endpoint only.", param="type")
    if "webhook_endpoint" not in sent:
        raise missing_parameter("webhook_endpoint")
    payload = sent["event_payload"]
    if payload == "thin" and "snapshot_api_version" in sent:
        raise StripeError("snapshot_api_version is for snapshot events only.", param="snapshot_api_version")
    _check_types(payload, sent["enabled_events"])
    if call.store.count(call.account, KIND.name) >= MAX_DESTINATIONS:
        raise StripeError(f"You have reached the maximum of {MAX_DESTINATIONS} event destinations.")
    destination: Object = {
        "id": call.new_id("ed_test_", 40),
        "object": KIND.name,
        "amazon_eventbridge": None,
        "azure_event_grid": None,
        "created": call.now,
        "description": sent.get("description") or "",
        "enabled_events": sent["enabled_events"],
        "event_payload": payload,
        "events_from": [_SCOPES.get(one, one) for one in sent.get("events_from") or ["@self"]],
        "livemode": False,
        "metadata": merged_metadata(None, sent.get("metadata")),
        "name": sent["name"],
        "snapshot_api_version": sent.get("snapshot_api_version", API_VERSION) if payload == "snapshot" else None,
        "status": "enabled",
        "status_details": None,
        "type": "webhook_endpoint",
        "updated": call.now,
        "webhook_endpoint": {"signing_secret": None, "url": None},
        "_url": sent["webhook_endpoint"]["url"],
        "_secrets": webhooks.new_secrets(call.new_id),
    }
    call.create(destination)
    return _told(call, destination)


# What the scopes were called before 2026.
_SCOPES: Final = {"self": "@self", "other_accounts": "@accounts"}


def _check_types(payload: str, types: list[str]) -> None:
    if not types:
        raise StripeError("enabled_events must name at least one type.", param="enabled_events")
    for place, one in enumerate(types):
        is_known = one in event_types.SNAPSHOT_TYPES if payload == "snapshot" else bool(_THIN.fullmatch(one))
        if one != "*" and not is_known:
            example = "charge.refunded" if payload == "snapshot" else "v1.charge.refunded"
            raise StripeError(
                f"{one[:60]} is no type of {payload} event; they are written like {example}.",
                param=f"enabled_events[{place}]",
            )


def _told(call: Call, destination: Object) -> Object:
    include = call.params.get("include", [])
    place = {
        "signing_secret": destination["_secrets"][0]["secret"] if _SECRET in include else None,
        "url": destination["_url"] if _URL in include else None,
    }
    return {**_shown(call, destination), "webhook_endpoint": place}


@resource.get("/v2/core/event_destinations", {"limit": integer(1, 100), "page": text(), **_including(_URL)})
def list_all(call: Call) -> Answer:
    """Destinations, newest first."""
    return lists_v2.page(call, [(KIND.name, {}, None)], lambda body: _told(call, body))


def _living(call: Call, identifier: str) -> Object:
    found = call.get(KIND.name, identifier)
    if found.get("deleted"):
        raise missing(KIND.called, identifier, "id")
    return found


@resource.get("/v2/core/event_destinations/{id}", _including(_URL))
def retrieve(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """One destination."""
    return _told(call, _living(call, id))


@resource.post(
    "/v2/core/event_destinations/{id}",
    {
        "description": clearable(text()),
        "enabled_events": list_of(text(), 500),
        "metadata": metadata(),
        "name": text(250),
        "webhook_endpoint": _place(),
        **_including(_URL),
    },
)
def update(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """Change what a destination hears, where it is, and what is said of it."""
    destination = _living(call, id)
    sent = call.params
    if "enabled_events" in sent:
        _check_types(destination["event_payload"], sent["enabled_events"])
        destination["enabled_events"] = sent["enabled_events"]
    if "description" in sent:
        destination["description"] = sent["description"] or ""
    if "name" in sent:
        destination["name"] = sent["name"]
    if "metadata" in sent:
        destination["metadata"] = merged_metadata(destination["metadata"], sent["metadata"])
    if "webhook_endpoint" in sent:
        destination["_url"] = sent["webhook_endpoint"]["url"]
    return _saved(call, destination)


def _saved(call: Call, destination: Object) -> Object:
    destination["updated"] = call.now
    return _told(call, call.save(destination))


@resource.post("/v2/core/event_destinations/{id}/disable")
def disable(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """Send nothing more there until it is enabled again."""
    destination = _living(call, id)
    destination.update(status="disabled", status_details={"disabled": {"reason": "user"}})
    return _saved(call, destination)


@resource.post("/v2/core/event_destinations/{id}/enable")
def enable(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """Send events there again."""
    destination = _living(call, id)
    destination.update(status="enabled", status_details=None)
    return _saved(call, destination)


@resource.post("/v2/core/event_destinations/{id}/ping")
def ping(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """Post a ping there, whatever types it hears; the answer is its event."""
    destination = _living(call, id)
    about = {"id": id, "type": KIND.name, "url": f"/v2/core/event_destinations/{id}"}
    event = thin_events.make(call, event_types.PING, about)
    deliveries.queue(call, call.account, destination, event)
    return event


@resource.delete("/v2/core/event_destinations/{id}")
def delete(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """Delete a destination."""
    call.delete(_living(call, id))
    return {"id": id, "object": KIND.name}
