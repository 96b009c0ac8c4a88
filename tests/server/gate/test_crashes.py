"""Real processes on the real sandbox: killed at every recovery point, killed again in recovery, racing each other."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from paydesk.server.gate import Gate
from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.store import Store, open_store
from paydesk.server.stripe_api import StripeDoor
from paydesk.server.stripe_api.opening import sandbox_door
from paydesk.skills.base import Plan, StripeRequest
from paydesk.skills.catalogue import catalogue

ONE_PROCESS = Path(__file__).with_name("one_process.py")
# approve: commit 1 takes the write, then it is sent, commit 2 settles it.
DEATHS_APPROVING = (
    "before_commit:1",
    "after_commit:1",
    "before_send",
    "after_send",
    "before_commit:2",
    "after_commit:2",
)
# recover: commit 1 expires what is due, commit 2 takes over, then it is looked for or sent, commit 3 settles it.
DEATHS_RECOVERING = ("after_commit:1", "before_commit:2", "after_commit:2", "after_send", "before_commit:3")


@dataclass
class Shop:
    """A desk and a sandbox in two files that several processes share."""

    store_url: str
    sandbox_path: Path
    store: Store
    door: StripeDoor
    gate: Gate

    async def proposal(self) -> str:
        plan: Plan[Any] = Plan(says="Create Zoë", request=StripeRequest("POST", "/v1/customers", {"name": "Zoë"}))
        waiting = await self.gate.propose(catalogue()["create_customer"], plan, principal="ann", again=True)
        return waiting.proposal_id

    async def effects(self, proposal_id: str) -> int:
        """How many customers Stripe has with this proposal's mark."""
        found = [one async for one in self.door.every("/v1/customers", {}, most=1000)]
        return sum(one["metadata"].get("paydesk_proposal") == proposal_id for one in found)

    async def process(self, action: str, proposal_id: str, die: str = "never") -> asyncio.subprocess.Process:
        """A process that is ready to act, and waits for `go`."""
        started = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ONE_PROCESS),
            self.store_url,
            str(self.sandbox_path),
            action,
            proposal_id,
            die,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert started.stdout is not None
        line = await asyncio.wait_for(started.stdout.readline(), 60)
        if line != b"ready\n":
            _, errors = await started.communicate()
            pytest.fail(errors.decode()[-2000:])
        return started


async def go(process: asyncio.subprocess.Process) -> str:
    """Let it act, and return what it printed."""
    printed, errors = await asyncio.wait_for(process.communicate(b"go\n"), 60)
    assert process.returncode in {0, -signal.SIGKILL}, errors.decode()[-2000:]
    return printed.decode().strip()


@pytest.fixture
async def shop(tmp_path: Path, store_url: str) -> AsyncIterator[Shop]:
    """A fresh store and a sandbox's file, and this process's own gate on them."""
    sandbox_path = tmp_path / "sandbox.sqlite3"
    door = sandbox_door(create_sandbox(sandbox_path))
    async with await open_store(store_url) as store:
        yield Shop(store_url, sandbox_path, store, door, Gate(store, door, catalogue=catalogue()))
    await door.aclose()


@pytest.mark.parametrize("die", DEATHS_APPROVING)
async def test_a_kill_at_any_point_of_an_approval_leaves_one_effect_or_none_and_the_truth(shop: Shop, die: str) -> None:
    """Ours: kill -9 between any two steps; recovery needs no waiting, and the journal ends in what Stripe has."""
    proposal_id = await shop.proposal()
    assert await go(await shop.process("approve", proposal_id, die)) == ""

    await shop.gate.recover()
    state = (await shop.gate.get(proposal_id, principal=None)).state
    if die == "before_commit:1":
        assert (state, await shop.effects(proposal_id)) == ("waiting", 0)
        await shop.gate.approve(proposal_id, approver="test", via="terminal", principal=None)
        state = (await shop.gate.get(proposal_id, principal=None)).state
    assert (state, await shop.effects(proposal_id)) == ("succeeded", 1)
    assert (await shop.gate.verify_audit()).whole


@pytest.mark.parametrize("die", DEATHS_RECOVERING)
async def test_a_kill_while_recovering_is_recovered_from(shop: Shop, die: str) -> None:
    """Ours: the process that cleans up may die as well, with the request unsent and with the answer lost."""
    for died in ("before_send", "after_send"):
        proposal_id = await shop.proposal()
        await go(await shop.process("approve", proposal_id, died))
        assert await go(await shop.process("recover", proposal_id, die)) in {"", "['succeeded']"}
        await shop.gate.recover()
        assert (await shop.gate.get(proposal_id, principal=None)).state == "succeeded"
        assert await shop.effects(proposal_id) == 1
    assert (await shop.gate.verify_audit()).whole


async def test_of_many_processes_that_approve_at_once_one_sends(shop: Shop) -> None:
    """Ours: two servers, a terminal and a page on one store: one effect."""
    proposal_id = await shop.proposal()
    processes = [await shop.process("approve", proposal_id) for _ in range(4)]
    states = await asyncio.gather(*(go(process) for process in processes))

    assert set(states) <= {"succeeded", "sending"}
    assert "succeeded" in states
    assert await shop.effects(proposal_id) == 1
    assert (await shop.gate.get(proposal_id, principal=None)).state == "succeeded"
    assert (await shop.gate.verify_audit()).whole
