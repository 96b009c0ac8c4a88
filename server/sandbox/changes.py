"""Changes of a subscription: other prices and quantities, more or fewer items, a new anchor, a trial that ends sooner.

A change of items within the same interval is prorated; one to another interval begins a new period at once.
"""

from dataclasses import dataclass
from typing import Any, Final

from paydesk.server.sandbox import cycles, pricing, prorations, subscribing, subscription_terms
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    boolean,
    choice,
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
    "metadata": metadata(),
    "price": text(),
    "price_data": mapping(pricing.INLINE_RECURRING),
    "quantity": integer(0, MAX_QUANTITY),
    **subscription_terms.DECLARED_OF_ITEM,
    **unserved("billing_thresholds"),
}
ITEM: Final = {**NEW_ITEM, "deleted": boolean(), "id": text(), **unserved("clear_usage")}
# A price, how many of it, and the item's metadata.
Chosen = tuple[Object, int, dict[str, str]]


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


def chosen(call: Call, items: list[dict[str, Any]]) -> list[Chosen]:
    """The prices and quantities of new items; StripeError where one cannot be subscribed to, or comes twice."""
    if not items:
        raise StripeError("Missing required param: items.", code="parameter_missing", param="items")
    found: list[Chosen] = []
    for index, sent in enumerate(items):
        price = price_of(call, sent, f"items[{index}]")
        refuse_double(price, [one["id"] for one, _, _ in found])
        found.append((price, sent.get("quantity", 1), merged_metadata({}, sent.get("metadata", {}))))
    return found


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
    if not price["active"]:
        raise StripeError("The price specified is inactive. This field only accepts active prices.", param=name)
    pricing.refuse_unbillable(price, name)
    return price


def check_together(call: Call, customer: Object, prices: list[Object], wanted: str | None) -> str:
    """The one currency of a subscription's prices, which share one interval too; StripeError where they do not."""
    expected = wanted or prices[0]["currency"]
    for price in prices:
        if price["currency"] != expected:
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
    call: Call, subscription: str, price: Object, quantity: int, labels: dict[str, str], *, period: tuple[int, int]
) -> Object:
    """A new item of a subscription."""
    item = subscribing.item_object(
        call.new_id("si_", 14), call.now, subscription, price, quantity=quantity, period=period
    )
    item["metadata"] = labels
    return item


def make(call: Call, subscription: Object, change: Change) -> None:
    """Carry a change out. The subscription is saved by the caller (and before an invoice that is due at once)."""
    customer = call.get("customer", subscription["customer"])
    before = {item["id"]: item for item in subscription["items"]["data"]}
    old_interval = interval_of(next(iter(before.values()))["price"])
    items = _items_after(call, subscription, change.items) if change.items else list(before.values())
    check_together(call, customer, [item["price"] for item in items], subscription["currency"])
    is_other_interval = interval_of(items[0]["price"]) != old_interval
    if subscription["status"] == "trialing":
        subscribing.set_items(subscription, items)
        if change.trial_end is not None:
            _end_trial(call, customer, subscription, change)
        return
    if is_other_interval:
        _begin_anew(call, customer, subscription, items, change)
        return
    if change.items:
        _prorate(call, subscription, before, items, change)
    if change.resets:
        _move_anchor(call, subscription, change)
    if change.prorating == "always_invoice" and (change.items or change.resets):
        cycles.bill_now(call, customer, subscription, behavior=change.behavior, off_session=change.off_session)


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
            labels = merged_metadata({}, sent.get("metadata", {}))
            item = make_item(call, subscription["id"], price, sent.get("quantity", 1), labels, period=period)
            subscription_terms.take_item(call, subscription["customer"], item, sent, param)
            items[item["id"]] = item
            continue
        items[identifier] = _changed(call, items[identifier], sent, param)
        subscription_terms.take_item(call, subscription["customer"], items[identifier], sent, param)
        refuse_double(items[identifier]["price"], others)
    if not items:
        raise StripeError("A subscription must have at least one active item.", param="items")
    return list(items.values())


def _changed(call: Call, item: Object, sent: dict[str, Any], param: str) -> Object:
    changed = dict(item)
    if "price" in sent or "price_data" in sent:
        changed["price"] = subscribing.visible_price(price_of(call, sent, param))
    if "quantity" in sent:
        changed["quantity"] = sent["quantity"]
    if "metadata" in sent:
        changed["metadata"] = merged_metadata(item["metadata"], sent["metadata"])
    return changed


def _prorate(call: Call, subscription: Object, before: dict[str, Object], items: list[Object], change: Change) -> None:
    """Credit what changed or went, charge what changed or came; then let the subscription have its new items."""
    after = {item["id"]: item for item in items}
    same = {key for key in before.keys() & after.keys() if _cost_alike(before[key], after[key])}
    if change.prorating != "none" and subscription["status"] in ("active", "past_due"):
        share = prorations.rest_of_period(subscription, change.at)
        given = [prorations.credit(call, subscription, item, share) for key, item in before.items() if key not in same]
        charges = [
            (item, prorations.charge(call, subscription, item, share)) for key, item in after.items() if key not in same
        ]
        prorations.put(call, subscription, given, charges)
    subscribing.set_items(subscription, items)


def _cost_alike(one: Object, other: Object) -> bool:
    return bool(one["price"]["id"] == other["price"]["id"] and one["quantity"] == other["quantity"])


def _begin_anew(call: Call, customer: Object, subscription: Object, items: list[Object], change: Change) -> None:
    """Another interval: a new period begins now and is billed now; the old one's rest is credited."""
    if change.prorating != "none" and subscription["status"] in ("active", "past_due"):
        share = prorations.rest_of_period(subscription, change.at)
        given = [prorations.credit(call, subscription, item, share) for item in subscription["items"]["data"]]
        prorations.put(call, subscription, given, [])
    subscribing.set_items(subscription, items)
    _bill_new_period(call, customer, subscription, change)


def _bill_new_period(call: Call, customer: Object, subscription: Object, change: Change) -> None:
    subscription["billing_cycle_anchor"] = call.now
    period = (call.now, subscribing.next_end(subscription, call.now))
    subscribing.move_period(subscription, *period)
    subscribing.schedule(call, subscription)
    cycles.bill_now(
        call,
        customer,
        subscription,
        behavior=change.behavior,
        off_session=change.off_session,
        make_lines=lambda invoice: cycles.lines_of(call, subscription, invoice, period),
    )


def _move_anchor(call: Call, subscription: Object, change: Change) -> None:
    """A new period begins now; what it lasts beyond what was paid is charged (recorded: probe_proration_invoices)."""
    _, paid_until = subscribing.period_of(subscription)
    subscription["billing_cycle_anchor"] = call.now
    end = subscribing.next_end(subscription, call.now)
    if change.prorating != "none":
        share = prorations.Share(paid_until, end, end - call.now)
        charges = [(item, prorations.charge(call, subscription, item, share)) for item in subscription["items"]["data"]]
        for _, body in charges:
            prorations.pend(call, subscription, body)
    subscribing.move_period(subscription, call.now, end)
    subscribing.schedule(call, subscription)


def _end_trial(call: Call, customer: Object, subscription: Object, change: Change) -> None:
    """A trial ends now, and the first period is billed; or it ends at another time than planned."""
    end = change.trial_end or call.now
    subscription["trial_end"] = end
    subscription["billing_cycle_anchor"] = end
    if end > call.now:
        subscribing.move_period(subscription, subscribing.period_of(subscription)[0], end)
        subscribing.schedule(call, subscription)
        return
    subscription["status"] = "active"
    _bill_new_period(call, customer, subscription, change)
