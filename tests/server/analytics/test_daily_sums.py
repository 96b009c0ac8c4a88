"""Figures of the daily sums and of charges and invoices equal sums made by hand over the rows, per currency."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paydesk.server.analytics.figures import MirrorFigures
from paydesk.server.errors import StoreError
from paydesk.skills.books import Span, group_of
from paydesk.skills.errors import SkillError
from paydesk.skills.figures import Asked
from paydesk.skills.metrics import check_grouping
from paydesk.skills.period import seconds

NOW = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp())
TODAY = date(2026, 11, 21)
RANDOMLY = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SEEDS, DAYS = st.integers(0, 10**9), st.integers(1, 390)
PERIODS = st.sampled_from([None, "day", "week", "month", "quarter", "year"])
Rows = list[dict[str, Any]]


def of_period(rows: Rows, start: date) -> Rows:
    """The rows made since `start`."""
    return [row for row in rows if row["created"] >= seconds(start)]


def told(figures: list[Any]) -> dict[tuple[str | None, str], int]:
    """(group, currency) -> minor units, without zeros."""
    return {(f.group, f.amount.currency): f.amount.amount_minor for f in figures if f.amount.amount_minor}


def by_hand(rows: Rows, metric: str, by: str | None) -> dict[tuple[str | None, str], int]:
    """The same by reporting categories and nets, where the desk goes by types and fees."""
    signs = {
        "volume": {"charge": 1},
        "refunds": {"refund": -1, "refund_failure": -1},
        "revenue": {"charge": 1, "refund": 1, "refund_failure": 1},
        "net_volume": {"charge": 1, "refund": 1, "refund_failure": 1, "dispute": 1, "dispute_reversal": 1, "fee": 1},
    }
    sums: dict[tuple[str | None, str], int] = defaultdict(int)
    for row in rows:
        key = (group_of(row["created"], by) if by else None, row["currency"])  # type: ignore[arg-type]
        if metric == "fees":
            sums[key] += row["fee_minor"] - (row["amount_minor"] if row["type"] == "stripe_fee" else 0)
        elif metric == "net_volume":
            counted = row["reporting_category"] in signs[metric]
            sums[key] += row["net_minor"] if counted else -row["fee_minor"]
        else:
            sums[key] += signs[metric].get(row["reporting_category"], 0) * row["amount_minor"]
    return {key: value for key, value in sums.items() if value}


@RANDOMLY
@given(seed=SEEDS, days=DAYS, by=PERIODS)
async def test_money_is_the_ledgers_sum_to_the_cent(analyst: Any, seed: int, days: int, by: Any) -> None:
    """Ours: each currency by itself, whole and by any period."""
    start = TODAY - timedelta(days=days)
    async with analyst(seed) as desk:
        rows = of_period(desk.business.rows["balance_transactions"], start)
        for metric in ("volume", "refunds", "revenue", "net_volume", "fees"):
            found = await desk.ask(metric, Span(start, None), group_by=by)
            assert told(found.figures) == by_hand(rows, metric, by), metric
            usd = await desk.ask(metric, Span(start, None), group_by=by, currency="usd")
            assert told(usd.figures) == {k: v for k, v in by_hand(rows, metric, by).items() if k[1] == "usd"}


@RANDOMLY
@given(seed=SEEDS, days=DAYS)
async def test_charges_by_where_and_how_and_why_are_counted_one_by_one(analyst: Any, seed: int, days: int) -> None:
    """Ours: by country, card brand and reason; the same charges that rates are of."""
    start = TODAY - timedelta(days=days)
    async with analyst(seed, 6, 80) as desk:
        rows = of_period(desk.business.rows["charges"], start)
        ended = [row for row in rows if row["status"] in ("succeeded", "failed")]
        paid = [row for row in rows if row["status"] == "succeeded"]
        places = {
            "country": lambda row: row["billing_country"] or row["card_country"] or "(unknown)",
            "card_brand": lambda row: row["card_brand"] or "(unknown)",
        }
        for by, place in places.items():
            found = (await desk.ask("revenue", Span(start, None), group_by=by, limit=100)).figures
            sums: dict[tuple[str | None, str], int] = defaultdict(int)
            for row in paid:
                sums[place(row), row["currency"]] += row["amount_captured_minor"] - row["amount_refunded_minor"]
            assert told(found) == {key: value for key, value in sums.items() if value}
            failed = (await desk.ask("failure_rate", Span(start, None), group_by=by)).figures
            tries, failures = Counter(map(place, ended)), Counter(place(r) for r in ended if r["status"] == "failed")
            assert {f.group: (f.count, f.of) for f in failed if f.of} == {k: (failures[k], n) for k, n in tries.items()}
        reasons = (await desk.ask("failure_rate", Span(start, None), group_by="reason")).figures
        expected = Counter(row["failure_reason"] for row in rows if row["status"] == "failed")
        assert {f.group: (f.count, f.of) for f in reasons} == {k: (n, len(ended)) for k, n in expected.items()}
        (success,) = (await desk.ask("success_rate", Span(start, None))).figures
        assert (success.count, success.of) == (len(paid), len(ended))


@RANDOMLY
@given(seed=SEEDS, days=DAYS, limit=st.integers(1, 5))
async def test_who_paid_most_and_what_was_sold(analyst: Any, seed: int, days: int, limit: int) -> None:
    """Ours: ordered within a currency; the share of the first few, and products by what paid invoices billed."""
    start = TODAY - timedelta(days=days)
    async with analyst(seed, 6, 80) as desk:
        kept: dict[str, dict[str | None, int]] = defaultdict(lambda: defaultdict(int))
        for row in of_period(desk.business.rows["charges"], start):
            if row["captured"]:
                kept[row["currency"]][row["customer"]] += row["amount_captured_minor"] - row["amount_refunded_minor"]
        best = {
            code: sorted((-amount, who) for who, amount in people.items() if who)[:limit]
            for code, people in kept.items()
        }
        found = await desk.ask("top_customers", Span(start, None), limit=limit)
        assert [(f.amount.currency, f.group.rsplit(" ", 1)[1], f.amount.amount_minor) for f in found.figures] == [
            (code, who, -amount) for code in sorted(best) for amount, who in best[code]
        ]
        assert found.has_more == any(sum(who is not None for who in people) > limit for people in kept.values())
        for figure in (await desk.ask("concentration", Span(start, None), limit=limit)).figures:
            code = figure.amount.currency
            assert figure.amount.amount_minor == -sum(amount for amount, _ in best[code])
            assert figure.of == sum(who is not None for who in kept[code])
            whole = sum(kept[code].values())
            if whole > 0:
                assert abs(float(figure.percent.rstrip("%")) - 100 * figure.amount.amount_minor / whole) < 0.06
        invoices = {row["id"]: row for row in of_period(desk.business.rows["invoices"], start)}
        sold: dict[tuple[str | None, str], int] = defaultdict(int)
        for line in desk.business.rows.get("invoice_lines", []):
            if invoices.get(line["invoice"], {}).get("status") == "paid":
                name = f"Plan {line['product'][-1]} {line['product']}" if line["product"] else "(no product)"
                sold[name, line["currency"]] += line["amount_minor"]
        products = await desk.ask("revenue", Span(start, None), group_by="product", limit=100)
        assert told(products.figures) == {key: value for key, value in sold.items() if value}


@RANDOMLY
@given(seed=SEEDS)
async def test_what_becomes_available_is_the_net_of_what_is_pending(analyst: Any, seed: int) -> None:
    """Stripe: funds become available at midnight, whatever the payout schedule."""
    async with analyst(seed, 3, 80) as desk:
        sums: dict[tuple[str | None, str], int] = defaultdict(int)
        for row in desk.business.rows["balance_transactions"]:
            if row["available_on"] > NOW:
                sums[group_of(row["available_on"], "day"), row["currency"]] += row["net_minor"]
        found = await desk.ask("payout_forecast")
        assert told(found.figures) == {key: value for key, value in sums.items() if value}


async def test_an_answer_says_how_old_the_mirror_is_and_what_was_read(analyst: Any) -> None:
    """Ours: freshness is part of each answer."""
    async with analyst(1) as desk:
        found = await desk.ask("revenue")
        assert (found.source, found.age_s) == ("mirror", 12)
        assert found.looked_at > 0


async def test_a_mirror_that_cannot_answer_leaves_it_to_stripe_or_says_why(analyst: Any) -> None:
    """Ours: not filled is None; damaged is None where Stripe's lists can tell, else the error with its next step."""
    async with analyst(1) as desk:
        desk.mirror.is_ready = False
        asked = Asked("revenue", None, NOW)  # type: ignore[arg-type]
        assert await desk.figures.counted(asked, Span(None, None)) is None

        async def damaged() -> Any:
            raise StoreError("The mirror is damaged.", code="store_damaged")

        broken = MirrorFigures(damaged, damaged)
        assert await broken.counted(asked, Span(None, None)) is None
        with pytest.raises(StoreError):
            await broken.counted(Asked("movements", None, NOW), Span(None, None))  # type: ignore[arg-type]


@pytest.mark.parametrize(("metric", "by"), [("mrr", "product"), ("cohorts", "day"), ("fees", "country")])
def test_a_grouping_that_makes_no_sense_is_refused_by_name(metric: Any, by: Any) -> None:
    """Ours: the error names the field and what would be right."""
    with pytest.raises(SkillError) as caught:
        check_grouping(metric, by)
    assert (caught.value.code, caught.value.field) == ("not_grouped", "group_by")
    assert caught.value.next_step


async def test_the_first_currency_does_not_hide_the_others(analyst: Any) -> None:
    """Ours: currencies are never compared, so each shows its first countries."""
    async with analyst(3, payments=200) as desk:
        every = await desk.ask("revenue", group_by="country", limit=100)
        first = await desk.ask("revenue", group_by="country", limit=1)
    currencies = {one.amount.currency for one in every.figures}
    assert len(currencies) > 1
    assert sorted(one.amount.currency for one in first.figures) == sorted(currencies)
    assert first.has_more
