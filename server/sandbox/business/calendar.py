"""Days and months in UTC seconds, and when people buy: the clock that the business is drawn on."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from paydesk.server.sandbox import periods
from paydesk.server.sandbox.periods import DAY_S, HOUR_S

__all__ = ["DAY_S", "HOUR_S", "Span", "add_months", "business_days_after", "date_of", "moment", "time_of_day"]

MONTHS: Final = 18

# What is made of today ends at twenty past midnight, so that every opening on one day makes the same business.
TODAY_ENDS_AFTER_S: Final = 1_200

# How many of a day's purchases fall into each hour, UTC: from Tokyo to Vancouver, most in Europe and America.
_HOURS: Final = (3, 3, 3, 2, 2, 2, 3, 4, 6, 7, 7, 6, 6, 8, 9, 9, 8, 7, 7, 6, 6, 5, 4, 3)


@dataclass(frozen=True, slots=True)
class Span:
    """The life of the business: from the first of a month, eighteen months ago, to `end` (seconds since 1970)."""

    start: int
    today: int
    end: int

    @classmethod
    def until(cls, now: int) -> "Span":
        """The span that ends in the day of `now`, and not after `now`."""
        today = now - now % DAY_S
        first = add_months(today, -MONTHS)
        start = first - (datetime.fromtimestamp(first, UTC).day - 1) * DAY_S
        return cls(start, today, min(now, today + TODAY_ENDS_AFTER_S))

    def months(self) -> list[tuple[int, int]]:
        """Every calendar month as (first second, first second after), the present one until the end of yesterday."""
        found = []
        at = self.start
        while at < self.today:
            after = add_months(at, 1)
            found.append((at, min(after, self.today)))
            at = after
        return found


def add_months(at: int, months: int) -> int:
    """The same day and time some months on; the month's last day where it is shorter."""
    return periods.boundary(at, "month", 1, months)


def time_of_day(rng: random.Random) -> int:
    """A second of the day, at an hour when people buy."""
    return rng.choices(range(24), _HOURS)[0] * HOUR_S + rng.randrange(HOUR_S)


def moment(rng: random.Random, since: int, until: int) -> int:
    """A moment from one day's midnight to before another's, at an hour when people buy."""
    days = max(1, (until - since) // DAY_S)
    return since + rng.randrange(days) * DAY_S + time_of_day(rng)


def business_days_after(day: int, count: int) -> int:
    """Midnight of the day that is so many working days after a midnight (before it, for a negative count)."""
    when = date_of(day)
    step = 1 if count > 0 else -1
    while count:
        when += timedelta(days=step)
        count -= step if when.weekday() < 5 else 0
    return int(datetime(when.year, when.month, when.day, tzinfo=UTC).timestamp())


def date_of(at: int) -> date:
    """The day, UTC, that a second belongs to."""
    return datetime.fromtimestamp(at, UTC).date()
