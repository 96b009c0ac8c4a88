"""What an amount is worth in another currency, by Stripe's own rates: never by a rate of ours."""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Annotated, NamedTuple

from pydantic import Field

from paydesk.intents.entities.currencies import stripe_exponent
from paydesk.skills.base import Desk, Effect, Json, Result, Strict, skill
from paydesk.skills.errors import PaydeskError, SkillError
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


class _Rate(NamedTuple):
    value: Decimal
    source: str
    fee: Decimal | None = None


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
    rate = await _rate(params.currency, params.to, desk)
    major = Decimal(params.amount_minor).scaleb(-stripe_exponent(params.currency)) * rate.value
    minor = int(major.scaleb(stripe_exponent(params.to)).to_integral_value(ROUND_HALF_EVEN))
    return Converted(
        amount=money(params.amount_minor, params.currency),
        worth=money(minor, params.to),
        rate=_text(rate.value),
        at=desk.now().strftime("%Y-%m-%d %H:%M UTC"),
        source=rate.source,
        fee_percent=_text(rate.fee * 100) if rate.fee else None,
    )


async def _rate(currency: str, to: str, desk: Desk) -> _Rate:
    """Stripe's FX quote; where the account has none, its exchange rates. Raises SkillError where neither is there."""
    asked = {"from_currencies": [currency], "to_currency": to, "lock_duration": "none"}
    problems: list[PaydeskError] = []
    if desk.mode != "sandbox":
        try:
            quote = await desk.stripe.compute("/v1/fx_quotes", asked)
        except PaydeskError as problem:  # a preview that few accounts have
            problems.append(problem)
        else:
            found = (quote.get("rates") or {}).get(currency) or {}
            value = _number(found.get("exchange_rate"))
            if value:
                return _Rate(value, "Stripe's FX quote", _number((found.get("rate_details") or {}).get("fx_fee_rate")))
    try:
        rates: Json = (await desk.stripe.get(f"/v1/exchange_rates/{currency}")).get("rates") or {}
    except PaydeskError as problem:
        problems.append(problem)
        rates = {}
    value = _number(rates.get(to))
    if value:
        by = "the sandbox's fixed table" if desk.mode == "sandbox" else "Stripe's exchange rates"
        return _Rate(value, by)
    said = f" Stripe said: {problems[0].message}" if problems else ""
    raise SkillError(
        f"Stripe gives this account no rate from {currency.upper()} to {to.upper()}.{said}",
        code="no_rate",
        field="to",
        next_step="Stripe offers FX quotes as a preview; other rates are not used, so that no figure is made up.",
    )


def _number(value: object) -> Decimal | None:
    """A rate from JSON, exact as written; None for what is none."""
    try:
        found = Decimal(str(value)) if value is not None and not isinstance(value, bool) else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and found > 0 else None


def _text(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
