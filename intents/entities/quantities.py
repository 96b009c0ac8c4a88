"""Numbers as people write them: digits with any separators, words, shares, counts, and lengths of time.

`read_digits` is the one place that decides what a dot or a comma means; it says when a person would have to be asked.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

from paydesk.intents.patterns import lazy
from paydesk.intents.words import said_in, words

_UNITS: Final = {
    word: number
    for number, words in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
    for word in (words,)
} | {"dozen": 12}
_TENS: Final = {
    word: 10 * number
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
} | {"fourty": 40}
_SCALES: Final = {"hundred": 100, "thousand": 1_000, "grand": 1_000, "lakh": 100_000, "lakhs": 100_000} | {
    "million": 10**6, "crore": 10**7, "crores": 10**7, "billion": 10**9, "trillion": 10**12,
}  # fmt: skip

NUMBER_WORDS: Final = frozenset(_UNITS) | frozenset(_TENS) | frozenset(_SCALES)

#: What may stand after a number and multiplies it. "M" without a currency is left to the caller: 3M is a firm.
MAGNITUDES: Final = {
    "k": 10**3, "thousand": 10**3, "grand": 10**3, "m": 10**6, "mm": 10**6, "mn": 10**6, "mio": 10**6, "mil": 10**6,
    "million": 10**6, "millions": 10**6, "b": 10**9, "bn": 10**9, "billion": 10**9, "billions": 10**9, "tn": 10**12,
    "trillion": 10**12, "lakh": 10**5, "lakhs": 10**5, "lac": 10**5, "crore": 10**7, "crores": 10**7, "hundred": 100,
}  # fmt: skip

#: Digits with whatever separates them; a space only before a group of exactly three.
DIGITS: Final = lazy(
    r"[0-9]{1,3}(?: [0-9]{3})+(?![0-9])(?:[.,][0-9]{1,4})?(?![0-9])"
    r"|[0-9]+(?:[.,'][0-9]+)*"
    r"|(?<![0-9])[.,][0-9]+"
)

_WORD = (
    r"(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen|eighteen|nineteen|twenty|thirty|fou?rty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|grand|"
    r"million|billion|trillion|lakhs?|crores?|dozen)"
)
#: A number in words: "twenty-five", "two hundred and ten", "half a million", "a grand", "quarter million".
IN_WORDS: Final = lazy(
    rf"\b(?:(?:a )?(?:half|quarter)(?: of)?(?: an?)? (?:dozen|hundred|thousand|grand|million|billion|lakh|crore)s?"
    rf"|(?:an? )?(?:couple(?: of)? )?{_WORD}(?:(?:[ -]|,? and )(?:a half )?{_WORD})*"
    r"(?: and an? (?:half|quarter)\b(?! of\b))?)\b",
    re.IGNORECASE,
)


class Digits(NamedTuple):
    """What a run of digits says: its value, and whether a person could have meant another (`doubtful`)."""

    value: Decimal
    doubtful: bool = False
    decimals: int = 0


def read_digits(text: str, *, decimals: int | None = None) -> Digits | None:
    """The value of digits with separators; None if no reading makes sense ("1.2.3", "1,23,4").

    `decimals` is what the currency has, if known: "1.500" is one and a half dinars and doubtful dollars. A single
    comma or dot with one or two digits after it is a decimal mark ("12,50"); "1,5" is doubtful, as nobody writes
    money so; a dot before three digits is doubtful unless the currency has three decimals.
    """
    compact = text.replace(" ", "").replace("'", "")
    last_dot, last_comma = compact.rfind("."), compact.rfind(",")
    if last_dot < 0 and last_comma < 0:
        return Digits(Decimal(compact))
    if last_dot >= 0 and last_comma >= 0:
        return _two_marks(compact, "." if last_dot > last_comma else ",")
    mark = "." if last_dot >= 0 else ","
    head, tail = compact[: compact.rfind(mark)], compact[compact.rfind(mark) + 1 :]
    if compact.count(mark) > 1:
        return Digits(Decimal(compact.replace(mark, ""))) if _grouped(compact.split(mark)) else None
    if len(tail) == 3 and 1 <= len(head) <= 3 and head != "0" and " " not in text:
        if mark == ",":
            return Digits(Decimal(head + tail))
        if decimals == 3:
            return Digits(Decimal(f"{head}.{tail}"), decimals=3)
        return Digits(Decimal(head + tail), doubtful=True)
    doubtful = mark == "," and len(tail) not in (2, 3)
    return Digits(Decimal(f"{head or '0'}.{tail}"), doubtful=doubtful, decimals=len(tail))


def _two_marks(compact: str, point: str) -> Digits | None:
    group = "," if point == "." else "."
    head, _, tail = compact.rpartition(point)
    if point in head or not _grouped(head.split(group)):
        return None
    return Digits(Decimal(head.replace(group, "") + "." + tail), decimals=len(tail))


def _grouped(groups: list[str]) -> bool:
    """Thousands in threes, or the Indian way: twos and a last three."""
    head, *rest = groups
    if not 1 <= len(head) <= 3 or not rest or len(rest[-1]) != 3:
        return False
    return all(len(group) == 3 for group in rest) or (len(head) <= 2 and all(len(g) == 2 for g in rest[:-1]))


def read_words(text: str) -> Decimal | None:
    """The value of a number in words, or None: "twenty-five" is 25, "half a million" 500000, "a grand" 1000."""
    words = re.findall(r"[a-z]+", text.lower())
    total, current, seen = Decimal(0), Decimal(0), False
    share = Decimal(1)
    room = 1_000  # what the next plain word must be smaller than: "fifty-five fifty" is no number
    if _multiplies_a_sum(words) or _has_scales_in_a_row(words):
        return None
    for word in words:
        size = _UNITS.get(word, _TENS.get(word))
        if size is not None and (size >= room or (size == 0 and seen)):
            return None
        room = _room_after(word, room)
        if word in ("half", "quarter"):
            if seen:  # "two and a half million"
                current += Decimal("0.5") if word == "half" else Decimal("0.25")
            else:
                share = Decimal("0.5") if word == "half" else Decimal("0.25")
        elif word == "couple":
            current, seen = Decimal(2), True
        elif word in _UNITS or word in _TENS:
            current += _UNITS.get(word, _TENS.get(word, 0))
            seen = True
        elif word in _SCALES:
            current = (current if seen and current else Decimal(1)) * _SCALES[word]
            if _SCALES[word] >= 1_000:
                total, current = total + current, Decimal(0)
            seen = True
    return (total + current) * share if seen else None


def _room_after(word: str, room: int) -> int:
    if word in _SCALES:
        return 1_000
    if word == "couple":
        return 0  # "a couple hundred", never "a couple fifty"
    return 10 if word in _TENS else 1 if word in _UNITS else room


def _has_scales_in_a_row(words: list[str]) -> bool:
    """ "thousand thousand", "lakh thousand", "a hundred and a half": whether they multiply or add is not said."""
    for first, second in pairwise(words):
        if first in _SCALES and second in _SCALES and not (first == "hundred" and _SCALES[second] >= 1_000):
            return True
    return len(words) > 3 and words[-1] in ("half", "quarter") and words[-4] in _SCALES


def _multiplies_a_sum(words: list[str]) -> bool:
    """Whether a "hundred" would multiply more than one number: "fifty and three hundred"."""
    begun = joined = False  # since the last thousand or million
    for word in words:
        if word == "and":
            joined = begun
        elif word == "hundred":
            if joined:
                return True
            begun = joined = True
        elif word in ("half", "quarter") or _SCALES.get(word, 0) >= 1_000:
            begun = joined = False
        elif word in _UNITS or word in _TENS:
            begun = True
    return False


def in_words(said: str, *, range_opened: bool) -> list[tuple[int, int, Decimal]]:
    """The numbers of a run of number words, each with its place there: one, or the two ends of a range.

    "one hundred and three" is one number, also two after "between" where that can be read in just one way.
    """
    whole = read_words(said)
    if whole is None or range_opened:
        ends = []
        for match in re.finditer(r" and ", said, re.IGNORECASE):
            low, high = read_words(said[: match.start()]), read_words(said[match.end() :])
            if low is not None and high is not None and low < high:
                ends.append([(0, match.start(), low), (match.end(), len(said), high)])
        if len(ends) == 1:
            return ends[0]
    return [] if whole is None else [(0, len(said), whole)]


@dataclass(frozen=True)
class Interval:
    """How often something is billed: every `count` `unit`s, unit one of day, week, month, year."""

    unit: str
    count: int
    start: int
    end: int


_EVERY: Final = {
    "daily": ("day", 1), "weekly": ("week", 1), "monthly": ("month", 1), "yearly": ("year", 1), "annual": ("year", 1),
    "annually": ("year", 1), "quarterly": ("month", 3), "biweekly": ("week", 2), "bi-weekly": ("week", 2),
    "fortnightly": ("week", 2), "bimonthly": ("month", 2), "bi-monthly": ("month", 2), "semiannual": ("month", 6),
    "semi-annual": ("month", 6), "semiannually": ("month", 6), "semi-annually": ("month", 6),
    "half-yearly": ("month", 6),
    "biannual": ("month", 6), "biannually": ("month", 6), "biennial": ("year", 2),
}  # fmt: skip
_UNIT_NAMES: Final = {
    "d": ("day", 1), "day": ("day", 1), "wk": ("week", 1), "week": ("week", 1), "fortnight": ("week", 2),
    "mo": ("month", 1),
    "mth": ("month", 1), "month": ("month", 1), "qtr": ("month", 3), "quarter": ("month", 3), "yr": ("year", 1),
    "year": ("year", 1), "annum": ("year", 1), "y": ("year", 1), "m": ("month", 1), "w": ("week", 1),
}  # fmt: skip
_ORDINARY: Final = {"other": 2, "second": 2, "third": 3, "fourth": 4, "sixth": 6}
_ADVERB = lazy(r"\b(?:" + "|".join(sorted(_EVERY, key=len, reverse=True)) + r")\b", re.IGNORECASE)
_PER = lazy(
    r"(?:\b(?:per|each|every|once (?:a|every))(?: (other|second|third|fourth|sixth|[0-9]{1,3}|one|two"
    r"|three|four|five|six|ten|twelve))? "
    r"|\b(?:a|an) (?=(?:day|week|month|quarter|year)\b(?! of\b| ?%| (?:per ?cent|pct|dollars?|euros?|pounds?)\b))"
    r"|(?<=\S) ?/ ?(?=(?:day|week|wk|mo|month|mth|qtr|quarter|yr|year|d|m|w|y)\b)|\bp/? ?(?=(?:m|y)\b))"
    r"(day|week|wk|fortnight|month|mth|mo|quarter|qtr|year|yr|annum|d|m|w|y)s?\b",
    re.IGNORECASE,
)


_ADVERB_WORDS: Final = frozenset(said.rpartition("-")[2] for said in _EVERY)
_UNIT_WORDS: Final = frozenset(f"{unit}{end}" for unit in _UNIT_NAMES for end in ("", "s")) | words("pm py pms pys")


_INTERVAL_WORDS: Final = _ADVERB_WORDS | _UNIT_WORDS


def may_recur(said: frozenset[str]) -> bool:
    """Whether there is a word that an interval is said with among those of a text in lower case."""
    return not _INTERVAL_WORDS.isdisjoint(said)


def find_intervals(text: str) -> list[Interval]:
    """Every billing interval: "monthly", "49/mo", "a year", "every 2 weeks", "every other month"."""
    said, found = said_in(text.lower()), []
    if not _ADVERB_WORDS.isdisjoint(said):
        found = [Interval(*_EVERY[m[0].lower()], m.start(), m.end()) for m in _ADVERB.finditer(text)]
    for m in _PER.finditer(text) if not _UNIT_WORDS.isdisjoint(said) else ():
        unit, size = _UNIT_NAMES[m[2].lower()]
        times = (m[1] or "1").lower()
        count = _ORDINARY.get(times) or (int(times) if times.isdigit() else int(read_words(times) or 1))
        if count:
            found.append(Interval(unit, count * size, m.start(), m.end()))
    if len(found) > 1:
        found.sort(key=lambda interval: interval.start)
    return found


_TRIAL = lazy(
    r"\b([0-9]{1,3}|an?|one|two|three|four|six|seven|ten|fourteen|thirty)[ -](day|week"
    r"|month)s?(?: long)?(?: of)?(?: free)? trial(?: period)?\b"
    r"|\b([0-9]{1,3})(d)(?:ay)?(?: free)? trial\b"
    r"|\b([0-9]{1,3}|two|three|four|six|seven|ten|fourteen|thirty)(?: free)? trial (day|week|month)s?\b"
    r"|\btrial(?: period)?(?: of| for)? ([0-9]{1,3}|an?|one|two|three|four|six|seven|ten|fourteen"
    r"|thirty)[ -](day|week|month)s?\b"
    r"|\b([0-9]{1,3}|an?|one|two|three|four|six|seven|ten|fourteen|thirty)[ -](day|week"
    r"|month)s?(?= free\b)(?: free)?(?: of charge)?",
    re.IGNORECASE,
)
#: One of these is in every trial.
TRIAL_WORDS: Final = words("trial free")
_TRIAL_DAYS: Final = {"d": 1, "day": 1, "week": 7, "month": 30}


class Trial(NamedTuple):
    """A free trial's length in days."""

    days: int
    start: int
    end: int


def find_trial(text: str) -> Trial | None:
    """The first free trial said: "14-day trial" is 14, "a two week free trial" 14; None if there is none."""
    low = text.lower()
    match = _TRIAL.search(text) if "trial" in low or "free" in low else None
    if match is None:
        return None
    count, unit = next(match.group(n, n + 1) for n in (1, 3, 5, 7, 9) if match[n])
    number = int(count) if count.isdigit() else 1 if count.lower() in ("a", "an") else int(read_words(count) or 1)
    return Trial(number * _TRIAL_DAYS[unit.lower()], match.start(), match.end())
