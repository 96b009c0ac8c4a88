"""What can be charged at all: Stripe's smallest and largest amounts, and the steps that it counts in."""

from typing import Final

from paydesk.skills.errors import SkillError
from paydesk.skills.money import money, smallest_step

# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, in the units of Stripe's API.
LEAST_MINOR: Final = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
_MOST_DIGITS: Final = {"cop": 10, "huf": 10, "idr": 12, "inr": 9, "jpy": 10, "lbp": 12}
_OTHER_MOST_DIGITS: Final = 8


def check_chargeable(amount_minor: int, currency: str) -> None:
    """Raises SkillError (field `amount_minor`) for an amount that Stripe would not charge in this currency."""
    least = LEAST_MINOR.get(currency, 1)
    if amount_minor < least:
        raise SkillError(
            f"Stripe charges at least {money(least, currency).text}.", code="amount_too_small", field="amount_minor"
        )
    most = 10 ** _MOST_DIGITS.get(currency, _OTHER_MOST_DIGITS) - 1
    if amount_minor > most:
        raise SkillError(
            f"Stripe charges at most {money(most, currency).text} at once.",
            code="amount_too_large",
            field="amount_minor",
        )
    check_step(amount_minor, currency)


def check_step(amount_minor: int, currency: str) -> None:
    """Raises SkillError for an amount finer than Stripe counts in this currency."""
    step = smallest_step(currency)
    if amount_minor % step:
        raise SkillError(
            f"Stripe takes amounts in {currency.upper()} only as multiples of {step} minor units.",
            code="finer_than_stripe",
            field="amount_minor",
            next_step=f"Round amount_minor to a multiple of {step}.",
        )
