"""Rename, describe, archive or bring back a product."""

from typing import Annotated, Literal, Self

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, NextCall, Plan, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.errors import Ambiguous, SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.price import ProductText
from paydesk.skills.product import names_of, products_meant

_SUBSCRIPTIONS_LOOKED_AT = 100


class Params(WriteParams):
    product: ProductText
    name: Annotated[str, Field(min_length=1, max_length=250)] | None = None
    description: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    status: Literal["active", "archived"] | None = None


class ProductUpdated(WriteResult):
    """The product as Stripe has it now."""

    product: str
    name: str
    status: Literal["active", "archived"]

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a product."""
        status: Literal["active", "archived"] = "active" if answer["active"] else "archived"
        return cls(product=str(answer["id"]), name=clean(answer["name"], 60), status=status)

    def sentence(self) -> str:
        """Which, and whether it is sold."""
        return f"{self.name} ({self.product}) is {self.status} now."


@skill(
    effect=Effect.WRITE,
    toolset="products",
    says=("archive the product {product}", "rename the product {product} to {name}"),
    examples=({"product": "Studio Pass", "status": "archived"}, {"product": "prod_NWjs8kKbJWmuuc", "name": "Studio"}),
)
async def update_product(params: Params, desk: Desk) -> Plan[ProductUpdated]:
    """Rename, describe, archive or bring back a product."""
    product = await _meant(params.product, desk)
    sent: Json = {}
    details = []
    for field, value in (("name", params.name), ("description", params.description)):
        text = clean(value or "", 500)
        if text and text != product.get(field):
            sent[field] = text
            details.append((field.capitalize(), f"{clean(product.get(field) or 'none', 80)} -> {text}"))
    active = None if params.status is None else params.status == "active"
    if active is not None and active != product["active"]:
        sent["active"] = active
        details.append(("Status", f"{'active' if product['active'] else 'archived'} -> {params.status}"))
    if not sent:
        raise SkillError(
            "The product is like that already.",
            code="nothing_to_change",
            field="product",
            next_step="Give a name, a description or a status that differs.",
        )
    name = clean(product["name"], 60)
    what = {"archived": f"Archive the product {name}", "active": f"Bring back the product {name}"}
    says = what[str(params.status)] if list(sent) == ["active"] else f"Change the product {name}"
    back = NextCall("update_product", {"product": product["id"], "status": "active" if not active else "archived"})
    return Plan(
        says=f"{says}.",
        request=StripeRequest("POST", f"/v1/products/{product['id']}", sent),
        undo="It can be changed back.",
        warnings=tuple(await _billed(product, desk)) if active is False else (),
        details=tuple(details),
        relies_on={"name": product["name"], "description": product.get("description"), "active": product["active"]},
        opposite=back if list(sent) == ["active"] else None,
    )


async def _meant(text: str, desk: Desk) -> Json:
    ids = await products_meant(desk.stripe, text)
    if len(ids) > 1:
        raise Ambiguous(
            f"{len(ids)} products fit {clean(text, 60)}: which one?",
            code="product_ambiguous",
            field="product",
            choices=[f"{name} {one}" for one, name in (await names_of(desk.stripe, ids[:8])).items()],
            next_step="Say its prod_ id.",
        )
    product = await desk.stripe.get(f"/v1/products/{ids[0]}")
    if product.get("deleted"):
        raise SkillError("This product was deleted.", code="product_deleted", field="product")
    return product


async def _billed(product: Json, desk: Desk) -> list[str]:
    """Archiving ends no subscription, which people do not always expect."""
    prices = {
        one["id"] for one in (await desk.stripe.page("/v1/prices", {"product": product["id"], "limit": 100})).data
    }
    page = await desk.stripe.page("/v1/subscriptions", {"limit": _SUBSCRIPTIONS_LOOKED_AT})
    used = sum(any(item["price"]["id"] in prices for item in one["items"]["data"]) for one in page.data)
    more = " at least" if page.has_more else ""
    return [f"{used} subscriptions{more} go on billing it: archiving ends none."] if used else []
