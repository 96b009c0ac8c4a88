"""List products: what is sold, and at which prices."""

from dataclasses import dataclass, field
from typing import Literal

from paydesk.skills import reading
from paydesk.skills.base import Desk, Effect, Json, Strict, StripeReader, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.ids import checked_id
from paydesk.skills.money import CurrencyCode
from paydesk.skills.price import Interval, IntervalCount, PriceRow, ProductText, has_interval, highest, order
from paydesk.skills.product import is_called

_PRICES_MOST = 2_000
_PRICES_SHOWN = 4  # a product sold in many currencies would bury the others; alone it shows them all


class Params(Strict):
    product: ProductText | None = None
    status: Literal["active", "archived"] | None = None
    currency: CurrencyCode | None = None
    interval: Interval | None = None
    interval_count: IntervalCount | None = None
    sort: reading.Sort = "newest"
    limit: reading.Limit = 10
    cursor: str | None = None
    detail: reading.ListDetail = "concise"


class ProductRow(reading.Row):
    """One product with its prices, its own currency first; among others four at most. Archived prices where full."""

    id: str
    name: str
    status: Literal["active", "archived"]
    prices: list[PriceRow]
    more_prices: int | None = None
    description: str | None = None
    default_price: str | None = None
    metadata: dict[str, str] | None = None

    def line(self) -> str:
        """The product in words."""
        told = [price.line() + (" (archived)" if price.active is False else "") for price in self.prices]
        if self.more_prices:
            told.append(f"{self.more_prices} more")
        archived = " (archived)" if self.status == "archived" else ""
        about = f", {self.description}" if self.description else ""
        return f"{self.name}{archived}: {', '.join(told) or 'no active price'}{about} {self.id}"


class Products(reading.Listed):
    """Products in the order asked for; `looked_at` is how many were read, where it was more than these."""

    products: list[ProductRow]

    def told(self) -> list[str]:
        """One line a product."""
        return [product.line() for product in self.products]


@dataclass
class _Prices:
    """Prices by product id; `complete` where all that fit the question were read."""

    of: dict[str, list[Json]] = field(default_factory=dict)
    complete: bool = True

    def add(self, price: Json) -> None:
        self.of.setdefault(str(price["product"]), []).append(price)


@skill(
    effect=Effect.READ,
    toolset="products",
    says=(
        "what products do we sell",
        "list {status} products",
        "show our plans and prices",
        "how much does {product} cost",
        "price of {product}",
        "{interval} plans",
    ),
    examples=({"status": "active"}, {"product": "Pro"}, {"interval": "year", "currency": "eur"}),
)
async def list_products(params: Params, desk: Desk) -> Products:
    """List products with their prices, by name, status, currency and interval."""
    stripe = desk.stripe
    if params.product is not None and params.product.startswith(("prod_", "price_")):
        return await _one(stripe, params.product)
    prices = await _all_prices(stripe, params)
    found = await reading.read(
        stripe,
        "/v1/products",
        {} if params.status is None else {"active": params.status == "active"},
        limit=params.limit,
        cursor=params.cursor,
        keep=_keeper(params, prices),
        sort=params.sort,
        amount_of=lambda product: highest(prices.of.get(str(product["id"]), ())),
    )
    if not prices.complete and not _by_price(params):
        prices = await _prices_of(stripe, found.items, params)
    if params.sort in ("largest", "smallest"):
        shown = [price for product in found.items for price in prices.of.get(str(product["id"]), ())]
        found.mixed = len({price["currency"] for price in shown}) > 1
    full = reading.wants(params.detail)
    most = _PRICES_SHOWN if len(found.items) > 1 and not full else None
    rows = [_row(one, prices.of.get(str(one["id"]), []), full=full, most=most) for one in found.items]
    return Products(
        products=rows,
        has_more=found.more,
        next_cursor=found.cursor,
        looked_at=found.looked_at if found.looked_at > len(rows) else None,
        says=_sentence(params, rows, found, prices),
    )


async def _one(stripe: StripeReader, text: str) -> Products:
    """The product of a prod_ or price_ id, with all its prices."""
    checked_id(text, "prod", "price", field="product")
    if text.startswith("price_"):
        price = await stripe.get(f"/v1/prices/{text}", {"expand": ["product"]})
        product, prices = price["product"], [price]
    else:
        product = await stripe.get(f"/v1/products/{text}")
        prices = [price async for price in stripe.every("/v1/prices", {"product": text}, most=reading.PAGE)]
    if product.get("deleted"):
        raise SkillError("This product was deleted.", code="product_deleted", field="product")
    row = _row(product, prices, full=True)
    return Products(products=[row], has_more=False, says=f"One product: {row.status}.")


def _by_price(params: Params) -> bool:
    return params.currency is not None or params.interval is not None or params.interval_count is not None


async def _all_prices(stripe: StripeReader, params: Params) -> _Prices:
    """The prices that fit, in few requests: one list of all rather than one request a product."""
    prices = _Prices()
    looked_at = 0
    async for price in stripe.every("/v1/prices", _price_filter(params), most=_PRICES_MOST):
        looked_at += 1
        if has_interval(price, params.interval, params.interval_count):
            prices.add(price)
    prices.complete = looked_at < _PRICES_MOST
    return prices


async def _prices_of(stripe: StripeReader, products: list[Json], params: Params) -> _Prices:
    prices = _Prices()
    for product in products:
        asked = {**_price_filter(params), "product": product["id"]}
        async for price in stripe.every("/v1/prices", asked, most=reading.PAGE):
            prices.add(price)
    return prices


def _price_filter(params: Params) -> Json:
    # An archived product's prices are often still active, and an active one's may be archived: status is the product's.
    asked: Json = {} if params.detail in ("full", "csv:full") else {"active": True}
    if params.currency is not None:
        asked["currency"] = params.currency
    if params.interval is not None:
        asked["recurring"] = {"interval": params.interval}
    return asked


def _keeper(params: Params, prices: _Prices) -> reading.Keep | None:
    if params.product is None and not _by_price(params):
        return None

    def keep(product: Json) -> bool:
        if params.product is not None and not is_called(product, params.product):
            return False
        return not _by_price(params) or str(product["id"]) in prices.of

    return keep


def _row(product: Json, prices: list[Json], *, full: bool, most: int | None = None) -> ProductRow:
    default = product.get("default_price")
    own = next((price["currency"] for price in prices if price["id"] == default), None)
    ordered = sorted(prices, key=lambda price: (price["id"] != default, price["currency"] != own, order(price)))
    shown = ordered[:most]
    metadata = {clean(key): clean(value) for key, value in (product.get("metadata") or {}).items()}
    return ProductRow(
        id=str(product["id"]),
        name=clean(product.get("name") or "(no name)"),
        status="active" if product.get("active") else "archived",
        prices=[PriceRow.of(price, full=full) for price in shown],
        more_prices=len(ordered) - len(shown) or None,
        description=clean_or_none(product.get("description")) if full else None,
        default_price=default if full and isinstance(default, str) else None,
        metadata=(metadata or None) if full else None,
    )


def _sentence(params: Params, rows: list[ProductRow], found: reading.Found, prices: _Prices) -> str:
    kind = f"{params.status} " if params.status else ""
    named = f" called {clean(params.product, 60)}" if params.product else ""
    often = ""
    if params.interval:
        count = params.interval_count or 1
        often = f" billed every {params.interval if count == 1 else f'{count} {params.interval}s'}"
    currency = f" with a price in {params.currency.upper()}" if params.currency else ""
    what = f"{kind}product{'' if len(rows) == 1 else 's'}{named}{often}{currency}"
    rest = reading.honest(found, len(rows), "products")
    if not prices.complete and _by_price(params):
        rest += f" Only the newest {_PRICES_MOST:,} prices were looked at."
    archived = sum(row.status == "archived" for row in rows)
    of_them = f", {archived} of them archived" if archived and params.status is None else ""
    return f"{len(rows) or 'No'} {what}{of_them}.{rest}"
