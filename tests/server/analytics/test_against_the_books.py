"""Every figure of movements equals one counted by hand from the events of a sandbox, by which the mirror was fed."""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from paydesk.server.analytics.figures import MirrorFigures
from paydesk.server.mirror.mirror import open_mirror
from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.settings import Settings
from paydesk.server.stripe_api.opening import sandbox_door
from paydesk.skills.books import Span, group_of
from paydesk.skills.figures import Asked
from paydesk.skills.period import seconds
from tests.conftest import SandboxClock
from tests.server.analytics.business_on_clocks import BEGUN, DAY, BusinessOnClocks, QuietTalk
from tests.server.analytics.by_hand import amounts_at, by_currency, moved_by_hand


class Observed:
    """A business that has lived, its mirror's figures, and the rows counted by hand."""

    def __init__(self, business: BusinessOnClocks, figures: MirrorFigures, door: Any) -> None:
        self.business, self.figures, self.door = business, figures, door
        self.now = business.talk.clock.now
        self.rows = business.rows()
        self.first, self.today = (datetime.fromtimestamp(at, UTC).date() for at in (BEGUN, self.now))

    async def ask(self, metric: Any, start: date | None, end: date | None, **more: Any) -> list[Any]:
        found = await self.figures.counted(Asked(metric, self.door, self.now, **more), Span(start, end))
        assert found is not None
        assert found.source == "mirror"
        return list(found.figures)

    def months(self) -> list[tuple[date, date]]:
        """Every month of its life, from its first day to the first of the next."""
        months = []
        at = self.first.replace(day=1)
        while at <= self.today:
            following = date(at.year + at.month // 12, at.month % 12 + 1, 1)
            months.append((at, following))
            at = following
        return months


@asynccontextmanager
async def lived(home: Path, *, seed: int, months: int, acts: int) -> AsyncIterator[Observed]:
    """A business of this seed after so many months."""
    clock = SandboxClock(BEGUN)
    talk = QuietTalk(create_sandbox(None, now=clock), clock)
    business = BusinessOnClocks(talk, seed)
    door = sandbox_door(talk.sandbox, now=clock)
    mirror = await open_mirror(Settings(home=home), await door.account_id(), "sandbox", door)

    async def the_mirror() -> Any:
        return mirror

    async def the_folder() -> Path:
        return home / "columns"

    await mirror.sync()
    figures = MirrorFigures(the_mirror, the_folder)
    try:
        for _ in range(months):
            business.live(1, acts, business.hear)
            await business.deliver(mirror)
            if business.draw.random() < 0.5:
                await mirror.sync()
        clock.now += 400
        business.hear()
        await business.deliver(mirror)
        await mirror.sync()
        yield Observed(business, figures, door)
    finally:
        await figures.aclose()
        await mirror.aclose()
        await door.aclose()


async def check_movements(it: Observed) -> None:
    """Month by month: start + movements = end, each movement as by hand, and the next start is the end before."""
    found = await it.ask("movements", it.months()[0][0], None, group_by="month")
    told = {(one.group, one.amount.currency, one.part): one.amount.amount_minor for one in found}
    for start, end in it.months():
        begin, until = seconds(start), min(seconds(end), it.now + 1)
        by_hand = moved_by_hand(it.rows, begin, until)
        first, last = (by_currency(amounts_at(it.rows, moment - 1)) for moment in (begin, until))
        for currency in sorted({code for _, code, _ in told} | set(last)):
            parts = {part: told[group, code, part] for group, code, part in told
                     if (group, code) == (start.isoformat(), currency)}  # fmt: skip
            assert parts.pop("start") == first.get(currency, 0), (start, currency)
            assert parts.pop("end") == last.get(currency, 0), (start, currency)
            assert parts == {part: by_hand.get((currency, part), 0) for part in parts}, (start, currency)
            assert first.get(currency, 0) + sum(parts.values()) == last.get(currency, 0)
            await _check_ratios(it, Span(start, end), currency, parts, first.get(currency, 0))


async def _check_ratios(it: Observed, span: Span, currency: str, parts: dict[str, int], first: int) -> None:
    won = sum(minor for minor in parts.values() if minor > 0)
    lost = -sum(minor for minor in parts.values() if minor < 0)
    ratios = await it.ask("quick_ratio", span.start, span.end, currency=currency)
    if not ratios:
        assert won == lost == first == 0
        return
    (ratio,) = ratios
    assert ratio.ratio == ("nothing lost" if not lost else f"{(200 * won + lost) // (2 * lost) / 100:.2f}")
    (churn,) = await it.ask("revenue_churn", span.start, span.end, currency=currency)
    assert churn.amount.amount_minor == lost
    assert churn.percent == (None if not first else f"{(2_000 * lost + first) // (2 * first) / 10:.1f}%")


async def check_subscribers(it: Observed) -> None:
    """Who left, what those who stayed bring, and what one brings: of every month."""
    for start, end in it.months():
        begin, until = seconds(start), min(seconds(end), it.now)
        there, stay = ({who for who, _ in amounts_at(it.rows, moment)} for moment in (begin, until))
        came = there | {row["customer"] for row in it.rows if begin <= row["at"] < until and row["a_month_minor"]}
        for metric, group in (("churn", came), ("customer_churn", there)):
            (figure,) = await it.ask(metric, start, end)
            assert (figure.count, figure.of) == (len(group - stay), len(group)), (metric, start)
        first, last = (amounts_at(it.rows, moment) for moment in (begin - 1, min(seconds(end) - 1, it.now)))
        kept: dict[str, int] = defaultdict(int)
        for key in first:
            kept[key[1]] += last.get(key, 0)
        found = await it.ask("nrr", start, end)
        assert {one.amount.currency: one.amount.amount_minor for one in found} == dict(kept), start
        mrr = {one.amount.currency: one.amount.amount_minor for one in await it.ask("mrr", None, end)}
        assert mrr == by_currency(last), start
        arr = {one.amount.currency: one.amount.amount_minor for one in await it.ask("arr", None, end)}
        assert arr == {code: 12 * minor for code, minor in mrr.items()}
        for one in await it.ask("arpu", None, end):
            own = [minor for (_, code), minor in last.items() if code == one.amount.currency]
            assert (one.count, one.amount.amount_minor) == (len(own), (2 * sum(own) + len(own)) // (2 * len(own)))


async def check_cohorts(it: Observed) -> None:
    """Who first paid in a month, and who of them paid at the end of each later one."""
    born: dict[str, str] = {}
    for day in range(BEGUN // DAY, it.now // DAY + 1):
        for who, _ in amounts_at(it.rows, min((day + 1) * DAY - 1, it.now)):
            born.setdefault(who, group_of(day * DAY, "month"))
    by_hand = {}
    for place, (month, _) in enumerate(it.months()):
        cohort = {who for who, first in born.items() if first == month.isoformat()}
        for later, (_, following) in enumerate(it.months()[place:]) if cohort else ():
            paying = {who for who, _ in amounts_at(it.rows, min(seconds(following) - 1, it.now))}
            by_hand[month.isoformat(), later] = (len(cohort & paying), len(cohort))
    found = await it.ask("cohorts", it.months()[0][0], None)
    assert {(one.group, int(one.part)): (one.count, one.of) for one in found} == by_hand


async def check_money(it: Observed) -> None:
    """The ledger, row by row, into months: what was charged, given back, disputed and taken."""
    rows = [row async for row in it.door.every("/v1/balance_transactions", {}, most=10**6)]
    for start, end in it.months():
        own = [row for row in rows if seconds(start) <= row["created"] < seconds(end)]
        for metric, count in LEDGER.items():
            by_hand: dict[str, int] = defaultdict(int)
            for row in own:
                by_hand[row["currency"]] += count(row)
            found = {one.amount.currency: one.amount.amount_minor for one in await it.ask(metric, start, end)}
            assert {code: minor for code, minor in found.items() if minor} == {
                code: minor for code, minor in by_hand.items() if minor
            }, (metric, start)


def _of(*categories: str) -> Any:
    return lambda row: row["amount"] if row["reporting_category"] in categories else 0


CHARGED, GIVEN_BACK, DISPUTED = (
    _of("charge"), _of("refund", "refund_failure"), _of("dispute", "dispute_reversal")
)  # fmt: skip
LEDGER: dict[str, Any] = {
    "volume": CHARGED,
    "refunds": lambda row: -GIVEN_BACK(row),
    "revenue": lambda row: CHARGED(row) + GIVEN_BACK(row),
    "fees": lambda row: row["fee"],
    "net_volume": lambda row: CHARGED(row) + GIVEN_BACK(row) + DISPUTED(row) - row["fee"],
}


async def check(home: Path, seed: int, months: int, acts: int) -> None:
    """One business, wholly; raises AssertionError with what differs."""
    async with lived(home, seed=seed, months=months, acts=acts) as it:
        await check_movements(it)
        await check_subscribers(it)
        await check_cohorts(it)
        await check_money(it)


@pytest.mark.parametrize("seed", range(4))
async def test_figures_of_a_business_on_clocks_are_those_of_its_books(tmp_path: Path, seed: int) -> None:
    """Issue's rule: every figure equals an independent recomputation, per currency, to the cent."""
    await check(tmp_path, seed, months=5, acts=12)
