"""Create a product, with its first price where one is given."""

from typing import Annotated, Self

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, Plan, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.chargeable import check_step
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.money import CurrencyCode
from paydesk.skills.price import Interval, IntervalCount, price_text
from paydesk.skills.product import is_called

_LOOKED_AT = 2_000


class Params(WriteParams):
    name: Annotated[str, Field(min_length=1, max_length=250)]
    description: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    amount_minor: Annotated[int, Field(ge=0, le=99_999_999)] | None = None
    currency: CurrencyCode | None = None
    interval: Interval | None = None
    interval_count: IntervalCount | None = None


class ProductMade(WriteResult):
    """The product as Stripe has it now."""

    product: str
    name: str
    default_price: str | None = None

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a product."""
        return cls(product=str(answer["id"]), name=clean(answer["name"], 60), default_price=answer["default_price"])

    def sentence(self) -> str:
        """Which."""
        price = f" with the price {self.default_price}" if self.default_price else ""
        return f"Created the product {self.name} ({self.product}){price}."


@skill(
    effect=Effect.WRITE,
    toolset="products",
    says=("create a product called {name}",),
    examples=(
        {"name": "Studio Pass", "amount_minor": 4900, "currency": "usd", "interval": "month"},
        {"name": "Workshop"},
    ),
)
async def create_product(params: Params, desk: Desk) -> Plan[ProductMade]:
    """Create a product to sell, with a one-time or recurring price."""
    name = clean(params.name, 250)
    if not name:
        raise SkillError("The name holds nothing that can be read.", code="name_missing", field="name")
    sent: Json = {"name": name}
    details = []
    if params.description:
        sent["description"] = clean(params.description, 500)
        details.append(("Description", sent["description"]))
    price = _price(params)
    if price is not None:
        sent["default_price_data"] = price
        details.append(("Price", price_text(price)))
    same = [one async for one in desk.stripe.every("/v1/products", {"active": True}, most=_LOOKED_AT)]
    alike = [one for one in same if is_called(one, name)]
    warnings = [f"There is a product of that name already ({one['id']})." for one in alike[:1]]
    cost = f" at {price_text(price)}" if price else ""
    return Plan(
        says=f"Create the product {clean(name, 60)}{cost}.",
        request=StripeRequest("POST", "/v1/products", sent),
        undo="It can be archived.",
        warnings=tuple(warnings),
        details=tuple(details),
        relies_on={"alike": str(alike[0]["id"]) if alike else None},
    )


def _price(params: Params) -> Json | None:
    """The first price, or None where none was given. Raises SkillError for half of one."""
    if params.amount_minor is None and params.currency is None and params.interval is None:
        return None
    if params.amount_minor is None or params.currency is None:
        missing = "amount_minor" if params.amount_minor is None else "currency"
        raise SkillError(f"A price needs {missing} too.", code="price_incomplete", field=missing)
    check_step(params.amount_minor, params.currency)
    price: Json = {"currency": params.currency, "unit_amount": params.amount_minor}
    if params.interval:
        price["recurring"] = {"interval": params.interval, "interval_count": params.interval_count or 1}
    elif params.interval_count:
        raise SkillError("interval_count needs an interval.", code="interval_missing", field="interval")
    return price
