"""Events of v2: thin events, listed and retrieved. Those of v1 appear under `v1.` and their type."""

from typing import Any, Final

from paydesk.server.sandbox import event_types, lists_v2, thin_events
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import missing
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import Param, integer, list_of, mapping, text
from paydesk.server.sandbox.routes import Resource
from paydesk.server.sandbox.storage import MAX_INT64, Sql

MAX_TYPES: Final = 20

resource = Resource()


def _moment() -> Param:
    return Param(lambda value, name: str(text(60).read(value, name)))


@resource.get(
    "/v2/core/events",
    {
        "created": mapping({bound: _moment() for bound in ("gt", "gte", "lt", "lte")}),
        "limit": integer(1, 100),
        "object_id": text(),
        "page": text(),
        "types": list_of(text(), MAX_TYPES),
    },
)
def list_all(call: Call) -> Answer:
    """Thin events, newest first, by `object_id`, `types` and `created`."""
    sent = call.params
    times = {bound: thin_events.seconds(value, f"created[{bound}]") for bound, value in sent.get("created", {}).items()}
    since = max(times.get("gte", 0), times.get("gt", -1) + 1)
    until = min(times.get("lte", MAX_INT64), times.get("lt", MAX_INT64) - ("lt" in times))
    types = sent.get("types")
    snapshots = [one.removeprefix(event_types.THIN) for one in types or () if one.startswith(event_types.THIN)]
    about = sent.get("object_id")
    sources: list[lists_v2.Source] = [
        ("event", {"data.object.id": about} if about else {}, _typed(types, snapshots)),
        (thin_events.THIN_EVENT.name, {"related_object.id": about} if about else {}, _typed(types, types or [])),
    ]
    return lists_v2.page(call, sources, lambda body: _told(call, body), since=since, until=until)


def _typed(types: list[str] | None, names: list[str]) -> Sql | None:
    if types is None:
        return None
    values: list[Any] = list(names)
    return f"json_extract(o.body, '$.type') IN ({', '.join('?' * len(values))})", values


def _told(call: Call, body: Object) -> Object:
    return thin_events.shown(call, thin_events.of_snapshot(body) if body["object"] == "event" else body)


@resource.get("/v2/core/events/{id}")
def retrieve(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """One thin event."""
    found = thin_events.find(call, id)
    if found is None:
        raise missing("event", id, "id")
    return thin_events.shown(call, found)
