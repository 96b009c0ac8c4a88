"""Dates by the calendar: 2026-11-05, 5 November, Nov 5-10, 13/09, March 2026, Q3, half of October, week 31."""

import re
from datetime import timedelta
from typing import Final

from paydesk.intents.entities import periods
from paydesk.intents.entities.date_words import (
    ANY_NTH,
    ANY_WEEKDAY,
    COUNT,
    DAY,
    FROM_END,
    LAST_DAY,
    MONTH,
    NTH,
    SAID_WEEKDAY,
    SAID_YEAR,
    STEP,
    WEEKDAY,
    YEAR,
    Atom,
    Context,
    Form,
    atom,
    count_number,
    day_number,
    form,
    in_some_year,
    month_number,
    nearest,
    nth_number,
    on,
    said,
    step_number,
    stepped,
    weekday_number,
    with_weekday,
    year_number,
)  # fmt: skip
from paydesk.intents.entities.periods import Period
from paydesk.intents.patterns import lazy


def _iso(match: re.Match[str], context: Context) -> Atom | None:
    return atom(match, on(int(match["year"]), int(match["number"]), int(match["day"])))


def _year_month(match: re.Match[str], context: Context) -> Atom | None:
    return atom(match, periods.month(int(match["year"]), int(match["number"])))


_AFTER_A_MONTH = lazy(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? $")


def _day_of_month(match: re.Match[str], context: Context) -> Atom | None:
    if (
        match[0][:1].isdigit()
        and "-" in match[0]
        and _AFTER_A_MONTH.search(match.string, max(0, match.start() - 16), match.start())
    ):
        return None  # the "18-Dec" of "Nov 18-Dec 19"
    month, day = month_number(match), day_number(said(match, "day"))
    short = said(match, "short")
    year = (2000 if int(short) < 70 else 1900) + int(short) if short else year_number(said(match, "year"), context)
    if year is None and (said(match, "weekday") or said(match, "named")):
        wanted = weekday_number(match)
        named = with_weekday(match, lambda at: on(at, month, day), wanted, context)
        if named:
            return named
    return in_some_year(match, lambda at: on(at, month, day), year, context)


def _weekday_and_number(match: re.Match[str], context: Context) -> Atom | None:
    """ "Monday 24th": the nearest month that way in which that day falls on that weekday."""
    day, wanted = int(match["number"]), weekday_number(match)
    for months in range(14):
        at = periods.shift_months(context.today.replace(day=1), months if context.ahead else -months)
        period = on(at.year, at.month, day)
        if period and period.start and period.start.weekday() == wanted:
            return atom(match, period)
    return None


def _year_month_day(match: re.Match[str], context: Context) -> Atom | None:
    return atom(match, on(int(match["year"]), month_number(match), day_number(said(match, "day"))))


def _days_of_month(match: re.Match[str], context: Context) -> Atom | None:
    month, first, last = month_number(match), day_number(said(match, "day")), day_number(said(match, "last_day"))

    def make(year: int) -> Period | None:
        begin, stop = on(year, month, first), on(year, month, last)
        return Period(begin.start, stop.end, "range") if begin and stop and first < last else None

    return in_some_year(match, make, year_number(said(match, "year"), context), context)


def _numeric(match: re.Match[str], context: Context) -> Atom | None:
    """12/25 and 25/12 have one reading each; 03/04 has two, and is doubtful unless another date decides."""
    first, second, short = int(match["first"]), int(match["second"]), said(match, "year")
    year = None if not short else int(short) if len(short) == 4 else 2000 + int(short)
    day_first, month_first = 1 <= second <= 12 and 1 <= first <= 31, 1 <= first <= 12 and 1 <= second <= 31
    if not day_first and not month_first:
        return None
    two = day_first and month_first and first != second
    choose = (
        context.day_first if two and context.day_first is not None else day_first and (not two or match["mark"] == ".")
    )
    month, day = (second, first) if choose else (first, second)
    found = in_some_year(match, lambda at: on(at, month, day), year, context)
    if found and two:
        swapped = in_some_year(match, lambda at: on(at, day, month), year, context)
        found.other = swapped.period if swapped else None
    if found:
        found.doubtful = two and context.day_first is None
    return found


def shows_day_first(text: str) -> bool | None:
    """Whether some numeric date of the sentence can only be day first (True) or month first (False)."""
    for match in _ANY_NUMERIC.finditer(text):
        first, second = int(match[1]), int(match[2])
        if first > 12 >= second:
            return True
        if second > 12 >= first:
            return False
    return None


_ANY_NUMERIC = lazy(r"(?<![\w/.$€£-])([0-9]{1,2})[/.]([0-9]{1,2})(?:[/.](?:[0-9]{4}|[0-9]{2}))?(?![\w/])")


def _month(match: re.Match[str], context: Context) -> Atom | None:
    month, step = month_number(match), said(match, "step")
    make = lambda at: periods.month(at, month)  # noqa: E731 - a name for one expression, used twice
    if step and step not in ("this", "current"):
        ahead = step_number(step) > 0
        from_month = periods.moved(context.today.replace(day=1), "month", 1 if ahead else -1)
        return atom(match, nearest(make, Context(from_month, ahead)))
    year = context.today.year if step else year_number(said(match, "year"), context)
    return in_some_year(match, make, year, context)


def _quarter(match: re.Match[str], context: Context) -> Atom | None:
    digit = said(match, "number") or said(match, "nth")
    number = nth_number(digit)
    year = year_number(said(match, "year"), context)
    if said(match, "this_year"):
        year = context.today.year
    if number == -1:
        number = 4
    return in_some_year(match, lambda at: periods.quarter(at, number), year, context) if number <= 4 else None


def _short_quarter(match: re.Match[str], context: Context) -> Atom | None:
    """ "18q4"."""
    return atom(match, periods.quarter(2000 + int(match["short"]), int(match["number"])))


def _half_year(match: re.Match[str], context: Context) -> Atom | None:
    digit = said(match, "number") or said(match, "nth")
    number = 2 if digit in ("last", "second") else nth_number(digit)
    year = context.today.year if said(match, "this_year") else year_number(said(match, "year"), context)
    return in_some_year(match, lambda at: periods.half(at, number), year, context) if number <= 2 else None


def _part_of_month(match: re.Match[str], context: Context) -> Atom | None:
    """Half a month is the 1st to 15th or the rest; early, mid and late are days 1-10, 11-20 and from 21 on."""
    part = said(match, "part")
    ranges = {"first": (0, 15), "1st": (0, 15), "second": (15, None), "2nd": (15, None)}
    begin, stop = ranges.get(part) or (
        (0, 10) if part.startswith(("early", "beg", "start")) else (10, 20) if part[0] == "m" else (20, None)
    )

    def cut(period: Period) -> Period | None:
        if period.start is None or period.grain != "month":
            return None
        return Period(
            period.start + timedelta(days=begin),
            period.start + timedelta(days=stop) if stop else period.end,
            "end" if begin == 20 else "part",
        )

    if said(match, "month"):
        month = month_number(match)
        year = year_number(said(match, "year"), context)
        return in_some_year(match, lambda at: cut(periods.month(at, month)), year, context)
    return atom(match, cut(stepped(said(match, "step"), "month", context)))


def _nth_week(match: re.Match[str], context: Context) -> Atom | None:
    nth = nth_number(said(match, "nth") or said(match, "any"))
    year = year_number(said(match, "year"), context)
    if said(match, "month"):
        month = month_number(match)
        return in_some_year(match, lambda at: periods.nth_week(periods.month(at, month), nth), year, context)
    inside = periods.year(year) if year else stepped(said(match, "step"), said(match, "unit"), context)
    return atom(match, periods.nth_week(inside, nth))


def _nth_weekday(match: re.Match[str], context: Context) -> Atom | None:
    nth, weekday = nth_number(said(match, "nth")), weekday_number(match)

    def make(year: int, month: int) -> Period | None:
        at = periods.nth_weekday(year, month, weekday, nth)
        return periods.day(at) if at else None

    if said(match, "month"):
        number = month_number(match)
        return in_some_year(match, lambda at: make(at, number), year_number(said(match, "year"), context), context)
    inside = stepped(said(match, "step"), "month", context).start
    return atom(match, make(inside.year, inside.month) if inside else None)


def _nth_day(match: re.Match[str], context: Context) -> Atom | None:
    """ "the last day of October", "the first day of the month"."""
    nth = nth_number(said(match, "nth") or said(match, "any"))

    def pick(period: Period) -> Period | None:
        if period.start is None or period.end is None:
            return None
        at = period.end + timedelta(days=nth) if nth < 0 else period.start + timedelta(days=nth - 1)
        return periods.day(at) if period.start <= at < period.end else None

    if said(match, "month"):
        number = month_number(match)
        return in_some_year(
            match, lambda at: pick(periods.month(at, number)), year_number(said(match, "year"), context), context
        )
    return atom(match, pick(stepped(said(match, "step"), "month", context)))


def _first_days(match: re.Match[str], context: Context) -> Atom | None:
    days = timedelta(days=count_number(said(match, "count")))

    def pick(period: Period) -> Period | None:
        return Period(period.start, period.start + days, "range") if period.start else None

    if said(match, "month"):
        number, year = month_number(match), year_number(said(match, "year"), context)
        return in_some_year(match, lambda at: pick(periods.month(at, number)), year, context)
    return atom(match, pick(stepped(said(match, "step"), "month", context)))


def _nth_month(match: re.Match[str], context: Context) -> Atom | None:
    nth, year = nth_number(said(match, "nth")), year_number(said(match, "year"), context)
    month = 13 + nth if nth < 0 else nth
    return atom(match, periods.month(year, month) if year and 1 <= month <= 12 else None)


def _week_number(match: re.Match[str], context: Context) -> Atom | None:
    number = int(match["number"])
    return in_some_year(
        match, lambda at: periods.iso_week(at, number), year_number(said(match, "year"), context), context
    )


def _day_number(match: re.Match[str], context: Context) -> Atom | None:
    """ "the 15th" and "20th of the previous month"."""
    day = int(match["number"])
    if said(match, "step"):
        inside = stepped(said(match, "step"), "month", context).start
        return atom(match, on(inside.year, inside.month, day) if inside else None)
    way = 1 if context.ahead else -1
    for months in range(3):
        at = periods.shift_months(context.today.replace(day=1), way * months)
        period = on(at.year, at.month, day)
        if period and period.start and (period.start - context.today).days * way >= 0:
            return atom(match, period)
    return None


def _first_day(match: re.Match[str], context: Context) -> Atom | None:
    """ "on the first": of this month, or of the next one when looking ahead."""
    first = context.today.replace(day=1)
    return atom(
        match, periods.day(periods.shift_months(first, 1) if context.ahead and first < context.today else first)
    )


def _years(match: re.Match[str], context: Context) -> Atom | None:
    first, last = int(match["year"]), int(match["last"])
    return atom(match, Period(periods.year(first).start, periods.year(last).end, "range") if first < last else None)


def _year(match: re.Match[str], context: Context) -> Atom | None:
    year = int(match["year"])
    return Atom(periods.year(year), match.start("year"), match.end("year"))


_THIS_YEAR = r"(?P<this_year>year\b)"
_OF_YEAR = rf"(?:(?:,|-| of| in)? ?(?:the )?(?:{SAID_YEAR}|{_THIS_YEAR}))?"
_UNTIL = r"(?: ?[-–—] ?| / | to | until | till | through | thru | and )"
_MONTH_OR_STEP = rf"(?:the )?(?:{MONTH}(?:,? (?:of )?{YEAR})?|(?:{STEP} )?month\b)"

FORMS: Final[tuple[Form, ...]] = (
    form(
        "sep",
        r"(?<![\w/.-])(?P<year>(?:19|2[01])[0-9]{2})(?P<mark>[-/.])(?P<number>[0-9]{1,2})(?P=mark)(?P<day>[0-9]{1,2})"
        r"(?:[t ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?z?)?(?![\w/-])",
        _iso,
    ),
    form("month year4", rf"\b(?P<year>(?:19|2[01])[0-9]{{2}})(?P<mark>[-/ ]){MONTH}(?P=mark){DAY}", _year_month_day),
    form("month", rf"\b(?:the )?{DAY}{_UNTIL}(?:the )?{LAST_DAY} ?(?:of )?{MONTH}(?:,? {YEAR})?", _days_of_month),
    form(
        "month",
        rf"\b{MONTH} (?:the )?{DAY}{_UNTIL}(?:the )?{LAST_DAY}(?! ?{MONTH.replace('<month>', '<next>')})(?:,? {YEAR})?",
        _days_of_month,
    ),
    form(
        "month",
        rf"\b(?:{SAID_WEEKDAY},? )?(?:the )?{DAY}[ -]?(?:(?:day )?of )?{MONTH}"
        rf"(?:[,-]? ?(?:of |in )?{YEAR}|[ -](?P<short>[0-9]{{2}})(?![\w:%$€£.,]))?(?:,? \(?{ANY_WEEKDAY})?",
        _day_of_month,
    ),
    form(
        "month",
        rf"\b(?:{SAID_WEEKDAY}[, -] ?(?:the )?)?{MONTH}[ /-]?(?:the )?{DAY}(?: ?[,-]? ?(?:of |in )?{YEAR})?"
        rf"(?:,? \(?(?P<named>{ANY_WEEKDAY}))?",
        _day_of_month,
    ),
    form(
        "sep",
        r"(?<![\w/.$€£-])(?P<first>[0-9]{1,2})(?P<mark>[/.-])(?P<second>[0-9]{1,2})(?P=mark)"
        r"(?P<year>[0-9]{4}|[0-9]{2})(?![\w/-])",
        _numeric,
    ),
    form(
        "sep",
        r"(?<![\w/.$€£-])(?P<first>[0-9]{1,2})(?P<mark>/)(?P<second>[0-9]{1,2})(?![\w/%]|\.[0-9]| of\b)",
        _numeric,
    ),
    form("sep", r"(?<![\w/.-])(?P<number>0?[1-9]|1[0-2])/(?P<year>(?:19|2[01])[0-9]{2})(?![\w/-])", _year_month),
    form("q digit", r"\b(?P<short>[0-9]{2})q(?P<number>[1-4])\b", _short_quarter),
    form("sep", r"(?<![\w/.-])(?P<year>(?:19|2[01])[0-9]{2})[-/](?P<number>0[1-9]|1[0-2])(?![\w/-])", _year_month),
    form("q year4", r"\b(?P<year>(?:19|2[01])[0-9]{2})[ -]?q(?P<number>[1-4])\b", _quarter),
    form("q digit", rf"\bq(?P<number>[1-4])\b{_OF_YEAR}", _quarter),
    form(
        "quarter",
        rf"\b(?:the )?{SAID_YEAR}(?:'s)? (?:{NTH} (?:quarter|qtr)|q(?P<number>[1-4]))\b",
        _quarter,
    ),
    form("quarter nth", rf"\b(?:the )?(?!last (?:quarter|qtr)(?! of)){NTH} (?:quarter|qtr)\b{_OF_YEAR}", _quarter),
    form(
        "weekday digit",
        rf"\b(?:on )?{SAID_WEEKDAY},? (?:the )?(?P<number>[0-9]{{1,2}})"
        r"(?:(?:st|nd|rd|th)(?!\w)|(?= *(?:$|[!?.,]| this month)))",
        _weekday_and_number,
    ),
    form("h digit", rf"\bh(?P<number>[12])\b{_OF_YEAR}", _half_year),
    form("half nth", rf"\b(?:the )?{NTH} half (?:of )?(?:the )?(?:{SAID_YEAR}|{_THIS_YEAR})", _half_year),
    form("half", rf"\b(?:the )?(?P<part>first|second|1st|2nd) half (?:of )?{_MONTH_OR_STEP}", _part_of_month),
    form(
        "part",
        rf"\b(?:the )?(?P<part>early|(?:beginning|start|middle|end) of|mid|late)[ -](?:in )?{_MONTH_OR_STEP}",
        _part_of_month,
    ),
    form(
        "week nth in",
        rf"\b(?:the )?(?:{FROM_END}|{NTH.replace('<nth>', '<any>')}) week (?:of"
        rf"|in) (?:the )?(?:{MONTH}(?: {YEAR})?|(?:{STEP} )?(?P<unit>month|year)\b)",
        _nth_week,
    ),
    form(
        "week nth year4", rf"\b(?:the )?(?:{FROM_END}|{NTH.replace('<nth>', '<any>')}) week (?:of|in) {YEAR}", _nth_week
    ),
    form("unit first in", rf"\b(?:the )?first {COUNT} days (?:of|in) {_MONTH_OR_STEP}", _first_days),
    form(
        "unit nth in",
        rf"\b(?:the )?(?:{FROM_END}|{ANY_NTH.replace('<nth>', '<any>')}) day (?:of|in) (?:the )?{_MONTH_OR_STEP}",
        _nth_day,
    ),
    form("unit nth in", rf"\b(?:the )?{ANY_NTH} month (?:of|in) {SAID_YEAR}", _nth_month),
    form("weekday nth in", rf"\b(?:the )?{NTH} {WEEKDAY} (?:of|in) {_MONTH_OR_STEP}", _nth_weekday),
    form(
        "week digit",
        rf"\b(?:the )?(?:calendar )?week (?:number |no\.? ?|#)?(?P<number>[0-9]{{1,2}})\b(?:,? (?:of )?{SAID_YEAR})?",
        _week_number,
    ),
    form(
        "nth in unit digit",
        r"\b(?:(?:on )?the )?(?P<number>[0-9]{1,2})(?:st|nd|rd|th) (?:day )?of (?:the )?(?P<step>this|last"
        r"|next|current|previous) month\b",
        _day_number,
    ),
    form("digit in unit", r"\b(?P<number>[0-9]{1,2}) of (?P<step>this|last|next) month\b", _day_number),
    form("first", r"\bon the (?P<nth>first)(?= *(?:$|[.,;?!]))", _first_day),
    form(
        "nth digit",
        r"(?:\b(?:on )?the |(?<=and )|(?<=to )|(?<=[-–]))(?P<number>[0-9]{1,2})(?:st|nd|rd"
        r"|th)(?![\w-])(?= *(?:$|[.,;?!)-]| (?:and|to|until"
        r"|for|from|with|by)\b))",
        _day_number,
    ),
    form(
        "month",
        rf"(?:\b(?:the )?(?P<step>last|past|previous|this|current|next|coming|upcoming) )?\b{MONTH}(?:(?:,"
        rf"| of| in)?[ -]?(?:the year )?{SAID_YEAR}|(?! ?,? ?[0-9]{{1,2}}(?![0-9])(?! \w)))",
        _month,
    ),
    form(
        "sep",
        r"(?<![\w/.-])(?P<year>(?:19|2[01])[0-9]{2}) ?[-–] ?(?P<last>(?:19|2[01])[0-9]{2})(?![\w/-]|\.[0-9])",
        _years,
    ),
    form(
        "year4",
        r"\b(?:payments|charges|transactions|refunds|invoices|disputes|payouts|subscriptions|customers|revenue|sales|volume"
        r"|fees|churn|month|week|quarter|lost|won|failed|paid|cancell?ed|refunded|disputed|created|issued|in|of|for|during|since|year|years|from|until|till|before|after|by|through|over|throughout"
        r"|between|and|to|than|vs|versus|fy)"
        r" ?(?P<year>(?:19|2[01])[0-9]{2})(?![\w%]|[.,:/-][0-9])",
        _year,
    ),
    form(
        "year4",
        r"(?<![\w$€£¥₹#.,:/-])(?<!last )(?<!first )(?<!top )(?<!latest )(?<!next )(?<!of )(?P<year>20[1-3][0-9])(?:'s)?"
        r"(?= (?:total |net |gross |failed |successful )?(?:revenue|sales|turnover|takings|income|fees|churn|mrr|volume"
        r"|payouts|refunds|disputes|invoices|payments|charges|numbers|figures)\b)",
        _year,
    ),
)
