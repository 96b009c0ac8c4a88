"""The recurring price that is meant: by id, as a product's only fitting one, or by its amount, made where none is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, cast

from pydantic import Field

from paydesk.skills.base import Json, Prepared, StripeReader, StripeRequest
from paydesk.skills.chargeable import check_step
from paydesk.skills.errors import Ambiguous, NotFound, SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.ids import checked_id
from paydesk.skills.money import money
from paydesk.skills.price import Interval, has_interval, interval_text, price_text
from paydesk.skills.product import products_meant
from paydesk.skills.who import score

PriceId = Annotated[str, Field(max_length=100)]
Quantity = Annotated[int, Field(ge=1, le=1_000_000)]
_LOOKED_AT = 3_000
_PRODUCTS_LOOKED_AT = 1_000
_NEAR = 73.0
_CHOICES = 8


@dataclass(frozen=True)
class Asked:
    """What was said of a price; amounts in Stripe's minor units."""

    price: str | None = None
    product: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    interval: Interval | None = None
    interval_count: int | None = None

    def __bool__(self) -> bool:
        return any(value is not None for value in vars(self).values())


@dataclass(frozen=True)
class Chosen:
    """A price as Stripe has it, or one to be made: then `prepares` makes it (and its product, where that is new)."""

    price: Json
    name: str
    prepares: tuple[StripeRequest, ...] = ()
    warnings: tuple[str, ...] = ()
    reference: str | Prepared = field(default="")
    is_named: bool = True

    @property
    def text(self) -> str:
        """`$49.99 / month`."""
        return price_text(self.price)

    @property
    def to(self) -> str:
        """` to Pro`; nothing where the product's name is made of the price."""
        return f" to {self.name}" if self.is_named else ""

    @property
    def id(self) -> str | None:
        """The price's id; None where it has to be made first."""
        return None if self.prepares else str(self.price["id"])

    def foretold_as(self) -> Json | None:
        """How a preview names it: by id, or by what it is made of; None where its product is yet to be made too."""
        if not self.prepares:
            return {"price": str(self.price["id"])}
        product = self.price["product"]["id"]
        if not product:
            return None
        recurring = {name: self.price["recurring"][name] for name in ("interval", "interval_count")}
        made_of = {"currency": self.price["currency"], "product": product, "unit_amount": self.price["unit_amount"]}
        return {"price_data": {**made_of, "recurring": recurring}}

    @property
    def is_metered(self) -> bool:
        """Billed by what was used: such a price takes no quantity."""
        return (self.price.get("recurring") or {}).get("usage_type") == "metered"

    def costs(self, quantity: int) -> int | None:
        """What a period costs in minor units; None where usage or tiers decide it."""
        unit = self.price.get("unit_amount")
        if unit is None or self.is_metered or self.price.get("transform_quantity"):
            return None
        return int(unit) * quantity


async def price_meant(
    stripe: StripeReader, asked: Asked, *, billed_in: str | None, instead_of: Json | None = None
) -> Chosen:
    """The price to bill. `billed_in` is the customer's own currency at Stripe.

    `instead_of` is the price that a change replaces: its product stays where none is named, and so does its interval
    where that leaves one price.

    Raises SkillError (incomplete or contradictory), NotFound, Ambiguous with choices.
    """
    of = _product_id(instead_of) if instead_of is not None else None
    if asked.price is not None:
        return await _by_id(stripe, asked, billed_in)
    if asked.amount_minor is not None:
        return await _by_amount(stripe, asked, billed_in, of)
    if asked.product is None and of is None:
        raise SkillError(
            "Which price?",
            code="price_missing",
            field="price",
            next_step="Give a price_ id, a product, or amount_minor, currency and interval.",
        )
    return await _of_product(stripe, asked, billed_in, instead_of)


async def _by_id(stripe: StripeReader, asked: Asked, billed_in: str | None) -> Chosen:
    if asked.product is not None or asked.amount_minor is not None:
        raise SkillError("Give the price by its id, or say what it is; not both.", code="two_prices", field="price")
    identifier = checked_id(asked.price or "", "price", "plan", field="price")
    price = await stripe.get(f"/v1/prices/{identifier}", {"expand": ["product"]})
    if not price.get("active", True) or not price.get("recurring"):
        why = "is archived" if price.get("recurring") else "is for a single payment"
        raise SkillError(
            f"The price {identifier} ({price_text(price)}) {why}; a subscription needs an active recurring one.",
            code="price_not_usable",
            field="price",
            next_step="list_products shows the others.",
        )
    if not has_interval(price, asked.interval, asked.interval_count):
        raise SkillError(f"This price is {price_text(price)}.", code="interval_differs", field="interval")
    for currency, name in ((asked.currency, "currency"), (billed_in, "price")):
        if currency is not None and currency != price["currency"]:
            raise _other_currency(str(price["currency"]), currency, name)
    return _found(price)


def no_quantity(chosen: Chosen) -> SkillError:
    """What to say where a quantity was given for a price that takes none."""
    return SkillError(
        f"{chosen.name} is billed by what was used; it has no quantity.", code="metered_price", field="quantity"
    )


def _found(price: Json) -> Chosen:
    return Chosen(price, _name(price), reference=str(price["id"]))


def _name(price: Json) -> str:
    product = price["product"]
    return clean(product.get("name") or product["id"], 60) if isinstance(product, dict) else str(product)


def _other_currency(has: str, wanted: str, name: str) -> SkillError:
    return SkillError(
        f"That would be billed in {has.upper()}, and {wanted.upper()} is needed: Stripe bills all subscriptions of a "
        "customer in one currency.",
        code="currency_differs",
        field=name,
        next_step=f"Take a price in {wanted.upper()}.",
    )


async def _of_product(stripe: StripeReader, asked: Asked, billed_in: str | None, instead_of: Json | None) -> Chosen:
    of = _product_id(instead_of) if instead_of is not None else ""
    ids = await products_meant(stripe, asked.product) if asked.product is not None else [of]
    currency = asked.currency or billed_in
    prices = [
        price
        for identifier in ids
        async for price in stripe.every("/v1/prices", _active({"product": identifier}), most=_LOOKED_AT)
    ]
    usable = [one for one in prices if _is_usable(one) and has_interval(one, asked.interval, asked.interval_count)]
    fitting = [one for one in usable if currency in (None, one["currency"])]
    if len(fitting) > 1 and instead_of is not None and asked.interval is None and asked.interval_count is None:
        as_often = interval_text(instead_of["recurring"])
        fitting = [one for one in fitting if interval_text(one["recurring"]) == as_often] or fitting
    if len(fitting) == 1:
        return _found(fitting[0])
    said = clean(asked.product or of, 60)
    if not fitting:
        in_currency = f" in {currency.upper()}" if currency and usable else ""
        raise SkillError(
            f"{said} has no active recurring price{in_currency} that fits.",
            code="price_not_found",
            field="product",
            choices=[_choice(one) for one in (usable or prices)[:_CHOICES]],
            next_step="Give amount_minor, currency and interval to have one made.",
        )
    raise Ambiguous(
        f"{said} has {len(fitting)} prices that fit: which one?",
        code="price_ambiguous",
        field="price",
        choices=[_choice(one) for one in fitting[:_CHOICES]],
        next_step="Say the interval, the currency, or the price's id.",
    )


def _active(more: Mapping[str, Any]) -> Json:
    return {"active": True, "type": "recurring", "expand": ["data.product"], **more}


def _is_usable(price: Json) -> bool:
    product = price["product"]
    return not isinstance(product, dict) or bool(product.get("active", True))


def _choice(price: Json) -> str:
    return f"{_name(price)} {price_text(price)} {price['id']}"


async def _by_amount(stripe: StripeReader, asked: Asked, billed_in: str | None, of: str | None) -> Chosen:
    amount_minor, currency, interval = cast(int, asked.amount_minor), asked.currency, asked.interval
    if currency is None or interval is None:
        name = "currency" if currency is None else "interval"
        raise SkillError(
            f"A price needs its {name}.",
            code=f"{name}_missing",
            field=name,
            next_step="Say how often it is billed: day, week, month or year." if currency else "Say usd, eur, ...",
        )
    if billed_in is not None and billed_in != currency:
        raise _other_currency(currency, billed_in, "currency")
    check_step(amount_minor, currency)
    ids = [of] if of is not None and asked.product is None else await _products(stripe, asked.product)
    count = asked.interval_count or 1
    narrowed = _active({"currency": currency, "recurring": {"interval": interval, "usage_type": "licensed"}})
    found = [
        price
        async for price in stripe.every("/v1/prices", narrowed, most=_LOOKED_AT)
        if price.get("unit_amount") == amount_minor
        and has_interval(price, interval, count)
        and price.get("billing_scheme", "per_unit") == "per_unit"
        and not price.get("transform_quantity")
        and _is_usable(price)
        and ((asked.product is None and of is None) or _product_id(price) in ids)
    ]
    products = {_product_id(price) for price in found}
    if len(products) > 1:
        raise Ambiguous(
            f"{len(products)} products have a price of {price_text(found[0])}: which one?",
            code="price_ambiguous",
            field="product",
            choices=[_choice(one) for one in found[:_CHOICES]],
            next_step="Say the product, or the price's id.",
        )
    if found:
        return _found(found[0])
    return await _to_be_made(stripe, asked, ids)


def _product_id(price: Json) -> str:
    product = price["product"]
    return str(product["id"]) if isinstance(product, dict) else str(product)


async def _products(stripe: StripeReader, said: str | None) -> list[str]:
    """The ids of the products that are called so; none where none is, and one is to be made."""
    if said is None:
        return []
    try:
        return await products_meant(stripe, said)
    except NotFound:
        if said.startswith("prod_"):
            raise
        return []


async def _to_be_made(stripe: StripeReader, asked: Asked, ids: list[str]) -> Chosen:
    """A new price: of the product that is called so, else of a new product."""
    if len(ids) > 1:
        raise Ambiguous(
            f"{len(ids)} products are called {clean(asked.product, 60)}: which one is the new price of?",
            code="product_ambiguous",
            field="product",
            choices=ids[:_CHOICES],
            next_step="Say its prod_ id.",
        )
    recurring = {"interval": asked.interval, "interval_count": asked.interval_count or 1}
    request: Json = {"currency": asked.currency, "unit_amount": asked.amount_minor, "recurring": recurring}
    price: Json = {**request, "recurring": {**recurring, "usage_type": "licensed"}}
    warnings: list[str] = []
    if ids:
        product = await stripe.get(f"/v1/products/{ids[0]}")
        name = clean(product.get("name") or ids[0], 60)
        if not product.get("active", True):
            raise SkillError(f"The product {name} is archived.", code="product_archived", field="product")
        request["product"], price["product"] = ids[0], product
    else:
        whole = money(cast(int, asked.amount_minor), cast(str, asked.currency)).text
        name = clean(asked.product, 200) if asked.product else f"Subscription {whole} / {interval_text(recurring)}"
        warnings = await _alike(stripe, name) if asked.product else []
        request["product_data"], price["product"] = {"name": name}, {"id": "", "name": name}
    return Chosen(
        price,
        name,
        prepares=(StripeRequest("POST", "/v1/prices", request),),
        warnings=tuple(warnings),
        reference=Prepared(0),
        is_named=bool(ids or asked.product),
    )


async def _alike(stripe: StripeReader, name: str) -> list[str]:
    looked_at = stripe.every("/v1/products", {"active": True}, most=_PRODUCTS_LOOKED_AT)
    near = [one async for one in looked_at if score(name, str(one.get("name") or "")) >= _NEAR]
    return [f"A product of a like name exists: {clean(one['name'], 60)} ({one['id']})." for one in near[:1]]
