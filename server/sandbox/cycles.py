"""Billing cycles: a subscription's first invoice, its renewals, and what is billed when it changes or ends.

incomplete --first payment--> active --payment fails--> past_due --paid--> active
    '--23 hours--> incomplete_expired     trialing --trial ends--> active     any of them --cancel--> canceled
trialing --trial ends without a way to pay--> paused (or canceled) --resumed--> active
"""

from collections.abc import Callable
from typing import Final

from paydesk.server.sandbox import collecting, first_setup, invoicing, pending, periods, subscribing, subscription_lines
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Object

TRIAL_NOTICE_S: Final = 3 * periods.DAY_S
_TENTATIVE: Final = "pending_if_incomplete"


def start(
    call: Call,
    customer: Object,
    subscription: Object,
    *,
    behavior: str = "allow_incomplete",
    off_session: bool = False,
    is_free: bool = False,
    advances: bool = False,
) -> Object:
    """Store a new subscription and bill its first period at once; StripeError where that must not fail and does.

    One that is charged begins as `incomplete`; with a trial or an invoice to be sent it runs from the start.
    `is_free`: what is left until the anchor is not billed. `advances`: the invoice is a draft that goes on by itself.
    """
    period = subscribing.period_of(subscription)
    is_trial = subscription["status"] == "trialing"
    invoice = _draft(call, customer, subscription, "subscription_create", (call.now, call.now), advances=advances)
    lines = subscription_lines.taken(call, customer, subscription, invoice)
    lines += subscription_lines.in_advance(call, subscription, invoice, period, is_trial=is_trial, is_free=is_free)
    subscription["latest_invoice"] = invoice["id"]
    call.create(subscription, emits="customer.subscription.created")
    invoicing.put(call, invoice, lines, customer)
    if not advances:
        collect_now(call, invoice, behavior, off_session=off_session)
        if behavior == "default_incomplete" and invoice["status"] == "paid":
            first_setup.ask(call, subscription)
    if subscription["status"] == "incomplete":
        call.later(call.now + subscribing.INCOMPLETE_FOR_S, "subscription.expire", subscription=subscription["id"])
    subscribing.schedule(call, subscription)
    if is_trial:
        announce_trial(call, subscription)
    return subscription


def announce_trial(call: Call, subscription: Object) -> None:
    """Have `trial_will_end` come three days before the end of a trial, or at once for a shorter one."""
    end = subscription["trial_end"]
    notice = {"subscription": subscription["id"], "trial_end": end}
    call.later(max(call.now, end - TRIAL_NOTICE_S), "subscription.announce_trial_end", **notice)


def collect_now(call: Call, invoice: Object, behavior: str, *, off_session: bool, retries: bool = False) -> None:
    """Finalize an invoice and charge it, as `payment_behavior` says; `retries` lets the sandbox try again later."""
    collecting.finalize(call, invoice)
    if invoice["status"] == "paid" or behavior == "default_incomplete":
        return
    method = collecting.method_for(call, invoice)
    if method is None and not retries and behavior != _TENTATIVE:
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
        fields=subscription_lines.texts_of(subscription),
    )
    return invoicing.draft(call, customer, subscription["currency"], terms)


def renew(call: Call, subscription: Object) -> None:
    """The period is over: end the subscription if that was wished, else begin the next one with a draft invoice."""
    customer = call.find("customer", subscription["customer"])
    if not customer or customer.get("deleted"):
        subscribing.end(call, subscription, reason=None)
        return
    old = subscribing.period_of(subscription)
    was_trial = subscription["status"] == "trialing"
    if subscription["cancel_at"] is not None and subscription["cancel_at"] <= call.now:
        bill_rest(call, customer, subscription, usage_of=None if was_trial else old)
        subscribing.end(call, subscription, reason="cancellation_requested")
        return
    if was_trial and not _goes_on(call, subscription, customer):
        return
    now = old[1]
    period = next_period(subscription, now)
    subscribing.move_period(subscription, *period)
    # While a subscription is unpaid its invoices stay drafts (https://docs.stripe.com/billing/subscriptions/overview).
    advances = subscription["status"] != "unpaid" and subscription["pause_collection"] is None
    invoice = _draft(call, customer, subscription, "subscription_cycle", (old[0], now), advances=advances)
    lines = subscription_lines.taken(call, customer, subscription, invoice)
    if not was_trial:
        lines += subscription_lines.afterwards(call, subscription, invoice, old)
    lines += subscription_lines.in_advance(call, subscription, invoice, period)
    subscription["latest_invoice"] = invoice["id"]
    call.save(subscription, emits="customer.subscription.updated")
    invoicing.put(call, invoice, lines, customer)
    _hold(call, subscription, invoice)
    subscribing.schedule(call, subscription)


def next_period(subscription: Object, start: int) -> tuple[int, int]:
    """The period that begins at a moment; a planned end of the subscription cuts it short."""
    end = subscribing.next_end(subscription, start)
    cancel_at = subscription["cancel_at"]
    ends_within = cancel_at is not None and not subscription["cancel_at_period_end"] and start < cancel_at < end
    return start, cancel_at if ends_within else end


def _hold(call: Call, subscription: Object, invoice: Object) -> None:
    """While collection is paused a new invoice stays a draft, or is given up or taken back at once."""
    paused = subscription["pause_collection"]
    if paused is None or paused["behavior"] == "keep_as_draft":
        return
    collecting.finalize(call, invoice)
    if invoice["status"] != "open":
        return
    if paused["behavior"] == "void":
        collecting.void(call, invoice)
    else:
        collecting.mark_uncollectible(call, invoice)


def _goes_on(call: Call, subscription: Object, customer: Object) -> bool:
    """What comes after a trial: without a payment method it may be the end, or a pause."""
    wanted = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    method = subscription["default_payment_method"] or customer["invoice_settings"]["default_payment_method"]
    if method is None and wanted == "cancel":
        subscribing.end(call, subscription, reason=None)
        return False
    if method is None and wanted == "pause":
        subscription["status"] = "paused"
        call.save(subscription, emits="customer.subscription.updated")
        call.emit("customer.subscription.paused", subscription)
        return False
    subscription["status"] = "active"
    return True


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
    lines = subscription_lines.taken(call, customer, subscription, invoice)
    lines += make_lines(invoice) if make_lines else []
    if not lines:
        return None
    is_tentative = behavior == _TENTATIVE
    invoice["auto_advance"] = not is_tentative
    subscription["latest_invoice"] = invoice["id"]
    if is_tentative:
        subscription["_tentative"] = invoice["id"]
    else:
        call.save(subscription, emits="customer.subscription.updated")
    invoicing.put(call, invoice, lines, customer)
    if subscription["collection_method"] == "send_invoice":
        collecting.finalize(call, invoice)
        return invoice
    collect_now(call, invoice, behavior, off_session=off_session, retries=not is_tentative)
    if behavior == "default_incomplete" and invoice["status"] == "open" and subscription["status"] == "active":
        subscription["status"] = "past_due"
        call.save(subscription, emits="customer.subscription.updated")
    return invoice


def bill_rest(
    call: Call, customer: Object, subscription: Object, *, usage_of: tuple[int, int] | None = None
) -> Object | None:
    """A last draft for what is pending of a subscription that ended, and what was used; it advances by itself."""
    start, end = subscribing.period_of(subscription)
    items = [
        item for item in pending.waiting(call, customer["id"]) if pending.subscription_of(item) == subscription["id"]
    ]
    invoice = _draft(
        call, customer, subscription, "subscription_cycle", (start, max(start, min(end, call.now))), advances=True
    )
    usage = subscription_lines.afterwards(call, subscription, invoice, usage_of) if usage_of else []
    if not items and not usage:
        return None
    subscription["latest_invoice"] = invoice["id"]
    call.save(subscription)
    return invoicing.put(call, invoice, pending.take(call, invoice, items) + usage, customer)


def expire(call: Call, subscription: Object) -> None:
    """Nobody paid the first invoice in time: it is void, and the subscription over."""
    for invoice in call.every("invoice", {"parent.subscription_details.subscription": subscription["id"]}):
        if invoice["status"] == "open":
            collecting.void(call, invoice)
    subscription["status"] = "incomplete_expired"
    subscription["ended_at"] = call.now
    call.save(subscription, emits="customer.subscription.updated")


def upcoming(call: Call, subscription: Object) -> Object:
    """The invoice that the next renewal will bring, as of now; nothing is stored."""
    customer = call.get("customer", subscription["customer"])
    start, end = subscribing.period_of(subscription)
    invoice = _draft(call, customer, subscription, "upcoming", (start, end), advances=True)
    invoice["id"] = f"upcoming_{invoice['id']}"
    invoice.update(created=end, automatically_finalizes_at=None, next_payment_attempt=end + invoicing.ATTEMPT_AFTER_S)
    body = {**subscription, "_billed": {}}
    waiting = pending.due(call, customer, subscription["currency"], subscription)
    lines = [pending.line_of(call, invoice, item) for item in waiting]
    lines += subscription_lines.afterwards(call, body, invoice, (start, end))
    lines += subscription_lines.in_advance(call, body, invoice, next_period(subscription, end))
    invoicing.set_lines(invoice, lines, customer)
    return invoice
