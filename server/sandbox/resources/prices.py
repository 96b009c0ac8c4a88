"""Prices: what a product costs, once or by interval. Create, retrieve, update, list, search; lookup keys.

Tiers and further currencies are kept and shown when expanded; only flat prices in their own currency can be billed.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from paydesk.server.sandbox import lists, search
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    CURRENCIES,
    LISTING,
    SEARCHING,
    amount,
    boolean,
    choice,
    clearable,
    currency,
    decimal,
    either,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    table,
    text,
    unserved,
)
from paydesk.server.sandbox.resources import products
from paydesk.server.sandbox.routes import Resource
from paydesk.server.sandbox.storage import Sql


def shown(_call: Call, price: Object) -> Object:
    """Without what is there only when expanded."""
    price.pop("_tiers", None)
    price.pop("_currency_options", None)
    return price


def _kept(call: Call, price: Object, note: str) -> Any:
    row = call.store.get(call.account, "price", price["id"])
    return json.loads(row.body).get(note) if row else None


def _currency_options(call: Call, price: Object) -> Any:
    own = {
        "custom_unit_amount": price["custom_unit_amount"],
        "tax_behavior": price["tax_behavior"],
        "unit_amount": price["unit_amount"],
        "unit_amount_decimal": price["unit_amount_decimal"],
    }
    return {price["currency"]: own, **(_kept(call, price, "_currency_options") or {})}


PRICE: Final = Kind(
    name="price",
    prefix="price_",
    param="price",
    indexed=("product", "active", "currency", "type", "lookup_key", "recurring.interval", "recurring.usage_type"),
    expands=("product",),
    includes={
        "currency_options": _currency_options,
        "tiers": lambda call, price: _kept(call, price, "_tiers") or [],
    },
    searches={
        "active": "flag",
        "created": "number",
        "currency": "token",
        "lookup_key": "token",
        "metadata": "metadata",
        "product": "token",
        "type": "token",
    },
    shows=shown,
)

INTERVALS: Final = ("day", "month", "week", "year")
# Stripe bills at least every three years.
_LONGEST: Final = {"day": 1_095, "week": 156, "month": 36, "year": 3}
_AMOUNT: Final = {
    "unit_amount": amount(),
    "unit_amount_decimal": decimal(minimum="0"),
}
_TAX: Final = choice("exclusive", "inclusive", "unspecified")
_CUSTOM: Final = mapping(
    {"enabled": required(boolean()), **dict.fromkeys(("maximum", "minimum", "preset"), amount())}
)
_TIER: Final = mapping(
    {
        "flat_amount": amount(),
        "flat_amount_decimal": decimal(minimum="0"),
        **_AMOUNT,
        "up_to": required(either(mapping({}), text())),
    }
)
_OPTIONS: Final = table(mapping({**_AMOUNT, "tax_behavior": _TAX, **unserved("custom_unit_amount", "tiers")}))
_INTERVAL: Final = {"interval": required(choice(*INTERVALS)), "interval_count": integer(1)}

# `price_data` of a subscription item, and of an invoice item (which has no `recurring`).
INLINE_ONCE: Final = {
    "currency": required(currency()),
    "product": required(text()),
    "tax_behavior": _TAX,
    **_AMOUNT,
}
INLINE_RECURRING: Final = {**INLINE_ONCE, "recurring": required(mapping(_INTERVAL))}
# `default_price_data` of a product.
DEFAULT_DATA: Final = {
    "currency": required(currency()),
    "currency_options": _OPTIONS,
    "custom_unit_amount": _CUSTOM,
    "metadata": metadata(),
    "recurring": mapping(_INTERVAL),
    "tax_behavior": _TAX,
    **_AMOUNT,
}
_CREATE: Final = {
    **DEFAULT_DATA,
    "active": boolean(),
    "billing_scheme": choice("per_unit", "tiered"),
    "lookup_key": text(200),
    "nickname": text(),
    "product": text(),
    "product_data": mapping(
        {
            "active": boolean(),
            "id": text(),
            "metadata": metadata(),
            "name": required(text()),
            "statement_descriptor": text(22),
            "tax_code": text(),
            "unit_label": text(12),
        }
    ),
    "recurring": mapping({**_INTERVAL, "meter": text(), "usage_type": choice("licensed", "metered")}),
    "tiers": list_of(_TIER),
    "tiers_mode": choice("graduated", "volume"),
    "transfer_lookup_key": boolean(),
    "transform_quantity": mapping({"divide_by": required(integer(1)), "round": required(choice("down", "up"))}),
}
_UPDATE: Final = {
    "active": boolean(),
    "lookup_key": clearable(text(200)),
    "metadata": metadata(),
    "nickname": clearable(text()),
    "tax_behavior": _TAX,
    "transfer_lookup_key": boolean(),
    **unserved("currency_options"),
}
_LIST: Final = {
    **LISTING,
    "active": boolean(),
    "currency": currency(),
    "lookup_keys": list_of(text(), maximum=10),
    "product": text(),
    "recurring": mapping(
        {"interval": choice(*INTERVALS), "meter": text(), "usage_type": choice("licensed", "metered")}
    ),
    "type": choice("one_time", "recurring"),
}

resource = Resource()


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


@resource.post("/v1/prices", _CREATE)
def create(call: Call) -> Answer:
    sent = call.params
    if "product" in sent and "product_data" in sent:
        raise StripeError("You may only specify one of these parameters: product, product_data.", param="product")
    if "product" not in sent and "product_data" not in sent:
        raise StripeError("You must specify either `product` or `product_data` when creating a price.")
    if "product" in sent:
        product: str = call.mention("product", sent["product"], "product")["id"]
    else:
        product = products.make(call, sent["product_data"], "product_data")["id"]
    price = build(call, {**sent, "product": product})
    if "lookup_key" in sent:
        _take_key(call, price, sent["lookup_key"], transfers=sent.get("transfer_lookup_key", False))
    return put(call, price)


@resource.get("/v1/prices", _LIST)
def list_all(call: Call) -> Answer:
    sent = call.params
    recurring = sent.get("recurring", {})
    where = {
        **{name: sent.get(name) for name in ("product", "active", "currency", "type")},
        "recurring.interval": recurring.get("interval"),
        "recurring.usage_type": recurring.get("usage_type"),
    }
    conditions: list[Sql] = []
    if "lookup_keys" in sent:
        keys = sent["lookup_keys"]
        conditions.append((f"json_extract(o.body, '$.lookup_key') IN ({', '.join('?' * len(keys))})", list(keys)))
    if "meter" in recurring:
        conditions.append(("json_extract(o.body, '$.recurring.meter') = ?", [recurring["meter"]]))
    return lists.page(call, "price", where, matching=all_of(conditions))


@resource.get("/v1/prices/search", SEARCHING)
def find(call: Call) -> Answer:
    return search.answer(call, "price")


@resource.get("/v1/prices/{price}")
def retrieve(call: Call, price: str) -> Answer:
    return call.get("price", price)


@resource.post("/v1/prices/{price}", _UPDATE)
def update(call: Call, price: str) -> Answer:
    found = call.get("price", price)
    sent = call.params
    for field in ("active", "nickname"):
        if field in sent:
            found[field] = sent[field]
    if "metadata" in sent:
        found["metadata"] = merged_metadata(found["metadata"], sent["metadata"])
    if "tax_behavior" in sent:
        if found["tax_behavior"] not in ("unspecified", sent["tax_behavior"]):
            raise StripeError("You cannot update `tax_behavior` once it is set.", param="tax_behavior")
        found["tax_behavior"] = sent["tax_behavior"]
    if "lookup_key" in sent:
        if sent["lookup_key"]:
            _take_key(call, found, sent["lookup_key"], transfers=sent.get("transfer_lookup_key", False))
        found["lookup_key"] = sent["lookup_key"]
    return call.save(found, emits="price.updated")


def all_of(conditions: list[Sql]) -> Sql | None:
    """One condition that holds where all of them do; None for none."""
    if not conditions:
        return None
    return " AND ".join(sql for sql, _ in conditions), [value for _, values in conditions for value in values]


def put(call: Call, price: Object) -> Object:
    """Store a new price and record it; the event does not hold what is shown only when expanded."""
    call.create(price)
    call.emit("price.created", price)
    return price


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
        raise StripeError("The sandbox does not serve meters yet.", param="recurring[meter]")
    _set_amount(price, sent)
    for field in ("active", "nickname", "tax_behavior", "transform_quantity"):
        if field in sent:
            price[field] = sent[field]
    price["metadata"] = merged_metadata({}, sent.get("metadata", {}))
    options = sent.get("currency_options")
    if options:
        price["_currency_options"] = {code: _option(code, one) for code, one in options.items()}
    return price


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
    tiers = [_tier(tier, index) for index, tier in enumerate(sent["tiers"])]
    bounds = [tier["up_to"] for tier in tiers]
    if bounds[-1] is not None or None in bounds[:-1] or bounds[:-1] != sorted(set(bounds[:-1])):
        raise StripeError(
            "`tiers` must rise by `up_to`, and the last tier must be open-ended: set its `up_to` to `inf`.",
            param="tiers",
        )
    price.update(billing_scheme="tiered", tiers_mode=sent["tiers_mode"], _tiers=tiers)


def _tier(sent: Mapping[str, Any], index: int) -> Object:
    name = f"tiers[{index}]"
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


def _option(code: str, sent: Mapping[str, Any]) -> Object:
    if code not in CURRENCIES:
        if code.lower() in CURRENCIES:
            raise StripeError(
                f"Currencies must be lowercase when used as keys in a map. Use `{code.lower()}` instead of `{code}`.",
                param="currency_options",
            )
        raise StripeError(f"Invalid currency: {code}", param="currency_options")
    whole, exact = both_amounts(sent, "unit_amount")
    return {
        "custom_unit_amount": None,
        "tax_behavior": sent.get("tax_behavior", "unspecified"),
        "unit_amount": whole,
        "unit_amount_decimal": exact,
    }


def _take_key(call: Call, price: Object, key: str, *, transfers: bool) -> None:
    """Give the price a lookup key; another price that has it, active or not, keeps it unless it is transferred."""
    for holder in call.every("price", {"lookup_key": key}, limit=1):
        if holder["id"] == price["id"]:
            continue
        if not transfers:
            raise StripeError(f"A price (`{holder['id']}`) already uses that lookup key.", param="lookup_key")
        holder["lookup_key"] = None
        call.save(holder, emits="price.updated")
    price["lookup_key"] = key
