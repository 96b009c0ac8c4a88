"""Subscription schedules: phases of a subscription, entered one after the other at their time.

not_started --start--> active --last phase ends--> released | completed (its subscription cancelled)
     '--cancel--> canceled   '--release--> released, the subscription goes on without it
"""

from typing import Any, Final

from paydesk.server.sandbox import agreements, beginnings, changes, leaving, periods, subscribing
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Kind, Object

SCHEDULE: Final = Kind(
    name="subscription_schedule",
    prefix="sub_sched_",
    called="subscription schedule",
    param="schedule",
    indexed=("customer", "status", "test_clock"),
    expands=(
        *("customer", "subscription", "test_clock", "application", "default_settings.default_payment_method"),
        *("phases.default_payment_method", "phases.items.price", "phases.add_invoice_items.price"),
        *("phases.discounts.coupon", "phases.discounts.discount", "phases.discounts.promotion_code"),
        *("phases.items.discounts.coupon", "phases.items.discounts.promotion_code"),
        *(
            "default_settings.automatic_tax.liability.account",
            "default_settings.invoice_settings.account_tax_ids",
            "default_settings.invoice_settings.issuer.account",
            "default_settings.on_behalf_of",
            "default_settings.transfer_data.destination",
            "phases.add_invoice_items.discounts.coupon",
            "phases.add_invoice_items.discounts.discount",
            "phases.add_invoice_items.discounts.promotion_code",
            "phases.automatic_tax.liability.account",
            "phases.invoice_settings.account_tax_ids",
            "phases.invoice_settings.issuer.account",
            "phases.items.discounts.discount",
            "phases.on_behalf_of",
            "phases.transfer_data.destination",
        ),
    ),
)
EXPIRING_NOTICE_S: Final = 7 * periods.DAY_S
RUNNING: Final = ("not_started", "active")
# What a phase passes on to its subscription under the same name.
_PASSED: Final = ("collection_method", "default_payment_method", "description", "discounts")


def wait(call: Call, schedule: Object) -> None:
    """Have the schedule go on when its next phase begins, or its last one ends."""
    phase = current(schedule, call.now)
    at = schedule["phases"][0]["start_date"] if schedule["status"] == "not_started" else phase["end_date"]
    call.later(at, "schedule.go_on", schedule=schedule["id"], at=at)
    last = schedule["phases"][-1]
    notice = last["end_date"] - EXPIRING_NOTICE_S
    if phase is last and notice > call.now:
        call.later(notice, "schedule.announce_end", schedule=schedule["id"], end=last["end_date"])


def current(schedule: Object, moment: int) -> Object:
    """The phase that holds a moment; before the first and after the last one these."""
    phases: list[Object] = schedule["phases"]
    return next((phase for phase in phases if moment < phase["end_date"]), phases[-1])


def begin(call: Call, schedule: Object) -> Object:
    """Start the first phase now: its subscription, whose first invoice is a draft for an hour as a renewal's is."""
    phase = current(schedule, call.now)
    customer = call.get("customer", schedule["customer"])
    sent: dict[str, Any] = {
        **_passed(schedule, phase),
        "items": [_item(one) for one in phase["items"]],
        "currency": phase["currency"],
        "metadata": dict(phase["metadata"]),
        "add_invoice_items": _extras(phase),
        "billing_mode": {"type": schedule["billing_mode"]["type"]},
        "proration_behavior": phase["proration_behavior"],
    }
    if phase["trial_end"]:
        sent["trial_end"] = str(phase["trial_end"])
    if phase["start_date"] < call.now:
        sent["backdate_start_date"] = phase["start_date"]
    subscription = beginnings.begin(call, customer, sent, schedule=schedule["id"], advances=True)
    schedule.update(status="active", subscription=subscription["id"], current_phase=_span(phase))
    call.save(schedule, emits="subscription_schedule.updated")
    _plan_cancel(call, schedule, subscription)
    wait(call, schedule)
    return subscription


def _span(phase: Object) -> Object:
    return {"end_date": phase["end_date"], "start_date": phase["start_date"]}


def _item(one: Object) -> dict[str, Any]:
    sent = {"price": one["price"], "metadata": one["metadata"], "discounts": one["discounts"]}
    if one.get("quantity") is not None:
        sent["quantity"] = one["quantity"]
    if one["tax_rates"]:
        sent["tax_rates"] = [rate["id"] for rate in one["tax_rates"]]
    return sent


def _extras(phase: Object) -> list[dict[str, Any]]:
    """The one-time items of a phase as they would be sent; they are for the whole of it."""
    span = {"end": phase["end_date"], "start": phase["start_date"]}
    extras = [{name: one[name] for name in one if one[name] is not None} for one in phase["add_invoice_items"]]
    return [{**one, "period": span} for one in extras]


def _passed(schedule: Object, phase: Object) -> dict[str, Any]:
    """What the phase, or by default the schedule, says of how the subscription is collected and worded."""
    settings = schedule["default_settings"]
    sent = {name: phase[name] or settings.get(name) for name in _PASSED}
    sent = {name: value for name, value in sent.items() if value}
    invoices = {**settings["invoice_settings"], **(phase["invoice_settings"] or {})}
    if sent.get("collection_method") == "send_invoice":
        sent["days_until_due"] = invoices["days_until_due"] or 30
    texts = {name: invoices[name] for name in ("custom_fields", "description", "footer") if invoices[name]}
    if texts:
        sent["invoice_settings"] = texts
    if phase["default_tax_rates"]:
        sent["default_tax_rates"] = [rate["id"] for rate in phase["default_tax_rates"]]
    return sent


def go_on(call: Call, schedule: Object) -> None:
    """Enter the phase that has come, or end after the last one."""
    if schedule["status"] == "not_started":
        begin(call, schedule)
        return
    if schedule["phases"][-1]["end_date"] <= call.now:
        _finish(call, schedule)
        return
    phase = current(schedule, call.now)
    if schedule["current_phase"] == _span(phase):
        return
    enter(call, schedule, phase, phase["proration_behavior"])


def enter(call: Call, schedule: Object, phase: Object, prorating: str) -> None:
    """Make the subscription what a phase says."""
    subscription = call.get("subscription", schedule["subscription"])
    passed = {**_passed(schedule, phase), "discounts": phase["discounts"], "metadata": dict(phase["metadata"])}
    agreements.apply(call, subscription, passed)
    subscription["collection_method"] = (
        phase["collection_method"] or schedule["default_settings"]["collection_method"] or "charge_automatically"
    )
    beginnings.add_extras(call, subscription, _extras(phase))
    is_at_end = subscribing.period_of(subscription)[1] <= call.now
    anchoring = phase["billing_cycle_anchor"] or schedule["default_settings"]["billing_cycle_anchor"]
    starts_trial = phase["trial_end"] is not None and phase["trial_end"] > call.now
    change = changes.Change(
        items=_differences(subscription, phase),
        prorating=prorating,
        at=call.now,
        behavior="allow_incomplete",
        off_session=True,
        resets=anchoring == "phase_start" and not is_at_end,
        trial_end=phase["trial_end"] if starts_trial else None,
    )
    if is_at_end and not starts_trial:
        changes.replace(call, subscription, change)
    else:
        changes.make(call, subscription, change)
    call.save(subscription, emits="customer.subscription.updated")
    schedule["current_phase"] = _span(phase)
    call.save(schedule, emits="subscription_schedule.updated")
    _plan_cancel(call, schedule, subscription)
    wait(call, schedule)


def _differences(subscription: Object, phase: Object) -> list[dict[str, Any]]:
    """The items of a phase as changes of the subscription's: the same price keeps its item."""
    old = {item["price"]["id"]: item["id"] for item in subscription["items"]["data"]}
    wanted = [one for one in phase["items"] if one["price"] not in old]
    sent = [{"id": old.pop(one["price"]), **_item(one)} for one in phase["items"] if one["price"] in old]
    # Other prices take over the items of those that went.
    for identifier in old.values():
        became = _item(wanted.pop(0)) if wanted else {"deleted": True}
        sent += [{"id": identifier, **became}]
    return sent + [_item(one) for one in wanted]


def _plan_cancel(call: Call, schedule: Object, subscription: Object) -> None:
    """A subscription whose schedule will cancel it says when."""
    ends = schedule["end_behavior"] == "cancel"
    planned = schedule["phases"][-1]["end_date"] if ends else None
    if ends or subscription.get("_ends_by") == schedule["id"]:
        subscription.update(cancel_at=planned, cancel_at_period_end=False)
        subscription["_ends_by"] = schedule["id"] if ends else None
        call.save(subscription, emits="customer.subscription.updated")


def replan(call: Call, schedule: Object) -> None:
    """The schedule's end changed: its subscription follows."""
    if schedule["subscription"]:
        _plan_cancel(call, schedule, call.get("subscription", schedule["subscription"]))


def _finish(call: Call, schedule: Object) -> None:
    end = schedule["end_behavior"]
    if end == "renew":
        last = schedule["phases"][-1]
        length = last["end_date"] - last["start_date"]
        again = {**last, "start_date": last["end_date"], "end_date": last["end_date"] + length, "trial_end": None}
        schedule["phases"] = [*schedule["phases"], again]
        enter(call, schedule, again, "none")
        return
    if end != "cancel":
        release(call, schedule)
        return
    subscription = call.find("subscription", schedule["subscription"] or "")
    schedule.update(status="completed", completed_at=call.now, current_phase=None)
    call.save(schedule)
    call.emit("subscription_schedule.completed", schedule)
    if subscription and subscription["status"] not in subscribing.ENDED:
        leaving.end_as_planned(call, subscription)


def release(call: Call, schedule: Object, *, keeps_end: bool = False) -> Object:
    """Let the subscription go on without the schedule."""
    subscription = call.find("subscription", schedule["subscription"] or "")
    if subscription:
        subscription["schedule"] = None
        if subscription.pop("_ends_by", None) and not keeps_end:
            subscription["cancel_at"] = None
        elif keeps_end and subscription["cancel_at"]:
            agreements.plan_end(call, subscription, subscription["cancel_at"])
        call.save(subscription, emits="customer.subscription.updated")
    schedule.update(
        status="released",
        released_at=call.now,
        released_subscription=schedule["subscription"],
        subscription=None,
        current_phase=None,
    )
    call.save(schedule)
    call.emit("subscription_schedule.released", schedule)
    return schedule


def cancel(call: Call, schedule: Object, *, prorates: bool, bills: bool) -> Object:
    """End the schedule and its subscription now."""
    schedule.update(status="canceled", canceled_at=call.now, current_phase=None)
    call.save(schedule)
    call.emit("subscription_schedule.canceled", schedule)
    subscription = call.find("subscription", schedule["subscription"] or "")
    if subscription and subscription["status"] not in subscribing.ENDED:
        leaving.cancel(call, subscription, prorates=prorates, bills=bills)
    return schedule
