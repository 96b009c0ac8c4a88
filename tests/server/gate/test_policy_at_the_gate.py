"""What a policy demands is what the gate enforces: when it is proposed, and again when it is approved."""

from typing import Any

import pytest

from paydesk.server.errors import GateError, NotAllowed

Booth = Any
RULE = "version=1\n[[rule]]\nname='r'\nskills=['draw_back']\n"
DAY_CAP = "version=1\n[[cap]]\nname='a day'\nper='day'\ncurrency='usd'\nmost='30.00'\n"
CUSTOMER_CAP = DAY_CAP.replace("per='day'", "per='customer'")


async def test_what_is_forbidden_is_not_even_proposed(booth: Booth) -> None:
    """Ours: nobody is asked about what may not be."""
    booth.with_policy(RULE + "then='forbid'\n")
    with pytest.raises(NotAllowed):
        await booth.call("draw_back", amount_minor=1000)
    assert await booth.gate.list(principal=None) == []


async def test_what_the_operator_allows_is_sent_without_asking_and_written_down(booth: Booth) -> None:
    """Ours: only so much, and the log names the rule where a person's name would be."""
    booth.with_policy(RULE + "then='allow'\ncurrencies=['usd']\nup_to='10.00'\n")
    assert (await booth.call("draw_back", amount_minor=1001)).state == "waiting"
    assert booth.stripe.sent == []
    done = await booth.call("draw_back", amount_minor=1000)
    assert done.state == "succeeded"
    [approved] = [
        one for one in await booth.gate.audit.entries(proposal_id=done.proposal_id) if one.event == "approved"
    ]
    assert approved.facts["approver"] == "policy:r"


async def test_nobody_can_pass_for_the_policy(booth: Booth) -> None:
    """Ours: `policy` is no way of approving that a caller may name."""
    waiting = await booth.call("draw_back", amount_minor=1000)
    with pytest.raises(GateError) as refused:
        await booth.approve(waiting.proposal_id, via="policy")
    assert refused.value.code == "unknown_way"


@pytest.mark.parametrize(
    ("then", "code"),
    [("forbid", "forbidden_by_policy"), ("ask_out_of_band", "out_of_band_only"), ("two_people", "out_of_band_only")],
)
async def test_a_stricter_policy_holds_for_what_already_waits(booth: Booth, then: str, code: str) -> None:
    """Ours: the stricter of then and now."""
    waiting = await booth.call("draw_back", amount_minor=1000)
    assert await booth.gate.may_ask_client(waiting.proposal_id, principal="ann")
    booth.with_policy(RULE + f"then='{then}'\n")
    assert not await booth.gate.may_ask_client(waiting.proposal_id, principal="ann")
    with pytest.raises((GateError, NotAllowed)) as refused:
        await booth.approve(waiting.proposal_id, via="form elicitation")
    assert refused.value.code == code
    assert booth.stripe.sent == []
    assert await booth.state(waiting.proposal_id) == "waiting"


async def test_a_looser_policy_does_not_loosen_what_already_waits(booth: Booth) -> None:
    """Ours: whoever may edit the file cannot wave through what was asked for under the old one."""
    booth.with_policy(RULE + "then='ask_out_of_band'\n")
    waiting = await booth.call("draw_back", amount_minor=1000)
    booth.with_policy(RULE + "then='allow'\ncurrencies=['usd']\nup_to='100.00'\n")
    with pytest.raises(GateError) as refused:
        await booth.approve(waiting.proposal_id, via="form elicitation")
    assert refused.value.code == "out_of_band_only"
    assert (await booth.approve(waiting.proposal_id)).state == "succeeded"


async def test_a_cap_counts_what_waits_and_what_was_done(booth: Booth) -> None:
    """Ours: three times 10 of 30 fit, whatever became of them short of a no."""
    booth.with_policy(DAY_CAP)
    first = await booth.call("draw_back", amount_minor=1000)
    await booth.approve(first.proposal_id)
    second = await booth.call("draw_back", amount_minor=1001)
    with pytest.raises(NotAllowed) as refused:
        await booth.call("draw_back", amount_minor=1000, again=True)
    assert refused.value.code == "over_cap"
    assert "$9.99 is left" in refused.value.message
    await booth.reject(second.proposal_id)
    assert (await booth.call("draw_back", amount_minor=2000)).state == "waiting"


async def test_a_cap_begins_anew_each_day_but_not_for_what_still_waits(booth: Booth) -> None:
    """Ours: yesterday's refunds are over, yesterday's questions are not."""
    booth.with_policy(DAY_CAP)
    first = await booth.call("draw_back", amount_minor=3000)
    await booth.approve(first.proposal_id)
    booth.clock.forward(hours=13)
    assert (await booth.call("draw_back", amount_minor=3000, again=True)).state == "waiting"


async def test_a_cap_per_customer_is_each_ones_own(booth: Booth) -> None:
    """Ours: one customer's refunds do not use up another's, and nobody's share one."""
    booth.with_policy(CUSTOMER_CAP)
    await booth.call("draw_back", amount_minor=3000)
    with pytest.raises(NotAllowed, match="this customer"):
        await booth.call("draw_back", amount_minor=1)
    assert (await booth.propose(3000)).state == "waiting"
    with pytest.raises(NotAllowed):
        await booth.propose(1)


async def test_a_cap_that_was_lowered_holds_at_the_yes(booth: Booth) -> None:
    """Ours: what already waits is held against the cap of the moment."""
    waiting = await booth.call("draw_back", amount_minor=3001)
    booth.with_policy(DAY_CAP)
    with pytest.raises(NotAllowed) as refused:
        await booth.approve(waiting.proposal_id)
    assert refused.value.code == "over_cap"
    assert booth.stripe.sent == []


async def test_a_policy_with_a_mistake_stops_writes_and_nothing_else(booth: Booth, tmp_path: Any) -> None:
    """Ours: the desk refuses writes and says where the mistake is; reads go on, and so does what was already sent."""
    from paydesk.server.gate.policy_source import PolicyFile

    waiting, lost = await booth.call("draw_back", amount_minor=1000), await booth.propose(500)
    booth.stripe.faults = ["kill_after"]
    with pytest.raises(BaseException, match=r"^$"):
        await booth.approve(lost.proposal_id)
    path = tmp_path / "policy.toml"
    path.write_text("version = 1\n[[rule]]\nname = 'x'\nthen = 'alow'\n")
    booth.policy = PolicyFile(path, writing_skills=lambda: ["draw_back"])
    booth.gate = booth.beside()
    for attempt in (booth.call("draw_back", amount_minor=7), booth.approve(waiting.proposal_id)):
        with pytest.raises(Exception, match="line 4, key 'then'") as refused:
            await attempt
        assert refused.value.code == "policy_mistake"
    assert (await booth.gate.get(waiting.proposal_id, principal="ann")).state == "waiting"
    assert (await booth.reject(waiting.proposal_id)).state == "rejected"
    booth.clock.forward(minutes=10)
    [done] = await booth.gate.recover()
    assert done.state == "succeeded"


async def test_repeating_the_call_under_a_looser_policy_does_not_send_what_waits(booth: Booth) -> None:
    """Ours: the same write that already waits is returned, as it was asked for."""
    waiting = await booth.call("draw_back", amount_minor=1000)
    booth.with_policy(RULE + "then='allow'\ncurrencies=['usd']\nup_to='100.00'\n")
    again = await booth.call("draw_back", amount_minor=1000)
    assert (again.state, again.proposal_id) == ("waiting", waiting.proposal_id)
    assert booth.stripe.sent == []


async def test_what_takes_a_stale_ones_place_is_demanded_no_less(booth: Booth) -> None:
    """Ours: letting a plan go stale is no way around what the old policy asked for."""
    booth.with_policy(RULE + "then='ask_out_of_band'\n")
    waiting = await booth.call("draw_back", amount_minor=1000)
    booth.with_policy("version=1\n")
    booth.stripe.refundable_minor = 3000
    stale = await booth.approve(waiting.proposal_id)
    assert not await booth.gate.may_ask_client(stale.replaced_by, principal="ann")


async def test_where_the_new_plan_may_not_be_proposed_the_old_one_is_stale_all_the_same(booth: Booth) -> None:
    """Ours: a cap that is used up meanwhile stops the new proposal, and the answer says so."""
    waiting = await booth.call("draw_back", amount_minor=1000)
    other = await booth.call("draw_back", amount_minor=2500)
    booth.stripe.refundable_minor = 3000
    booth.with_policy(DAY_CAP)
    assert other.state == "waiting"
    stale = await booth.approve(waiting.proposal_id)
    assert (stale.state, stale.replaced_by) == ("stale", None)
    assert "The new plan was not proposed" in stale.says
    assert (await booth.gate.verify_audit()).whole
