"""The bridge of recurring revenue: who came, who left, and what is known of the time before."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from paydesk.server.reports.model import MonthReport
from paydesk.server.reports.mrr import _Change, _Life, bridged
from paydesk.skills.mrr_bridge import MrrBridge

START, END = (int(datetime(2026, month, 1, tzinfo=UTC).timestamp()) for month in (10, 11))
DAY_S = 86_400


def subscription(customer: str, amount: int = 1_000, *, begun: int, ended: int | None = None, **more: Any) -> Any:
    price = {"unit_amount": amount, "currency": "usd", "recurring": {"interval": "month", "usage_type": "licensed"}}
    return {
        "id": f"sub_{customer}_{begun}",
        "customer": customer,
        "currency": "usd",
        "status": "canceled" if ended else "active",
        "start_date": begun,
        "ended_at": ended,
        "items": {"data": [{"price": price, "quantity": 1}]},
        "discounts": [],
        **more,
    }


def bridge(*lives: _Life) -> MrrBridge:
    (found,) = bridged(lives, START, END)
    assert found.difference_minor == 0
    return found


STAYED = _Life(subscription("cus_stayed", begun=START - 90 * DAY_S))


def test_who_never_paid_before_is_new_and_who_left_is_churn() -> None:
    """ChartMogul: new is of customers who had never paid; churn is all that those who left had brought."""
    new = _Life(subscription("cus_new", 700, begun=START + DAY_S))
    gone = _Life(subscription("cus_gone", 300, begun=START - 60 * DAY_S, ended=START + 5 * DAY_S))
    assert bridge(STAYED, new, gone) == MrrBridge("usd", 1_300, new_minor=700, churn_minor=-300, end_minor=1_700)


def test_who_comes_back_is_a_reactivation() -> None:
    """ChartMogul: who had paid before and paid nothing when the month began is reactivated, not new."""
    before = _Life(subscription("cus_back", 500, begun=START - 90 * DAY_S, ended=START - 30 * DAY_S))
    after = _Life(subscription("cus_back", 400, begun=START + DAY_S))
    assert bridge(STAYED, before, after).reactivation_minor == 400


def test_a_trial_that_was_never_paid_makes_nobody_an_old_customer() -> None:
    """Stripe: a trial brings no MRR; whoever left within it had never paid."""
    begun = START - 40 * DAY_S
    tried = subscription("cus_1", 500, begun=begun, ended=begun + DAY_S, trial_end=begun + 14 * DAY_S)
    assert bridge(STAYED, _Life(tried), _Life(subscription("cus_1", 400, begun=START + 1))).new_minor == 400


def test_a_second_subscription_of_a_customer_is_an_expansion() -> None:
    """ChartMogul: movements are of customers, not of subscriptions."""
    more = _Life(subscription("cus_stayed", 250, begun=START + DAY_S))
    assert bridge(STAYED, more) == MrrBridge("usd", 1_000, expansion_minor=250, end_minor=1_250)


def test_a_changed_price_is_seen_in_the_event_that_tells_of_it() -> None:
    """Stripe: `previous_attributes` of customer.subscription.updated hold what was before."""
    dear = subscription("cus_1", 900, begun=START - 90 * DAY_S)
    cheap = subscription("cus_1", 400, begun=START - 90 * DAY_S)
    assert bridge(_Life(cheap, (_Change(START + DAY_S, cheap, dear),))).contraction_minor == -500
    assert bridge(_Life(cheap, (_Change(START - DAY_S, cheap, dear),))).contraction_minor == 0
    assert bridge(_Life(cheap, (_Change(END + DAY_S, cheap, dear),))).end_minor == 900


def test_who_became_unpaid_is_churn_from_then_on() -> None:
    """Stripe: active and past-due subscriptions are MRR, unpaid ones are not."""
    unpaid = subscription("cus_1", 900, begun=START - 90 * DAY_S, status="unpaid")
    late = {**unpaid, "status": "past_due"}
    assert bridge(STAYED, _Life(unpaid, (_Change(START + DAY_S, unpaid, late),))).churn_minor == -900


lives = st.lists(
    st.builds(
        lambda who, amount, begun, lasted: _Life(
            subscription(f"cus_{who}", amount, begun=START + begun, ended=START + begun + lasted if lasted else None)
        ),
        st.integers(0, 4),
        st.integers(0, 100_000),
        st.integers(-100 * DAY_S, 60 * DAY_S),
        st.none() | st.integers(1, 90 * DAY_S),
    ),
    max_size=12,
)


@given(lives)
def test_start_and_movements_are_the_end(found: list[_Life]) -> None:
    """Ours: whatever customers do, the bridge holds, gains are gains and losses are losses."""
    for one in bridged(found, START, END):
        assert one.difference_minor == 0
        assert min(one.new_minor, one.expansion_minor, one.reactivation_minor, one.start_minor, one.end_minor) >= 0
        assert max(one.contraction_minor, one.churn_minor) <= 0
        assert one.end_minor == sum(life.amount_at(END - 1) for life in found)


def test_the_business_s_bridge_holds_in_each_currency(october: MonthReport) -> None:
    """Ours: start + movements = end, per currency, on a whole business."""
    assert [one.currency for one in october.bridges] == ["eur", "gbp", "jpy", "usd"]
    assert {one.difference_minor for one in october.bridges} == {0}
    assert any(one.churn_minor for one in october.bridges)
