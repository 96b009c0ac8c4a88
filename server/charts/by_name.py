"""Charts of parts and names: ranked bars, the movements of recurring revenue, cohorts."""

from decimal import Decimal

from paydesk.server.charts.over_time import across, upward, zero_line
from paydesk.server.charts.scaling import labels, major, shown, written
from paydesk.server.charts.style import BLUE, INK, MOVEMENTS, SHADES, Json
from paydesk.skills.books import GroupBy
from paydesk.skills.chart import ChartPanel, ChartPoint

#: Percent from which a shade is so dark that text on it is white.
_DARK_FROM = 66
#: More columns or rows than these leave no room for a number in each.
_COLUMNS_WRITTEN_MOST, _ROWS_WRITTEN_MOST = 16, 18
_SHADES_LEGEND: Json = {
    "title": "Percent who still paid", "titleOrient": "left", "orient": "bottom-right", "direction": "horizontal",
    "gradientLength": 200, "titleFontWeight": "normal", "tickCount": 5,
}  # fmt: skip


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
    domain = {"domain": _room(rows, 0.45 if is_narrow else 0.16)}
    x = {"field": "value", "type": "quantitative", "scale": {"zero": True, "nice": False, **domain}, "axis": None}
    place = {"x": x, "y": y}
    bar = {"type": "bar", "color": BLUE, "height": {"band": 0.68}}
    layers: list[Json] = [{"data": {"values": rows}, "mark": bar, "encoding": place}]
    for is_below, side in ((False, {"align": "left", "dx": 5}), (True, {"align": "right", "dx": -5})):
        found = [row for row in rows if ((row["value"] or 0) < 0) is is_below]
        if found:
            text: Json = {"data": {"values": found}, "mark": {"type": "text", "fontSize": size, **side}}
            layers.append(text | {"encoding": {**place, "text": {"field": "text"}}})
            layers += [_zero_upright(x)] if is_below else []
    return layers


def _room(rows: list[Json], share: float) -> list[float]:
    """The ends of an axis, with room for what is written at the longest bar of each side."""
    values = [row["value"] or 0.0 for row in rows]
    least, most = min([0.0, *values]), max([0.0, *values])
    room = (most - least) * share
    return [least - room if least else 0.0, (most + room if most or least else 1.0)]


def _zero_upright(x: Json) -> Json:
    """Where zero is, between bars to either side."""
    return {"data": {"values": [{"value": 0}]}, "mark": {"type": "rule", "color": INK}, "encoding": {"x": x}}


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
    """A row a cohort, a column a month of its life; its share that stayed, darker for more, written where it fits."""
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
    is_dense = len(columns) > _COLUMNS_WRITTEN_MOST or len(named) > _ROWS_WRITTEN_MOST
    place = _table([str(column) for column in columns], list(named.values()))
    shade = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [0, 100], "range": list(SHADES), "clamp": True},
        "legend": _SHADES_LEGEND if is_dense else None,
    }
    written_in = [
        (INK, [row for row in rows if row["value"] < _DARK_FROM]),
        ("white", [row for row in rows if row["value"] >= _DARK_FROM]),
    ]
    size = 11 if len(columns) <= 12 else 10
    return [
        {"data": {"values": rows}, "mark": {"type": "rect", "stroke": "white", "strokeWidth": 0.5 if is_dense else 2}}
        | {"encoding": {**place, "color": shade}},
        *(
            {"data": {"values": found}, "mark": {"type": "text", "fontSize": size, "color": ink}}
            | {"encoding": {**place, "text": {"field": "text"}}}
            for ink, found in written_in
            if not is_dense
        ),
    ]


def _table(columns: list[str], rows: list[str]) -> Json:
    """The axes of cohorts by months, with as many labels as can be read."""
    x_axis = {"title": "Months since they came", "labelAngle": 0, "orient": "top", "grid": False}
    y_axis = {"title": None, "grid": False, "labelColor": INK, "values": shown(rows, _ROWS_WRITTEN_MOST)}
    kind: Json = {"type": "ordinal", "sort": None}
    x = {**kind, "field": "month", "scale": {"domain": columns}, "axis": {**x_axis, "values": shown(columns, 24)}}
    return {"x": x, "y": {**kind, "field": "cohort", "scale": {"domain": rows}, "axis": y_axis}}
