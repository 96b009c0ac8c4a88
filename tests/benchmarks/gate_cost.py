"""What the gate adds to a write, measured beside a bare durable SQLite commit in the same run and the same folder.

It prints and never fails. Targets: a proposal costs at most 3 ms over the plan's own reads; taking and recording an
approved write costs at most three bare commits over the direct call. Stripe is one that answers at once, so that what
is measured is the gate. Taking and recording are two durable commits of some eight pages each, where the bare one
writes a single page, so the figure depends on the disk: the slower its sync, the nearer to two. The whole of approving
is told too: it also looks the proposal up and plans it again.
"""

import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio

from paydesk.server.gate import Gate
from paydesk.server.store import Store, open_store
from paydesk.skills.base import (
    Desk,
    Effect,
    Json,
    Mode,
    Page,
    Plan,
    Stake,
    StripeRequest,
    WriteParams,
    WriteResult,
    skill,
)

ROUNDS, WARM = 150, 20
PROPOSE_MS, COMMITS = 3.0, 3.0


class Door:
    """A Stripe that answers at once."""

    mode: Mode = "test"

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def account_id(self) -> str:
        return "acct_1"

    async def send(self, request: StripeRequest, *, idempotency_key: str) -> Json:
        return {"id": "re_1"}

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> Json:
        return {}

    async def page(self, path: str, params: Mapping[str, Any] | None = None) -> Page:
        return Page([], has_more=False)

    async def every(self, path: str, params: Mapping[str, Any] | None = None, *, most: int) -> AsyncIterator[Json]:
        for nothing in ():
            yield nothing


class Params(WriteParams):
    amount_minor: int


class Refunded(WriteResult):
    refund: str

    @classmethod
    def read(cls, answer: Json) -> "Refunded":
        return cls(refund=str(answer["id"]))

    def sentence(self) -> str:
        return f"Refunded ({self.refund})."


@skill(effect=Effect.MONEY, toolset="payments")
async def refund(params: Params, desk: Desk) -> Plan[Refunded]:
    """Refund."""
    sent = {"payment_intent": "pi_1", "amount": params.amount_minor}
    return Plan(
        says=f"Refund {params.amount_minor} cents of pi_1.",
        request=StripeRequest("POST", "/v1/refunds", sent),
        moves=Stake(-params.amount_minor, "usd"),
        details=(("Customer", "Jane Doe (cus_1)"), ("Back to", "Visa 4242"), ("Arrives", "in 5 to 10 days")),
        relies_on={"payment": "pi_1", "refundable_minor": 5000, "status": "succeeded"},
    )


class BareCommits:
    """One row, inserted and committed durably, as SQLite does it without anything around it."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("CREATE TABLE rows (entry TEXT)")

    def commit(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT INTO rows VALUES (?)", ("x" * 1000,))
        self._connection.execute("COMMIT")


async def main() -> None:
    """Measure in turns, so that a slow moment of the machine meets all of it."""
    took: dict[str, list[float]] = {"commit": [], "propose": [], "approve": [], "direct": []}
    writes: list[float] = []
    with tempfile.TemporaryDirectory() as home:
        bare, door = BareCommits(Path(home) / "bare.sqlite3"), Door()
        async with await open_store(Path(home) / "desk.sqlite3") as store:
            _time_writes(store, writes)
            gate = Gate(store, door, catalogue={"refund": refund})
            for number in range(WARM + ROUNDS):
                params = Params(amount_minor=number + 1)
                plan = await refund.run(params, None)
                times = [time.perf_counter()]
                bare.commit()
                times.append(time.perf_counter())
                waiting = await gate.propose(refund, plan, principal="ann", arguments={"amount_minor": number + 1})
                times.append(time.perf_counter())
                writes.clear()
                await gate.approve(waiting.proposal_id, approver="terminal:bea", via="terminal", principal="ann")
                times.append(time.perf_counter())
                await door.send(plan.request, idempotency_key="x")
                times.append(time.perf_counter())
                if number >= WARM:
                    took.setdefault("take and record", []).append(sum(writes))
                    for name, began, ended in zip(took, times, times[1:], strict=False):
                        took[name].append((ended - began) * 1000)
    tell({name: statistics.median(values) for name, values in took.items()})


def _time_writes(store: Store, writes: list[float]) -> None:
    """Note how long each write transaction takes, in ms, from asking for it to its end."""
    write = store.write

    async def timed(work: Any) -> Any:
        began = time.perf_counter()
        try:
            return await write(work)
        finally:
            writes.append((time.perf_counter() - began) * 1000)

    store.write = timed  # type: ignore[method-assign]


def tell(medians: dict[str, float]) -> None:
    """Print the medians against their targets."""
    commit, propose = medians["commit"], medians["propose"]
    approve = medians["approve"] - medians["direct"]
    print(f"gate, median of {ROUNDS}: a bare durable commit {commit:.2f} ms")
    print(f"  propose over the plan: {propose:.2f} ms{'' if propose <= PROPOSE_MS else '  ABOVE TARGET'}")
    for name, cost in (
        ("take and record", medians["take and record"]),
        ("all of approving, over the direct call", approve),
    ):
        ratio = cost / commit
        above = "  ABOVE TARGET" if ratio > COMMITS and name == "take and record" else ""
        print(f"  {name}: {cost:.2f} ms, {ratio:.1f} bare commits{above}")


if __name__ == "__main__":
    anyio.run(main)
