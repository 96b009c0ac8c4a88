"""Filing a plan: what waits, what is returned again, and what a person is shown."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from paydesk.server.errors import GateError, NotFound, StripeUnreachable
from paydesk.server.limits import OUT_OF_BAND_TTL_S, PROPOSAL_TTL_S, PROPOSALS_WAITING_MOST, REPEAT_WINDOW_S
from paydesk.skills.base import Plan, StripeRequest

Booth = Any


async def test_a_proposal_says_that_nothing_has_happened_and_who_can_change_that(booth: Booth) -> None:
    """Ours: a model must not mistake a proposal for a refund, nor look for a tool that approves."""
    waiting = await booth.propose()

    assert waiting.state == "waiting"
    assert waiting.says.startswith("Nothing has happened yet")
    assert waiting.approve == f"paydesk approve {waiting.proposal_id}"
    assert waiting.approve in waiting.says
    assert booth.stripe.sent == []


async def test_a_proposal_id_can_be_typed_and_not_guessed(booth: Booth) -> None:
    """Ours: at least 50 bits, in letters that nobody mistakes."""
    waiting = await booth.propose()

    assert re.fullmatch(r"prop_[0-9a-hjkmnp-tv-z]{12}", waiting.proposal_id)
    typed = waiting.proposal_id.upper().replace("0", "O").replace("1", "l")
    assert (await booth.gate.get(f" {typed} ", principal="ann")).proposal_id == waiting.proposal_id


async def test_the_question_shows_all_that_will_be_sent_and_never_changes(booth: Booth) -> None:
    """Ours: what is approved is what was shown, word for word."""
    plan = booth.refund_plan(1234, warnings=("Already refunded in part",))
    waiting = await booth.propose_plan(plan)
    asked = await booth.gate.question(waiting.proposal_id, principal="ann")

    assert asked.splitlines() == [
        "Refund $12.34 of pi_1.",
        "",
        "Payment: pi_1",
        "Money: $12.34 leaves the account",
        "Warning: Already refunded in part.",
        "This cannot be undone.",
        "Account: acct_1 (test mode, no real money)",
        f'Sends: POST /v1/refunds amount=1234 metadata[paydesk_proposal]="{waiting.proposal_id}" payment_intent="pi_1"',
        f"Proposal {waiting.proposal_id}, open until 2026-11-21 12:15 UTC.",
    ]
    booth.clock.forward(minutes=3)
    assert await booth.beside().question(waiting.proposal_id, principal=None) == asked


async def test_a_write_that_can_be_taken_back_says_how(booth: Booth) -> None:
    """Ours: a person decides otherwise about what can be undone."""
    waiting = await booth.propose_plan(booth.customer_plan())
    assert "To undo it: delete the customer." in await booth.gate.question(waiting.proposal_id, principal="ann")


async def test_hidden_characters_of_a_parameter_do_not_reach_the_question(booth: Booth) -> None:
    """Ours: a name that turns the text around could make a person approve something else."""
    plan = Plan(
        says="Create a customer", request=StripeRequest("POST", "/v1/customers", {"name": "A\u202eB\n\nProposal x"})
    )
    waiting = await booth.propose_plan(plan)
    asked = await booth.gate.question(waiting.proposal_id, principal="ann")
    assert 'name="AB Proposal x"' in asked
    assert "\u202e" not in asked


async def test_the_same_write_is_asked_once_however_often_it_is_proposed(booth: Booth) -> None:
    """Ours: an agent that repeats its call must not leave two questions for one refund."""
    first = await booth.propose()
    booth.clock.forward(minutes=5)
    assert (await booth.propose()).proposal_id == first.proposal_id
    assert (await booth.propose(again=True)).proposal_id == first.proposal_id
    assert (await booth.propose(999)).proposal_id != first.proposal_id
    assert (await booth.propose(principal="zed")).proposal_id != first.proposal_id


async def test_a_write_that_was_just_made_is_answered_and_not_made_again(booth: Booth) -> None:
    """Ours: the agent's second call after an approval must not refund twice."""
    first = await booth.propose()
    await booth.approve(first.proposal_id)
    booth.clock.forward(seconds=REPEAT_WINDOW_S - 1)
    again = await booth.propose()

    assert (again.state, again.repeated, again.proposal_id) == ("succeeded", True, first.proposal_id)
    assert again.says == (
        "Already done at 2026-11-21 12:00 UTC, and nothing was sent again: Made re_1. "
        "To propose it once more, call with again: true."
    )
    assert len(booth.stripe.effects) == 1


async def test_a_wanted_repetition_is_asked_anew_with_a_warning(booth: Booth) -> None:
    """Ours: `again` is how a person's wish for a second refund is told from an agent's retry."""
    first = await booth.propose()
    await booth.approve(first.proposal_id)
    booth.clock.forward(minutes=3)
    second = await booth.propose(again=True)

    assert second.state == "waiting"
    assert second.warnings == [f"The same write was made 3 minutes ago ({first.proposal_id}); this does it again"]
    assert "made 3 minutes ago" in await booth.gate.question(second.proposal_id, principal="ann")
    await booth.approve(second.proposal_id)
    assert len(booth.stripe.effects) == 2


async def test_after_the_window_the_same_write_is_a_new_question(booth: Booth) -> None:
    """Ours: the same refund next week is another refund."""
    first = await booth.propose()
    await booth.approve(first.proposal_id)
    booth.clock.forward(seconds=REPEAT_WINDOW_S + 1)
    assert (await booth.propose()).state == "waiting"


async def test_a_write_whose_end_is_unknown_is_not_proposed_beside_itself(booth: Booth) -> None:
    """Ours: the first may still have happened, whatever its age."""
    first = await booth.propose()
    booth.stripe.faults = ["drop_before"] * 10
    assert (await booth.approve(first.proposal_id)).state == "unknown"
    booth.clock.forward(hours=5)

    assert (await booth.propose()).proposal_id == first.proposal_id
    wanted = await booth.propose(again=True)
    assert "may still happen" in wanted.warnings[0]


async def test_what_a_person_rejected_may_be_proposed_again_but_says_so(booth: Booth) -> None:
    """Ours: an agent that asks again until the answer suits it is shown as such."""
    first = await booth.propose()
    await booth.reject(first.proposal_id)
    second = await booth.propose()
    assert second.state == "waiting"
    assert second.warnings == [f"The same write was rejected less than a minute ago ({first.proposal_id})"]


async def test_a_person_outside_of_the_chat_has_a_day(booth: Booth) -> None:
    """Ours: where nobody can be asked inside the client, a quarter of an hour is too short."""
    inside = await booth.propose()
    outside = await booth.propose_plan(booth.customer_plan(), client_asks=False)
    assert (inside.expires_at - booth.clock.now).total_seconds() == PROPOSAL_TTL_S
    assert (outside.expires_at - booth.clock.now).total_seconds() == OUT_OF_BAND_TTL_S


async def test_money_in_live_mode_is_asked_about_outside_of_the_chat(
    store: Any, new_booth: Callable[..., Booth]
) -> None:
    """Ours: an answer given inside the client comes from the client, which may give it by itself (MCP)."""
    live = new_booth(store, "live")
    refund = await live.propose()
    assert not await live.gate.may_ask_client(refund.proposal_id, principal="ann")
    assert (refund.expires_at - live.clock.now).total_seconds() == OUT_OF_BAND_TTL_S
    with pytest.raises(GateError) as refused:
        await live.approve(refund.proposal_id, via="form elicitation")
    assert refused.value.code == "out_of_band_only"
    assert live.stripe.sent == []
    assert (await live.approve(refund.proposal_id, via="terminal")).state == "succeeded"

    customer = await live.propose_plan(live.customer_plan())
    assert not await live.gate.may_ask_client(customer.proposal_id, principal="ann")


async def test_nobody_is_buried_in_questions(booth: Booth) -> None:
    """Ours: a person who has to read a thousand proposals reads none."""
    for amount in range(PROPOSALS_WAITING_MOST):
        await booth.propose(100 + amount)
    with pytest.raises(GateError) as refused:
        await booth.propose(99)
    assert refused.value.code == "too_many_waiting"
    assert (await booth.propose(99, principal="zed")).state == "waiting"
    booth.clock.forward(seconds=PROPOSAL_TTL_S)
    assert (await booth.propose(99)).state == "waiting"


async def test_another_principal_sees_nothing(booth: Booth) -> None:
    """Ours: a proposal is bound to whom it was made for; a stranger cannot even tell that it exists."""
    waiting = await booth.propose()
    for look in (booth.gate.get, booth.gate.question, booth.gate.may_ask_client):
        with pytest.raises(NotFound) as foreign:
            await look(waiting.proposal_id, principal="zed")
        with pytest.raises(NotFound) as unknown:
            await look("prop_000000000000", principal="zed")
        assert foreign.value.as_dict() == unknown.value.as_dict()
    assert await booth.gate.list(principal="zed") == []
    assert [one.proposal_id for one in await booth.gate.list(principal="ann")] == [waiting.proposal_id]
    assert [one.proposal_id for one in await booth.gate.list(principal=None)] == [waiting.proposal_id]


async def test_the_list_is_newest_first_and_by_state(booth: Booth) -> None:
    """Ours: what waits is found without reading what is over."""
    amounts = [100, 200, 300, 400]
    made = []
    for amount in amounts:
        made.append((await booth.propose(amount)).proposal_id)
        booth.clock.forward(minutes=4)
    await booth.reject(made[1])
    await booth.approve(made[2])

    async def ids(**how: Any) -> list[str]:
        return [one.proposal_id for one in await booth.gate.list(principal="ann", **how)]

    assert await ids() == made[::-1]
    assert await ids(state="waiting") == [made[3]]  # the first one's quarter of an hour is over
    assert await ids(state="expired") == [made[0]]
    assert await ids(state="rejected") == [made[1]]
    assert await ids(state="succeeded") == [made[2]]


async def test_the_operator_sees_the_journal_while_stripe_is_away(booth: Booth) -> None:
    """Ours: looking at what waits, and saying no, need no Stripe."""
    waiting = await booth.propose()
    booth.stripe.reading_fails = True
    assert len(await booth.gate.list(principal=None)) == 1
    assert (await booth.reject(waiting.proposal_id, principal=None)).state == "rejected"
    with pytest.raises(StripeUnreachable):
        await booth.propose(1)
