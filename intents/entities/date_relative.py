"""Dates counted from today: yesterday, last week, the past 90 days, year to date, next Friday, Black Friday."""

import re
from datetime import date, timedelta
from typing import Final

from paydesk.intents.entities import periods
from paydesk.intents.entities.date_words import (
    COUNT,
    SAID_YEAR,
    STEP,
    UNIT,
    WEEKDAY,
    Atom,
    Context,
    Form,
    atom,
    count_number,
    form,
    in_some_year,
    said,
    step_number,
    stepped,
    weekday_number,
    year_number,
)  # fmt: skip
from paydesk.intents.entities.holidays import HOLIDAYS, holiday
from paydesk.intents.entities.periods import DAY, Period


def _this_day(match: re.Match[str], context: Context) -> Atom | None:
    return atom(match, periods.day(context.today))


def _the_one_before(match: re.Match[str], context: Context) -> Atom | None:
    """ "the week before": before the period said just before it, which dates.py fills in, or before this one."""
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


def _after_next(match: re.Match[str], context: Context) -> Atom | None:
    unit = said(match, "unit")
    return atom(match, periods.containing(periods.moved(context.today, unit, 2), unit))


def _weekdays_hence(match: re.Match[str], context: Context) -> Atom | None:
    """ "three Fridays from now"."""
    first = (weekday_number(match) - context.today.weekday() - 1) % 7 + 1
    weeks = count_number(said(match, "count")) - 1
    return atom(match, periods.day(context.today + timedelta(days=first + 7 * weeks)))


def _calendar_unit(match: re.Match[str], context: Context) -> Atom | None:
    """ "last month" is the calendar month before; "the past month" is the rolling one up to today."""
    step, unit = said(match, "step"), said(match, "unit")
    if unit == "fortnight" and step_number(step) > 0:
        return atom(match, Period(context.today + DAY, context.today + 15 * DAY, "range"))
    if unit == "fortnight" or (step == "past" and unit != "weekend"):
        return atom(match, periods.rolling(context.today, unit, 1))
    return atom(match, stepped(step, unit, context))


def _last_units(match: re.Match[str], context: Context) -> Atom | None:
    return atom(match, periods.rolling(context.today, said(match, "unit"), count_number(said(match, "count"))))


def _last_short(match: re.Match[str], context: Context) -> Atom | None:
    """ "last 30d"."""
    unit = {"d": "day", "w": "week", "mo": "month", "y": "year"}[said(match, "short")]
    return atom(match, periods.rolling(context.today, unit, int(match["count"])))


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


def _within(match: re.Match[str], context: Context) -> Atom | None:
    """ "within 30 days": the days ahead on what is due, else those behind us."""
    unit, count = said(match, "unit"), count_number(said(match, "count"))
    if not context.ahead:
        return atom(match, periods.rolling(context.today, unit, count))
    return atom(match, Period(context.today, periods.moved(context.today, unit, count), "range"))


def _older(match: re.Match[str], context: Context) -> Atom | None:
    """ "older than 90 days" ends where the 90th day before today begins; "newer than 30 days" is the last 30."""
    unit, count = said(match, "unit"), count_number(said(match, "count"))
    if said(match, "way") in ("newer", "younger", "more recent", "less"):
        return atom(match, periods.rolling(context.today, unit, count))
    return atom(match, Period(None, periods.moved(context.today, unit, -count), "before"))


def _ago(match: re.Match[str], context: Context) -> Atom | None:
    return atom(
        match, periods.day(periods.moved(context.today, said(match, "unit"), -count_number(said(match, "count"))))
    )


def _hence(match: re.Match[str], context: Context) -> Atom | None:
    return atom(
        match, periods.day(periods.moved(context.today, said(match, "unit"), count_number(said(match, "count"))))
    )


def _lasting(match: re.Match[str], context: Context) -> Atom | None:
    """ "for 3 days from today": today and the two days after it."""
    end = periods.moved(context.today, said(match, "unit"), count_number(said(match, "count")))
    return atom(match, Period(context.today, end, "range"))


_NAMED: Final = {
    "today": 0,
    "tonight": 0,
    "yesterday": -1,
    "tomorrow": 1,
    "this morning": 0,
    "this afternoon": 0,
    "this evening": 0,
    "tmrw": 1,
    "yday": -1,
}


def _named(match: re.Match[str], context: Context) -> Atom | None:
    words = match[0].lower()
    shift = -2 if "before" in words else 2 if "after" in words else _NAMED[words]
    return atom(match, periods.day(context.today + timedelta(days=shift)))


def _weekday(match: re.Match[str], context: Context) -> Atom | None:
    """A bare weekday is the latest up to today (ahead: from today on); "last" excludes today; "next" is next week's."""
    wanted, today, step = weekday_number(match), context.today, said(match, "step")
    monday = today - timedelta(days=today.weekday())
    if said(match, "after"):
        return atom(match, periods.day(today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 8)))
    if said(match, "week"):
        return atom(match, periods.day(monday + timedelta(days=7 * step_number(said(match, "week")) + wanted)))
    if step in ("this", "current", "next"):
        return atom(match, periods.day(monday + timedelta(days=7 * step_number(step) + wanted)))
    if step in ("coming", "upcoming", "following"):
        return atom(match, periods.day(today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)))
    if step:
        return atom(match, periods.day(today - timedelta(days=(today.weekday() - wanted - 1) % 7 + 1)))
    if context.ahead:
        ahead = atom(match, periods.day(today + timedelta(days=(wanted - today.weekday()) % 7)))
        if ahead:
            ahead.weekly = True
        return ahead
    back = atom(match, periods.day(today - timedelta(days=(today.weekday() - wanted) % 7)))
    if back:
        back.weekly = True
    return back


def _working_week(match: re.Match[str], context: Context) -> Atom | None:
    """Monday to Friday."""
    week = stepped(said(match, "step"), "week", context)
    return atom(match, Period(week.start, week.end - 2 * DAY, "range") if week.end else None)


def _business_days(match: re.Match[str], context: Context) -> Atom | None:
    """The next or last so many weekdays, without today ahead and with it behind."""
    ahead = step_number(said(match, "step")) > 0
    days, at = count_number(said(match, "count")), context.today
    while days and abs((at - context.today).days) < 500:
        at += DAY if ahead else timedelta(0)
        days -= at.weekday() < 5
        at -= timedelta(0) if ahead or not days else DAY
    return atom(
        match, Period(context.today + DAY, at + DAY, "range") if ahead else Period(at, context.today + DAY, "range")
    )


def _holiday(match: re.Match[str], context: Context) -> Atom | None:
    name, step, year = said(match, "name"), said(match, "step"), year_number(said(match, "year"), context)
    if step in ("next", "this", "following"):
        context = Context(context.today, ahead=True)
    elif step:
        context = Context(context.today - DAY, ahead=False)
    return in_some_year(match, lambda at: holiday(name, at), year, context)


#: Where each season begins; winter runs into the next year.
_SEASONS: Final = {"spring": (3, 20), "summer": (6, 21), "autumn": (9, 23), "fall": (9, 23), "winter": (12, 21)}
_AFTER: Final = {"spring": (6, 21), "summer": (9, 24), "autumn": (12, 21), "fall": (12, 21), "winter": (3, 21)}


def _season(match: re.Match[str], context: Context) -> Atom | None:
    """A northern season: "this summer", "winter 2025"."""
    name, step = said(match, "season") or said(match, "season2"), said(match, "step")

    def make(year: int) -> Period:
        end = date(year + (name == "winter"), *_AFTER[name])
        return Period(date(year, *_SEASONS[name]), end, "season")

    year = year_number(said(match, "year"), context)
    if step and not year:
        this = make(context.today.year)
        running = make(context.today.year - 1)
        began = running if running.end and context.today < running.end else this
        number = step_number(step)
        year = began.start.year + number if began.start else None
        if number < 0 and this.end and this.end <= context.today:
            year = context.today.year
    return in_some_year(match, make, year, context)


def _this_unit(match: re.Match[str], context: Context) -> Atom | None:
    return atom(match, periods.containing(context.today, said(match, "unit")))


def _part_of_unit(match: re.Match[str], context: Context) -> Atom | None:
    """The beginning and the end of a week, month, quarter or year; "eom" and its like too."""
    letters = said(match, "letters")
    unit = _LETTERS[letters[2]] if letters else said(match, "unit") or "year"
    part = {"b": "beginning", "e": "end"}[letters[0]] if letters else said(match, "part")
    year = year_number(said(match, "year"), context)
    step = "last" if said(match, "step") == "past" else said(match, "step")
    return atom(match, _cut(periods.year(year) if year else stepped(step, unit, context), unit, part))


#: How much of a unit is its beginning, middle and end: the unit of the steps, where each begins and where it stops.
_PARTS: Final[dict[str, tuple[str, tuple[tuple[int, int | None], ...]]]] = {
    "week": ("day", ((0, 3), (2, 5), (4, 7))),
    "month": ("day", ((0, 10), (9, 20), (20, None))),
    "quarter": ("month", ((0, 1), (1, 2), (2, 3))),
    "year": ("month", ((0, 3), (4, 8), (8, 12))),
}


def _cut(whole: Period, unit: str, part: str) -> Period | None:
    if whole.start is None or whole.end is None:
        return None
    step, spans = _PARTS[unit]
    which = 0 if part.startswith(("b", "s", "early")) else 1 if part.startswith("mid") else 2
    begin, stop = spans[which]
    end = periods.moved(whole.start, step, stop) if stop is not None else whole.end
    return Period(periods.moved(whole.start, step, begin), end, "end" if which == 2 else "part")


def _short_units(match: re.Match[str], context: Context) -> Atom | None:
    """ "2y ago", "3w later"."""
    unit = {"d": "day", "w": "week", "m": "month", "mo": "month", "y": "year"}[said(match, "short")]
    count = int(match["count"]) * (-1 if said(match, "way") == "ago" else 1)
    return atom(match, periods.day(periods.moved(context.today, unit, count)))


def _counted_first(match: re.Match[str], context: Context) -> Atom | None:
    """ "the 5 past years", "3 next weeks"."""
    return (_next_units if said(match, "way") in ("next", "coming") else _last_units)(match, context)


def _rest(match: re.Match[str], context: Context) -> Atom | None:
    """ "the rest of the week" and "later this month" begin today; "earlier this year" ends with yesterday."""
    whole = periods.containing(context.today, said(match, "unit"))
    if said(match, "part") == "earlier":
        return atom(match, Period(whole.start, context.today, "part") if whole.start != context.today else None)
    return atom(match, Period(context.today, whole.end, "part"))


def _now(match: re.Match[str], context: Context) -> Atom | None:
    return atom(match, periods.day(context.today))


_PLURAL_UNIT = rf"{UNIT}s?(?:'s|'|(?!\w))"

FORMS: Final[tuple[Form, ...]] = (
    form(
        "holiday",
        rf"(?:\b(?:the )?(?P<step>last|this|next|previous"
        rf"|following) )?\b(?P<name>{'|'.join(map(re.escape, HOLIDAYS))})(?!\w)"
        rf"(?:,?(?: of| in)? {SAID_YEAR})?",
        _holiday,
    ),
    form("season", rf"\b(?:{STEP} )?(?P<season>spring|summer|autumn|fall|winter) (?:of )?{SAID_YEAR}", _season),
    form(
        "season",
        r"(?<=in )(?P<season>spring|summer|autumn|winter)\b|\bthe (?P<season2>spring|summer" r"|autumn|winter)\b",
        _season,
    ),
    form("season step", rf"\b{STEP} (?P<season>spring|summer|autumn|fall|winter)\b", _season),
    form("unit date", r"\b(?P<unit>year|month|quarter|week)[ -]to[ -]date\b", _to_date),
    form(
        "weekday week",
        rf"(?:\b{STEP} )?\b{WEEKDAY}\.?,? (?:of )?(?:the )?(?P<week>last|this|next|previous|following|coming) week\b",
        _weekday,
    ),
    form("weekday week", rf"\b(?P<week>last|this|next|previous) week(?:'s)?(?: on|,)? {WEEKDAY}", _weekday),
    form(
        "part unit",
        rf"\b(?:the )?(?P<part>(?:beginning|start|middle|end)(?= )|early|mid|late)[ -]"
        rf"(?:of |(?<=ly )in |(?<=id )in |(?<=te )in )?(?:{STEP} |the )?"
        r"(?P<unit>week|month|quarter|year)\b",
        _part_of_unit,
    ),
    form(
        "part year4",
        r"\b(?:the )?(?P<part>(?:beginning|start|middle|end)(?= of)|early|mid|late)[ -]"
        r"(?:of |(?<=ly )in |(?<=id )in |(?<=te )in )?(?:the year )?"
        r"(?P<year>(?:19|2[01])[0-9]{2})\b",
        _part_of_unit,
    ),
    form(  # but for "danny boy" and "a bow"
        "part",
        r"\b(?<!a )(?:the )?(?P<letters>eo[wmqy]|bo[mq]|(?:(?<=since )|(?<=from )|(?<=until )|(?<=by ))bo[wy])\b"
        r"(?! (?:on|tie|and))",
        _part_of_unit,
    ),
    form("unit digit", r"\b(?P<count>[0-9]{1,3}) ?(?P<short>d|w|mo|y) (?P<way>ago|later|from now)\b", _short_units),
    form("unit step", rf"\b(?:the|only) {COUNT} (?P<way>past|last|previous|next|coming) {UNIT}s\b", _counted_first),
    form(
        "rest unit",
        r"\b(?:the )?(?P<part>rest|remainder|remaining(?: days)?) of (?:the|this) (?P<unit>week|month|quarter|year)\b",
        _rest,
    ),
    form("later unit", r"\b(?P<part>earlier|later) (?:in )?(?:this|the) (?P<unit>week|month|quarter|year)\b", _rest),
    form(
        "now",
        r"(?<=and )now\b|(?<=to )now\b|(?<=until )now\b|(?<=- )now\b|(?<=to )(?<!up to )(?<!up-to )date\b"
        r"|(?:the )?current date\b",
        _now,
    ),
    form("td", r"\b(?P<unit>[ymqw])td\b", _to_date),
    form("unit far", r"\b(?:so|thus) far (?:in )?this (?P<unit>year|month|quarter|week)\b", _to_date),
    form("unit far", r"\bthis (?P<unit>year|month|quarter|week) (?:so far|to date|until now|up to now)\b", _to_date),
    form("unit before", r"\b(?:the )?(?P<unit>week|weekend|month|quarter|year) before last\b", _before_last),
    form(
        "unit step",
        rf"\b(?:the )?(?:last|past|previous|prior|trailing) {COUNT} (?:calendar |full )?{_PLURAL_UNIT}",
        _last_units,
    ),
    form(
        "unit digit step",
        r"\b(?:the )?(?:last|past|previous) (?P<count>[0-9]{1,3}) ?(?P<short>d|w|mo|y)\b",
        _last_short,
    ),
    form("digit step hour", r"\b(?:the )?(?:last|past|previous) (?P<count>[0-9]{1,3}) ?(?:hours|hrs|h)\b", _last_hours),
    form("unit step", rf"\b(?:the )?(?:next|coming|upcoming|following) {COUNT} {_PLURAL_UNIT}", _next_units),
    form("unit step", rf"\b{COUNT} upcoming {_PLURAL_UNIT}", _next_units),
    form("unit next", r"\b(?:the )?(?P<unit>week|weekend|month|quarter|year) after next\b", _after_next),
    form("weekday next", rf"\b{WEEKDAY}(?P<after> after next)\b", _weekday),
    form(
        "unit step",
        rf"\b(?:the )?(?P<step>last|past|previous|next|coming|upcoming) {COUNT} (?:business|working) days?\b",
        _business_days,
    ),
    form("unit", r"\ball (?P<unit>week|month|quarter|year)(?! long)\b", _this_unit),
    form(
        "work step",
        r"\b(?:the )?(?P<step>this|last|next|current|previous) (?:working week|work ?week)\b",
        _working_week,
    ),
    form("weekday later", rf"\b{COUNT} {WEEKDAY}".replace("(?![a-z])", "") + r"s from now\b", _weekdays_hence),
    form(
        "unit than",
        rf"\b(?P<way>older|earlier|newer|younger" rf"|more recent) than {COUNT} {UNIT}s?(?: (?:old|ago))?\b",
        _older,
    ),
    form(
        "unit than",
        rf"\b(?P<way>more|less) than {COUNT} {UNIT}s?(?: (?:old|ago)\b|(?= (?:overdue|late|past due)\b))",
        _older,
    ),
    form(
        "unit over",
        rf"\b(?P<way>over) {COUNT} {UNIT}s?(?: (?:old|ago)\b|(?= (?:overdue|late|past due)\b))",
        _older,
    ),
    form("unit ago", rf"\b{COUNT} {UNIT}s? (?:ago|back|earlier)\b", _ago),
    form("unit in", rf"\bin {COUNT} {UNIT}s?(?:'s?)?(?: time| from (?:now|today))?\b", _hence),
    form("unit in", rf"\b(?:with)?in (?:the )?(?:next |coming )?{COUNT} {UNIT}s?\b", _within),
    form("unit later", rf"\bfor {COUNT} {UNIT}s?,? from (?:now|today)\b", _lasting),
    form("unit later", rf"\b{COUNT} {UNIT}s? (?:from now|from today|hence|later)\b", _hence),
    form(
        "named",
        r"(?<![0-9] )(?<!two )(?<!three )\b(?:the )?day (?:before yesterday|after tomorrow)\b"
        r"|\b(?:today|tonight|this (?:morning|afternoon|evening)|yesterday|tomorrow|tmrw|yday)\b",
        _named,
    ),
    form(
        "unit same",
        r"\b(?:the )?same (?:period|time|day|week|month|quarter"
        r"|dates?) (?:of )?(?:the )?last (?P<unit>year|month|quarter|week)\b",
        _same_before,
    ),
    form(
        "unit before",
        r"\bthe (?:previous |prior |preceding )?(?P<unit>week|month|quarter|year|day) (?:before|prior"
        r"|preceding|earlier)(?= *(?:$|[?.!,;)]|(?:last|that|the)\b))(?: that)?",
        _the_one_before,
    ),
    form("unit", r"\b(?:over |on |at )?the (?P<unit>weekend)\b(?! of\b| before\b)", _calendar_unit),
    form("hour step", r"\b(?:the )?(?:last|past) (?:hour|few hours)\b", _this_day),
    form(
        "unit step",
        rf"\b{STEP} (?:calendar |full |whole |entire |complete )?(?P<unit>week|wk|weekend"
        rf"|fortnight|month|mo|quarter|qtr|year|yr)\b",
        _calendar_unit,
    ),
    form(
        "unit in",
        r"\b(?:(?<=in )|(?<=for )|(?<=of )|(?<=during )|(?<=over )|(?<=within ))the (?P<unit>week|month|quarter|year)"
        r"(?! (?:(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b|of|before|after|in|to|starting"
        r"|commencing|beginning|ending|[0-9])|[0-9'-])\b",
        _this_unit,
    ),
    form(
        "weekday",
        rf"(?:\b{STEP} )?\b{WEEKDAY}\.?(?:,? (?:of )?(?:the )?(?P<week>last|this|next|previous) week\b)?",
        _weekday,
    ),
)
