"""Forecasts are decided by a back-test and bounded; anomalies stand out from their weekday, and from nothing else."""

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from paydesk.server.analytics.anomalies import anomalies
from paydesk.server.analytics.forecasting import LEAST, forecast
from paydesk.skills.books import Span

WEEK = [100, 120, 130, 110, 160, 40, 20]


def test_too_little_past_is_no_forecast() -> None:
    """Ours: with fewer than eight whole groups, or nothing at all in them, nothing is made up."""
    assert forecast([5_000] * (LEAST - 1), 3, 12) is None
    assert forecast([0] * 30, 3, 12) is None
    assert forecast([5_000] * LEAST, 3, 12) is not None


def test_what_never_changed_goes_on_so() -> None:
    """Ours: the same every month is expected again, with no doubt about it."""
    told = forecast([5_000] * 30, 3, 12)
    assert told is not None
    assert [(one.value, one.low, one.high) for one in told.expected] == [(5_000, 5_000, 5_000)] * 3
    assert told.miss == 0


def test_a_season_is_found_where_there_is_one() -> None:
    """Hyndman and Athanasopoulos: a seasonal method wins on a seasonal past, to the day."""
    told = forecast([value * 100 for value in WEEK] * 6, 14, 7)
    assert told is not None
    assert [one.value for one in told.expected] == [value * 100 for value in WEEK * 2]


def test_a_season_that_grows_takes_holt_winters() -> None:
    """Ours: the back-test decides; as one season before would always be too low."""
    grown = [value * 100 + 60 * place for place, value in enumerate(WEEK * 10)]
    told = forecast(grown, 7, 7)
    assert told is not None
    assert told.method == "Holt-Winters"
    coming = [value * 100 + 60 * (70 + place) for place, value in enumerate(WEEK)]
    assert all(abs(one.value - truth) < 600 for one, truth in zip(told.expected, coming, strict=True))


@given(st.lists(st.integers(-10_000, 10**9), min_size=LEAST, max_size=40), st.sampled_from([1, 4, 7, 12]))
def test_every_forecast_lies_within_its_bounds_and_they_never_narrow(history: list[int], season: int) -> None:
    """Ours: looking further is never surer."""
    told = forecast(history, 5, season)
    if told is not None:
        assert len(told.expected) == 5
        assert all(one.low <= one.value <= one.high for one in told.expected)
        widths = [one.high - one.low for one in told.expected]
        assert all(later >= earlier - 2 for earlier, later in pairwise(widths))


def test_a_day_far_from_its_weekday_stands_out_and_a_quiet_sunday_does_not() -> None:
    """Iglewicz and Hoaglin: more than 3.5 by the median deviation."""
    values = {day: WEEK[day % 7] + (day * 7919) % 5 for day in range(70)}
    assert anomalies(values) == []
    values[33] = 900
    (found,) = anomalies(values) or []
    assert (found.day, found.value) == (33, 900)
    assert found.low <= WEEK[33 % 7] <= found.high
    assert found.score_tenths > 35


def test_too_few_days_say_nothing_and_days_all_alike_hide_nothing() -> None:
    """Ours: with a median deviation of zero the mean one stands in."""
    assert anomalies(dict.fromkeys(range(13), 5)) is None
    assert anomalies(dict.fromkeys(range(60), 5)) == []
    (found,) = anomalies({**dict.fromkeys(range(60), 5), 44: 500}) or []
    assert found.day == 44


async def test_a_young_business_is_told_what_is_missing(analyst: Any) -> None:
    """Ours: too little data is said, with how much there is."""
    async with analyst(2, 3, 3) as desk:
        found = await desk.ask("forecast", group_by="quarter")
        assert found.figures == []
        assert "are needed" in found.caveat
        empty = await desk.ask("anomalies", Span(date(2020, 1, 1), date(2020, 3, 1)))
        assert empty.figures == []


async def test_a_forecast_begins_with_the_present_group_and_leaves_it_out_of_the_past(analyst: Any) -> None:
    """Ours: a week that is not over would always look like a fall."""
    async with analyst(3, 3, 400) as desk:
        found = await desk.ask("forecast", group_by="week", currency="usd")
        assert found.figures[0].group == "2026-11-16"
        assert len(found.figures) == 8
        assert all(figure.low.amount_minor <= figure.amount.amount_minor for figure in found.figures)
        assert datetime(2026, 11, 16, tzinfo=UTC).weekday() == 0


async def test_a_forecasts_chart_shows_what_was_what_may_be_and_how_a_back_test_went(analyst: Any) -> None:
    """Ours: what is expected says little without what was before it, and without how far off it may be."""
    from paydesk.skills.charting import Drawn
    from paydesk.skills.charting_revenue import chart_of

    async with analyst(7, 12, 400) as desk:
        found = await desk.ask("forecast", group_by="week", currency="usd")
        weekly = await desk.ask("revenue", group_by="week", currency="usd")
    about = Drawn("Forecast", "as it may go on", Span(None, None), date(2026, 11, 21), found.past, found.tested)
    chart = chart_of("forecast", found.figures, "week", about)
    assert chart is not None
    (panel,) = chart.panels
    was = {point.at: point.value for point in panel.points if not point.series}
    told = {one.group: one.amount.amount_minor for one in weekly.figures}
    assert len(was) == 24
    assert all(value == told.get(at, 0) for at, value in was.items())
    assert [point.at for point in panel.points] == sorted(point.at for point in panel.points)
    assert max(was) == "2026-11-09"
    expected = [point for point in panel.points if point.series == "expected"]
    assert next(point.at for point in expected) == "2026-11-16"
    assert all(point.low <= point.value <= point.high for point in expected)
    assert "a back-test was off by" in chart.subtitle
    assert "(USD) on average" in chart.subtitle
