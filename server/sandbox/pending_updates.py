"""Pending updates: a change with `payment_behavior=pending_if_incomplete` that waits for its invoice to be paid.

Until then the subscription stays as it was; after 23 hours the change is dropped and its invoice void
(https://docs.stripe.com/billing/subscriptions/pending-updates).
"""

import json
from collections.abc import Callable
from typing import Final

from paydesk.server.sandbox import periods, subscribing
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object

WAITS_FOR_S: Final = 23 * periods.HOUR_S
# All that a change may touch, and that goes back to what it was while the change waits.
_CHANGING: Final = (
    *("items", "_items", "_prices", "_billed", "billing_cycle_anchor", "trial_end", "trial_start", "status"),
    *("plan", "quantity", "cancel_at"),
)
_ALLOWED: Final = frozenset(
    {"billing_cycle_anchor", "expand", "items", "off_session", "payment_behavior", "proration_behavior"}
    | {"proration_date", "trial_end", "trial_from_plan", "add_invoice_items"}
)


def check(sent: set[str]) -> None:
    """StripeError where something is sent that cannot wait."""
    surplus = sorted(sent - _ALLOWED)
    if surplus:
        raise StripeError(
            "When `payment_behavior` is set to `pending_if_incomplete`, you can only pass in the supported "
            f"parameters. These cannot wait for a payment: {', '.join(surplus)}.",
            param=surplus[0],
        )


def attempt(call: Call, subscription: Object, change: Callable[[], Object | None]) -> None:
    """Carry a change out if the invoice that it brings is paid at once; else let it wait for the payment.

    `change` changes the subscription and gives the invoice that it made, or None.
    """
    if subscription["pending_update"]:
        _drop(call, subscription)
    before: Object = json.loads(json.dumps({name: subscription.get(name) for name in _CHANGING}))
    invoice = change()
    subscription.pop("_tentative", None)
    if invoice is None or invoice["status"] == "paid":
        return
    after: Object = {name: subscription.get(name) for name in _CHANGING}
    subscription.update(before)
    expires_at = call.now + WAITS_FOR_S
    items = after["items"]["data"]
    subscription["pending_update"] = {
        "billing_cycle_anchor": _if_other(after, before, "billing_cycle_anchor"),
        "discount": None,
        "discounts": None,
        "expires_at": expires_at,
        "metadata": None,
        "subscription_items": None if items == before["items"]["data"] else items,
        "trial_end": _if_other(after, before, "trial_end"),
        "trial_from_plan": None,
    }
    subscription["_pending_update"] = {"after": after, "invoice": invoice["id"]}
    call.later(expires_at, "subscription.expire_update", subscription=subscription["id"], invoice=invoice["id"])


def _if_other(after: Object, before: Object, name: str) -> int | None:
    return after[name] if after[name] != before[name] else None


def waits_for(subscription: Object, invoice: Object) -> bool:
    """Whether the invoice is the one that a change waits for."""
    return bool((subscription.get("_pending_update") or {}).get("invoice") == invoice["id"])


def apply(call: Call, subscription: Object) -> None:
    """The invoice was paid: the change takes effect."""
    after = subscription.pop("_pending_update")["after"]
    subscription.update(after)
    subscription["pending_update"] = None
    call.save(subscription, emits="customer.subscription.updated")
    call.emit("customer.subscription.pending_update_applied", subscription)
    subscribing.schedule(call, subscription)


def expire(call: Call, subscription: Object) -> None:
    """Nobody paid in time: the change is dropped, and its invoice void."""
    _drop(call, subscription)
    call.emit("customer.subscription.pending_update_expired", subscription)


def _drop(call: Call, subscription: Object) -> None:
    # Collecting tells dunning of payments, and dunning tells this module.
    from paydesk.server.sandbox import collecting

    waiting = subscription.pop("_pending_update")
    subscription["pending_update"] = None
    call.save(subscription, emits="customer.subscription.updated")
    invoice = call.find("invoice", waiting["invoice"])
    if invoice and invoice["status"] == "open":
        collecting.void(call, invoice)
