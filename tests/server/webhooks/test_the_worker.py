"""What works beside the answers: it handles, fills, looks for holes, and outlives whatever fails."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest

from paydesk.server.errors import StripeUnreachable
from paydesk.server.webhooks import working
from paydesk.server.webhooks.working import Worker

Told = Callable[..., dict[str, Any]]


@dataclass
class Unread:
    """A mirror that is filled after so many rounds; `fails` says how often catching up fails before."""

    store: Any
    rounds: int = 0
    fails: int = 0
    asked: list[str] = field(default_factory=list)

    async def freshen(self, _: float) -> bool:
        if self.fails:
            self.fails -= 1
            raise StripeUnreachable("Stripe did not answer.")
        return self.rounds == 0

    async def ready(self, _: float) -> bool:
        self.asked.append("ready")
        self.rounds -= 1
        return self.rounds == 0


def worker_of(mirror: Any, **options: Any) -> Worker:
    return Worker(mirror, catch_up_s=lambda: 300.0, told=lambda: None, **options)


async def test_a_mirror_is_filled_beside_the_answers_a_little_at_a_time(box: Any) -> None:
    """Ours: questions about months are answered from the mirror, whoever has run `paydesk sync` or not."""
    mirror = Unread(box.store, rounds=3)
    worker = worker_of(mirror)
    assert [await worker.once() for _ in range(3)] == [0.0, 0.0, 300.0]
    assert await worker.once() == 300.0
    assert len(mirror.asked) == 3


async def test_a_desk_without_a_mirror_reads_nothing_in_the_background(box: Any) -> None:
    """Ours: PAYDESK_MIRROR=off, and connected accounts that nobody asked about."""
    mirror = Unread(box.store, rounds=3)
    assert await worker_of(mirror, fills=False).once() == 300.0
    assert mirror.asked == []


async def test_while_stripe_is_away_what_was_delivered_is_handled(
    box: Any, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: holes are looked for later; events that are here need not wait for that."""

    async def handle(mirror: Any) -> list[Any]:
        return list(await box.take(mirror, [one for one, state in (await box.states()).items() if state == "pending"]))

    monkeypatch.setattr(working, "handle_pending", handle)
    await box.keep(told("evt_1"))
    assert await worker_of(Unread(box.store, fails=1)).once() == 300.0
    assert await box.states() == {"evt_1": "handled"}


async def test_the_worker_goes_on_after_any_fault_and_at_once_when_stirred(
    box: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: one bad round must not leave all later events unhandled until the next start."""
    rounds: list[str] = []
    went_on = anyio.Event()

    async def handle(_: Any) -> list[Any]:
        rounds.append("round")
        if len(rounds) == 1:
            worker.stir()
            raise StripeUnreachable("Stripe did not answer.")
        if len(rounds) == 2:
            worker.stir()
            raise ValueError("a fault of ours")
        went_on.set()
        return []

    monkeypatch.setattr(working, "handle_pending", handle)
    worker = worker_of(Unread(box.store))
    async with anyio.create_task_group() as group:
        group.start_soon(worker.run)
        with anyio.fail_after(20):
            await went_on.wait()
        group.cancel_scope.cancel()
    assert len(rounds) == 3
