"""Changes of a subscription: other prices and quantities, more or fewer items, a new anchor, another end of a trial.

A change of items within the same interval is prorated; one to another interval begins a new period at once.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from paydesk.server.sandbox import (
    cycles,
    pricing,
    prorations,
    subscribing,
    subscription_lines,
    subscription_terms,
)
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    boolean,
    choice,
    clearable,
    integer,
    mapping,
    merged_metadata,
    metadata,
    text,
    unserved,
)

BEHAVIORS: Final = choice("always_invoice", "create_prorations", "none")
MAX_QUANTITY: Final = 1_000_000
NEW_ITEM: Final = {
    **subscription_terms.DECLARED_OF_ITEM,
    "metadata": metadata(),
    "price": text(),
    "price_data": mapping(pricing.INLINE_RECURRING),
    "quantity": integer(0, MAX_QUANTITY),
    **unserved("billing_thresholds"),
}
ITEM: Final = {**NEW_ITEM, "deleted": boolean(), "id": clearable(text()), **unserved("clear_usage")}
_PAYING: Final = ("active", "past_due")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A price, how many of it, and what else was sent for a new item (`param` names it in errors)."""

    price: Object
    quantity: int
    sent: dict[str, Any] = field(default_factory=dict)
    param: str = "items"


@dataclass(frozen=True, slots=True)
class Change:
    """What is asked of a subscription: items as sent, how to prorate and from when, how to collect."""

    items: list[dict[str, Any]]
    prorating: str
    at: int
    behavior: str
    off_session: bool
    resets: bool = False
    trial_end: int | None = None


def chosen(call: Call, items: list[dict[str, Any]], param: str = "items") -> list[Chosen]:
    """The prices and quantities of new items; StripeError where one cannot be subscribed to, or comes twice."""
    if not items:
        raise StripeError(f"Missing required param: {param}.", code="parameter_missing", param=param)
    found: list[Chosen] = []
    for index, sent in enumerate(items):
        name = f"{param}[{index}]"
        price = price_of(call, sent, name)
        refuse_double(price, [one.price["id"] for one in found])
        refuse_quantity(price, sent, name)
        found.append(Chosen(price, sent.get("quantity", 1), sent, name))
    return found


def refuse_quantity(price: Object, sent: dict[str, Any], param: str) -> None:
    """StripeError where a number is given of what is paid by usage."""
    if subscribing.is_metered(price) and "quantity" in sent:
        raise StripeError(
            f"The price {price['id']} is metered: its quantity follows from usage and cannot be set.",
            param=f"{param}[quantity]",
        )


def refuse_double(price: Object, others: list[str]) -> None:
    """StripeError where another item has the price already."""
    if price["id"] in others:
        raise StripeError(f"Cannot add multiple subscription items with the same plan: {price['id']}")


def price_of(call: Call, sent: dict[str, Any], param: str) -> Object:
    """The recurring price that an item names or carries."""
    if "price" in sent and "price_data" in sent:
        raise StripeError("You may only specify one of these parameters: price, price_data.", param=f"{param}[price]")
    if "price_data" in sent:
        return pricing.inline(call, sent["price_data"], f"{param}[price_data]")
    if "price" not in sent:
        raise StripeError(f"Missing required param: {param}[price].", code="parameter_missing", param=f"{param}[price]")
    name = f"{param}[price]"
    price = call.mention("price", sent["price"], name)
    if price["type"] != "recurring":
        raise StripeError(
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
            param=name,
        )
    # `is_inline`: the price came with a checkout session, which no request can say by itself.
    if not price["active"] and not sent.get("is_inline"):
        raise StripeError("The price specified is inactive. This field only accepts active prices.", param=name)
    pricing.refuse_unbillable(price, name)
    return price


def check_together(call: Call, customer: Object, prices: list[Object], wanted: str | None) -> str:
    """The one currency of a subscription's prices, which share one interval too; StripeError where they do not."""
    expected = wanted or prices[0]["currency"]
    for price in prices:
        if pricing.in_currency(price, expected) is None:
            raise StripeError(
                f"The price specified only supports `{price['currency']}`. "
                f"This doesn't match the expected currency: `{expected}`."
            )
        if interval_of(price) != interval_of(prices[0]):
            raise StripeError(
                "The sandbox serves subscriptions whose items share one interval; "
                f"{price['id']} is billed by another than {prices[0]['id']}.",
                param="items",
            )
    for other in call.every("subscription", {"customer": customer["id"]}):
        if other["status"] not in subscribing.ENDED and other["currency"] != expected:
            raise StripeError(
                "You cannot combine currencies on a single customer. This customer has an active subscription, "
                f"subscription schedule, discount, quote, or invoice item with currency {other['currency']}."
            )
    return str(expected)


def interval_of(price: Object) -> tuple[str, int]:
    """By what a price is billed: ("month", 3)."""
    return price["recurring"]["interval"], price["recurring"]["interval_count"]


def make_item(
    call: Call, subscription: str, customer: str, new: Chosen, *, period: tuple[int, int], currency: str = ""
) -> Object:
    """A new item of a subscription, with its own discounts and tax rates."""
    item = subscribing.item_object(
        call.new_id("si_", 14), call.now, subscription, new.price, quantity=new.quantity, period=period
    )
    item["metadata"] = merged_metadata({}, new.sent.get("metadata", {}))
    subscription_terms.take_item(call, customer, item, new.sent, new.param, currency=currency)
    return item


def make(call: Call, subscription: Object, change: Change) -> Object | None:
    """Carry a change out; the invoice that it brings at once, if any.

    The subscription is saved by the caller (and before an invoice that is due at once).
    """
    customer = call.get("customer", subscription["customer"])
    before = {item["id"]: item for item in subscription["items"]["data"]}
    old_interval = interval_of(next(iter(before.values()))["price"])
    items = _items_after(call, subscription, change.items) if change.items else list(before.values())
    check_together(call, customer, [call.get("price", item["price"]["id"]) for item in items], subscription["currency"])
    is_other_interval = interval_of(items[0]["price"]) != old_interval
    if subscription["status"] == "trialing":
        subscribing.set_items(subscription, items)
        return None if change.trial_end is None else _end_trial(call, customer, subscription, change)
    if change.trial_end is not None and change.trial_end > call.now:
        return _begin_trial(call, customer, subscription, items, change)
    if is_other_interval:
        return _begin_anew(call, customer, subscription, items, change)
    if change.items:
        _prorate(call, subscription, before, items, change)
    if change.resets:
        _move_anchor(call, subscription, change)
    if change.prorating == "always_invoice" and (change.items or change.resets):
        return cycles.bill_now(call, customer, subscription, behavior=change.behavior, off_session=change.off_session)
    return None


def replace(call: Call, subscription: Object, change: Change) -> None:
    """Other items from the next period on, which is about to begin: nothing is prorated."""
    items = _items_after(call, subscription, change.items)
    before = interval_of(subscription["items"]["data"][0]["price"])
    if interval_of(items[0]["price"]) != before:
        subscription.update(billing_cycle_anchor=call.now, billing_cycle_anchor_config=None)
    subscribing.set_items(subscription, items)


def _items_after(call: Call, subscription: Object, sent_items: list[dict[str, Any]]) -> list[Object]:
    """The items as they will be; those that stay unchanged are the same objects as before."""
    items = {item["id"]: item for item in subscription["items"]["data"]}
    period = subscribing.period_of(subscription)
    for index, sent in enumerate(sent_items):
        param = f"items[{index}]"
        identifier = sent.get("id")
        if identifier is not None and identifier not in items:
            raise missing("subscription item", identifier, f"{param}[id]", status=400)
        if sent.get("deleted"):
            if identifier is None:
                raise StripeError(f"{param}[deleted] needs the item's id.", param=f"{param}[id]")
            items.pop(identifier)
            continue
        others = [item["price"]["id"] for key, item in items.items() if key != identifier]
        if identifier is None:
            price = price_of(call, sent, param)
            refuse_double(price, others)
            refuse_quantity(price, sent, param)
            new = Chosen(price, sent.get("quantity", 1), sent, param)
            item = make_item(call, subscription["id"], subscription["customer"], new, period=period)
            items[item["id"]] = item
            continue
        items[identifier] = _changed(call, subscription, items[identifier], sent, param)
        refuse_double(items[identifier]["price"], others)
    if not items:
        raise StripeError("A subscription must have at least one active item.", param="items")
    return list(items.values())


def _changed(call: Call, subscription: Object, item: Object, sent: dict[str, Any], param: str) -> Object:
    changed = dict(item)
    if "price" in sent or "price_data" in sent:
        changed["price"] = subscribing.visible_price(price_of(call, sent, param))
    refuse_quantity(changed["price"], sent, param)
    if subscribing.is_metered(changed["price"]):
        changed.pop("quantity", None)
    else:
        changed["quantity"] = sent.get("quantity", item.get("quantity", 1))
    if "metadata" in sent:
        changed["metadata"] = merged_metadata(item["metadata"], sent["metadata"])
    subscription_terms.take_item(call, subscription["customer"], changed, sent, param)
    return changed


def _prorate(call: Call, subscription: Object, before: dict[str, Object], items: list[Object], change: Change) -> None:
    """Credit what changed or went, charge what changed or came; then let the subscription have its new items."""
    after = {item["id"]: item for item in items}
    same = {key for key in before.keys() & after.keys() if _cost_alike(before[key], after[key])}
    if change.prorating != "none" and subscription["status"] in _PAYING:
        share = prorations.rest_of_period(subscription, change.at)
        gone = [item for key, item in before.items() if key not in same]
        came = [item for key, item in after.items() if key not in same]
        given = prorations.credits_for(call, subscription, gone, share)
        prorations.put(call, subscription, given, prorations.charges_for(call, subscription, came, share))
    subscribing.set_items(subscription, items)


def _cost_alike(one: Object, other: Object) -> bool:
    return bool(one["price"]["id"] == other["price"]["id"] and one.get("quantity") == other.get("quantity"))


def _credit_rest(call: Call, subscription: Object, change: Change) -> None:
    """What was paid for the rest of the period comes back on the next invoice."""
    if change.prorating != "none" and subscription["status"] in _PAYING:
        share = prorations.rest_of_period(subscription, change.at)
        given = prorations.credits_for(call, subscription, subscription["items"]["data"], share)
        prorations.put(call, subscription, given, [])


def _begin_anew(
    call: Call, customer: Object, subscription: Object, items: list[Object], change: Change
) -> Object | None:
    """Another interval: a new period begins now and is billed now; the old one's rest is credited."""
    used_since = subscribing.period_of(subscription)[0] if subscription["status"] in _PAYING else 0
    _credit_rest(call, subscription, change)
    subscribing.set_items(subscription, items)
    return _bill_new_period(call, customer, subscription, change, used_since=used_since)


def _bill_new_period(
    call: Call, customer: Object, subscription: Object, change: Change, *, is_trial: bool = False, used_since: int = 0
) -> Object | None:
    subscription["billing_cycle_anchor"] = subscription["trial_end"] if is_trial else call.now
    # Another day of the month may have been wished for the old cycle.
    subscription["billing_cycle_anchor_config"] = None
    end = subscription["trial_end"] if is_trial else subscribing.next_end(subscription, call.now)
    period = (call.now, end)

    def lines(invoice: Object) -> list[Object]:
        used = (used_since or call.now, call.now)
        found = subscription_lines.afterwards(call, subscription, invoice, used) if used_since else []
        return found + subscription_lines.in_advance(call, subscription, invoice, period, is_trial=is_trial)

    subscribing.move_period(subscription, *period)
    subscribing.schedule(call, subscription)
    return cycles.bill_now(
        call, customer, subscription, behavior=change.behavior, off_session=change.off_session, make_lines=lines
    )


def _move_anchor(call: Call, subscription: Object, change: Change) -> None:
    """A new period begins now; what it lasts beyond what was paid is charged (recorded: probe_proration_invoices)."""
    _, paid_until = subscribing.period_of(subscription)
    subscription["billing_cycle_anchor"] = call.now
    subscription["billing_cycle_anchor_config"] = None
    end = subscribing.next_end(subscription, call.now)
    if change.prorating != "none":
        share = prorations.Share(paid_until, end, end - call.now)
        for _, body in prorations.charges_for(call, subscription, subscription["items"]["data"], share):
            prorations.pend(call, subscription, body)
    subscribing.move_period(subscription, call.now, end)
    subscribing.schedule(call, subscription)


def _end_trial(call: Call, customer: Object, subscription: Object, change: Change) -> Object | None:
    """A trial ends now, and the first period is billed; or it ends at another time than planned."""
    end = change.trial_end or call.now
    subscription["trial_end"] = end
    subscription["billing_cycle_anchor"] = end
    if end > call.now:
        subscribing.move_period(subscription, subscribing.period_of(subscription)[0], end)
        subscribing.schedule(call, subscription)
        cycles.announce_trial(call, subscription)
        return None
    subscription["status"] = "active"
    return _bill_new_period(call, customer, subscription, change)


def _begin_trial(
    call: Call, customer: Object, subscription: Object, items: list[Object], change: Change
) -> Object | None:
    """A trial for one that was paying: the rest of its period is credited, and the next begins after the trial."""
    _credit_rest(call, subscription, change)
    subscribing.set_items(subscription, items)
    subscription.update(status="trialing", trial_start=call.now, trial_end=change.trial_end)
    invoice = _bill_new_period(call, customer, subscription, change, is_trial=True)
    cycles.announce_trial(call, subscription)
    return invoice
