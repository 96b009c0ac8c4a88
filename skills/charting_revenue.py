"""Charts of recurring revenue and of what is expected: movements, cohorts, forecasts."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from paydesk.skills.chart import Chart, ChartPanel, ChartPoint, panels_of
from paydesk.skills.chart_words import changed, label, listed, moved, told, when
from paydesk.skills.charting import Drawn, chart_over_time, chart_ranked, is_partial
from paydesk.skills.figures import Figure
from paydesk.skills.metrics import PERIODS, Grouping, Metric
from paydesk.skills.mrr_bridge import MrrBridge
from paydesk.skills.period import GroupBy

_MOVEMENTS = tuple(MrrBridge("", 0).movements)
#: Figures that a picture would only repeat, or tear out of what they stand in.
_NOT_DRAWN = frozenset({"anomalies", "concentration"})


def chart_of(metric: Metric, figures: Sequence[Figure], grouping: Grouping | None, about: Drawn) -> Chart | None:
    """The chart that fits a metric's figures; None where they are too few, or none would say more than they do."""
    by = next((one for one in PERIODS if one == grouping), None)
    if metric in _NOT_DRAWN or len(figures) + len(about.past) < 2:
        return None
    if metric == "movements":
        return _movements(figures, by, about) if by else _bridge(figures, about)
    if metric == "cohorts":
        return _cohorts(figures, about)
    if metric in ("forecast", "payout_forecast"):
        return _expected(figures, by or ("day" if metric == "payout_forecast" else "month"), about)
    if by is not None:
        return chart_over_time(figures, by, about)
    return chart_ranked(figures, about) if grouping or metric == "top_customers" else None


def _amount(figure: Figure) -> int:
    return figure.amount.amount_minor if figure.amount else 0


def _currency(figure: Figure) -> str:
    return figure.amount.currency if figure.amount else ""


def _movements(figures: Sequence[Figure], by: GroupBy, about: Drawn) -> Chart | None:
    """Movements stacked group by group; the title tells of the last whole group's end beside its start."""
    groups = sorted({figure.group for figure in figures if figure.group})
    if len(groups) < 2:
        return None
    panels = panels_of(
        ((_currency(figure), ""), ChartPoint(str(figure.group), _amount(figure), figure.part or ""))
        for figure in figures
        if figure.part in _MOVEMENTS
    )
    whole = [group for group in groups if not is_partial(date.fromisoformat(group), by, about)] or groups
    last = whole[-1]
    ends = {(_currency(one), one.part): _amount(one) for one in figures if one.group == last}
    changes = [(panel, ends.get((panel.unit, "end"), 0), ends.get((panel.unit, "start"), 0)) for panel in panels]
    title = f"MRR {_told_of(changes, when(date.fromisoformat(last), by))}"
    return Chart("movements", title, about.subtitle(f", by {by}; the black line is the sum"), panels, by)


def _bridge(figures: Sequence[Figure], about: Drawn) -> Chart:
    """One period's bridge: where it started, each movement, where it ended."""
    panels = panels_of(
        ((_currency(figure), ""), ChartPoint((figure.part or "").capitalize(), _amount(figure))) for figure in figures
    )
    changes = [(panel, _of(panel, "End"), _of(panel, "Start")) for panel in panels]
    return Chart("bars", f"MRR {_told_of(changes, '')}".strip(), about.subtitle(), panels)


def _told_of(changes: Sequence[tuple[ChartPanel, int, int]], at: str) -> str:
    """What became of each currency's MRR, end beside start."""
    if len(changes) == 1:
        panel, end, start = changes[0]
        return f"{moved(end, start, panel.unit)} {at}"
    said = listed([changed(end, start, panel.unit) for panel, end, start in changes])
    return f"{at}: {said}" if at else f"came to {said}"


def _of(panel: ChartPanel, at: str) -> int:
    return next((int(point.value or 0) for point in panel.points if point.at == at), 0)


def _cohorts(figures: Sequence[Figure], about: Drawn) -> Chart:
    """A row a cohort; the title tells what became of the oldest one."""
    points = [
        ChartPoint((one.part or "").lstrip("+"), Decimal((one.percent or "0").rstrip("%")), str(one.group))
        for one in figures
    ]
    oldest = [point for point in points if point.series == points[0].series]
    born = label(date.fromisoformat(oldest[0].series), "month")
    stayed = told(oldest[-1].value or 0, "percent")
    months = "1 month" if oldest[-1].at == "1" else f"{oldest[-1].at} months"
    title = f"Of the subscribers of {born}, {stayed} still paid {months} later"
    return Chart("cohorts", title, about.subtitle("; percent"), (ChartPanel("percent", tuple(points)),), "month")


def _expected(figures: Sequence[Figure], by: GroupBy, about: Drawn) -> Chart:
    """What is expected, group by group, after what was, with its interval where it has one."""
    has_interval = any(figure.low for figure in figures)
    series = "expected" if has_interval else ""
    panels = panels_of(
        ((_currency(one), ""), _point(one, part)) for part, of in (("", about.past), (series, figures)) for one in of
    )
    first = [(panel, next(point for point in panel.points if point.series == series)) for panel in panels]
    said = listed([told(point.value or 0, panel.unit) for panel, point in first])
    what = "Revenue expected" if has_interval else "Next to become available"
    at = when(date.fromisoformat(min(point.at for _, point in first)), by)
    title = f"{what} {at}: {said}"
    if not has_interval:
        return Chart("bars", title, about.subtitle(), panels, by)
    band = "; ".join(["the band holds four outcomes in five", *([about.tested] if about.tested else [])])
    subtitle = f"{about.definition[0].upper()}{about.definition[1:]}; {band}."
    return Chart("forecast", title, subtitle, panels, by)


def _point(one: Figure, part: str) -> ChartPoint:
    low, high = (bound.amount_minor if bound else None for bound in (one.low, one.high))
    return ChartPoint(str(one.group), _amount(one), part, low, high)
