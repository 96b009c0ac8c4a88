"""How a subscription ends, is paused and goes on: cancelled now or at a time, paused after a trial, resumed."""

from typing import Any

from paydesk.server.sandbox import cycles, dunning, pending, prorations, subscribing, subscription_lines
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object

_PAYING = ("active", "past_due")


def cancel(call: Call, subscription: Object, *, prorates: bool, bills: bool) -> Object:
    """End a subscription now; `prorates` credits the time left, `bills` invoices what is pending and was used."""
    customer = call.get("customer", subscription["customer"])
    if subscription["status"] == "incomplete":
        # One that never began is not cancelled: it expires before its time.
        subscription["canceled_at"] = call.now
        subscription["cancellation_details"]["reason"] = "cancellation_requested"
        cycles.expire(call, subscription)
        return subscription
    was_paying = subscription["status"] in _PAYING
    if prorates and was_paying:
        _credit_rest(call, subscription, call.now, stays_pending=not bills)
    if bills:
        start, end = subscribing.period_of(subscription)
        used = (start, min(end, call.now)) if was_paying else None
        cycles.bill_rest(call, customer, subscription, usage_of=used)
    subscription.update(cancel_at_period_end=False, cancel_at=None, canceled_at=call.now)
    return subscribing.end(call, subscription, reason="cancellation_requested")


def end_as_planned(call: Call, subscription: Object) -> None:
    """A `cancel_at` within a period has come: the rest of the period is credited where that was wished."""
    customer = call.find("customer", subscription["customer"])
    start, end = subscribing.period_of(subscription)
    was_paying = subscription["status"] in _PAYING
    if customer and not customer.get("deleted"):
        if was_paying and subscription.pop("_cancel_prorates", True) and call.now < end:
            _credit_rest(call, subscription, call.now, stays_pending=False)
        used = (start, min(end, call.now)) if was_paying else None
        cycles.bill_rest(call, customer, subscription, usage_of=used)
    subscribing.end(call, subscription, reason="cancellation_requested")


def _credit_rest(call: Call, subscription: Object, since: int, *, stays_pending: bool) -> None:
    share = prorations.rest_of_period(subscription, since)
    for item in reversed(subscription["items"]["data"]):
        body = prorations.credit(call, subscription, item, share)
        if body is None:
            continue
        if stays_pending:
            # Left pending after the subscription is gone, a credit belongs to nothing (recorded: probe_proration).
            body["parent"] = None
            body.pop("proration_details")
        pending.add(call, subscription["customer"], body)


def resume(call: Call, subscription: Object, sent: dict[str, Any]) -> Object:
    """Let a paused subscription go on; with something to pay it does so once that is paid."""
    if subscription["status"] != "paused":
        raise StripeError(
            f"Only paused subscriptions can be resumed; this one is {subscription['status']}. Collection that "
            "`pause_collection` stopped goes on when that is unset."
        )
    customer = call.get("customer", subscription["customer"])
    keeps_anchor = sent.get("billing_cycle_anchor") == "unchanged"
    if not keeps_anchor:
        subscription["billing_cycle_anchor"] = call.now
        subscription["billing_cycle_anchor_config"] = None
    at = sent.get("proration_date", call.now)
    period = (call.now, subscribing.next_end(subscription, call.now))
    is_free = keeps_anchor and sent.get("proration_behavior") == "none"
    subscribing.move_period(subscription, *period)
    subscribing.schedule(call, subscription)

    def lines(invoice: Object) -> list[Object]:
        billed = (min(max(at, period[0]), period[1]), period[1])
        return subscription_lines.in_advance(call, subscription, invoice, billed, is_free=is_free)

    # Marked before it is billed, since the invoice may be paid at once.
    subscription["_resuming"] = True
    invoice = cycles.bill_now(
        call, customer, subscription, behavior="allow_incomplete", off_session=True, make_lines=lines
    )
    if subscription["status"] == "paused" and (invoice is None or subscription["collection_method"] == "send_invoice"):
        dunning.reactivate(call, subscription)
    return call.save(subscription, emits="customer.subscription.updated")
