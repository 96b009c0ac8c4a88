"""Dunning: when an unpaid invoice is tried again, how trying ends, and what that and a payment do to a subscription.

Stripe's default: up to eight tries in two weeks, then the subscription is cancelled
(https://docs.stripe.com/billing/revenue-recovery/smart-retries). `POST /_sandbox/dunning` sets another rule, as an
account's owner does in Stripe's dashboard.
"""

import json
from dataclasses import asdict, dataclass
from typing import Final

from paydesk.server.sandbox import pending_updates, periods, subscribing
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Object

ENDS: Final = ("cancel", "unpaid", "past_due")
MAX_TRIES: Final = 8
MAX_DAYS: Final = 60
_REVIVABLE: Final = ("incomplete", "past_due", "unpaid", "paused")


@dataclass(frozen=True, slots=True)
class Rule:
    """How an account collects: tries in all, days between two, and what becomes of the subscription afterwards."""

    tries: int = MAX_TRIES
    every_days: int = 2
    end: str = "cancel"


def rule_of(call: Call) -> Rule:
    """The account's rule."""
    kept = call.store.fact(f"dunning {call.account}")
    return Rule(**json.loads(kept)) if kept else Rule()


def keep(call: Call, rule: Rule) -> Rule:
    """From now on this is the account's rule; tries that are planned already stay where they are."""
    call.store.set_fact(f"dunning {call.account}", json.dumps(asdict(rule)))
    return rule


def next_try(call: Call, invoice: Object) -> int | None:
    """When an invoice that has just been refused is tried again; None where that was the last time."""
    rule = rule_of(call)
    if not invoice["auto_advance"] or invoice["attempt_count"] >= rule.tries:
        return None
    return call.now + rule.every_days * periods.DAY_S


def failed(call: Call, invoice: Object, subscription: Object, *, is_last: bool) -> None:
    """A try was refused: a subscription that ran falls behind, and after the last try it ends as the rule says."""
    if subscription.get("_tentative") == invoice["id"]:
        return
    if subscription["status"] in ("active", "trialing"):
        subscription["status"] = "past_due"
        call.save(subscription, emits="customer.subscription.updated")
    if not is_last or subscription["status"] != "past_due":
        return
    end = rule_of(call).end
    if end == "cancel":
        subscribing.end(call, subscription, reason="payment_failed")
    elif end == "unpaid":
        subscription["status"] = "unpaid"
        call.save(subscription, emits="customer.subscription.updated")


def paid(call: Call, invoice: Object, subscription: Object) -> None:
    """A first payment starts a subscription, the payment of its latest invoice brings it back or lets it change."""
    if pending_updates.waits_for(subscription, invoice):
        pending_updates.apply(call, subscription)
        return
    if subscription["latest_invoice"] != invoice["id"] or subscription["status"] not in _REVIVABLE:
        return
    if subscription["status"] == "paused" and not subscription.get("_resuming"):
        return
    reactivate(call, subscription)


def reactivate(call: Call, subscription: Object) -> None:
    """The subscription runs (again)."""
    was_paused = subscription["status"] == "paused"
    subscription.pop("_resuming", None)
    subscription["status"] = "active"
    call.save(subscription, emits="customer.subscription.updated")
    if was_paused:
        call.emit("customer.subscription.resumed", subscription)
