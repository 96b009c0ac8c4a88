"""Subscriptions by their customer's path, the older way to the same operations."""

from typing import Any, Final

from paydesk.server.sandbox import agreements, lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.conditions import Sql
from paydesk.server.sandbox.errors import missing
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import PAGING, boolean
from paydesk.server.sandbox.resources import subscriptions
from paydesk.server.sandbox.resources.customers import living
from paydesk.server.sandbox.routes import Resource

# What came to subscriptions after this path was given up.
_NEWER: Final = (
    *("billing_cycle_anchor_config", "billing_mode", "billing_schedules", "customer", "customer_account"),
    *("description", "on_behalf_of"),
)


def _older(takes: Any) -> Any:
    return {name: param for name, param in takes.items() if name not in _NEWER}


_ALL: Final = "/v1/customers/{customer}/subscriptions"
_ONE: Final = _ALL + "/{subscription_exposed_id}"

resource = Resource()


def _owned(call: Call, customer: str, identifier: str) -> Object:
    living(call, customer)
    found = call.get("subscription", identifier)
    if found["customer"] != customer:
        raise missing("subscription", identifier, "id")
    return found


@resource.get(_ALL, PAGING)
def list_all(call: Call, customer: str) -> Answer:
    """A customer's subscriptions that are not canceled, newest first."""
    living(call, customer)
    only: Sql = ("json_extract(o.body, '$.status') <> 'canceled'", [])
    return lists.page(call, "subscription", {"customer": customer}, matching=only)


@resource.post(_ALL, _older(agreements.CREATE))
def create(call: Call, customer: str) -> Answer:
    """A new subscription of the customer that the path names."""
    living(call, customer)
    call.params["customer"] = customer
    return subscriptions.create(call)


@resource.get(_ONE)
def retrieve(call: Call, customer: str, subscription_exposed_id: str) -> Answer:
    """One of a customer's subscriptions."""
    return _owned(call, customer, subscription_exposed_id)


@resource.post(_ONE, _older(agreements.UPDATE))
def update(call: Call, customer: str, subscription_exposed_id: str) -> Answer:
    """Change one of a customer's subscriptions."""
    _owned(call, customer, subscription_exposed_id)
    return subscriptions.update(call, subscription_exposed_id)


@resource.delete(_ONE, {"invoice_now": boolean(), "prorate": boolean()})
def cancel(call: Call, customer: str, subscription_exposed_id: str) -> Answer:
    """End one of a customer's subscriptions now."""
    _owned(call, customer, subscription_exposed_id)
    return subscriptions.cancel(call, subscription_exposed_id)
