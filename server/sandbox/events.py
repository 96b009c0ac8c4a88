"""Events: a record of each change, with the object as it was then and, for updates, what had been before."""

from typing import TYPE_CHECKING, Any, Final

from paydesk.server.sandbox.kinds import Object, visible

if TYPE_CHECKING:
    from paydesk.server.sandbox.call import Call

API_VERSION: Final = "2026-08-26.dahlia"


def make(call: "Call", event_type: str, body: Object, previous: Object | None) -> Object:
    """The event object; `previous` only on updates, so that its absence says that nothing was replaced."""
    data: Object = {"object": visible(body)}
    if previous is not None:
        data["previous_attributes"] = previous
    return {
        "id": call.new_id("evt_"),
        "object": "event",
        "api_version": API_VERSION,
        "created": call.now,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": call.request_id, "idempotency_key": call.idempotency_key},
        "type": event_type,
    }


def previous_attributes(before: Object, after: Object) -> Object:
    """What changed, as it was: hashes key by key (a key that was not there is null), everything else whole."""
    previous: Object = {}
    for name in visible({**before, **after}):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        previous[name] = _changed(old, new)
    return previous


def _changed(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: _changed(old.get(key), new.get(key)) for key in {**old, **new} if old.get(key) != new.get(key)}
    return old
