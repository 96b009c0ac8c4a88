"""Subscriptions as objects: the subscription, its items and their periods, and how one ends.

Periods stand on the items; all items of a subscription share one interval here, so they share their periods too.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from paydesk.server.sandbox import lists, periods
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Kind, Object, visible

# An unpaid first invoice ends the subscription after 23 hours (https://docs.stripe.com/billing/subscriptions/overview).
INCOMPLETE_FOR_S: Final = 23 * periods.HOUR_S
# `invoice.upcoming` comes a week before a renewal, as in a new account's settings.
UPCOMING_NOTICE_S: Final = 7 * periods.DAY_S
ENDED: Final = ("canceled", "incomplete_expired")


def shown(call: Call, subscription: Object) -> Object:
    """With its prices as they are now."""
    items = []
    for item in subscription["items"]["data"]:
        price = call.find("price", item["price"]["id"])
        items.append({**item, "price": visible_price(price)} if price else item)
    return _summed({**visible(subscription), "items": {**subscription["items"], "data": items}})


SUBSCRIPTION: Final = Kind(
    name="subscription",
    prefix="sub_",
    param="id",
    indexed=("customer", "status", "collection_method", "test_clock", "pending_setup_intent", "_items", "_prices"),
    expands=(
        *("customer", "default_payment_method", "latest_invoice", "pending_setup_intent", "schedule", "test_clock"),
        *("discounts", "application", "on_behalf_of"),
        *(
            "automatic_tax.liability.account",
            "billing_schedules.applies_to.price",
            "cancellation_details.feedback_option",
            "default_source",
            "invoice_settings.account_tax_ids",
            "invoice_settings.issuer.account",
            "pending_update.discounts",
            "transfer_data.destination",
        ),
    ),
    searches={"canceled_at": "number", "created": "number", "metadata": "metadata", "status": "token"},
    shows=shown,
)
SUBSCRIPTION_ITEM: Final = Kind(
    name="subscription_item", prefix="si_", called="subscription_item", expands=("discounts",)
)


@dataclass(frozen=True, slots=True)
class Trial:
    """A span without charge, in seconds since 1970."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a subscription is made of. `fields` are set on the object as they are."""

    customer: str
    currency: str
    status: str
    anchor: int
    trial: Trial | None = None
    collection_method: str = "charge_automatically"
    days_until_due: int | None = None
    fields: dict[str, Any] = field(default_factory=dict)


def is_metered(price: Object) -> bool:
    """Whether a price is paid afterwards, by what was used."""
    return bool(price["recurring"]["usage_type"] == "metered")


def item_object(
    identifier: str, created: int, subscription: str, price: Object, *, quantity: int, period: tuple[int, int]
) -> Object:
    """One item: so many of a price, billed for `period` (start and end) as it stands; a metered one has no quantity."""
    item: Object = {
        "id": identifier,
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": created,
        "current_period_end": period[1],
        "current_period_start": period[0],
        "discounts": [],
        "metadata": {},
        "plan": plan_of(price),
        "price": visible_price(price),
        "quantity": quantity,
        "subscription": subscription,
        "tax_rates": [],
    }
    if is_metered(price):
        del item["quantity"]
    return item


def visible_price(price: Object) -> Object:
    """A price as other objects hold it."""
    return {name: value for name, value in price.items() if not name.startswith("_")}


def plan_of(price: Object) -> Object:
    """The price in the older form that items still carry."""
    recurring = price["recurring"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": False,
        "metadata": price["metadata"],
        "meter": recurring["meter"],
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": price["tiers_mode"],
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": recurring["usage_type"],
    }


def subscription_object(identifier: str, created: int, agreement: Agreement, items: list[Object]) -> Object:
    """A subscription that begins now; its items were made by `item_object`."""
    trial = agreement.trial
    body: Object = {
        "id": identifier,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": agreement.anchor,
        "billing_cycle_anchor_config": None,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible", "updated_at": created},
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": agreement.collection_method,
        "created": created,
        "currency": agreement.currency,
        "customer": agreement.customer,
        "customer_account": None,
        "days_until_due": agreement.days_until_due,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
        "latest_invoice": None,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": {},
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": created,
        "status": agreement.status,
        "test_clock": None,
        "transfer_data": None,
        "trial_end": trial.end if trial else None,
        "trial_settings": {"end_behavior": {"billing_cycle_anchor": "now", "missing_payment_method": "create_invoice"}},
        "trial_start": trial.start if trial else None,
        **agreement.fields,
    }
    body["_billed"] = {}
    set_items(body, items)
    for item in items:
        note_billed(body, item)
    return body


def set_items(subscription: Object, items: list[Object]) -> None:
    """Give a subscription its items, and what follows from them."""
    url = f"/v1/subscription_items?subscription={subscription['id']}"
    subscription["items"] = lists.whole(items, url)
    subscription["_items"] = [item["id"] for item in items]
    subscription["_prices"] = sorted({item["price"]["id"] for item in items})
    _summed(subscription)


def note_billed(subscription: Object, item: Object, line: Object | None = None, *, is_free: bool = False) -> None:
    """Remember how an item's current period was billed, and on which line, for later credits; None for not at all."""
    subscription["_billed"][item["id"]] = (
        None
        if is_free
        else {
            "price": item["price"]["id"],
            "quantity": item.get("quantity", 0),
            "invoice": line and line["invoice"],
            "line": line and line["id"],
        }
    )


def _summed(subscription: Object) -> Object:
    """`plan` and `quantity` of a subscription with one item, as Stripe still shows them."""
    items = subscription["items"]["data"]
    for item in items:
        item["plan"] = plan_of(item["price"])
    subscription["plan"] = items[0]["plan"] if len(items) == 1 else None
    subscription["quantity"] = items[0].get("quantity") if len(items) == 1 else None
    return subscription


def period_of(subscription: Object) -> tuple[int, int]:
    """Start and end of the current period."""
    first = subscription["items"]["data"][0]
    return first["current_period_start"], first["current_period_end"]


def natural(subscription: Object, moment: int) -> tuple[int, int]:
    """The whole period of the billing cycle that holds a moment, wherever the subscription began or ends in it."""
    recurring = subscription["items"]["data"][0]["price"]["recurring"]
    config = subscription["billing_cycle_anchor_config"] or {}
    return periods.around(
        subscription["billing_cycle_anchor"],
        recurring["interval"],
        recurring["interval_count"],
        moment,
        day=config.get("day_of_month"),
    )


def next_end(subscription: Object, moment: int) -> int:
    """Where the period ends that holds a moment."""
    return natural(subscription, moment)[1]


def length_s(subscription: Object, period: tuple[int, int]) -> int:
    """How long the period would be that a (shorter) one is a part of."""
    start, end = natural(subscription, period[0])
    is_part = start <= period[0] and period[1] <= end
    return end - start if is_part else period[1] - period[0]


def share(subscription: Object, period: tuple[int, int]) -> Fraction:
    """What part of a whole period a span is: 1, or less where the anchor or the end of the subscription cuts it."""
    return Fraction(period[1] - period[0], length_s(subscription, period))


def move_period(subscription: Object, start: int, end: int) -> None:
    """Set every item's current period; an end with the period moves along."""
    for item in subscription["items"]["data"]:
        item["current_period_start"], item["current_period_end"] = start, end
    if subscription["cancel_at_period_end"]:
        subscription["cancel_at"] = end


def schedule(call: Call, subscription: Object) -> None:
    """Have the subscription renew, or end, when its period does. For every one that was not made by its resource."""
    end = period_of(subscription)[1]
    if end - UPCOMING_NOTICE_S > call.now:
        notice = {"subscription": subscription["id"], "period_end": end}
        call.later(end - UPCOMING_NOTICE_S, "subscription.announce_renewal", **notice)
    call.later(end, "subscription.renew", subscription=subscription["id"], period_end=end)


def end(call: Call, subscription: Object, *, reason: str | None, status: str = "canceled") -> Object:
    """End a subscription now, for a `cancellation_details.reason`; its open invoices are no longer collected."""
    subscription["status"] = status
    subscription["ended_at"] = call.now
    subscription["canceled_at"] = subscription["canceled_at"] or call.now
    subscription["cancellation_details"]["reason"] = reason
    subscription.pop("_pending_update", None)
    subscription["pending_update"] = None
    for invoice in call.every(
        "invoice", {"parent.subscription_details.subscription": subscription["id"], "status": "open"}
    ):
        invoice.update(auto_advance=False, next_payment_attempt=None)
        call.save(invoice, emits="invoice.updated")
    call.save(subscription)
    call.emit("customer.subscription.deleted", subscription)
    plan = subscription["schedule"] and call.find("subscription_schedule", subscription["schedule"])
    if plan and plan["status"] in ("active", "not_started"):
        plan.update(status="canceled", canceled_at=call.now, current_phase=None)
        call.save(plan)
        call.emit(f"subscription_schedule.{'aborted' if reason == 'payment_failed' else 'canceled'}", plan)
    return subscription
