"""Recurring revenue over random businesses equals a count by hand, subscription by subscription, to the cent."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paydesk.skills.books import Span, group_of
from paydesk.skills.period import seconds
from tests.server.analytics.by_hand import amounts_at, by_currency, moved_by_hand

DAY, NOW = 86_400, int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp())
TODAY = date(2026, 11, 21)
RANDOMLY = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SEEDS = st.integers(0, 10**9)


@RANDOMLY
@given(seed=SEEDS, days=st.integers(1, 200), length=st.integers(1, 200))
async def test_movements_lead_from_start_to_end_to_the_cent(analyst: Any, seed: int, days: int, length: int) -> None:
    """ChartMogul's movements; start + movements = end, and each equals a count by hand."""
    start = TODAY - timedelta(days=days)
    end = start + timedelta(days=length)
    async with analyst(seed, 8, 1) as desk:
        rows = desk.business.rows["revenue_changes"]
        found = await desk.ask("movements", Span(start, end))
        told = {(one.amount.currency, one.part): one.amount.amount_minor for one in found.figures}
        until = min(seconds(end), NOW + 1)
        expected_start = by_currency(amounts_at(rows, seconds(start) - 1))
        expected_end = by_currency(amounts_at(rows, until - 1))
        by_hand = moved_by_hand(rows, seconds(start), until)
        for currency in {code for code, _ in told}:
            parts = {part: minor for (code, part), minor in told.items() if code == currency}
            assert parts.pop("start") == expected_start.get(currency, 0)
            assert parts.pop("end") == expected_end.get(currency, 0)
            assert expected_start.get(currency, 0) + sum(parts.values()) == expected_end.get(currency, 0)
            assert parts == {part: by_hand.get((currency, part), 0) for part in parts}
        assert {code for code, _ in by_hand} <= {code for code, _ in told}


@RANDOMLY
@given(seed=SEEDS, by=st.sampled_from(["day", "week", "month", "quarter", "year"]))
async def test_mrr_of_every_group_is_what_ran_at_its_end(analyst: Any, seed: int, by: Any) -> None:
    """Stripe's MRR; a series by any period ends each group with what was there at its last moment."""
    start, end = date(2026, 8, 3), date(2026, 11, 22)
    async with analyst(seed, 6, 1) as desk:
        rows = desk.business.rows["revenue_changes"]
        found = await desk.ask("mrr", Span(start, end), group_by=by)
        told = {(one.group, one.amount.currency): one.amount.amount_minor for one in found.figures}
        last = {
            group_of(day * DAY, by): (day + 1) * DAY - 1 for day in range(seconds(start) // DAY, seconds(end) // DAY)
        }
        for group, moment in last.items():
            by_hand = by_currency(amounts_at(rows, min(moment, NOW)))
            assert {code: minor for (one, code), minor in told.items() if one == group and minor} == by_hand
        whole = await desk.ask("mrr")
        assert {one.amount.currency: one.amount.amount_minor for one in whole.figures} == by_currency(
            amounts_at(rows, NOW)
        )
        moved = await desk.ask("movements", Span(start, end), group_by=by)
        ends = {(one.group, one.amount.currency): one.amount.amount_minor for one in moved.figures if one.part == "end"}
        assert {key: minor for key, minor in ends.items() if minor} == {k: minor for k, minor in told.items() if minor}


@RANDOMLY
@given(seed=SEEDS, days=st.integers(1, 300))
async def test_who_left_and_what_stayed_is_a_count_of_subscribers(analyst: Any, seed: int, days: int) -> None:
    """Stripe's churn (those there and those who came), ChartMogul's (those there), NRR, ARPU: all by hand."""
    start = TODAY - timedelta(days=days)
    begin = seconds(start)
    async with analyst(seed, 10, 1) as desk:
        rows = desk.business.rows["revenue_changes"]
        there = {who for who, _ in amounts_at(rows, begin)}
        came = there | {row["customer"] for row in rows if begin <= row["at"] < NOW and row["a_month_minor"]}
        stay = {who for who, _ in amounts_at(rows, NOW)}
        for metric, group in (("churn", came), ("customer_churn", there)):
            (figure,) = (await desk.ask(metric, Span(start, None))).figures
            assert (figure.count, figure.of) == (len(group - stay), len(group))
        first, last = amounts_at(rows, begin - 1), amounts_at(rows, NOW)
        kept: dict[str, int] = defaultdict(int)
        for key in first:
            kept[key[1]] += last.get(key, 0)
        found = (await desk.ask("nrr", Span(start, None))).figures
        assert {one.amount.currency: one.amount.amount_minor for one in found} == dict(kept)
        for one in (await desk.ask("arpu")).figures:
            own = [amount for (_, code), amount in last.items() if code == one.amount.currency]
            assert one.count == len(own)
            assert abs(one.amount.amount_minor * len(own) - sum(own)) * 2 <= len(own)


@RANDOMLY
@given(seed=SEEDS)
async def test_a_cohort_is_who_first_paid_in_a_month_and_who_still_pays(analyst: Any, seed: int) -> None:
    """Ours: the month of the first payment in any currency; then who pays at the end of each month."""
    async with analyst(seed, 10, 1) as desk:
        rows = desk.business.rows["revenue_changes"]
        months = [date(2025 + (9 + n) // 12, (9 + n) % 12 + 1, 1) for n in range(15)]
        ends = [min(seconds(following) - 1, NOW) for following in [*months[1:], date(2027, 1, 1)]]
        born: dict[str, str] = {}
        # Who pays only for a part of a day has no share in what a day ends with.
        for day in range(seconds(months[0]) // DAY, NOW // DAY + 1):
            for who, _ in amounts_at(rows, min((day + 1) * DAY - 1, NOW)):
                born.setdefault(who, group_of(day * DAY, "month"))
        found = await desk.ask("cohorts", Span(months[0], None))
        told = {(one.group, int(one.part)): (one.count, one.of) for one in found.figures}
        by_hand = {}
        for place, month in enumerate(months):
            cohort = {who for who, first in born.items() if first == month.isoformat()}
            for later, moment in enumerate(ends[place:]):
                paying = {who for who, _ in amounts_at(rows, moment)}
                if cohort and month <= TODAY and months[place + later] <= TODAY:
                    by_hand[month.isoformat(), later] = (len(cohort & paying), len(cohort))
        assert told == by_hand


async def test_a_plan_replaced_on_one_day_is_no_churn(analyst: Any) -> None:
    """ChartMogul: who has another subscription contracts or expands; a change within one day is one movement."""
    async with analyst(3, 1, 1) as desk:
        await desk.mirror.store.write(lambda connection: connection.exec_driver_sql("DELETE FROM revenue_changes"))
        at = seconds(date(2026, 11, 10))
        changes = [("a", at - 90 * DAY, 1_000), ("a", at + 50, 0), ("b", at + 9_000, 2_500), ("b", at + 3 * DAY, 0)]
        changes.append(("c", at + 5 * DAY, 700))
        for subscription, moment, amount in changes:
            await desk.mirror.store.write(
                lambda connection, row=(subscription, moment, "cus", "usd", amount, 2): connection.exec_driver_sql(
                    "INSERT INTO revenue_changes VALUES (?, ?, ?, ?, ?, ?)", row
                )
            )
        found = await desk.ask("movements", Span(date(2026, 11, 1), date(2026, 12, 1)))
        assert {one.part: one.amount.amount_minor for one in found.figures} == {
            "start": 1_000,
            "new": 0,
            "expansion": 1_500,
            "reactivation": 700,
            "contraction": 0,
            "churn": -2_500,
            "end": 700,
        }
        (ratio,) = (await desk.ask("quick_ratio", Span(date(2026, 11, 1), date(2026, 12, 1)))).figures
        assert ratio.ratio == "0.88"
        (churn,) = (await desk.ask("revenue_churn", Span(date(2026, 11, 1), date(2026, 12, 1)))).figures
        assert (churn.amount.amount_minor, churn.percent) == (2_500, "250.0%")


@pytest.mark.parametrize("metric", ["mrr", "movements", "churn", "nrr", "quick_ratio", "arpu", "cohorts", "ltv"])
async def test_nothing_recurring_is_no_figure_and_no_error(analyst: Any, metric: Any) -> None:
    """Ours: a business without subscriptions has no MRR, and no share of nothing is told."""
    async with analyst(5, 1, 1) as desk:
        await desk.mirror.store.write(lambda connection: connection.exec_driver_sql("DELETE FROM revenue_changes"))
        found = await desk.ask(metric, Span(date(2026, 11, 1), None))
        assert all(figure.percent is None and not figure.count for figure in found.figures)
