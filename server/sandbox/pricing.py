"""Pricing: what a price is, how one is made from parameters, and what a quantity of it costs.

Prices are made by their own resource, with a product (`default_price_data`) and inline (`price_data` of items).
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any, Final

from paydesk.server.sandbox import money
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    CURRENCIES,
    Shape,
    amount,
    boolean,
    choice,
    currency,
    decimal,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    table,
    text,
)

INTERVALS: Final = ("day", "month", "week", "year")
# Stripe bills at least every three years.
_LONGEST: Final = {"day": 1_095, "week": 156, "month": 36, "year": 3}
AMOUNTS: Final = {
    "unit_amount": amount(),
    "unit_amount_decimal": decimal(minimum="0"),
}
TAX_BEHAVIOR: Final = choice("exclusive", "inclusive", "unspecified")
_CUSTOM: Final = mapping({"enabled": required(boolean()), **dict.fromkeys(("maximum", "minimum", "preset"), amount())})
TIER: Final = mapping(
    {
        "flat_amount": amount(),
        "flat_amount_decimal": decimal(minimum="0"),
        **AMOUNTS,
        "up_to": required(replace(text(), shape=Shape("either", (choice("inf"), integer(1))))),
    }
)
OPTIONS: Final = table(
    mapping({**AMOUNTS, "custom_unit_amount": _CUSTOM, "tax_behavior": TAX_BEHAVIOR, "tiers": list_of(TIER)})
)
INTERVAL: Final = {"interval": required(choice(*INTERVALS)), "interval_count": integer(1)}

# `price_data` of a subscription item, and of an invoice item (which has no `recurring`).
INLINE_ONCE: Final = {
    "currency": required(currency()),
    "product": required(text()),
    "tax_behavior": TAX_BEHAVIOR,
    **AMOUNTS,
}
INLINE_RECURRING: Final = {**INLINE_ONCE, "recurring": required(mapping(INTERVAL))}
# `default_price_data` of a product.
DEFAULT_DATA: Final = {
    "currency": required(currency()),
    "currency_options": OPTIONS,
    "custom_unit_amount": _CUSTOM,
    "metadata": metadata(),
    "recurring": mapping(INTERVAL),
    "tax_behavior": TAX_BEHAVIOR,
    **AMOUNTS,
}


def price_object(
    identifier: str,
    created: int,
    *,
    product: str,
    currency: str,
    unit_amount: int | None,
    interval: str | None = None,
    interval_count: int = 1,
) -> Object:
    """An active flat price in minor units: one-time, or recurring where an interval is given."""
    recurring: Object | None = None
    if interval:
        recurring = {
            "interval": interval,
            "interval_count": interval_count,
            "meter": None,
            "trial_period_days": None,
            "usage_type": "licensed",
        }
    return {
        "id": identifier,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": created,
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": product,
        "recurring": recurring,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": unit_amount,
        "unit_amount_decimal": None if unit_amount is None else str(unit_amount),
    }


def build(call: Call, sent: Mapping[str, Any], *, prefix: str = "") -> Object:
    """A new price from checked parameters, not yet stored; `prefix` is the parameter that they stand in."""
    recurring = sent.get("recurring")
    price = price_object(
        call.new_id("price_"),
        call.now,
        product=sent["product"],
        currency=sent["currency"],
        unit_amount=None,
        interval=recurring and recurring["interval"],
        interval_count=_interval_count(recurring, prefix),
    )
    if recurring and recurring.get("usage_type") == "metered":
        if "meter" not in recurring:
            raise StripeError(
                "Starting with Stripe version `2025-03-31.basil`, metered prices must be backed by meters."
            )
        _set_meter(call, price, recurring["meter"], f"{prefix}[recurring][meter]" if prefix else "recurring[meter]")
    elif recurring and "meter" in recurring:
        raise StripeError("You may only specify `meter` when `usage_type` is `metered`.", param="recurring[meter]")
    _set_amount(price, sent)
    for field in ("active", "nickname", "tax_behavior", "transform_quantity"):
        if field in sent:
            price[field] = sent[field]
    price["metadata"] = merged_metadata({}, sent.get("metadata", {}))
    options = sent.get("currency_options")
    if options:
        set_options(price, options)
    return price


def set_options(price: Object, sent: Mapping[str, Any]) -> None:
    """Give a price amounts in further currencies, of the kind that its own amount is; the others stay."""
    made = {code: _option(price, code, one) for code, one in sent.items()}
    price["_currency_options"] = {**price.get("_currency_options", {}), **made}


def _set_meter(call: Call, price: Object, meter: str, param: str) -> None:
    """Bill a price by what a meter counts; StripeError for a meter that counts nothing any more."""
    found = call.mention("billing.meter", meter, param)
    if found["status"] != "active":
        raise StripeError(f"The meter {meter} is inactive. Prices may only use active meters.", param=param)
    price["recurring"].update(usage_type="metered", meter=meter)


def _interval_count(recurring: Mapping[str, Any] | None, prefix: str) -> int:
    if not recurring:
        return 1
    count: int = recurring.get("interval_count", 1)
    longest = _LONGEST[recurring["interval"]]
    if count > longest:
        name = f"{prefix}[recurring][interval_count]" if prefix else "recurring[interval_count]"
        raise StripeError(
            f"Invalid {name}: with an interval of one {recurring['interval']} it may be at most {longest}.", param=name
        )
    return count


def _set_amount(price: Object, sent: Mapping[str, Any]) -> None:
    """What it costs: a flat amount, tiers, or what the customer chooses; exactly one of them."""
    if sent.get("billing_scheme") == "tiered":
        _set_tiers(price, sent)
        return
    for name in ("tiers", "tiers_mode"):
        if name in sent:
            raise StripeError(f"You may only specify `{name}` when `billing_scheme` is `tiered`.", param=name)
    custom = sent.get("custom_unit_amount")
    if custom and custom["enabled"]:
        price["custom_unit_amount"] = {name: custom.get(name) for name in ("maximum", "minimum", "preset")}
        return
    if "unit_amount" in sent and "unit_amount_decimal" in sent:
        raise StripeError(
            "You may only specify one of these parameters: unit_amount, unit_amount_decimal.", param="unit_amount"
        )
    if "unit_amount" not in sent and "unit_amount_decimal" not in sent:
        raise StripeError("Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.")
    price["unit_amount"], price["unit_amount_decimal"] = both_amounts(sent, "unit_amount")


def _set_tiers(price: Object, sent: Mapping[str, Any]) -> None:
    if price["recurring"] is None:
        raise StripeError("Prices with `type=one_time` are not supported with tiered billing.", param="interval")
    for name in ("tiers", "tiers_mode"):
        if not sent.get(name):
            raise StripeError(f"Prices with `billing_scheme=tiered` require `{name}` to be set.", param=name)
    if "transform_quantity" in sent:
        raise StripeError("`transform_quantity` cannot be used with tiers.", param="transform_quantity")
    tiers = _checked_tiers(sent["tiers"], "tiers")
    price.update(billing_scheme="tiered", tiers_mode=sent["tiers_mode"], _tiers=tiers)


def _checked_tiers(sent: list[Mapping[str, Any]], param: str) -> list[Object]:
    tiers = [_tier(tier, f"{param}[{index}]") for index, tier in enumerate(sent)]
    bounds = [tier["up_to"] for tier in tiers]
    if not bounds or bounds[-1] is not None or None in bounds[:-1] or bounds[:-1] != sorted(set(bounds[:-1])):
        raise StripeError(
            "`tiers` must rise by `up_to`, and the last tier must be open-ended: set its `up_to` to `inf`.",
            param=param,
        )
    return tiers


def _tier(sent: Mapping[str, Any], name: str) -> Object:
    flat, flat_decimal = both_amounts(sent, "flat_amount")
    unit, unit_decimal = both_amounts(sent, "unit_amount")
    if flat_decimal is None and unit_decimal is None:
        raise StripeError(f"{name} needs a `unit_amount` or a `flat_amount`.", param=name)
    up_to = sent["up_to"]
    if up_to != "inf" and not up_to.isdecimal():
        raise StripeError(f"Invalid {name}[up_to]: must be a whole number or `inf`.", param=f"{name}[up_to]")
    return {
        "flat_amount": flat,
        "flat_amount_decimal": flat_decimal,
        "unit_amount": unit,
        "unit_amount_decimal": unit_decimal,
        "up_to": None if up_to == "inf" else int(up_to),
    }


def both_amounts(sent: Mapping[str, Any], name: str) -> tuple[int | None, str | None]:
    """An amount as a whole number (None where it has a fraction) and as a decimal text; (None, None) for none."""
    if name in sent:
        return sent[name], str(sent[name])
    exact: Decimal | None = sent.get(f"{name}_decimal")
    if exact is None:
        return None, None
    if exact == exact.to_integral_value():
        return int(exact), str(int(exact))
    return None, format(exact, "f").rstrip("0")


def check_option(code: str) -> None:
    """StripeError for a key of `currency_options` that is no currency in lower case."""
    if code not in CURRENCIES:
        if code.lower() in CURRENCIES:
            raise StripeError(
                f"Currencies must be lowercase when used as keys in a map. Use `{code.lower()}` instead of `{code}`.",
                param="currency_options",
            )
        raise StripeError(f"Invalid currency: {code}", param="currency_options")


def _option(price: Object, code: str, sent: Mapping[str, Any]) -> Object:
    check_option(code)
    if code == price["currency"]:
        raise StripeError(
            "You may not specify the price's own currency in `currency_options`.", param=f"currency_options[{code}]"
        )
    whole, exact = both_amounts(sent, "unit_amount")
    custom = sent.get("custom_unit_amount")
    is_custom = bool(custom and custom["enabled"])
    option: Object = {
        "custom_unit_amount": {name: custom.get(name) for name in ("maximum", "minimum", "preset")}
        if custom and is_custom
        else None,
        "tax_behavior": sent.get("tax_behavior", "unspecified"),
        "unit_amount": whole,
        "unit_amount_decimal": exact,
    }
    if price["billing_scheme"] == "tiered":
        option["tiers"] = _checked_tiers(sent.get("tiers", []), f"currency_options[{code}][tiers]")
    elif (exact is None) == (not is_custom):
        raise StripeError(
            f"`currency_options[{code}]` needs an amount of the same kind as the price's own.",
            param=f"currency_options[{code}]",
        )
    return option


def inline(call: Call, sent: Mapping[str, Any], param: str) -> Object:
    """The price of a `price_data`, stored inactive as Stripe does; StripeError blames `param`."""
    product = call.mention("product", sent["product"], f"{param}[product]")["id"]
    price = build(call, {**sent, "product": product}, prefix=param)
    price["active"] = False
    return call.create(price, emits="price.created")


def refuse_unbillable(price: Object, param: str) -> None:
    """StripeError for a price that has no amount of its own to bill."""
    if price["custom_unit_amount"]:
        raise StripeError(f"{price['id']} has an amount chosen by the customer: it cannot be billed.", param=param)


def in_currency(price: Object, code: str) -> Object | None:
    """A price as it is in one of its currencies; None where it has no such option."""
    if code == price["currency"]:
        return price
    option = price.get("_currency_options", {}).get(code)
    if option is None:
        return None
    amounts = {name: option[name] for name in ("custom_unit_amount", "unit_amount", "unit_amount_decimal")}
    return {**price, **amounts, "currency": code, "_tiers": option.get("tiers", [])}


def billed(call: Call, identifier: str, code: str) -> Object:
    """The stored price as it is billed in a currency that it has an amount in."""
    price = call.get("price", identifier)
    return in_currency(price, code) or price


def exact_cost(price: Object, quantity: int | Fraction) -> Fraction:
    """What a quantity costs in minor units, before rounding; a tiered price must be the stored one, with its tiers."""
    if price["billing_scheme"] == "tiered":
        return _tiered_cost(price["_tiers"], price["tiers_mode"], quantity)
    bundles = price["transform_quantity"]
    if bundles:
        full, rest = divmod(quantity, bundles["divide_by"])
        quantity = full + (1 if rest and bundles["round"] == "up" else 0)
    return Fraction(price["unit_amount_decimal"]) * quantity


def _tiered_cost(tiers: list[Object], mode: str, quantity: int | Fraction) -> Fraction:
    """`volume`: all units at the tier that the quantity falls in; `graduated`: the units of each tier at its own.

    The flat amount of a tier is due once it is reached, the first one's always
    (https://docs.stripe.com/products-prices/pricing-models#tiered-pricing).
    """
    total, below = Fraction(0), Fraction(0)
    for tier in tiers:
        upper = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        flat, unit = (Fraction(tier[f"{name}_amount_decimal"] or 0) for name in ("flat", "unit"))
        is_last = tier["up_to"] is None or quantity <= tier["up_to"]
        if mode == "volume":
            if is_last:
                return flat + unit * quantity
            continue
        total += flat + unit * (upper - below)
        below = Fraction(upper)
        if is_last:
            break
    return total


def cost(price: Object, quantity: int) -> int:
    """What a quantity costs in minor units; half a unit is rounded up."""
    return floor(exact_cost(price, quantity) + Fraction(1, 2))


def line_description(price: Object, product_name: str, quantity: int) -> str:
    """A subscription's line as invoices word it: `1 × Basic (at $10.00 / month)`."""
    recurring = price["recurring"]
    count, interval = recurring["interval_count"], recurring["interval"]
    every = f"/ {interval}" if count == 1 else f"every {count} {interval}s"
    unit = price["unit_amount"]
    each = money.written(unit, price["currency"]) if unit is not None else price["unit_amount_decimal"]
    if price["billing_scheme"] == "tiered":
        each = f"{price['tiers_mode']} prices"
    return f"{quantity} × {product_name} (at {each} {every})"
