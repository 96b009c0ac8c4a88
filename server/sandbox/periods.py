"""Billing periods: where they begin and end, by the calendar in UTC.

Months and years are counted from the anchor, never from the last period, so that a month end stays one:
31 January, 28 February, 31 March (https://docs.stripe.com/billing/subscriptions/billing-cycle).
"""

from calendar import monthrange
from datetime import UTC, datetime
from typing import Final

DAY_S: Final = 86_400
HOUR_S: Final = 3_600


def boundary(anchor: int, interval: str, count: int, number: int) -> int:
    """The `number`-th boundary after the anchor, in seconds since 1970."""
    steps = count * number
    if interval in ("day", "week"):
        return anchor + steps * DAY_S * (7 if interval == "week" else 1)
    begun = datetime.fromtimestamp(anchor, UTC)
    months = begun.year * 12 + begun.month - 1 + steps * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    day = min(begun.day, monthrange(year, month + 1)[1])
    return int(begun.replace(year=year, month=month + 1, day=day).timestamp())


def end_after(anchor: int, interval: str, count: int, moment: int) -> int:
    """The first boundary that lies after a moment, which is not before the anchor."""
    longest = {"day": 1, "week": 7, "month": 31, "year": 366}[interval] * count * DAY_S
    # Periods are at most `longest`, so this many have certainly begun; the rest is at most a few steps.
    number = (moment - anchor) // longest
    while boundary(anchor, interval, count, number) <= moment:
        number += 1
    return boundary(anchor, interval, count, number)


def written(moment: int) -> str:
    """A day as invoices write it: 21 Oct 2026."""
    day = datetime.fromtimestamp(moment, UTC)
    return f"{day.day} {day:%b %Y}"
