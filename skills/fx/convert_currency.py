"""What an amount is worth in another currency, by Stripe's own rates: never by a rate of ours."""

from typing import Annotated

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Result, Strict, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.exchange import at_text, plain, rate_of
from paydesk.skills.money import CurrencyCode, Money, money


class Params(Strict):
    amount_minor: Annotated[int, Field(ge=1)]
    currency: CurrencyCode
    to: CurrencyCode


class Converted(Result):
    """An amount and its worth: `rate` is how many of the other currency one is worth, exact text; `at` is UTC.

    `source` says whose rate it is; `fee_percent` is Stripe's, where the rate contains it.
    """

    amount: Money
    worth: Money
    rate: str
    at: str
    source: str
    fee_percent: str | None = None

    def sentence(self) -> str:
        """Amount, worth, rate and date."""
        fee = f", Stripe's fee of {self.fee_percent}% included" if self.fee_percent else ""
        pair = f"1 {self.amount.currency.upper()} = {self.rate} {self.worth.currency.upper()}"
        worth = f"{self.amount.text} is {self.worth.text} ({pair} at {self.at} by {self.source}{fee})."
        return f"{worth} No promise of a price."


@skill(
    effect=Effect.READ,
    toolset="tax",
    says=("convert {money} to {to}", "how much is {money} in {to}"),
    examples=({"amount_minor": 10000, "currency": "eur", "to": "usd"},),
)
async def convert_currency(params: Params, desk: Desk) -> Converted:
    """Convert an amount to another currency at Stripe's FX rate, naming rate and date."""
    if params.to == params.currency:
        raise SkillError("Both currencies are the same.", code="same_currency", field="to")
    rate = await rate_of(desk, params.currency, params.to)
    return Converted(
        amount=money(params.amount_minor, params.currency),
        worth=rate.worth(params.amount_minor),
        rate=rate.text,
        at=at_text(desk),
        source=rate.source,
        fee_percent=plain(rate.fee * 100) if rate.fee else None,
    )
