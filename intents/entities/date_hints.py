"""Which ways to write a date are worth trying: what the words and digits of a sentence hint at.

Trying every pattern on every sentence would take longer than all the rest of the parser.
"""

import re
from functools import lru_cache, reduce
from operator import or_
from typing import Final

from paydesk.intents.entities.holidays import HOLIDAYS
from paydesk.intents.patterns import lazy
from paydesk.intents.words import said_in, words

_HINTED_BY: Final = {
    "month": (
        "jan january feb february mar march apr april may jun june jul july aug august sep sept september oct october "
        "nov november dec december"
    ),
    "weekday": (
        "mon monday mondays tue tues tuesday tuesdays wed weds wednesday wednesdays thu thur thurs thursday thursdays "
        "fri friday fridays sat saturday saturdays sun sunday sundays"
    ),
    "unit": (
        "day days week weeks wk wks weekend weekends fortnight fortnights month months quarter quarters qtr qtrs year "
        "years yr yrs d w mo m y"
    ),
    "quarter": "quarter qtr q",
    "week": "week",
    "nth": (
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth last st nd rd th"
    ),
    "first": "first",
    "in": "in of within for during over",
    "step": "this current last previous past prior trailing next coming upcoming following",
    "next": "next",
    "half": "half",
    "part": ("early earlier beginning start middle end mid late later bow bom boq boy eow eom eoq eoy"),
    "rest": "rest remainder remaining",
    "later": "later earlier from hence",
    "ago": "ago back earlier",
    "than": "than",
    "over": "over",
    "before": "before prior preceding earlier previous",
    "same": "same",
    "work": "working work workweek",
    "far": "far now date",
    "date": "date",
    "now": "now date",
    "td": "ytd mtd qtd wtd",
    "hour": "hour hours hrs h",
    "named": "today tonight yesterday tomorrow tmrw yday morning afternoon evening",
    "season": "spring summer autumn fall winter",
    "q": "q",
    "era": "decade century nineteen twenty thousand",
    "h": "h",
    # Words that begin too many names of holidays are looked for with what follows them, below.
    "holiday": " ".join(
        {name.split()[0].partition("'")[0].partition("-")[0] for name in HOLIDAYS}
        - words("new all the st saint may day night first isra good black small guru king mother father women")
    ),
}


_BITS: Final = {need: 1 << place for place, need in enumerate((*_HINTED_BY, "digit", "sep", "year4"))}


def _needs() -> dict[str, int]:
    table: dict[str, int] = {}
    for need, hinting in _HINTED_BY.items():
        for word in hinting.split():
            table[word] = table.get(word, 0) | _BITS[need]
    return table


_NEEDS: Final = _needs()
_HOLIDAY: Final = _BITS["holiday"]
_TWO_WORDS: Final = tuple(
    sorted(
        {
            name[: name.index(" ") + 3]
            for name in HOLIDAYS
            if " " in name and not _HOLIDAY & _NEEDS.get(name.split()[0].partition("'")[0].partition("-")[0], 0)
        }
    )
)
#: Those names by the run of letters that they begin with.
_FIRST_OF_TWO: Final = {
    word: tuple(name for name in _TWO_WORDS if re.match(rf"{word}(?![^\W\d_])", name))
    for word in {re.findall(r"[^\W\d_]+", name)[0] for name in _TWO_WORDS}
}
_YEAR: Final = lazy(r"(?<![0-9])(?:19|2[01])[0-9]{2}(?![0-9])")
_SEPARATED: Final = lazy(r"[0-9] ?[-–/.] ?[0-9]")
_DIGIT: Final = lazy(r"[0-9]")


def bits_of(needs: str) -> int:
    """The needs of a form, their names separated by blanks, as `hints` tells them."""
    return sum(_BITS[need] for need in set(needs.split()))


@lru_cache(maxsize=64)
def hints(low: str) -> int:
    """The needs that a lower-case text meets, a bit for each."""
    said = said_in(low)
    found = reduce(or_, filter(None, map(_NEEDS.get, said)), 0)
    if not _FIRST_OF_TWO.keys().isdisjoint(said):
        for first in _FIRST_OF_TWO.keys() & said:
            for name in _FIRST_OF_TWO[first]:
                if name in low:
                    found |= _HOLIDAY
    if _DIGIT.search(low):
        found |= _BITS["digit"]
        if _SEPARATED.search(low):
            found |= _BITS["sep"]
        if _YEAR.search(low):
            found |= _BITS["year4"]
    return found
