"""Listeners are told of every change, also of one that another process made; and the desk looks by itself."""

from typing import Any

import anyio
import pytest

from paydesk.server.errors import GateError
from paydesk.server.gate import gate as gate_module

Booth = Any


async def test_a_listener_hears_of_changes_of_this_gate_and_of_another_in_order(booth: Booth) -> None:
    """Ours: whoever approves in a terminal, the model that subscribed learns of it."""
    heard: list[tuple[str, str, str]] = []
    changes = booth.gate._changes
    await booth.propose(50)
    stop = booth.gate.on_change(lambda change: heard.append((change.proposal_id, change.principal, change.state)))
    await changes.tell()
    waiting = await booth.propose(100)
    await changes.tell()
    await booth.beside().approve(waiting.proposal_id, approver="terminal:bea", via="terminal", principal=None)
    await changes.tell()
    assert heard == [(waiting.proposal_id, "ann", "waiting"), (waiting.proposal_id, "ann", "succeeded")]
    stop()
    await booth.propose(200)
    await changes.tell()
    assert len(heard) == 2


async def test_a_listener_that_breaks_does_not_silence_the_others(booth: Booth) -> None:
    """Ours: one subscriber's fault is its own."""
    heard: list[str] = []
    booth.gate.on_change(lambda change: 1 / 0)
    booth.gate.on_change(lambda change: heard.append(change.state))
    await booth.gate._changes.tell()
    await booth.propose(100)
    await booth.gate._changes.tell()
    assert heard == ["waiting"]


async def test_while_the_desk_runs_it_finds_out_what_is_unknown(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: nobody has to call or restart anything; and each look waits longer than the one before."""
    monkeypatch.setattr(gate_module, "LOOK_AGAIN_S", 0.001)
    waiting = await booth.propose()
    booth.stripe.faults = ["drop_before"] * 4
    assert (await booth.approve(waiting.proposal_id)).state == "unknown"
    ended = anyio.Event()
    booth.gate.on_change(lambda change: ended.set() if change.state == "succeeded" else None)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(booth.gate.run)
        with anyio.fail_after(20):
            await ended.wait()
        tasks.cancel_scope.cancel()
    assert await booth.state(waiting.proposal_id) == "succeeded"


async def test_what_was_just_looked_at_is_left_alone_for_a_while(booth: Booth) -> None:
    """Ours: a Stripe that is down is not asked twice a minute for a day."""
    waiting = await booth.propose()
    booth.stripe.faults = ["drop_before"] * 99
    await booth.approve(waiting.proposal_id)
    pauses = []
    for _ in range(4):
        await booth.gate.recover()
        sent = len(booth.stripe.sent)
        pause_s = 0
        while len(booth.stripe.sent) == sent:
            booth.clock.forward(seconds=15)
            pause_s += 15
            await booth.gate.recover(only_due=True)
        pauses.append(pause_s)
    assert pauses == sorted(pauses)
    assert pauses[-1] > pauses[0]
    assert [one.proposal_id for one in await booth.gate.stuck()] == [waiting.proposal_id]


async def test_who_proposed_it_may_withdraw_it_and_nobody_else(booth: Booth) -> None:
    """Ours: cancel_proposal takes nothing but an id, and only one's own."""
    waiting = await booth.propose()
    with pytest.raises(GateError) as foreign:
        await booth.gate.cancel(waiting.proposal_id, principal="zed")
    assert foreign.value.code == "proposal_not_found"
    for _ in range(2):
        assert (await booth.gate.cancel(waiting.proposal_id, principal="ann")).state == "canceled"
    with pytest.raises(GateError) as late:
        await booth.approve(waiting.proposal_id)
    assert late.value.code == "proposal_canceled"
    sent = await booth.propose(200)
    await booth.approve(sent.proposal_id)
    with pytest.raises(GateError):
        await booth.gate.cancel(sent.proposal_id, principal="ann")
    assert (await booth.gate.verify_audit()).whole
