"""The month-end report: every figure as the books have it, and a difference wherever one is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from paydesk.server.errors import StoreError
from paydesk.server.reports.gathering import gather_month
from paydesk.server.reports.model import MonthReport
from paydesk.skills.errors import SkillError
from paydesk.skills.mrr_bridge import MrrBridge, RememberedMrr

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
START, END = (int(datetime(2026, month, 1, tzinfo=UTC).timestamp()) for month in (10, 11))
Objects = dict[str, list[dict[str, Any]]]


def of_october(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if START <= row["created"] < END]


def test_every_figure_is_the_sum_of_the_books_own_objects(october: MonthReport, objects: Objects) -> None:
    """Ours: volume, refunds, disputes and payouts recomputed from charges, refunds, disputes and payouts themselves."""
    charges = [one for one in of_october(objects["charge"]) if one["paid"] and one["captured"]]
    refunds = of_october(objects["refund"])
    payouts = of_october(objects["payout"])
    assert len(october.currencies) == 4
    for month in october.currencies:
        own = [one for one in charges if one["currency"] == month.currency]
        assert month.volume_minor == sum(one["amount"] for one in own)
        assert month.payments == len(own)
        assert month.refunds_minor == -sum(one["amount"] for one in refunds if one["currency"] == month.currency)
        assert month.payouts_minor == -sum(one["amount"] for one in payouts if one["currency"] == month.currency)
        assert month.is_opening_counted


def test_fees_are_what_the_ledger_says_was_taken(october: MonthReport, objects: Objects) -> None:
    """Stripe: each balance transaction carries its fee; amount less fee is net."""
    rows = of_october(objects["balance_transaction"])
    for month in october.currencies:
        own = [row for row in rows if row["currency"] == month.currency]
        assert month.fees_minor == -sum(row["fee"] for row in own)
        assert month.activity_minor + month.payouts_minor + month.returned_minor == sum(row["net"] for row in own)


def test_the_month_reconciles_from_opening_to_closing_balance(october: MonthReport, objects: Objects) -> None:
    """Ours: opening + activity - payouts = closing, each counted for itself, to the cent."""
    for month in october.currencies:
        rows = [row for row in objects["balance_transaction"] if row["currency"] == month.currency]
        assert month.opening_minor == sum(row["net"] for row in rows if row["created"] < START)
        assert month.closing_minor == sum(row["net"] for row in rows if row["created"] < END)
        assert month.difference_minor == 0
    assert october.is_reconciled


def test_each_payout_is_the_sum_of_what_it_paid(october: MonthReport) -> None:
    """Stripe: an automatic payout pays out exactly the balance transactions that name it."""
    assert len(october.payouts) == 16
    assert all(one.transactions for one in october.payouts)
    assert {one.difference_minor for one in october.payouts} == {0}


class Tampering:
    """A door that leaves out, or changes, rows of the ledger."""

    def __init__(self, door: Any, change: Any) -> None:
        self._door = door
        self._change = change

    def __getattr__(self, name: str) -> Any:
        return getattr(self._door, name)

    async def every(self, path: str, params: Any = None, *, most: int) -> AsyncIterator[dict[str, Any]]:
        async for row in self._door.every(path, params, most=most):
            changed = self._change(path, params or {}, row)
            if changed is not None:
                yield changed


async def test_a_row_that_is_missing_from_the_ledger_is_a_difference(door: Any) -> None:
    """Ours: the check must be able to fail, or it checks nothing."""
    gone: list[dict[str, Any]] = []

    def lose_one(path: str, params: dict[str, Any], row: dict[str, Any]) -> Any:
        is_lost = path == "/v1/balance_transactions" and not params and START <= row["created"] < END
        if is_lost and row["type"] == "charge" and gone in ([], [row]):
            gone[:] = [row]
            return None
        return row

    report = await gather_month(Tampering(door, lose_one), date(2026, 10, 1), mode="sandbox", now=NOW)
    assert {one.currency: one.difference_minor for one in report.currencies if one.difference_minor} == {
        gone[0]["currency"]: gone[0]["net"]
    }
    assert not report.is_reconciled


async def test_a_payout_that_does_not_add_up_shows_by_how_much(door: Any) -> None:
    """Ours: a payout's difference is its own, not hidden in a total."""

    def lighten(path: str, params: dict[str, Any], row: dict[str, Any]) -> Any:
        return {**row, "net": row["net"] - 5} if "payout" in params and row["type"] == "charge" else row

    report = await gather_month(Tampering(door, lighten), date(2026, 10, 1), mode="sandbox", now=NOW)
    assert all((one.difference_minor or 0) >= 5 for one in report.payouts)
    assert not report.is_reconciled


async def test_a_manual_payout_is_not_said_to_reconcile(door: Any) -> None:
    """Stripe: which transactions a manual payout held is not known, so no difference is claimed."""

    def by_hand(path: str, _: dict[str, Any], row: dict[str, Any]) -> Any:
        return {**row, "automatic": False} if path == "/v1/payouts" else row

    report = await gather_month(Tampering(door, by_hand), date(2026, 10, 1), mode="sandbox", now=NOW)
    assert {one.difference_minor for one in report.payouts} == {None}
    assert report.is_reconciled


async def test_a_ledger_too_long_for_one_reading_takes_its_opening_from_the_closing_balance(
    door: Any, october: MonthReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: what is not counted for itself is said so; the figures of the month stay the same."""
    monkeypatch.setattr("paydesk.server.reports.ledger.READ_MOST", 1_000)
    report = await gather_month(door, date(2026, 10, 1), mode="sandbox", now=NOW)
    assert [replace(one, is_opening_counted=True) for one in report.currencies] == list(october.currencies)
    assert not any(one.is_opening_counted for one in report.currencies)
    assert any("too long" in note for note in report.notes)


async def test_a_ledger_too_long_since_the_month_is_refused(door: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: part of a sum would be a wrong sum."""
    monkeypatch.setattr("paydesk.server.reports.ledger.READ_MOST", 50)
    with pytest.raises(SkillError) as refused:
        await gather_month(door, date(2026, 10, 1), mode="sandbox", now=NOW)
    assert refused.value.code == "too_much_to_read"


async def test_a_month_that_is_not_over_says_until_when(door: Any, objects: Objects) -> None:
    """Ours: half a month must not pass for a whole one."""
    report = await gather_month(door, date(2026, 11, 1), mode="sandbox", now=NOW)
    assert report.until == NOW
    assert report.is_reconciled
    for month in report.currencies:
        rows = objects["balance_transaction"]
        assert month.closing_minor == sum(row["net"] for row in rows if row["currency"] == month.currency)


async def test_a_month_ahead_is_refused_and_one_before_the_business_is_empty(door: Any) -> None:
    """Ours: nothing is made up."""
    with pytest.raises(SkillError) as ahead:
        await gather_month(door, date(2026, 12, 1), mode="sandbox", now=NOW)
    assert ahead.value.code == "month_ahead"
    before = await gather_month(door, date(2019, 1, 1), mode="sandbox", now=NOW)
    assert {one.activity_minor for one in before.currencies} == {0}
    assert {one.closing_minor for one in before.currencies} == {0}
    assert before.bridges == ()


async def test_months_join(door: Any, october: MonthReport) -> None:
    """Ours: what one month closes with, the next opens with; so with MRR."""
    november = await gather_month(door, date(2026, 11, 1), mode="sandbox", now=NOW + timedelta(seconds=1))
    assert {one.currency: one.closing_minor for one in october.currencies} == {
        one.currency: one.opening_minor for one in november.currencies
    }
    assert {one.currency: one.end_minor for one in october.bridges} == {
        one.currency: one.start_minor for one in november.bridges
    }


async def test_what_the_mirror_remembers_of_recurring_revenue_goes_before_present_prices(door: Any) -> None:
    """Ours: the report says which of them it was, since when changes are known, and whether the month began before."""
    bridge = MrrBridge("usd", start_minor=100, new_minor=50, end_minor=150)
    asked = []

    async def remembered(start: int, end: int, now: int) -> RememberedMrr:
        asked.append((start, end, now))
        return RememberedMrr((bridge,), datetime(2026, 10, 5, tzinfo=UTC), 3)

    report = await gather_month(door, date(2026, 10, 1), mode="sandbox", now=NOW, remembered=remembered)
    assert asked == [(START, END, int(NOW.timestamp()))]
    assert report.bridges == (bridge,)
    assert "from the mirror, which knows each change since 2026-10-05" in report.notes[-2]
    assert "began before that" in report.notes[-1]


async def test_without_a_mirror_that_can_be_used_recurring_revenue_is_read_from_stripe(
    door: Any, october: MonthReport
) -> None:
    """Ours: a damaged mirror, or one that is not filled, is no reason for no report."""

    async def damaged(*_: int) -> RememberedMrr | None:
        raise StoreError("The mirror's file is damaged.", code="store_damaged")

    async def empty(*_: int) -> RememberedMrr | None:
        return None

    for remembered in (damaged, empty):
        report = await gather_month(door, date(2026, 10, 1), mode="sandbox", now=NOW, remembered=remembered)
        assert (report.bridges, report.notes) == (october.bridges, october.notes)
