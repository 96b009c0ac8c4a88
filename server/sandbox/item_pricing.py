"""What an invoice item costs, in each of the ways to say it: an amount, a price, a price of its own.

An item without a price gets an inactive one, of an inactive product, as at Stripe; the next of its kind has them too.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from paydesk.server.sandbox import invoicing, pricing
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import clearable, decimal, integer, list_of, mapping, metadata, required, text
from paydesk.server.sandbox.resources import products
from paydesk.server.sandbox.splitting import half_up

MAX_AMOUNT: Final = 99_999_999
# What a line or an item costs, in one of several ways.
PRICED: Final = {
    "amount": integer(-MAX_AMOUNT, MAX_AMOUNT),
    "price_data": mapping(pricing.INLINE_ONCE),
    "pricing": mapping({"price": text()}),
    "quantity": integer(0),
    "quantity_decimal": decimal(minimum="0"),
    "unit_amount_decimal": decimal(),
}
# An invoice item says besides how its own price relates to tax.
TAXED: Final = {"tax_behavior": pricing.TAX_BEHAVIOR, "tax_code": clearable(text())}
PRODUCT_DATA: Final = mapping(
    {
        "description": text(40_000),
        "images": list_of(text(), maximum=products.MAX_IMAGES),
        "metadata": metadata(),
        "name": required(text()),
        "tax_code": text(),
        "unit_label": text(12),
    }
)
# A line may bring its product along.
LINE_PRICED: Final = {
    **{name: param for name, param in PRICED.items() if name != "unit_amount_decimal"},
    "price_data": mapping({**pricing.INLINE_ONCE, "product": text(), "product_data": PRODUCT_DATA}),
}


def priced(call: Call, sent: Mapping[str, Any], currency_code: str, *, prefix: str = "") -> Object:
    """Amount, currency, pricing, quantity and description; StripeError for more ways than one, or for none."""
    ways = [name for name in ("amount", "price_data", "pricing", "unit_amount_decimal") if name in sent]
    if len(ways) > 1:
        raise StripeError(f"You may only specify one of these parameters: {', '.join(ways)}.", param=ways[0])
    if not ways:
        raise StripeError("You must specify one of: amount, pricing, price_data, unit_amount_decimal.", param="amount")
    if "quantity" in sent and "quantity_decimal" in sent:
        raise StripeError("You may only specify one of these parameters: quantity, quantity_decimal.", param="quantity")
    quantity = Decimal(sent.get("quantity_decimal", sent.get("quantity", 1)))
    described = sent.get("description")
    if "pricing" in sent or "price_data" in sent:
        price = _in_currency(_price(call, sent, prefix), sent.get("currency"))
        described = described or (call.find("product", price["product"]) or {}).get("name")
        return _body(_cost(price, quantity), price, quantity, described)
    if "unit_amount_decimal" in sent:
        unit: Decimal = sent["unit_amount_decimal"]
        amount = half_up(Fraction(unit) * Fraction(quantity))
    else:
        more = next((name for name in ("quantity", "quantity_decimal") if name in sent), None)
        if more:
            raise StripeError(f"You may only specify one of these parameters: amount, {more}.", param="amount")
        unit, amount = Decimal(sent["amount"]), sent["amount"]
    price = _inline_price(call, unit, currency_code, _inline_product(call, described, sent.get("tax_code")), sent)
    return _body(amount, price, quantity, described)


def repriced(call: Call, item: Object, sent: Mapping[str, Any]) -> Object:
    """What changes of an item when one of its ways to be priced is sent: a new amount is of the same product."""
    changed = set(sent) & set(PRICED)
    details = item["pricing"]["price_details"]
    if changed == {"amount"}:
        price = _inline_price(call, Decimal(sent["amount"]), item["currency"], details["product"], sent)
        return _body(sent["amount"], price, Decimal(1), item["description"])
    if changed and changed <= {"quantity", "quantity_decimal"}:
        own = call.get("price", details["price"])
        price = pricing.in_currency(own, item["currency"]) or own
        quantity = Decimal(sent.get("quantity_decimal", sent.get("quantity")))
        return _body(_cost(price, quantity), price, quantity, item["description"])
    if changed:
        wanted = {"description": item["description"], **sent, "currency": item["currency"]}
        return priced(call, wanted, item["currency"])
    return {}


def _cost(price: Object, quantity: Decimal) -> int:
    return half_up(pricing.exact_cost(price, Fraction(quantity)))


def _body(amount: int, price: Object, quantity: Decimal, description: str | None) -> Object:
    return {
        "amount": amount,
        "currency": price["currency"],
        "description": description,
        "pricing": invoicing.pricing_of(price),
        # Whole units; the exact number stands beside (Stripe's OpenAPI).
        "quantity": int(quantity),
        "quantity_decimal": _written(quantity),
    }


def _written(quantity: Decimal) -> str:
    return str(int(quantity)) if quantity == quantity.to_integral_value() else format(quantity.normalize(), "f")


def _in_currency(price: Object, wanted: str | None) -> Object:
    found = price if wanted is None else pricing.in_currency(price, wanted)
    if found is None:
        raise StripeError(
            f"The price specified only supports `{price['currency']}`. "
            f"This doesn't match the expected currency: `{wanted}`.",
            param="currency",
        )
    return found


def _price(call: Call, sent: Mapping[str, Any], prefix: str) -> Object:
    """The one-time price that an item names or carries."""
    if "price_data" in sent:
        data, param = dict(sent["price_data"]), f"{prefix}[price_data]" if prefix else "price_data"
        if ("product" in data) == ("product_data" in data):
            raise StripeError(f"You must specify exactly one of: {param}[product], {param}[product_data].", param=param)
        if "product_data" in data:
            data["product"] = products.make(call, data.pop("product_data"))["id"]
        return pricing.inline(call, data, param)
    named = sent["pricing"].get("price")
    if named is None:
        raise StripeError("Missing required param: pricing[price].", code="parameter_missing", param="pricing[price]")
    price = call.mention("price", named, "pricing[price]")
    if price["type"] != "one_time":
        raise StripeError(
            "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.",
            param="pricing[price]",
        )
    if not price["active"] and not sent["pricing"].get("is_inline"):
        raise StripeError(
            "The price specified is inactive. This field only accepts active prices.", param="pricing[price]"
        )
    pricing.refuse_unbillable(price, "pricing[price]")
    return price


def _inline_price(call: Call, unit: Decimal, currency_code: str, product: str, sent: Mapping[str, Any]) -> Object:
    """An inactive price for one amount."""
    whole, exact = pricing.both_amounts({"unit_amount_decimal": unit}, "unit_amount")
    behavior = sent.get("tax_behavior", "unspecified")
    for price in call.every("price", {"product": product, "currency": currency_code}):
        if price["unit_amount_decimal"] == exact and price["tax_behavior"] == behavior and not price["active"]:
            return price
    price = pricing.price_object(
        call.new_id("price_"), call.now, product=product, currency=currency_code, unit_amount=whole
    )
    price.update(active=False, tax_behavior=behavior, unit_amount_decimal=exact)
    return call.create(price, emits="price.created")


def _inline_product(call: Call, name: str | None, tax_code: str | None) -> str:
    """An inactive product of that name and tax code."""
    name = name or "Invoice item"
    for product in call.every("product", {"active": False}):
        if product["name"] == name and product["tax_code"] == tax_code:
            return str(product["id"])
    product = products.product_object(call.new_id("prod_", 14), call.now, name)
    product.update(active=False, tax_code=tax_code)
    if tax_code:
        product["tax_details"] = {"performance_location": None, "tax_code": tax_code}
    return str(call.create(product, emits="product.created")["id"])
