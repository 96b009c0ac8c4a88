"""Figures of recurring revenue: MRR and its movements, who leaves, what a subscriber brings, and for how long."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from paydesk.server.analytics import recurring
from paydesk.server.analytics.recurring import Whose
from paydesk.server.analytics.rollups import DAY_S, period_of
from paydesk.skills.books import Span
from paydesk.skills.errors import SkillError
from paydesk.skills.figures import DAYS, Asked, Counted, Figure, percent, share
from paydesk.skills.metrics import Metric
from paydesk.skills.money import money
from paydesk.skills.mrr_bridge import MrrBridge
from paydesk.skills.period import seconds

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Way = Callable[["DuckDBPyConnection", Asked, Span], Counted]
_MONTHS_SHOWN = 12


def _whose(asked: Asked) -> Whose:
    return Whose(asked.currency, asked.customer)


def _end(asked: Asked, span: Span) -> int:
    """The end of the period, or the present where that comes first; what is known of the future is not counted."""
    return min(seconds(span.end), asked.now + 1) if span.end else asked.now + 1


def _start(asked: Asked, span: Span) -> int:
    if span.start is None:
        if asked.metric in ("churn", "customer_churn"):
            raise SkillError("Churn needs the first day of its period.", code="start_missing", field="start")
        return asked.now // DAY_S * DAY_S - (DAYS - 1) * DAY_S
    return seconds(span.start)


def _mrr(connection: "DuckDBPyConnection", asked: Asked, span: Span) -> Counted:
    by, end = period_of(asked.group_by), _end(asked, span)
    times = 12 if asked.metric == "arr" else 1
    if by is None:
        found = [("", one) for one in recurring.recurring_at(connection, end - 1, _whose(asked))]
        read = recurring.rows_up_to(connection, end - 1)
    else:
        start = seconds(span.start) if span.start else max(0, end - 366 * DAY_S)
        found, read = recurring.recurring_over_time(connection, start, end, by, _whose(asked))
    figures = [
        Figure(group=group or None, amount=money(one.a_month_minor * times, one.currency), count=one.subscriptions)
        for group, one in found
    ]
    return Counted(figures, read)


def _movements(connection: "DuckDBPyConnection", asked: Asked, span: Span) -> Counted:
    by = period_of(asked.group_by)
    found = recurring.movements(connection, _start(asked, span), _end(asked, span), _whose(asked), by)
    figures = []
    for group, bridge in found:
        parts = {"start": bridge.start_minor, **bridge.movements, "end": bridge.end_minor}
        figures += [
            Figure(group=group or None, part=part, amount=money(minor, bridge.currency))
            for part, minor in parts.items()
        ]
    return Counted(figures, recurring.rows_up_to(connection, _end(asked, span) - 1))


def _of_bridges(tell: Callable[[MrrBridge, str | None], Figure]) -> Way:
    def count(connection: "DuckDBPyConnection", asked: Asked, span: Span) -> Counted:
        by = period_of(asked.group_by)
        found = recurring.movements(connection, _start(asked, span), _end(asked, span), _whose(asked), by)
        figures = [tell(bridge, group or None) for group, bridge in found]
        return Counted(figures, recurring.rows_up_to(connection, _end(asked, span) - 1))

    return count


def _revenue_churn(bridge: MrrBridge, group: str | None) -> Figure:
    lost = -(bridge.churn_minor + bridge.contraction_minor)
    return Figure(group=group, amount=money(lost, bridge.currency), percent=percent(lost, bridge.start_minor))


def _quick_ratio(bridge: MrrBridge, group: str | None) -> Figure:
    won = bridge.new_minor + bridge.expansion_minor + bridge.reactivation_minor
    lost = -(bridge.churn_minor + bridge.contraction_minor)
    return Figure(group=group, part=bridge.currency, ratio=_ratio(won, lost) if lost else "nothing lost")


def _ratio(part: int, whole: int) -> str:
    """With two decimals, half up."""
    hundredths = (200 * part + whole) // (2 * whole)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _churn(connection: "DuckDBPyConnection", asked: Asked, span: Span) -> Counted:
    start = _start(asked, span)
    end = min(seconds(span.end), asked.now) if span.end else asked.now
    found = recurring.kept(connection, start, end, _whose(asked))
    stripes = asked.metric == "churn"
    left, there = (found.left_of_came, found.came) if stripes else (found.left, found.there)
    return Counted([share(left, there, None)], recurring.rows_up_to(connection, end))


def _nrr(connection: "DuckDBPyConnection", asked: Asked, span: Span) -> Counted:
    by, start, end = period_of(asked.group_by), _start(asked, span), _end(asked, span)
    groups = recurring.groups_between(start, end, by) if by else [""]
    figures = []
    for place, group in enumerate(groups):
        begin = max(start, _midnight(group)) if group else start
        until = min(end, _midnight(groups[place + 1])) if place + 1 < len(groups) else end
        found = recurring.kept(connection, begin - 1, until - 1, _whose(asked))
        figures += [
            Figure(
                group=group or None,
                amount=money(found.kept_minor[code], code),
                percent=percent(found.kept_minor[code], first),
            )
            for code, first in found.start_minor.items()
        ]
    return Counted(figures, recurring.rows_up_to(connection, end - 1))


def _midnight(first: str) -> int:
    return seconds(date.fromisoformat(first))


def _arpu(connection: "DuckDBPyConnection", asked: Asked, span: Span) -> Counted:
    end = _end(asked, span)
    figures = [
        Figure(
            amount=money((2 * one.a_month_minor + one.subscribers) // (2 * one.subscribers), one.currency),
            count=one.subscribers,
        )
        for one in recurring.recurring_at(connection, end - 1, _whose(asked))
    ]
    return Counted(figures, recurring.rows_up_to(connection, end - 1))


def _ltv(connection: "DuckDBPyConnection", asked: Asked, span: Span) -> Counted:
    figures = []
    for one in recurring.recurring_at(connection, asked.now, _whose(asked)):
        whose = Whose(one.currency, asked.customer)
        found = recurring.kept(connection, asked.now - DAYS * DAY_S, asked.now, whose)
        if found.left_of_came and one.subscribers:
            worth = one.a_month_minor * found.came // (one.subscribers * found.left_of_came)
            figures.append(Figure(amount=money(worth, one.currency), count=one.subscribers))
    read = recurring.rows_up_to(connection, asked.now)
    return Counted(figures, read, "" if figures else " Nobody left, so there is no end to divide by.")


def _cohorts(connection: "DuckDBPyConnection", asked: Asked, span: Span) -> Counted:
    table = recurring.cohorts(connection, asked.now, _whose(asked))
    first = recurring.month_of(seconds(span.start)) if span.start else recurring.month_of(asked.now) - _MONTHS_SHOWN + 1
    after = recurring.month_of(seconds(span.end) - 1) + 1 if span.end else recurring.month_of(asked.now) + 1
    figures = []
    for born in sorted(table):
        if not first <= born < after:
            continue
        size, name = table[born].size, recurring.first_day(born)
        figures += [
            Figure(group=name, part=f"+{month - born}", percent=percent(paying, size), count=paying, of=size)
            for month, paying in sorted(table[born].paying.items())
        ]
    return Counted(figures, recurring.rows_up_to(connection, asked.now))


RECURRING: Mapping[Metric, Way] = {
    "mrr": _mrr,
    "arr": _mrr,
    "movements": _movements,
    "churn": _churn,
    "customer_churn": _churn,
    "revenue_churn": _of_bridges(_revenue_churn),
    "quick_ratio": _of_bridges(_quick_ratio),
    "nrr": _nrr,
    "arpu": _arpu,
    "ltv": _ltv,
    "cohorts": _cohorts,
}
