"""A subscription as the desk speaks of it: its plan, what it costs per interval, and when its period ends."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from paydesk.intents.entities.currencies import stripe_exponent
from paydesk.skills.base import Json
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.money import Money, money
from paydesk.skills.period import day
from paydesk.skills.price import interval_text, price_text
from paydesk.skills.reading import Row
from paydesk.skills.who import label

# How many of an interval make a month, for an order by amount across intervals.
_A_MONTH = {"day": Decimal(365) / 12, "week": Decimal(52) / 12, "month": Decimal(1), "year": Decimal(1) / 12}
_NAME_CHARACTERS = 40

Status = Literal[
    "active",
    "trialing",
    "past_due",
    "unpaid",
    "paused",
    "incomplete",
    "incomplete_expired",
    "canceled",
    "all",
]


class SubscriptionRow(Row):
    """One subscription. `amount` is due each `interval`, before discounts and tax; none where metered, tiered or mixed.

    Days are UTC. What follows `trial_end` is told with detail `full` only.
    """

    id: str
    customer: str | None = None
    plan: str
    amount: Money | None = None
    interval: str | None = None
    status: str
    current_period_end: str | None = None
    cancel_at_period_end: bool | None = None
    cancel_at: str | None = None
    canceled: str | None = None
    trial_end: str | None = None
    customer_id: str | None = None
    created: str | None = None
    items: list[str] | None = None
    collection_method: str | None = None
    description: str | None = None
    metadata: dict[str, str] | None = None

    def line(self) -> str:
        """The subscription in words."""
        cost = f"{self.amount.text} / {self.interval}" if self.amount else None
        told = [self.customer, self.plan, cost, self.status, self._until(), self.id]
        told += [f"since {self.created}" if self.created else None, *(self.items or ()), self.description]
        return " ".join(part for part in told if part)

    def _until(self) -> str | None:
        if self.status in ("canceled", "incomplete_expired"):
            return f"since {self.canceled}" if self.canceled else None
        if self.cancel_at_period_end and self.current_period_end:
            return f"ends {self.current_period_end}"
        if self.cancel_at:
            return f"ends {self.cancel_at}"
        if self.status == "trialing" and self.trial_end:
            return f"until {self.trial_end}"
        return f"renews {self.current_period_end}" if self.current_period_end else None


def items_of(subscription: Json) -> list[Json]:
    """Its items, the first twenty at the most (Stripe's own bound)."""
    data: list[Json] = (subscription.get("items") or {}).get("data") or []
    return data


def products_of(subscription: Json) -> list[str]:
    """The ids of the products that it bills."""
    return [product_id(item["price"]) for item in items_of(subscription)]


def product_id(price: Json) -> str:
    """The id of a price's product, expanded or not."""
    product = price["product"]
    return str(product["id"]) if isinstance(product, dict) else str(product)


def period_end(subscription: Json) -> int | None:
    """When the period that ends first does: periods stand on items."""
    ends = [int(item["current_period_end"]) for item in items_of(subscription) if item.get("current_period_end")]
    return min(ends, default=None)


def a_month(subscription: Json) -> Decimal:
    """What it comes to in a month, in major units of its currency: only to put subscriptions in order."""
    total = Decimal(0)
    for item in items_of(subscription):
        price = item["price"]
        recurring = price.get("recurring") or {"interval": "month"}
        unit = Decimal(price.get("unit_amount_decimal") or price.get("unit_amount") or 0)
        each = unit.scaleb(-stripe_exponent(price["currency"])) * int(item.get("quantity") or 0)
        total += each * _A_MONTH[recurring["interval"]] / int(recurring.get("interval_count") or 1)
    return total


def row_of(subscription: Json, names: Mapping[str, str], *, full: bool) -> SubscriptionRow:
    """A subscription of Stripe as a row; `names` are its products' by id."""
    customer = subscription.get("customer")
    items = items_of(subscription)
    ends, canceled = period_end(subscription), subscription.get("ended_at") or subscription.get("canceled_at")
    gone = subscription["status"] in ("canceled", "incomplete_expired")
    costs = _costs(items)
    row = SubscriptionRow(
        id=str(subscription["id"]),
        customer=clean(label(customer), _NAME_CHARACTERS) if isinstance(customer, dict) else customer,
        plan=" + ".join(_item_name(item, names) for item in items) or "(no items)",
        amount=costs[0] if costs else None,
        interval=costs[1] if costs else None,
        status=str(subscription["status"]),
        current_period_end=day(ends) if ends and not gone else None,
        cancel_at_period_end=True if subscription.get("cancel_at_period_end") and not gone else None,
        cancel_at=_day(subscription.get("cancel_at")) if not gone else None,
        canceled=_day(canceled) if gone else None,
        trial_end=_day(subscription.get("trial_end")) if subscription["status"] == "trialing" else None,
    )
    return row.model_copy(update=_more(subscription, names)) if full else row


def _day(timestamp: int | None) -> str | None:
    return day(timestamp) if timestamp else None


def _item_name(item: Json, names: Mapping[str, str]) -> str:
    price = item["price"]
    name = names.get(product_id(price)) or clean_or_none(price.get("nickname"), _NAME_CHARACTERS)
    quantity = item.get("quantity")
    return (f"{quantity} x " if quantity not in (None, 1) else "") + (name or product_id(price))


def whole_cost(items: list[Json]) -> Money | None:
    """What all items cost together each interval; None where usage, tiers or mixed intervals decide it."""
    costs = _costs(items)
    return costs[0] if costs else None


def _costs(items: list[Json]) -> tuple[Money, str] | None:
    """What all items cost together each interval, where they share one and each has a whole price."""
    intervals = {interval_text(item["price"]["recurring"]) for item in items if item["price"].get("recurring")}
    units = [item["price"].get("unit_amount") for item in items]
    metered = any(item.get("quantity") is None for item in items)
    divided = any(item["price"].get("transform_quantity") for item in items)
    if len(intervals) != 1 or None in units or metered or divided:
        return None
    total = sum(int(item["price"]["unit_amount"]) * int(item["quantity"]) for item in items)
    return money(total, items[0]["price"]["currency"]), intervals.pop()


def _more(subscription: Json, names: Mapping[str, str]) -> Json:
    customer = subscription.get("customer")
    metadata = {clean(key): clean(value) for key, value in (subscription.get("metadata") or {}).items()}
    return {
        "customer_id": customer["id"] if isinstance(customer, dict) else customer,
        "created": day(int(subscription["created"])),
        "items": [
            f"{names.get(product_id(item['price']), product_id(item['price']))}: "
            f"{price_text(item['price'], item.get('quantity'))} ({item['price']['id']})"
            for item in items_of(subscription)
        ],
        "collection_method": subscription.get("collection_method"),
        "description": clean_or_none(subscription.get("description")),
        "metadata": metadata or None,
    }
