"""What money is worth in another currency by Stripe's own rates, never by a rate of ours."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from paydesk.intents.entities.currencies import stripe_exponent
from paydesk.skills.base import Desk, Json
from paydesk.skills.errors import PaydeskError, SkillError
from paydesk.skills.money import Money, money


@dataclass(frozen=True)
class Rate:
    """How many of `to` one of `currency` is worth; `source` says whose rate it is, `fee` Stripe's share within it."""

    currency: str
    to: str
    value: Decimal
    source: str
    fee: Decimal | None = None

    @property
    def text(self) -> str:
        """The rate, exact."""
        return plain(self.value)

    @property
    def pair(self) -> str:
        """`1 EUR = 1.09 USD`."""
        return f"1 {self.currency.upper()} = {self.text} {self.to.upper()}"

    @property
    def by(self) -> str:
        """Whose it is, with the fee where it contains one."""
        return f"{self.source}, its fee of {plain(self.fee * 100)}% included" if self.fee else self.source

    def worth(self, amount_minor: int) -> Money:
        """What an amount is worth, rounded half to even once."""
        major = Decimal(amount_minor).scaleb(-stripe_exponent(self.currency)) * self.value
        return money(int(major.scaleb(stripe_exponent(self.to)).to_integral_value(ROUND_HALF_EVEN)), self.to)


async def rate_of(desk: Desk, currency: str, to: str, *, field: str = "to") -> Rate:
    """Stripe's FX quote; where the account has none, its exchange rates.

    Raises SkillError, naming the argument `field`, where neither is there.
    """
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
                fee = _number((found.get("rate_details") or {}).get("fx_fee_rate"))
                return Rate(currency, to, value, "Stripe's FX quote", fee)
    try:
        rates: Json = (await desk.stripe.get(f"/v1/exchange_rates/{currency}")).get("rates") or {}
    except PaydeskError as problem:
        problems.append(problem)
        rates = {}
    value = _number(rates.get(to))
    if value:
        by = "the sandbox's fixed table" if desk.mode == "sandbox" else "Stripe's exchange rates"
        return Rate(currency, to, value, by)
    said = f" Stripe said: {problems[0].message}" if problems else ""
    raise SkillError(
        f"Stripe gives this account no rate from {currency.upper()} to {to.upper()}.{said}",
        code="no_rate",
        field=field,
        next_step="Stripe offers FX quotes as a preview; other rates are not used, so that no figure is made up.",
    )


def at_text(desk: Desk) -> str:
    """When a rate was asked for, `2026-11-21 12:00 UTC`."""
    return desk.now().strftime("%Y-%m-%d %H:%M UTC")


def _number(value: object) -> Decimal | None:
    """A rate from JSON, exact as written; None for what is none."""
    try:
        found = Decimal(str(value)) if value is not None and not isinstance(value, bool) else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and found > 0 else None


def plain(value: Decimal) -> str:
    """A decimal without an exponent and without zeros at the end."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
