"""A price as people read it: `$49.00 / month`, `€5.00 once`, `tiered / year`."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from paydesk.intents.entities.currencies import stripe_exponent
from paydesk.skills.base import Json, Result
from paydesk.skills.hostile_text import clean_or_none
from paydesk.skills.money import Money, money

ProductText = Annotated[str, Field(min_length=1, max_length=200, description="Name or id")]
Interval = Literal["day", "week", "month", "year"]
_ORDER = ("day", "week", "month", "year")
IntervalCount = Annotated[int, Field(ge=1, le=1_095)]


class PriceRow(Result):
    """One price: `amount` every `per` (`month`, `3 months`), or once where there is no `per`.

    `text` stands in for the amount where no whole one says it: tiers, metered use, fractions of a minor unit.
    `active` is told where it is not; `nickname` and `lookup_key` with detail `full`.
    """

    id: str
    amount: Money | None = None
    per: str | None = None
    text: str | None = None
    active: bool | None = None
    nickname: str | None = None
    lookup_key: str | None = None

    @classmethod
    def of(cls, price: Json, *, full: bool = False) -> "PriceRow":
        """A price of Stripe as a row."""
        unit, recurring = price.get("unit_amount"), price.get("recurring") or {}
        simple = unit is not None and not price.get("transform_quantity") and recurring.get("usage_type") != "metered"
        return cls(
            id=str(price["id"]),
            amount=money(int(unit), price["currency"]) if unit is not None and simple else None,
            per=interval_text(recurring) if recurring and simple else None,
            text=None if simple else price_text(price),
            active=None if price.get("active", True) else False,
            nickname=clean_or_none(price.get("nickname")) if full else None,
            lookup_key=clean_or_none(price.get("lookup_key")) if full else None,
        )

    def line(self) -> str:
        """The price in words."""
        if self.amount is None:
            return self.text or self.id
        return f"{self.amount.text} / {self.per}" if self.per else f"{self.amount.text} once"


def price_text(price: Json, quantity: int | None = None) -> str:
    """What it costs and how often, such as `$49.00 / month`, `3 x $10.00 / year`, `$5.00 once`, `tiered / month`."""
    recurring = price.get("recurring")
    often = f" / {interval_text(recurring)}" if recurring else " once"
    metered = " metered" if recurring and recurring.get("usage_type") == "metered" else ""
    count = f"{quantity} x " if quantity is not None and quantity != 1 else ""
    return f"{count}{_unit(price)}{often}{metered}"


def interval_text(recurring: Json) -> str:
    """`month`, or `3 months`."""
    count = int(recurring.get("interval_count") or 1)
    return str(recurring["interval"]) if count == 1 else f"{count} {recurring['interval']}s"


def has_interval(price: Json, interval: Interval | None, count: int | None) -> bool:
    """Whether it recurs as asked; a quarter is three months, and an interval alone means every one of it."""
    recurring = price.get("recurring") or {}
    if interval is not None and recurring.get("interval") != interval:
        return False
    wanted = count if count is not None else 1 if interval is not None else None
    return wanted is None or int(recurring.get("interval_count") or 0) == wanted


def order(price: Json) -> tuple[str, int, int]:
    """To put prices side by side: by currency, then once, then the shorter interval first, then the cheaper."""
    recurring = price.get("recurring") or {}
    often = _ORDER.index(recurring["interval"]) + 1 if recurring else 0
    return (
        str(price["currency"]),
        often * 10_000 + int(recurring.get("interval_count") or 0),
        price.get("unit_amount") or 0,
    )


def highest(prices: Iterable[Json]) -> Decimal:
    """The highest amount in major units, zero where none has one; for an order by amount."""
    known = (price for price in prices if price.get("unit_amount") is not None)
    majors = (Decimal(int(price["unit_amount"])).scaleb(-stripe_exponent(price["currency"])) for price in known)
    return max(majors, default=Decimal(0))


def _unit(price: Json) -> str:
    currency = str(price["currency"])
    if price.get("billing_scheme") == "tiered":
        return f"{currency.upper()} tiered"
    if price.get("unit_amount") is not None:
        return money(int(price["unit_amount"]), currency).text + _each(price)
    if price.get("unit_amount_decimal") is not None:
        # A fraction of a minor unit, such as half a cent a call: no Money can hold it.
        major = Decimal(price["unit_amount_decimal"]).scaleb(-stripe_exponent(currency))
        return f"{currency.upper()} {major:f}" + _each(price)
    return f"{currency.upper()} chosen by the customer"


def _each(price: Json) -> str:
    divide_by = (price.get("transform_quantity") or {}).get("divide_by")
    return f" per {divide_by}" if divide_by else ""
