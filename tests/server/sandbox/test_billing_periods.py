"""Billing periods: month ends, leap days, and that no moment falls between two periods."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.server.sandbox import periods


def _at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("anchor", "interval", "count", "ends"),
    [
        ("2027-01-31T10:20:30", "month", 1, ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]),
        ("2028-01-30T10:20:30", "month", 1, ["2028-02-29", "2028-03-30"]),
        ("2027-11-30T10:20:30", "month", 3, ["2028-02-29", "2028-05-30"]),
        ("2028-02-29T10:20:30", "year", 1, ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]),
        ("2027-12-31T10:20:30", "month", 1, ["2028-01-31", "2028-02-29"]),
        ("2027-03-01T10:20:30", "week", 2, ["2027-03-15", "2027-03-29"]),
        ("2027-03-01T10:20:30", "day", 10, ["2027-03-11", "2027-03-21"]),
    ],
)
def test_a_period_ends_on_the_anchors_day_or_the_months_last(
    anchor: str, interval: str, count: int, ends: list[str]
) -> None:
    """Stripe: the day of the month is the anchor's, in a shorter month its last; the time of day is the anchor's."""
    moment = begun = _at(anchor)
    for end in ends:
        moment = periods.end_after(begun, interval, count, moment)
        assert moment == _at(f"{end}T10:20:30")


@given(
    anchor=st.integers(_at("2001-01-01"), _at("2040-01-01")),
    later_s=st.integers(0, 20 * 366 * periods.DAY_S),
    interval=st.sampled_from(["day", "week", "month", "year"]),
    count=st.integers(1, 36),
)
def test_every_moment_lies_in_exactly_one_period(anchor: int, later_s: int, interval: str, count: int) -> None:
    """Ours: the end is after the moment and is the first such boundary, however far from the anchor."""
    moment = anchor + later_s
    end = periods.end_after(anchor, interval, count, moment)
    assert end > moment
    # A second before it, the same boundary is still to come; at it, the next one is.
    assert periods.end_after(anchor, interval, count, end - 1) == end
    assert periods.end_after(anchor, interval, count, end) > end
    longest = {"day": 1, "week": 7, "month": 31, "year": 366}[interval] * count * periods.DAY_S
    assert end - moment <= longest
