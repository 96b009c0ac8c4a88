"""Meter events of v2: one by one, and many at once in a session of its own."""

from typing import Any, Final

from paydesk.server.sandbox import access, event_types, metering, thin_events
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import choice, list_of, mapping, required, table, text
from paydesk.server.sandbox.resources import meter_events
from paydesk.server.sandbox.routes import Resource
from paydesk.server.sandbox.storage import dumps

# https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api
SESSION_S: Final = 15 * 60
MAX_EVENTS: Final = 100
_EVENT: Final = {
    "event_name": required(text(100)),
    "identifier": text(100),
    "payload": required(table(text(100))),
    "timestamp": text(60),
}
_PREFIX: Final = "/v2/billing"

resource = Resource()


def _report(call: Call, sent: dict[str, Any]) -> Object:
    """Report one event through v1's own rules; it as v2 shows it."""
    wanted = dict(sent)
    if "timestamp" in wanted:
        wanted["timestamp"] = thin_events.seconds(wanted["timestamp"], "timestamp")
    call.params = wanted
    made = meter_events.create(call)
    if not isinstance(made, dict):
        raise TypeError(type(made))
    return {
        "object": "v2.billing.meter_event",
        "created": thin_events.moment(made["_received"]),
        "event_name": made["event_name"],
        "identifier": made["identifier"],
        "livemode": False,
        "payload": made["payload"],
        "timestamp": thin_events.moment(made["timestamp"]),
    }


@resource.post(f"{_PREFIX}/meter_events", _EVENT)
def create(call: Call) -> Answer:
    """Report usage of a customer; an identifier counts once."""
    return _report(call, call.params)


@resource.post(
    f"{_PREFIX}/meter_event_adjustments",
    {
        "cancel": required(mapping({"identifier": required(text(100))})),
        "event_name": required(text(100)),
        "type": required(choice("cancel")),
    },
)
def adjust(call: Call) -> Answer:
    """Take an event back within a day of its coming."""
    made = meter_events.adjust(call)
    if not isinstance(made, dict):
        raise TypeError(type(made))
    return {
        **made,
        "object": "v2.billing.meter_event_adjustment",
        "id": call.new_id("mtr_event_adj_test_", 32),
        "created": thin_events.moment(call.now),
    }


@resource.post(f"{_PREFIX}/meter_event_session")
def open_session(call: Call) -> Answer:
    """A token that counts as the key for the stream of events, for fifteen minutes."""
    token = call.new_id("meter_session_token_test_", 48)
    expires_at = call.now + SESSION_S
    call.store.set_fact(f"{access.METER_SESSION}{token}", dumps({"account": call.account, "expires_at": expires_at}))
    return {
        "id": call.new_id("mes_test_", 32),
        "object": "v2.billing.meter_event_session",
        "authentication_token": token,
        "created": thin_events.moment(call.now),
        "expires_at": thin_events.moment(expires_at),
        "livemode": False,
    }


@resource.post(access.METER_STREAM, {"events": required(list_of(mapping(_EVENT), MAX_EVENTS))})
def stream(call: Call) -> Answer:
    """Report up to a hundred events at once. What is wrong with one is told later, by a thin event."""
    wrong: list[tuple[dict[str, Any], StripeError]] = []
    for sent in list(call.params["events"]):
        try:
            _report(call, sent)
        except StripeError as error:
            wrong.append((sent, error))
    for sent, refusal in wrong:
        _tell(call, sent, refusal)
    return {}


def _tell(call: Call, sent: dict[str, Any], error: StripeError) -> None:
    meter = metering.of_event_name(call, sent["event_name"])
    data: Object = {
        "developer_message_summary": error.message,
        "reason": {"error_count": 1, "error_types": [{"code": error.code or "invalid_event", "error_count": 1}]},
        "validation_end": thin_events.moment(call.now),
        "validation_start": thin_events.moment(call.now),
    }
    if meter is None:
        thin_events.tell(call, event_types.NO_METER, None, data)
    else:
        about = {"id": meter["id"], "type": meter["object"], "url": thin_events.url_of(meter)}
        thin_events.tell(call, event_types.METER_ERRORS, about, data)
