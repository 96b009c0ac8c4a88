"""A customer with everything: what they have paid so far, and how little it takes to say all of it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from paydesk.skills import lifetime_value
from paydesk.skills.customers.get_customer import get_customer
from paydesk.skills.lifetime_value import lifetime_of, told

CHARGE = st.fixed_dictionaries(
    {
        "currency": st.sampled_from(["usd", "eur", "jpy"]),
        "paid": st.booleans(),
        "captured": st.booleans(),
        "amount_captured": st.integers(0, 10**8),
        "amount_refunded": st.integers(0, 10**6),
    }
)


class ChargesOnly:
    """A Stripe that has these charges and nothing else."""

    def __init__(self, charges: list[dict[str, Any]]) -> None:
        self._charges = charges

    async def every(self, path: str, params: Any = None, *, most: int) -> Any:
        for charge in self._charges[:most]:
            yield charge


@given(st.lists(CHARGE, max_size=30))
async def test_each_currency_is_the_sum_of_its_own_payments(charges: list[dict[str, Any]]) -> None:
    """Ours: currencies are never added together; a failed try or a hold is no payment."""
    found = await lifetime_of(ChargesOnly(charges), "cus_1")  # type: ignore[arg-type]
    kept = [one for one in charges if one["paid"] and one["captured"]]
    for amount in found.value:
        of_currency = [one for one in kept if one["currency"] == amount.currency]
        assert amount.amount_minor == sum(one["amount_captured"] - one["amount_refunded"] for one in of_currency)
    assert {amount.currency for amount in found.value} == {one["currency"] for one in kept}
    assert (found.payments, found.looked_at, found.whole) == (len(kept), len(charges), True)


async def test_a_customer_is_told_with_what_they_paid_less_refunds(desk: Any) -> None:
    """Ours: lifetime value is what was paid less refunds, per currency; what failed or is only held is none of it."""
    jane, _ = await desk.with_card("Jane Doe")
    first = await desk.pay(jane["id"], 5000)
    await desk.post("/v1/refunds", payment_intent=first["id"], amount=1250)
    await desk.pay(jane["id"], 990, currency="eur")
    await desk.pay(jane["id"], 700, card="pm_card_chargeDeclined")
    await desk.pay(jane["id"], 800, capture_method="manual")
    found = await desk.run(get_customer, {"customer": "Jane Doe"})
    assert [amount.text for amount in found.lifetime_value] == ["€9.90", "$37.50"]
    assert found.payments == 2
    assert found.looked_at is None
    assert found.sentence().endswith("Paid €9.90 and $37.50 after refunds, in 2 payments.")


async def test_where_there_are_more_charges_than_are_read_the_answer_says_so(desk: Any, monkeypatch: Any) -> None:
    """Ours: a sum over a part is called one."""
    monkeypatch.setattr(lifetime_value, "CHARGES_MOST", 2)
    jane, _ = await desk.with_card("Jane Doe")
    for amount in (100, 200, 300):
        await desk.pay(jane["id"], amount)
    found = await desk.run(get_customer, {"customer": "Jane Doe"})
    assert (found.lifetime_value[0].amount_minor, found.looked_at) == (500, 2)
    assert "in 2 payments among the newest 2 charges; there are more." in found.sentence()
    monkeypatch.setattr(lifetime_value, "CHARGES_MOST", 3)
    assert (await desk.run(get_customer, {"customer": "Jane Doe"})).looked_at is None


async def test_somebody_who_never_paid_is_told_so(desk: Any) -> None:
    """Ours: nothing paid is said, not left out."""
    await desk.customer("Jane Doe")
    found = await desk.run(get_customer, {"customer": "Jane Doe"})
    assert (found.lifetime_value, found.payments) == ([], 0)
    assert found.sentence().endswith("No payment succeeded so far.")
    assert told([], 0, 1000) == "No payment succeeded among the newest 1,000 charges; there are more."


async def test_a_customer_with_everything_takes_few_lines_until_all_are_asked_for(desk: Any) -> None:
    """Ours: text is paid for by the token; the default method comes first, and where the others stand is said."""
    jane = await desk.customer("Jane Doe")
    cards = [await desk.post("/v1/payment_methods/pm_card_visa/attach", customer=jane["id"]) for _ in range(6)]
    await desk.post(f"/v1/customers/{jane['id']}", invoice_settings={"default_payment_method": cards[0]["id"]})
    price = await desk.price()
    for _ in range(5):
        await desk.post("/v1/subscriptions", customer=jane["id"], items=[{"price": price["id"]}])
    found = await desk.run(get_customer, {"customer": "Jane Doe"})
    lines = found.lines()
    assert (len(lines), len(found.methods), len(found.subscriptions)) == (10, 6, 5)
    assert lines[0].endswith(f"(default) {cards[0]['id']}")
    assert lines[4] == "and 2 more: list_payment_methods"
    assert lines[9] == "and 1 more: list_subscriptions"
    assert len((await desk.run(get_customer, {"customer": "Jane Doe", "detail": "full"})).lines()) == 11
