"""A Stripe that fails, a line that drops, a clock that jumps, two desks on one store: it happens once or not at all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from paydesk.server.errors import GateError
from paydesk.server.gate import Gate, carrying
from paydesk.server.gate.planning_desk import PlanningDesk
from paydesk.server.store import Store, open_store
from paydesk.server.stripe_api.opening import socket_door
from paydesk.skills.base import Outcome
from paydesk.skills.catalogue import catalogue

SANDBOX_FAULTS = ("fail_before", "fail_during", "fail_after", "drop_before", "drop_after", "rate_limit", "garbage")
LINES = ("drop_before", "drop_after", "cut", "slow")


@dataclass
class Shop:
    """Desks on one store, over sockets to one sandbox; `line` is the way there that can be made unreliable."""

    counter: Any
    line: Any
    desks: list[Gate] = field(default_factory=list)
    payment: str = ""
    ahead: timedelta = timedelta()

    async def refund(self) -> str:
        """Propose to give 10.00 of 50.00 back."""
        skill = catalogue()["refund_payment"]
        arguments = {"payment": self.payment, "amount_minor": 1000, "currency": "usd"}
        plan: Any = await skill.run(skill.params(**arguments), PlanningDesk(self.desks[0]._door))  # type: ignore[arg-type]
        made = await self.desks[0].propose(skill, plan, principal="ann", arguments=arguments)
        return made.proposal_id

    async def approve(self, proposal_id: str, desk: int = 0) -> Outcome:
        return await self.desks[desk].approve(proposal_id, approver="terminal:bea", via="terminal", principal=None)

    async def settle(self, proposal_id: str) -> str:
        """Recover until it has an end, at last after Stripe has forgotten the key."""
        for hours in (0, 0, 25, 0):
            await self.desks[-1].recover()
            if self.counter.state(proposal_id) not in {"sending", "unknown", "approved"}:
                break
            self.forward(hours)
        return str(self.counter.state(proposal_id))

    def forward(self, hours: float) -> None:
        self.counter.forward(hours=hours)

    def amounts(self) -> list[int]:
        return [one["amount"] for one in self.counter.get("/v1/refunds", payment_intent=self.payment)["data"]]


@pytest.fixture
async def shop(counter: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    """Two desks; the first speaks through the line, the second directly."""
    import stripe
    from campaign import UnreliableLine
    from writes import payment

    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.001)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.001)
    line = UnreliableLine(counter.door)
    shop = Shop(counter, line, payment=payment(counter))
    async with AsyncExitStack() as stack:
        stack.callback(line.close)
        for address in (line.address, counter.door):
            store = await stack.enter_async_context(await open_store(counter.store))
            door = socket_door("sk_test_reliability", mode="test", base=address, sleep=_no_pause)
            stack.push_async_callback(door.aclose)
            clock = lambda: counter.now  # noqa: E731 - the clock that the counter moves
            shop.desks.append(Gate(store, door, catalogue=catalogue(), clock=clock, reconcile_pause_s=0))
        yield shop


async def _no_pause(_seconds: float) -> None:
    await asyncio.sleep(0)


@pytest.mark.parametrize("times", [1, 3, 20])
@pytest.mark.parametrize("kind", SANDBOX_FAULTS)
async def test_whatever_stripe_answers_the_journal_ends_in_what_its_books_say(
    shop: Shop, kind: str, times: int
) -> None:
    """Ours: once, for all tries of the library, and for longer than the desk tries by itself."""
    proposal_id = await shop.refund()
    shop.counter.control("faults", kind=kind, times=times, method="POST", path="/v1/refunds")
    told = await shop.approve(proposal_id)
    refunds = len(shop.amounts())
    assert told.state != "succeeded" or refunds == 1
    assert told.state != "failed" or refunds == 0
    shop.counter.no_faults()
    state = await shop.settle(proposal_id)
    assert (state, len(shop.amounts())) in {("succeeded", 1), ("failed", 0)}
    if times == 1 and kind not in {"fail_during", "fail_after"}:
        assert state == "succeeded", "a fault that passes must not lose an approved write"


@pytest.mark.parametrize("mode", LINES)
async def test_a_line_that_drops_cuts_and_delays_makes_no_second_refund(shop: Shop, mode: str) -> None:
    """Ours: the proxy between desk and Stripe loses the request, the answer, or half of the answer."""
    proposal_id = await shop.refund()
    shop.line.mode(mode)
    told = await shop.approve(proposal_id)
    assert told.state in {"succeeded", "unknown"}
    assert len(shop.amounts()) <= 1
    shop.line.mode("pass")
    assert await shop.settle(proposal_id) == "succeeded"
    assert shop.amounts() == [1000]


async def test_an_answer_that_comes_after_the_time_out_is_not_asked_for_twice(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: the request is held on its way beyond the desk's patience, sent again by another, and then arrives."""
    monkeypatch.setattr(carrying, "SEND_TIMEOUT_S", 0.2)
    proposal_id = await shop.refund()
    shop.line.mode("hold")
    told = await shop.approve(proposal_id)
    assert told.state == "unknown"
    assert shop.amounts() == []
    assert await shop.settle(proposal_id) == "succeeded"
    shop.line.say("release")
    assert shop.line.wait_for("delivered")
    assert shop.amounts() == [1000]


async def test_many_answers_at_two_desks_on_one_store_send_once(shop: Shop) -> None:
    """Ours: two servers share a journal; of all yeses, whichever desk hears them, one sends."""
    proposal_id = await shop.refund()
    told = await asyncio.gather(*(shop.approve(proposal_id, desk=number % 2) for number in range(8)))
    assert {one.state for one in told} <= {"succeeded", "sending"}
    assert await shop.settle(proposal_id) == "succeeded"
    assert shop.amounts() == [1000]


async def test_a_clock_that_jumps_past_the_expiry_and_back_sends_nothing_late(shop: Shop) -> None:
    """Ours: what expired once stays expired, also when the clock is put right again."""
    proposal_id = await shop.refund()
    shop.counter.desk_clock(hours=2)
    with pytest.raises(GateError, match="expired"):
        await shop.approve(proposal_id)
    shop.counter.desk_clock(hours=-2)
    with pytest.raises(GateError, match="expired"):
        await shop.approve(proposal_id)
    assert shop.amounts() == []


async def test_a_locked_store_sends_nothing_and_loses_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Ours: a yes that cannot be written down is an error, nothing leaves, and the proposal waits on."""
    import sqlite3
    from contextlib import closing

    from paydesk.server.errors import StoreError

    proposal_id = await shop.refund()
    for gate in shop.desks:
        await _impatient(gate._store)
    with closing(sqlite3.connect(shop.counter.store)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as told:
            await shop.approve(proposal_id)
        other.rollback()
    assert told.value.code == "store_locked"
    assert shop.amounts() == []
    assert (await shop.approve(proposal_id)).state == "succeeded"
    assert shop.amounts() == [1000]


async def _impatient(store: Store) -> None:
    """Every connection waits a moment only for another program's write."""

    def set_it(connection: Any) -> None:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")

    await store.read(set_it)
