"""Events: the record of every change, to be listed by type and by the object that they are about."""

from typing import Final

from paydesk.server.sandbox import lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind
from paydesk.server.sandbox.params import LISTING, boolean, list_of, text
from paydesk.server.sandbox.routes import Resource

EVENT: Final = Kind(name="event", prefix="evt_", param="id", indexed=("type", "data.object.id"))

MAX_TYPES: Final = 20
_WILD: Final = frozenset("*?[")
_LIKE: Final = "json_extract(o.body, '$.type') GLOB ?"
# An event without any endpoint that wants it counts as delivered, as at Stripe.
_UNDELIVERED: Final = "EXISTS (SELECT 1 FROM deliveries d WHERE d.event = o.id AND d.status IN ('pending', 'failed'))"

resource = Resource()


@resource.get(
    "/v1/events", {**LISTING, "delivery_success": boolean(), "type": text(), "types": list_of(text(), MAX_TYPES)}
)
def list_all(call: Call) -> Answer:
    """Events, newest first, by type (`*` stands for any text) or several types."""
    wanted, several = call.params.get("type"), call.params.get("types")
    if wanted and several:
        raise StripeError("You may only specify one of these parameters: type, types.", param="types")
    delivered = call.params.get("delivery_success")
    conditions = [] if delivered is None else [_UNDELIVERED if delivered is False else f"NOT {_UNDELIVERED}"]
    types = several or ([wanted] if wanted else [])
    if len(types) == 1 and not _WILD & set(types[0]):
        where, patterns = {"type": types[0]}, []
    else:
        where, patterns = {}, [_plain(one) for one in types]
    if patterns:
        conditions.append(f"({' OR '.join([_LIKE] * len(patterns))})")
    matching = (" AND ".join(conditions), patterns) if conditions else None
    return lists.page(call, "event", where, matching=matching)


def _plain(pattern: str) -> str:
    """Stripe's wildcard is `*` alone; GLOB's others stand for themselves."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


@resource.get("/v1/events/{id}")
def retrieve(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """One event."""
    return call.get("event", id)
