"""The two or three readings of a sentence that says something unclear: "1.500" is 1.50 or 1,500.00.

Each reading is the whole sentence written so that it has one meaning only. Whoever picks one has said that sentence,
and it takes the way of every other: through the gates, and a write to the person who approves.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from paydesk.intents.entities import quantities
from paydesk.intents.entities.currencies import EXPONENTS, format_minor
from paydesk.intents.entities.currency_signs import mark_of_word
from paydesk.intents.entities.dates import DateMention
from paydesk.intents.entities.money import MoneyMention, Number
from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence, Token
from paydesk.intents.words import words

#: More than this many readings would be no help.
MOST: Final = 3


@dataclass(frozen=True)
class Reading:
    """One meaning: `label` is what is offered, `text` the sentence that says it; `amount` where an amount differs."""

    label: str
    text: str
    amount: Decimal | None = None


@dataclass(frozen=True)
class Unclear:
    """The words at `start`..`end` of `text` that can be read as `readings`; what replaces them settles the doubt."""

    text: str
    start: int
    end: int
    readings: tuple[Reading, ...]

    def question(self) -> str:
        """ "Do you mean 1.50 or 1,500.00?"."""
        *first, last = [reading.label for reading in self.readings]
        return f"Do you mean {', '.join(first)} or {last}?" if first else f"Do you mean {last}?"

    def with_words(self, said: str) -> str:
        """The sentence with other words in place of the unclear ones."""
        return f"{self.text[: self.start]}{said}{self.text[self.end :]}"


def unclear(sentence: Sentence, doubt: str) -> Unclear | None:
    """What `doubt` (as the router names it) is about, with its readings; None where nothing can be offered."""
    found = {
        "amount_separator": _separator,
        "amount_country": _country,
        "amount_conflict": _conflict,
        "card_number": _card,
        "date": _dates,
        "hedged": _hedged,
        "amounts": _either_sum,
        "several_writes": _either_sum,
    }.get(doubt)
    return found(sentence) if found else None


#: What is offered, what is put in place of the unclear words for it, and its amount.
Offer = tuple[str, str, Decimal | None]


def _unclear(sentence: Sentence, start: int, end: int, offers: Sequence[Offer]) -> Unclear | None:
    """The readings that put each offer's words in place of what was said."""
    text = sentence.text
    told = [Reading(label, f"{text[:start]}{said}{text[end:]}", amount) for label, said, amount in offers[:MOST]]
    return Unclear(text, start, end, tuple(told)) if told else None


# Amounts


def _separator(sentence: Sentence) -> Unclear | None:
    """ "1.500" and "1,5": the mark divides decimals or thousands."""
    doubtful = [token for token in sentence.tokens if _is_doubtful(token, "separator")]
    if len(doubtful) != 1:
        return None
    token = doubtful[0]
    found = list(quantities.DIGITS.finditer(sentence.text, token.start, token.end))
    if len(found) != 1:
        return None
    currency = token.value.currency if isinstance(token.value, MoneyMention) else None
    decimals = EXPONENTS[currency] if currency else 2
    offers: list[Offer] = []
    for value in _two_values(found[0][0]):
        if value == round(value, decimals) and value > 0:
            amount = round(value, decimals)
            offers.append((_label(amount, currency), f"{amount:f}", amount))
    return _unclear(sentence, found[0].start(), found[0].end(), offers)


def _two_values(said: str) -> Iterator[Decimal]:
    match = re.fullmatch(r"([0-9]{1,9})[.,]([0-9]{1,3})", said)
    if match:
        yield Decimal(f"{match[1]}.{match[2]}")
        if match[1] != "0":
            yield Decimal(match[1] + match[2])


def _label(amount: Decimal, currency: str | None) -> str:
    if currency is None:
        return f"{amount:,.2f}"
    return format_minor(int(amount.scaleb(EXPONENTS[currency])), currency)


def _is_doubtful(token: Token, doubt: str) -> bool:
    if isinstance(token.value, Number):
        return doubt == "separator" and token.value.doubtful
    return isinstance(token.value, MoneyMention) and token.value.doubt == doubt


_SHARED: Final = {
    "kr": "sek nok dkk",
    "krona": "sek isk",
    "kronor": "sek nok dkk",
    "krone": "nok dkk",
    "kroner": "nok dkk sek",
    "krónur": "isk",
    "crown": "czk sek nok",
    "peso": "mxn cop php",
    "dinar": "kwd bhd jod",
    "din": "rsd kwd jod",
    "riyal": "sar qar omr",
    "rial": "omr irr yer",
    "dirham": "aed mad",
    "franc": "chf xof xaf",
    "shilling": "kes tzs ugx",
    "kwacha": "zmw mwk",
    "manat": "azn tmt",
    "som": "kgs uzs",
}
_COUNTRIES: Final = {
    "sek": "Swedish kronor",
    "nok": "Norwegian kroner",
    "dkk": "Danish kroner",
    "isk": "Icelandic kronur",
    "czk": "Czech koruna",
    "mxn": "Mexican pesos",
    "cop": "Colombian pesos",
    "php": "Philippine pesos",
    "kwd": "Kuwaiti dinars",
    "bhd": "Bahraini dinars",
    "jod": "Jordanian dinars",
    "rsd": "Serbian dinars",
    "sar": "Saudi riyals",
    "qar": "Qatari riyals",
    "omr": "Omani rials",
    "irr": "Iranian rials",
    "yer": "Yemeni rials",
    "aed": "UAE dirhams",
    "mad": "Moroccan dirhams",
    "chf": "Swiss francs",
    "xof": "West African francs",
    "xaf": "Central African francs",
    "kes": "Kenyan shillings",
    "tzs": "Tanzanian shillings",
    "ugx": "Ugandan shillings",
    "zmw": "Zambian kwacha",
    "mwk": "Malawian kwacha",
    "azn": "Azerbaijani manat",
    "tmt": "Turkmen manat",
    "kgs": "Kyrgyz som",
    "uzs": "Uzbek som",
}
_WORD = lazy(r"[^\W\d_]+")


def _country(sentence: Sentence) -> Unclear | None:
    """ "500 kr", "200 pesos": the word is several countries'."""
    doubtful = [token for token in sentence.tokens if _is_doubtful(token, "country")]
    if len(doubtful) != 1:
        return None
    token = doubtful[0]
    for match in _WORD.finditer(sentence.text, token.start, token.end):
        word = match[0].lower()
        codes = _SHARED.get(word) or _SHARED.get(word.removesuffix("s"))
        if codes:
            end = match.end() + (sentence.text[match.end() : token.end] == ".")
            offers = [(f"{_COUNTRIES[code]} ({code.upper()})", code.upper(), None) for code in codes.split()]
            return _unclear(sentence, match.start(), end, offers)
    return None


_OTHER = lazy(r" (?:in|or|as)(?: an?)? ([^\W\d_]+|[€$£¥₹])| ?/ ?([A-Za-z]{3})(?![^\W_])")


def _conflict(sentence: Sentence) -> Unclear | None:
    """ "$100 CAD or USD", "$25 in euros": one amount, two currencies."""
    for token in sentence.of("money"):
        mention = token.value
        if not isinstance(mention, MoneyMention) or mention.doubt != "conflict" or not mention.currency:
            continue
        other = _OTHER.match(sentence.text, token.end)
        mark = mark_of_word(other[1] or other[2]) if other else None
        if other and mark and mark.currency:
            offers = [
                (_label(mention.amount, code), f"{mention.amount:f} {code.upper()}", None)
                for code in (mention.currency, mark.currency)
                if mention.amount == round(mention.amount, EXPONENTS[code])
            ]
            return _unclear(sentence, token.start, other.end(), offers)
    return None


_AROUND: Final = words("about around roughly approximately approx nearly almost some circa ~ ≈ of like")
_BETWEEN: Final = words("- – — to and or /")


def _hedged(sentence: Sentence) -> Unclear | None:
    """ "around $20": is it that, exactly? "between $20 and $30": one of the ends?"""
    either = _either_sum(sentence)
    if either is not None:
        return either
    sums = [i for i, token in enumerate(sentence.tokens) if token.kind == "money"]
    if len(sums) != 1:
        return None
    first = last = sums[0]
    tokens = sentence.tokens
    while first and tokens[first - 1].lex in _AROUND:
        first -= 1
    trailing = [token.lex for token in tokens[last + 1 : last + 3]]
    last += 2 if trailing in (["or", "so"], ["-", "ish"]) else 1 if trailing[:1] == ["ish"] else 0
    mention = tokens[sums[0]].value
    if (first, last) == (sums[0], sums[0]) or not isinstance(mention, MoneyMention) or mention.doubt:
        return None
    said = sentence.text[mention.start : mention.end]
    offer = (f"{_label(mention.amount, mention.currency)} exactly", said, mention.amount)
    return _unclear(sentence, tokens[first].start, tokens[last].end, [offer]) if mention.minor() else None


def _either_sum(sentence: Sentence) -> Unclear | None:
    """ "$20 or $30", "20-30 dollars": one of two amounts that stand side by side."""
    tokens = sentence.tokens
    sums = [i for i, token in enumerate(tokens) if token.kind == "money"]
    if len(sums) != 2 or sums[1] - sums[0] != 2 or tokens[sums[0] + 1].lex not in _BETWEEN:
        return None
    first = sums[0] - 1 if sums[0] and tokens[sums[0] - 1].lex in ("between", "from") else sums[0]
    offers: list[Offer] = []
    for index in sums:
        mention = tokens[index].value
        if not isinstance(mention, MoneyMention) or mention.doubt or not mention.minor():
            return None
        code = f" {mention.currency.upper()}" if mention.currency else ""
        offers.append((_label(mention.amount, mention.currency), f"{mention.amount:f}{code}", mention.amount))
    return _unclear(sentence, tokens[first].start, tokens[sums[1]].end, offers)


def _card(sentence: Sentence) -> Unclear | None:
    """A whole card number, of which the last four digits are left: the saved card that ends in them."""
    found = [index for index, token in enumerate(sentence.tokens) if token.kind == "card"]
    before = sentence.tokens[found[0] - 1].lex if found and found[0] else ""
    if len(found) != 1 or before not in _NAMES_A_CARD:
        return None
    card = sentence.tokens[found[0]]
    said = f"{'' if before == 'card' else 'the card '}ending in {card.value}"
    return _unclear(sentence, card.start, card.end, [(f"the saved card that ends in {card.value}", said, None)])


_NAMES_A_CARD: Final = words("on with using via card")


# Dates

_TWO_NUMBERS = lazy(r"(?<![\d/.-])(0?[1-9]|1[0-2])([/.-])(0?[1-9]|1[0-2])(?:\2([0-9]{4}|[0-9]{2}))?(?![\d/])")
_MONTHS: Final = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905 - read as a row
)


def _dates(sentence: Sentence) -> Unclear | None:
    """ "03/04": the third of April, or the fourth of March; both ends of a range are read alike."""
    timed = [mention for mention in sentence.dates if mention.grain == "time"]
    if len(timed) == 1:
        days = _whole_days(timed[0])
        return _unclear(sentence, timed[0].start_pos, timed[0].end_pos, [(f"{days}, whole days in UTC", days, None)])
    doubtful = [mention for mention in sentence.dates if mention.doubtful]
    if len(doubtful) != 1:
        return None
    start, end = doubtful[0].start_pos, doubtful[0].end_pos
    said = sentence.text[start:end]
    offers: list[Offer] = []
    for day, month in ((1, 3), (3, 1)):
        told = _TWO_NUMBERS.sub(partial(_in_words, day=day, month=month), said)
        if told != said and all(told != other for other, _, _ in offers):
            offers.append((told, told, None))
    return _unclear(sentence, start, end, offers)


def _whole_days(mention: DateMention) -> str:
    start, last = mention.start, mention.end - timedelta(days=1) if mention.end else None
    if start and last:
        return f"on {start}" if start == last else f"from {start} to {last}"
    return f"since {start}" if start else f"until {last}"


def _in_words(match: "re.Match[str]", *, day: int, month: int) -> str:
    year = match[4]
    told = f"{int(match[day])} {_MONTHS[int(match[month]) - 1]}"
    return f"{told} {year if len(year) == 4 else f'20{year}'}" if year else told
