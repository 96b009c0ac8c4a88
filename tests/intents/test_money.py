"""Money in sentences: exact amounts, and doubt where a person could have meant something else."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.intents.entities.currencies import EXPONENTS, format_minor
from paydesk.intents.entities.money import MoneyMention, find_money
from paydesk.intents.parse import parse

Wanted = list[tuple[str, str | None]]


def plain(text: str) -> list[tuple[Decimal, str | None]]:
    """The mentions with their amounts as numbers."""
    return [(mention.amount, mention.currency) for mention in find_money(text)]


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$25", "25", "usd"),
        ("twenty-five dollars", "25", "usd"),
        ("€1.234,56", "1234.56", "eur"),
        ("1 234,56 €", "1234.56", "eur"),
        ("CHF 1'250.00", "1250", "chf"),
        ("₹1,00,000", "100000", "inr"),
        ("half a million yen", "500000", "jpy"),
        ("two and a half million yen", "2500000", "jpy"),
        ("CA$30", "30", "cad"),
        ("US $5", "5", "usd"),
        ("$5 CAD", "5", "cad"),
        ("20 Australian dollars", "20", "aud"),
        ("KWD 10.500", "10.5", "kwd"),
        ("10 dollars and 5 cents", "10.05", "usd"),
        ("thirteen dollars forty five", "13.45", "usd"),
        ("99 cents", "0.99", None),
        ("99p", "0.99", "gbp"),
        ("a grand", "1000", None),
        ("10 grand", "10000", None),
        ("5k", "5000", None),
        ("1.5k euros", "1500", "eur"),
        ("$1.2M", "1200000", "usd"),
        ("100 Mexican pesos", "100", "mxn"),
        ("500 Swedish kronor", "500", "sek"),
        ("60 bucks", "60", "usd"),
        ("fifty quid", "50", "gbp"),
        ("120 zł", "120", "pln"),
        ("Rs. 20", "20", "inr"),
        ("USD115.5", "115.5", "usd"),
        ("3.14US$", "3.14", "usd"),
        ("$.75", "0.75", "usd"),
        ("a dollar", "1", "usd"),
    ],
)
def test_an_amount_is_read_exactly(text: str, amount: str, currency: str | None) -> None:
    """Ours: one mention, its exact value and its currency."""
    assert plain(text) == [(Decimal(amount), currency)]


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("1.500 eur", "separator"),
        ("$1,5", "separator"),
        ("50 kr", "country"),
        ("200 pesos", "country"),
        ("10 dinars", "country"),
        ("$100 CAD or USD", "conflict"),
        ("$25 in euros", "conflict"),
        ("KWD 1.2345", "decimals"),
        ("¥100.50", "decimals"),
        ("-$5", "sign"),
        ("minus 5 dollars", "sign"),
    ],
)
def test_what_could_mean_two_things_is_marked(text: str, doubt: str) -> None:
    """Ours: never guess about money."""
    assert [mention.doubt for mention in find_money(text)] == [doubt]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("charge 3M $3,000", [("3000", "usd")]),
        ("$25 and 1.5k euros", [("25", "usd"), ("1500", "eur")]),
        ("between 10 and 20 dollars", [("10", "usd"), ("20", "usd")]),
        ("between $50 and 100", [("50", "usd"), ("100", "usd")]),
        ("10-20k eur", [("10000", "eur"), ("20000", "eur")]),
        ("10 rmb 20 usd", [("10", "cny"), ("20", "usd")]),
        ("last 5 eur payments", []),
        ("last 10 won disputes", []),
        ("All 70 of us", []),
        ("at 5 pm", []),
        ("5% of revenue", []),
        ("in 2026", []),
        ("charge bob 25", []),
    ],
)
def test_each_mention_is_its_own(text: str, wanted: Wanted) -> None:
    """Ours: numbers that are names, counts, dates or shares are no money, and one amount does not eat the next."""
    assert plain(text) == [(Decimal(amount), currency) for amount, currency in wanted]


@given(st.integers(1, 10**11), st.sampled_from(sorted(EXPONENTS)))
def test_what_the_desk_writes_it_also_reads(minor: int, currency: str) -> None:
    """Ours: format -> find -> the same currency and minor units, alone and in a sentence."""
    written = format_minor(minor, currency)
    for text in (written, f"charge Acme {written} now"):
        mentions = find_money(text)
        if currency in ("all", "top"):  # "ALL 5" counts, in English
            continue
        assert [(m.minor(), m.currency) for m in mentions if m.doubt in (None, "separator")][-1:] == [
            (minor, currency)
        ], text
        assert written in text[mentions[-1].start : mentions[-1].end]


@given(st.text(alphabet="0123456789.,' $€k -", max_size=20))
def test_spans_point_at_what_was_said(text: str) -> None:
    """Ours: a mention's span holds its digits; amounts are finite."""
    for mention in find_money(text):
        assert isinstance(mention, MoneyMention)
        assert any(c.isdigit() for c in text[mention.start : mention.end])
        assert mention.amount.is_finite()


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("charge Jo $20 canadian", "cad"),
        ("charge Jo 20 dollars Canadian for lunch", "cad"),
        ("charge Jo 50 bucks aussie please", "aud"),
        ("charge Jo $20 hong kong dollars", "hkd"),
        ("charge Jo 300 pounds egyptian", "egp"),
        ("charge Jo $32 real quick", "usd"),
        ("charge Jo 32 reais", "brl"),
        ("charge Jo 32 real", "brl"),
    ],
)
def test_a_country_behind_the_amount_says_whose_money_it_is(text: str, currency: str) -> None:
    """Ours: a dollar is only the United States' where no other country is named."""
    assert [(one.currency, one.doubt) for one in find_money(text)] == [(currency, None)]


@pytest.mark.parametrize("text", ["charge Jo $20 canadian bacon", "charge Jo €20 canadian", "charge Jo $32 real"])
def test_a_country_that_may_belong_to_the_thing_or_the_money_is_asked_about(text: str) -> None:
    """Ours: never guess about money."""
    assert [one.doubt for one in find_money(text)] in (["conflict"], ["country"])


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("payments between one hundred and three hundred euros", "100", "300"),
        ("payments between two hundred and fifty and three hundred dollars", "250", "300"),
        ("payments between five hundred and two thousand usd", "500", "2000"),
        ("payments between twenty and thirty pounds", "20", "30"),
        ("payments from fifty to one hundred dollars", "50", "100"),
        ("payments of fifty or sixty dollars", "50", "60"),
    ],
)
def test_both_ends_of_a_range_are_read_in_words(text: str, low: str, high: str) -> None:
    """Ours: "and" may join a number or two of them; "between" says which."""
    assert [mention.amount for mention in find_money(text)] == [Decimal(low), Decimal(high)]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("one hundred and three euros", "103"),
        ("one hundred and one thousand euros", "101000"),
        ("twelve hundred usd", "1200"),
    ],
)
def test_a_number_in_words_may_hold_an_and(text: str, amount: str) -> None:
    """English."""
    assert [mention.amount for mention in find_money(text)] == [Decimal(amount)]


@pytest.mark.parametrize(
    "said", ["fifty to one hundred dollars", "one hundred and three hundred euros", "fifty or sixty usd"]
)
def test_a_range_in_words_is_never_charged(said: str) -> None:
    """Ours: two candidate amounts are a question."""
    assert parse(f"charge Jane Doe {said}", now=datetime(2026, 11, 21, 12, tzinfo=UTC)).skill == "clarify"
