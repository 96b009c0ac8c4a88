"""One process of its own for the tests of crashes and races: it acts on a store and a sandbox, and may die meanwhile.

Usage: one_process.py STORE SANDBOX ACTION PROPOSAL DIE. ACTION is `approve` or `recover`; DIE names the point at which
the process kills itself with SIGKILL: `before_commit:N`, `after_commit:N`, `before_send`, `after_send`, or `never`.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from paydesk.server.gate import Gate
from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.store import Store, open_store
from paydesk.server.stripe_api.opening import sandbox_door
from paydesk.skills.catalogue import catalogue


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deadly_commits(store: Store, die: str) -> None:
    """Let the process end just before or just after its N-th commit from now on."""
    commit, count = store._commit, 0

    async def counted(work: Callable[[Connection], Any], durable: bool) -> Any:
        nonlocal count
        count += 1
        this = count

        def and_die(connection: Connection) -> Any:
            done = work(connection)
            if die == f"before_commit:{this}":
                _die()
            return done

        done = await commit(and_die, durable)
        if die == f"after_commit:{this}":
            _die()
        return done

    store._commit = counted  # type: ignore[method-assign]


async def main(store_url: str, sandbox_path: str, action: str, proposal_id: str, die: str) -> None:
    door = sandbox_door(create_sandbox(Path(sandbox_path)))
    send = door.send

    async def deadly_send(*request: Any, **how: Any) -> Any:
        if die == "before_send":
            _die()
        answer = await send(*request, **how)
        if die == "after_send":
            _die()
        return answer

    door.send = deadly_send  # type: ignore[method-assign]
    async with await open_store(store_url) as store:
        deadly_commits(store, die)
        gate = Gate(store, door, catalogue=catalogue())
        print("ready", flush=True)
        sys.stdin.readline()
        if action == "approve":
            outcome = await gate.approve(proposal_id, approver="test", via="terminal", principal=None)
            print(outcome.state, flush=True)
        else:
            print([outcome.state for outcome in await gate.recover()], flush=True)
    await door.aclose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
