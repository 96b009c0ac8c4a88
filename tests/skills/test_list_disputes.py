"""What was charged back, what needs an answer, and by when."""

from typing import Any

import pytest

from paydesk.server.errors import ArgumentError, NotFound
from paydesk.skills.disputes.list_disputes import list_disputes


@pytest.fixture
async def disputed(desk) -> dict[str, Any]:
    """Jane's disputed payment and John's inquiry, made today."""
    made = {}
    for name, card, amount in (
        ("Jane Doe", "pm_card_createDispute", 5000),
        ("John Roe", "pm_card_createDisputeInquiry", 900),
    ):
        customer = await desk.customer(name)
        made[name] = await desk.pay(customer["id"], amount, card=card)
    return made


async def test_a_dispute_tells_what_is_at_stake_and_until_when(desk, disputed) -> None:
    """Stripe: evidence is due on a day at 23:59:59 UTC."""
    found = await desk.run(list_disputes, {"customer": "Jane Doe"})
    row = found.disputes[0]
    assert (row.amount.text, row.status, row.customer) == ("$50.00", "needs_response", "Jane Doe")
    assert row.respond_by.endswith("23:59")
    assert row.payment == disputed["Jane Doe"]["id"]
    assert found.sentence() == f"1 dispute of Jane Doe, $50.00 in all. The nearest deadline is {row.respond_by} UTC."
    assert f"respond by {row.respond_by}" in found.lines()[0]


async def test_an_inquiry_needs_a_response_as_well(desk, disputed) -> None:
    """Stripe: an inquiry that is not answered becomes a dispute."""
    found = await desk.run(list_disputes, {"status": "needs_response"})
    assert {row.status for row in found.disputes} == {"needs_response", "warning_needs_response"}
    only = await desk.run(list_disputes, {"status": "warning_needs_response"})
    assert [row.customer for row in only.disputes] == ["John Roe"]


async def test_a_range_in_the_future_is_about_deadlines(desk, disputed) -> None:
    """Ours: nothing was disputed tomorrow."""
    due = (await desk.run(list_disputes)).disputes[0].respond_by[:10]
    assert len((await desk.run(list_disputes, {"start": due})).disputes) == 2
    assert (await desk.run(list_disputes, {"start": "2026-12-31"})).disputes == []
    assert (await desk.run(list_disputes, {"start": due, "date_of": "created"})).disputes == []
    today = await desk.run(list_disputes, {"start": "2026-11-21", "end": "2026-11-22"})
    assert len(today.disputes) == 2


async def test_a_lost_dispute_has_no_deadline_any_more(desk, disputed) -> None:
    """Stripe: /close gives up."""
    dispute = (await desk.run(list_disputes, {"customer": "Jane Doe"})).disputes[0]
    await desk.post(f"/v1/disputes/{dispute.id}/close")
    found = await desk.run(list_disputes, {"status": "lost"})
    assert found.disputes[0].respond_by is None
    assert "deadline" not in found.sentence()


async def test_amount_payment_and_id_find_a_dispute(desk, disputed) -> None:
    """Ours: every way in which people name one."""
    by_amount = await desk.run(list_disputes, {"amount_major": "<10", "currency": "usd"})
    assert [row.customer for row in by_amount.disputes] == ["John Roe"]
    assert by_amount.looked_at == 2
    by_payment = await desk.run(list_disputes, {"payment": disputed["Jane Doe"]["id"]})
    assert [row.customer for row in by_payment.disputes] == ["Jane Doe"]
    by_id = await desk.run(list_disputes, {"dispute": by_payment.disputes[0].id})
    assert by_id.sentence() == "One dispute: needs response."
    assert by_id.disputes[0].balance_change.text == "-$65.00"
    assert "moved -$65.00 with fees" in by_id.lines()[0]


async def test_what_is_not_there_and_what_is_no_id_are_told_apart(desk) -> None:
    """Ours: an error names the field."""
    with pytest.raises(NotFound):
        await desk.run(list_disputes, {"dispute": "du_nothing"})
    with pytest.raises(ArgumentError) as caught:
        await desk.run(list_disputes, {"dispute": "du_1/../../account"})
    assert caught.value.field == "dispute"
    assert (await desk.run(list_disputes)).sentence() == "No disputes."
