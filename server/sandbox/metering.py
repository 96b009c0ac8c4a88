"""Meters as objects, the events that they count, and what a customer used in a span of time.

A meter adds up what its events say of a customer: their sum, their number, or the last value
(https://docs.stripe.com/billing/subscriptions/usage-based). Usage is billed in whole units, half a unit rounded up.
"""

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.storage import term

METER: Final = Kind(name="billing.meter", prefix="mtr_", called="meter", indexed=("status", "event_name"))


def _event_shown(_call: Call, event: Object) -> Object:
    return {
        "object": event["object"],
        "created": event["_received"],
        "event_name": event["event_name"],
        "identifier": event["identifier"],
        "livemode": False,
        "payload": event["payload"],
        "timestamp": event["timestamp"],
    }


# `created` is the time that an event is about, so that a span of time is a range of the list.
METER_EVENT: Final = Kind(
    name="billing.meter_event", prefix="", called="meter event", indexed=("_of",), shows=_event_shown
)


def event_object(meter: Object, customer: str, value: str, *, at: int, received: int, identifier: str) -> Object:
    """An event that counts `value` for a customer."""
    payload = {meter["customer_mapping"]["event_payload_key"]: customer}
    payload[meter["value_settings"]["event_payload_key"]] = value
    return {
        "id": f"{meter['event_name']} {identifier}",
        "object": METER_EVENT.name,
        "created": at,
        "event_name": meter["event_name"],
        "identifier": identifier,
        "livemode": False,
        "payload": payload,
        "timestamp": at,
        "_received": received,
        "_of": f"{meter['id']} {customer}",
        "_value": value,
    }


def of_event_name(call: Call, event_name: str) -> Object | None:
    """The active meter that listens to events of this name."""
    return next(iter(call.every("billing.meter", {"event_name": event_name, "status": "active"}, limit=1)), None)


def values(call: Call, meter: Object, customer: str, since: int, until: int) -> list[tuple[int, Decimal]]:
    """Time and value of each event from `since` up to before `until`, oldest first."""
    rows = call.store.execute(
        "SELECT o.body FROM postings p JOIN objects o ON o.seq = p.seq"
        " WHERE p.term = ? AND p.created >= ? AND p.created < ? ORDER BY p.created, p.seq",
        (term(call.account, METER_EVENT.name, "_of", f"{meter['id']} {customer}"), since, until),
    )
    events = [json.loads(body) for (body,) in rows]
    return [(event["timestamp"], Decimal(event["_value"])) for event in events if not event.get("_canceled")]


def aggregated(meter: Object, counted: list[tuple[int, Decimal]]) -> Decimal:
    """What a meter makes of values in the order of their time."""
    formula = meter["default_aggregation"]["formula"]
    if formula == "count":
        return Decimal(len(counted))
    if formula == "last":
        return counted[-1][1] if counted else Decimal(0)
    return sum((value for _, value in counted), Decimal(0))


def used(call: Call, meter: str, customer: str, since: int, until: int) -> int:
    """The whole units that a customer used by a meter in a span of time; never less than nothing."""
    found = call.get("billing.meter", meter)
    exact = aggregated(found, values(call, found, customer, since, until))
    return max(0, int(exact.to_integral_value(ROUND_HALF_UP)))
