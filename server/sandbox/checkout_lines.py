"""The lines of checkout sessions and payment links: how they are chosen, what they cost, and how they are listed.

Notes of a line, as its owner keeps them: `id`, `price`, `quantity`, `adjustable`, `metadata`, `tax_rates`, `recurring`,
and `chosen` (an amount that the customer picks, where the price leaves it to them).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from paydesk.server.sandbox import automatic_tax, changes, discounting, invoicing, pricing, taxing, totals
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError, missing_parameter
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.params import merged_metadata
from paydesk.server.sandbox.resources import products

MOST_PICKED: Final = 99_999_999
_FEWEST: Final = 1


def build(call: Call, sent: Sequence[Mapping[str, Any]], param: str = "line_items") -> list[Object]:
    """Lines of what was sent; StripeError for a price that cannot be bought, or that comes without a number."""
    return [_line(call, one, f"{param}[{index}]") for index, one in enumerate(sent)]


def _line(call: Call, sent: Mapping[str, Any], param: str) -> Object:
    price = _price(call, sent, param)
    is_metered = bool(price["recurring"] and price["recurring"]["usage_type"] == "metered")
    if is_metered:
        changes.refuse_quantity(price, dict(sent), param)
    elif "quantity" not in sent:
        raise missing_parameter(f"{param}[quantity]")
    quantity = None if is_metered else sent["quantity"]
    adjustable = adjustable_of(sent.get("adjustable_quantity"), quantity, f"{param}[adjustable_quantity]")
    if quantity == 0 and not adjustable:
        raise StripeError("Quantity must be at least 1.", param=f"{param}[quantity]")
    if price["custom_unit_amount"] and quantity != 1:
        raise StripeError(
            "A price with an amount that the customer chooses is bought once.", param=f"{param}[quantity]"
        )
    return {
        "id": call.new_id("li_1"),
        "adjustable": adjustable,
        "chosen": (price["custom_unit_amount"] or {}).get("preset"),
        "metadata": merged_metadata({}, sent.get("metadata") or {}),
        "price": price["id"],
        "quantity": quantity,
        "recurring": price["recurring"],
        "tax_rates": [rate["id"] for rate in taxing.rates(call, sent.get("tax_rates"), f"{param}[tax_rates]")],
    }


def adjustable_of(sent: Mapping[str, Any] | None, quantity: int | None, param: str) -> Object | None:
    """What a customer may change a quantity to; StripeError where that leaves nothing, or is not where it begins."""
    if not sent or not sent["enabled"]:
        return None
    least, most = sent.get("minimum", 0), sent.get("maximum", 99)
    if quantity is None or most < max(least, _FEWEST):
        raise StripeError("The maximum of an adjustable quantity must not be below its minimum.", param=param)
    if not least <= quantity <= most:
        raise StripeError(
            f"The quantity must lie between {least} and {most}, where it may be adjusted to.", param=param
        )
    return {"enabled": True, "maximum": most, "minimum": least}


def _price(call: Call, sent: Mapping[str, Any], param: str) -> Object:
    if ("price" in sent) == ("price_data" in sent):
        raise StripeError(
            f"You must specify exactly one of these parameters: {param}[price], {param}[price_data].", param=param
        )
    if "price" in sent:
        price = call.mention("price", sent["price"], f"{param}[price]")
        # One that stays as it was may be of a price that came with the session.
        if not price["active"] and not sent.get("is_inline"):
            raise StripeError(
                f"The price specified is inactive. This field only accepts active prices: {price['id']}",
                param=f"{param}[price]",
            )
        return price
    data, at = dict(sent["price_data"]), f"{param}[price_data]"
    if ("product" in data) == ("product_data" in data):
        raise StripeError(f"You must specify exactly one of: {at}[product], {at}[product_data].", param=at)
    if "product_data" in data:
        data["product"] = products.make(call, data.pop("product_data"))["id"]
    return pricing.inline(call, data, at)


def currency_of(call: Call, lines: Sequence[Object], wanted: str | None) -> str:
    """The one currency of all lines; StripeError for a price that has no amount in it."""
    prices = [call.get("price", line["price"]) for line in lines]
    expected: str = wanted or prices[0]["currency"]
    for price in prices:
        if pricing.in_currency(price, expected) is None:
            raise StripeError(
                f"The price specified only supports `{price['currency']}`. "
                f"This doesn't match the expected currency: `{expected}`.",
                param="line_items",
            )
    return expected


def check_mode(call: Call, mode: str, lines: Sequence[Object]) -> None:
    """StripeError for lines that do not go with a session's mode."""
    recurring = [line for line in lines if line["recurring"]]
    if mode == "payment" and recurring:
        raise StripeError(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use "
            "only one-time prices."
        )
    if mode != "subscription":
        return
    if not recurring:
        raise StripeError("You must provide at least one recurring price in `subscription` mode when using prices.")
    prices = [call.get("price", line["price"]) for line in recurring]
    if len({changes.interval_of(price) for price in prices}) > 1:
        raise StripeError("All recurring prices of a Checkout Session must share one interval.", param="line_items")


def cost(call: Call, line: Object, currency: str) -> int:
    """What a line costs before discounts and taxes."""
    price = pricing.billed(call, line["price"], currency)
    if line["quantity"] is None:
        return 0
    if price["custom_unit_amount"]:
        return int(line["chosen"] or 0)
    return pricing.cost(price, line["quantity"])


def counted(call: Call, lines: Sequence[Object], currency: str, terms: Mapping[str, Any]) -> Object:
    """What lines add up to, as an invoice would. `terms`: `discounts` (ids), `customer` (for taxes), `automatic_tax`,
    `later` (ids of lines that cost nothing yet, in a trial), `default_tax_rates`.
    """
    later = terms.get("later", ())
    invoice: Object = {
        "automatic_tax": {"enabled": bool(terms.get("automatic_tax")), "status": None},
        "currency": currency,
        "customer_tax_ids": [],
        "default_tax_rates": [call.find("tax_rate", one) for one in terms.get("default_tax_rates") or ()],
        "discounts": list(terms.get("discounts", ())),
        "lines": {"data": [_as_line(call, line, currency, is_later=line["id"] in later) for line in lines]},
        "_rates": {
            line["id"]: [call.find("tax_rate", one) for one in line["tax_rates"]] for line in lines if line["tax_rates"]
        },
    }
    invoice["_terms"] = discounting.terms(call, invoice["discounts"])
    customer = terms.get("customer") or {"address": None, "shipping": None, "tax_exempt": "none"}
    automatic_tax.apply(call, invoice, customer)
    totals.count(invoice, customer["tax_exempt"] or "none")
    return invoice


def _as_line(call: Call, line: Object, currency: str, *, is_later: bool) -> Object:
    price = call.get("price", line["price"])
    return {
        "id": line["id"],
        "amount": 0 if is_later else cost(call, line, currency),
        "currency": currency,
        "discountable": True,
        "discounts": [],
        "pricing": invoicing.pricing_of(price),
    }


def items(call: Call, lines: Sequence[Object], invoice: Object) -> list[Object]:
    """Lines as their lists show them, with what a count of them came to."""
    return [_item(call, line, one) for line, one in zip(lines, invoice["lines"]["data"], strict=True)]


def _item(call: Call, line: Object, priced: Object) -> Object:
    price = call.get("price", line["price"])
    product = call.find("product", price["product"]) or {}
    off = sum(one["amount"] for one in priced["discount_amounts"])
    on_top = sum(one["amount"] for one in priced["taxes"] if one["tax_behavior"] == "exclusive")
    item: Object = {
        "id": line["id"],
        "object": "item",
        "adjustable_quantity": line["adjustable"],
        "amount_discount": off,
        "amount_subtotal": priced["amount"],
        "amount_tax": sum(one["amount"] for one in priced["taxes"]),
        "amount_total": priced["amount"] - off + on_top,
        "currency": priced["currency"],
        "description": product.get("name"),
        "metadata": line["metadata"],
        "price": visible(price),
        "quantity": line["quantity"],
    }
    return item


def given_discounts(call: Call, priced: Object) -> list[Object]:
    """What each discount took off, as `discounts` of an item or of a total shows it."""
    return [
        {"amount": one["amount"], "discount": visible(call.find("discount", one["discount"]) or {})}
        for one in priced["discount_amounts" if "discount_amounts" in priced else "total_discount_amounts"]
    ]


def taken_taxes(call: Call, taxes: Sequence[Object]) -> list[Object]:
    """Taxes as `taxes` of an item or of a total shows them."""
    return [
        {
            "amount": one["amount"],
            "rate": visible(call.find("tax_rate", one["tax_rate_details"]["tax_rate"]) or {}),
            "taxability_reason": None if one["taxability_reason"] == "not_available" else one["taxability_reason"],
            "taxable_amount": one["taxable_amount"],
        }
        for one in taxes
    ]


# By kind, how a holder of lines (a session, a link) is counted, so that a shown line may be looked up again.
COUNTS: Final[dict[str, Callable[[Call, Object], Object]]] = {}


def _priced(call: Call, item: Object) -> Object | None:
    """A shown line as its holder counts it; None for what is no line of a session or a link."""
    for kind, count in COUNTS.items():
        for holder in call.every(kind, {"_line_ids": item["id"]}, limit=1):
            lines = count(call, holder)["lines"]["data"]
            return next((line for line in lines if line["id"] == item["id"]), None)
    return None


def discounts_of(call: Call, item: Object) -> list[Object]:
    """`discounts` of a line, where expanded."""
    priced = _priced(call, item)
    return given_discounts(call, priced) if priced else []


def taxes_of(call: Call, item: Object) -> list[Object]:
    """`taxes` of a line, where expanded."""
    priced = _priced(call, item)
    return taken_taxes(call, priced["taxes"]) if priced else []


ITEM: Final = Kind(
    name="item",
    prefix="li_",
    called="line item",
    expands=("price.product",),
    includes={"discounts": discounts_of, "taxes": taxes_of},
)


def resize(line: Object, quantity: int, param: str) -> None:
    """Let the customer have more or fewer of a line; StripeError beyond what it allows."""
    bounds = line["adjustable"]
    if quantity == line["quantity"]:
        return
    if not bounds or not bounds["minimum"] <= quantity <= bounds["maximum"]:
        allowed = f"between {bounds['minimum']} and {bounds['maximum']}" if bounds else f"{line['quantity']} only"
        raise StripeError(f"This quantity may be {allowed}.", param=param)
    line["quantity"] = quantity


def pick(call: Call, line: Object, amount_minor: int, param: str) -> None:
    """Let the customer choose what to pay for a line whose price leaves it to them."""
    limits = call.get("price", line["price"])["custom_unit_amount"]
    if not limits:
        raise StripeError("The amount of this line is fixed.", param=param)
    least, most = limits["minimum"] or 0, limits["maximum"] or MOST_PICKED
    if not least <= amount_minor <= most:
        raise StripeError(f"The amount must lie between {least} and {most} (in minor units).", param=param)
    line["chosen"] = amount_minor
