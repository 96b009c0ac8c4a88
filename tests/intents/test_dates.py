"""Dates in sentences: half-open ranges of UTC days, said on Saturday 2026-11-21."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.intents.entities.dates import find_dates, following
from paydesk.intents.entities.periods import rolling, shift_months

TODAY = date(2026, 11, 21)


def spans(text: str, *, ahead: bool = False) -> list[tuple[str | None, str | None]]:
    """The ranges of a text as ISO dates."""
    found = [mention.as_json() for mention in find_dates(text, TODAY, ahead=ahead)]
    return [(one["start"], one["end"]) for one in found]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", "2026-11-21", "2026-11-22"),
        ("yesterday", "2026-11-20", "2026-11-21"),
        ("last week", "2026-11-09", "2026-11-16"),
        ("this week", "2026-11-16", "2026-11-23"),
        ("next week", "2026-11-23", "2026-11-30"),
        ("the week before last", "2026-11-02", "2026-11-09"),
        ("last month", "2026-10-01", "2026-11-01"),
        ("this quarter", "2026-10-01", "2027-01-01"),
        ("last quarter", "2026-07-01", "2026-10-01"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("past week", "2026-11-15", "2026-11-22"),
        ("last 30 days", "2026-10-23", "2026-11-22"),
        ("the past 90 days", "2026-08-24", "2026-11-22"),
        ("last 3 months", "2026-08-22", "2026-11-22"),
        ("year to date", "2026-01-01", "2026-11-22"),
        ("wtd", "2026-11-16", "2026-11-22"),
        ("qtd", "2026-10-01", "2026-11-22"),
        ("this month so far", "2026-11-01", "2026-11-22"),
        ("Q3", "2026-07-01", "2026-10-01"),
        ("Q4 2025", "2025-10-01", "2026-01-01"),
        ("in March", "2026-03-01", "2026-04-01"),
        ("December", "2025-12-01", "2026-01-01"),
        ("October 2026", "2026-10-01", "2026-11-01"),
        ("the first half of October", "2026-10-01", "2026-10-16"),
        ("the second half of October", "2026-10-16", "2026-11-01"),
        ("H1 2026", "2026-01-01", "2026-07-01"),
        ("Nov 10", "2026-11-10", "2026-11-11"),
        ("10th of November", "2026-11-10", "2026-11-11"),
        ("Nov 30", "2025-11-30", "2025-12-01"),
        ("2026-11-05", "2026-11-05", "2026-11-06"),
        ("13/09", "2026-09-13", "2026-09-14"),
        ("from 1/10 to 15/10", "2026-10-01", "2026-10-16"),
        ("Oct 3-9", "2026-10-03", "2026-10-10"),
        ("from Nov 1 through Nov 15", "2026-11-01", "2026-11-16"),
        ("between January and March", "2026-01-01", "2026-04-01"),
        ("from November to February", "2025-11-01", "2026-03-01"),
        ("from August to October 2025", "2025-08-01", "2025-11-01"),
        ("since Monday", "2026-11-16", None),
        ("since Q2", "2026-04-01", None),
        ("after Oct 15", "2026-10-16", None),
        ("before November", None, "2026-11-01"),
        ("until Nov 10", None, "2026-11-11"),
        ("from last week", "2026-11-09", "2026-11-16"),
        ("from Oct 1 onwards", "2026-10-01", None),
        ("on Friday", "2026-11-20", "2026-11-21"),
        ("on Saturday", "2026-11-21", "2026-11-22"),
        ("next Friday", "2026-11-27", "2026-11-28"),
        ("two days ago", "2026-11-19", "2026-11-20"),
        ("black friday 2025", "2025-11-28", "2025-11-29"),
        ("last weekend", "2026-11-14", "2026-11-16"),
        ("the 15th", "2026-11-15", "2026-11-16"),
        ("20th of last month", "2026-10-20", "2026-10-21"),
        ("the last friday of october", "2026-10-30", "2026-10-31"),
    ],
)
def test_a_date_is_read_as_the_conventions_say(text: str, start: str | None, end: str | None) -> None:
    """Ours: calendar periods, rolling days with today included, half-open ends, ISO weeks."""
    assert spans(f"payments {text}") == [(start, end)]


@pytest.mark.parametrize("text", ["03/04", "3/4/2026", "05.06.2026"])
def test_a_date_with_two_readings_is_doubtful(text: str) -> None:
    """Ours: a numeric date counts only where one reading is impossible."""
    assert [mention.doubtful for mention in find_dates(text, TODAY)] == [True]


def test_the_same_day_and_month_has_one_reading() -> None:
    """Ours: 05/05 is the fifth of May however it is read."""
    assert [mention.doubtful for mention in find_dates("05/05", TODAY)] == [False]


@pytest.mark.parametrize(
    "text", ["you may go", "march on", "the sun", "a second", "1/2 of it", "pi_3Jan", "32/13", "version 1.2.3"]
)
def test_words_that_only_look_like_dates_are_left_alone(text: str) -> None:
    """Ours: may, march, sun and second are words first."""
    assert spans(text) == []


def test_looking_ahead_takes_the_next_one() -> None:
    """Ours: what is due or starts looks forward; today still counts."""
    assert spans("monday", ahead=True) == [("2026-11-23", "2026-11-24")]
    assert spans("june 1", ahead=True) == [("2027-06-01", "2027-06-02")]
    assert following(find_dates("june 1", TODAY, ahead=True)[0], TODAY) == date(2027, 6, 1)


def test_a_comparison_leans_on_the_period_before_it() -> None:
    """Ours: "the week before" is the week before the week just named."""
    assert spans("last week and the week before") == [("2026-11-09", "2026-11-16"), ("2026-11-02", "2026-11-09")]


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.integers(1, 400))
def test_the_last_n_days_are_exactly_n(today: date, count: int) -> None:
    """Ours: today included."""
    found = find_dates(f"payments in the last {count} days", today)
    assert [(m.start, m.end) for m in found] == [(today - timedelta(days=count - 1), today + timedelta(days=1))]


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_an_iso_date_is_that_day_on_any_day(today: date, day: date) -> None:
    """ISO 8601: no reading depends on today."""
    text = f"payments on {day.isoformat()}"
    found = find_dates(text, today)
    assert [(m.start, m.end) for m in found] == [(day, day + timedelta(days=1))]
    assert text[found[0].start_pos : found[0].end_pos].endswith(day.isoformat())


@given(
    st.dates(date(1990, 1, 1), date(2090, 12, 31)),
    st.sampled_from(["March", "Q3", "H1", "Friday", "Nov 30", "Feb 29", "Black Friday", "Easter"]),
)
def test_what_has_no_year_has_begun_on_reads_and_is_not_over_ahead(today: date, text: str) -> None:
    """Ours: the most recent that has begun; ahead, the next that is not over."""
    (back,) = find_dates(f"payments in {text}", today)
    (ahead,) = find_dates(f"payments in {text}", today, ahead=True)
    assert back.start is not None and back.start <= today
    assert ahead.end is not None and ahead.end > today


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.integers(-30, 30))
def test_months_shift_within_the_calendar(day: date, months: int) -> None:
    """Ours: the last day of a month stays its last where the other month is shorter."""
    moved = shift_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day <= day.day


def test_a_rolling_month_ends_tomorrow() -> None:
    """Ours: [today - N months + 1 day, tomorrow)."""
    period = rolling(TODAY, "month", 1)
    assert (period.start, period.end) == (date(2026, 10, 22), date(2026, 11, 22))


@given(st.text(alphabet="0123456789/-. adefhjlmnoprstuvwy", max_size=25))
def test_no_text_breaks_the_calendar(text: str) -> None:
    """Ours: impossible dates are no dates; ranges are never empty."""
    for mention in find_dates(text, TODAY):
        assert mention.start is None or mention.end is None or mention.start < mention.end
        assert 0 <= mention.start_pos < mention.end_pos <= len(text)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("payments on 20261105", "2026-11-05", "2026-11-06"),
        ("payments since 2026 11 05", "2026-11-05", None),
        ("payments on 2026-13-11", "2026-11-13", "2026-11-14"),
        ("payments from 13.10. to 17.10.", "2026-10-13", "2026-10-18"),
        ("payments in the 2010s", "2010-01-01", "2020-01-01"),
        ("revenue last decade", "2010-01-01", "2020-01-01"),
        ("sales in the 21st century", "2000-01-01", "2100-01-01"),
        ("payments in two thousand twenty five", "2025-01-01", "2026-01-01"),
        ("for 3 days from today", "2026-11-21", "2026-11-24"),
        ("from the ninth till the seventeenth of april", "2026-04-09", "2026-04-18"),
        ("the remaining days of the month", "2026-11-21", "2026-12-01"),
    ],
)
def test_dates_without_their_usual_marks(text: str, start: str, end: str | None) -> None:
    """Ours: compact, spaced and dotted dates where one reading is impossible, decades, centuries, years in words."""
    (found,) = find_dates(text, date(2026, 11, 21))
    assert (found.start, found.end) == (date.fromisoformat(start), date.fromisoformat(end) if end else None)


@pytest.mark.parametrize("text", ["charge bob 20261105", "v13.10.2", "it costs 13.10"])
def test_digits_that_are_no_date(text: str) -> None:
    """Ours: eight digits after no word of time, versions and prices."""
    assert find_dates(text, date(2026, 11, 21)) == []
