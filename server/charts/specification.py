"""From a chart to Vega-Lite (https://vega.github.io/vega-lite/docs/), as data throughout.

Text of customers only ever stands as a value of inline rows or in a title: there is no expression, no signal, no
address and no link in what is made here, so nothing of it can be evaluated or fetched.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from paydesk.server.charts.by_name import cohorts, movements, ranked
from paydesk.server.charts.over_time import bars, forecast, line
from paydesk.server.charts.style import CONFIG, HEIGHT, WIDTH, Json, half_size, panel_size, titled
from paydesk.skills.base import Mode
from paydesk.skills.books import GroupBy
from paydesk.skills.chart import Chart, ChartKind, ChartPanel, ChartPoint
from paydesk.skills.chart_words import listed

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
#: More panels than this would each be too flat to read.
PANELS_MOST = 4
#: More names than these cannot be told apart in a part of a picture, or in a whole one.
RANKED_MOST, RANKED_ALONE_MOST = 5, 20
_LAYERS: Mapping[ChartKind, Callable[[ChartPanel, GroupBy | None], list[Json]]] = {
    "line": line,
    "bars": bars,
    "ranked": lambda panel, _: ranked(panel),
    "movements": movements,
    "cohorts": cohorts,
    "forecast": forecast,
}


def specification(chart: Chart, mode: Mode) -> Json:
    """The chart as a Vega-Lite specification; outside live mode the picture says whose figures it shows."""
    panels, left_out = _on_one_time(chart)[:PANELS_MOST], chart.panels[PANELS_MOST:]
    told = f"[{mode}] " if mode != "live" else ""
    if chart.kind == "ranked" and any(len(panel.points) > RANKED_MOST for panel in panels[1:]):
        told = f"{told}The first {RANKED_MOST} of each currency. "
    if chart.kind == "ranked" and len(panels) == 1 and len(panels[0].points) > RANKED_ALONE_MOST:
        told = f"{told}The first {RANKED_ALONE_MOST} of {len(panels[0].points)}. "
        panels = (replace(panels[0], points=panels[0].points[:RANKED_ALONE_MOST]),)
    more = f" Not drawn: {listed([panel.unit.upper() for panel in left_out], 6)}." if left_out else ""
    whole: Json = {
        "$schema": _SCHEMA,
        "description": chart.title,
        "title": titled(chart.title, f"{told}{chart.subtitle}{more}"),
        "config": CONFIG,
    }
    if chart.kind == "ranked" and len(panels) > 1:
        return {**whole, **_beside_one_another(panels)}
    layers = [_LAYERS[chart.kind](panel, chart.by) for panel in panels]
    if len(panels) == 1:
        fit = {"type": "fit", "contains": "padding"}
        return {**whole, "width": WIDTH, "height": HEIGHT, "autosize": fit, "layer": layers[0]}
    size = panel_size(len(panels))
    for layer in layers[:-1]:
        _leave_time_to_the_last(layer)
    for layer in layers:
        _mark_few(layer)
    return {**whole, "spacing": 24, "vconcat": [{**size, "layer": layer} for layer in layers]}


def _on_one_time(chart: Chart) -> tuple[ChartPanel, ...]:
    """The panels, each with a place for every group of days that any of them has: they share one axis of time."""
    ats = {point.at for panel in chart.panels for point in panel.points}
    if chart.by is None or chart.kind == "cohorts":
        return chart.panels
    return tuple(
        replace(panel, points=tuple(sorted((*panel.points, *_places(panel, ats)), key=lambda point: point.at)))
        for panel in chart.panels
    )


def _places(panel: ChartPanel, ats: set[str]) -> list[ChartPoint]:
    return [ChartPoint(at, None) for at in ats - {point.at for point in panel.points}]


def _beside_one_another(panels: Sequence[ChartPanel]) -> Json:
    """Ranked panels two in a row, each with as many names as can be read there."""
    drawn = [
        {
            "title": {"text": panel.unit.upper(), "fontSize": 12, "offset": 4, "frame": "group"},
            **half_size(len(panels)),
            "layer": ranked(replace(panel, points=panel.points[:RANKED_MOST]), is_narrow=True),
        }
        for panel in panels
    ]
    return {"concat": drawn, "columns": 2, "spacing": {"row": 14, "column": 22}}


def _leave_time_to_the_last(layers: list[Json]) -> None:
    """Panels above one another share their groups of days, so only the lowest names them."""
    for layer in layers:
        x = layer["encoding"].get("x", {})
        if x.get("type") == "ordinal":
            x["axis"] = {**x["axis"], "labels": False}


def _mark_few(layers: list[Json]) -> None:
    """A flat panel bears few marks on its axis."""
    for layer in layers:
        y = layer["encoding"].get("y", {})
        if "tickCount" in (y.get("axis") or {}):
            y["axis"] = {**y["axis"], "tickCount": 3}
