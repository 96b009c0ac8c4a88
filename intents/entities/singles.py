"""Amounts of one that no number says: "a dollar", "a dollar fifty", "half a euro", "a grand", and coins alone."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from paydesk.intents.entities import currency_signs, quantities
from paydesk.intents.entities.currencies import exponent
from paydesk.intents.patterns import lazy
from paydesk.intents.words import words

#: Amount in major units, currency, start and end in the text, doubt if any, and whether a currency was said.
Single = tuple[Decimal, str | None, int, int, str | None, bool]

_ONE = lazy(
    r"\b(an?) ((?:(?:us|canadian|australian) )?(?:dollar|buck|euro|pound|quid|cent|penny|rupee|yen)"
    r"|grand|hundred (?:dollars|bucks|euros|pounds|quid))\b"
    r"(?=\s*(?:$|[.,;!?)]|(?:for|to|from|on|per|a|each|in|and|of|off|back|every|into|at|by|with|please)\b))",
    re.IGNORECASE,
)
_COINS_ALONE = lazy(r"\s*(an?|one|two|three|four|five|six|seven|eight|nine|ten) quarters?\s*", re.IGNORECASE)
_UNIT: Final = r"(?:(?:us|canadian|australian) )?(?:dollar|buck|euro|pound|quid|rupee|yen)\b"
_ONE_AND = lazy(rf"\b(an?)[ -]({_UNIT}),?(?:( (?:and|&|[-–—]))? |-)(?=\S)", re.IGNORECASE)
_PART_OF_ONE = lazy(
    rf"\b(half|(?:an? )?(?:quarter|third)(?: of)?)(?: of)?(?P<one>[ -]an?|[ -]one)?[ -](?:{_UNIT}|(?:cent|penny)\b)",
    re.IGNORECASE,
)
_PART = lazy(r"an? (half|quarter)\b", re.IGNORECASE)
_COIN = lazy(r"[ -]?(?:cents?|pence|p|c|paise)\b|¢", re.IGNORECASE)
#: What may follow an amount that was said to its end.
SUM_ENDS: Final = lazy(
    r"\s*(?:$|[.,;!?)\x02]|(?:for|to|from|on|per|an?|each|in|and|of|off|back|every|into|at|by|with|via|please|pls|monthly"
    r"|weekly|yearly|annually|today|now|as|because|since|once|again|using|against)\b)",
    re.IGNORECASE,
)
_COUNTS_ONE: Final = words("a an one quarter half")
_COUNTED: Final = words(
    """
    dollar buck euro pound quid cent penny rupee yen dollars bucks euros pounds grand hundred quarter quarters
    """
)


def may_be_found(said: frozenset[str]) -> bool:
    """Whether there are the words for one among those of a text in lower case; else `find` finds nothing."""
    return not _COUNTED.isdisjoint(said) and (not _COUNTS_ONE.isdisjoint(said) or "quarters" in said)


def find(text: str) -> Iterator[Single]:
    """Every amount of one or one hundred that ends there, in order."""
    coins = _COINS_ALONE.fullmatch(text)
    if coins:
        count = quantities.read_words(coins[1]) or Decimal(1)
        yield count / 4, None, len(text) - len(text.lstrip()), len(text.rstrip()), None, True
    for match in _ONE.finditer(text):
        if match[2].lower() == "grand":
            yield Decimal(1000), None, *match.span(), None, False
            continue
        mark = currency_signs.words_after(text, match.end(1))
        if mark:
            yield Decimal(1) / mark[0].scale, mark[0].currency, *match.span(), None, True


def find_parted(text: str) -> Iterator[Single]:
    """ "a dollar fifty", "a euro and a half", "half a pound": one with something more, or a part of one.

    Doubtful ("unread") where what follows the one is not clearly its cents: "a dollar five", "a euro 5000".
    """
    for match in _PART_OF_ONE.finditer(text):
        mark = currency_signs.words_after(text, match.end("one") if match["one"] else match.end(1))
        share = {"h": Decimal("0.5"), "q": Decimal("0.25")}.get(match[1].lower().removeprefix("a ")[0])
        if mark:
            doubt = None if share and SUM_ENDS.match(text, match.end()) else "unread"
            yield (share or Decimal(1)) / mark[0].scale, mark[0].currency, *match.span(), doubt, True
    for match in _ONE_AND.finditer(text):
        mark = currency_signs.words_after(text, match.end(1))
        if mark and (rest := _rest(text, match.end(), joined=match[3] is not None)):
            more, end = rest
            clear = more is not None and exponent(mark[0].currency or "usd") == 2
            yield Decimal(1) + (more or 0), mark[0].currency, match.start(), end, None if clear else "unread", True


def _rest(text: str, at: int, *, joined: bool) -> tuple[Decimal | None, int] | None:
    """What stands behind a single unit: its part of one (None if that is not certain) and its end; None if nothing."""
    part = _PART.match(text, at) if joined else None
    if part:
        certain = SUM_ENDS.match(text, part.end()) and not text.startswith(" of", part.end())
        return (Decimal("0.5") if part[1].lower() == "half" else Decimal("0.25")) if certain else None, part.end()
    number = quantities.IN_WORDS.match(text, at) or quantities.DIGITS.match(text, at)
    if number is None or number[0].lower() == "one":
        return None
    said = number[0].partition(" and ")[0]  # "between a dollar fifty and two dollars"
    digits = said[0].isdigit()
    cents = (Decimal(said) if said.isdigit() else None) if digits else quantities.read_words(said)
    coin = _COIN.match(text, at + len(said))
    end = coin.end() if coin else at + len(said)
    ends = SUM_ENDS.match(text, end) is not None
    if joined and not (ends or coin):
        return None  # "a dollar and 20 euros" are two sums
    two = cents is not None and (10 <= cents < 100 if not coin else 0 < cents < 100) and cents == int(cents)
    whole = len(said) == 2 or coin is not None or not digits  # "a dollar 5" may be either
    return cents / 100 if cents is not None and two and whole and ends else None, end
