"""Calendar arithmetic: days, ISO weeks, months and quarters as half-open ranges [start, end) of UTC dates."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final, NamedTuple

DAY: Final = timedelta(days=1)


class Period(NamedTuple):
    """A half-open range of dates; None is open on that side. `grain` names what was said: day, week, month, ..."""

    start: date | None
    end: date | None
    grain: str


def day(at: date) -> Period:
    """One day."""
    return Period(at, at + DAY, "day")


def week(at: date) -> Period:
    """The ISO week (Monday first) that holds `at`."""
    monday = at - timedelta(days=at.weekday())
    return Period(monday, monday + timedelta(days=7), "week")


def weekend(at: date) -> Period:
    """Saturday and Sunday of the ISO week that holds `at`."""
    saturday = at + timedelta(days=5 - at.weekday())
    return Period(saturday, saturday + timedelta(days=2), "weekend")


def month(year_: int, month_: int) -> Period:
    """A calendar month, 1 to 12."""
    first = date(year_, month_, 1)
    return Period(first, shift_months(first, 1), "month")


def quarter(year_: int, quarter_: int) -> Period:
    """A calendar quarter, 1 to 4."""
    first = date(year_, 3 * quarter_ - 2, 1)
    return Period(first, shift_months(first, 3), "quarter")


def half(year_: int, half_: int) -> Period:
    """The first or second half of a year."""
    first = date(year_, 6 * half_ - 5, 1)
    return Period(first, shift_months(first, 6), "half")


def year(year_: int) -> Period:
    """A calendar year."""
    return Period(date(year_, 1, 1), date(year_ + 1, 1, 1), "year")


def iso_week(year_: int, number: int) -> Period | None:
    """Week `number` of an ISO year, or None if the year has no such week."""
    try:
        return week(date.fromisocalendar(year_, number, 1))
    except ValueError:
        return None


def shift_months(at: date, months: int) -> date:
    """`at` moved by whole months; a day the month lacks becomes its last: 31 January + 1 is 28 or 29 February."""
    count = at.year * 12 + at.month - 1 + months
    year_, month_ = divmod(count, 12)
    try:
        return at.replace(year=year_, month=month_ + 1)
    except ValueError:
        first_of_next = date(year_ + (month_ + 1) // 12, (month_ + 1) % 12 + 1, 1)
        return first_of_next - DAY


def containing(at: date, grain: str) -> Period:
    """The calendar week, weekend, month, quarter, half or year that holds `at`."""
    makers: dict[str, Callable[[], Period]] = {
        "day": lambda: day(at),
        "week": lambda: week(at),
        "weekend": lambda: weekend(at),
        "month": lambda: month(at.year, at.month),
        "quarter": lambda: quarter(at.year, (at.month + 2) // 3),
        "half": lambda: half(at.year, (at.month + 5) // 6),
        "year": lambda: year(at.year),
    }
    return makers[grain]()


def moved(at: date, grain: str, count: int) -> date:
    """`at` moved by `count` days, weeks, fortnights, months, quarters or years."""
    in_days = {"day": 1, "week": 7, "weekend": 7, "fortnight": 14}
    if grain in in_days:
        return at + timedelta(days=in_days[grain] * count)
    return shift_months(at, {"month": 1, "quarter": 3, "half": 6, "year": 12}[grain] * count)


def rolling(today: date, grain: str, count: int) -> Period:
    """The `count` days, weeks or months up to and including today: 30 days is exactly 30 dates."""
    if count < 1:
        return day(today)
    start = moved(today, grain, -count) + DAY
    return Period(start, today + DAY, "rolling")


def nth_weekday(year_: int, month_: int, weekday: int, nth: int) -> date | None:
    """The `nth` (1 to 5, or -1 for the last) `weekday` (Monday 0) of a month."""
    days = [d for d in _days(year_, month_) if d.weekday() == weekday]
    try:
        return days[nth - 1 if nth > 0 else nth]
    except IndexError:
        return None


def _days(year_: int, month_: int) -> list[date]:
    span = month(year_, month_)
    assert span.start is not None and span.end is not None  # noqa: S101 - a month is closed on both sides
    return [span.start + timedelta(days=n) for n in range((span.end - span.start).days)]


def nth_week(inside: Period, nth: int) -> Period | None:
    """The `nth` (or -1: last) ISO week of a month or year; a week belongs to where its Thursday falls."""
    if inside.start is None or inside.end is None:
        return None
    first = inside.start + timedelta(days=(3 - inside.start.weekday()) % 7)
    last = inside.end - DAY
    last -= timedelta(days=(last.weekday() - 3) % 7)
    thursday = first + timedelta(days=7 * (nth - 1)) if nth > 0 else last + timedelta(days=7 * (nth + 1))
    return week(thursday) if first <= thursday <= last else None
