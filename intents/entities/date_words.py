"""The words of dates and the pieces of pattern that calendar and relative forms share."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from paydesk.intents.entities import periods
from paydesk.intents.entities.periods import Period
from paydesk.intents.entities.quantities import read_words
from paydesk.intents.patterns import worded


class Context(NamedTuple):
    """When the sentence was said, and whether a bare "March" or "Friday" looks `ahead` or back.

    `day_first` is set once another date of the sentence shows how 03/04 is meant.
    """

    today: date
    ahead: bool
    day_first: bool | None = None


@dataclass(slots=True)
class Atom:
    """One period said at `start`..`end`; `in_year` gives it another year where none was said; `doubtful`: 03/04.

    `before` and `same` are units of "the week before" and "the same period last year", which lean on the atom before;
    `weekly` marks a bare weekday; `other` is the second reading of 03/04; `clock` says that a time of day was said, and
    `zoned` that a time zone was.
    """

    period: Period
    start: int
    end: int
    in_year: Callable[[int], Period | None] | None = None
    doubtful: bool = False
    before: str = ""
    weekly: bool = False
    same: str = ""
    other: Period | None = None
    clock: bool = False
    zoned: bool = False


class Form(NamedTuple):
    """One way to write a date: `needs` names what the sentence must hold for the pattern to be worth trying."""

    needs: str
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], Context], Atom | None]


def form(needs: str, pattern: str, read: Callable[[re.Match[str], Context], Atom | None]) -> Form:
    """A form from its pattern as text, which is looked for in lower-case texts."""
    return Form(needs, worded(pattern), read)


_MONTH_NAMES: Final = {
    name: n
    for n, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_WEEKDAY_NAMES: Final = {name: n for n, name in enumerate(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])}
_ORDINALS: Final = {
    word: n
    for n, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
            "twentieth",
        ],
        start=1,
    )
} | {"thirtieth": 30, "last": -1}
_COUNTS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "eighteen": 18,
    "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50, "sixty": 60, "ninety": 90, "couple": 2,
    "few": 3,
}  # fmt: skip

MONTH: Final = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)(?![a-z])\.?"
)
_WEEKDAYS = (
    r"mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
)
WEEKDAY: Final = rf"(?P<weekday>{_WEEKDAYS})(?![a-z])"
ANY_WEEKDAY: Final = rf"(?:{_WEEKDAYS})(?![a-z])\.?"
SAID_WEEKDAY: Final = rf"(?P<weekday>{_WEEKDAYS})(?![a-z])\.?"
_ORDINAL_WORDS = (
    r"first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth"
    r"|fourteenth|fifteenth|"
    r"sixteenth|seventeenth|eighteenth|nineteenth|twentieth|twenty[- ](?:first|second|third|fourth"
    r"|fifth|sixth|seventh|eighth|ninth)|"
    r"thirtieth|thirty[- ]first"
)
_MONTH_AHEAD = r"(?=jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_DAY_DIGITS = rf"(?:0?[1-9]|[12][0-9]|3[01])(?![0-9:]|[.,][0-9])(?:st|nd|rd|th)?(?:(?![a-z0-9])|{_MONTH_AHEAD})"
DAY: Final = rf"(?P<day>{_DAY_DIGITS}|(?:{_ORDINAL_WORDS})(?![a-z]))"
LAST_DAY: Final = rf"(?P<last_day>{_DAY_DIGITS}|(?:{_ORDINAL_WORDS})(?![a-z]))"
_ONES = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_TEENS = r"(?:ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)"
_UNDER_HUNDRED = rf"(?:{_TEENS}|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -]{_ONES})?)"
YEAR_IN_WORDS = (
    rf"(?:two thousand(?: and)?(?:[ -](?:{_UNDER_HUNDRED}|{_ONES}))?|(?:nineteen|twenty)[ -]{_UNDER_HUNDRED})(?![a-z])"
)
YEAR: Final = r"(?P<year>(?:19|2[01])[0-9]{2}(?![0-9])|'[0-9]{2}(?![0-9]))"
_SAID_YEAR = r"(?P<year>(?:19|2[01])[0-9]{2}(?![0-9])|'[0-9]{2}(?![0-9])|(?:last|previous|this|next) year\b"
SAID_YEAR: Final = _SAID_YEAR + rf"|{YEAR_IN_WORDS})"
NTH: Final = r"(?P<nth>first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th)"
ANY_NTH: Final = rf"(?P<nth>last|(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)|{_ORDINAL_WORDS})"
#: "the second last": counted from the end.
FROM_END: Final = r"(?P<nth>(?:second|third|fourth|fifth|2nd|3rd|4th|5th)[ -](?:to[ -])?last)"
STEP: Final = r"(?:the )?(?P<step>this|current|last|previous|past|prior|next|coming|upcoming|following)"
COUNT: Final = (
    r"(?P<count>[0-9]{1,4}|(?:a )?couple(?: of)?|(?:a )?few|an?|one|two|three|four|five|six|seven"
    r"|eight|nine|ten|eleven|twelve|"
    r"thirteen|fourteen|fifteen|sixteen|eighteen|twenty|thirty|forty-five|forty|fifty|sixty|ninety)"
)
UNIT: Final = r"(?P<unit>day|weekend|week|wk|fortnight|month|mo|quarter|qtr|year|yr)"


def said(match: re.Match[str], name: str) -> str:
    """What a named group of the match says, in lower case; "" where it is absent."""
    words = (match.groupdict().get(name) or "").lower()
    return _SHORT_UNITS.get(words, words) if name == "unit" else words


_SHORT_UNITS: Final = {"qtr": "quarter", "yr": "year", "wk": "week", "mo": "month"}


def month_number(match: re.Match[str]) -> int:
    """The month named in the match, 1 to 12."""
    return _MONTH_NAMES[said(match, "month")[:3]]


def weekday_number(match: re.Match[str]) -> int:
    """The weekday named in the match, Monday 0."""
    return _WEEKDAY_NAMES[(said(match, "weekday") or said(match, "named"))[:3]]


def day_number(words: str) -> int:
    """ "5th", "fifth" and "twenty-fifth" as an integer."""
    digits = re.match(r"[0-9]+", words)
    if digits:
        return int(digits[0])
    tens, _, ones = words.replace(" ", "-").partition("-")
    return {"twenty": 20, "thirty": 30}[tens] + _ORDINALS[ones] if ones else _ORDINALS[words]


def count_number(words: str) -> int:
    """A count in digits or words: "two", "a couple of"."""
    return int(words) if words.isdigit() else _COUNTS[words.removesuffix(" of").split()[-1]]


def nth_number(words: str) -> int:
    """ "first", "3rd", "last" (-1) or "second last" (-2)."""
    if words.endswith("last") and words != "last":
        return -nth_number(words.replace("-", " ").split()[0])
    return -1 if words == "last" else day_number(words)


def year_number(words: str, context: Context) -> int | None:
    """ "2026", "'26" or "last year" as a year; None for ""."""
    if not words:
        return None
    if words[-1].isdigit():
        return 2000 + int(words[1:]) if words.startswith("'") else int(words)
    if words.startswith("two thousand"):
        return 2000 + int(read_words(words[12:].replace("and", "")) or 0)
    if words.startswith(("nineteen", "twenty")):
        century, _, rest = words.replace("-", " ").partition(" ")
        return {"nineteen": 1900, "twenty": 2000}[century] + int(read_words(rest) or 0)
    return context.today.year + {"last": -1, "previous": -1, "this": 0, "next": 1}[words.split(maxsplit=1)[0]]


def step_number(words: str) -> int:
    """-1 for "last", 0 for "this", 1 for "next" and their like."""
    return {"": 0, "this": 0, "current": 0, "next": 1, "coming": 1, "upcoming": 1, "following": 1}.get(words, -1)


def stepped(words: str, unit: str, context: Context) -> Period:
    """The calendar unit before, around or after today: stepped("last", "month", ...)."""
    return periods.containing(periods.moved(context.today, unit, step_number(words)), unit)


def atom(match: re.Match[str], period: Period | None) -> Atom | None:
    """The atom of a match, or None without a period."""
    return Atom(period, match.start(), match.end()) if period else None


def on(year: int, month: int, day: int) -> Period | None:
    """One day, or None for a day that does not exist."""
    try:
        return periods.day(date(year, month, day))
    except ValueError:
        return None


def nearest(make: Callable[[int], Period | None], context: Context) -> Period | None:
    """The reading of a yearless date: the latest that has begun, or looking ahead the next that is not over."""
    way = 1 if context.ahead else -1
    # Eight years bridge the gap between two leap days around a century.
    for year in range(context.today.year, context.today.year + 9 * way, way):
        period = make(year)
        if period is None or period.start is None or period.end is None:
            continue
        if period.end > context.today if context.ahead else period.start <= context.today:
            return period
    return None


def with_weekday(
    match: re.Match[str], make: Callable[[int], Period | None], weekday: int, context: Context
) -> Atom | None:
    """ "Sunday, Feb 10": the nearest year in which that day falls on that weekday; None if none is near."""
    for years in (0, 1, -1, 2, -2, 3, -3):
        period = make(context.today.year + years)
        if period and period.start and period.start.weekday() == weekday:
            return Atom(period, match.start(), match.end())
    return None


def in_some_year(
    match: re.Match[str], make: Callable[[int], Period | None], year: int | None, context: Context
) -> Atom | None:
    """The period in the year that was said, or else the nearest one, which may still be moved to another year."""
    if year is not None:
        return atom(match, make(year))
    period = nearest(make, context)
    return Atom(period, match.start(), match.end(), make) if period else None
