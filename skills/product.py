"""Which products a name means, and what products are called."""

from collections.abc import Iterable

from paydesk.skills.base import Json, StripeReader
from paydesk.skills.errors import NotFound
from paydesk.skills.hostile_text import clean
from paydesk.skills.ids import checked_id
from paydesk.skills.who import SURE, score

_LOOKED_AT_MOST = 2_000
_NEAR = 50.0
_PAGE = 100


def is_called(product: Json, name: str) -> bool:
    """Whether the product's name fits: same words, case and accents aside."""
    return score(name, str(product.get("name") or "")) >= SURE


async def products_meant(stripe: StripeReader, text: str, *, field: str = "product") -> list[str]:
    """The ids of the products that a prod_ id or a name means; several may share a name ("Pro", "Pro 2024").

    Raises NotFound with the nearest names where none is called so.
    """
    if text.startswith("prod_"):
        return [checked_id(text, "prod", field=field)]
    looked_at = [product async for product in stripe.every("/v1/products", {}, most=_LOOKED_AT_MOST)]
    fitting = [str(product["id"]) for product in looked_at if is_called(product, text)]
    if not fitting:
        nearest = sorted(looked_at, key=lambda product: -score(text, str(product["name"])))
        near = [one for one in nearest if score(text, str(one["name"])) >= _NEAR]
        # Where no name resembles it, some of what is sold spares whoever asks from looking first.
        offered = near or [one for one in nearest if one.get("active")]
        raise NotFound(
            f"No product is called {clean(text, 60)}.",
            code="product_not_found",
            field=field,
            choices=[clean(one["name"], 60) for one in offered[:3]],
            next_step="list_products shows what there is.",
        )
    return fitting


async def names_of(stripe: StripeReader, ids: Iterable[str]) -> dict[str, str]:
    """What products are called, by id; deleted ones are absent."""
    wanted = list(dict.fromkeys(ids))
    names: dict[str, str] = {}
    for start in range(0, len(wanted), _PAGE):
        page = await stripe.page("/v1/products", {"ids": wanted[start : start + _PAGE], "limit": _PAGE})
        names |= {str(product["id"]): clean(product["name"], 60) for product in page.data}
    return names
