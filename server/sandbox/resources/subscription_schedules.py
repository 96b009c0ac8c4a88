"""Subscription schedules: create, update, cancel, release, list. Their course stands in scheduling.py."""

from typing import Any, Final

from paydesk.server.sandbox import (
    agreements,
    changes,
    lists,
    phases,
    scheduling,
    subscribing,
)
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.conditions import Sql, all_of, between
from paydesk.server.sandbox.errors import StripeError, missing_parameter
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    LISTING,
    boolean,
    choice,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    text,
    times,
    unserved,
)
from paydesk.server.sandbox.resources.invoices import own_method
from paydesk.server.sandbox.routes import Resource

KIND: Final = scheduling.SCHEDULE.name
MAX_PHASES: Final = 10

_ENDS: Final = choice("cancel", "none", "release", "renew")
_SHARED: Final = {
    "default_settings": phases.SETTINGS,
    "end_behavior": _ENDS,
    "metadata": metadata(),
}
_CREATE: Final = {
    **_SHARED,
    "phases": list_of(mapping(phases.NEW_PHASE), maximum=MAX_PHASES),
    "billing_mode": agreements.BILLING_MODE,
    "customer": text(),
    "from_subscription": text(),
    "start_date": phases.WHEN,
    **unserved("customer_account"),
}
_UPDATE: Final = {
    **_SHARED,
    "phases": list_of(mapping(phases.PHASE), maximum=MAX_PHASES),
    "proration_behavior": changes.BEHAVIORS,
}
_LIST: Final = {
    **LISTING,
    "canceled_at": times(),
    "completed_at": times(),
    "customer": text(),
    "released_at": times(),
    "scheduled": boolean(),
    **unserved("customer_account"),
}

resource = Resource()


def _blank(call: Call, customer: str, mode: Object) -> Object:
    return {
        "id": call.new_id("sub_sched_1"),
        "object": KIND,
        "application": None,
        "billing_mode": mode,
        "canceled_at": None,
        "completed_at": None,
        "created": call.now,
        "current_phase": None,
        "customer": customer,
        "customer_account": None,
        "default_settings": {
            "application_fee_percent": None,
            "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
            "billing_cycle_anchor": "automatic",
            "billing_thresholds": None,
            "collection_method": "charge_automatically",
            "default_payment_method": None,
            "description": None,
            "invoice_settings": {**phases.no_invoice_settings(), "issuer": {"type": "self"}},
            "on_behalf_of": None,
            "transfer_data": None,
        },
        "end_behavior": "release",
        "livemode": False,
        "metadata": {},
        "phases": [],
        "released_at": None,
        "released_subscription": None,
        "status": "not_started",
        "subscription": None,
        "test_clock": None,
    }


@resource.post("/v1/subscription_schedules", _CREATE)
def create(call: Call) -> Answer:
    """A schedule of phases that begins now, at a time, or with the subscription that there is already."""
    sent = call.params
    if "from_subscription" in sent:
        surplus = sorted(set(sent) - {"from_subscription", "expand", "metadata", "billing_mode"})
        if surplus:
            raise StripeError(f"You cannot set `{surplus[0]}` if `from_subscription` is set.", param=surplus[0])
        return _from_subscription(call, sent)
    for name in ("customer", "phases"):
        if name not in sent:
            raise missing_parameter(name)
    call.mention("customer", sent["customer"], "customer")
    start = phases.when(sent.get("start_date", "now"), call.now, "start_date")
    schedule = make(call, sent, start)
    if start <= call.now:
        scheduling.begin(call, schedule)
    else:
        scheduling.wait(call, schedule)
    return schedule


def make(call: Call, sent: dict[str, Any], start: int) -> Object:
    """Store a schedule whose first phase begins at `start`."""
    schedule = _blank(call, sent["customer"], _mode(call, sent))
    _settle(call, schedule, sent)
    schedule["phases"] = phases.build(call, schedule, sent["phases"], start)
    if schedule["phases"][-1]["end_date"] <= call.now:
        raise StripeError("The last phase of a schedule must end in the future.", param="phases")
    return call.create(schedule, emits="subscription_schedule.created")


def _mode(call: Call, sent: dict[str, Any]) -> Object:
    kind = (sent.get("billing_mode") or {"type": "flexible"})["type"]
    if kind == "classic":
        return {"flexible": None, "type": "classic"}
    return {"flexible": {"proration_discounts": "included"}, "type": "flexible", "updated_at": call.now}


def _from_subscription(call: Call, sent: dict[str, Any]) -> Answer:
    found = call.mention("subscription", sent["from_subscription"], "from_subscription")
    if found["schedule"]:
        raise StripeError(
            "You cannot migrate a subscription that is already attached to a schedule: "
            f"{found['id']} is managed by {found['schedule']}.",
            param="from_subscription",
        )
    if found["status"] in (*subscribing.ENDED, "incomplete"):
        raise StripeError(
            f"A subscription that is {found['status']} cannot be put on a schedule.", param="from_subscription"
        )
    start, end = subscribing.period_of(found)
    schedule = _blank(call, found["customer"], dict(found["billing_mode"]))
    items = [
        phases.item_of(item["price"]["id"], item.get("quantity"), item["metadata"]) for item in found["items"]["data"]
    ]
    phase = {**phases.blank_phase(found["currency"]), "start_date": start, "end_date": end, "items": items}
    phase["trial_end"] = found["trial_end"] if found["status"] == "trialing" else None
    schedule["default_settings"]["collection_method"] = found["collection_method"]
    schedule["default_settings"]["default_payment_method"] = found["default_payment_method"]
    schedule["metadata"] = merged_metadata({}, sent.get("metadata", {}))
    schedule.update(
        phases=[phase], status="active", subscription=found["id"], current_phase={"end_date": end, "start_date": start}
    )
    call.create(schedule, emits="subscription_schedule.created")
    found["schedule"] = schedule["id"]
    call.save(found, emits="customer.subscription.updated")
    scheduling.wait(call, schedule)
    return schedule


def _settle(call: Call, schedule: Object, sent: dict[str, Any]) -> None:
    """Put everything but the phases into a schedule."""
    if "metadata" in sent:
        schedule["metadata"] = merged_metadata(schedule["metadata"], sent["metadata"])
    if "end_behavior" in sent:
        schedule["end_behavior"] = sent["end_behavior"]
    settings = sent.get("default_settings", {})
    for name in ("billing_cycle_anchor", "collection_method", "description"):
        if name in settings:
            schedule["default_settings"][name] = settings[name]
    if "default_payment_method" in settings:
        method = own_method(call, schedule["customer"], settings["default_payment_method"])
        schedule["default_settings"]["default_payment_method"] = method
    schedule["default_settings"]["invoice_settings"].update(settings.get("invoice_settings", {}))


@resource.get("/v1/subscription_schedules", _LIST)
def list_all(call: Call) -> Answer:
    """Schedules, newest first, by customer, whether they are still to begin, and when they ended."""
    sent = call.params
    ended = ("canceled_at", "completed_at", "released_at")
    conditions: list[Sql] = [between(name, sent[name]) for name in ended if name in sent]
    if "scheduled" in sent:
        sign = "=" if sent["scheduled"] else "<>"
        conditions.append((f"json_extract(o.body, '$.status') {sign} 'not_started'", []))
    return lists.page(call, KIND, {"customer": sent.get("customer")}, matching=all_of(conditions))


@resource.get("/v1/subscription_schedules/{schedule}")
def retrieve(call: Call, schedule: str) -> Answer:
    """One schedule."""
    return call.get(KIND, schedule)


def _running(call: Call, identifier: str, doing: str, done: str) -> Object:
    schedule = call.get(KIND, identifier)
    if schedule["status"] not in scheduling.RUNNING:
        raise StripeError(
            f"You cannot {doing} a subscription schedule that is currently in the `{schedule['status']}` status. "
            f"It must be in `not_started, active` status to be {done}."
        )
    return schedule


@resource.post("/v1/subscription_schedules/{schedule}", _UPDATE)
def update(call: Call, schedule: str) -> Answer:
    """Change a schedule; where the phase that runs changes, its subscription does at once."""
    found = _running(call, schedule, "update", "updated")
    sent = call.params
    _settle(call, found, sent)
    if not sent.get("phases"):
        call.save(found, emits="subscription_schedule.updated")
        scheduling.replan(call, found)
        return found
    first = found["phases"][0]["start_date"]
    begins = (
        phases.when(sent["phases"][0].get("start_date", str(first)), call.now, "phases[0][start_date]")
        if sent["phases"]
        else first
    )
    if found["status"] == "active" and begins > call.now:
        raise StripeError(
            "You must include the current phase when you update the phases of an active schedule.", param="phases"
        )
    starts = [phase["start_date"] for phase in found["phases"]]
    if found["status"] == "active" and begins not in (*starts, call.now):
        raise StripeError(
            f"The first phase must begin where one of the schedule's does: {', '.join(map(str, starts))}.",
            param="phases[0][start_date]",
        )
    found["phases"] = phases.build(call, found, sent["phases"], begins)
    if found["phases"][-1]["end_date"] <= call.now:
        raise StripeError("The last phase of a schedule must end in the future.", param="phases")
    if found["status"] == "active":
        prorating = sent.get("proration_behavior", "create_prorations")
        scheduling.enter(call, found, scheduling.current(found, call.now), prorating)
    else:
        scheduling.wait(call, found)
    return call.save(found, emits="subscription_schedule.updated")


@resource.post("/v1/subscription_schedules/{schedule}/cancel", {"invoice_now": boolean(), "prorate": boolean()})
def cancel(call: Call, schedule: str) -> Answer:
    """End a schedule and its subscription now; the time left is credited and billed unless that is not wished."""
    found = _running(call, schedule, "cancel", "canceled")
    prorates, bills = call.params.get("prorate", True), call.params.get("invoice_now", True)
    return scheduling.cancel(call, found, prorates=prorates, bills=bills)


@resource.post("/v1/subscription_schedules/{schedule}/release", {"preserve_cancel_date": boolean()})
def release(call: Call, schedule: str) -> Answer:
    """End a schedule; its subscription goes on."""
    found = _running(call, schedule, "release", "released")
    return scheduling.release(call, found, keeps_end=call.params.get("preserve_cancel_date", False))


@resource.action("schedule.go_on")
def go_on(call: Call, schedule: str, at: int) -> None:
    """A phase begins or the last one ended, unless the schedule was changed meanwhile."""
    found = call.find(KIND, schedule)
    if found and found["status"] in scheduling.RUNNING and at <= call.now:
        scheduling.go_on(call, found)


@resource.action("schedule.announce_end")
def announce_end(call: Call, schedule: str, end: int) -> None:
    """A week before a schedule ends."""
    found = call.find(KIND, schedule)
    if found and found["status"] == "active" and found["phases"][-1]["end_date"] == end:
        call.emit("subscription_schedule.expiring", found)
