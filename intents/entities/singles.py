"""Amounts of one that no number says: "a dollar", "a hundred euros", "a grand", and coins counted alone."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from paydesk.intents.entities import currency_signs, quantities
from paydesk.intents.patterns import lazy
from paydesk.intents.words import words

#: Amount in major units, currency, start and end in the text, and whether a currency was said.
Single = tuple[Decimal, str | None, int, int, bool]

_ONE = lazy(
    r"\b(an?) ((?:(?:us|canadian|australian) )?(?:dollar|buck|euro|pound|quid|cent|penny|rupee|yen)"
    r"|grand|hundred (?:dollars|bucks|euros|pounds|quid))\b"
    r"(?=\s*(?:$|[.,;!?)]|(?:for|to|from|on|per|a|each|in|and|of|off|back|every|into|at|by|with|please)\b))",
    re.IGNORECASE,
)
_COINS_ALONE = lazy(r"\s*(an?|one|two|three|four|five|six|seven|eight|nine|ten) quarters?\s*", re.IGNORECASE)
_COUNTS_ONE: Final = words("a an one quarter")
_COUNTED: Final = words(
    """
    dollar buck euro pound quid cent penny rupee yen dollars bucks euros pounds grand hundred quarter quarters
    """
)


def may_be_found(said: frozenset[str]) -> bool:
    """Whether there are the words for one among those of a text in lower case; else `find` finds nothing."""
    return not _COUNTED.isdisjoint(said) and (not _COUNTS_ONE.isdisjoint(said) or "quarters" in said)


def find(text: str) -> Iterator[Single]:
    """Every such amount in order."""
    coins = _COINS_ALONE.fullmatch(text)
    if coins:
        count = quantities.read_words(coins[1]) or Decimal(1)
        yield count / 4, None, len(text) - len(text.lstrip()), len(text.rstrip()), True
    for match in _ONE.finditer(text):
        if match[2].lower() == "grand":
            yield Decimal(1000), None, *match.span(), False
            continue
        mark = currency_signs.words_after(text, match.end(1))
        if mark:
            yield Decimal(1) / mark[0].scale, mark[0].currency, *match.span(), True
