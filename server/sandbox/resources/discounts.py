"""Discounts by their holders: see and take away those of a customer or of a subscription."""

from typing import Final

from paydesk.server.sandbox import discounting, subscribing
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.resources.customers import living
from paydesk.server.sandbox.routes import Resource

_OF_CUSTOMER: Final = "/v1/customers/{customer}/discount"
_BY_CUSTOMER: Final = "/v1/customers/{customer}/subscriptions/{subscription_exposed_id}/discount"
_OF_SUBSCRIPTION: Final = "/v1/subscriptions/{subscription_exposed_id}/discount"

resource = Resource()


@resource.get(_OF_CUSTOMER)
def retrieve(call: Call, customer: str) -> Answer:
    """The discount of a customer."""
    return call.get("discount", _customers(living(call, customer)))


@resource.delete(_OF_CUSTOMER)
def delete(call: Call, customer: str) -> Answer:
    """Take a customer's discount away; invoices that had it keep it."""
    found = living(call, customer)
    stub = discounting.end(call, _customers(found))
    found["discount"] = None
    call.save(found, emits="customer.updated")
    return stub or {}


def _customers(customer: Object) -> str:
    if not customer["discount"]:
        raise _none("customer", customer["id"])
    return str(customer["discount"]["id"])


def _none(kind: str, identifier: str) -> StripeError:
    return StripeError(f"No active discount for {kind}: {identifier}", status=404, code="resource_missing")


@resource.get(_BY_CUSTOMER)
def retrieve_by_customer(call: Call, customer: str, subscription_exposed_id: str) -> Answer:
    """The discount of one of a customer's subscriptions; the latest of several."""
    found = _subscription(call, subscription_exposed_id, customer)
    return call.get("discount", found["discounts"][-1])


@resource.delete(_BY_CUSTOMER)
def delete_by_customer(call: Call, customer: str, subscription_exposed_id: str) -> Answer:
    """The same by the customer."""
    return _take_away(call, _subscription(call, subscription_exposed_id, customer))


@resource.delete(_OF_SUBSCRIPTION)
def delete_of_subscription(call: Call, subscription_exposed_id: str) -> Answer:
    """Take a subscription's discount away, the latest of several; invoices that had it keep it."""
    return _take_away(call, _subscription(call, subscription_exposed_id, None))


def _subscription(call: Call, identifier: str, customer: str | None) -> Object:
    if customer is not None:
        living(call, customer)
    found = call.get("subscription", identifier)
    if customer not in (None, found["customer"]) or found["status"] in subscribing.ENDED:
        raise missing("subscription", identifier, "id")
    if not found["discounts"]:
        raise _none("subscription", identifier)
    return found


def _take_away(call: Call, subscription: Object) -> Object:
    identifier = subscription["discounts"].pop()
    call.save(subscription, emits="customer.subscription.updated")
    return discounting.end(call, identifier) or {}


@resource.action("discount.end")
def end(call: Call, discount: str) -> None:
    """A repeating coupon's months are over."""
    found = call.find("discount", discount)
    if not found or found.get("deleted") or found["end"] != call.now:
        return
    for holder in call.every("subscription", {"customer": found["customer"]}):
        held = [*holder["discounts"], *(one for item in holder["items"]["data"] for one in item["discounts"])]
        if discount in held:
            discounting.let_go(call, holder, {discount})
