"""Times of day belong to their day, which is whole; with a zone they are asked about; writes never wait for one."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.intents.parse import parse

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("payments since 9am", "2026-11-21", None),
        ("payments after 9:30", "2026-11-21", None),
        ("payments before noon", None, "2026-11-22"),
        ("payments until 5 p.m.", None, "2026-11-22"),
        ("payments yesterday at 3pm", "2026-11-20", "2026-11-21"),
        ("failed payments yesterday between 2pm and 4pm", "2026-11-20", "2026-11-21"),
        ("failed payments between 2pm and 4pm yesterday", "2026-11-20", "2026-11-21"),
        ("payments from 10:30 to 11:45 today", "2026-11-21", "2026-11-22"),
        ("payments on 2026-11-05 at 10:30", "2026-11-05", "2026-11-06"),
        ("payments after 9am on Nov 5", "2026-11-05", None),
        ("payments before 9am on Nov 5", None, "2026-11-06"),
        ("payments from Nov 5 9am to Nov 6 5pm", "2026-11-05", "2026-11-07"),
    ],
)
def test_a_time_of_day_is_part_of_its_whole_day(text: str, start: str | None, end: str | None) -> None:
    """Ours: the skills take whole days, and the range always holds the time that was said."""
    parsed = parse(text, now=NOW)
    assert parsed.skill == "list_payments"
    assert (parsed.entities["start"], parsed.entities["end"]) == (start, end)
    assert "customer" not in parsed.entities
    assert parsed.dates[0].grain == "time"


@pytest.mark.parametrize(
    "text",
    [
        "payments since 9am PST",
        "payments until 5pm Berlin time",
        "refunds since 14:00 UTC",
        "payments since 9am Eastern time",
        "payments yesterday at 9 a.m. Europe/Berlin",
        "payments since 9am IST",
    ],
)
def test_a_time_with_its_zone_is_asked_about(text: str) -> None:
    """Ours: another zone's hour may lie on another day in UTC, so the whole days are offered and not assumed."""
    parsed = parse(text, now=NOW)
    assert parsed.skill == "clarify"
    assert "start" not in parsed.entities
    assert parsed.unclear is not None
    assert "whole days in UTC" in (parsed.question or "")
    assert parse(parsed.unclear.readings[0].text, now=NOW).entities.keys() >= {"start", "end"}


@pytest.mark.parametrize(
    "text",
    [
        "charge Jane Doe $5 at 5pm",
        "cancel Jane Doe's subscription at 5pm",
        "cancel Jane Doe's subscription tomorrow at 9am",
        "subscribe Jane Doe to Pro starting tomorrow at 9am",
        "pause Jane Doe's subscription until noon",
    ],
)
def test_no_write_waits_for_a_time_of_day(text: str) -> None:
    """Ours: what cannot be put off to an hour is asked about, not done at once."""
    assert parse(text, now=NOW).skill == "clarify"


@pytest.mark.parametrize(
    ("zone", "yesterday"),
    [("UTC", "2026-11-20"), ("Pacific/Auckland", "2026-11-21"), ("America/Los_Angeles", "2026-11-20")],
)
def test_yesterday_is_the_zones(zone: str, yesterday: str) -> None:
    """Ours: the day before is the one before there."""
    parsed = parse("payments from yesterday", now=NOW, zone=ZoneInfo(zone))
    assert parsed.entities["start"] == yesterday


def test_a_zone_may_still_be_on_the_day_before() -> None:
    """Ours: at two in the night UTC it is yesterday evening in California."""
    early = datetime(2026, 11, 21, 2, tzinfo=UTC)
    there = parse("payments today", now=early, zone=ZoneInfo("America/Los_Angeles"))
    assert there.entities == {"start": "2026-11-20", "end": "2026-11-21"}


CLOCKS = ["9am", "10:30", "noon", "5pm Berlin time", "at 3pm", "yesterday", "since", "and", "to", "on Nov 5", "between"]


@given(st.lists(st.sampled_from(CLOCKS), min_size=1, max_size=20))
def test_times_never_overlap_nor_raise(words: list[str]) -> None:
    """Ours: spans never overlap, whatever stands in a row."""
    parsed = parse(f"payments {' '.join(words)}", now=NOW)
    spans = [(one.start_pos, one.end_pos) for one in parsed.dates]
    assert spans == sorted(spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
