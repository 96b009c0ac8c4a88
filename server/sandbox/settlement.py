"""How an account settles: its country and currency, what Stripe keeps of a payment, and at what rate it exchanges.

Two ways. `Settlement()` is the made-up business's: every currency settles as it is, by a plain fee table. An account
that is given a country settles as a new one at Stripe does: everything becomes its own currency, cards from abroad and
exchanging cost more (https://stripe.com/pricing, https://docs.stripe.com/currencies/conversion).

The rates are a fixed table of September 2026, so that the same requests give the same amounts in any year.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final

from paydesk.intents.entities.currencies import stripe_exponent
from paydesk.server.sandbox import money
from paydesk.server.sandbox.countries import CURRENCY_OF
from paydesk.server.sandbox.params import CURRENCIES

# What one US dollar bought.
_PER_USD: Final = {
    "usd": "1", "cad": "1.3985", "eur": "0.86", "gbp": "0.745", "jpy": "148.5", "aud": "1.515", "nzd": "1.71",
    "chf": "0.805", "sek": "9.45", "nok": "9.95", "dkk": "6.42", "pln": "3.66", "czk": "20.9", "huf": "337",
    "ron": "4.37", "mxn": "18.6", "brl": "5.38", "inr": "88.1", "sgd": "1.285", "hkd": "7.8", "myr": "4.21",
    "thb": "32.1", "aed": "3.6725", "cny": "7.12", "krw": "1390", "twd": "30.4", "zar": "17.5", "ils": "3.35",
    "try": "41.3", "php": "57.2", "idr": "16500", "clp": "960", "cop": "3950", "isk": "122", "kwd": "0.3055",
}  # fmt: skip

COUNTRIES: Final = tuple(sorted(CURRENCY_OF))

# Basis points on top for a card from abroad, and for exchanging; where a country is not named, the last line's.
_SURCHARGES: Final = {"US": (150, 100), "CA": (80, 200), "GB": (175, 200), "AU": (180, 200), "JP": (0, 200)}
_OTHER_SURCHARGES: Final = (150, 200)
_MOST_BASIS_POINTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Fees:
    """What is kept of a payment: by currency (basis points, minor units), surcharges in basis points, per dispute."""

    processing: Mapping[str, tuple[int, int]] = field(default_factory=lambda: money.FEES)
    otherwise: tuple[int, int] = money.OTHER_FEE
    foreign_card: int = 0
    exchange: int = 0
    dispute: Mapping[str, int] = field(default_factory=lambda: money.DISPUTE_FEE)
    any_dispute: int = money.OTHER_DISPUTE_FEE


NO_FEES: Final = Fees({}, (0, 0), 0, 0, {}, 0)


@dataclass(frozen=True, slots=True)
class Settlement:
    """How the books of one file settle. `exchanges` False: every currency has a balance of its own."""

    country: str = "US"
    currency: str = "usd"
    exchanges: bool = False
    fees: Fees = field(default_factory=Fees)
    rates: Mapping[str, str] = field(default_factory=lambda: _PER_USD)

    def rate(self, source: str, target: str) -> Decimal:
        """How many of `target` one of `source` is, both in major units, to six digits; 1 for an unknown currency."""
        if source == target:
            return Decimal(1)
        one, other = self.rates.get(source), self.rates.get(target)
        if one is None or other is None:
            return Decimal(1)
        return (Decimal(other) / Decimal(one)).quantize(Decimal("0.000001"), ROUND_HALF_UP).normalize()

    def settles(self, currency: str) -> str:
        """The currency of the balance that a payment in `currency` goes to."""
        return self.currency if self.exchanges else currency

    def exchanged(self, amount: int, source: str, target: str) -> int:
        """An amount in minor units of another currency, half a minor unit rounded away from zero."""
        shift = Decimal(10) ** (stripe_exponent(target) - stripe_exponent(source))
        return int((amount * self.rate(source, target) * shift).quantize(Decimal(1), ROUND_HALF_UP))

    def processing_fee(self, amount: int, currency: str, *, card_country: str, was_exchanged: bool) -> int:
        """What is kept of a captured amount, in the currency it settles in; half a minor unit is rounded up."""
        basis_points, fixed = self.fees.processing.get(currency, self.fees.otherwise)
        basis_points += self.fees.foreign_card if card_country != self.country else 0
        basis_points += self.fees.exchange if was_exchanged else 0
        return (amount * basis_points + 5_000) // 10_000 + fixed

    def dispute_fee(self, currency: str) -> int:
        """What a chargeback costs, kept even when it is won."""
        return self.fees.dispute.get(currency, self.fees.any_dispute)

    def written(self) -> str:
        """As the file keeps it."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def of(cls, text: str) -> "Settlement":
        """What `written` wrote."""
        found = json.loads(text)
        fees = found.pop("fees")
        table = {code: (share, fixed) for code, (share, fixed) in fees.pop("processing").items()}
        share, fixed = fees.pop("otherwise")
        return cls(fees=Fees(processing=table, otherwise=(share, fixed), **fees), **found)


def settlement_for(
    country: str | None = None,
    currency: str | None = None,
    fees: str | None = None,
    rates: Mapping[str, str] | None = None,
) -> Settlement | None:
    """The settlement that options ask for; None where none is given. ValueError that names what cannot be.

    - `country`: two letters; `currency`: the account's own, the country's by default
    - `fees`: "standard", "none", or the path of a JSON file (see `_fees_of`)
    - `rates`: how many of a currency one US dollar is, as decimal text; the others stay
    """
    if not (country or currency or fees or rates):
        return None
    where = (country or "US").upper()
    if where not in CURRENCY_OF:
        message = f"no account can be in {where!r}. Countries: {', '.join(COUNTRIES)}"
        raise ValueError(message)
    own = (currency or CURRENCY_OF[where]).lower()
    for code in (own, *(rates or {})):
        _check_currency(code)
    for code, rate in (rates or {}).items():
        _check_rate(code, rate)
    foreign_card, exchange = _SURCHARGES.get(where, _OTHER_SURCHARGES)
    table = _fees_of(fees or "standard", Fees(foreign_card=foreign_card, exchange=exchange))
    return Settlement(where, own, exchanges=True, fees=table, rates={**_PER_USD, **(rates or {})})


def _check_currency(code: str) -> None:
    if code not in CURRENCIES:
        message = f"{code!r} is no currency that Stripe knows"
        raise ValueError(message)


def _check_rate(code: str, rate: str) -> None:
    try:
        good = 0 < Decimal(rate) < 10**9
    except ArithmeticError:
        good = False
    if not good:
        message = f"the rate of {code} must be a positive number, not {rate!r}"
        raise ValueError(message)


def _fees_of(asked: str, standard: Fees) -> Fees:
    """A preset, or a file: `{"processing": {"cad": [290, 30]}, "foreign_card": 80, "exchange": 200,
    "dispute": {"cad": 1500}}`: basis points and minor units; what is not said stays as standard.
    """
    if asked == "standard":
        return standard
    if asked == "none":
        return NO_FEES
    try:
        found = json.loads(Path(asked).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"fees: neither standard nor none, nor a readable JSON file: {asked} ({error})"
        raise ValueError(message) from error
    return _checked_fees(found, standard)


def _checked_fees(found: Any, standard: Fees) -> Fees:
    names = {"processing", "foreign_card", "exchange", "dispute"}
    if not isinstance(found, dict) or not set(found) <= names:
        message = f"fees: the file must hold an object with {', '.join(sorted(names))}"
        raise ValueError(message)
    processing = dict(standard.processing)
    for code, pair in _table(found, "processing").items():
        if not (isinstance(pair, list) and len(pair) == 2 and all(map(_is_share, pair))):
            message = f"fees: processing.{code} must be [basis points, minor units]"
            raise ValueError(message)
        processing[code] = (pair[0], pair[1])
    dispute = {**standard.dispute, **_table(found, "dispute")}
    shares = {name: found.get(name, getattr(standard, name)) for name in ("foreign_card", "exchange")}
    for name, value in {**{f"dispute.{code}": one for code, one in dispute.items()}, **shares}.items():
        if not _is_share(value):
            message = f"fees: {name} must be a whole number from 0 to {_MOST_BASIS_POINTS}"
            raise ValueError(message)
    return replace(standard, processing=processing, dispute=dispute, **shares)


def _table(found: dict[str, Any], name: str) -> dict[str, Any]:
    table = found.get(name, {})
    if not isinstance(table, dict):
        message = f"fees: {name} must be an object by currency"
        raise ValueError(message)  # noqa: TRY004 - of a file's content, as every other complaint about it
    for code in table:
        _check_currency(code)
    return table


def _is_share(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_BASIS_POINTS
