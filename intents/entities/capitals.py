"""Which capitalised words can be part of a name, and which are a month, a currency's sign or shouted."""

import re
from typing import Final

from paydesk.intents.patterns import lazy
from paydesk.intents.words import words

#: The words of a text, each with where it begins and ends.
Words = list[tuple[str, int, int]]

_MONTHS_AND_DAYS: Final = words(
    """
    january february march july september october november december jan feb mar apr jun jul aug sep sept oct nov dec
    monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun q1 q2 q3 q4
    """
)
#: Signs of currencies that look like a word of a name and are none.
_SIGNS: Final = words("Rs Rp RM Kr Ksh KSh KShs TSh USh Ft SFr RMB Kč Zł Lei Dkr Nkr Skr NT HK")
_SIGN_AND_SUM: Final = lazy(r"(?:Rs|Rp|RM|Kr|[KTU]Sh|Ksh|KShs|SFr|RMB|[DNS]kr|[A-Z]{3})\.?[0-9][0-9.']*")


def is_sign(text: str, word: tuple[str, int, int]) -> bool:
    """Whether a capitalised word is the sign of the amount after it: the "Rs" of "Lakshmi Rs 500"."""
    return word[0].rstrip(".") in _SIGNS and text[word[2] : word[2] + 3].lstrip(". ")[:1].isdigit()


def is_calendar(word: str) -> bool:
    """ "Nov", "Jan-Feb", the "18-Dec" of "Nov 18-Dec 19"."""
    return all(part in _MONTHS_AND_DAYS or part.isdigit() for part in word.lower().rstrip(".").split("-"))


SHOUTED: Final = words("ASAP PLS PLZ PLEASE FYI TODAY NOW THX THANKS BTW ETA NB")
_DAY_AND_MONTH = lazy(r"[0-9]+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)


def is_capital(word: str) -> bool:
    """Whether a word is written as a part of a name is: "Jane", "d'Estaing", "al-Hashimi", "3M"."""
    if not word[0].isupper():
        article, apostrophe, rest = word.partition("'")
        if apostrophe and article in ("d", "l", "dell", "dall", "sant", "all", "nell"):
            return rest[:1].isupper()
        if word[2:3] == "-" and word[:2] in ("al", "el", "ul", "ad", "as", "an", "ar"):
            return word[3:4].isupper()
        return (
            word[0].isdigit()
            and not _DAY_AND_MONTH.match(word)
            and any(c.isupper() for c in word)
            and not word[:1].isupper()
            and word[-1].isalpha()
        )
    if word[-1].isdigit() and _SIGN_AND_SUM.fullmatch(word):  # USD50
        return False
    if word in SHOUTED:
        return False
    if len(word) == 3 and word.isupper():
        from paydesk.intents.entities.currencies import is_currency

        return not is_currency(word)
    return True
