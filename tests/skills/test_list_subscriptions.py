"""Who is on which plan, what it costs, and until when."""

from typing import Any

import pytest

from paydesk.server.errors import NotFound, SkillError
from paydesk.skills.subscription import a_month, row_of
from paydesk.skills.subscriptions.list_subscriptions import list_subscriptions


async def _price(desk: Any, name: str, amount: int, interval: str = "month", currency: str = "usd") -> str:
    product = await desk.post("/v1/products", name=name)
    price = await desk.post(
        "/v1/prices", product=product["id"], unit_amount=amount, currency=currency, recurring={"interval": interval}
    )
    return str(price["id"])


async def _subscribe(desk: Any, name: str, price: str, *, quantity: int = 1, **more: Any) -> dict[str, Any]:
    customer = await desk.customer(name)
    return await desk.post(
        "/v1/subscriptions",
        customer=customer["id"],
        items=[{"price": price, "quantity": quantity}],
        collection_method="send_invoice",
        days_until_due=30,
        **more,
    )


async def test_a_subscription_tells_plan_cost_and_when_its_period_ends(desk) -> None:
    """Stripe: periods stand on items, not on the subscription."""
    made = await _subscribe(desk, "Jane Doe", await _price(desk, "Pro", 4900))
    found = await desk.run(list_subscriptions)
    assert found.lines() == [f"Jane Doe Pro $49.00 / month active renews 2026-12-21 {made['id']}"]
    row = found.subscriptions[0]
    assert (row.plan, row.amount.amount_minor, row.interval) == ("Pro", 4900, "month")
    assert row.current_period_end == "2026-12-21"
    assert row.cancel_at_period_end is None
    assert found.sentence() == "1 subscription. Canceled ones are left out."


async def test_one_that_is_set_to_cancel_says_when_it_ends(desk) -> None:
    """Stripe: with cancel_at_period_end it stays active until then."""
    made = await _subscribe(desk, "Jane Doe", await _price(desk, "Pro", 4900))
    await desk.post(f"/v1/subscriptions/{made['id']}", cancel_at_period_end=True)
    found = await desk.run(list_subscriptions, {"customer": "Jane Doe"})
    assert found.subscriptions[0].cancel_at_period_end is True
    assert "active ends 2026-12-21" in found.lines()[0]
    assert found.sentence().startswith("1 subscription of Jane Doe.")


async def test_canceled_ones_are_left_out_unless_asked_for_and_the_range_is_then_about_their_end(desk) -> None:
    """Stripe: its list leaves canceled ones out. Ours: "canceled last month" is about when they were canceled."""
    price = await _price(desk, "Pro", 4900)
    gone = await _subscribe(desk, "Gone Ltd", price)
    await _subscribe(desk, "Jane Doe", price)
    await desk.stripe.send(_delete(gone["id"]), idempotency_key="cancel")
    assert [row.customer for row in (await desk.run(list_subscriptions)).subscriptions] == ["Jane Doe"]
    canceled = await desk.run(list_subscriptions, {"status": "canceled", "start": "2026-11-01", "end": "2026-12-01"})
    assert canceled.sentence() == "1 canceled subscription that ended from 2026-11-01 to 2026-11-30."
    assert "canceled since 2026-11-21" in canceled.lines()[0]
    assert "renews" not in canceled.lines()[0]
    earlier = await desk.run(list_subscriptions, {"status": "canceled", "start": "2026-10-01", "end": "2026-11-01"})
    assert earlier.subscriptions == []
    assert earlier.looked_at == 1
    assert len((await desk.run(list_subscriptions, {"status": "all"})).subscriptions) == 2


def _delete(identifier: str) -> Any:
    from paydesk.skills.base import StripeRequest

    return StripeRequest("DELETE", f"/v1/subscriptions/{identifier}")


async def test_a_range_in_the_future_is_about_what_renews_then(desk) -> None:
    """Ours: nothing was created tomorrow."""
    await _subscribe(desk, "Monthly", await _price(desk, "Pro", 4900))
    await _subscribe(desk, "Yearly", await _price(desk, "Pro yearly", 49_000, "year"))
    found = await desk.run(list_subscriptions, {"start": "2026-12-01", "end": "2027-01-01"})
    assert [row.customer for row in found.subscriptions] == ["Monthly"]
    assert "with a period that ends from 2026-12-01 to 2026-12-31" in found.sentence()
    created = await desk.run(list_subscriptions, {"start": "2026-11-21"})
    assert len(created.subscriptions) == 2
    assert (await desk.run(list_subscriptions, {"start": "2026-12-01", "date_of": "created"})).subscriptions == []


async def test_a_product_is_meant_by_name_id_or_price(desk) -> None:
    """Stripe: its list filters by price alone; names and products are looked at here."""
    pro, basic = await _price(desk, "Pro", 4900), await _price(desk, "Basic", 900)
    await _subscribe(desk, "Jane Doe", pro)
    await _subscribe(desk, "John Roe", basic)
    product = (await desk.stripe.get(f"/v1/prices/{pro}"))["product"]
    for asked in ("pro", product, pro):
        found = await desk.run(list_subscriptions, {"product": asked})
        assert [row.customer for row in found.subscriptions] == ["Jane Doe"], asked
    with pytest.raises(NotFound) as caught:
        await desk.run(list_subscriptions, {"product": "Basix"})
    assert caught.value.choices == ("Basic",)


async def test_intervals_and_currencies_are_told_apart(desk) -> None:
    """Ours: a year is not twelve months on a bill, and currencies never mix."""
    await _subscribe(desk, "Yearly", await _price(desk, "Pro", 49_000, "year"))
    await _subscribe(desk, "Yen", await _price(desk, "Pro Japan", 7200, currency="jpy"), quantity=3)
    yearly = await desk.run(list_subscriptions, {"interval": "year"})
    assert [row.customer for row in yearly.subscriptions] == ["Yearly"]
    yen = await desk.run(list_subscriptions, {"currency": "jpy"})
    assert "3 x Pro Japan ¥21,600 / month" in yen.lines()[0]
    assert yen.sentence().startswith("1 subscription in JPY.")


async def test_the_largest_is_the_largest_in_a_month(desk) -> None:
    """Ours: $490 a year is less than $49 a month."""
    await _subscribe(desk, "Yearly", await _price(desk, "A", 49_000, "year"))
    await _subscribe(desk, "Monthly", await _price(desk, "B", 4900))
    found = await desk.run(list_subscriptions, {"sort": "largest"})
    assert [row.customer for row in found.subscriptions] == ["Monthly", "Yearly"]


async def test_a_trial_tells_until_when(desk) -> None:
    """Stripe: a trial's first period ends with it."""
    await _subscribe(desk, "Jane Doe", await _price(desk, "Pro", 4900), trial_period_days=14)
    found = await desk.run(list_subscriptions, {"status": "trialing"})
    assert "trialing until 2026-12-05" in found.lines()[0]


async def test_one_by_its_id_is_shown_in_full(desk) -> None:
    """Ours: who names one wants to know it."""
    made = await _subscribe(desk, "Jane Doe", await _price(desk, "Pro", 4900), quantity=2, metadata={"seat": "2"})
    found = await desk.run(list_subscriptions, {"subscription": made["id"]})
    assert found.subscriptions[0].items[0].startswith("Pro: 2 x $49.00 / month (price_")
    assert found.subscriptions[0].metadata == {"seat": "2"}
    assert found.sentence() == "One subscription: active."
    assert made["id"] in found.lines()[0]
    with pytest.raises(NotFound):
        await desk.run(list_subscriptions, {"subscription": "sub_nothing"})
    with pytest.raises(SkillError) as caught:
        await desk.run(list_subscriptions, {"subscription": "sub_1/../x"})
    assert caught.value.code == "invalid_id"


async def test_pages_join_also_where_the_filter_is_on_our_side(desk) -> None:
    """Ours: has_more is honest."""
    price = await _price(desk, "Pro", 4900)
    for number in range(4):
        await _subscribe(desk, f"N{number}", price)
    first = await desk.run(list_subscriptions, {"currency": "usd", "limit": 3})
    assert first.has_more is True
    rest = await desk.run(list_subscriptions, {"currency": "usd", "limit": 3, "cursor": first.next_cursor})
    assert [row.customer for row in (*first.subscriptions, *rest.subscriptions)] == ["N3", "N2", "N1", "N0"]
    assert rest.has_more is False


def test_metered_and_mixed_items_have_no_single_amount() -> None:
    """Stripe: metered items have no quantity, and items may differ in interval under flexible billing."""

    def item(unit: int | None, interval: str, quantity: int | None, end: int = 1_800_000_000) -> dict[str, Any]:
        price = {
            "id": "price_1",
            "product": "prod_1",
            "currency": "usd",
            "unit_amount": unit,
            "recurring": {"interval": interval},
        }
        return {"price": price, "quantity": quantity, "current_period_end": end}

    def subscription(*items: dict[str, Any]) -> dict[str, Any]:
        data = {"data": list(items)}
        return {"id": "sub_1", "status": "active", "customer": "cus_1", "created": 0, "currency": "usd", "items": data}

    metered = row_of(subscription(item(100, "month", None)), {"prod_1": "Calls"}, full=False)
    assert (metered.amount, metered.plan) == (None, "Calls")
    both = subscription(item(100, "month", 1), item(1200, "year", 1, end=1_820_000_000))
    mixed = row_of(both, {"prod_1": "Pro"}, full=False)
    assert mixed.amount is None
    assert mixed.current_period_end == "2027-01-15"
    assert mixed.plan == "Pro + Pro"
    assert a_month(both) == 2
