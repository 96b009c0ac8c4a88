"""Charts: honest axes, findings as titles, and nothing of a customer's text that is more than text."""

import html
import struct
import threading
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.server.charts import draw, drawing
from paydesk.server.charts.letters import drawable
from paydesk.server.charts.picture_size import packed
from paydesk.server.charts.specification import PANELS_MOST, specification
from paydesk.server.errors import PaydeskError
from paydesk.skills.books import Span
from paydesk.skills.chart import Chart, ChartPanel, ChartPoint
from paydesk.skills.chart_words import changed, moved
from paydesk.skills.charting import Drawn, chart_over_time, chart_ranked
from paydesk.skills.charting_revenue import chart_of
from paydesk.skills.figures import Figure
from paydesk.skills.money import money

MONTHS = [date(2026, month, 1) for month in range(1, 12)]
HOSTILE = (
    "<script>alert(1)</script>",
    "https://evil.example/x.png",
    "javascript:alert(1)",
    "{datum.value} ${signal} `x`",
    '"]}, "mark": "image"',
    "]]>&lt;svg onload=alert(1)>",
)

PARTS = {"new": 900, "churn": -400, "expansion": 50, "contraction": -20, "reactivation": 7}


def about(name: str = "Revenue", today: date = date(2026, 11, 21)) -> Drawn:
    return Drawn(name, "payments captured less refunds", Span(date(2026, 1, 1), date(2026, 12, 1)), today)


def revenue(*currencies: str) -> list[Figure]:
    return [
        Figure(group=month.isoformat(), amount=money(100_000 + 5_000 * month.month, currency))
        for currency in currencies
        for month in MONTHS
    ]


def of_kind(kind: Any, *panels: ChartPanel, by: Any = "month") -> Chart:
    return Chart(kind, "Title", "Definition.", panels, by)


def every_kind() -> Iterator[Chart]:
    money_over_time = chart_over_time(revenue("usd"), "month", about())
    several = chart_over_time(revenue("usd", "eur", "jpy", "gbp"), "month", about())
    ranked = chart_ranked(
        [Figure(group=f"{name} cus_{at}", amount=money(900, "usd")) for at, name in enumerate(HOSTILE)], about()
    )
    assert money_over_time
    assert several
    assert ranked
    yield from (money_over_time, several, ranked)
    rates = [Figure(group=month.isoformat(), percent=f"{month.month}.5%", count=1, of=9) for month in MONTHS]
    line = chart_over_time(rates, "month", about("Failure rate"))
    assert line
    yield line
    parts = [
        ChartPoint(month.isoformat(), amount, part)
        for month in MONTHS
        for part, amount in (
            ("new", 900),
            ("churn", -400),
            ("expansion", 50),
            ("contraction", -20),
            ("reactivation", 7),
        )
    ]
    yield of_kind("movements", ChartPanel("usd", tuple(parts)))
    cells = [ChartPoint(str(at), Decimal(100 - at * 7), month.isoformat()) for month in MONTHS for at in range(6)]
    yield of_kind("cohorts", ChartPanel("percent", tuple(cells)))
    was = [ChartPoint(month.isoformat(), 500) for month in MONTHS[:-1]]
    will = [ChartPoint(month, 500, "expected", 400, 600) for month in ("2026-11-01", "2026-12-01", "2027-01-01")]
    yield of_kind("forecast", ChartPanel("usd", (*was, *will)))


@pytest.mark.parametrize("chart", list(every_kind()), ids=lambda chart: f"{chart.kind}-{len(chart.panels)}")
async def test_every_kind_is_a_picture_of_a_chat_s_size(chart: Chart) -> None:
    """Ours: about 800 by 450 pixels and at most 60 kB, since a chat carries it in base64."""
    png = await draw(chart, "png", "live")
    width, height = struct.unpack(">II", png[16:24])
    assert png.startswith(b"\x89PNG")
    assert 760 <= width <= 830
    assert 370 <= height <= 530
    assert len(png) <= 60_000
    svg = (await draw(chart, "svg", "live")).decode()
    assert svg.startswith("<svg")
    assert chart.title.split("(")[0].strip().split(":")[0] in html.unescape(svg)


def keys(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            if key != "values":  # rows are data
                yield from keys(value)
    elif isinstance(node, list):
        for one in node:
            yield from keys(one)


@pytest.mark.parametrize("chart", list(every_kind()), ids=lambda chart: f"{chart.kind}-{len(chart.panels)}")
def test_nothing_in_a_chart_can_be_evaluated_or_fetched(chart: Chart) -> None:
    """Ours: customers write names; a chart has no expression, signal, address or link that a name could end in."""
    active = {"expr", "signal", "url", "href", "test", "calculate", "transform", "params", "labelExpr", "usermeta"}
    assert not active & set(keys(specification(chart, "live")))


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_name_is_shown_and_nothing_else(name: str) -> None:
    """Ours: an SVG is opened in a browser, where markup in a name would run."""
    figures = [Figure(group=f"{one} cus_{at}", amount=money(500, "usd")) for at, one in enumerate((name, "Other"))]
    chart = chart_ranked(figures, about("Top customers"))
    assert chart
    svg = (await draw(chart, "svg", "live")).decode()
    assert not any(mark in svg for mark in ("<script", "<image", "href=", "onload=alert(1)>", "<svg onload"))
    assert svg.count("<svg") == 1
    assert (await draw(chart, "png", "live")).startswith(b"\x89PNG")


async def test_no_address_is_read_while_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: even a specification that names an address is refused rather than followed."""
    remote = {"data": {"url": "https://example.com/a.csv"}, "mark": "bar", "encoding": {"x": {"field": "a"}}}
    monkeypatch.setattr(drawing, "specification", lambda chart, mode: remote)
    with pytest.raises(PaydeskError) as refused:
        await draw(next(every_kind()), "png", "live")
    assert refused.value.code == "chart_failed"


async def test_a_picture_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: every wait has a bound; the figures stand without their picture."""
    ended = threading.Event()
    monkeypatch.setattr(drawing, "CHART_TIMEOUT_S", 0.01)
    monkeypatch.setattr(drawing, "_drawn", lambda *_: ended.wait(20))
    with pytest.raises(PaydeskError) as late:
        await draw(next(every_kind()), "png", "live")
    ended.set()
    assert late.value.code == "chart_failed"


def test_currencies_never_share_an_axis_and_those_left_out_are_named() -> None:
    """Ours: dollars and yen on one axis would be added by the eye."""
    codes = ("aud", "cad", "chf", "eur", "gbp", "usd")
    chart = chart_over_time(revenue(*codes), "month", about())
    assert chart
    assert [panel.unit for panel in chart.panels] == list(codes)
    whole = specification(chart, "live")
    assert len(whole["vconcat"]) == PANELS_MOST
    assert "Not drawn: GBP, USD." in " ".join(whole["title"]["subtitle"])


def test_panels_above_one_another_share_their_days() -> None:
    """Ours: only the lowest panel names its days, so a bar above another is of the same day."""
    euros = ChartPanel("eur", (ChartPoint("2026-11-22", 1), ChartPoint("2026-11-24", 2)))
    dollars = ChartPanel("usd", (ChartPoint("2026-11-22", 1), ChartPoint("2026-11-23", 3)))
    whole = specification(of_kind("bars", euros, dollars, by="day"), "live")
    domains = [panel["layer"][0]["encoding"]["x"]["scale"]["domain"] for panel in whole["vconcat"]]
    assert domains == [["22 Nov", "23 Nov", "24 Nov"]] * 2


def test_bars_begin_at_zero_and_money_is_in_major_units() -> None:
    """Ours: a cut axis makes a small change look large."""
    chart = chart_over_time(revenue("usd"), "month", about())
    assert chart
    bars = specification(chart, "live")["layer"][0]
    assert bars["encoding"]["y"]["scale"]["zero"] is True
    assert bars["encoding"]["y"]["axis"]["title"] == "USD"
    assert bars["data"]["values"][0] == {"at": "Jan 2026", "value": 1050.0, "partial": False}


def test_a_month_without_payments_is_zero_and_a_rate_of_nothing_is_a_gap() -> None:
    """Ours: nothing sold is a fact, a share of nothing is not."""
    sums = chart_over_time([one for one in revenue("usd") if one.group != "2026-04-01"], "month", about())
    rates = [Figure(group=m.isoformat(), percent="5.0%", count=1, of=20) for m in MONTHS if m.month != 4]
    shares = chart_over_time(rates, "month", about())
    assert sums
    assert shares
    assert sums.panels[0].points[3].value == 0
    assert shares.panels[0].points[3].value is None
    assert "gaps" in shares.subtitle


def test_the_month_that_is_not_over_is_pale_and_the_title_tells_of_the_one_before() -> None:
    """Ours: half a month beside a whole one reads as a fall."""
    chart = chart_over_time(revenue("usd"), "month", about())
    assert chart
    assert [point.at for point in chart.panels[0].points if point.is_partial] == ["2026-11-01"]
    assert chart.title == "Revenue rose 3.4% to $1,500 in October 2026"
    over = chart_over_time(revenue("usd"), "month", about(today=date(2026, 12, 2)))
    assert over
    assert "November 2026" in over.title


def test_days_are_told_by_their_highest() -> None:
    """Ours: yesterday against the day before is noise."""
    days = [date(2026, 9, 1) + timedelta(days=at) for at in range(30)]
    figures = [Figure(group=day.isoformat(), amount=money(100 * day.day, "usd")) for day in days]
    chart = chart_over_time(figures, "day", Drawn("Revenue", "x", Span(days[0], date(2026, 10, 1)), date(2026, 11, 21)))
    assert chart
    assert chart.kind == "line"
    assert chart.title == "Revenue was highest on 30 September 2026: $30"


def test_a_single_figure_is_not_drawn() -> None:
    """Ours: a chart of one bar says less than its sentence."""
    assert chart_over_time([Figure(amount=money(5, "usd"))], "month", about()) is None
    assert chart_ranked([Figure(group="Zoë cus_1", amount=money(5, "usd"))], about()) is None


async def test_a_picture_says_that_it_is_of_the_sandbox() -> None:
    """Ours: a picture is passed on without its text."""
    assert specification(next(every_kind()), "sandbox")["title"]["subtitle"][0].startswith("[sandbox] ")


AMOUNTS = st.integers(-(10**12), 10**12)


@given(AMOUNTS, AMOUNTS, st.sampled_from(["usd", "jpy", "kwd", "count"]))
def test_a_change_is_told_in_the_right_direction(now: int, before: int, unit: str) -> None:
    """Ours: whatever the figures, `rose` is said of more and `fell` of less, and no division fails."""
    if unit == "kwd":
        now, before = now * 10, before * 10
    words = moved(now, before, unit)
    assert words.startswith("stayed" if now == before else "rose" if now > before else "fell")
    assert changed(now, before, unit)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Søren & Łukasz, Ελλάδα, Москва – €5", "Søren & Łukasz, Ελλάδα, Москва – €5"),
        ("مرحبا", "mrhb"),
        ("Café 😀", "Café :grinning:"),
    ],
)
def test_letters_that_no_font_has_are_written_in_latin(text: str, expected: str) -> None:
    """Ours: a name that reads as five empty boxes names nobody."""
    assert drawable(text) == expected


def test_chinese_letters_stay_where_a_font_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: whoever has the font reads the name as it is written."""
    monkeypatch.setattr("paydesk.server.charts.letters.has_east_asian_font", lambda: True)
    assert drawable("株式会社") == "株式会社"
    monkeypatch.setattr("paydesk.server.charts.letters.has_east_asian_font", lambda: False)
    assert drawable("株式会社") == "ZhuShiHuiShe"


def test_two_customers_of_one_name_have_a_bar_each() -> None:
    """Ours: names are not keys."""
    points = (ChartPoint("Jane", 500), ChartPoint("Jane", 300))
    rows = specification(of_kind("ranked", ChartPanel("usd", points), by=None), "live")["layer"][0]["data"]["values"]
    assert len({row["at"] for row in rows}) == 2


def test_packing_changes_no_pixel() -> None:
    """Ours: smaller, and the same picture (https://www.w3.org/TR/png-3/)."""
    pixels = bytes([0]) + bytes(range(12))
    header = struct.pack(">IIBBBBB", 3, 1, 8, 6, 0, 0, 0)
    loose = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in (
            (b"IHDR", header),
            (b"tEXt", b"who\x00cares"),
            (b"IDAT", zlib.compress(pixels, 0)[:9]),
            (b"IDAT", zlib.compress(pixels, 0)[9:]),
            (b"IEND", b""),
        )
    )
    small = packed(loose)
    at = small.index(b"IDAT")
    (length,) = struct.unpack(">I", small[at - 4 : at])
    assert zlib.decompress(small[at + 4 : at + 4 + length]) == pixels
    assert header in small
    assert b"tEXt" not in small


def layers_of(chart: Chart, mark: str) -> list[dict[str, Any]]:
    return [layer for layer in specification(chart, "live")["layer"] if layer["mark"]["type"] == mark]


def test_many_names_are_cut_to_those_that_can_be_read_and_it_is_said() -> None:
    """Ours: sixty bars with sixty names are a grey smear."""
    figures = [Figure(group=f"Customer {at} cus_{at}", amount=money(9_000 - at, "usd")) for at in range(60)]
    chart = chart_ranked(figures, about("Top customers"))
    assert chart
    (bars,) = layers_of(chart, "bar")
    assert [row["at"] for row in bars["data"]["values"]] == [f"Customer {at}" for at in range(20)]
    assert specification(chart, "live")["title"]["subtitle"][0].startswith("The first 20 of 60.")


def test_a_name_in_two_currencies_is_one_name() -> None:
    """Ours: an id stands beside a name where two of one currency share it, and only there."""
    names = (("Ann", "usd"), ("Bob", "usd"), ("Ann", "eur"), ("Bob", "eur"), ("Bob", "eur"))
    figures = [Figure(group=f"{name} cus_{at}", amount=money(900 - at, code)) for at, (name, code) in enumerate(names)]
    chart = chart_ranked(figures, about("Top customers"))
    assert chart
    assert [[point.at for point in panel.points] for panel in chart.panels] == [
        ["Ann", "Bob cus_3", "Bob cus_4"],
        ["Ann", "Bob"],
    ]


def test_what_is_below_zero_has_its_value_beside_it() -> None:
    """Ours: text on a bar of its own darkness cannot be read."""
    chart = of_kind("ranked", ChartPanel("usd", (ChartPoint("Visa", 500), ChartPoint("Diners", -900))), by=None)
    (bars,), texts = layers_of(chart, "bar"), layers_of(chart, "text")
    assert [(layer["mark"]["align"], len(layer["data"]["values"])) for layer in texts] == [("left", 1), ("right", 1)]
    least, most = bars["encoding"]["x"]["scale"]["domain"]
    assert least < -9.0 < 5.0 < most


async def test_three_years_of_cohorts_are_shades_with_a_legend() -> None:
    """Ours: numbers stand in the cells where there is room for them, and the picture stays small for a chat."""
    firsts = [date(2021 + at // 12, at % 12 + 1, 1).isoformat() for at in range(36)]
    cells = [ChartPoint(str(at), Decimal(100 - at), born) for row, born in enumerate(firsts) for at in range(36 - row)]
    chart = of_kind("cohorts", ChartPanel("percent", tuple(cells)))
    assert layers_of(chart, "text") == []
    assert layers_of(chart, "rect")[0]["encoding"]["color"]["legend"]
    assert len(await draw(chart, "png", "live")) <= 60_000


@pytest.mark.parametrize(
    ("values", "sides"),
    [((1, 5, 9), ["left"]), ((9, 5, 1), ["right"]), ((9, 5, 9), ["below"]), ((5, 9, 5), ["above"])],
)
def test_a_value_keeps_clear_of_its_line(values: tuple[int, ...], sides: list[str]) -> None:
    """Ours: above a peak, below a valley, on the outer side of a slope."""
    points = [ChartPoint(month.isoformat(), value) for month, value in zip(MONTHS, values, strict=False)]
    found = []
    for layer in layers_of(of_kind("line", ChartPanel("count", tuple(points))), "text"):
        if any(row["text"] == str(values[1]) and row["at"].startswith("Feb") for row in layer["data"]["values"]):
            mark = layer["mark"]
            found.append(
                {"right": "left", "left": "right"}.get(mark.get("align", ""), "below" if mark["dy"] > 0 else "above")
            )
    assert found == sides


@pytest.mark.parametrize(("end", "told"), [(date(2026, 7, 1), "June 2026"), (date(2026, 12, 1), "October 2026")])
def test_the_title_of_movements_is_of_the_last_whole_month(end: date, told: str) -> None:
    """Ours: a period that is over ends with a whole month; the present one is not whole."""
    figures = [
        Figure(group=month.isoformat(), part=part, amount=money(amount * month.month, "usd"))
        for month in MONTHS
        if month < end
        for part, amount in {"start": 100, **PARTS, "end": 637}.items()
    ]
    span = Drawn("MRR", "by the month", Span(date(2026, 1, 1), end), date(2026, 11, 21))
    chart = chart_of("movements", figures, "month", span)
    assert chart
    assert chart.title.endswith(told)
