"""What a figure is, whoever counted it, and what a source of figures is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from paydesk.skills.base import Result, StripeReader
from paydesk.skills.books import Span
from paydesk.skills.metrics import Grouping, Metric
from paydesk.skills.money import Money

#: Where no period is asked for, the last so many days.
DAYS = 30
Source = Literal["stripe", "mirror"]


class Figure(Result):
    """One figure: `amount` per currency, or `count` (`of` all, where it is a share: `percent`), or a `ratio`.

    `part` names one of several figures of a group: a movement of MRR, a cohort's month, a currency. `low` and `high`
    bound what is expected.
    """

    group: str | None = None
    part: str | None = None
    amount: Money | None = None
    percent: str | None = None
    ratio: str | None = None
    count: int | None = None
    of: int | None = None
    low: Money | None = None
    high: Money | None = None

    def line(self) -> str:
        """The figure in words."""
        between = f"({self.low.text} to {self.high.text})" if self.low and self.high else None
        amount = self.amount.text if self.amount else None
        told = [self.group, self.part, amount, between, self.percent, self.ratio, _counted(self)]
        return " ".join(part for part in told if part)


def _counted(figure: Figure) -> str | None:
    if figure.count is None:
        return None
    if figure.of is not None:
        return f"({figure.count:,} of {figure.of:,})"
    return f"({figure.count:,})" if figure.amount else f"{figure.count:,}"


def share(part: int, whole: int, group: str | None) -> Figure:
    """A share in percent with one decimal, half up; no percentage of nothing."""
    return Figure(group=group, percent=percent(part, whole), count=part, of=whole)


def percent(part: int, whole: int) -> str | None:
    """Such as `12.5%`; None of nothing."""
    if not whole:
        return None
    tenths = (2_000 * abs(part) + abs(whole)) // (2 * abs(whole))
    sign = "-" if tenths and (part < 0) != (whole < 0) else ""
    return f"{sign}{tenths // 10}.{tenths % 10}%"


@dataclass(frozen=True)
class Counted:
    """Figures, how many objects (or sums of a day) were read for them, what has to be said about how they were come
    by, and from where: `age_s` is how long ago the mirror last heard from Stripe.

    For a chart of what is expected: `past` is what it goes on from, `tested` how far off it would have been before.
    """

    figures: list[Figure]
    looked_at: int
    caveat: str = ""
    has_more: bool = False
    source: Source = "stripe"
    age_s: int | None = None
    past: Sequence[Figure] = ()
    tested: str = ""


@dataclass(frozen=True)
class Asked:
    """What a count needs besides its period: `customer` is an id, `now` in seconds."""

    metric: Metric
    stripe: StripeReader
    now: int
    customer: str | None = None
    currency: str | None = None
    group_by: Grouping | None = None
    limit: int = 10


class FigureSource(Protocol):
    """Figures from what the desk remembers of the account."""

    async def counted(self, asked: Asked, span: Span) -> Counted | None:
        """The figures of a period; None where they have to be counted from Stripe itself."""
        ...
