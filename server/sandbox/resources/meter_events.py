"""Meter events: usage reported as it happens, and taking a report back."""

import re
from typing import Final

from paydesk.server.sandbox import metering
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing_parameter
from paydesk.server.sandbox.params import choice, mapping, required, table, text, timestamp
from paydesk.server.sandbox.periods import DAY_S
from paydesk.server.sandbox.routes import Resource

# How late, early and how long after it came an event is taken, or taken back (Stripe's OpenAPI and usage guide).
LATE_S: Final = 35 * DAY_S
EARLY_S: Final = 300
TAKEN_BACK_WITHIN_S: Final = DAY_S
_VALUE: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?", re.ASCII)
_EVENT: Final = {
    "event_name": required(text(100)),
    "identifier": text(100),
    "payload": required(table(text(100))),
    "timestamp": timestamp(),
}
_ADJUSTMENT: Final = {
    "cancel": mapping({"identifier": text(100)}),
    "event_name": required(text(100)),
    "type": required(choice("cancel")),
}

resource = Resource()


@resource.post("/v1/billing/meter_events", _EVENT)
def create(call: Call) -> Answer:
    """Report usage of a customer; an identifier counts once."""
    sent = call.params
    meter = metering.of_event_name(call, sent["event_name"])
    if meter is None:
        raise StripeError(
            f"No active meter found for event name: {sent['event_name']}.", code="no_meter", param="event_name"
        )
    key = meter["customer_mapping"]["event_payload_key"]
    if key not in sent["payload"]:
        raise missing_parameter(f"payload[{key}]")
    customer = call.mention("customer", sent["payload"][key], f"payload[{key}]")
    at = sent.get("timestamp", call.now)
    if not call.now - LATE_S <= at <= call.now + EARLY_S:
        raise StripeError(
            "The timestamp must be within the past 35 calendar days or up to 5 minutes in the future.",
            code="timestamp_too_far_in_past" if at < call.now else "timestamp_in_future",
            param="timestamp",
        )
    identifier = sent.get("identifier") or call.new_id("", 32).lower()
    if call.find(metering.METER_EVENT.name, f"{meter['event_name']} {identifier}"):
        raise StripeError(f"An event already exists with identifier {identifier}.", param="identifier")
    value = _value(meter["value_settings"]["event_payload_key"], sent["payload"], meter)
    event = metering.event_object(meter, customer["id"], value, at=at, received=call.now, identifier=identifier)
    event["payload"] = dict(sent["payload"])
    return call.create(event)


def _value(key: str, payload: dict[str, str], meter: dict[str, object]) -> str:
    if meter["default_aggregation"] == {"formula": "count"} and key not in payload:
        return "1"
    if key not in payload:
        raise missing_parameter(f"payload[{key}]")
    if not _VALUE.fullmatch(payload[key]):
        raise StripeError(
            f"Invalid value for payload[{key}]: a number with at most 12 decimal places is wanted.",
            code="meter_event_value_invalid",
            param=f"payload[{key}]",
        )
    return payload[key]


@resource.post("/v1/billing/meter_event_adjustments", _ADJUSTMENT)
def adjust(call: Call) -> Answer:
    """Take an event back within a day of its coming; it counts no more."""
    sent = call.params
    identifier = sent.get("cancel", {}).get("identifier")
    if identifier is None:
        raise missing_parameter("cancel[identifier]")
    event = call.find(metering.METER_EVENT.name, f"{sent['event_name']} {identifier}")
    if event is None:
        raise StripeError(
            f"No meter event found with identifier {identifier}.", code="resource_missing", param="cancel[identifier]"
        )
    if event["_received"] < call.now - TAKEN_BACK_WITHIN_S:
        raise StripeError("Only events of the last 24 hours can be cancelled.", param="cancel[identifier]")
    if event.get("_canceled"):
        raise StripeError("This meter event has already been cancelled.", param="cancel[identifier]")
    event["_canceled"] = True
    call.save(event)
    return {
        "object": "billing.meter_event_adjustment",
        "cancel": {"identifier": identifier},
        "event_name": sent["event_name"],
        "livemode": False,
        "status": "complete",
        "type": "cancel",
    }
