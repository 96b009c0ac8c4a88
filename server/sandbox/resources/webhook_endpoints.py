"""Webhook endpoints: where events are posted to. What is posted, and when, stands in webhooks.py and deliveries.py."""

from typing import Any, Final

from paydesk.server.sandbox import access, deliveries, lists, webhooks
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.event_types import SNAPSHOT_TYPES
from paydesk.server.sandbox.kinds import Object, visible
from paydesk.server.sandbox.params import (
    PAGING,
    Param,
    boolean,
    clearable,
    integer,
    list_of,
    merged_metadata,
    metadata,
    required,
    text,
)
from paydesk.server.sandbox.routes import Resource

KIND: Final = deliveries.ENDPOINT.name
# Per account, https://docs.stripe.com/webhooks#register-webhook
MAX_ENDPOINTS: Final = 16
MAX_ROTATION_S: Final = 7 * webhooks.DAY_S

resource = Resource()


def _url() -> Param:
    plain = text()
    return Param(lambda value, name: webhooks.check_url(plain.read(value, name), name))


def _event_type() -> Param:
    def read(value: Any, name: str) -> str:
        if value != "*" and value not in SNAPSHOT_TYPES:
            shown = value[:60] if isinstance(value, str) else "{...}"
            raise StripeError(
                f"Invalid {name}: {shown} is no type of event; there are *, and those of "
                "https://docs.stripe.com/api/events/types",
                param=name,
            )
        return str(value)

    return Param(read)


def _version() -> Param:
    plain = text(60)

    def read(value: Any, name: str) -> str:
        version = str(plain.read(value, name))
        try:
            access.check_version(version)
        except StripeError as error:
            error.param = name
            raise
        return version

    return Param(read)


def _types() -> Param:
    return list_of(_event_type(), 500)


@resource.post(
    "/v1/webhook_endpoints",
    {
        "api_version": _version(),
        "connect": boolean(),
        "description": clearable(text()),
        "enabled_events": required(_types()),
        "metadata": metadata(),
        "url": required(_url()),
    },
)
def create(call: Call) -> Answer:
    """Have events posted to a URL, with a signature; the secret for it is told only here."""
    sent = call.params
    if not sent["enabled_events"]:
        raise StripeError("Invalid array: enabled_events must name at least one type.", param="enabled_events")
    if call.store.count(call.account, KIND) >= MAX_ENDPOINTS:
        raise StripeError(f"You have reached the maximum of {MAX_ENDPOINTS} test webhook endpoints.")
    endpoint: Object = {
        "id": call.new_id("we_1", 23),
        "object": KIND,
        "api_version": sent.get("api_version"),
        "application": None,
        "created": call.now,
        "description": sent.get("description"),
        "enabled_events": sent["enabled_events"],
        "livemode": False,
        "metadata": merged_metadata(None, sent.get("metadata")),
        "status": "enabled",
        "url": sent["url"],
        "_connect": sent.get("connect", False),
        "_secrets": webhooks.new_secrets(call.new_id),
    }
    call.create(endpoint)
    return {**visible(endpoint), "secret": endpoint["_secrets"][0]["secret"]}


@resource.get("/v1/webhook_endpoints", PAGING)
def list_all(call: Call) -> Answer:
    """Endpoints, newest first."""
    return lists.page(call, KIND)


def _living(call: Call, identifier: str) -> Object:
    found = call.get(KIND, identifier)
    if found.get("deleted"):
        raise missing(deliveries.ENDPOINT.called, identifier, "id")
    return found


@resource.get("/v1/webhook_endpoints/{webhook_endpoint}")
def retrieve(call: Call, webhook_endpoint: str) -> Answer:
    """One endpoint, without its secret."""
    return _living(call, webhook_endpoint)


@resource.post(
    "/v1/webhook_endpoints/{webhook_endpoint}",
    {
        "description": clearable(text()),
        "disabled": boolean(),
        "enabled_events": _types(),
        "metadata": metadata(),
        "url": _url(),
    },
)
def update(call: Call, webhook_endpoint: str) -> Answer:
    """Change what an endpoint hears and where it is, or disable it; what waits for a disabled one is not sent."""
    endpoint = _living(call, webhook_endpoint)
    sent = call.params
    for name in ("description", "enabled_events", "url"):
        if name in sent:
            endpoint[name] = sent[name]
    if "metadata" in sent:
        endpoint["metadata"] = merged_metadata(endpoint["metadata"], sent["metadata"])
    if "disabled" in sent:
        endpoint["status"] = "disabled" if sent["disabled"] else "enabled"
    return call.save(endpoint)


@resource.delete("/v1/webhook_endpoints/{webhook_endpoint}")
def delete(call: Call, webhook_endpoint: str) -> Answer:
    """Delete an endpoint; what waits for it is not sent."""
    return call.delete(_living(call, webhook_endpoint))


@resource.post("/_sandbox/webhook_endpoints/{id}/rotate_secret", {"expires_in": integer(0, MAX_ROTATION_S)})
def rotate_secret(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """Ours: a new secret for an endpoint or a destination; the old one signs too for `expires_in` seconds (a day)."""
    kind = deliveries.DESTINATION if id.startswith("ed_") else KIND
    place = call.get(kind, id)
    if place.get("deleted"):
        raise missing("webhook endpoint", id, "id")
    for_s = call.params.get("expires_in", webhooks.DAY_S)
    place["_secrets"] = webhooks.rotated(place["_secrets"], call.new_id, call.now, for_s)
    call.save(place)
    return {
        "id": id,
        "object": "sandbox.secret",
        "old_secret_expires_at": call.now + for_s,
        "secret": place["_secrets"][0]["secret"],
    }
