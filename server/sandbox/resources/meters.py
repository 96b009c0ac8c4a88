"""Meters: create, rename, deactivate, reactivate, list; what a customer used, by the hour, the day or in all."""

from typing import Final

from paydesk.server.sandbox import lists, metering
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import PAGING, choice, mapping, required, text, timestamp
from paydesk.server.sandbox.periods import DAY_S, HOUR_S
from paydesk.server.sandbox.routes import Resource

KIND: Final = metering.METER.name
_CREATE: Final = {
    "customer_mapping": mapping({"event_payload_key": required(text(100)), "type": required(choice("by_id"))}),
    "default_aggregation": required(mapping({"formula": required(choice("count", "last", "sum"))})),
    "display_name": required(text(250)),
    "event_name": required(text(100)),
    "event_time_window": choice("day", "hour"),
    "value_settings": mapping({"event_payload_key": required(text(100))}),
}
_SUMMARIES: Final = {
    **PAGING,
    "customer": required(text()),
    "end_time": required(timestamp()),
    "start_time": required(timestamp()),
    "value_grouping_window": choice("day", "hour"),
}
_WINDOW_S: Final = {"day": DAY_S, "hour": HOUR_S}
# A summary is for a minute or more, and grouped ones for whole windows.
_GRAIN_S: Final = 60
_MAX_SUMMARIES: Final = 10_000

resource = Resource()


@resource.post("/v1/billing/meters", _CREATE)
def create(call: Call) -> Answer:
    """A meter that counts events of one name; no two active ones listen to the same."""
    sent = call.params
    _check_free(call, sent["event_name"])
    meter = {
        "id": call.new_id("mtr_test_61"),
        "object": KIND,
        "created": call.now,
        "customer_mapping": sent.get("customer_mapping", {"event_payload_key": "stripe_customer_id", "type": "by_id"}),
        "default_aggregation": sent["default_aggregation"],
        "display_name": sent["display_name"],
        "event_name": sent["event_name"],
        "event_time_window": sent.get("event_time_window"),
        "livemode": False,
        "status": "active",
        "status_transitions": {"deactivated_at": None},
        "updated": call.now,
        "value_settings": sent.get("value_settings", {"event_payload_key": "value"}),
    }
    return call.create(meter, emits="billing.meter.created")


def _check_free(call: Call, event_name: str) -> None:
    if metering.of_event_name(call, event_name):
        raise StripeError(
            f"An active meter already exists for the event name `{event_name}`. Deactivate it first.",
            param="event_name",
        )


@resource.get("/v1/billing/meters", {**PAGING, "status": choice("active", "inactive")})
def list_all(call: Call) -> Answer:
    """Meters, newest first, by status."""
    return lists.page(call, KIND, {"status": call.params.get("status")})


@resource.get("/v1/billing/meters/{id}")
def retrieve(call: Call, id: str) -> Answer:  # noqa: A002 - Stripe's own name of the path parameter
    """One meter."""
    return call.get(KIND, id)


@resource.post("/v1/billing/meters/{id}", {"display_name": text(250)})
def update(call: Call, id: str) -> Answer:  # noqa: A002 - as above
    """Rename a meter; what it counts stays as it is."""
    meter = call.get(KIND, id)
    if "display_name" in call.params:
        meter.update(display_name=call.params["display_name"], updated=call.now)
    return call.save(meter, emits="billing.meter.updated")


@resource.post("/v1/billing/meters/{id}/deactivate")
def deactivate(call: Call, id: str) -> Answer:  # noqa: A002 - as above
    """Let a meter count no more; its events are refused from now on."""
    return _switch(call, call.get(KIND, id), "inactive", "billing.meter.deactivated")


@resource.post("/v1/billing/meters/{id}/reactivate")
def reactivate(call: Call, id: str) -> Answer:  # noqa: A002 - as above
    """Let a meter count again."""
    meter = call.get(KIND, id)
    if meter["status"] == "inactive":
        _check_free(call, meter["event_name"])
    return _switch(call, meter, "active", "billing.meter.reactivated")


def _switch(call: Call, meter: Object, status: str, event: str) -> Object:
    if meter["status"] == status:
        raise StripeError(f"The meter {meter['id']} is already {status}.")
    deactivated_at = call.now if status == "inactive" else None
    meter.update(status=status, status_transitions={"deactivated_at": deactivated_at}, updated=call.now)
    call.save(meter)
    call.emit(event, meter)
    return meter


@resource.get("/v1/billing/meters/{id}/event_summaries", _SUMMARIES)
def list_summaries(call: Call, id: str) -> Answer:  # noqa: A002 - as above
    """What a customer used between two times, newest first: in all, or for each hour or day."""
    sent = call.params
    meter = call.get(KIND, id)
    call.mention("customer", sent["customer"], "customer")
    start, end = sent["start_time"], sent["end_time"]
    window = _WINDOW_S.get(sent.get("value_grouping_window", ""), 0)
    grain = window or _GRAIN_S
    for name in ("start_time", "end_time"):
        if sent[name] % grain:
            raise StripeError(f"{name} must be aligned with {grain // 60} minute boundaries in UTC.", param=name)
    if end <= start:
        raise StripeError("end_time must be after start_time.", param="end_time")
    if window and (end - start) // window > _MAX_SUMMARIES:
        raise StripeError(f"At most {_MAX_SUMMARIES} windows can be summed up at once.", param="end_time")
    counted = metering.values(call, meter, sent["customer"], start, end)
    spans = range(start, end, window) if window else [start]
    summaries = []
    for since in spans:
        until = since + window if window else end
        within = [one for one in counted if since <= one[0] < until]
        if within or not window:
            summaries.append(_summary(meter, sent["customer"], since, until, metering.aggregated(meter, within)))
    return lists.slice_of(call, summaries[::-1], "meter event summary")


def _summary(meter: Object, customer: str, start: int, end: int, value: object) -> Object:
    return {
        "id": f"mtrusg_test_{meter['id'][-10:]}{customer[-6:]}{start}",
        "object": "billing.meter_event_summary",
        "aggregated_value": float(str(value)),
        "end_time": end,
        "livemode": False,
        "meter": meter["id"],
        "start_time": start,
    }
