"""What the account holds: by currency, never added together."""

import pytest

from paydesk.server.errors import ArgumentError
from paydesk.skills.balance.get_balance import get_balance

_HELD = {
    "/v1/balance": {
        "available": [
            {"amount": 123_456, "currency": "usd", "source_types": {"card": 100_000, "bank_account": 23_456}},
            {"amount": 5_000, "currency": "jpy", "source_types": {"card": 5_000}},
            {"amount": 10_500, "currency": "kwd", "source_types": {"card": 10_500}},
        ],
        "pending": [{"amount": -500, "currency": "usd", "source_types": {"card": -500}}],
        "instant_available": [{"amount": 9_900, "currency": "usd"}],
    }
}


async def test_every_currency_has_its_own_decimals_and_none_are_added(canned) -> None:
    """ISO 4217: yen have no decimals, Kuwaiti dinars three. Ours: currencies stay apart."""
    balance = await canned(_HELD).run(get_balance)
    assert balance.sentence() == ("Available $1,234.56, ¥5,000, KWD 10.500; pending -$5.00; instant available $99.00.")
    assert [held.currency for held in balance.balances] == ["usd", "jpy", "kwd"]
    assert balance.balances[1].pending is None


async def test_one_currency_and_one_kind_can_be_asked_for(canned) -> None:
    """Ours: what was not asked is not told."""
    desk = canned(_HELD)
    assert (await desk.run(get_balance, {"currency": "jpy"})).sentence() == "Available ¥5,000."
    assert (await desk.run(get_balance, {"kind": "pending"})).sentence() == "Pending -$5.00."


async def test_a_currency_that_is_not_held_is_said_not_to_be(canned) -> None:
    """Ours: an empty answer says what there is instead."""
    balance = await canned(_HELD).run(get_balance, {"currency": "chf"})
    assert balance.sentence() == "The account holds no CHF balance; it holds USD, JPY, KWD."
    assert balance.structured()["balances"] == []
    only = await canned(_HELD).run(get_balance, {"currency": "jpy", "kind": "instant_available"})
    assert only.sentence() == "The account holds no instant available JPY balance; it holds USD."


async def test_full_says_what_the_balance_came_from(canned) -> None:
    """Stripe: `source_types` splits each balance by the kind of payment."""
    balance = await canned(_HELD).run(get_balance, {"detail": "full", "currency": "usd", "kind": "available"})
    assert balance.lines() == ["available: $1,000.00 from card", "available: $234.56 from bank_account"]


async def test_a_payment_turns_up_as_pending(desk) -> None:
    """Stripe: charges are pending until their funds settle."""
    jane = await desk.customer("Jane Doe")
    await desk.pay(jane["id"], 10_000)
    balance = await desk.run(get_balance)
    assert balance.balances[0].pending.amount_minor > 9_000
    assert balance.balances[0].available.amount_minor == 0


@pytest.mark.parametrize("wrong", ["EUR", "euro", "", "€"])
async def test_a_currency_is_a_lower_case_code(desk, wrong: str) -> None:
    """Ours: Stripe writes currencies as three lower-case letters, and so do all skills."""
    with pytest.raises(ArgumentError) as caught:
        await desk.run(get_balance, {"currency": wrong})
    assert caught.value.field == "currency"
