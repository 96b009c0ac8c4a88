"""What went, or goes, to the bank: by the day it arrives."""

import pytest

from paydesk.server.errors import ArgumentError, NotFound
from paydesk.skills.payouts.list_payouts import list_payouts

_KEYS = {"currency": "usd", "status": "paid", "method": "standard", "automatic": True, "failure_code": None}


def _payout(identifier: str, amount: int, **more) -> dict:
    dates = {"created": 1_795_000_000, "arrival_date": 1_795_132_800}  # 2026-11-18 and 2026-11-20
    return {"id": identifier, "object": "payout", "amount": amount, **dates, **_KEYS, **more}


_BOOKS = {
    "/v1/payouts": {
        "data": [
            _payout("po_4", 103_726, currency="jpy", status="in_transit"),
            _payout("po_3", 5_000, method="instant"),
            _payout("po_2", 10_500, currency="kwd"),
            _payout("po_1", 900, status="failed", failure_code="account_closed", failure_message="Closed\u202e."),
        ]
    },
    "/v1/payouts/po_1": _payout("po_1", 900, status="failed", failure_code="account_closed", destination="ba_1"),
}


async def test_payouts_are_told_in_their_own_currencies_with_their_arrival(canned) -> None:
    """ISO 4217: yen have no decimals, Kuwaiti dinars three. Ours: sums per currency."""
    found = await canned(_BOOKS).run(list_payouts)
    assert found.sentence() == "4 payouts, ¥103,726, KWD 10.500 and $59.00 in all."
    assert found.lines()[0] == "¥103,726 in_transit standard arrives 2026-11-20 po_4"
    assert found.lines()[1] == "$50.00 paid instant arrived 2026-11-20 po_3"
    assert found.lines()[3] == "$9.00 failed (account_closed) standard was to arrive 2026-11-20 po_1"


async def test_method_amount_and_currency_are_looked_at_here_and_the_count_is_told(canned) -> None:
    """Stripe: its list knows none of these filters."""
    desk = canned(_BOOKS)
    instant = await desk.run(list_payouts, {"method": "instant"})
    assert [row.id for row in instant.payouts] == ["po_3"]
    assert (instant.looked_at, instant.has_more) == (4, False)
    assert instant.sentence() == "1 instant payout, $50.00 in all."
    over = await desk.run(list_payouts, {"amount_major": ">10", "currency": "kwd"})
    assert [row.id for row in over.payouts] == ["po_2"]
    assert over.sentence() == "1 payout over 10 KWD, KWD 10.500 in all."
    assert (await desk.run(list_payouts, {"currency": "eur"})).sentence() == "No payouts in EUR."


async def test_full_and_one_by_id_tell_where_it_went_and_what_went_wrong(canned) -> None:
    """Ours: bank texts are data too."""
    full = await canned(_BOOKS).run(list_payouts, {"detail": "full"})
    assert full.payouts[3].failure_message == "Closed."
    one = await canned(_BOOKS).run(list_payouts, {"payout": "po_1"})
    assert one.sentence() == "One payout: failed."
    assert one.lines()[0].endswith("po_1 to ba_1")


async def test_a_range_is_about_the_day_of_arrival(desk) -> None:
    """Ours: people ask when money reaches the bank. Stripe: `arrival_date` filters its list."""
    jane = await desk.customer("Jane Doe")
    await desk.pay(jane["id"], 100_000, card="pm_card_bypassPending")
    made = await desk.post("/v1/payouts", amount=50_000, currency="usd")
    found = await desk.run(list_payouts)
    arrives = found.payouts[0].arrives
    assert (found.payouts[0].id, found.payouts[0].created) == (made["id"], "2026-11-21")
    assert arrives > "2026-11-21"
    later = await desk.run(list_payouts, {"start": arrives})
    assert later.sentence() == f"1 payout arriving since {arrives}, $500.00 in all."
    assert (await desk.run(list_payouts, {"start": "2026-11-21", "end": arrives})).payouts == []


async def test_an_unknown_payout_and_a_text_that_is_no_id_are_told_apart(desk) -> None:
    """Ours: an error names the field."""
    with pytest.raises(NotFound):
        await desk.run(list_payouts, {"payout": "po_nothing"})
    with pytest.raises(ArgumentError) as caught:
        await desk.run(list_payouts, {"payout": "po_1/cancel"})
    assert caught.value.field == "payout"
