"""What an invoice or a quote charges for: amounts with a description, or prices; judged before anything is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from paydesk.skills.base import Json, Strict, StripeReader
from paydesk.skills.chargeable import check_step
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.ids import checked_id
from paydesk.skills.money import money
from paydesk.skills.price import price_text
from paydesk.skills.sold import price_of

# https://docs.stripe.com/api/invoiceitems/create: amounts have eight digits at most.
_MOST_MINOR = 99_999_999


class Item(Strict):
    """One thing to pay for: either `amount_minor` (of one) and `description`, or a `price` (its id, or its product)."""

    description: Annotated[str, Field(min_length=1, max_length=250)] | None = None
    amount_minor: Annotated[int, Field(ge=1, le=_MOST_MINOR, description="Each; name the currency")] | None = None
    price: Annotated[str, Field(min_length=1, max_length=200, description="Instead: id, or product")] | None = None
    quantity: Annotated[int, Field(ge=1, le=1_000_000)] = 1


Items = Annotated[list[Item], Field(min_length=1, max_length=50)]


@dataclass(frozen=True)
class Line:
    """An item as it will stand: `amount_minor` of all of it, None where tiers decide; `price` where it has one."""

    item: Item
    amount_minor: int | None
    text: str
    price: Json | None = None

    @property
    def recurs(self) -> bool:
        """Whether it is paid again and again."""
        return bool(self.price and self.price.get("recurring"))


async def lines_of(
    stripe: StripeReader, items: Sequence[Item], currency: str | None, *, usual: str | None = None
) -> tuple[list[Line], str]:
    """The lines and their one currency; `usual` is the customer's, which decides among a product's prices.

    Raises SkillError where an item is neither, or both, or currencies differ.
    """
    prices = [await _price(stripe, item, index, currency, usual) for index, item in enumerate(items)]
    named = {str(price["currency"]) for price in prices if price is not None}
    codes = named | ({currency} if currency else set())
    if not codes:
        raise SkillError(
            "Which currency are the amounts in?",
            code="currency_missing",
            field="currency",
            next_step="Give currency, such as eur; get_account tells the account's own.",
        )
    if len(codes) > 1:
        told = " and ".join(sorted(code.upper() for code in codes))
        raise SkillError(
            f"All items must be in one currency; these are in {told}.", code="currency_differs", field="currency"
        )
    code = codes.pop()
    return [
        _line(item, price, code, index) for index, (item, price) in enumerate(zip(items, prices, strict=True))
    ], code


def total(lines: Sequence[Line]) -> int | None:
    """The sum before tax and discounts; None where a price decides by itself."""
    amounts = [line.amount_minor for line in lines]
    return None if None in amounts else sum(amount for amount in amounts if amount is not None)


async def _price(stripe: StripeReader, item: Item, index: int, currency: str | None, usual: str | None) -> Json | None:
    field = f"items[{index}]"
    if (item.amount_minor is None) == (item.price is None):
        raise SkillError(
            f"{field} needs either amount_minor and description, or price.", code="item_unclear", field=field
        )
    if item.price is None:
        if item.description is None:
            raise SkillError(f"{field} needs a description.", code="item_unclear", field=field)
        return None
    if not item.price.startswith(("price_", "plan_")):
        return await price_of(stripe, item.price, currency, field=f"{field}.price", usual=usual)
    identifier = checked_id(item.price, "price", "plan", field=f"{field}.price")
    price = await stripe.get(f"/v1/prices/{identifier}", {"expand": ["product"]})
    if not price.get("active", True):
        raise SkillError(
            f"The price {identifier} ({price_text(price)}) is archived.",
            code="price_not_usable",
            field=f"{field}.price",
            next_step="list_products shows the others.",
        )
    return price


def _line(item: Item, price: Json | None, currency: str, index: int) -> Line:
    if price is None:
        each = item.amount_minor or 0
        if each * item.quantity > _MOST_MINOR:
            raise SkillError(
                f"items[{index}] is more than {money(_MOST_MINOR, currency).text}, the most that Stripe takes.",
                code="amount_too_large",
                field=f"items[{index}].amount_minor",
            )
        check_step(each, currency)
        count = f"{item.quantity} x " if item.quantity != 1 else ""
        return Line(
            item, each * item.quantity, f"{clean(item.description or '', 80)}: {count}{money(each, currency).text}"
        )
    unit = price.get("unit_amount")
    simple = unit is not None and not price.get("transform_quantity")
    product = price.get("product")
    name = clean(product.get("name") or "", 80) if isinstance(product, dict) else ""
    amount = int(unit) * item.quantity if unit is not None and simple else None
    return Line(item, amount, f"{name or price['id']}: {price_text(price, item.quantity)}", price)
