"""Test clocks: create, retrieve, advance, list, delete. What lives by one, and how, stands in clocks.py."""

from typing import Any, Final

from paydesk.server.sandbox import clocks, lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import PAGING, required, text, timestamp
from paydesk.server.sandbox.resources import customers
from paydesk.server.sandbox.routes import Resource

KIND: Final = clocks.TEST_CLOCK.name
_CREATE: Final = {"customer": text(), "frozen_time": required(timestamp()), "name": text(300)}

resource = Resource()


@resource.post("/v1/test_helpers/test_clocks", _CREATE)
def create(call: Call) -> Answer:
    """A clock that stands at `frozen_time`; `customer` names one that has no subscriptions yet, to live by it."""
    sent = call.params
    clock = clocks.clock_object(call.new_id("clock_1"), call.now, sent["frozen_time"], sent.get("name"))
    call.create(clock, emits="test_helpers.test_clock.created")
    if "customer" in sent:
        _take_in(call, clock, call.mention("customer", sent["customer"], "customer"))
    return clock


def _take_in(call: Call, clock: Object, customer: Object) -> None:
    if customer["test_clock"]:
        raise StripeError(f"The customer {customer['id']} already belongs to a test clock.", param="customer")
    if call.every("subscription", {"customer": customer["id"]}, limit=1):
        raise StripeError(
            f"The customer {customer['id']} has subscriptions that live by another time and cannot be attached.",
            param="customer",
        )
    customer["test_clock"] = clock["id"]
    call.save(customer, emits="customer.updated")


@resource.get("/v1/test_helpers/test_clocks", PAGING)
def list_all(call: Call) -> Answer:
    """Clocks, newest first."""
    return lists.page(call, KIND)


@resource.get("/v1/test_helpers/test_clocks/{test_clock}")
def retrieve(call: Call, test_clock: str) -> Answer:
    """One clock; `ready` once everything that its time brought has happened."""
    return _living(call, test_clock)


def _living(call: Call, identifier: str) -> Object:
    clock = call.get(KIND, identifier)
    if clock.get("deleted"):
        raise StripeError(
            f"No such test clock: '{identifier}'", status=404, code="resource_missing", param="test_clock"
        )
    return clock


@resource.post("/v1/test_helpers/test_clocks/{test_clock}/advance", {"frozen_time": required(timestamp())})
def advance(call: Call, test_clock: str) -> Answer:
    """Move a clock forward. The answer says `advancing`, as at Stripe; the next request finds it `ready`."""
    clock = _living(call, test_clock)
    to = call.params["frozen_time"]
    if to <= clock["frozen_time"]:
        raise StripeError(
            f"The frozen time must be after the test clock's current time ({clock['frozen_time']}).",
            param="frozen_time",
        )
    limit = clocks.furthest(call, clock)
    if to > limit:
        raise StripeError(
            "A test clock cannot be advanced by more than two intervals of its shortest subscription, or two years "
            f"without one: this one up to {limit}.",
            param="frozen_time",
        )
    clock["status"] = "advancing"
    clock["status_details"] = {"advancing": {"target_frozen_time": to}}
    call.save(clock)
    call.emit("test_helpers.test_clock.advancing", clock)
    answer: dict[str, Any] = dict(clock)
    clocks.advance(call, clock, to)
    clock.update(frozen_time=to, status="ready", status_details={})
    call.save(clock)
    call.emit("test_helpers.test_clock.ready", clock)
    return answer


@resource.delete("/v1/test_helpers/test_clocks/{test_clock}")
def delete(call: Call, test_clock: str) -> Answer:
    """Delete a clock, its customers with their subscriptions, and whatever was still to happen by it."""
    clock = _living(call, test_clock)
    for customer in call.every("customer", {"test_clock": test_clock}):
        call.live_by(test_clock)
        customers.delete(call, customer["id"])
    clocks.forget(call, clock)
    return call.delete(clock, emits="test_helpers.test_clock.deleted")
