"""Drawing: the one place that loads the drawing library, in a thread of its own and within a bound."""

from dataclasses import replace
from functools import partial
from typing import Literal

import anyio
import anyio.to_thread

from paydesk.server.charts.letters import drawable
from paydesk.server.charts.picture_size import packed
from paydesk.server.charts.specification import specification
from paydesk.server.errors import PaydeskError
from paydesk.server.limits import CHART_TIMEOUT_S
from paydesk.skills.base import Mode
from paydesk.skills.chart import Chart

ChartForm = Literal["png", "svg"]


async def draw(chart: Chart, form: ChartForm, mode: Mode) -> bytes:
    """The chart as PNG (about 800 x 450 pixels) or SVG (UTF-8). Raises PaydeskError (chart_failed)."""
    try:
        with anyio.fail_after(CHART_TIMEOUT_S):
            # A picture that hangs is left behind: its thread holds nothing but the figures.
            return await anyio.to_thread.run_sync(partial(_drawn, chart, form, mode), abandon_on_cancel=True)
    except (TimeoutError, ValueError):
        raise PaydeskError(
            "The chart could not be drawn.", code="chart_failed", next_step="The figures stand without it."
        ) from None


def _drawn(chart: Chart, form: ChartForm, mode: Mode) -> bytes:
    import vl_convert

    # A page's reader has fonts of their own; a picture has those of this machine.
    spec = specification(_in_drawable_letters(chart) if form == "png" else chart, mode)
    # No address may be read, whatever stands in the figures.
    if form == "png":
        return packed(vl_convert.vegalite_to_png(spec, allowed_base_urls=[]))
    return str(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])).encode()


def _in_drawable_letters(chart: Chart) -> Chart:
    panels = tuple(
        replace(panel, points=tuple(replace(point, at=drawable(point.at)) for point in panel.points))
        for panel in chart.panels
    )
    return replace(chart, title=drawable(chart.title), subtitle=drawable(chart.subtitle), panels=panels)
