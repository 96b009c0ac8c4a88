"""A person's yes or no: spent after one use, once among many, and bound to what was proposed."""

from functools import partial
from typing import Any

import anyio
import pytest
from sqlalchemy import Connection, text

from paydesk.server.errors import GateError
from paydesk.server.limits import PROPOSAL_TTL_S

Booth = Any


async def test_an_approved_write_is_sent_with_its_mark_and_its_key(booth: Booth) -> None:
    """Ours: by the mark it is found again, by the key it happens once; both are fixed before it leaves."""
    waiting = await booth.propose()
    done = await booth.approve(waiting.proposal_id)

    assert (done.state, done.result, done.says) == ("succeeded", {"made": "re_1"}, "Made re_1.")
    [(request, key)] = booth.stripe.sent
    assert request.params["metadata"] == {"paydesk_proposal": waiting.proposal_id}
    assert waiting.proposal_id in key


async def test_metadata_that_the_plan_brought_stays(booth: Booth) -> None:
    """Stripe: metadata is one map; ours adds a key to it."""
    plan = booth.refund_plan()
    plan.request.params["metadata"] = {"order": "6735"}
    waiting = await booth.propose_plan(plan)
    await booth.approve(waiting.proposal_id)
    assert booth.stripe.effects[0]["metadata"] == {"order": "6735", "paydesk_proposal": waiting.proposal_id}


async def test_an_approval_is_spent_after_one_use(booth: Booth) -> None:
    """MCP: single use MUST be enforced by the server; a sealed requestState can be replayed."""
    waiting = await booth.propose()
    first = await booth.approve(waiting.proposal_id)
    for via in ("terminal", "form elicitation"):
        again = await booth.approve(waiting.proposal_id, via=via)
        assert (again.state, again.repeated, again.result) == ("succeeded", True, first.result)
    assert len(booth.stripe.sent) == 1


async def test_a_refused_write_stays_refused(booth: Booth) -> None:
    """Ours: a second yes to the same proposal is no second try."""
    waiting = await booth.propose()
    booth.stripe.faults = ["refuse"]
    first = await booth.approve(waiting.proposal_id)
    again = await booth.approve(waiting.proposal_id)

    assert first.state == again.state == "failed"
    assert first.error["request_id"] == "req_1"
    assert first.says == "Not done: Refund $10.00 of pi_1. The charge has already been refunded. See list_refunds."
    assert len(booth.stripe.sent) == 1


async def test_of_many_approvals_at_once_one_sends(booth: Booth) -> None:
    """Ours: two people, two tabs, two servers on one store: one refund."""
    waiting = await booth.propose()
    gates = [booth.beside() for _ in range(5)]
    outcomes: list[Any] = []

    async def approve(gate: Any) -> None:
        outcomes.append(await gate.approve(waiting.proposal_id, approver="x", via="terminal", principal=None))

    async with anyio.create_task_group() as tasks:
        for gate in gates * 4:
            tasks.start_soon(approve, gate)

    assert len(booth.stripe.sent) == 1
    assert {one.state for one in outcomes} <= {"succeeded", "sending"}
    assert await booth.state(waiting.proposal_id) == "succeeded"


async def test_an_approval_that_hangs_up_is_finished_all_the_same(booth: Booth) -> None:
    """Ours: a client's timeout after the yes must not leave a done refund as unknown."""
    waiting = await booth.propose()
    with anyio.CancelScope() as scope:
        send = booth.stripe.write

        def hang_up(*args: Any) -> Any:
            scope.cancel()
            return send(*args)

        booth.stripe.write = hang_up
        await booth.approve(waiting.proposal_id)
    assert scope.cancel_called
    assert await booth.state(waiting.proposal_id) == "succeeded"


async def test_a_rejected_proposal_is_never_sent(booth: Booth) -> None:
    """Ours: no means no, also to a yes that comes later."""
    waiting = await booth.propose()
    assert (await booth.reject(waiting.proposal_id)).state == "rejected"
    assert (await booth.reject(waiting.proposal_id)).state == "rejected"
    with pytest.raises(GateError) as refused:
        await booth.approve(waiting.proposal_id)
    assert refused.value.code == "proposal_rejected"
    assert booth.stripe.sent == []


async def test_a_no_after_the_yes_is_too_late_and_says_so(booth: Booth) -> None:
    """Ours: whoever rejects a made refund must not believe that it was stopped."""
    waiting = await booth.propose()
    await booth.approve(waiting.proposal_id)
    with pytest.raises(GateError) as refused:
        await booth.reject(waiting.proposal_id)
    assert refused.value.code == "proposal_succeeded"
    assert "already made" in refused.value.message


async def test_an_expired_proposal_is_never_sent(booth: Booth) -> None:
    """Ours: a yes is to what was asked then, not to what a refund would mean tomorrow."""
    waiting = await booth.propose()
    booth.clock.forward(seconds=PROPOSAL_TTL_S)
    assert await booth.state(waiting.proposal_id) == "expired"
    for _ in range(2):
        with pytest.raises(GateError) as refused:
            await booth.approve(waiting.proposal_id)
        assert refused.value.code == "proposal_expired"
    with pytest.raises(GateError):
        await booth.reject(waiting.proposal_id)
    assert booth.stripe.sent == []
    assert (await booth.gate.verify_audit()).whole


async def test_a_foreign_principal_cannot_decide(booth: Booth) -> None:
    """Ours: one token's holder says neither yes nor no to another's proposal, and learns nothing."""
    waiting = await booth.propose()
    for decide in (booth.approve, booth.reject):
        with pytest.raises(GateError) as foreign:
            await decide(waiting.proposal_id, principal="zed")
        with pytest.raises(GateError) as unknown:
            await decide("prop_000000000000", principal="zed")
        assert foreign.value.as_dict() == unknown.value.as_dict()
    assert await booth.state(waiting.proposal_id) == "waiting"


async def test_another_account_or_mode_cannot_send_it(booth: Booth) -> None:
    """Ours: a desk that was restarted with another key must not refund there what was approved for here."""
    waiting = await booth.propose()
    with pytest.raises(GateError) as refused:
        await booth.at(account="acct_2").approve(waiting.proposal_id)
    assert refused.value.code == "other_account"
    with pytest.raises(GateError) as refused:
        await booth.at(mode="live").approve(waiting.proposal_id, principal=None)
    assert refused.value.code == "proposal_not_found"
    assert booth.stripe.sent == []


async def test_an_unknown_way_of_approving_is_refused(booth: Booth) -> None:
    """Ours: the ways to say yes are a closed list."""
    waiting = await booth.propose()
    with pytest.raises(GateError) as refused:
        await booth.approve(waiting.proposal_id, via="tool call")
    assert refused.value.code == "unknown_way"


@pytest.mark.parametrize(
    "change",
    [
        "request = replace(request, '\"amount\":1000', '\"amount\":9000')",
        "request_hash = replace(request_hash, substr(request_hash, 1, 4), 'beef')",
        "says = 'Refund $0.01 of pi_1'",
        "warnings = '[\"All is well\"]'",
        "principal = 'zed'",
        "skill = 'add_customer'",
        "idempotency_key = 'another'",
        'demand = \'{"ways": ["in_client", "out_of_band"], "why": ""}\'',
        "expires_at = '2027-01-01 00:00:00.000000'",
    ],
)
async def test_an_altered_row_is_found_and_never_sent(store: Any, new_booth: Any, change: str) -> None:
    """Ours: whoever can write to the file cannot make an approval mean something else."""
    booth = new_booth(store, "live")
    waiting = await booth.propose()

    def alter(connection: Connection) -> None:
        connection.exec_driver_sql(f"UPDATE proposals SET {change}")  # noqa: S608 - the test's own words

    await booth.store.write(alter)
    with pytest.raises(GateError) as refused:
        await booth.approve(waiting.proposal_id, principal=None)
    assert refused.value.code == "proposal_altered"
    assert await booth.state(waiting.proposal_id) == "failed"
    assert booth.stripe.sent == []


async def test_an_altered_request_with_a_fitting_hash_is_found_too(booth: Booth) -> None:
    """Ours: the audit log remembers the hash, and an entry of it cannot be changed."""
    from paydesk.server.gate.proposals import find

    waiting = await booth.propose()
    seen = await booth.store.read(
        partial(find, proposal_id=waiting.proposal_id, principal=None, account=None, mode="test")
    )
    seen.request.params["amount"] = 9000

    def alter(connection: Connection) -> None:
        values = {"request": seen.request.canonical(), "hash": seen.request.hash()}
        connection.execute(text("UPDATE proposals SET request = :request, request_hash = :hash"), values)

    await booth.store.write(alter)
    with pytest.raises(GateError, match="not what was proposed"):
        await booth.approve(waiting.proposal_id)
    assert booth.stripe.sent == []


async def test_a_row_that_was_set_back_to_waiting_is_not_sent_again(booth: Booth) -> None:
    """Ours: the log knows that it was sent; days later not even the key would prevent a second refund."""
    waiting = await booth.propose_plan(booth.customer_plan(), client_asks=False)
    await booth.approve(waiting.proposal_id)

    def set_back(connection: Connection) -> None:
        connection.execute(text("UPDATE proposals SET state = 'waiting'"))

    await booth.store.write(set_back)
    with pytest.raises(GateError) as refused:
        await booth.approve(waiting.proposal_id)
    assert refused.value.code == "proposal_altered"
    assert len(booth.stripe.sent) == 1


async def test_an_answer_that_the_skill_cannot_read_is_still_a_success(booth: Booth) -> None:
    """Ours: the write has happened, and the journal has to say so whatever we make of the answer."""
    waiting = await booth.propose_plan(booth.customer_plan())
    booth.stripe.write = lambda request, key: {"object": "customer"}
    done = await booth.approve(waiting.proposal_id)
    assert done.state == "succeeded"
    assert done.says == "Done: Create Zoë."
