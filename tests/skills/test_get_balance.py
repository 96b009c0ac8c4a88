"""What the account holds: by currency, never added together."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.server.errors import ArgumentError, SkillError
from paydesk.skills.balance.get_balance import get_balance
from paydesk.skills.exchange import Rate

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


class _Quoting:
    """A Stripe with a balance and an FX quote for every currency."""

    mode = "test"
    rates: ClassVar = {"jpy": "0.0067", "kwd": "3.2525"}

    async def get(self, path, params=None):
        return _HELD[path]

    async def compute(self, path, params):
        (one,) = params["from_currencies"]
        return {"rates": {one: {"exchange_rate": self.rates[one], "rate_details": {"fx_fee_rate": 0.02}}}}

    def now(self):
        return datetime(2026, 11, 21, 12, tzinfo=UTC)


async def test_one_total_is_told_only_where_it_was_asked_for_with_rates_and_date(canned) -> None:
    """Ours: currencies are never added; what they are worth together names each rate, whose it is, and when."""
    desk = canned(_HELD)
    desk.mode, desk.stripe = "test", _Quoting()
    assert (await desk.run(get_balance)).together is None
    together = (await desk.run(get_balance, {"convert_to": "usd"})).together
    # $1,234.56 + 5,000 x 0.0067 + 10.500 x 3.2525, each rounded to the cent once.
    assert (together.available.text, together.pending.text, together.instant_available.text) == (
        "$1,302.21",
        "-$5.00",
        "$99.00",
    )
    assert together.told() == (
        "Together worth $1,302.21 available, -$5.00 pending, $99.00 instant available "
        "(1 JPY = 0.0067 USD, 1 KWD = 3.2525 USD at 2026-11-21 12:00 UTC "
        "by Stripe's FX quote, its fee of 2% included)."
    )
    alone = await desk.run(get_balance, {"currency": "usd", "kind": "available", "convert_to": "usd"})
    assert alone.sentence() == "Available $1,234.56. Together worth $1,234.56 available (no conversion was needed)."


async def test_without_a_rate_of_stripes_there_is_no_total(canned) -> None:
    """Ours: a rate is never made up; the error names the argument."""
    desk = canned(_HELD)
    desk.mode = "sandbox"
    with pytest.raises(SkillError) as wrong:
        await desk.run(get_balance, {"convert_to": "eur"})
    assert (wrong.value.code, wrong.value.field) == ("no_rate", "convert_to")


@given(st.integers(-(10**9), 10**9), st.decimals("0.0001", "9999", places=4))
def test_what_is_converted_is_off_by_half_a_minor_unit_at_most(amount_minor: int, value: Decimal) -> None:
    """Ours: decimals throughout, rounded once."""
    worth = Rate("kwd", "usd", value, "a test").worth(amount_minor)
    exact = Decimal(amount_minor).scaleb(-3) * value
    assert abs(Decimal(worth.amount_minor).scaleb(-2) - exact) <= Decimal("0.005")


async def test_a_payment_turns_up_as_pending(desk) -> None:
    """Stripe: charges are pending until their funds settle."""
    jane = await desk.customer("Jane Doe")
    await desk.pay(jane["id"], 10_000)
    balance = await desk.run(get_balance)
    assert balance.balances[0].pending.amount_minor > 9_000
    assert balance.balances[0].available.amount_minor == 0


@pytest.mark.parametrize("wrong", ["EUX", "euro", "", "€"])
async def test_a_currency_is_a_code_of_three_letters(desk, wrong: str) -> None:
    """Ours: the code of a currency that exists, and no name or sign of one."""
    with pytest.raises(ArgumentError) as caught:
        await desk.run(get_balance, {"currency": wrong})
    assert caught.value.field == "currency"
