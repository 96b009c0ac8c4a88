"""Figures agree with the books to the cent, currency by currency, and say what they are."""

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from paydesk.server.errors import SkillError
from paydesk.server.gate.planning_desk import NoIndex
from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.stripe_api.opening import sandbox_door
from paydesk.skills import books, recurring_revenue
from paydesk.skills.analytics.get_analytics import get_analytics
from paydesk.skills.counting import COUNTING
from paydesk.skills.figures import Counted, Figure
from paydesk.skills.metrics import Metric

TODAY = datetime(2026, 11, 21, 12, tzinfo=UTC)
START, END = date(2026, 9, 1), date(2026, 11, 1)
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up business, built once."""
    path = tmp_path_factory.mktemp("business") / "sandbox.sqlite3"
    create_sandbox(path, seed=7, now=TODAY.timestamp)
    return path


@pytest.fixture
async def rows_and_door(state: Path) -> AsyncIterator[tuple[Rows, Any]]:
    """A door to it, and every row of its ledger in the period."""
    door = sandbox_door(create_sandbox(state, now=TODAY.timestamp), now=TODAY.timestamp)
    bounds = {"gte": int(datetime(2026, 9, 1, tzinfo=UTC).timestamp())}
    bounds["lt"] = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
    rows = [row async for row in door.every("/v1/balance_transactions", {"created": bounds}, most=100_000)]
    yield rows, door
    await door.aclose()


@pytest.fixture
def business(desk: Any, rows_and_door: tuple[Rows, Any]) -> Any:
    """A desk over the made-up business."""
    desk.stripe = rows_and_door[1]
    desk.customers = NoIndex()
    return desk


def by_currency(figures: list[Any]) -> dict[str, int]:
    """Currency -> sum of the figures in minor units."""
    sums: dict[str, int] = defaultdict(int)
    for figure in figures:
        sums[figure.amount.currency] += figure.amount.amount_minor
    return dict(sums)


def from_ledger(rows: Rows, metric: str) -> dict[str, int]:
    """The same figure from the ledger by another way: reporting categories instead of types, net instead of fees."""
    signs = {
        "volume": {"charge": 1},
        "refunds": {"refund": -1, "refund_failure": -1},
        "revenue": {"charge": 1, "refund": 1, "refund_failure": 1},
        "net_volume": {"charge": 1, "refund": 1, "refund_failure": 1, "dispute": 1, "dispute_reversal": 1},
    }
    sums: dict[str, int] = {row["currency"]: 0 for row in rows}
    for row in rows:
        if metric == "fees":
            sums[row["currency"]] += row["amount"] - row["net"]
            continue
        sign = signs[metric].get(row["reporting_category"], 0)
        sums[row["currency"]] += sign * (row["net"] if metric == "net_volume" else row["amount"])
    return sums


@pytest.mark.parametrize("metric", ["volume", "refunds", "revenue", "net_volume", "fees"])
async def test_money_agrees_with_the_ledger_to_the_cent(
    business: Any, rows_and_door: tuple[Rows, Any], metric: str
) -> None:
    """Ours: what is said is true; each currency by itself."""
    found = await business.run(get_analytics, {"metric": metric, "start": str(START), "end": str(END)})
    told = by_currency(found.figures)
    assert told == from_ledger(rows_and_door[0], metric)
    assert len(told) >= 4


@pytest.mark.parametrize("group_by", ["day", "week", "month", "quarter", "year"])
async def test_groups_add_up_to_the_whole(business: Any, group_by: str) -> None:
    """Ours: nothing falls between two groups."""
    asked = {"metric": "revenue", "start": str(START), "end": str(END)}
    whole = await business.run(get_analytics, asked)
    grouped = await business.run(get_analytics, {**asked, "group_by": group_by})
    assert by_currency(grouped.figures) == by_currency(whole.figures)


async def test_rates_are_shares_of_the_charges_of_the_period(business: Any) -> None:
    """Ours: tries that failed of all tries; refunded and disputed of those that succeeded."""
    bounds = {"gte": books.period.seconds(START), "lt": books.period.seconds(END)}
    charges = [one async for one in business.stripe.every("/v1/charges", {"created": bounds}, most=100_000)]
    paid = [one for one in charges if one["paid"]]
    expected = {
        "failure_rate": (len(charges) - len(paid), len(charges)),
        "refund_rate": (sum(one["amount_refunded"] > 0 for one in paid), len(paid)),
        "dispute_rate": (sum(bool(one["disputed"]) for one in paid), len(paid)),
    }
    for metric, (part, all_of_them) in expected.items():
        found = await business.run(get_analytics, {"metric": metric, "start": str(START), "end": str(END)})
        (figure,) = found.figures
        assert (figure.count, figure.of) == (part, all_of_them)
        assert abs(Fraction(figure.percent.rstrip("%")) - Fraction(100 * part, all_of_them)) <= Fraction(1, 20)


async def test_recurring_revenue_counts_what_is_active_by_the_month(desk: Any) -> None:
    """Stripe's definition: yearly by twelve, past due counts, trials, metered and cancelled ones do not."""
    customers = [await desk.customer(f"Person {number}") for number in range(4)]
    for customer in customers:
        card = await desk.post("/v1/payment_methods/pm_card_visa/attach", customer=customer["id"])
        settings = {"default_payment_method": card["id"]}
        await desk.post(f"/v1/customers/{customer['id']}", invoice_settings=settings)
    product = (await desk.post("/v1/products", name="Pro"))["id"]

    async def price(amount: int, interval: str) -> str:
        recurring = {"interval": interval}
        made = await desk.post("/v1/prices", product=product, currency="usd", unit_amount=amount, recurring=recurring)
        return str(made["id"])

    monthly, yearly = await price(1_000, "month"), await price(12_000, "year")
    coupon = await desk.post("/v1/coupons", percent_off=50, duration="forever")

    async def subscribe(customer: dict[str, Any], **more: Any) -> Any:
        return await desk.post("/v1/subscriptions", customer=customer["id"], **more)

    await subscribe(customers[0], items=[{"price": monthly, "quantity": 3}])
    await subscribe(customers[1], items=[{"price": yearly}], discounts=[{"coupon": coupon["id"]}])
    await subscribe(customers[2], items=[{"price": monthly}], trial_period_days=14)
    found = await desk.run(get_analytics, {"metric": "mrr"})
    assert by_currency(found.figures) == {"usd": 3_500}
    assert found.figures[0].count == 2
    assert by_currency((await desk.run(get_analytics, {"metric": "arr"})).figures) == {"usd": 42_000}


async def test_top_customers_are_ordered_within_their_currency(business: Any) -> None:
    """Ours: currencies are never added or compared."""
    asked = {"metric": "top_customers", "start": str(START), "end": str(END), "limit": 3}
    found = await business.run(get_analytics, asked)
    assert found.has_more
    for currency in {figure.amount.currency for figure in found.figures}:
        amounts = [figure.amount.amount_minor for figure in found.figures if figure.amount.currency == currency]
        assert amounts == sorted(amounts, reverse=True)
        assert len(amounts) <= 3


@pytest.mark.parametrize(
    ("asked", "is_same"),
    [({"metric": "top_customers", "limit": 20}, True), ({"metric": "volume", "group_by": "month"}, False)],
    ids=["who", "when"],
)
async def test_a_named_period_to_compare_with_stands_beside_each_figure(
    business: Any, asked: dict[str, Any], is_same: bool
) -> None:
    """Ours: the same customer's figure, or the month of the same place; unasked, the lines stay short."""
    asked |= {"start": str(START), "end": str(END), "currency": "usd"}
    alone = (await business.run(get_analytics, asked)).lines()
    assert not any("before" in line for line in alone)
    found = await business.run(get_analytics, {**asked, "compare_start": "2026-07-01", "compare_end": "2026-09-01"})
    other = {figure.group: figure.amount.text for figure in found.before}
    beside = 0
    for place, (figure, line) in enumerate(zip(found.figures, found.lines(), strict=True)):
        if not is_same:
            told = f" (before: {found.before[place].line()})"
        else:
            told = f" (before: {other[figure.group]})" if figure.group in other else ""
        assert line == figure.line() + told
        beside += bool(told)
    assert beside >= 2


@pytest.mark.parametrize("metric", COUNTING)
async def test_every_metric_answers_on_empty_books(desk: Any, metric: Metric) -> None:
    """Ours: nothing is nothing, and no percentage of it is told."""
    found = await desk.run(get_analytics, {"metric": metric})
    assert found.sentence()
    assert all(figure.percent is None for figure in found.figures)


async def test_a_running_month_is_compared_with_as_much_of_the_last(business: Any) -> None:
    """Ours: twenty-one days beside a whole month would always look like a fall."""
    found = await business.run(get_analytics, {"metric": "volume", "start": "2026-11-01", "end": "2026-12-01"})
    assert (found.before_start, found.before_end) == ("2026-10-01", "2026-10-22")
    past = await business.run(get_analytics, {"metric": "volume", "start": "2026-10-01", "end": "2026-11-01"})
    assert (past.before_start, past.before_end) == ("2026-09-01", "2026-10-01")


async def test_a_part_is_never_told_for_the_whole(business: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: where there is more to read than is read for one answer, there is no figure."""
    monkeypatch.setattr(books, "READ_MOST", 20)
    with pytest.raises(SkillError) as caught:
        await business.run(get_analytics, {"metric": "volume", "start": str(START), "end": str(END)})
    assert caught.value.code == "too_much_to_read"


async def test_one_customers_revenue_is_what_they_paid_less_refunds(desk: Any) -> None:
    """Ours: in the currencies that they paid, over all of their time."""
    jane, other = await desk.customer("Jane Doe"), await desk.customer("Bob Stone")
    paid = await desk.pay(jane["id"], 5_000)
    await desk.pay(jane["id"], 700, "eur")
    await desk.pay(other["id"], 900)
    await desk.post("/v1/refunds", payment_intent=paid["id"], amount=1_500)
    for metric in ("revenue", "ltv"):
        found = await desk.run(get_analytics, {"metric": metric, "customer": "jane doe"})
        assert by_currency(found.figures) == {"usd": 3_500, "eur": 700}
        assert found.sentence().startswith(f"{'Revenue' if metric == 'revenue' else 'LTV'} of Jane Doe: ")
    with pytest.raises(SkillError):
        await desk.run(get_analytics, {"metric": "fees", "customer": "jane doe"})


async def test_a_trial_counts_from_its_end_also_in_the_past(desk: Any) -> None:
    """Stripe's definition: who is on trial is no part of MRR; one that ended in between counts from then on."""
    jane = await desk.customer("Jane Doe")
    card = await desk.post("/v1/payment_methods/pm_card_visa/attach", customer=jane["id"])
    price = await desk.post(
        "/v1/prices", currency="usd", unit_amount=900, recurring={"interval": "month"}, product_data={"name": "Pro"}
    )
    made = await desk.post(
        "/v1/subscriptions",
        customer=jane["id"],
        items=[{"price": price["id"]}],
        default_payment_method=card["id"],
        trial_period_days=10,
    )
    ended = {**made, "status": "active"}
    one = recurring_revenue.of(ended)
    assert not one.counts_at(made["trial_end"] - 1)
    assert one.counts_at(made["trial_end"])


async def test_what_only_the_mirror_knows_says_how_to_fill_it(desk: Any) -> None:
    """Ours: without a mirror nothing is made up of today's prices; the error names the next step."""
    by_month, by_country = {"metric": "mrr", "group_by": "month"}, {"metric": "revenue", "group_by": "country"}
    for asked in ({"metric": "movements"}, by_month, by_country):
        with pytest.raises(SkillError) as caught:
            await desk.run(get_analytics, asked)
        assert caught.value.code == "needs_mirror"
        assert "paydesk sync" in str(caught.value.next_step)


async def test_what_is_compared_comes_from_one_place(desk: Any) -> None:
    """Ours: a mirror that becomes ready between the two counts does not answer the second."""

    class SecondTime:
        asked = 0

        async def counted(self, asked: Any, span: Any) -> Counted | None:
            self.asked += 1
            return None if self.asked == 1 else Counted([], 0, source="mirror")

    desk.figures = source = SecondTime()
    found = await desk.run(get_analytics, {"metric": "revenue"})
    assert (found.source, source.asked) == ("stripe", 1)
    assert "Straight from Stripe" in found.sentence()


async def test_an_answer_from_the_mirror_says_its_age(desk: Any) -> None:
    """Ours: freshness and how much was read are part of each answer."""

    class Filled:
        async def counted(self, asked: Any, span: Any) -> Counted:
            return Counted([Figure(count=3)], 7, source="mirror", age_s=200)

    desk.figures = Filled()
    found = await desk.run(get_analytics, {"metric": "payment_count"})
    assert found.sentence().endswith("From the mirror, 3 min old, 14 rows read.")
    assert (found.source, found.age_s) == ("mirror", 200)
