"""Currencies: which exist, how many decimals they have, and how an amount is written and read.

Three counts of decimals meet in payments, and they are not the same:

- `exponent`: ISO 4217's, which is what paydesk shows and what a spoken amount is turned into;
- `stripe_exponent`: how Stripe counts the integers of its API (https://docs.stripe.com/currencies). It differs for
  three: ISK and UGX have no decimals in ISO but Stripe still writes them with two (always ending in 00), and MGA has
  two in ISO but none at Stripe;
- payouts in HUF and TWD must be whole units at Stripe although charges carry two decimals; that is a rule about the
  value, not about the count, and so is not in this table. Likewise three-decimal amounts must end in 0.

`iso_to_stripe` and `stripe_to_iso` go from one integer to the other, exactly or not at all.
"""

import re
from decimal import Decimal
from typing import Final

from paydesk.intents.patterns import lazy

_TWO_DECIMALS: Final = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY "
    "COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
    "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR "
    "MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP "
    "STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG"
)
_NO_DECIMALS: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS: Final = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS: Final = "CLF UYW"
# Withdrawn by ISO, yet old payments still carry them.
_WITHDRAWN: Final = "ANG BGN HRK SLL ZWL"

EXPONENTS: Final[dict[str, int]] = {
    code.lower(): decimals
    for decimals, codes in (
        (0, _NO_DECIMALS),
        (2, _TWO_DECIMALS),
        (2, _WITHDRAWN),
        (3, _THREE_DECIMALS),
        (4, _FOUR_DECIMALS),
    )
    for code in codes.split()
}
_STRIPE_DIFFERS: Final = {"isk": 2, "ugx": 2, "mga": 0}

_SIGNS: Final = {
    "usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "inr": "₹", "krw": "₩", "ils": "₪", "vnd": "₫", "php": "₱",
    "cad": "CA$", "aud": "A$", "nzd": "NZ$", "hkd": "HK$", "sgd": "S$", "twd": "NT$",
    "mxn": "MX$", "brl": "R$", "cny": "CN¥",
}  # fmt: skip

_MAJOR = lazy(r"([+-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,18})(?:\.([0-9]{1,18}))?", re.ASCII)


def is_currency(code: str) -> bool:
    """Whether `code` (any case) is an ISO 4217 currency, withdrawn ones that old payments carry included."""
    return code.lower() in EXPONENTS


def exponent(currency: str) -> int:
    """How many decimals `currency` has by ISO 4217; ValueError for a code that does not exist."""
    try:
        return EXPONENTS[currency.lower()]
    except KeyError:
        raise ValueError("currency: expected a three-letter ISO 4217 code such as usd, eur or jpy") from None


def stripe_exponent(currency: str) -> int:
    """How many decimals Stripe's API counts in an integer amount of `currency`; ValueError for an unknown code."""
    return _STRIPE_DIFFERS.get(currency.lower(), exponent(currency))


def iso_to_stripe(amount_minor: int, currency: str) -> int:
    """The integer Stripe expects for `amount_minor` ISO minor units; ValueError where Stripe holds no such fraction."""
    return _rescale(amount_minor, exponent(currency), stripe_exponent(currency))


def stripe_to_iso(amount: int, currency: str) -> int:
    """The ISO minor units of an integer amount from Stripe; ValueError if it holds a fraction ISO does not have."""
    return _rescale(amount, stripe_exponent(currency), exponent(currency))


def _rescale(amount: int, decimals: int, wanted: int) -> int:
    if wanted >= decimals:
        return amount * _power(wanted - decimals)
    whole, rest = divmod(amount, _power(decimals - wanted))
    if rest:
        raise ValueError("amount: more decimals than the currency has")
    return whole


def format_minor(amount_minor: int, currency: str) -> str:
    """`amount_minor` ISO minor units as people write them: "$1,234.56", "¥10,000", "KWD 10.500", "-$5.00".

    ValueError for an unknown currency.
    """
    decimals = exponent(currency)
    code = currency.lower()
    whole, fraction = divmod(abs(amount_minor), 10**decimals)
    digits = f"{whole:,}" + (f".{fraction:0{decimals}d}" if decimals else "")
    sign = "-" if amount_minor < 0 else ""
    return sign + (f"{_SIGNS[code]}{digits}" if code in _SIGNS else f"{code.upper()} {digits}")


def parse_major(text: str, currency: str) -> int:
    """The minor units of a plain amount in major units: "1,234.56" usd is 123456, "10.500" kwd is 10500.

    Takes an optional sign, digits (comma between thousands or none) and a decimal point; never a float, an exponent
    or a currency sign. ValueError for anything else and for more decimals than the currency has.
    """
    decimals = exponent(currency)
    match = _MAJOR.fullmatch(text.strip())
    if match is None:
        raise ValueError("amount: expected digits such as 1234.56")
    return minor_units(Decimal(match[1] + match[2].replace(",", "") + "." + (match[3] or "0")), decimals)


def minor_units(amount: Decimal, decimals: int) -> int:
    """`amount` in major units times ten to the `decimals`, exactly; ValueError where a fraction would be lost."""
    # The context's 28 digits would round a longer product silently, so the digits are moved by hand.
    sign, digits, point = amount.as_tuple()
    if not isinstance(point, int):
        raise ValueError("amount: expected a finite number")  # noqa: TRY004 - a value, not a type, is wrong
    number = int("".join(map(str, digits)) or "0")
    shift = point + decimals
    if shift >= 0:
        number *= _power(shift)
    else:
        number, rest = divmod(number, _power(-shift))
        if rest:
            raise ValueError(f"amount: more decimals than the currency's {decimals}")
    return -number if sign else number


def _power(places: int) -> int:
    return int("1" + "0" * places)
