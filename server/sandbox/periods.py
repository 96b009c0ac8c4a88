"""Billing periods: where they begin and end, by the calendar in UTC.

Months and years are counted from the anchor, never from the last period, so that a month end stays one:
31 January, 28 February, 31 March (https://docs.stripe.com/billing/subscriptions/billing-cycle).
"""

from calendar import monthrange
from datetime import UTC, datetime
from fractions import Fraction
from typing import Final

from paydesk.server.sandbox.errors import StripeError

HOUR_S: Final = 3_600
DAY_S: Final = 86_400
# The calendar knows 9999 years; a period's end may lie some years after what was asked.
_LAST_YEAR: Final = 9_000
# A month and a year of the Gregorian calendar on average: a first guess at how many lie between two moments.
_USUAL_S: Final = {"day": DAY_S, "week": 7 * DAY_S, "month": 2_629_746, "year": 31_556_952}


def boundary(anchor: int, interval: str, count: int, number: int, *, day: int | None = None) -> int:
    """The `number`-th boundary after the anchor (before it where negative), in seconds since 1970.

    `day` is the wished day of the month where that is not the anchor's own: an anchor in June for every 31st.
    """
    steps = count * number
    if interval in ("day", "week"):
        return anchor + steps * _USUAL_S[interval]
    begun = datetime.fromtimestamp(anchor, UTC)
    months = begun.year * 12 + begun.month - 1 + steps * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    if not 1 <= year < _LAST_YEAR:
        raise StripeError(f"This would be billed in the year {year}, which is too far away.")
    last = monthrange(year, month + 1)[1]
    return int(begun.replace(year=year, month=month + 1, day=min(day or begun.day, last)).timestamp())


def around(anchor: int, interval: str, count: int, moment: int, *, day: int | None = None) -> tuple[int, int]:
    """Start and end of the period that holds a moment, before the anchor too; the end itself belongs to the next."""
    number = (moment - anchor) // (_USUAL_S[interval] * count)
    while boundary(anchor, interval, count, number, day=day) <= moment:
        number += 1
    while boundary(anchor, interval, count, number - 1, day=day) > moment:
        number -= 1
    start = boundary(anchor, interval, count, number - 1, day=day)
    return start, boundary(anchor, interval, count, number, day=day)


def end_after(anchor: int, interval: str, count: int, moment: int, *, day: int | None = None) -> int:
    """The first boundary that lies after a moment."""
    return around(anchor, interval, count, moment, day=day)[1]


def number_between(start: int, end: int, interval: str, count: int) -> Fraction:
    """How many periods fit between two moments, counted from the first; the last, begun one by its own length.

    From 15 February to 1 March it is 14 of 28 days: a half
    (https://docs.stripe.com/billing/subscriptions/backdating).
    """
    begun, ends = around(start, interval, count, end)
    whole = 0
    while boundary(start, interval, count, whole) < begun:
        whole += 1
    return whole + Fraction(end - begun, ends - begun)


def written(moment: int) -> str:
    """A day as invoices write it: 21 Oct 2026."""
    day = datetime.fromtimestamp(moment, UTC)
    return f"{day.day} {day:%b %Y}"
