"""Decades, centuries, years in words, and dates written without their usual marks."""

import re
from datetime import date
from typing import Final

from paydesk.intents.entities.date_words import (
    STEP,
    YEAR_IN_WORDS,
    Atom,
    Context,
    Form,
    atom,
    day_number,
    form,
    on,
    said,
    step_number,
    year_number,
)
from paydesk.intents.entities.periods import Period, year


def _span(first: int, years: int) -> Period:
    return Period(date(first, 1, 1), date(first + years, 1, 1), "years")


def _decade(match: re.Match[str], context: Context) -> Atom | None:
    """ "the 1990s"."""
    del context
    return atom(match, _span(int(match["tens"]) * 10, 10))


def _step_decade(match: re.Match[str], context: Context) -> Atom | None:
    """ "the next decade"; the last ten years are said as such."""
    return atom(match, _span((context.today.year // 10 + step_number(said(match, "step"))) * 10, 10))


def _century(match: re.Match[str], context: Context) -> Atom | None:
    """ "the 21st century" is 2000 to 2099, as it is spoken of."""
    del context
    return atom(match, _span((day_number(said(match, "nth")) - 1) * 100, 100))


def _year_in_words(match: re.Match[str], context: Context) -> Atom | None:
    number = year_number(said(match, "year"), context)
    return atom(match, year(number)) if number else None


def _unmarked(match: re.Match[str], context: Context) -> Atom | None:
    """ "2016 10 16", "20161016", and "2016-13-10", which can only be the 13th of October."""
    del context
    return atom(match, on(int(match["year"]), int(match["number"]), int(match["day"])))


def _dotted(match: re.Match[str], context: Context) -> Atom | None:
    """ "13.6.": a day and a month as they are written in German."""
    number, number_of_month = int(match["day"]), int(match["number"])
    if number <= 12:
        return None
    years = (context.today.year + step for step in ((0, 1) if context.ahead else (0, -1)))
    found = [period for at in years if (period := on(at, number_of_month, number)) and period.start and period.end]
    fits = [one for one in found if (one.end > context.today if context.ahead else one.start <= context.today)]  # type: ignore[operator]  # a day is closed
    return atom(match, fits[0]) if fits else None


# Looked back for from the end of the digits: the pattern then begins with some of them, which are found faster.
_SINCE: Final = (
    r"(?:(?<=\bon [0-9]{8})|(?<=\bin [0-9]{8})|(?<=\bsince [0-9]{8})|(?<=\bfrom [0-9]{8})|(?<=\buntil [0-9]{8})"
    r"|(?<=\bto [0-9]{8})|(?<=\bfor [0-9]{8})|(?<=^[0-9]{8})|(?<=-[0-9]{8}))"
)
FORMS: Final[tuple[Form, ...]] = (
    form("year4", r"\b(?:the )?(?P<tens>(?:19|20)[0-9])0'?s\b", _decade),
    form("era", rf"\b{STEP} decade\b", _step_decade),
    form("era", r"\b(?:the )?(?P<nth>1[5-9]|2[0-9])(?:st|nd|rd|th) ?-? ?century\b", _century),
    form(
        "era in",
        rf"\b(?:(?<=in )|(?<=since )|(?<=during ))(?P<year>{YEAR_IN_WORDS})(?! [a-z])",
        _year_in_words,
    ),
    form(
        "year4",
        r"(?<![\w/.-])(?P<year>20[0-9]{2}) (?P<number>0[1-9]|1[0-2]) (?P<day>0[1-9]|[12][0-9]|3[01])"
        r"(?![\w/.-]| ?[$€£%])",
        _unmarked,
    ),
    form(
        "sep",
        r"(?<![\w/.-])(?P<year>20[0-9]{2})-(?P<day>1[3-9]|2[0-9]|3[01])-(?P<number>0[1-9]|1[0-2])(?![\w/-])",
        _unmarked,
    ),
    form(
        "digit",
        rf"(?P<year>20[0-9]{{2}})(?P<number>0[1-9]|1[0-2])(?P<day>0[1-9]|[12][0-9]|3[01]){_SINCE}"
        r"(?![\w.,/%]|-\w| ?[$€£])",
        _unmarked,
    ),
    form("sep", r"(?<![\w/.$€£-])(?P<day>1[3-9]|2[0-9]|3[01])\.(?P<number>0?[1-9]|1[0-2])\.(?![\w/])", _dotted),
)
