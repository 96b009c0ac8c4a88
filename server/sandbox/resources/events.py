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

resource = Resource()


@resource.get(
    "/v1/events", {**LISTING, "delivery_success": boolean(), "type": text(), "types": list_of(text(), MAX_TYPES)}
)
def list_all(call: Call) -> Answer:
    """Events, newest first, by type (`*` stands for any text) or several types."""
    wanted, several = call.params.get("type"), call.params.get("types")
    if wanted and several:
        raise StripeError("You may only specify one of these parameters: type, types.", param="types")
    # With no webhooks every delivery counts as made, so only a search for failed ones is empty.
    if call.params.get("delivery_success") is False:
        return {"object": "list", "data": [], "has_more": False, "url": call.path}
    types = several or ([wanted] if wanted else [])
    if not types:
        return lists.page(call, "event")
    if len(types) == 1 and not _WILD & set(types[0]):
        return lists.page(call, "event", {"type": types[0]})
    patterns = [_plain(one) for one in types]
    matching = " OR ".join(["json_extract(o.body, '$.type') GLOB ?"] * len(patterns))
    return lists.page(call, "event", matching=(matching, patterns))


def _plain(pattern: str) -> str:
    """Stripe's wildcard is `*` alone; GLOB's others stand for themselves."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


@resource.get("/v1/events/{id}")
def retrieve(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """One event."""
    return call.get("event", id)
