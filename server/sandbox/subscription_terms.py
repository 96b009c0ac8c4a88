"""What a subscription and its items are sold under besides their prices: discounts and tax rates."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from paydesk.server.sandbox import automatic_tax, discounting, pricing, taxing, totals
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Object

DECLARED: Final = {
    "automatic_tax": automatic_tax.AUTOMATIC,
    "default_tax_rates": taxing.RATES,
    "discounts": discounting.DISCOUNTS,
}
DECLARED_OF_ITEM: Final = {"discounts": discounting.DISCOUNTS, "tax_rates": taxing.RATES}


def take(call: Call, subscription: Object, sent: Mapping[str, Any]) -> None:
    """Put what was sent into a subscription, new or stored."""
    if "discounts" in sent:
        worth = sum(_full_cost(call, item, subscription["currency"]) for item in subscription["items"]["data"])
        holder = discounting.Holder(
            subscription["customer"], "subscription", subscription["id"], subscription["currency"], worth
        )
        held = subscription["discounts"]
        subscription["discounts"] = discounting.put(call, holder, sent["discounts"], held, param="discounts")
    if "default_tax_rates" in sent:
        subscription["default_tax_rates"] = taxing.rates(call, sent["default_tax_rates"], "default_tax_rates")
    if "automatic_tax" in sent:
        automatic_tax.switch(subscription, sent["automatic_tax"])
        if sent["automatic_tax"]["enabled"]:
            automatic_tax.check_location(call.get("customer", subscription["customer"]))


def take_item(
    call: Call, customer: str, item: Object, sent: Mapping[str, Any], param: str, *, currency: str = ""
) -> None:
    """Put what was sent into an item of a subscription; `currency` is needed where that is not stored yet."""
    if "discounts" in sent:
        held_by = call.find("subscription", item["subscription"]) or {}
        code = currency or held_by.get("currency", item["price"]["currency"])
        holder = discounting.Holder(customer, "subscription_item", item["id"], code, _full_cost(call, item, code))
        held = item["discounts"]
        item["discounts"] = discounting.put(call, holder, sent["discounts"], held, param=f"{param}[discounts]")
    if "tax_rates" in sent:
        item["tax_rates"] = taxing.rates(call, sent["tax_rates"], f"{param}[tax_rates]")


def _full_cost(call: Call, item: Object, currency: str) -> int:
    if "quantity" not in item:
        return 0
    return pricing.cost(pricing.billed(call, item["price"]["id"], currency), item["quantity"])


def paid_share(call: Call, subscription: Object, item: Object, gross: Fraction) -> Fraction:
    """Which part of its price an item costs now, after the discounts that run: 4/5 with a fifth off.

    An amount off is shared out as on an invoice, over the items that it applies to; `gross` is this item's own cost.
    """
    if not gross or not (subscription["discounts"] or item["discounts"]):
        return Fraction(1)
    items = [one for one in subscription["items"]["data"] if one["id"] != item["id"] and "quantity" in one]
    code = subscription["currency"]
    costs = [
        (one, pricing.exact_cost(pricing.billed(call, one["price"]["id"], code), one["quantity"])) for one in items
    ]
    lines = [_as_line(call, one, cost) for one, cost in [*costs, (item, gross)]]
    for line in lines:
        _lower(call, line["own"], [line], subscription["currency"])
    _lower(call, subscription["discounts"], lines, subscription["currency"])
    return min(Fraction(1), Fraction(lines[-1]["left"]) / gross)


def _as_line(call: Call, item: Object, cost: Fraction) -> dict[str, Any]:
    product = (call.find("price", item["price"]["id"]) or item["price"])["product"]
    return {
        "discountable": True,
        "pricing": {"price_details": {"product": product}},
        "left": cost,
        "own": item["discounts"],
    }


def _lower(call: Call, discounts: list[str], lines: list[dict[str, Any]], currency: str) -> None:
    """Take discounts off, exactly: shares of an invoice are rounded, those of a part of a period are not yet."""
    for terms in discounting.terms(call, discounting.running(call, discounts)).values():
        hit = [line for line in lines if totals.applies(terms, line) and line["left"] > 0]
        whole = sum((line["left"] for line in hit), Fraction(0))
        if not whole:
            continue
        if terms["percent"] is not None:
            keeps = 1 - Fraction(terms["percent"]) / 100
        else:
            keeps = max(Fraction(0), 1 - Fraction(int(terms["amounts"].get(currency, 0))) / whole)
        for line in hit:
            line["left"] *= keeps


def billed_share(line: Object | None) -> Fraction:
    """Which part of its amount a line of an invoice really cost."""
    if line is None or not line["amount"]:
        return Fraction(1)
    return 1 - Fraction(sum(one["amount"] for one in line["discount_amounts"]), line["amount"])
