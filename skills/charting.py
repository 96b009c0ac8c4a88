"""From figures to charts: what is drawn over time or by name, with the finding as its title."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from paydesk.skills.books import GroupBy, Span, group_of
from paydesk.skills.chart import Chart, ChartKind, ChartPanel, ChartPoint, Unit, panels_of
from paydesk.skills.chart_words import Value, changed, listed, moved, next_group, told, when
from paydesk.skills.figures import Figure
from paydesk.skills.hostile_text import clean
from paydesk.skills.period import seconds

#: More groups than this cannot be told apart in one picture.
GROUPS_MOST = 400
_BARS_MOST = 16


@dataclass(frozen=True)
class Drawn:
    """What a chart of a metric is about: its name in a title, its definition, period and today (UTC).

    Of what is expected: the past that it goes on from, and how a back-test went.
    """

    name: str
    definition: str
    span: Span
    today: date
    past: Sequence[Figure] = ()
    tested: str = ""

    def subtitle(self, more: str = "") -> str:
        """The definition and the period, as a line below the title."""
        said = f"{self.definition[0].upper()}{self.definition[1:]}. "
        return f"{said}{self.span.told().capitalize()}{more}."


def chart_over_time(figures: Sequence[Figure], by: GroupBy, about: Drawn) -> Chart | None:
    """Grouped figures as bars or, where there are many or they are shares, a line; None where nothing can be drawn.

    A group without a figure is zero for a sum or a count and a gap for a rate or an average.
    """
    found = [figure for figure in figures if figure.group]
    if not found:
        return None
    firsts = _groups(found, by, about)
    if not 2 <= len(firsts) <= GROUPS_MOST:
        return None
    partial = {first for first in firsts if is_partial(first, by, about)}
    points = []
    nothing = None if any(_has_gaps(figure) for figure in found) else 0
    for axis in dict.fromkeys(_axis(figure) for figure in found):
        values = {str(figure.group): _value(figure) for figure in found if _axis(figure) == axis}
        for first in firsts:
            value = values.get(first.isoformat(), nothing)
            points.append((axis, ChartPoint(first.isoformat(), value, is_partial=first in partial)))
    panels = panels_of(points)
    kind: ChartKind = "line" if len(firsts) > _BARS_MOST or panels[0].unit in ("percent", "ratio") else "bars"
    subtitle = about.subtitle(f", by {by}{_marks(kind, panels)}")
    return Chart(kind, finding(panels, by, about.name), subtitle, panels, by)


def _marks(kind: ChartKind, panels: Sequence[ChartPanel]) -> str:
    """What a reader has to know of how some points are drawn."""
    points = [point for panel in panels for point in panel.points]
    hollow = "hollow points are" if kind == "line" else "pale bars are"
    partial = f"; {hollow} not whole" if any(point.is_partial for point in points) else ""
    return partial + ("; gaps: nothing to go by" if any(point.value is None for point in points) else "")


def chart_ranked(figures: Sequence[Figure], about: Drawn) -> Chart | None:
    """Figures by name as horizontal bars, the largest first; None where there is only one."""
    if len(figures) < 2:
        return None
    names = [(_axis(figure), clean(str(figure.group).rpartition(" ")[0] or figure.group, 60)) for figure in figures]
    points = []
    for figure, (axis, name) in zip(figures, names, strict=True):
        at = name if names.count((axis, name)) == 1 else clean(figure.group, 60)
        points.append((axis, ChartPoint(at, _value(figure))))
    panels = panels_of(points)
    first = [(panel, panel.points[0]) for panel in panels]
    if len(first) == 1:
        panel, best = first[0]
        title = f"{clean(best.at, 40)} leads with {told(best.value or 0, panel.unit)}"
    else:
        title = "Leading: " + listed([f"{clean(p.at, 30)} ({told(p.value or 0, panel.unit)})" for panel, p in first])
    return Chart("ranked", title, about.subtitle(), panels)


def finding(panels: Sequence[ChartPanel], by: GroupBy, name: str) -> str:
    """The title of figures over time: how the last whole group differs from the one before, or the highest day."""
    if by == "day":
        return f"{name} was highest " + listed([_highest(panel) for panel in panels], 2)
    whole = [point for point in panels[0].points if not point.is_partial]
    at = (whole or panels[0].points)[-1].at
    so_far = "" if whole else " so far"
    if len(panels) == 1:
        return f"{name} {_change(panels[0], at, moved)} {when(date.fromisoformat(at), by)}{so_far}"
    said = [f"{panel.name} {_change(panel, at, changed)}".strip() for panel in panels]
    return f"{name} {when(date.fromisoformat(at), by)}{so_far}: {listed(said)}"


def _change(panel: ChartPanel, at: str, tell: Callable[[Value, Value, Unit], str]) -> str:
    """What became of the group `at` against the whole one before it."""
    upto = [point for point in panel.points if point.at <= at]
    now = upto[-1].value
    before = next((point for point in reversed(upto[:-1]) if not point.is_partial), None)
    if now is None:
        return "is not known"
    if before is None or before.value is None:
        return told(now, panel.unit) if tell is changed else f"came to {told(now, panel.unit)}"
    return tell(now, before.value, panel.unit)


def _highest(panel: ChartPanel) -> str:
    best = max(panel.points, key=lambda point: point.value if point.value is not None else Decimal("-Infinity"))
    value = f"{panel.name} {told(best.value or 0, panel.unit)}".strip()
    return f"{when(date.fromisoformat(best.at), 'day')}: {value}"


def _groups(found: Sequence[Figure], by: GroupBy, about: Drawn) -> list[date]:
    """The first day of every group from the first to the last that may hold something."""
    firsts = [date.fromisoformat(str(figure.group)) for figure in found]
    last_day = about.today if about.span.end is None else min(about.span.end - timedelta(days=1), about.today)
    at = min(firsts) if about.span.start is None else _first_of(about.span.start, by)
    last = max([_first_of(last_day, by), *firsts])
    groups: list[date] = []
    while at <= last and len(groups) <= GROUPS_MOST:
        groups.append(at)
        at = next_group(at, by)
    return groups


def _first_of(day: date, by: GroupBy) -> date:
    return date.fromisoformat(group_of(seconds(day), by))


def is_partial(first: date, by: GroupBy, about: Drawn) -> bool:
    """Whether the group is cut off by the period, or by the present."""
    start, end, after = about.span.start, about.span.end, next_group(first, by)
    cut = (start is not None and start > first) or (end is not None and end < after)
    return cut or after > about.today


def _axis(figure: Figure) -> tuple[Unit, str]:
    """The unit that a figure is drawn in, and the currency whose share or ratio it is."""
    if figure.amount is not None:
        currency = figure.amount.currency
        return ("percent", currency.upper()) if figure.percent else (currency, "")
    if figure.ratio is not None:
        return "ratio", (figure.part or "").upper()
    return ("percent" if figure.of is not None else "count"), ""


def _value(figure: Figure) -> Value | None:
    if figure.percent is not None:
        return Decimal(figure.percent.rstrip("%"))
    if figure.amount is not None:
        return figure.amount.amount_minor
    if figure.ratio is not None:
        return _number(figure.ratio)
    return None if figure.of is not None else figure.count or 0


def _number(ratio: str) -> Decimal | None:
    """A ratio as a number; None where it is told in words, as what nothing was lost by."""
    try:
        return Decimal(ratio)
    except InvalidOperation:
        return None


def _has_gaps(figure: Figure) -> bool:
    """Whether no figure means that nothing is known: a share of nothing, the average of nothing."""
    is_average = figure.amount is not None and figure.count is not None
    return is_average or any(part is not None for part in (figure.of, figure.ratio, figure.percent))
