"""Charts of parts and names: ranked bars, the movements of recurring revenue, cohorts."""

from decimal import Decimal

from paydesk.server.charts.over_time import across, upward, zero_line
from paydesk.server.charts.scaling import labels, major, written
from paydesk.server.charts.style import BLUE, INK, MOVEMENTS, SHADES, Json
from paydesk.skills.books import GroupBy
from paydesk.skills.chart import ChartPanel, ChartPoint

#: Percent from which a shade is so dark that text on it is white.
_DARK_FROM = 66


def ranked(panel: ChartPanel, *, is_narrow: bool = False) -> list[Json]:
    """A horizontal bar a name, the largest on top, its value at its end; names are data, cut where they are long."""
    rows: list[Json] = []
    names: list[str] = []
    for point in panel.points:
        if point.value is not None:
            # Two of one name would share a bar.
            name = point.at if point.at not in names else f"{point.at} ({len(names) + 1})"
            names.append(name)
            rows.append({"at": name, "value": major(point.value, panel.unit), "text": written(point.value, panel.unit)})
    axis = {"title": None, "labelLimit": 125 if is_narrow else 230, "labelColor": INK, "grid": False}
    axis["labelFontSize"] = size = 11 if is_narrow else 12
    y = {"field": "at", "type": "nominal", "sort": None, "scale": {"domain": names}, "axis": axis}
    # What is written at the longest bar needs room beside it.
    most = max((row["value"] or 0 for row in rows), default=0)
    least = min((row["value"] or 0 for row in rows), default=0)
    domain = {"domain": [min(least, 0), max(most, 0) * (1.45 if is_narrow else 1.16) or 1]}
    x = {"field": "value", "type": "quantitative", "scale": {"zero": True, "nice": False, **domain}, "axis": None}
    place, data = {"x": x, "y": y}, {"values": rows}
    return [
        {"data": data, "mark": {"type": "bar", "color": BLUE, "height": {"band": 0.68}}, "encoding": place},
        {"data": data, "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": size}}
        | {"encoding": {**place, "text": {"field": "text"}}},
    ]


def movements(panel: ChartPanel, by: GroupBy | None) -> list[Json]:
    """What came stacked above zero and what went below it, with the sum of both as a short black line."""
    named = labels(panel.points, by)
    rows = [
        {
            "at": named[point.at],
            "value": major(point.value, panel.unit),
            "part": point.series.capitalize(),
            "order": list(MOVEMENTS).index(point.series),
        }
        for point in panel.points
        if point.value
    ]
    sums = dict.fromkeys(named, Decimal(0))
    for point in panel.points:
        sums[point.at] += point.value or 0
    net = [{"at": named[at], "value": major(total, panel.unit)} for at, total in sums.items()]
    y = upward(panel)
    colour = {
        "field": "part",
        "type": "nominal",
        "scale": {"domain": [part.capitalize() for part in MOVEMENTS], "range": list(MOVEMENTS.values())},
        "legend": {"title": None, "direction": "horizontal", "symbolSize": 140},
    }
    bars = {"x": across(named), "y": {**y, "stack": "zero"}, "color": colour, "order": {"field": "order"}}
    return [
        {"data": {"values": rows}, "mark": {"type": "bar", "width": {"band": 0.66}}, "encoding": bars},
        {
            "data": {"values": net},
            "mark": {"type": "tick", "color": "black", "thickness": 3, "opacity": 1, "width": {"band": 0.8}},
            "encoding": {"x": across(named), "y": y},
        },
        zero_line(),
    ]


def cohorts(panel: ChartPanel, by: GroupBy | None) -> list[Json]:
    """A row a cohort, a column a month of its life; the share of it that stayed, darker for more, and written out."""
    rows_of = list(dict.fromkeys(point.series for point in panel.points))
    named = labels([ChartPoint(cohort, 0) for cohort in rows_of], by)
    columns = sorted({int(point.at) for point in panel.points})
    rows: list[Json] = [
        {
            "month": point.at,
            "cohort": named[point.series],
            "value": major(point.value, panel.unit),
            "text": f"{Decimal(point.value).normalize():f}",
        }
        for point in panel.points
        if point.value is not None
    ]
    x = {
        "field": "month",
        "type": "ordinal",
        "sort": None,
        "scale": {"domain": [str(column) for column in columns]},
        "axis": {"title": "Months since they came", "labelAngle": 0, "orient": "top", "grid": False},
    }
    y = {
        "field": "cohort",
        "type": "ordinal",
        "sort": None,
        "scale": {"domain": list(named.values())},
        "axis": {"title": None, "grid": False, "labelColor": INK},
    }
    place = {"x": x, "y": y}
    shade = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [0, 100], "range": list(SHADES), "clamp": True},
        "legend": None,
    }
    size = 11 if len(columns) <= 14 else 9
    written_in = [
        (INK, [row for row in rows if row["value"] < _DARK_FROM]),
        ("white", [row for row in rows if row["value"] >= _DARK_FROM]),
    ]
    return [
        {"data": {"values": rows}, "mark": {"type": "rect", "stroke": "white", "strokeWidth": 2}}
        | {"encoding": {**place, "color": shade}},
        *(
            {"data": {"values": found}, "mark": {"type": "text", "fontSize": size, "color": ink}}
            | {"encoding": {**place, "text": {"field": "text"}}}
            for ink, found in written_in
        ),
    ]
