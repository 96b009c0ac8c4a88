"""The price at which a product is sold: its default one, or its only active one; never a guess among several."""

from paydesk.skills.base import Json, StripeReader
from paydesk.skills.errors import Ambiguous, NotFound, SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.price import order, price_text
from paydesk.skills.product import products_meant

_CHOICES = 8
_PRICES_MOST = 100


async def price_of(
    stripe: StripeReader, text: str, currency: str | None, *, field: str, usual: str | None = None
) -> Json:
    """The price (its product expanded) that a product's prod_ id or name stands for, in `currency` where one is named.

    Without one, a customer's `usual` currency decides where the product is sold in it.
    Raises NotFound with the nearest names, Ambiguous with the products or prices that could be meant, SkillError where
    nothing active fits.
    """
    product = await _product(stripe, text, field)
    asked = {"product": product["id"], "active": True}
    prices = [price async for price in stripe.every("/v1/prices", asked, most=_PRICES_MOST)]
    if currency is None and any(price["currency"] == usual for price in prices):
        currency = usual
    fitting = [price for price in prices if currency in (None, price["currency"])]
    name = clean(product["name"], 60)
    if not fitting:
        wanted = f" in {currency.upper()}" if currency and prices else ""
        raise SkillError(
            f"{name} has no active price{wanted}.",
            code="price_not_found",
            field=field,
            choices=_choices(prices),
            next_step="Give amount_minor and description instead, or create_price first.",
        )
    default = product.get("default_price")
    chosen = fitting if len(fitting) == 1 else [price for price in fitting if price["id"] == default]
    if len(chosen) != 1:
        raise Ambiguous(
            f"{name} has {len(fitting)} prices: which one?",
            code="price_ambiguous",
            field=field,
            choices=_choices(fitting),
            next_step="Say the price's id, or the currency where that tells them apart.",
        )
    return {**chosen[0], "product": product}


async def _product(stripe: StripeReader, text: str, field: str) -> Json:
    """The active product that is meant; a name that is spelt just so goes before one that resembles it."""
    try:
        ids = await products_meant(stripe, text, field=field)
    except NotFound as wrong:
        wrong.next_step = f"{wrong.next_step} For anything else give amount_minor and description."
        raise
    found = [await stripe.get(f"/v1/products/{one}") for one in ids[:_CHOICES]]
    active = [product for product in found if product.get("active")]
    if not active:
        raise SkillError(
            f"The product {clean(found[0].get('name') or text, 60)} is archived.",
            code="product_archived",
            field=field,
            next_step="list_products shows what is sold; update_product brings one back.",
        )
    same = [product for product in active if str(product["name"]).strip().casefold() == text.strip().casefold()]
    fitting = same or active
    if len(fitting) > 1:
        raise Ambiguous(
            f"{len(fitting)} products could be meant by {clean(text, 60)}: which one?",
            code="product_ambiguous",
            field=field,
            choices=[f"{clean(product['name'], 60)} {product['id']}" for product in fitting],
            next_step="Say its prod_ id.",
        )
    return fitting[0]


def _choices(prices: list[Json]) -> list[str]:
    return [f"{price_text(price)} {price['id']}" for price in sorted(prices, key=order)[:_CHOICES]]
