"""Payouts, their schedule, bank accounts, transfers and the ledger."""

import pytest

from paydesk.skills.catalogue import catalogue
from paydesk.skills.errors import NotFound, SkillError

SKILLS = catalogue()


async def _funded(desk, amount: int = 50_000) -> None:
    """Money that is available at once."""
    jane = await desk.customer("Jane Doe")
    assert await desk.pay(jane["id"], amount, card="pm_card_bypassPending")


async def test_a_payout_takes_what_is_available_and_can_be_canceled(desk, sent_as_planned) -> None:
    """Stripe: at most what is available; a payout by hand can be stopped while it is pending."""
    await _funded(desk)
    have = (await desk.stripe.get("/v1/balance"))["available"][0]["amount"]
    skill = SKILLS["create_payout"]
    plan = await desk.run(skill, {"amount_minor": 20_000, "currency": "usd"})
    assert plan.moves.amount_minor == -20_000
    assert plan.says == "Pay out $200.00 to the default bank account."
    made = await sent_as_planned(desk, skill, plan)
    assert (made.status, made.opposite().skill) == ("pending", "cancel_payout")
    whole = await desk.run(skill, {})
    assert whole.request.params == {"amount": have - 20_000, "currency": "usd"}
    with pytest.raises(SkillError) as wrong:
        await desk.run(skill, {"amount_minor": have, "currency": "usd"})
    assert wrong.value.code == "balance_insufficient"
    cancel = SKILLS["cancel_payout"]
    plan = await desk.run(cancel, {"payout": made.payout})
    assert plan.moves.amount_minor == 20_000
    assert (await sent_as_planned(desk, cancel, plan)).status == "canceled"
    with pytest.raises(SkillError, match="only a pending one"):
        await desk.run(cancel, {"payout": made.payout})


async def test_a_bank_account_is_known_by_its_last_digits(desk, sent_as_planned) -> None:
    """Ours: nobody knows a ba_ id by heart; the list never shows whole numbers."""
    await _funded(desk)
    await sent_as_planned(
        desk, SKILLS["create_payout"], await desk.run(SKILLS["create_payout"], {"amount_minor": 5_000})
    )
    listed = await desk.run(SKILLS["list_bank_accounts"])
    (bank,) = listed.bank_accounts
    assert bank.default
    assert "account_number" not in str(listed.structured())
    last4 = bank.bank[-4:]
    plan = await desk.run(SKILLS["create_payout"], {"amount_minor": 100, "currency": "usd", "bank_account": last4})
    assert plan.request.params["destination"] == bank.id
    with pytest.raises(NotFound) as wrong:
        await desk.run(SKILLS["create_payout"], {"amount_minor": 100, "currency": "usd", "bank_account": "0000"})
    assert wrong.value.choices


async def test_the_schedule_is_changed_and_can_be_changed_back(desk, sent_as_planned) -> None:
    """Stripe's balance settings; ours: the opposite call restores what was there."""
    skill = SKILLS["update_payout_schedule"]
    plan = await desk.run(skill, {"schedule": "weekly", "days": ["friday", "monday"]})
    changed = await sent_as_planned(desk, skill, plan)
    assert changed.sentence() == "Payouts are now weekly on monday, friday."
    with pytest.raises(SkillError) as wrong:
        await desk.run(skill, {"schedule": "weekly", "days": ["monday", "friday"]})
    assert wrong.value.code == "nothing_to_change"
    plan = await desk.run(skill, {"schedule": "monthly", "days": ["15", "1"]})
    assert plan.opposite.arguments == {"schedule": "weekly", "days": ["monday", "friday"]}
    assert (await sent_as_planned(desk, skill, plan)).days == ["1", "15"]
    manual = await desk.run(skill, {"schedule": "manual"})
    assert manual.warnings
    await sent_as_planned(desk, skill, manual)


@pytest.mark.parametrize(
    "arguments",
    [
        {"schedule": "weekly"},
        {"schedule": "weekly", "days": ["sunday"]},
        {"schedule": "monthly", "days": ["32"]},
        {"schedule": "daily", "days": ["monday"]},
    ],
)
async def test_days_must_fit_the_schedule(desk, arguments) -> None:
    """Ours: said before it is proposed, by the field's name."""
    with pytest.raises(SkillError) as wrong:
        await desk.run(SKILLS["update_payout_schedule"], arguments)
    assert wrong.value.field == "days"


async def test_the_ledger_is_listed_with_fees_and_nets_that_add_up(desk) -> None:
    """Stripe: net is amount less fee; ours: currencies are never added together."""
    await _funded(desk)
    jane = await desk.customer("Bob")
    await desk.pay(jane["id"], 10_000, currency="eur")
    listed = await desk.run(SKILLS["list_balance_transactions"], {"kind": "charge", "detail": "full"})
    for row in listed.transactions:
        assert row.net.amount_minor == row.amount.amount_minor - (row.fee.amount_minor if row.fee else 0)
        assert row.available
    assert listed.says.startswith("2 charge balance transactions: net ")
    only = await desk.run(SKILLS["list_balance_transactions"], {"limit": 1})
    assert only.has_more
    rest = await desk.run(SKILLS["list_balance_transactions"], {"limit": 10, "cursor": only.next_cursor})
    assert only.transactions[0].id not in {row.id for row in rest.transactions}
    none = await desk.run(SKILLS["list_balance_transactions"], {"start": "2020-01-01", "end": "2020-01-02"})
    assert none.says == "No balance transactions on 2020-01-01."


async def test_transfers_are_listed_with_what_came_back(desk) -> None:
    """Stripe Connect: a transfer may be reversed in part."""
    assert (await desk.run(SKILLS["list_transfers"])).says == "No transfers."
    await _funded(desk)
    wants = {"transfers": {"requested": True}}
    account = await desk.post("/v1/accounts", type="express", country="US", capabilities=wants)
    await desk.post(f"/_sandbox/accounts/{account['id']}/onboard")
    made = await desk.post("/v1/transfers", amount=1_000, currency="usd", destination=account["id"])
    await desk.post(f"/v1/transfers/{made['id']}/reversals", amount=400)
    listed = await desk.run(SKILLS["list_transfers"])
    assert (listed.transfers[0].amount.text, listed.transfers[0].returned.text) == ("$10.00", "$4.00")
    assert listed.transfers[0].destination == account["id"]
