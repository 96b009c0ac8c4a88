"""Prorations to the cent: a change there and back comes to nothing but what Stripe rounds off each line."""

from fractions import Fraction
from itertools import pairwise
from math import floor

from hypothesis import given, settings
from hypothesis import strategies as st

from paydesk.server.sandbox import periods
from paydesk.server.sandbox.app import create_sandbox
from tests.conftest import SandboxClock, Talk

SAVED = {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}


def _subscribed(talk: Talk, unit_amount: int, quantity: int) -> tuple[str, str, int]:
    """A subscription's address, its item, and the length of its period."""
    customer = talk.post("/v1/customers", **SAVED)["id"]
    price = talk.post(
        "/v1/prices",
        product_data={"name": "Tea"},
        currency="usd",
        unit_amount=unit_amount,
        recurring={"interval": "month"},
    )["id"]
    made = talk.post("/v1/subscriptions", customer=customer, items=[{"price": price, "quantity": quantity}])
    item = made["items"]["data"][0]
    return f"/v1/subscriptions/{made['id']}", item["id"], item["current_period_end"] - item["current_period_start"]


def _waiting(talk: Talk) -> int:
    return sum(one["amount"] for one in talk.get("/v1/invoiceitems", pending=True, limit=100)["data"])


@settings(max_examples=25, deadline=None)
@given(
    unit_amount=st.integers(1, 50_000),
    quantities=st.lists(st.integers(1, 9), min_size=2, max_size=4),
    part=st.fractions(Fraction(1, 1_000), Fraction(999, 1_000), max_denominator=1_000),
)
def test_a_change_there_and_back_comes_to_what_each_line_rounds_off(
    unit_amount: int, quantities: list[int], part: Fraction
) -> None:
    """Stripe: each line is floored on its own, so of there and back at one moment at most a cent a pair is kept."""
    clock = SandboxClock()
    talk = Talk(create_sandbox(now=clock), clock)
    at, item, length = _subscribed(talk, unit_amount, quantities[0])
    clock.pass_s(int(length * part))
    left = Fraction(length - int(length * part), length)
    way = [*quantities, *quantities[-2::-1]]
    expected = 0
    for before, after in pairwise(way):
        if before != after:
            talk.post(at, items=[{"id": item, "quantity": after}])
            expected += floor(-unit_amount * before * left) + floor(unit_amount * after * left)
    assert _waiting(talk) == expected
    assert -len(way) < expected <= 0
    if (unit_amount * left).denominator == 1:
        assert expected == 0
    talk.sandbox.close()


@given(
    start=st.integers(946_684_800, 2_200_000_000),
    months=st.integers(0, 30),
    rest=st.fractions(0, Fraction(999, 1_000), max_denominator=1_000),
)
def test_a_span_is_counted_in_whole_periods_and_the_last_by_its_own_length(
    start: int, months: int, rest: Fraction
) -> None:
    """Stripe's guide to backdating: an imagined interval from the start on, the begun one by the days that it has."""
    begun = periods.boundary(start, "month", 1, months)
    ends = periods.boundary(start, "month", 1, months + 1)
    moment = begun + int((ends - begun) * rest)
    counted = periods.number_between(start, moment, "month", 1)
    assert counted == months + Fraction(moment - begun, ends - begun)


@given(
    anchor=st.integers(946_684_800, 2_200_000_000),
    earlier_s=st.integers(0, 12 * 366 * periods.DAY_S),
    interval=st.sampled_from(["day", "week", "month", "year"]),
    count=st.integers(1, 12),
    day=st.none() | st.integers(1, 31),
)
def test_a_moment_before_the_anchor_lies_in_one_period_too(
    anchor: int, earlier_s: int, interval: str, count: int, day: int | None
) -> None:
    """Ours: an anchor may lie in the future; its periods reach back from it, whatever day of the month is wished."""
    moment = anchor - earlier_s
    start, end = periods.around(anchor, interval, count, moment, day=day)
    assert start <= moment < end
    assert periods.around(anchor, interval, count, start, day=day) == (start, end)
    assert periods.around(anchor, interval, count, end, day=day)[0] == end
