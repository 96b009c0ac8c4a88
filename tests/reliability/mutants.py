"""Desks that break one promise each, to see that the campaign notices. They live here and nowhere in the product.

A mutation runs in the forked process only, right after its birth, and replaces what it wants to break.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import anyio
from sqlalchemy import Connection
from worker import Mutation

from paydesk.server.gate import (
    audit,
    carrying,
    deciding,
    filing,
    integrity,
    proposals,
    reconcile,
    renewing,
    sending,
    steps,
    taking,
)
from paydesk.server.gate import gate as gates
from paydesk.server.gate.sending import Settlement
from paydesk.server.gate.traces import Search
from paydesk.server.store import Store, database
from paydesk.server.stripe_api.client import StripeDoor


@dataclass(frozen=True)
class Mutant:
    """A broken desk, and the lives in which it should show first."""

    mutation: Mutation
    shows_in: tuple[str, ...]


def _key_not_stored_first() -> None:
    """Every sending makes up a key of its own, which the journal never saw."""
    step = steps.step

    def with_fresh_key(proposal: Any, answers: Any) -> Any:
        return replace(step(proposal, answers), key=f"paydesk-{secrets.token_hex(12)}")

    carrying.step = with_fresh_key  # type: ignore[attr-defined]


def _request_before_the_journal() -> None:
    """The request leaves first, and `sending` is written afterwards."""

    async def take_and_send(self: Any, proposal: Any, answer: Any) -> Any:
        done = await sending.send(self._door, steps.step(proposal, []), resend=False)
        answer = replace(answer, account=await self._door.account_id(), stripe_now=self._door.now())
        taken = await self._store.write(partial(deciding.approve_and_take, proposal.id, answer))
        return self._outcome(await self._carrier._record(gates._or_raise(taken), done))

    gates.Gate._take_and_send = take_and_send  # type: ignore[method-assign]


def _key_not_sent() -> None:
    """Stripe gets no key of ours; the library makes one up for each request."""
    ask = StripeDoor._ask

    async def without_key(
        self: Any, method: str, path: str, params: Any, _key: str | None = None, *, reading: bool = False
    ) -> Any:
        return await ask(self, method, path, params, None, reading=reading)

    StripeDoor._ask = without_key  # type: ignore[method-assign]


def _take_not_atomic() -> None:
    """The state is looked at in one transaction and changed in another, whatever it is by then."""
    _ignore_the_state()

    async def take_and_send(self: Any, proposal: Any, answer: Any) -> Any:
        answer = replace(answer, account=await self._door.account_id(), stripe_now=self._door.now())
        if proposal.state != "waiting":
            return self._outcome(proposal)
        await anyio.sleep(0.03)
        taken = await self._store.write(partial(deciding.approve_and_take, proposal.id, answer))
        after = await self._carrier.finish(gates._or_raise(taken)) if taken.ours else taken.proposal
        return self._outcome(after)

    gates.Gate._take_and_send = take_and_send  # type: ignore[method-assign]


def _ignore_the_state() -> None:
    find, altered = deciding.mine, integrity.what_is_altered

    def as_if_waiting(*asked: Any) -> Any:
        return replace(find(*asked), state="waiting")

    def not_its_state(*asked: Any) -> Any:
        what = altered(*asked)
        return None if what == "state" else what

    def move(connection: Connection, proposal_id: str, **how: Any) -> bool:
        how["come_from"] = ("waiting", "sending", "unknown", "succeeded", "rejected")
        return moved(connection, proposal_id, **how)

    moved = proposals.move
    deciding.mine = as_if_waiting
    deciding.what_is_altered = not_its_state  # type: ignore[attr-defined]
    proposals.move = move


def _second_use_allowed() -> None:
    """A yes counts again, whatever became of the first one."""
    look = deciding.look

    def as_if_waiting(*asked: Any) -> Any:
        seen = look(*asked)
        return seen._replace(proposal=replace(seen.proposal, state="waiting"), altered=False)

    _ignore_the_state()
    deciding.look = as_if_waiting
    _expiry_ignored()
    renewing.Renewer.renewed = _nothing_new  # type: ignore[method-assign]


async def _nothing_new(_self: Any, _proposal: Any) -> None:
    return None


def _stale_plan_sent() -> None:
    """Nothing is planned again before sending."""
    renewing.Renewer.renewed = _nothing_new  # type: ignore[method-assign]


def _expiry_ignored() -> None:
    """A proposal waits for ever."""
    proposals.Proposal.is_due = lambda _self, _now: False  # type: ignore[method-assign]
    gates.expire_due = lambda _now, _connection: None  # type: ignore[attr-defined]


def _approval_not_bound() -> None:
    """What stands in the row is sent, whatever was shown."""
    for module in (integrity, deciding, taking):
        module.what_is_altered = lambda *_: None  # type: ignore[attr-defined]
    for module in (integrity, taking):
        module.is_what_was_sent = lambda *_: True  # type: ignore[attr-defined]
    renewing.what_changed = lambda *_: {}  # type: ignore[assignment]


def _unknown_resent_blind() -> None:
    """What has no answer is sent again, however old it is, without looking for it first."""
    reconcile.key_is_kept = lambda *_: True  # type: ignore[assignment]
    reconcile.find_trace = _no_trace  # type: ignore[attr-defined]


async def _no_trace(*_: Any, **__: Any) -> Search:
    return Search(None, complete=False)


def _no_answer_taken_for_a_no() -> None:
    """Whatever goes wrong while sending is written down as failed."""
    sending._is_definite = lambda *_, **__: True  # type: ignore[assignment]


def _not_synced() -> None:
    """Commits may be lost with the power."""
    begin = database._begin_sqlite

    def unsynced(connection: Any) -> None:
        begin_only = type("", (), {"get_execution_options": connection.get_execution_options})()
        begin_only.exec_driver_sql = lambda text: connection.exec_driver_sql(text.replace("FULL", "OFF"))
        begin(begin_only)

    database._begin_sqlite = unsynced


def _commits_later() -> None:
    """A transaction is answered before it is committed; the next one commits it."""

    async def later(self: Any, work: Any, durable: bool) -> Any:
        connection = getattr(self, "_open", None)
        if connection is not None:
            connection.commit()
            connection.close()
        self._open = self._writer.connect()
        self._open.begin()
        return work(self._open)

    Store._commit = later  # type: ignore[method-assign]


def _never_recovers() -> None:
    """What a crash left behind stays there."""

    async def nothing(_self: Any, **_: Any) -> list[Any]:
        return []

    gates.Gate.recover = nothing  # type: ignore[method-assign]


def _redaction_off() -> None:
    """The audit log keeps requests as they are sent."""
    filing.redacted_requests = lambda requests: str([one.canonical() for one in requests])  # type: ignore[attr-defined]


def _chain_not_kept() -> None:
    """Entries do not hold the hash of the one before."""
    head = audit.head
    audit.head = lambda connection: replace(head(connection), hash=audit.BEFORE_THE_FIRST)


def _absence_taken_for_a_no() -> None:
    """A write that leaves no trace at once is given up, though its request may still be on its way."""
    ask = reconcile.reconcile

    async def given_up(door: Any, proposal: Any, step: Any, now: Any) -> Settlement:
        taken_at = proposal.taken_at - timedelta(days=2)
        return await ask(door, replace(proposal, taken_at=taken_at), step, now)

    carrying.reconcile = given_up  # type: ignore[attr-defined]


MUTANTS: Mapping[str, Mutant] = {
    "key not stored first": Mutant(_key_not_stored_first, ("killed", "delivered_late")),
    "request before the journal": Mutant(_request_before_the_journal, ("killed",)),
    "key not sent": Mutant(_key_not_sent, ("delivered_late",)),
    "take not atomic": Mutant(_take_not_atomic, ("raced",)),
    "stale plan sent": Mutant(_stale_plan_sent, ("stale",)),
    "expiry ignored": Mutant(_expiry_ignored, ("expired",)),
    "approval not bound to the request": Mutant(_approval_not_bound, ("altered",)),
    "second use allowed": Mutant(_second_use_allowed, ("used_again",)),
    "unknown resent blind": Mutant(_unknown_resent_blind, ("forgotten",)),
    "no answer taken for a no": Mutant(_no_answer_taken_for_a_no, ("killed_under_faults",)),
    "absence taken for a no": Mutant(_absence_taken_for_a_no, ("delivered_late",)),
    "journal not synced": Mutant(_not_synced, ("killed",)),
    "journal committed later": Mutant(_commits_later, ("killed",)),
    "never recovers": Mutant(_never_recovers, ("killed",)),
    "redaction off": Mutant(_redaction_off, ("killed",)),
    "chain not kept": Mutant(_chain_not_kept, ("killed",)),
}
