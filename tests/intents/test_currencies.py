"""The currency table, and amounts written and read back."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.intents.entities import currencies
from paydesk.intents.entities.currencies import (
    EXPONENTS,
    exponent,
    format_minor,
    iso_to_stripe,
    parse_major,
    stripe_exponent,
    stripe_to_iso,
)

CODES = st.sampled_from(sorted(EXPONENTS))
AMOUNTS = st.integers(-(10**14), 10**14)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123456, "usd", "$1,234.56"),
        (123456, "eur", "€1,234.56"),
        (999, "gbp", "£9.99"),
        (10000, "jpy", "¥10,000"),
        (3000, "cad", "CA$30.00"),
        (500, "aud", "A$5.00"),
        (1200, "chf", "CHF 12.00"),
        (10500, "kwd", "KWD 10.500"),
        (-500, "usd", "-$5.00"),
        (0, "usd", "$0.00"),
    ],
)
def test_an_amount_is_written_as_people_write_it(minor: int, currency: str, text: str) -> None:
    """Ours: sign or code, thousands separated, as many decimals as the currency has."""
    assert format_minor(minor, currency) == text


@given(AMOUNTS, CODES)
def test_what_is_written_reads_back_the_same(minor: int, currency: str) -> None:
    """Ours: format -> parse -> the same integer, for every currency."""
    written = format_minor(minor, currency)
    digits = "".join(c for c in written if c.isdigit() or c in ".,")
    assert parse_major(("-" if minor < 0 else "") + digits, currency) == minor


@pytest.mark.parametrize("text", ["1.001", "1e5", "1,23", "nan", "", "$5", "٣", "1.2.3", "Infinity", "0x10", "1_000"])
def test_what_is_no_plain_amount_is_refused(text: str) -> None:
    """Ours: nothing is rounded or guessed; too many decimals are an error."""
    with pytest.raises(ValueError, match="amount"):
        parse_major(text, "usd")


def test_trailing_zeros_are_not_decimals_too_many() -> None:
    """Ours: "1.000" yen is one yen, as nothing is lost."""
    assert parse_major("1.000", "jpy") == 1


def test_decimals_follow_iso_4217() -> None:
    """ISO 4217: the odd ones; the rest have two."""
    assert {code for code, count in EXPONENTS.items() if count == 3} == {
        "bhd",
        "iqd",
        "jod",
        "kwd",
        "lyd",
        "omr",
        "tnd",
    }
    assert {code for code, count in EXPONENTS.items() if count == 4} == {"clf", "uyw"}
    assert {"jpy", "krw", "vnd", "clp", "isk", "ugx", "xof"} <= {c for c, count in EXPONENTS.items() if count == 0}
    assert len(EXPONENTS) > 150


def test_stripe_counts_three_currencies_its_own_way() -> None:
    """Stripe: ISK and UGX are sent with two decimals, MGA with none."""
    assert {code for code in EXPONENTS if exponent(code) != stripe_exponent(code)} == {"isk", "ugx", "mga"}
    assert iso_to_stripe(5, "ugx") == 500
    assert stripe_to_iso(500, "isk") == 5
    with pytest.raises(ValueError, match="decimals"):
        iso_to_stripe(150, "mga")


@given(AMOUNTS, CODES)
def test_to_stripe_and_back_loses_nothing(minor: int, currency: str) -> None:
    """Ours: the two counts differ only by whole powers of ten, or the amount is refused."""
    try:
        amount = iso_to_stripe(minor, currency)
    except ValueError:
        assert stripe_exponent(currency) < exponent(currency)
        return
    assert stripe_to_iso(amount, currency) == minor


@given(st.decimals(allow_nan=True, allow_infinity=True, places=4), st.integers(0, 4))
def test_minor_units_are_exact_or_refused(amount: Decimal, decimals: int) -> None:
    """Ours: no rounding, however many digits."""
    try:
        minor = currencies.minor_units(amount, decimals)
    except ValueError:
        return
    with localcontext() as exact:
        exact.prec = 60
        assert Decimal(minor).scaleb(-decimals) == amount


def test_an_unknown_currency_is_refused_by_name() -> None:
    """Ours: the error says what would be right and does not repeat the value."""
    with pytest.raises(ValueError, match="ISO 4217"):
        format_minor(1, "dollars")
    assert not currencies.is_currency("xyz")
    assert currencies.is_currency("EUR")
