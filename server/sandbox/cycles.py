"""Billing cycles: a subscription's first invoice, its renewals, and what is billed when it changes or ends.

incomplete --first payment--> active --payment fails--> past_due --paid--> active
    '--23 hours--> incomplete_expired     trialing --trial ends--> active     any of them --cancel--> canceled
"""

from collections.abc import Callable
from typing import Final

from paydesk.server.sandbox import collecting, invoicing, pending, periods, pricing, subscribing
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Object

TRIAL_NOTICE_S: Final = 3 * periods.DAY_S


def start(
    call: Call, customer: Object, subscription: Object, *, behavior: str = "allow_incomplete", off_session: bool = False
) -> Object:
    """Store a new subscription and bill its first period at once; StripeError where that must not fail and does.

    One that is charged begins as `incomplete`; with a trial or an invoice to be sent it runs from the start.
    """
    period = subscribing.period_of(subscription)
    is_trial = subscription["status"] == "trialing"
    sends = subscription["collection_method"] == "send_invoice"
    invoice = _draft(call, customer, subscription, "subscription_create", (call.now, call.now), advances=sends)
    lines = taken(call, customer, subscription, invoice) + lines_of(
        call, subscription, invoice, period, is_trial=is_trial
    )
    subscription["latest_invoice"] = invoice["id"]
    call.create(subscription, emits="customer.subscription.created")
    invoicing.put(call, invoice, lines, customer)
    if not sends:
        collect_now(call, invoice, behavior, off_session=off_session)
    if subscription["status"] == "incomplete":
        call.later(call.now + subscribing.INCOMPLETE_FOR_S, "subscription.expire", subscription=subscription["id"])
    subscribing.schedule(call, subscription)
    if is_trial:
        notice_at = max(call.now, period[1] - TRIAL_NOTICE_S)
        call.later(notice_at, "subscription.announce_trial_end", subscription=subscription["id"], trial_end=period[1])
    return subscription


def collect_now(call: Call, invoice: Object, behavior: str, *, off_session: bool, retries: bool = False) -> None:
    """Finalize an invoice and charge it, as `payment_behavior` says; `retries` lets the sandbox try again later."""
    collecting.finalize(call, invoice)
    if invoice["status"] == "paid" or behavior == "default_incomplete":
        return
    method = collecting.method_for(call, invoice)
    if method is None and not retries:
        raise collecting.no_method()
    refusal = collecting.attempt(call, invoice, method, off_session=off_session, by_itself=retries)
    if refusal and behavior == "error_if_incomplete":
        # Unlike a declined payment of its own, nothing of this request stays.
        refusal.keeps_effects = False
        raise refusal


def _draft(
    call: Call, customer: Object, subscription: Object, reason: str, period: tuple[int, int], *, advances: bool
) -> Object:
    days = subscription["days_until_due"]
    terms = invoicing.Terms(
        billing_reason=reason,
        period=period,
        subscription=subscription,
        auto_advance=advances,
        collection_method=subscription["collection_method"],
        due_date=None if days is None else call.now + days * periods.DAY_S,
    )
    return invoicing.draft(call, customer, subscription["currency"], terms)


def taken(call: Call, customer: Object, subscription: Object, invoice: Object) -> list[Object]:
    """The lines of what was pending for the subscription, or for none."""
    return pending.take(call, invoice, pending.due(call, customer, subscription["currency"], subscription))


def lines_of(
    call: Call, subscription: Object, invoice: Object, period: tuple[int, int], *, is_trial: bool = False
) -> list[Object]:
    """A line for each item's period, noted for later credits."""
    lines = []
    for item in subscription["items"]["data"]:
        price = call.get("price", item["price"]["id"])
        name = product_name(call, price)
        body = {
            "amount": 0 if is_trial else pricing.cost(price, item["quantity"]),
            "currency": price["currency"],
            "description": f"Trial period for {name}"
            if is_trial
            else pricing.line_description(price, name, item["quantity"]),
            "parent": _parent(subscription, item),
            "period": {"end": period[1], "start": period[0]},
            "pricing": invoicing.pricing_of(price),
            "quantity": item["quantity"],
        }
        line = invoicing.line_object(call.new_id("il_"), invoice["id"], body)
        subscribing.note_billed(subscription, item, line)
        lines.append(line)
    return lines


def product_name(call: Call, price: Object) -> str:
    """The name of a price's product."""
    return str((call.find("product", price["product"]) or {}).get("name", price["product"]))


def _parent(subscription: Object, item: Object) -> Object:
    return {
        "invoice_item_details": None,
        "subscription_item_details": {
            "invoice_item": None,
            "proration": False,
            "proration_details": {"credited_items": None},
            "subscription": subscription["id"],
            "subscription_item": item["id"],
        },
        "type": "subscription_item_details",
    }


def renew(call: Call, subscription: Object) -> None:
    """The period is over: end the subscription if that was wished, else begin the next one with a draft invoice."""
    customer = call.find("customer", subscription["customer"])
    if not customer or customer.get("deleted"):
        subscribing.end(call, subscription, reason=None)
        return
    if subscription["cancel_at_period_end"]:
        bill_rest(call, customer, subscription)
        subscribing.end(call, subscription, reason="cancellation_requested")
        return
    if subscription["status"] == "trialing":
        if _must_stop(subscription, customer):
            subscribing.end(call, subscription, reason=None)
            return
        subscription["status"] = "active"
    old_start, now = subscribing.period_of(subscription)
    following = subscribing.next_end(subscription, now)
    subscribing.move_period(subscription, now, following)
    # While a subscription is unpaid its invoices stay drafts (https://docs.stripe.com/billing/subscriptions/overview).
    advances = subscription["status"] != "unpaid"
    invoice = _draft(call, customer, subscription, "subscription_cycle", (old_start, now), advances=advances)
    lines = taken(call, customer, subscription, invoice)
    lines += lines_of(call, subscription, invoice, (now, following))
    subscription["latest_invoice"] = invoice["id"]
    call.save(subscription, emits="customer.subscription.updated")
    invoicing.put(call, invoice, lines, customer)
    subscribing.schedule(call, subscription)


def _must_stop(subscription: Object, customer: Object) -> bool:
    """A trial that ends without a payment method, where that was to cancel it."""
    wanted = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    method = subscription["default_payment_method"] or customer["invoice_settings"]["default_payment_method"]
    return bool(wanted == "cancel" and method is None)


def bill_now(
    call: Call,
    customer: Object,
    subscription: Object,
    *,
    behavior: str,
    off_session: bool,
    make_lines: Callable[[Object], list[Object]] | None = None,
) -> Object | None:
    """Invoice at once what a change made due (pending items, and lines made for the invoice); None where nothing is."""
    start, _ = subscribing.period_of(subscription)
    invoice = _draft(call, customer, subscription, "subscription_update", (start, call.now), advances=False)
    lines = taken(call, customer, subscription, invoice) + (make_lines(invoice) if make_lines else [])
    if not lines:
        return None
    invoice["auto_advance"] = True
    subscription["latest_invoice"] = invoice["id"]
    call.save(subscription, emits="customer.subscription.updated")
    invoicing.put(call, invoice, lines, customer)
    if subscription["collection_method"] == "send_invoice":
        collecting.finalize(call, invoice)
        return invoice
    collect_now(call, invoice, behavior, off_session=off_session, retries=True)
    if behavior == "default_incomplete" and invoice["status"] == "open" and subscription["status"] == "active":
        subscription["status"] = "past_due"
        call.save(subscription, emits="customer.subscription.updated")
    return invoice


def bill_rest(call: Call, customer: Object, subscription: Object) -> None:
    """A last draft for what is pending of a subscription that ended; it advances by itself."""
    start, end = subscribing.period_of(subscription)
    period = (start, min(end, call.now))
    items = [
        item for item in pending.waiting(call, customer["id"]) if pending.subscription_of(item) == subscription["id"]
    ]
    if not items:
        return
    invoice = _draft(call, customer, subscription, "subscription_cycle", period, advances=True)
    subscription["latest_invoice"] = invoice["id"]
    call.save(subscription)
    invoicing.put(call, invoice, pending.take(call, invoice, items), customer)


def expire(call: Call, subscription: Object) -> None:
    """Nobody paid the first invoice in time: it is void, and the subscription over."""
    for invoice in call.every("invoice", {"parent.subscription_details.subscription": subscription["id"]}):
        if invoice["status"] == "open":
            collecting.void(call, invoice)
    subscription["status"] = "incomplete_expired"
    subscription["ended_at"] = call.now
    call.save(subscription, emits="customer.subscription.updated")
