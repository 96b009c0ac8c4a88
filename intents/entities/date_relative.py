"""Dates counted from today: yesterday, last week, the past 90 days, year to date, next Friday, Black Friday."""

import re
from datetime import timedelta
from typing import Final

from paydesk.intents.entities import periods
from paydesk.intents.entities.date_words import (
    COUNT, SAID_YEAR, STEP, UNIT, WEEKDAY, Atom, Context, Form, atom, count_number, form, in_some_year, said, step_number, stepped,
    weekday_number, year_number,
)  # fmt: skip
from paydesk.intents.entities.periods import DAY, Period

def _this_day(match: re.Match[str], context: Context) -> Atom | None:
    return atom(match, periods.day(context.today))


def _the_one_before(match: re.Match[str], context: Context) -> Atom | None:
    """ "the week before": the one before the period said just before it, which dates.py fills in, or before this one."""
    unit = said(match, "unit")
    found = atom(match, periods.containing(periods.moved(context.today, unit, -1), unit))
    if found:
        found.before = unit
    return found


def _same_before(match: re.Match[str], context: Context) -> Atom | None:
    """ "the same period last year": the period said before it, moved back."""
    found = atom(match, periods.day(periods.moved(context.today, said(match, "unit"), -1)))
    if found:
        found.same = said(match, "unit")
    return found


_LETTERS: Final = {"y": "year", "m": "month", "q": "quarter", "w": "week"}


def _to_date(match: re.Match[str], context: Context) -> Atom | None:
    unit = said(match, "unit")
    start = periods.containing(context.today, _LETTERS.get(unit, unit)).start
    return atom(match, Period(start, context.today + DAY, "to_date"))


def _before_last(match: re.Match[str], context: Context) -> Atom | None:
    unit = said(match, "unit")
    return atom(match, periods.containing(periods.moved(context.today, unit, -2), unit))


def _calendar_unit(match: re.Match[str], context: Context) -> Atom | None:
    """ "last month" is the calendar month before; "the past month" is the rolling one up to today."""
    step, unit = said(match, "step"), said(match, "unit")
    if unit == "fortnight" or (step == "past" and unit != "weekend"):
        return atom(match, periods.rolling(context.today, unit, 1))
    return atom(match, stepped(step, unit, context))


def _last_units(match: re.Match[str], context: Context) -> Atom | None:
    return atom(match, periods.rolling(context.today, said(match, "unit"), count_number(said(match, "count"))))


def _last_hours(match: re.Match[str], context: Context) -> Atom | None:
    """Hours reach back to the day they begin on, as ranges are whole days."""
    days = -(-int(match["count"]) // 24)
    return atom(match, Period(context.today - timedelta(days=days), context.today + DAY, "rolling"))


def _next_units(match: re.Match[str], context: Context) -> Atom | None:
    """The whole units that come after the current one; days begin tomorrow."""
    unit = said(match, "unit")
    first = stepped("next", unit, context)
    last = periods.containing(periods.moved(context.today, unit, count_number(said(match, "count"))), unit)
    return atom(match, Period(first.start, last.end, "range"))


def _ago(match: re.Match[str], context: Context) -> Atom | None:
    return atom(
        match, periods.day(periods.moved(context.today, said(match, "unit"), -count_number(said(match, "count"))))
    )


def _hence(match: re.Match[str], context: Context) -> Atom | None:
    return atom(
        match, periods.day(periods.moved(context.today, said(match, "unit"), count_number(said(match, "count"))))
    )


_NAMED: Final = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1, "tmrw": 1, "yday": -1}


def _named(match: re.Match[str], context: Context) -> Atom | None:
    words = match[0].lower()
    shift = -2 if "before" in words else 2 if "after" in words else _NAMED[words]
    return atom(match, periods.day(context.today + timedelta(days=shift)))


def _weekday(match: re.Match[str], context: Context) -> Atom | None:
    """A bare weekday is the latest up to today (or the next from today); "last" excludes today; "next" is next week's."""
    wanted, today, step = weekday_number(match), context.today, said(match, "step")
    monday = today - timedelta(days=today.weekday())
    if said(match, "week"):
        return atom(match, periods.day(monday + timedelta(days=7 * step_number(said(match, "week")) + wanted)))
    if step in ("this", "current", "next"):
        return atom(match, periods.day(monday + timedelta(days=7 * step_number(step) + wanted)))
    if step in ("coming", "upcoming", "following"):
        return atom(match, periods.day(today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)))
    if step:
        return atom(match, periods.day(today - timedelta(days=(today.weekday() - wanted - 1) % 7 + 1)))
    if context.ahead:
        return atom(match, periods.day(today + timedelta(days=(wanted - today.weekday()) % 7)))
    return atom(match, periods.day(today - timedelta(days=(today.weekday() - wanted) % 7)))


def _holiday(match: re.Match[str], context: Context) -> Atom | None:
    name, step, year = said(match, "name"), said(match, "step"), year_number(said(match, "year"), context)
    if step in ("next", "this"):
        context = Context(context.today, ahead=True)
    elif step:
        context = Context(context.today - DAY, ahead=False)
    return in_some_year(match, lambda at: periods.holiday(name, at), year, context)


_PLURAL_UNIT = rf"{UNIT}s?(?:'s|'|(?!\w))"

FORMS: Final[tuple[Form, ...]] = (
    form("unit", r"\b(?P<unit>year|month|quarter|week)[ -]to[ -]date\b", _to_date),
    form("td", r"\b(?P<unit>[ymqw])td\b", _to_date),
    form("unit", r"\b(?:so|thus) far (?:in )?this (?P<unit>year|month|quarter|week)\b", _to_date),
    form("unit", r"\bthis (?P<unit>year|month|quarter|week) (?:so far|to date|until now|up to now)\b", _to_date),
    form("unit", r"\b(?:the )?(?P<unit>week|weekend|month|quarter|year) before last\b", _before_last),
    form(
        "unit",
        rf"\b(?:the )?(?:last|past|previous|prior|trailing) {COUNT} (?:calendar |full )?{_PLURAL_UNIT}",
        _last_units,
    ),
    form("digit", r"\b(?:the )?(?:last|past|previous) (?P<count>[0-9]{1,3}) ?(?:hours|hrs|h)\b", _last_hours),
    form("unit", rf"\b(?:the )?(?:next|coming|upcoming|following) {COUNT} {_PLURAL_UNIT}", _next_units),
    form("unit", rf"\b{COUNT} upcoming {_PLURAL_UNIT}", _next_units),
    form("unit", rf"\b{COUNT} {UNIT}s? (?:ago|back|earlier)\b", _ago),
    form("unit", rf"\bin {COUNT} {UNIT}s?(?:'s?)?(?: time)?\b", _hence),
    form("unit", rf"\b{COUNT} {UNIT}s? (?:from now|from today|hence|later)\b", _hence),
    form(
        "named",
        r"\b(?:the )?day (?:before yesterday|after tomorrow)\b|\b(?:today|tonight|yesterday|tomorrow|tmrw|yday)\b",
        _named,
    ),
    form("unit", r"\b(?:the )?same (?:period|time|day|week|month|quarter|dates?) (?:of )?(?:the )?last (?P<unit>year|month|quarter)\b", _same_before),
    form("unit", r"\bthe (?:previous |prior |preceding )?(?P<unit>week|month|quarter|year|day) (?:before|prior|preceding|earlier)(?= *(?:$|[?.!,;)]|(?:last|that|the)\b))(?: that)?", _the_one_before),
    form("unit", r"\b(?:over |on |at )?the (?P<unit>weekend)\b", _calendar_unit),
    form("hour", r"\b(?:the )?(?:last|past) (?:hour|few hours)\b", _this_day),
    form("unit", rf"\b{STEP} (?P<unit>week|weekend|fortnight|month|quarter|year)\b", _calendar_unit),
    form(
        "holiday",
        rf"(?:\b(?:the )?(?P<step>last|this|next|previous) )?\b(?P<name>{'|'.join(map(re.escape, periods.HOLIDAYS))})(?!\w)"
        rf"(?:,?(?: of| in)? {SAID_YEAR})?",
        _holiday,
    ),
    form(
        "weekday",
        rf"(?:\b{STEP} )?\b{WEEKDAY}\.?(?:,? (?:of )?(?:the )?(?P<week>last|this|next|previous) week\b)?",
        _weekday,
    ),
)
