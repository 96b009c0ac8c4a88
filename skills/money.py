"""Money as results carry it: minor units, currency and how a person writes it."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from paydesk.intents.entities.currencies import (
    exponent,
    format_minor,
    is_currency,
    iso_to_stripe,
    stripe_exponent,
    stripe_to_iso,
)

__all__ = ["CurrencyCode", "Money", "iso_to_stripe", "money", "smallest_step", "stripe_to_iso", "totals"]


def _known(code: str) -> str:
    if not is_currency(code.lower()):
        raise ValueError("no such currency; give an ISO 4217 code such as usd, eur or jpy")
    return code.lower()


#: ISO 4217 writes them in capitals, Stripe in small letters: both are taken, and become Stripe's.
CurrencyCode = Annotated[str, Field(pattern="^[A-Za-z]{3}$"), AfterValidator(_known)]


class Money(BaseModel):
    """An amount in minor units as Stripe counts them, its currency (lower-case ISO 4217) and its text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount_minor: int
    currency: str
    text: str


def money(amount_minor: int, currency: str) -> Money:
    """Money from Stripe's minor units, such as `money(1234, "usd")` -> `$12.34`."""
    text = format_minor(stripe_to_iso(amount_minor, currency), currency)
    return Money(amount_minor=amount_minor, currency=currency.lower(), text=text)


def smallest_step(currency: str) -> int:
    """What the integer of a charge or refund must be a multiple of at Stripe (https://docs.stripe.com/currencies).

    Ten where there are three decimals; a hundred where Stripe counts two decimals that the currency does not have.
    """
    if stripe_exponent(currency) == 3:
        return 10
    return int("1" + "0" * max(stripe_exponent(currency) - exponent(currency), 0))


def totals(amounts: Iterable[Money]) -> str:
    """Sums per currency, never added together, in the order of the codes: `€5.00, £1.00 and $12.00`."""
    sums: dict[str, int] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.amount_minor
    *others, last = [money(total, currency).text for currency, total in sorted(sums.items())] or [""]
    return f"{', '.join(others)} and {last}" if others else last
