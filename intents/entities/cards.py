"""Whole card numbers in a sentence: masked before anything else looks at it, all but the last four digits.

Nobody has to send one to the desk, and what is never kept cannot leak: no answer, log, proposal or memory of a
conversation holds one.
"""

import re
from collections.abc import Iterator
from typing import Final

from paydesk.intents.patterns import lazy

#: Stands for a digit of a card number.
DOT: Final = "•"
_RUN = lazy(r"(?<![\w+])[0-9](?:[ \u00a0\u202f\u2009.–—-]?[0-9]){12,}(?!\w)")
#: Cheap to look at first.
_LONG = lazy(r"[0-9](?:[ \u00a0\u202f\u2009.–—-]?[0-9]){12}")
_GROUP = lazy(r"[0-9]+")
#: A masked number as it stands in a text; the digits that are left say which card it is.
MASKED: Final = lazy(
    rf"{DOT}(?:[ \u00a0\u202f\u2009.–—-]?{DOT})+[ \u00a0\u202f\u2009.–—-]?(?P<last4>[0-9]{{4}})(?![0-9])"
)
_SECURITY_CODE = lazy(
    r"\b(?:cvc|cvv|cvn|cid|csc|security code|card code)2?\b\W{0,3}(?:is |was |number )?([0-9]{3,4})\b", re.IGNORECASE
)
# How a number begins (ISO/IEC 7812, the schemes' own ranges), with the lengths that occur.
_BEGINS = lazy(
    r"4(?:.{12}|.{15}|.{18})|(?:5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)).*|3[47].{13}|3(?:0[0-5]|[689]).{11,16}"
    r"|35.{14,17}|(?:6[0245789]|81|50|5[6-9]).{11,17}"
)


def masked(text: str) -> str:
    """The text with card numbers and security codes dotted out, as long as before; what is masked stays as it is."""
    found = list(_numbers(text)) if _LONG.search(text) else []
    if not found:
        return text
    spans = [(start, _four_from(text, end)) for start, end in found]
    spans += [match.span(1) for match in _SECURITY_CODE.finditer(text)]
    letters = list(text)
    for start, end in spans:
        for place in range(start, end):
            letters[place] = DOT if letters[place].isdigit() else letters[place]
    return "".join(letters)


def _four_from(text: str, end: int) -> int:
    """Where the last four digits before `end` begin."""
    left = 4
    while left:
        end -= 1
        left -= text[end].isdigit()
    return end


def _numbers(text: str) -> Iterator[tuple[int, int]]:
    for run in _RUN.finditer(text):
        groups = [match.span() for match in _GROUP.finditer(text, run.start(), run.end())]
        taken = 0
        for first, (start, _) in enumerate(groups):
            if start < taken:
                continue
            digits = ""
            for begin, end in groups[first : first + 19]:
                digits += text[begin:end]
                if len(digits) > 19:
                    break
                if len(digits) >= 13 and _is_card(digits):
                    taken = end
            if taken > start:
                yield start, taken


def _is_card(digits: str) -> bool:
    return _BEGINS.fullmatch(digits) is not None and _luhn(digits)


def _luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
