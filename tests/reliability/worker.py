"""One desk in a process of its own: forked, so that it starts in milliseconds, and killed with SIGKILL.

Nothing of this is in the product. The process wraps the two things that a write goes through, the store's commits and
the door's requests, and counts the boundaries between its steps; at the chosen one it kills itself. On its way it also
checks what only it can see: that a request is journaled before it leaves, and that commits are durable.
"""

import asyncio
import functools
import json
import os
import select
import signal
import sqlite3
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import stripe
from sqlalchemy import Connection

from paydesk.server.errors import PaydeskError
from paydesk.server.gate import Gate
from paydesk.server.gate.planning_desk import PlanningDesk
from paydesk.server.gate.policy_file import read_policy
from paydesk.server.store import Store, open_store
from paydesk.server.stripe_api.client import StripeDoor
from paydesk.server.stripe_api.opening import socket_door
from paydesk.skills.base import Json, StripeRequest
from paydesk.skills.catalogue import catalogue

Act = Callable[[Gate, StripeDoor], Awaitable[Json]]
Mutation = Callable[[], None]
DURABLE = 2  # PRAGMA synchronous=FULL


@dataclass(frozen=True)
class Place:
    """Where a worker works: the journal, the address of Stripe, the time, and the policy in force."""

    store: Path
    stripe: str
    now: datetime
    policy: str = "version=1\n"


@dataclass
class Told:
    """What a worker said before it ended: its answer or refusal, where it died, what it saw go wrong."""

    answer: Json = field(default_factory=dict)
    died: str | None = None
    wrong: list[str] = field(default_factory=list)
    reached: int = 0
    killed: bool = False
    crashed: str | None = None

    @property
    def state(self) -> str | None:
        return self.answer.get("state")


class Worker:
    """A forked process at work; `end` waits for it."""

    def __init__(
        self, place: Place, act: Act, *, die_at: int | str | None = None, mutation: Mutation | None = None
    ) -> None:
        reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reading)
            _live(place, act, die_at, mutation, writing)
        os.close(writing)
        self._pipe = reading
        self._said = b""
        self._ended = False

    def wait_until_at_work(self) -> None:
        """Until it has opened the store and the door."""
        while b"\n" not in self._said and self._read():
            pass

    def kill_after(self, seconds: float) -> None:
        """Let it work that long, or until it ends by itself, then kill it."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if select.select([self._pipe], [], [], left)[0] and not self._read():
                return
        self.kill()

    def kill(self) -> None:
        if not self._ended:
            os.kill(self.pid, signal.SIGKILL)

    def end(self, within_s: float = 120.0) -> Told:
        """Wait for its end and return what it said. Raises TimeoutError, which no worker should ever cause."""
        until = time.monotonic() + within_s
        while True:
            left = until - time.monotonic()
            if left <= 0:
                self.kill()
                os.waitpid(self.pid, 0)
                raise TimeoutError("a worker did not end")
            if select.select([self._pipe], [], [], left)[0] and not self._read():
                break
        _, status = os.waitpid(self.pid, 0)
        self._ended = True
        os.close(self._pipe)
        told = Told(killed=os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL)
        for line in self._said.decode().splitlines():
            for name, value in json.loads(line).items():
                if name == "wrong":
                    told.wrong.append(value)
                elif name != "ready":
                    setattr(told, name, value)
        if not told.killed and not told.answer and told.crashed is None:
            told.crashed = f"ended with status {status} and without a word"
        return told

    def _read(self) -> bool:
        more = os.read(self._pipe, 65536)
        self._said += more
        return bool(more)


class _Steps:
    """Counts the boundaries that this process reaches, and kills it at one of them."""

    def __init__(self, die_at: int | str | None, writing: int) -> None:
        self._die_at = die_at
        self._writing = writing
        self._count = 0

    def say(self, **what: Any) -> None:
        os.write(self._writing, (json.dumps(what) + "\n").encode())

    def reach(self, label: str) -> None:
        self._count += 1
        if self._die_at in (self._count, label):
            self.say(died=label)
            os.kill(os.getpid(), signal.SIGKILL)

    @property
    def count(self) -> int:
        return self._count


def _live(place: Place, act: Act, die_at: int | str | None, mutation: Mutation | None, writing: int) -> None:
    """The forked process's whole life; it never returns into the harness."""
    steps = _Steps(die_at, writing)
    try:
        if mutation is not None:
            mutation()
        asyncio.run(_work(place, act, steps))
    except BaseException as broken:  # whatever it is, the harness has to hear of it
        with suppress(OSError):
            steps.say(crashed=f"{type(broken).__name__}: {broken}"[:500])
    finally:
        os._exit(0)


def rehearse(place: Place) -> None:
    """Load what a desk loads when it first works, once and before any fork: it takes longer than the work."""
    ssl.create_default_context = functools.cache(ssl.create_default_context)  # reads every certificate of the system

    async def act(gate: Gate, door: StripeDoor) -> Json:
        await door.account_id()
        return await recover()(gate, door)

    nowhere = os.open(os.devnull, os.O_WRONLY)
    asyncio.run(_work(place, act, _Steps(None, nowhere)))
    os.close(nowhere)


async def _work(place: Place, act: Act, steps: _Steps) -> None:
    stripe.HTTPClient.INITIAL_DELAY = stripe.HTTPClient.MAX_DELAY = 0.001  # type: ignore[misc]
    door = socket_door(KEY, mode="test", base=place.stripe, sleep=_briefly)
    store = await open_store(place.store)
    _watch_commits(store, steps)
    _watch_requests(door, place.store, steps)
    known = catalogue()
    policy = read_policy(place.policy, file="policy.toml", skills=list(known))
    gate = Gate(store, door, catalogue=known, clock=lambda: place.now, policy=policy, reconcile_pause_s=0)
    steps.say(ready=True)
    try:
        answer = await act(gate, door)
    except PaydeskError as refused:
        answer = {"refused": refused.code, "message": str(refused)}
    steps.say(answer=answer, reached=steps.count)
    await door.aclose()
    await store.aclose()


KEY = "sk_test_reliability"


async def _briefly(_seconds: float) -> None:
    await asyncio.sleep(0.001)


def _watch_commits(store: Store, steps: _Steps) -> None:
    commit = store._commit

    async def watched(work: Callable[[Connection], Any], durable: bool) -> Any:
        def then(connection: Connection) -> Any:
            if connection.exec_driver_sql("PRAGMA synchronous").scalar_one() != DURABLE:
                steps.say(wrong="a commit is not synced to the disk")
            done = work(connection)
            steps.reach("before a commit")
            return done

        done = await commit(then, durable)
        steps.reach("after a commit")
        return done

    store._commit = watched  # type: ignore[method-assign]


def _watch_requests(door: StripeDoor, store: Path, steps: _Steps) -> None:
    send, get = door.send, door.get

    async def watched_send(request: StripeRequest, *, idempotency_key: str) -> Json:
        if not _is_journaled(store, idempotency_key):
            steps.say(wrong="a request left before it stood in the journal with its key")
        steps.reach("before sending")
        answer = await send(request, idempotency_key=idempotency_key)
        steps.reach("after sending")
        return answer

    async def watched_get(path: str, params: Mapping[str, Any] | None = None) -> Json:
        steps.reach("before a read")
        answer = await get(path, params)
        steps.reach("after a read")
        return answer

    door.send = watched_send  # type: ignore[method-assign]
    door.get = watched_get  # type: ignore[method-assign]


_JOURNALED = """SELECT 1 FROM proposals p LEFT JOIN preparations s ON s.proposal_id = p.id
WHERE p.state IN ('sending', 'unknown') AND (p.idempotency_key = :key OR s.idempotency_key = :key)"""


def _is_journaled(store: Path, key: str) -> bool:
    """Whether another connection, as another process would have it, sees the write as being sent under this key."""
    with closing(sqlite3.connect(store, timeout=5)) as other:
        return other.execute(_JOURNALED, {"key": key}).fetchone() is not None


def propose(name: str, arguments: Json) -> Act:
    """Plan a write and propose it, as the desk does."""

    async def act(gate: Gate, door: StripeDoor) -> Json:
        skill = catalogue()[name]
        params = skill.params.model_validate(arguments)
        plan = await skill.run(params, PlanningDesk(door))  # type: ignore[arg-type]
        kept = params.model_dump(mode="json", exclude_none=True)
        made = await gate.propose(skill, plan, principal="ann", again=True, arguments=kept)
        return {"id": made.proposal_id, "state": made.state}

    return act


def approve(proposal_id: str, *, approver: str = "terminal:bea", principal: str | None = None) -> Act:
    """A person's yes."""

    async def act(gate: Gate, door: StripeDoor) -> Json:
        done = await gate.approve(proposal_id, approver=approver, via="terminal", principal=principal)
        return {"state": done.state, "replaced_by": done.replaced_by}

    return act


def reject(proposal_id: str) -> Act:
    """A person's no."""

    async def act(gate: Gate, door: StripeDoor) -> Json:
        done = await gate.reject(proposal_id, approver="terminal:bea", via="terminal", principal=None)
        return {"state": done.state}

    return act


def recover() -> Act:
    """What a desk does when it opens."""

    async def act(gate: Gate, door: StripeDoor) -> Json:
        return {"state": "recovered", "ended": [done.state for done in await gate.recover()]}

    return act


def verify() -> Act:
    """Whether the audit log is whole."""

    async def act(gate: Gate, door: StripeDoor) -> Json:
        verdict = await gate.verify_audit()
        return {"state": "whole" if verdict.whole else "broken", "why": verdict.why}

    return act
