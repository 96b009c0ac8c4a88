"""Filters on amounts, in major units: `>1000`, `>=10.50`, `<5`, `20..30`, `=14.99`."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from paydesk.intents.entities.currencies import stripe_exponent
from paydesk.skills.base import Json
from paydesk.skills.errors import SkillError

_NUMBER = r"\d{1,15}(?:\.\d{1,4})?"
PATTERN = rf"^(?:(?:>=|<=|>|<|=)?{_NUMBER}|{_NUMBER}\.\.{_NUMBER})$"
AmountMajor = Annotated[str, Field(pattern=PATTERN, description="Major units: >50, <=9.99, 20..30")]
_COMPARED = re.compile(rf"(>=|<=|>|<|=)?({_NUMBER})")


@dataclass(frozen=True)
class AmountFilter:
    """Bounds in major units, each inclusive or not; None is open."""

    low: Decimal | None = None
    high: Decimal | None = None
    low_counts: bool = True
    high_counts: bool = True

    @classmethod
    def read(cls, text: str) -> "AmountFilter":
        """Read the text of a filter. Raises SkillError for a range whose end is below its beginning."""
        if ".." in text:
            low, high = (Decimal(part) for part in text.split(".."))
            if high < low:
                raise SkillError(
                    "The amount range ends below its beginning.", code="invalid_range", field="amount_major"
                )
            return cls(low, high)
        found = _COMPARED.fullmatch(text)
        if found is None:
            raise SkillError("amount_major must look like >50, <=9.99 or 20..30.", field="amount_major")
        sign, number = found.group(1) or "=", Decimal(found.group(2))
        if sign == "=":
            return cls(number, number)
        if sign.startswith(">"):
            return cls(low=number, low_counts=sign == ">=")
        return cls(high=number, high_counts=sign == "<=")

    def fits(self, amount_minor: int, currency: str) -> bool:
        """Whether an amount in Stripe's minor units lies within the bounds, in its own currency's major units."""
        major = Decimal(amount_minor).scaleb(-stripe_exponent(currency))
        if self.low is not None and (major < self.low or (major == self.low and not self.low_counts)):
            return False
        return self.high is None or major < self.high or (major == self.high and self.high_counts)


def fits(item: Json, amount_major: "AmountFilter | None", currency: str | None) -> bool:
    """Whether a Stripe object's `amount` and `currency` fit both filters; None does not filter."""
    if currency is not None and item["currency"] != currency:
        return False
    return amount_major is None or amount_major.fits(int(item["amount"]), item["currency"])


def told(text: str | None, currency: str | None) -> str:
    """The filter in words: ` over 1000 USD`, or ` over 1000 (each in its own currency)`; empty where there is none."""
    if text is None:
        return ""
    words = {">=": "at least ", "<=": "at most ", ">": "over ", "<": "under ", "=": "of "}
    sign = next((mark for mark in words if text.startswith(mark)), "")
    said = words.get(sign, "" if ".." in text else "of ") + text.removeprefix(sign).replace("..", " to ")
    return f" {said} {currency.upper()}" if currency else f" {said} (each in its own currency)"
