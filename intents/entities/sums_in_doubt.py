"""Ways of writing a sum after which a person could have meant another: none of them may move money unasked."""

import re
from decimal import Decimal
from typing import Final

from paydesk.intents import lexicon
from paydesk.intents.patterns import lazy

_THREE_LAST = lazy(r"[0-9][., ][0-9]{3}$")
_ONE_OF: Final = frozenset(("dollar", "buck", "pound", "quid", "euro", "rupee", "sterling"))
_PARTED_BEFORE = lazy(
    r"(?:\b(?:half|thirds?|quarters?|fourths?|fifths?|tenth|percent|pct)|%)(?: of| a| an)? $", re.IGNORECASE
)
_PAYMENT_AFTER = lazy(r" (?:\w+ )?(?:payment|charge|transaction|purchase|order)\b", re.IGNORECASE)
_COUNTED_OF = lazy(r" ([a-z]+) of (?:\x02|.*\b(?:payment|charge|transaction|purchase|order|it)\b)")
_SCALE_BEFORE = lazy(r"\b(?:dozen|hundred|thousand|million|billion)(?: and)? $", re.IGNORECASE)
_PARTS_NEXT = lazy(r"[ -](?:hal(?:f|ves)|thirds?|quarters?|fourths?|fifths?|tenths?)\b", re.IGNORECASE)
_NUMBER_BEFORE = lazy(r"(?<![\w.,$€£-])[0-9]+ $")
_PART_AFTER = lazy(r" and (?:an? )?(?:half|quarter|third)\b", re.IGNORECASE)


def is_scaled_oddly(said: str, scale: int) -> bool:
    """ "1.500k" and "1,500k": three digits behind the mark are decimals or thousands of thousands."""
    return scale >= 1_000 and _THREE_LAST.search(said) is not None


def is_marked_oddly(text: str, start: int, end: int, begin: int) -> bool:
    """ "$10 500" may be two numbers; "dollar fifty" is one and a half. The currency stands in `begin`..`start`."""
    said = text[start:end]
    if said[0].isdigit():
        return said.count(" ") == 1 and said.replace(" ", "").isdigit() and not text[begin : start - 1].isalpha()
    return bool(_ONE_OF.intersection(text[begin:start].lower().split()[-1:]))


def may_be_no_sum(text: str, start: int, end: int, value: Decimal) -> bool:
    """ "0.5 of it" and "one and a half of it" may be shares; a number alone in groups, "10 500", may be two."""
    said = text[start:end].lower()
    counted = _COUNTED_OF.match(text, end)
    if counted and counted[1] not in lexicon.KNOWN:
        return True  # "20 prcant of her payment": a slip of who knows what
    if _PARTS_NEXT.match(text, end):
        return True  # "three quarter dollars"
    if said.endswith((" half", " quarter")) or (said[0].isdigit() and " " in said):
        return True
    return 0 < value < 1 and (len(said.rpartition(".")[2]) < 2 or text.startswith(" of ", end))


def is_parted(text: str, start: int, end: int) -> bool:
    """A part of a sum that names no payment ("half of $50"), or a sum with more beside it ("150 50 dollars")."""
    if _PART_AFTER.match(text, end):
        return True
    if (text[start].isdigit() or text[start + 1] == " ") and _NUMBER_BEFORE.search(text, max(0, start - 9), start):
        return True
    if text[start].isalpha() and _SCALE_BEFORE.search(text, max(0, start - 14), start):
        return True  # "a quarter hundred and two dollars"
    return _PARTED_BEFORE.search(text, max(0, start - 24), start) is not None and not _PAYMENT_AFTER.match(text, end)
