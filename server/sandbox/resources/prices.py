"""Prices: what a product costs, once or by interval. Create, retrieve, update, list, search; lookup keys.

Tiers and further currencies are kept beside, and shown when expanded.
"""

from typing import Any, Final

from paydesk.server.sandbox import expand, lists, pricing, search
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.conditions import Sql, all_of, one_of
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    LISTING,
    SEARCHING,
    boolean,
    choice,
    clearable,
    currency,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
)
from paydesk.server.sandbox.resources import products
from paydesk.server.sandbox.routes import Resource


def shown(_call: Call, price: Object) -> Object:
    """Without what is there only when expanded."""
    price.pop("_tiers", None)
    price.pop("_currency_options", None)
    return price


def _currency_options(call: Call, price: Object) -> Any:
    own = {
        "custom_unit_amount": price["custom_unit_amount"],
        "tax_behavior": price["tax_behavior"],
        "unit_amount": price["unit_amount"],
        "unit_amount_decimal": price["unit_amount_decimal"],
    }
    return {price["currency"]: own, **(expand.kept(call, price, "_currency_options") or {})}


# How subscriptions show a price besides, as of old.
PLAN: Final = Kind(name="plan", prefix="", expands=("product",))
PRICE: Final = Kind(
    name="price",
    prefix="price_",
    param="price",
    indexed=("product", "active", "currency", "type", "lookup_key", "recurring.interval", "recurring.usage_type"),
    expands=("product",),
    includes={
        "currency_options": _currency_options,
        "tiers": lambda call, price: expand.kept(call, price, "_tiers") or [],
    },
    searches={
        "active": "flag",
        "currency": "token",
        "lookup_key": "token",
        "metadata": "metadata",
        "product": "token",
        "type": "token",
    },
    shows=shown,
)

_CREATE: Final = {
    **pricing.DEFAULT_DATA,
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
    "recurring": mapping({**pricing.INTERVAL, "meter": text(), "usage_type": choice("licensed", "metered")}),
    "tiers": list_of(pricing.TIER),
    "tiers_mode": choice("graduated", "volume"),
    "transfer_lookup_key": boolean(),
    "transform_quantity": mapping({"divide_by": required(integer(1)), "round": required(choice("down", "up"))}),
}
_UPDATE: Final = {
    "active": boolean(),
    "lookup_key": clearable(text(200)),
    "metadata": metadata(),
    "nickname": clearable(text()),
    "tax_behavior": pricing.TAX_BEHAVIOR,
    "transfer_lookup_key": boolean(),
    "currency_options": clearable(pricing.OPTIONS),
}
_LIST: Final = {
    **LISTING,
    "active": boolean(),
    "currency": currency(),
    "lookup_keys": list_of(text(), maximum=10),
    "product": text(),
    "recurring": mapping(
        {"interval": choice(*pricing.INTERVALS), "meter": text(), "usage_type": choice("licensed", "metered")}
    ),
    "type": choice("one_time", "recurring"),
}

resource = Resource()


@resource.post("/v1/prices", _CREATE)
def create(call: Call) -> Answer:
    """A new price, of a product that there is or of one made with it (`product_data`)."""
    sent = call.params
    if "product" in sent and "product_data" in sent:
        raise StripeError("You may only specify one of these parameters: product, product_data.", param="product")
    if "product" not in sent and "product_data" not in sent:
        raise StripeError("You must specify either `product` or `product_data` when creating a price.")
    if "product" in sent:
        product: str = call.mention("product", sent["product"], "product")["id"]
    else:
        product = products.make(call, sent["product_data"])["id"]
    price = pricing.build(call, {**sent, "product": product})
    if "lookup_key" in sent:
        _take_key(call, price, sent["lookup_key"], transfers=sent.get("transfer_lookup_key", False))
    return call.create(price, emits="price.created")


@resource.get("/v1/prices", _LIST)
def list_all(call: Call) -> Answer:
    """Prices, newest first, by product, lookup keys, type, interval, currency."""
    sent = call.params
    recurring = sent.get("recurring", {})
    where = {
        **{name: sent.get(name) for name in ("product", "active", "currency", "type")},
        "recurring.interval": recurring.get("interval"),
        "recurring.usage_type": recurring.get("usage_type"),
    }
    conditions: list[Sql] = []
    if "lookup_keys" in sent:
        conditions.append(one_of("lookup_key", sent["lookup_keys"]))
    if "meter" in recurring:
        conditions.append(one_of("recurring.meter", [recurring["meter"]]))
    return lists.page(call, "price", where, matching=all_of(conditions))


@resource.get("/v1/prices/search", SEARCHING)
def find(call: Call) -> Answer:
    """Prices by the query language."""
    return search.answer(call, "price")


@resource.get("/v1/prices/{price}")
def retrieve(call: Call, price: str) -> Answer:
    """One price."""
    return call.get("price", price)


@resource.post("/v1/prices/{price}", _UPDATE)
def update(call: Call, price: str) -> Answer:
    """Change what may change: never what it costs."""
    found = call.get("price", price)
    sent = call.params
    if sent.get("active") is False and (call.find("product", found["product"]) or {}).get("default_price") == price:
        raise StripeError("This price cannot be archived because it is the default price of its product.")
    for field in ("active", "nickname"):
        if field in sent:
            found[field] = sent[field]
    if "metadata" in sent:
        found["metadata"] = merged_metadata(found["metadata"], sent["metadata"])
    if "tax_behavior" in sent:
        if found["tax_behavior"] not in ("unspecified", sent["tax_behavior"]):
            raise StripeError("You cannot update `tax_behavior` once it is set.", param="tax_behavior")
        found["tax_behavior"] = sent["tax_behavior"]
    if sent.get("currency_options"):
        pricing.set_options(found, sent["currency_options"])
    elif "currency_options" in sent:
        found.pop("_currency_options", None)
    if "lookup_key" in sent:
        if sent["lookup_key"]:
            _take_key(call, found, sent["lookup_key"], transfers=sent.get("transfer_lookup_key", False))
        found["lookup_key"] = sent["lookup_key"]
    return call.save(found, emits="price.updated")


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
