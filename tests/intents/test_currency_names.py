"""What currencies are called: our table against CLDR's, by way of babel."""

import pytest
from babel.numbers import get_currency_name, get_currency_symbol

from paydesk.intents.entities.currencies import EXPONENTS, exponent
from paydesk.intents.entities.money import find_money

# CLDR has no name for these, or one with a year or a unit in brackets that nobody says.
UNSAID = {"xad", "usn", "clf", "sll", "uyi", "zwl"}
NAMED = sorted(set(EXPONENTS) - UNSAID)


@pytest.mark.parametrize("code", NAMED)
def test_every_currency_is_known_by_its_english_name(code: str) -> None:
    """CLDR's singular and plural, before and after the amount, with and without capitals."""
    for count in (1, 2):
        name = get_currency_name(code.upper(), count=count, locale="en")
        for text in (f"12 {name}", f"12 {name.lower()}", f"{name} 12"):
            said = [(mention.amount, mention.currency) for mention in find_money(text)]
            assert said == [(12, code)], text


@pytest.mark.parametrize("code", sorted(EXPONENTS))
def test_every_currency_is_known_by_its_code(code: str) -> None:
    """ISO 4217's code on either side of the amount, with as many decimals as the currency has."""
    amount = "12" + ("." + "5" * exponent(code) if exponent(code) else "")
    for text in (f"{code.upper()} {amount}", f"{amount} {code.upper()}", f"{code.upper()}{amount}"):
        assert [(str(m.amount), m.currency, m.doubt) for m in find_money(text)] == [(amount, code, None)], text


@pytest.mark.parametrize("code", ["usd", "eur", "gbp", "jpy", "inr", "cad", "aud", "nzd", "hkd", "brl", "mxn", "krw"])
def test_the_symbols_that_cldr_gives_in_english_are_known(code: str) -> None:
    """CLDR: CA$, A$, R$, MX$ and the rest; a bare $ is US dollars by our convention."""
    symbol = get_currency_symbol(code.upper(), locale="en")
    assert [(m.amount, m.currency) for m in find_money(f"{symbol}12")] == [(12, code)]


@pytest.mark.parametrize("word", ["kroner", "pesos", "dinars", "francs", "shillings", "kwacha", "riyals", "dirhams"])
def test_a_word_of_several_countries_leaves_the_currency_open(word: str) -> None:
    """Ours: "50 kroner" is asked about before money moves."""
    (mention,) = find_money(f"50 {word}")
    assert (mention.amount, mention.currency, mention.doubt) == (50, None, "country")
