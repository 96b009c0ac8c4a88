"""Subscriptions: create, retrieve, update, cancel, resume, migrate, list, search.

How one begins stands in beginnings.py, its periods in cycles.py, changes in changes.py, its end in leaving.py.
"""

from typing import Any, Final

from paydesk.server.sandbox import (
    agreements,
    beginnings,
    changes,
    clocks,
    cycles,
    leaving,
    lists,
    pending_updates,
    scheduling,
    search,
    subscribing,
)
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.conditions import Sql, all_of
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.lists import bounds
from paydesk.server.sandbox.params import (
    LISTING,
    SEARCHING,
    boolean,
    choice,
    mapping,
    required,
    text,
    times,
    timestamp,
    unserved,
)
from paydesk.server.sandbox.routes import Resource

STATUSES: Final = (
    *("active", "past_due", "unpaid", "canceled", "incomplete", "incomplete_expired", "trialing", "paused"),
    *("all", "ended"),
)
_CANCEL: Final = {
    "cancellation_details": agreements.CANCELLATION,
    "invoice_now": boolean(),
    "prorate": boolean(),
}
_LIST: Final = {
    **LISTING,
    "collection_method": agreements.METHODS,
    "current_period_end": times(),
    "current_period_start": times(),
    "customer": text(),
    "price": text(),
    "status": choice(*STATUSES),
    "test_clock": text(),
    **unserved("automatic_tax", "customer_account"),
}
_RESUME: Final = {
    "billing_cycle_anchor": choice("now", "unchanged"),
    "proration_behavior": changes.BEHAVIORS,
    "proration_date": timestamp(),
}
_MIGRATE: Final = {
    "billing_mode": required(
        mapping(
            {
                "flexible": mapping({"proration_discounts": choice("included", "itemized")}),
                "type": required(choice("flexible")),
            }
        )
    )
}
_OVER: Final = frozenset({"cancellation_details", "expand", "metadata"})
OVER: Final = "A canceled subscription can only update its cancellation_details and metadata."

resource = Resource()


@resource.post("/v1/subscriptions", agreements.CREATE)
def create(call: Call) -> Answer:
    """A new subscription; its first period is billed at once, unless a trial comes first or an invoice is sent."""
    customer = call.get("customer", call.params["customer"], param="customer")
    if customer.get("deleted"):
        raise missing("customer", customer["id"], "customer")
    return beginnings.begin(call, customer, call.params)


@resource.get("/v1/subscriptions", _LIST)
def list_all(call: Call) -> Answer:
    """Subscriptions, newest first; without `status` all but the canceled ones."""
    sent = call.params
    status = sent.get("status")
    clock = sent.get("test_clock")
    # Those of test clocks are shown only where the clock or the customer is named.
    conditions: list[Sql] = [only for only in (clocks.only_of(clock),) if only and "customer" not in sent]
    if status is None:
        conditions.append(("json_extract(o.body, '$.status') <> 'canceled'", []))
    elif status == "ended":
        conditions.append(("json_extract(o.body, '$.status') IN (?, ?)", list(subscribing.ENDED)))
    for bound in ("current_period_start", "current_period_end"):
        if bound in sent:
            within = f"json_extract(o.body, '$.items.data[0].{bound}') BETWEEN ? AND ?"
            conditions.append((within, list(bounds(sent[bound]))))
    where = {
        "customer": sent.get("customer"),
        "_prices": sent.get("price"),
        "status": status if status not in ("all", "ended") else None,
        "collection_method": sent.get("collection_method"),
        "test_clock": clock,
    }
    return lists.page(call, "subscription", where, matching=all_of(conditions))


@resource.get("/v1/subscriptions/search", SEARCHING)
def find(call: Call) -> Answer:
    """Subscriptions by the query language."""
    return search.answer(call, "subscription")


@resource.get("/v1/subscriptions/{subscription_exposed_id}")
def retrieve(call: Call, subscription_exposed_id: str) -> Answer:
    """One subscription, also one that ended."""
    return call.get("subscription", subscription_exposed_id)


@resource.post("/v1/subscriptions/{subscription_exposed_id}", agreements.UPDATE)
def update(call: Call, subscription_exposed_id: str) -> Answer:
    """Change a subscription; changed items are prorated as `proration_behavior` says."""
    found = call.get("subscription", subscription_exposed_id)
    if found["status"] in subscribing.ENDED and set(call.params) - _OVER:
        raise StripeError(OVER)
    return change(call, found, call.params)


def change(call: Call, subscription: Object, sent: dict[str, Any]) -> Object:
    """Put into a subscription what was sent, as `POST /v1/subscriptions/{id}` takes it."""
    behavior = sent.get("payment_behavior", "allow_incomplete")
    method = str(sent.get("collection_method", subscription["collection_method"]))
    agreements.check_due(sent, method, is_new=method != subscription["collection_method"])
    if behavior == "pending_if_incomplete":
        pending_updates.check(set(sent))
    subscription["collection_method"] = method
    days = sent.get("days_until_due", subscription["days_until_due"])
    subscription["days_until_due"] = days if method == "send_invoice" else None
    agreements.apply(call, subscription, sent)
    beginnings.add_extras(call, subscription, sent.get("add_invoice_items", []))
    wanted = changes.Change(
        items=sent.get("items", []),
        prorating=sent.get("proration_behavior", "create_prorations"),
        at=sent.get("proration_date", call.now),
        behavior=behavior,
        off_session=sent.get("off_session", False),
        resets=sent.get("billing_cycle_anchor") == "now",
        trial_end=_new_trial_end(call, subscription, sent),
    )
    if behavior == "pending_if_incomplete":
        pending_updates.attempt(call, subscription, lambda: changes.make(call, subscription, wanted))
    else:
        changes.make(call, subscription, wanted)
    return call.save(subscription, emits="customer.subscription.updated")


def _new_trial_end(call: Call, subscription: Object, sent: dict[str, Any]) -> int | None:
    if "trial_end" not in sent:
        return None
    if sent["trial_end"] == "now":
        return call.now if subscription["status"] == "trialing" else None
    return beginnings.future(call, sent["trial_end"])


@resource.delete("/v1/subscriptions/{subscription_exposed_id}", _CANCEL)
def cancel(call: Call, subscription_exposed_id: str) -> Answer:
    """End a subscription now; `prorate` credits the time left, `invoice_now` bills what is pending."""
    found = call.get("subscription", subscription_exposed_id)
    if found["status"] in subscribing.ENDED:
        raise missing("subscription", subscription_exposed_id, "id")
    sent = call.params
    found["cancellation_details"].update(sent.get("cancellation_details", {}))
    return leaving.cancel(call, found, prorates=sent.get("prorate", False), bills=sent.get("invoice_now", False))


@resource.post("/v1/subscriptions/{subscription}/resume", _RESUME)
def resume(call: Call, subscription: str) -> Answer:
    """Let a subscription that was paused at the end of its trial go on, with a new period from now on."""
    return leaving.resume(call, call.get("subscription", subscription, param="subscription"), call.params)


@resource.post("/v1/subscriptions/{subscription}/migrate", _MIGRATE)
def migrate(call: Call, subscription: str) -> Answer:
    """Bill a classic subscription in flexible mode from now on; there is no way back."""
    found = call.get("subscription", subscription, param="subscription")
    if found["status"] in subscribing.ENDED:
        raise StripeError(OVER)
    if found["billing_mode"]["type"] == "flexible":
        raise StripeError("This subscription is in the billing mode `flexible` already.", param="billing_mode[type]")
    discounts = call.params["billing_mode"].get("flexible", {}).get("proration_discounts", "included")
    found["billing_mode"] = {
        "flexible": {"proration_discounts": discounts},
        "type": "flexible",
        "updated_at": call.now,
    }
    return call.save(found, emits="customer.subscription.updated")


# Timed actions. Each looks whether what it was put off for is still so.


@resource.action("subscription.renew")
def renew(call: Call, subscription: str, period_end: int) -> None:
    """A period ended, unless the subscription ended or moved its periods before."""
    found = call.find("subscription", subscription)
    if not found or subscribing.period_of(found)[1] != period_end:
        return
    plan = found["schedule"] and call.find("subscription_schedule", found["schedule"])
    if plan and plan["status"] == "active":
        # A phase that begins with the period decides what the period is billed for.
        scheduling.go_on(call, plan)
    if found["status"] in ("active", "past_due", "trialing", "unpaid"):
        cycles.renew(call, found)


@resource.action("subscription.expire")
def expire(call: Call, subscription: str) -> None:
    """The first invoice's time is over."""
    found = call.find("subscription", subscription)
    if found and found["status"] == "incomplete":
        cycles.expire(call, found)


@resource.action("subscription.announce_trial_end")
def announce_trial_end(call: Call, subscription: str, trial_end: int) -> None:
    """Three days before a trial ends, or at once for a shorter one."""
    found = call.find("subscription", subscription)
    if found and found["status"] == "trialing" and found["trial_end"] == trial_end:
        call.emit("customer.subscription.trial_will_end", found)


@resource.action("subscription.announce_renewal")
def announce_renewal(call: Call, subscription: str, period_end: int) -> None:
    """A week before a renewal, of a subscription that is going to renew."""
    if not call.is_told:
        return
    found = call.find("subscription", subscription)
    if not found or found["status"] not in ("active", "trialing") or found["cancel_at"] is not None:
        return
    if subscribing.period_of(found)[1] == period_end:
        call.emit("invoice.upcoming", cycles.upcoming(call, found))


@resource.action("subscription.end")
def end(call: Call, subscription: str, at: int) -> None:
    """A `cancel_at` has come."""
    found = call.find("subscription", subscription)
    if found and found["cancel_at"] == at and found["status"] not in subscribing.ENDED:
        leaving.end_as_planned(call, found)


@resource.action("subscription.collect_again")
def collect_again(call: Call, subscription: str, resumes_at: int) -> None:
    """The pause of collecting is over."""
    found = call.find("subscription", subscription)
    if found and (found["pause_collection"] or {}).get("resumes_at") == resumes_at:
        found["pause_collection"] = None
        call.save(found, emits="customer.subscription.updated")


@resource.action("subscription.expire_update")
def expire_update(call: Call, subscription: str, invoice: str) -> None:
    """Nobody paid for a change in time: it is dropped."""
    found = call.find("subscription", subscription)
    if found and (found.get("_pending_update") or {}).get("invoice") == invoice:
        pending_updates.expire(call, found)
