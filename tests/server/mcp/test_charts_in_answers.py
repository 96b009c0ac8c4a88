"""A chart beside an answer: an image after the text, and never at the cost of the figures."""

from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from paydesk.server import charts
from paydesk.server.errors import PaydeskError
from paydesk.server.mcp.answers import answer_with_picture
from paydesk.server.mcp.factory import build_server
from paydesk.server.settings import Settings
from paydesk.server.wiring import open_desk
from paydesk.skills.base import Result
from paydesk.skills.chart import Chart, ChartPanel, ChartPoint

BARS = Chart("bars", "Two", "Of two.", (ChartPanel("count", (ChartPoint("a", 1), ChartPoint("b", 2))),))
OCTOBER = {"metric": "revenue", "start": "2026-08-01", "end": "2026-11-01", "group_by": "month", "currency": "usd"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose sandbox is built once for all tests here."""
    return tmp_path_factory.mktemp("home")


class Drawn(Result):
    """A result with a chart."""

    figures: list[int]

    def sentence(self) -> str:
        return "One, two."

    def drawing(self) -> Chart | None:
        return BARS


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_chart_is_an_image_after_the_text_and_leaves_the_structure_alone(home: Path, mode: Any) -> None:
    """MCP: content may hold an image, base64 with its type; ours: text first, for clients that show no images."""
    async with open_desk(Settings(home=home, mirror="off")) as desk, Client(build_server(desk), mode=mode) as client:
        plain = await client.call_tool("get_analytics", OCTOBER)
        drawn = await client.call_tool("get_analytics", {**OCTOBER, "chart": True})
    assert [block.type for block in drawn.content] == ["text", "image"]
    assert [block.type for block in plain.content] == ["text"]
    assert drawn.content[0].text == plain.content[0].text
    assert drawn.structured_content == plain.structured_content
    assert drawn.content[1].mime_type == "image/png"
    assert b64decode(drawn.content[1].data).startswith(b"\x89PNG")


async def test_a_single_figure_says_that_there_is_nothing_to_draw(home: Path) -> None:
    """Ours: what was asked for and is not there is said."""
    async with open_desk(Settings(home=home, mirror="off")) as desk, Client(build_server(desk)) as client:
        asked = {"currency": "usd", "chart": True}
        answer = await client.call_tool("get_analytics", {"metric": "mrr", **asked})
        never_grouped = await client.call_tool("get_analytics", {"metric": "churn", **asked})
    assert [block.type for block in answer.content] == ["text"]
    assert "No chart: a chart needs several figures to draw; group_by gives them." in answer.content[0].text
    assert not answer.is_error
    assert "No chart: a chart needs several figures to draw.)" in never_grouped.content[0].text


async def test_figures_stand_where_the_picture_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: a picture that cannot be drawn costs nobody their answer."""

    async def fail(*_: object) -> bytes:
        raise PaydeskError("The chart could not be drawn.", code="chart_failed")

    monkeypatch.setattr(charts, "draw", fail)
    told = await answer_with_picture(Drawn(figures=[1, 2]), "live")
    assert [block.text for block in told.content] == ["One, two.", "The chart could not be drawn."]
    assert told.structured_content == {"figures": [1, 2]}
    assert not told.is_error
