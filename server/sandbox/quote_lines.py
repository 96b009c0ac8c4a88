"""The lines of a quote, and the discounts that it and they will have: what they take, and how they are kept."""

from typing import Any, Final

from paydesk.server.sandbox import changes, discounting, pricing, subscription_terms, taxing
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError, missing_parameter
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import integer, mapping, text

LINE: Final = {
    "price": text(),
    "price_data": mapping({**pricing.INLINE_ONCE, "recurring": mapping(pricing.INTERVAL)}),
    "quantity": integer(0, changes.MAX_QUANTITY),
    **subscription_terms.DECLARED_OF_ITEM,
}


def given(
    call: Call, quote: Object, sent: list[dict[str, Any]] | None, param: str
) -> tuple[list[dict[str, str]], list[str]]:
    """Discounts as they will be redeemed when the quote is accepted, and the ids of those that it shows until then."""
    wanted, ids = [], []
    for index, one in enumerate(sent or []):
        named = {name: value for name, value in one.items() if value is not None and name != "discount"}
        if len(named) != 1:
            raise StripeError(
                f"A quote's discount names either a `coupon` or a `promotion_code`: {param}[{index}].",
                param=f"{param}[{index}]",
            )
        ((name, value),) = named.items()
        found = call.mention(name, value, f"{param}[{index}][{name}]")
        coupon = found if name == "coupon" else call.get("coupon", found["promotion"]["coupon"])
        holder = discounting.Holder(quote["customer"], "", quote["id"], quote["currency"] or "")
        code = found["id"] if name == "promotion_code" else None
        shown = discounting.discount_object(call.new_id("di_"), call.now, coupon, holder, code)
        ids.append(str(call.create(shown)["id"]))
        wanted.append({name: value})
    return wanted, ids


def put(call: Call, quote: Object, sent: list[dict[str, Any]]) -> None:
    """Give a quote exactly these lines; those named by their id keep what is not sent."""
    old = {line["id"]: line for line in quote["_lines"]}
    lines: list[Object] = []
    for index, one in enumerate(sent):
        param = f"line_items[{index}]"
        before = old.get(one.get("id", ""))
        if "id" in one and before is None:
            raise StripeError(f"No such quote line item: '{one['id']}'", code="resource_missing", param=f"{param}[id]")
        lines.append(_line(call, quote, one, before, param))
    _check_lines(call, lines)
    quote["_lines"] = lines
    quote["currency"] = call.get("price", lines[0]["price"])["currency"] if lines else None


def _line(call: Call, quote: Object, sent: dict[str, Any], before: Object | None, param: str) -> Object:
    if "price_data" in sent:
        price = pricing.inline(call, sent["price_data"], f"{param}[price_data]")
    elif "price" in sent or before:
        name = sent["price"] if "price" in sent else (before or {})["price"]
        price = call.mention("price", name, f"{param}[price]")
        if not price["active"] and "price" in sent:
            raise StripeError("The price specified is inactive. This field only accepts active prices.", param=param)
    else:
        raise missing_parameter(f"{param}[price]")
    is_metered = bool(price["recurring"] and price["recurring"]["usage_type"] == "metered")
    usual = (before or {}).get("quantity") or 1
    rates = (before or {}).get("tax_rates", [])
    if "tax_rates" in sent:
        rates = [rate["id"] for rate in taxing.rates(call, sent["tax_rates"], f"{param}[tax_rates]")]
    coupons, discounts = (before or {}).get("coupons", []), (before or {}).get("discounts", [])
    if "discounts" in sent:
        coupons, discounts = given(call, quote, sent["discounts"], f"{param}[discounts]")
    return {
        "id": before["id"] if before else call.new_id("li_1"),
        "coupons": coupons,
        "discounts": discounts,
        "price": price["id"],
        "quantity": None if is_metered else sent.get("quantity", usual),
        "recurring": price["recurring"],
        "tax_rates": rates,
    }


def _check_lines(call: Call, lines: list[Object]) -> None:
    prices = [call.get("price", line["price"]) for line in lines]
    for price in prices:
        if price["currency"] != prices[0]["currency"]:
            raise StripeError("All line items of a quote must be in one currency.", param="line_items")
    cycles = {changes.interval_of(price) for price in prices if price["recurring"]}
    if len(cycles) > 1:
        raise StripeError("The sandbox serves quotes whose recurring items share one interval.", param="line_items")
