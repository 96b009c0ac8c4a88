"""What must hold for every amount, every range of dates and every text, whatever they are."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paydesk.intents.entities.currencies import EXPONENTS, exponent
from paydesk.intents.entities.dates import find_dates
from paydesk.intents.entities.money import find_money
from paydesk.intents.parse import MAX_CHARACTERS, parse
from paydesk.intents.router import WRITES

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = NOW.date()
# Four decimals exist only in units of account, which nobody pays in.
PAID_IN = sorted(code for code, decimals in EXPONENTS.items() if decimals < 4)
CURRENCIES = st.sampled_from(PAID_IN)
MINOR = st.integers(1, 10**12)


def grouped(whole: int, separator: str, *, indian: bool = False) -> str:
    """Digits in groups of three from the right, or the Indian way."""
    digits = str(whole)
    groups, size = [], 3
    while len(digits) > size:
        digits, group = digits[:-size], digits[-size:]
        groups.insert(0, group)
        size = 2 if indian else 3
    return separator.join([digits, *groups])


def renderings(minor: int, currency: str) -> list[str]:
    """The amount in every way that leaves no doubt about it."""
    decimals = exponent(currency)
    whole, fraction = divmod(minor, 10**decimals)
    code = currency.upper()
    point = f".{fraction:0{decimals}d}" if decimals else ""
    comma = f",{fraction:0{decimals}d}" if decimals else ""
    numbers = [f"{whole}{point}", f"{grouped(whole, ',')}{point}", f"{grouped(whole, chr(39))}{point}"]
    if decimals == 2:
        numbers += [f"{grouped(whole, '.')}{comma}", f"{whole}{comma}", f"{grouped(whole, ' ')}{comma}"]
        numbers.append(f"{grouped(whole, ',', indian=True)}{point}")
    return [text for number in numbers for text in (f"{code} {number}", f"{number} {code}")]


@given(MINOR, CURRENCIES)
def test_an_amount_in_any_of_our_formats_is_read_back(minor: int, currency: str) -> None:
    """Ours: rendering an amount and reading it gives the same integer, exactly."""
    for text in renderings(minor, currency):
        said = [(mention.minor(), mention.currency, mention.doubt) for mention in find_money(text)]
        assert said == [(minor, currency, None)], text


_ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen"""
ONES = _ONES.split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety"
TENS = _TENS.split()


def in_words(number: int) -> str:
    """1 to 999,999,999 as it is said in English."""
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10] + (f"-{ONES[number % 10]}" if number % 10 else "")
    for size, name in ((10**6, "million"), (1_000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = number % size
            joint = " and " if 0 < rest < 100 else " " if rest else ""
            return f"{in_words(number // size)} {name}{joint}{in_words(rest) if rest else ''}"
    raise AssertionError(number)


@given(st.integers(2, 999_999_999), st.sampled_from([("dollars", "usd"), ("euros", "eur"), ("yen", "jpy")]))
def test_an_amount_in_words_is_read_back(number: int, money: tuple[str, str]) -> None:
    """Ours: "two hundred and fifty-one dollars" is 251.00."""
    said = [(mention.amount, mention.currency) for mention in find_money(f"{in_words(number)} {money[0]}")]
    assert said == [(Decimal(number), money[1])]


@given(st.integers(1, 9_999), st.sampled_from([("k", 3), ("m", 6), ("bn", 9), (" lakh", 5), (" crore", 7)]))
def test_a_suffix_multiplies(number: int, suffix: tuple[str, int]) -> None:
    """Ours: $12k is twelve thousand, 3 crore thirty million."""
    text = f"${number}{suffix[0]}"
    assert [(m.amount, m.currency) for m in find_money(text)] == [(Decimal(number) * 10 ** suffix[1], "usd")]


@given(MINOR, st.sampled_from(["usd", "eur", "gbp", "jpy", "kwd", "inr"]), st.data())
def test_a_charge_holds_the_amount_that_was_said_or_none(minor: int, currency: str, data: st.DataObject) -> None:
    """Ours: whatever the format, the amount of a write is exact."""
    text = data.draw(st.sampled_from(renderings(minor, currency)))
    parsed = parse(f"charge bob@example.com {text}", now=NOW)
    assert (parsed.skill, parsed.entities.get("amount"), parsed.entities.get("currency")) == (
        "create_payment",
        minor,
        currency,
    ), text


DAYS = st.dates(date(1995, 1, 1), date(2090, 12, 31))
_MONTHS = "January February March April May June July August September October November December"
MONTHS = _MONTHS.split()
WRITTEN = (
    lambda at: at.isoformat(),
    lambda at: f"{at.day} {MONTHS[at.month - 1]} {at.year}",
    lambda at: f"{MONTHS[at.month - 1]} {at.day}, {at.year}",
    lambda at: f"{at.day} {MONTHS[at.month - 1][:3].lower()} {at.year}",
    lambda at: (
        f"the {at.day}{'th' if 3 < at.day < 21 else {1: 'st', 2: 'nd', 3: 'rd'}.get(at.day % 10, 'th')} of "
        f"{MONTHS[at.month - 1]} {at.year}"
    ),
)


@given(DAYS, st.sampled_from(WRITTEN))
def test_a_day_in_any_of_our_formats_is_read_back(at: date, written: object) -> None:
    """Ours: a day is the half-open range up to the next."""
    assert callable(written)
    said = [(found.start, found.end) for found in find_dates(f"payments on {written(at)}", TODAY)]
    assert said == [(at, at + timedelta(days=1))]


@given(
    DAYS, st.integers(1, 4_000), st.sampled_from(WRITTEN[:4]), st.sampled_from(["from {} to {}", "between {} and {}"])
)
def test_a_range_in_any_of_our_formats_is_read_back(first: date, days: int, written: object, frame: str) -> None:
    """Ours: "from A to B" holds both of its days."""
    assert callable(written)
    last = first + timedelta(days=days)
    said = [(f.start, f.end) for f in find_dates("payments " + frame.format(written(first), written(last)), TODAY)]
    assert said == [(first, last + timedelta(days=1))]


@given(DAYS, st.sampled_from(WRITTEN[:4]))
def test_an_open_range_is_read_back(at: date, written: object) -> None:
    """Our conventions: since X holds X, after X begins the day after, before X ends with X, until X holds it."""
    assert callable(written)
    after = at + timedelta(days=1)
    for word, start, end in (("since", at, None), ("after", after, None), ("before", None, at), ("until", None, after)):
        said = [(found.start, found.end) for found in find_dates(f"payments {word} {written(at)}", TODAY)]
        assert said == [(start, end)], word


@given(st.integers(1, 400))
def test_the_last_days_are_counted_with_today(count: int) -> None:
    """Our conventions: "last N days" is exactly N dates, today the last of them."""
    (found,) = find_dates(f"payments of the last {count} days", TODAY)
    assert (found.start, found.end) == (TODAY - timedelta(days=count - 1), TODAY + timedelta(days=1))


_PIECES = """
refund charge cancel subscribe show payments customers jane doe Acme Corp acme's $5 €1.234,56 10k 50% half last week
yesterday from to between and or not don't if all 03/04 1.500 kr pi_9ZyX8w7V cus_Abc123 bob@example.com 'x' " ' - . , ?
the of for in march may q3 2025 every month 14 day free trial +44 20 7946 0958 ₹1,00,000 twenty one hundred <money> ½
5 —
\u202e \u0663 \u0130 \ufb01
"""
PIECES = st.sampled_from([*_PIECES.split(), "\u200b", "\n"])
TEXTS = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=24).map(" ".join), st.lists(PIECES).map("".join))


@given(TEXTS)
@example("İ last wek $5 İ")
@example("payments from the last three months from 13/09 Skynet?")
@example("a" * MAX_CHARACTERS)
def test_spans_lie_in_the_text_and_never_overlap(text: str) -> None:
    """Ours: each place of the text says one thing at most, and nothing raises."""
    parsed = parse(text, now=NOW)
    spans = [(m.start, m.end) for m in parsed.money] + [(d.start_pos, d.end_pos) for d in parsed.dates]
    spans.sort()
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans)), spans
    json.dumps(parsed.as_json())


@given(TEXTS)
def test_a_write_has_a_target_and_no_amount_below_a_unit(text: str) -> None:
    """Ours: nothing moves without someone or something named, and never zero or less."""
    parsed = parse(text, now=NOW)
    if parsed.skill in WRITES and not parsed.missing:
        assert parsed.entities
        assert parsed.entities.get("amount", 1) > 0  # type: ignore[operator]
        percent = parsed.entities.get("percent", 50)
        assert isinstance(percent, int | float) and 0 < percent < 100


CASED = {"customer", "product", "query", "description", "reason", "email", "email_domain", "new_name", "new_email"}
LABELLED = [json.loads(line) for line in (Path(__file__).parent / "people_dev.jsonl").read_text("utf-8").splitlines()]
CASELESS = [
    row["text"]
    for row in LABELLED
    if not (row["entities"].keys() & CASED)
    and not any(key.endswith("_id") for key in row["entities"])
    and not any(c.isupper() for c in row["text"][1:])
    and row["skill"] is not None
    and "customer" not in parse(row["text"], now=NOW).entities
][::4]  # every fourth is enough to see a rule broken


@pytest.mark.parametrize("text", CASELESS)
def test_case_and_blanks_change_nothing_where_they_mean_nothing(text: str) -> None:
    """Ours: a sentence without names or ids means the same shouted, capitalised and spaced out."""
    plain = parse(text, now=NOW)
    for other in (text.upper(), text.capitalize(), f"\t {text.replace(' ', '  ')} \n"):
        same = parse(other, now=NOW)
        assert (same.skill, same.entities) == (plain.skill, plain.entities), other


@pytest.mark.parametrize(
    "text",
    [
        "10 decided need $30, 80 dollars. 50,000",
        "payments, Current week commencing 2 November",
        "statutory black three thirds apply",
        "payments since 9am, 10am and noon yesterday",
    ],
)
def test_what_the_campaign_found_stays_mended(text: str) -> None:
    """Ours: spans never overlap and nothing raises; each of these once did."""
    parsed = parse(text, now=NOW)
    spans = sorted(
        [(one.start, one.end) for one in parsed.money] + [(one.start_pos, one.end_pos) for one in parsed.dates]
    )
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


def test_a_command_with_more_behind_it_is_no_complete_write() -> None:
    """Ours: what follows an invoice's sum after its clause is asked about, with or without a quotation mark."""
    for text in ('invoice Hooli for $99." 3 hours visa', "invoice Hooli for $99. 3 hours visa"):
        assert parse(text, now=NOW, offered=frozenset({"create_invoice"})).skill == "clarify"
