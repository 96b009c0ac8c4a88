"""A plan is made once more before it is sent, and what comes out otherwise is not sent."""

from typing import Any

import pytest
from sqlalchemy import Connection, text

from paydesk.server.errors import StripeUnreachable

Booth = Any


async def test_a_plan_that_still_holds_is_sent(booth: Booth) -> None:
    """Ours: planning again is no second question."""
    waiting = await booth.call("draw_back", amount_minor=1000)
    done = await booth.approve(waiting.proposal_id)
    assert done.state == "succeeded"
    assert len(booth.stripe.effects) == 1


async def test_what_a_plan_relied_on_is_read_again_and_a_change_asks_anew(booth: Booth) -> None:
    """Ours: a yes to 1,000 of 5,000 is no yes to 1,000 of 3,000; the person sees what changed."""
    waiting = await booth.call("draw_back", amount_minor=1000)
    booth.stripe.refundable_minor = 3000
    stale = await booth.approve(waiting.proposal_id)

    assert stale.state == "stale"
    assert "Refundable was $50.00 and is now $30.00" in stale.says
    assert booth.stripe.sent == []
    assert stale.replaced_by != waiting.proposal_id
    question = await booth.gate.question(stale.replaced_by, principal="ann")
    assert f"takes the place of {waiting.proposal_id}" in question

    done = await booth.approve(stale.replaced_by)
    assert done.state == "succeeded"
    assert [one["metadata"]["paydesk_proposal"] for one in booth.stripe.effects] == [stale.replaced_by]


async def test_a_stale_proposal_stays_stale(booth: Booth) -> None:
    """Ours: once shown to be out of date it is never sent, even if the account changes back."""
    waiting = await booth.call("draw_back", amount_minor=1000)
    booth.stripe.refundable_minor = 3000
    await booth.approve(waiting.proposal_id)
    booth.stripe.refundable_minor = 5000
    with pytest.raises(Exception, match="the account changed since"):
        await booth.approve(waiting.proposal_id)
    assert booth.stripe.sent == []


async def test_a_write_that_can_no_longer_be_planned_ends_with_the_reason(booth: Booth) -> None:
    """Ours: the payment was refunded in full meanwhile; the skill's own sentence says so."""
    waiting = await booth.call("draw_back", amount_minor=1000)
    booth.stripe.refundable_minor = 0
    failed = await booth.approve(waiting.proposal_id)
    assert failed.state == "failed"
    assert "already refunded in full" in failed.says
    assert booth.stripe.sent == []


async def test_a_stripe_that_cannot_be_read_leaves_the_proposal_waiting(booth: Booth) -> None:
    """Ours: nobody knows whether the plan holds, so nothing is sent and nothing is lost."""
    waiting = await booth.call("draw_back", amount_minor=1000)
    account_id = booth.door.account_id
    booth.stripe.reading_fails = True
    booth.door.account_id = _known(booth)
    with pytest.raises(StripeUnreachable):
        await booth.approve(waiting.proposal_id)
    booth.stripe.reading_fails, booth.door.account_id = False, account_id
    assert await booth.state(waiting.proposal_id) == "waiting"
    assert (await booth.approve(waiting.proposal_id)).state == "succeeded"


def _known(booth: Booth) -> Any:
    async def account_id() -> str:
        return str(booth.door.account)

    return account_id


@pytest.mark.parametrize(
    "forged", ["relies_on = '{\"refundable_minor\": 3000}'", "arguments = '{\"amount_minor\": 9}'"]
)
async def test_what_a_plan_relied_on_cannot_be_edited_in_the_journal(booth: Booth, forged: str) -> None:
    """Ours: the audit log remembers it, so an edited row is refused rather than sent."""
    waiting = await booth.call("draw_back", amount_minor=1000)
    booth.stripe.refundable_minor = 3000

    def forge(connection: Connection) -> None:
        connection.execute(text(f"UPDATE proposals SET {forged}"))  # noqa: S608 - the test's own words

    await booth.store.write(forge)
    with pytest.raises(Exception, match="not what was proposed"):
        await booth.approve(waiting.proposal_id)
    assert booth.stripe.sent == []


async def test_a_dry_run_shows_the_plan_and_proposes_nothing(booth: Booth) -> None:
    """Ours: every write takes dry_run; a plan has no id and waits for nobody."""
    from paydesk.skills.base import Plan, StripeRequest

    plan: Plan[Any] = Plan(says="Refund it", request=StripeRequest("POST", "/v1/refunds", {"amount": 5}))
    skill = type("S", (), {"name": "give_back", "effect": "money"})()
    shown = await booth.gate.planned(skill, plan)
    assert shown.state == "planned"
    assert "proposal_id" not in shown.structured()
    assert any("POST /v1/refunds" in line for line in shown.lines())
    assert await booth.gate.list(principal=None) == []
