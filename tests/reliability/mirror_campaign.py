"""A million deliveries, nine of ten of them repeated, in any order, some lost, the handler killed again and again.

    python tests/reliability/mirror_campaign.py --deliveries 1000000

Prints figures, and fails where the mirror is not what the sandbox holds, or an event was handled other than once.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import anyio
from sqlalchemy import func, select

from paydesk.server.mirror.inbox import handle_pending, insert_events
from paydesk.server.mirror.mirror import Mirror, open_mirror
from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.settings import Settings
from paydesk.server.store.mirror_schema import events
from paydesk.server.stripe_api.opening import sandbox_door
from tests.conftest import SandboxAnswer, Talk, flat_form
from tests.server.mirror.against_stripe import faults
from tests.server.mirror.trading import Trade

REPEATS = 10
LOST = 0.01
ACTS_A_ROUND = 120
CATCH_UP_ROUNDS = 10
BEGUN = 1_790_000_000


class FileClock:
    """The sandbox's time, seen by every process that has the folder."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        if not self._file.exists():
            self._file.write_text(str(BEGUN))
        self.now = int(self._file.read_text())

    def __call__(self) -> float:
        self.now = int(self._file.read_text() or self.now)
        return float(self.now)

    def pass_s(self, seconds: int) -> None:
        """Let time pass, whole days only seldom: what time brings of itself must not outgrow the rest."""
        self.now += seconds if seconds < 80_000 else 20_000
        beside = self._file.with_name("clock.new")
        beside.write_text(str(self.now))
        beside.replace(self._file)


class QuickTalk(Talk):
    """Requests without a judge of every answer, and none of them kept."""

    def ask(self, method: str, path: str, params: Any = None, headers: Any = None) -> SandboxAnswer:
        """One request."""
        text = flat_form(params or {})
        target = f"{path}?{text}" if text and method != "POST" else path
        sent = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        coroutine = self.sandbox.respond(method, target, sent, text.encode() if method == "POST" else b"")
        try:
            coroutine.send(None)
        except StopIteration as done:
            status, replied, body = done.value
        return SandboxAnswer(status, replied, json.loads(body))


async def mirror_in(folder: Path, box: Any, clock: FileClock) -> Mirror:
    """The mirror of the sandbox in this folder."""
    door = sandbox_door(box, now=clock)
    return await open_mirror(Settings(home=folder), await door.account_id(), "sandbox", door)


async def work(folder: Path) -> None:
    """Handle what comes, until killed."""
    clock = FileClock(folder)
    mirror = await mirror_in(folder, create_sandbox(folder / "sandbox.sqlite3", now=clock), clock)
    print("at work", flush=True)
    while True:
        await handle_pending(mirror, clock=clock)
        await anyio.sleep(0.02)


class Handler:
    """The process that handles events."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.kills = 0
        self._process = self._start()

    def _start(self) -> "subprocess.Popen[str]":
        command = [sys.executable, __file__, "--work", str(self._folder)]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, text=True)

    def kill(self) -> None:
        """End it wherever it is, and start another."""
        self.end()
        self.kills += 1
        self._process = self._start()

    def end(self) -> None:
        """End it wherever it is."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(30)


def told_since(talk: Talk, cursor: str | None) -> Iterator[list[dict[str, Any]]]:
    """Pages of events newer than the cursor, oldest page first."""
    while True:
        page = talk.get("/v1/events", limit=100, **({"ending_before": cursor} if cursor else {}))
        if page["data"]:
            yield page["data"]
            cursor = page["data"][0]["id"]
        if not page["has_more"] or not page["data"]:
            return


async def campaign(deliveries: int, seed: int, folder: Path, kill_every_s: float) -> dict[str, Any]:
    """Trade, deliver and kill until so many deliveries were made; figures."""
    clock, draw = FileClock(folder), random.Random(seed)  # noqa: S311 - a test
    talk = QuickTalk(create_sandbox(folder / "sandbox.sqlite3", now=clock), clock)  # type: ignore[arg-type]
    trade = Trade(talk, seed)
    mirror = await mirror_in(folder, talk.sandbox, clock)
    await mirror.sync()
    handler, began = Handler(folder), time.monotonic()
    kill_at, delivered, distinct, lost, rounds = began, 0, 0, 0, 0
    cursor: str | None = None
    held: list[dict[str, Any]] = []
    while delivered < deliveries:
        if distinct * REPEATS < deliveries * 1.01:
            for _ in range(ACTS_A_ROUND):
                trade.act()
            for page in told_since(talk, cursor):
                cursor = page[0]["id"]
                kept = [one for one in page if draw.random() >= LOST]
                distinct, lost = distinct + len(kept), lost + len(page) - len(kept)
                held += kept * REPEATS
            trim(trade)
        draw.shuffle(held)
        now, held = held[: len(held) * 2 // 3 + 1], held[len(held) * 2 // 3 + 1 :]
        for place in range(0, len(now), 500):
            some = now[place : place + 500]
            at = int(clock())
            await mirror.store.write(partial(insert_events, found=some, source="webhook", received_at=at))
            if time.monotonic() > kill_at:
                handler.kill()
                kill_at = time.monotonic() + draw.uniform(0, 2 * kill_every_s)
        delivered += len(now)
        rounds += 1
        if rounds % CATCH_UP_ROUNDS == 0:
            assert await mirror.freshen(0.0), "there was a gap in the events"
        print(f"{delivered:,} delivered, {distinct:,} events, {handler.kills} kills", file=sys.stderr, flush=True)
        if not now:
            break
    handler.kill()
    handler.end()
    taken_s = time.monotonic() - began
    assert await mirror.freshen(0.0), "there was a gap in the events"
    for _ in range(20):
        if (await mirror.standing()).pending == 0:
            break
        await handle_pending(mirror, clock=lambda: clock() + 10**6)
    by_state = select(events.c.state, func.count()).group_by(events.c.state)
    states = await mirror.store.read(lambda c: c.execute(by_state).all())
    wrong = await faults(mirror)
    await mirror.aclose()
    return {
        "deliveries": delivered,
        "distinct events": distinct,
        "lost and found in Stripe's list": lost,
        "kills": handler.kills,
        "seconds": round(taken_s, 1),
        "states": {row[0]: row[1] for row in states},
        "faults": wrong,
    }


def trim(trade: Trade) -> None:
    """Let only some objects go on, so that what time brings does not outgrow what is done."""
    for these in (trade.customers, trade.subscriptions, trade.invoices, trade.intents, trade.prices, trade.products):
        del these[:-40]
    for one in trade.subscriptions[:-20]:
        trade.ask("DELETE", f"/v1/subscriptions/{one}")
    del trade.subscriptions[:-20]


def main() -> int:
    """Run it; 1 where the mirror is not as the sandbox is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kill-every-s", type=float, default=2.0)
    parser.add_argument("--work", type=Path)
    asked = parser.parse_args()
    if asked.work is not None:
        anyio.run(work, asked.work)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        found = anyio.run(campaign, asked.deliveries, asked.seed, Path(folder), asked.kill_every_s)
    for name, value in found.items():
        print(f"{name}: {value if not isinstance(value, list) else len(value)}")
    for fault in found["faults"][:20]:
        print(f"  {fault}")
    handled = found["states"] == {"handled": found["states"].get("handled", 0)}
    return 0 if not found["faults"] and handled else 1


if __name__ == "__main__":
    sys.exit(main())
