"""Amounts: how the sandbox writes them in error messages, the least that can be charged, and what Stripe takes as fee.

Amounts are integers as Stripe's API counts them (see intents/entities/currencies.py for the currencies that differ
from ISO). The fee table is the sandbox's own and simple on purpose: a share of the amount and a fixed part by currency,
after https://stripe.com/pricing for cards; settlement.py applies it.
"""

from typing import Final

from paydesk.intents.entities.currencies import stripe_exponent
from paydesk.server.sandbox.errors import StripeError

_SIGNS: Final = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}

# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
_LEAST: Final = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip

# Basis points of the amount, and a fixed part in minor units.
FEES: Final = {
    "usd": (290, 30), "cad": (290, 30), "aud": (290, 30), "eur": (290, 25), "gbp": (290, 20), "jpy": (360, 0),
    "chf": (290, 30), "nzd": (290, 30), "sgd": (340, 50), "hkd": (340, 235), "mxn": (360, 300), "sek": (290, 180),
    "nok": (290, 200), "dkk": (290, 180), "pln": (290, 100), "inr": (300, 0), "brl": (399, 39),
}  # fmt: skip
OTHER_FEE: Final = (290, 0)
DISPUTE_FEE: Final = {"usd": 1500, "eur": 1500, "gbp": 1500, "cad": 1500, "aud": 2500, "jpy": 1300}
OTHER_DISPUTE_FEE: Final = 1500


def written(amount: int, currency: str) -> str:
    """An amount as Stripe's messages write it: `$30.00`, `¥500`; other currencies as `12.50 SEK`."""
    decimals = stripe_exponent(currency)
    whole, rest = divmod(abs(amount), 10**decimals)
    digits = f"{whole:,}" + (f".{rest:0{decimals}d}" if decimals else "")
    sign = _SIGNS.get(currency)
    text = f"{sign}{digits}" if sign else f"{digits} {currency.upper()}"
    return f"-{text}" if amount < 0 else text


# Digits that an amount may have; https://docs.stripe.com/currencies names those that may have more than eight.
_MOST_DIGITS: Final = {"cop": 10, "huf": 10, "idr": 12, "inr": 9, "jpy": 10, "lbp": 12}
_OTHER_MOST_DIGITS: Final = 8


def check_chargeable(amount: int, currency: str, param: str = "amount") -> None:
    """StripeError for an amount below or above what may be charged in the currency, or not as it counts."""
    least = _LEAST.get(currency, 1)
    if amount < least:
        raise StripeError(
            f"Amount must be at least {written(least, currency)} {currency}", code="amount_too_small", param=param
        )
    most = 10 ** _MOST_DIGITS.get(currency, _OTHER_MOST_DIGITS) - 1
    if amount > most:
        raise StripeError(
            f"Amount must be no more than {written(most, currency)}", code="amount_too_large", param=param
        )
    # Stripe's partners take three-decimal currencies by tens (docs.stripe.com/currencies, "Three-decimal currencies").
    if stripe_exponent(currency) == 3 and amount % 10:
        raise StripeError(
            f"Invalid amount: amounts in {currency} must be rounded to the nearest ten, so that the last digit is 0.",
            param=param,
        )


def is_below_least(amount: int, currency: str) -> bool:
    """Whether an amount is too small to be charged (an invoice's goes to the customer's balance instead)."""
    return amount < _LEAST.get(currency, 1)
