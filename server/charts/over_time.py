"""Charts over time: bars, lines, and what is expected with its interval."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from paydesk.server.charts.scaling import axis_format, axis_title, labels, major, shown, written
from paydesk.server.charts.style import BLUE, GRID, INK, ORANGE, PALE_BLUE, Json
from paydesk.skills.books import GroupBy
from paydesk.skills.chart import ChartPanel, ChartPoint

EXPECTED = "expected"
_MARKED_MOST = 16
_WHISKERS_MOST = 3
_NO_LEGEND = {"legend": None}
# Where a value is written, seen from its mark.
_ABOVE: Json = {"dy": -8}
_BELOW: Json = {"dy": 9}
_LEFT: Json = {"dy": -8, "dx": -4, "align": "right"}
_RIGHT: Json = {"dy": -8, "dx": 4, "align": "left"}


def bars(panel: ChartPanel, by: GroupBy | None) -> list[Json]:
    """A bar a group, from zero, with its value written at its end while there are few."""
    named = labels(panel.points, by)
    rows = [
        {"at": named[point.at], "value": major(point.value, panel.unit), "partial": point.is_partial}
        for point in panel.points
        if point.value is not None
    ]
    fill = {
        "field": "partial",
        "type": "nominal",
        "scale": {"domain": [False, True], "range": [BLUE, PALE_BLUE]},
        **_NO_LEGEND,
    }
    layers: list[Json] = [
        {
            "data": {"values": rows},
            "mark": {"type": "bar", "width": {"band": 0.72}},
            "encoding": {"x": across(named), "y": upward(panel, has_room_below=True), "color": fill},
        },
        zero_line(),
    ]
    if len(named) <= _MARKED_MOST:
        down = [point.at for point in panel.points if (point.value or 0) < 0]
        layers += _values_written(panel, named, dict.fromkeys(down, _BELOW))
    return layers


def _values_written(panel: ChartPanel, named: dict[str, str], sides: Mapping[str, Json]) -> list[Json]:
    """Values written above their bars or points, or at the side that is told."""
    is_short = len(panel.points) > 6
    place = {"x": across(named), "y": upward(panel, has_room_below=True)}
    layers = []
    for side in (_ABOVE, _BELOW, _LEFT, _RIGHT):
        rows = [
            {
                "at": named[point.at],
                "value": major(point.value, panel.unit),
                "text": written(point.value, panel.unit, is_short=is_short),
            }
            for point in panel.points
            if point.value and sides.get(point.at, _ABOVE) is side  # where there is no bar, nothing is written
        ]
        if rows:
            layers.append(
                {
                    "data": {"values": rows},
                    "mark": {"type": "text", "baseline": "middle", **side},
                    "encoding": {**place, "text": {"field": "text"}},
                }
            )
    return layers


def line(panel: ChartPanel, by: GroupBy | None) -> list[Json]:
    """A line that breaks where nothing is known; what is not whole yet is a hollow point after its end."""
    named = labels(panel.points, by)
    whole = [_row(point, panel, named) for point in panel.points]
    for row, point in zip(whole, panel.points, strict=True):
        if point.is_partial:
            row["value"] = None
    partial = [_row(point, panel, named) for point in panel.points if point.is_partial and point.value is not None]
    dots = [row for row in whole if row["value"] is not None] if len(named) <= 40 else _lonely(whole)
    place = {"x": across(named), "y": upward(panel)}
    return [
        {"data": {"values": whole}, "mark": {"type": "line", "color": BLUE, "strokeWidth": 2.5}, "encoding": place},
        {"data": {"values": dots}, "mark": {"type": "point", "filled": True, "color": BLUE, "size": 34, "opacity": 1}}
        | {"encoding": place},
        {"data": {"values": partial}, "mark": {"type": "point", "fill": "white", "stroke": BLUE, "size": 40}}
        | {"encoding": place},
        zero_line(),
        *(_values_written(panel, named, _beside_the_line(panel)) if len(named) <= _MARKED_MOST else ()),
    ]


def forecast(panel: ChartPanel, by: GroupBy | None) -> list[Json]:
    """What was as a line, what is expected dashed from its end, its interval as a band behind it."""
    named = labels(panel.points, by)
    was = [point for point in panel.points if point.series != EXPECTED and point.value is not None]
    expected = [point for point in panel.points if point.series == EXPECTED]
    told = [_row(point, panel, named) for point in expected]
    if was and expected:  # so that the two lines meet
        last = was[-1]
        expected = [ChartPoint(last.at, last.value, EXPECTED, last.value, last.value), *expected]
    rows = [_row(point, panel, named) for point in expected]
    x, y = across(named), upward(panel)
    return [
        {
            "data": {"values": rows},
            "mark": {"type": "area", "color": ORANGE, "opacity": 0.25},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {
            "data": {"values": [_row(point, panel, named) for point in was]},
            "mark": {"type": "line", "color": BLUE, "strokeWidth": 2.5, "point": {"filled": True, "color": BLUE}},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": rows},
            "mark": {"type": "line", "color": ORANGE, "strokeWidth": 2.5, "strokeDash": [6, 4]},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": told if len(told) <= _WHISKERS_MOST else []},  # where a band is only a corner
            "mark": {"type": "rule", "color": ORANGE, "strokeWidth": 1.5},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {
            "data": {"values": told},
            "mark": {"type": "point", "filled": True, "color": ORANGE, "size": 40, "opacity": 1},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": told[-1:]},
            "mark": {"type": "text", "dy": -10, "dx": -6, "align": "right"},
            "encoding": {"x": x, "y": y, "text": {"field": "text"}},
        },
        zero_line(),
    ]


def _row(point: ChartPoint, panel: ChartPanel, named: dict[str, str]) -> Json:
    return {
        "at": named[point.at],
        "value": major(point.value, panel.unit),
        "low": major(point.low, panel.unit),
        "high": major(point.high, panel.unit),
        "text": "" if point.value is None else written(point.value, panel.unit, is_short=True),
    }


def _beside_the_line(panel: ChartPanel) -> dict[str, Json]:
    """Where a value keeps clear of the line: below a valley, and on the outer side of a slope."""
    points = panel.points
    # Close to zero there is no room below.
    least = max((point.value or 0 for point in points), default=0) / 5
    found: dict[str, Json] = {}
    for at, point in enumerate(points):
        before, after = (_neighbour(points, at + step) for step in (-1, 1))
        known = [value for value in (before, after) if value is not None]
        if point.value is None or not known:
            continue
        if all(point.value < value for value in known):
            found[point.at] = _BELOW if point.value > least else _ABOVE
        elif before is not None and after is not None and before != after:
            is_slope = min(before, after) <= point.value <= max(before, after)
            found[point.at] = (_LEFT if before < after else _RIGHT) if is_slope else _ABOVE
    return found


def _neighbour(points: Sequence[ChartPoint], at: int) -> int | Decimal | None:
    """What the line leads to; None where it ends."""
    if not 0 <= at < len(points) or points[at].is_partial:
        return None
    return points[at].value


def _lonely(rows: Sequence[Json]) -> list[Json]:
    """Values between two gaps, which a line alone would not show."""
    around = [None, *(row["value"] for row in rows), None]
    return [
        row for at, row in enumerate(rows) if row["value"] is not None and around[at] is None and around[at + 2] is None
    ]


def across(named: dict[str, str]) -> Json:
    """The axis of time: every group has its place, whether or not it has a value."""
    every = list(named.values())
    axis = {"title": None, "grid": False, "labelAngle": 0, "values": shown(every), "labelOverlap": "greedy"}
    return {"field": "at", "type": "ordinal", "sort": None, "scale": {"domain": every}, "axis": axis}


def upward(panel: ChartPanel, *, has_room_below: bool = False) -> Json:
    """The axis of values: from zero, its unit written above it; with room for what is written below a bar."""
    axis = {
        "title": axis_title(panel),
        "titleAngle": 0,
        "titleAnchor": "end",
        "titleAlign": "right",
        "titleX": -6,
        "titleY": -12,
        "format": axis_format(panel),
        "tickCount": 5,
        "gridColor": GRID,
    }
    scale: Json = {"zero": True, "nice": True}
    lowest = min((major(point.value, panel.unit) or 0 for point in panel.points), default=0)
    if has_room_below and lowest < 0:
        scale["domainMin"] = lowest * 1.2
    return {"field": "value", "type": "quantitative", "scale": scale, "axis": axis, "stack": None}


def zero_line() -> Json:
    """Where zero is, drawn over the grid."""
    return {"data": {"values": [{"value": 0}]}, "mark": {"type": "rule", "color": INK, "strokeWidth": 1}} | {
        "encoding": {"y": {"field": "value", "type": "quantitative"}}
    }
