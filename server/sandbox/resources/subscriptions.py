"""Subscriptions: create, retrieve, update, cancel, list, search. Periods stand in cycles.py, changes in changes.py."""

from typing import Any, Final

from paydesk.server.sandbox import (
    changes,
    clocks,
    cycles,
    lists,
    pending,
    periods,
    prorations,
    search,
    subscribing,
    subscription_terms,
)
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.conditions import Sql, all_of
from paydesk.server.sandbox.errors import StripeError, missing, unserved_parameter
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.lists import bounds
from paydesk.server.sandbox.params import (
    LISTING,
    SEARCHING,
    boolean,
    choice,
    clearable,
    currency,
    either,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
    times,
    timestamp,
    unserved,
)
from paydesk.server.sandbox.resources.invoices import own_method
from paydesk.server.sandbox.routes import Resource

STATUSES: Final = (
    *("active", "past_due", "unpaid", "canceled", "incomplete", "incomplete_expired", "trialing", "paused"),
    *("all", "ended"),
)
MAX_ITEMS: Final = 20
_METHODS: Final = choice("charge_automatically", "send_invoice")
_FEEDBACK: Final = choice(
    *("customer_service", "low_quality", "missing_features", "other", "switched_service", "too_complex"),
    *("too_expensive", "unused"),
)
_CANCELLATION: Final = mapping(
    {"comment": clearable(text()), "feedback": clearable(_FEEDBACK), **unserved("feedback_option")}
)
_BEHAVIORS: Final = choice("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete")
_SHARED: Final = {
    "cancel_at_period_end": boolean(),
    "collection_method": _METHODS,
    "days_until_due": integer(0, 730),
    "default_payment_method": clearable(text()),
    "description": clearable(text(500)),
    "metadata": metadata(),
    "off_session": boolean(),
    "payment_behavior": _BEHAVIORS,
    "payment_settings": mapping(
        {
            "payment_method_types": clearable(list_of(choice("card", "link"))),
            "save_default_payment_method": choice("off", "on_subscription"),
            **unserved("payment_method_options"),
        }
    ),
    "proration_behavior": changes.BEHAVIORS,
    "trial_end": either(mapping({}), text()),
    "trial_settings": mapping(
        {
            "end_behavior": required(
                mapping({"missing_payment_method": required(choice("cancel", "create_invoice", "pause"))})
            )
        }
    ),
    **unserved("add_invoice_items", "application_fee_percent", "automatic_tax", "billing_schedules"),
    **subscription_terms.DECLARED,
    **unserved("billing_thresholds", "cancel_at", "default_source"),
    **unserved("invoice_settings", "on_behalf_of", "pending_invoice_item_interval", "transfer_data"),
    **unserved("trial_from_plan"),
}
_CREATE: Final = {
    **_SHARED,
    "billing_mode": mapping(
        {
            "flexible": mapping({"proration_discounts": choice("included", "itemized")}),
            "type": required(choice("classic", "flexible")),
        }
    ),
    "currency": currency(),
    "customer": required(text()),
    "items": required(list_of(mapping(changes.NEW_ITEM), maximum=MAX_ITEMS)),
    "trial_period_days": integer(0, 730),
    **unserved("backdate_start_date", "billing_cycle_anchor", "billing_cycle_anchor_config", "customer_account"),
}
_UPDATE: Final = {
    **_SHARED,
    "billing_cycle_anchor": choice("now", "unchanged"),
    "cancellation_details": _CANCELLATION,
    "items": list_of(mapping(changes.ITEM), maximum=MAX_ITEMS),
    "proration_date": timestamp(),
    **unserved("pause_collection"),
}
_CANCEL: Final = {"cancellation_details": _CANCELLATION, "invoice_now": boolean(), "prorate": boolean()}
_LIST: Final = {
    **LISTING,
    "collection_method": _METHODS,
    "current_period_end": times(),
    "current_period_start": times(),
    "customer": text(),
    "price": text(),
    "status": choice(*STATUSES),
    "test_clock": text(),
    **unserved("automatic_tax", "customer_account"),
}
_OVER: Final = frozenset({"cancellation_details", "expand", "metadata"})

resource = Resource()


@resource.post("/v1/subscriptions", _CREATE)
def create(call: Call) -> Answer:
    """A new subscription; its first period is billed at once, unless a trial comes first or an invoice is sent."""
    sent = call.params
    customer = call.get("customer", sent["customer"], param="customer")
    if customer.get("deleted"):
        raise missing("customer", customer["id"], "customer")
    chosen = changes.chosen(call, sent["items"])
    money_of = changes.check_together(call, customer, [price for price, _, _ in chosen], sent.get("currency"))
    if sent.get("billing_mode", {}).get("type") == "classic":
        raise StripeError("The sandbox serves the billing mode `flexible` only.", param="billing_mode[type]")
    method = sent.get("collection_method", "charge_automatically")
    _check_due(sent, method, is_new=True)
    trial = _trial(call, sent)
    begins = "active" if method == "send_invoice" else "incomplete"
    agreement = subscribing.Agreement(
        customer=customer["id"],
        currency=money_of,
        status="trialing" if trial else begins,
        anchor=trial.end if trial else call.now,
        trial=trial,
        collection_method=method,
        days_until_due=sent.get("days_until_due"),
    )
    identifier = call.new_id("sub_1")
    recurring = chosen[0][0]["recurring"]
    first_end = periods.end_after(call.now, recurring["interval"], recurring["interval_count"], call.now)
    period = (call.now, trial.end if trial else first_end)
    items = [changes.make_item(call, identifier, *one, period=period) for one in chosen]
    for index, (item, one) in enumerate(zip(items, sent["items"], strict=True)):
        subscription_terms.take_item(call, customer["id"], item, one, f"items[{index}]")
    subscription = subscribing.subscription_object(identifier, call.now, agreement, items)
    _apply(call, subscription, sent)
    behavior = _behavior(sent)
    return cycles.start(call, customer, subscription, behavior=behavior, off_session=sent.get("off_session", False))


def _behavior(sent: dict[str, Any]) -> str:
    behavior: str = sent.get("payment_behavior", "allow_incomplete")
    if behavior == "pending_if_incomplete":
        raise unserved_parameter("payment_behavior=pending_if_incomplete")
    return behavior


def _check_due(sent: dict[str, Any], method: str, *, is_new: bool) -> None:
    if method == "send_invoice":
        if is_new and "days_until_due" not in sent:
            raise StripeError(
                "You must specify `days_until_due` when `collection_method` is `send_invoice`.", param="days_until_due"
            )
    elif "days_until_due" in sent:
        raise StripeError(
            "You can only specify `days_until_due` if `collection_method` is `send_invoice`.", param="days_until_due"
        )


def _trial(call: Call, sent: dict[str, Any]) -> subscribing.Trial | None:
    if "trial_end" in sent and "trial_period_days" in sent:
        raise StripeError(
            "You may only specify one of these parameters: trial_end, trial_period_days.", param="trial_end"
        )
    if sent.get("trial_period_days"):
        return subscribing.Trial(call.now, call.now + sent["trial_period_days"] * periods.DAY_S)
    if sent.get("trial_end", "now") == "now":
        return None
    return subscribing.Trial(call.now, _future(call, sent["trial_end"]))


def _future(call: Call, value: str) -> int:
    """A trial's end: a time to come, no further away than Stripe allows."""
    at: int = timestamp().read(value, "trial_end")
    if at <= call.now:
        raise StripeError("Invalid timestamp: must be an integer Unix timestamp in the future.", param="trial_end")
    if at > call.now + 731 * periods.DAY_S:
        raise StripeError("Invalid timestamp: can be no more than two years in the future.", param="trial_end")
    return at


@resource.get("/v1/subscriptions", _LIST)
def list_all(call: Call) -> Answer:
    """Subscriptions, newest first; without `status` all but the canceled ones."""
    sent = call.params
    status = sent.get("status")
    clock = sent.get("test_clock")
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


@resource.post("/v1/subscriptions/{subscription_exposed_id}", _UPDATE)
def update(call: Call, subscription_exposed_id: str) -> Answer:
    """Change a subscription; changed items are prorated as `proration_behavior` says."""
    found = call.get("subscription", subscription_exposed_id)
    sent = call.params
    if found["status"] in subscribing.ENDED and set(sent) - _OVER:
        raise StripeError("A canceled subscription can only update its cancellation_details and metadata.")
    behavior = _behavior(sent)
    method = str(sent.get("collection_method", found["collection_method"]))
    _check_due(sent, method, is_new=method != found["collection_method"])
    found["collection_method"] = method
    found["days_until_due"] = sent.get("days_until_due", found["days_until_due"]) if method == "send_invoice" else None
    _apply(call, found, sent)
    change = changes.Change(
        items=sent.get("items", []),
        prorating=sent.get("proration_behavior", "create_prorations"),
        at=sent.get("proration_date", call.now),
        behavior=behavior,
        off_session=sent.get("off_session", False),
        resets=sent.get("billing_cycle_anchor") == "now",
        trial_end=_new_trial_end(call, found, sent),
    )
    changes.make(call, found, change)
    return call.save(found, emits="customer.subscription.updated")


def _new_trial_end(call: Call, subscription: Object, sent: dict[str, Any]) -> int | None:
    if "trial_end" not in sent:
        return None
    if subscription["status"] != "trialing":
        if sent["trial_end"] == "now":
            return None
        raise StripeError("The sandbox gives a trial only to new subscriptions.", param="trial_end")
    return call.now if sent["trial_end"] == "now" else _future(call, sent["trial_end"])


def _apply(call: Call, subscription: Object, sent: dict[str, Any]) -> None:
    if "description" in sent:
        subscription["description"] = sent["description"]
    if "metadata" in sent:
        subscription["metadata"] = merged_metadata(subscription["metadata"], sent["metadata"])
    if "default_payment_method" in sent:
        method = own_method(call, subscription["customer"], sent["default_payment_method"])
        subscription["default_payment_method"] = method
    if "payment_settings" in sent:
        subscription["payment_settings"].update(sent["payment_settings"])
    if "trial_settings" in sent:
        end_behavior = sent["trial_settings"]["end_behavior"]
        if end_behavior["missing_payment_method"] == "pause":
            raise unserved_parameter("trial_settings[end_behavior][missing_payment_method]=pause")
        subscription["trial_settings"]["end_behavior"].update(end_behavior)
    subscription_terms.take(call, subscription, sent)
    if "cancellation_details" in sent:
        subscription["cancellation_details"].update(sent["cancellation_details"])
    if "cancel_at_period_end" in sent:
        _end_with_period(call, subscription, wanted=sent["cancel_at_period_end"])


def _end_with_period(call: Call, subscription: Object, *, wanted: bool) -> None:
    if wanted == subscription["cancel_at_period_end"]:
        return
    subscription["cancel_at_period_end"] = wanted
    subscription["cancel_at"] = subscribing.period_of(subscription)[1] if wanted else None
    subscription["canceled_at"] = call.now if wanted else None
    subscription["cancellation_details"]["reason"] = "cancellation_requested" if wanted else None


@resource.delete("/v1/subscriptions/{subscription_exposed_id}", _CANCEL)
def cancel(call: Call, subscription_exposed_id: str) -> Answer:
    """End a subscription now; `prorate` credits the time left, `invoice_now` bills what is pending."""
    found = call.get("subscription", subscription_exposed_id)
    if found["status"] in subscribing.ENDED:
        raise missing("subscription", subscription_exposed_id, "id")
    sent = call.params
    customer = call.get("customer", found["customer"])
    bills = sent.get("invoice_now", False)
    if sent.get("prorate") and found["status"] in ("active", "past_due"):
        share = prorations.rest_of_period(found, call.now)
        for item in reversed(found["items"]["data"]):
            body = prorations.credit(call, found, item, share)
            if not bills:
                # Left pending after the subscription is gone, a credit belongs to nothing (recorded: probe_proration).
                body["parent"] = None
                body.pop("proration_details")
            pending.add(call, found["customer"], body)
    if bills:
        cycles.bill_rest(call, customer, found)
    found["cancellation_details"].update(sent.get("cancellation_details", {}))
    found.update(cancel_at_period_end=False, cancel_at=None, canceled_at=call.now)
    return subscribing.end(call, found, reason="cancellation_requested")


@resource.action("subscription.renew")
def renew(call: Call, subscription: str, period_end: int) -> None:
    """A period ended, unless the subscription ended or moved its periods before."""
    found = call.find("subscription", subscription)
    if not found or subscribing.period_of(found)[1] != period_end:
        return
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
