"""The shop: products and prices as Stripe objects, made on the first day."""

from dataclasses import dataclass, field
from typing import Any

from paydesk.server.sandbox.business.past import Past
from paydesk.server.sandbox.business.plans import CURRENCIES, OLD_PLAN, PLANS, WARES, Plan, Ware
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.resources import prices, products


@dataclass(slots=True)
class Shop:
    """Where the prices are: ids by plan, currency and interval, and by ware and currency."""

    plan_prices: dict[tuple[str, str, str], str] = field(default_factory=dict)
    ware_prices: dict[tuple[str, str], str] = field(default_factory=dict)


def open_shop(past: Past) -> Shop:
    """Make every product and price that is sold, and the plan that is sold no longer."""
    shop = Shop()
    for plan in (OLD_PLAN, *PLANS):
        _put_plan(past, shop, plan)
    for ware in WARES:
        _put_ware(past, shop, ware)
    old = past.find("product", shop_product(past, shop.plan_prices[OLD_PLAN.key, "usd", "month"]))
    for body in (old, *past.every("price", {"product": old and old["id"]})):
        if body:
            body["active"] = False
            past.save(body)
    return shop


def shop_product(past: Past, price: str) -> str:
    """The product that a price belongs to."""
    return str(past.get("price", price)["product"])


def _put_plan(past: Past, shop: Shop, plan: Plan) -> None:
    product = _product(past, name=plan.name, description=plan.description, metadata={"plan": plan.key})
    for currency in CURRENCIES:
        for interval in ("month", "year"):
            price = _price(
                past,
                product,
                currency=currency,
                unit_amount=plan.price(currency, interval),
                recurring={"interval": interval},
                lookup_key=f"{plan.key}_{interval}_{currency}",
                nickname=f"{plan.name}, {interval}ly",
            )
            shop.plan_prices[plan.key, currency, interval] = price["id"]
    _set_default(past, product, shop.plan_prices[plan.key, "usd", "month"])


def _put_ware(past: Past, shop: Shop, ware: Ware) -> None:
    product = _product(past, name=ware.name, metadata={"ware": ware.key})
    for currency in CURRENCIES:
        price = _price(past, product, currency=currency, unit_amount=ware.unit[currency])
        shop.ware_prices[ware.key, currency] = price["id"]
    _set_default(past, product, shop.ware_prices[ware.key, "usd"])


def _product(past: Past, **wanted: Any) -> Object:
    made: Any = products.create(past.request(**wanted))
    return dict(made)


def _price(past: Past, product: Object, **wanted: Any) -> Object:
    made: Any = prices.create(past.request(product=product["id"], **wanted))
    return dict(made)


def _set_default(past: Past, product: Object, price: str) -> None:
    products.update(past.request(default_price=price), product["id"])
