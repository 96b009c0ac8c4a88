"""Subscription items: what a subscription is made of, one by one."""

from typing import Any, Final

from paydesk.server.sandbox import changes, lists, subscribing
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.expand import shown
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import LISTING, boolean, choice, required, text, timestamp, unserved
from paydesk.server.sandbox.resources import subscriptions
from paydesk.server.sandbox.routes import Resource

_CHANGING: Final = {
    "proration_behavior": changes.BEHAVIORS,
    "proration_date": timestamp(),
}
_PAYING: Final = {
    "payment_behavior": choice(
        "allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"
    ),
}
_CREATE: Final = {**changes.NEW_ITEM, **_CHANGING, **_PAYING, "subscription": required(text())}
_UPDATE: Final = {**changes.NEW_ITEM, **_CHANGING, **_PAYING, "off_session": boolean()}
_DELETE: Final = {**_CHANGING, **_PAYING, **unserved("clear_usage")}
_LIST: Final = {
    **{name: param for name, param in LISTING.items() if name != "created"},
    "subscription": required(text()),
}

resource = Resource()


@resource.get("/v1/subscription_items", _LIST)
def list_all(call: Call) -> Answer:
    """The items of one subscription, in its own order."""
    sent = call.params
    holder = shown(call, call.mention("subscription", sent["subscription"], "subscription"))
    return lists.slice_of(call, holder["items"]["data"], "subscription_item")


@resource.get("/v1/subscription_items/{item}")
def retrieve(call: Call, item: str) -> Answer:
    """One item."""
    return _one(shown(call, _holder(call, item)), item)


@resource.post("/v1/subscription_items", _CREATE)
def create(call: Call) -> Answer:
    """Add an item to a subscription, prorated."""
    holder = call.mention("subscription", call.params["subscription"], "subscription")
    before = set(holder["_items"])
    _change(call, holder, {name: call.params[name] for name in changes.NEW_ITEM if name in call.params})
    added = next(item for item in holder["_items"] if item not in before)
    return _one(holder, added)


@resource.post("/v1/subscription_items/{item}", _UPDATE)
def update(call: Call, item: str) -> Answer:
    """Change an item's price or quantity, prorated."""
    holder = _holder(call, item)
    _change(call, holder, {"id": item, **{name: call.params[name] for name in changes.NEW_ITEM if name in call.params}})
    return _one(holder, item)


@resource.delete("/v1/subscription_items/{item}", _DELETE)
def delete(call: Call, item: str) -> Answer:
    """Take an item out of a subscription, prorated; the last one stays."""
    _change(call, _holder(call, item), {"id": item, "deleted": True})
    return {"id": item, "object": "subscription_item", "deleted": True}


def _change(call: Call, holder: Object, sent: dict[str, Any]) -> None:
    if holder["status"] in subscribing.ENDED:
        raise StripeError(subscriptions.OVER)
    how = {name: call.params[name] for name in (*_CHANGING, *_PAYING, "off_session") if name in call.params}
    subscriptions.change(call, holder, {"items": [sent], **how})


def _holder(call: Call, item: str) -> Object:
    found = call.every("subscription", {"_items": item}, limit=1)
    if not found:
        raise missing("subscription_item", item, "item")
    # Found by its item it has not yet told by which time it lives.
    if found[0]["test_clock"]:
        call.live_by(found[0]["test_clock"])
    return found[0]


def _one(holder: Object, item: str) -> Object:
    found: Object = next(one for one in holder["items"]["data"] if one["id"] == item)
    return found
