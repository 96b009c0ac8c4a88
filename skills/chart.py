"""What a picture shows, as data: the server draws it, so that a skill needs no drawing library.

A panel has one unit (a currency, a count or a share): amounts in different currencies never share an axis.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from paydesk.skills.period import GroupBy

#: `line` and `bars` over time, `ranked` bars by name, `movements` (parts above and below zero), `cohorts` (a heat map)
#: and `forecast` (what was, then what is expected with its interval).
ChartKind = Literal["line", "bars", "ranked", "movements", "cohorts", "forecast"]
#: What a value counts: a lower-case currency code (minor units as Stripe counts them), `count`, `percent` or `ratio`.
Unit = str
NOT_MONEY = frozenset({"count", "percent", "ratio"})


@dataclass(frozen=True)
class ChartPoint:
    """One value at `at` (a group's first day as ISO date, a name, or a cohort's month number).

    `value` None is a gap: nothing is known there, which is not zero. `series` is the part of a movement, the cohort, or
    `expected` in a forecast, where `low` and `high` bound it. `is_partial` marks a group that is not over yet.
    """

    at: str
    value: int | Decimal | None
    series: str = ""
    low: int | Decimal | None = None
    high: int | Decimal | None = None
    is_partial: bool = False


@dataclass(frozen=True)
class ChartPanel:
    """The points of one unit, in the order in which they are drawn.

    `name` tells panels of one unit apart: the currency whose share it is.
    """

    unit: Unit
    points: tuple[ChartPoint, ...]
    name: str = ""


@dataclass(frozen=True)
class Chart:
    """A picture: `title` says the finding, `subtitle` the definition and the period; a panel a currency.

    `by` says which groups of days the points stand for, where they stand for any.
    """

    kind: ChartKind
    title: str
    subtitle: str
    panels: tuple[ChartPanel, ...]
    by: GroupBy | None = None


def panels_of(points: Iterable[tuple[tuple[Unit, str], ChartPoint]]) -> tuple[ChartPanel, ...]:
    """Points sorted into a panel for each unit and name, in the order of their codes."""
    of_panel: dict[tuple[Unit, str], list[ChartPoint]] = {}
    for axis, point in points:
        of_panel.setdefault(axis, []).append(point)
    return tuple(ChartPanel(unit, tuple(found), name) for (unit, name), found in sorted(of_panel.items()))
