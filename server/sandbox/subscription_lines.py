"""What a subscription puts on an invoice: a line for each item's period in advance, for metered ones afterwards."""

from fractions import Fraction
from math import floor
from typing import Final

from paydesk.server.sandbox import invoicing, metering, pending, pricing, subscribing
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Object

_SAID: Final = ("custom_fields", "description", "footer")


def texts_of(subscription: Object) -> Object:
    """What an invoice says because its subscription's settings do."""
    settings = subscription["invoice_settings"]
    return {name: settings[name] for name in _SAID if settings[name]}


def taken(call: Call, customer: Object, subscription: Object, invoice: Object) -> list[Object]:
    """The lines of what was pending for the subscription, or for none."""
    return pending.take(call, invoice, pending.due(call, customer, subscription["currency"], subscription))


def in_advance(
    call: Call,
    subscription: Object,
    invoice: Object,
    period: tuple[int, int],
    *,
    is_trial: bool = False,
    is_free: bool = False,
) -> list[Object]:
    """A line for each item that is paid in advance, noted for later credits; a shortened period costs its share."""
    share = Fraction(0) if is_free else subscribing.share(subscription, period)
    lines = []
    for item in subscription["items"]["data"]:
        price = pricing.billed(call, item["price"]["id"], subscription["currency"])
        if subscribing.is_metered(price):
            continue
        name = product_name(call, price)
        exact = pricing.cost(price, item["quantity"])
        cost = exact if share == 1 else floor(pricing.exact_cost(price, item["quantity"]) * share)
        described = f"Trial period for {name}" if is_trial else pricing.line_description(price, name, item["quantity"])
        body = _body(subscription, item, price, item["quantity"], period)
        body.update(amount=0 if is_trial else cost, description=described)
        line = invoicing.line_object(call.new_id("il_"), invoice["id"], body)
        invoicing.carry(call, invoice, line, item)
        subscribing.note_billed(subscription, item, line, is_free=is_free)
        lines.append(line)
    return lines


def afterwards(call: Call, subscription: Object, invoice: Object, period: tuple[int, int]) -> list[Object]:
    """A line for what each metered item's customer used in the period that is over."""
    lines = []
    for item in subscription["items"]["data"]:
        price = pricing.billed(call, item["price"]["id"], subscription["currency"])
        if not subscribing.is_metered(price):
            continue
        # An item that came in mid-period owes for what was used since then.
        since = max(period[0], item["created"])
        quantity = metering.used(call, price["recurring"]["meter"], subscription["customer"], since, period[1])
        body = _body(subscription, item, price, quantity, period)
        name = product_name(call, price)
        body.update(amount=pricing.cost(price, quantity), description=pricing.line_description(price, name, quantity))
        line = invoicing.line_object(call.new_id("il_"), invoice["id"], body)
        invoicing.carry(call, invoice, line, item)
        lines.append(line)
    return lines


def _body(subscription: Object, item: Object, price: Object, quantity: int, period: tuple[int, int]) -> Object:
    return {
        "amount": 0,
        "currency": price["currency"],
        "description": None,
        "metadata": dict(item["metadata"]),
        "parent": _parent(subscription, item),
        "period": {"end": period[1], "start": period[0]},
        "pricing": invoicing.pricing_of(price),
        "quantity": quantity,
    }


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
