"""A campaign: workers started, killed and listened to, and the books and the log held to the promises of the gate."""

import random
import select
import sys
from collections import Counter as Tally
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import worker
from counter import Counter, Served
from worker import Act, Mutation, Place, Told, Worker
from writes import PRIVATE

T = TypeVar("T")
BOUNDARIES = [f"{side} {what}" for what in ("a commit", "sending", "a read") for side in ("before", "after")]
# Deaths are drawn over as many boundaries, and over as long, as such work has at most; most of it is shorter.
MOST_BOUNDARIES = {"propose": 10, "approve": 18, "recover": 12}
LONGEST_S = {"propose": 0.06, "approve": 0.09, "recover": 0.07}
WAIT_S = 30.0
AT_COMMIT = ("before a commit", "after a commit")
AT_SENDING = ("after a commit", "before sending", "after sending")


CRASHED = "a desk ended in"


class Broken(AssertionError):
    """A promise of the gate does not hold."""


class UnreliableLine:
    """The proxy of unreliable_line.py, as a process."""

    def __init__(self, upstream: str) -> None:
        self._served = Served([sys.executable, str(Path(__file__).with_name("unreliable_line.py")), upstream])
        self.address = self._served.address
        self._heard: list[str] = []

    def mode(self, mode: str) -> None:
        """What befalls the writes that come."""
        self._heard.clear()
        self.say(mode)

    def say(self, word: str) -> None:
        assert self._served.process.stdin is not None
        self._served.process.stdin.write(f"{word}\n".encode())
        self.wait_for("ok")

    def wait_for(self, word: str) -> bool:
        """Until the proxy has said so; False where it does not within WAIT_S."""
        assert self._served.process.stdout is not None
        while word not in self._heard:
            if not select.select([self._served.process.stdout], [], [], WAIT_S)[0]:
                return False
            said = self._served.process.stdout.readline().decode().strip()
            if not said:
                return False
            self._heard.append(said)
        self._heard.remove(word)
        return True

    def close(self) -> None:
        self._served.close()


class Campaign:
    """Lives of writes, one after another, from one seed. Deaths at boundaries are replayed exactly by the seed; deaths
    at random moments come at the same delays, and hit what the machine is doing then."""

    def __init__(self, folder: Path, seed: int, *, mutation: Mutation | None = None) -> None:
        self.counter = Counter(folder)
        self.line = UnreliableLine(self.counter.door)
        self.rng = random.Random(seed)  # noqa: S311 - to be replayed, not to be secret
        self.mutation = mutation
        self.deaths: Tally[tuple[str, str]] = Tally()
        self.wrong: list[str] = []
        self.lives_of_journal = 0
        worker.rehearse(self._place())

    @property
    def kills(self) -> int:
        return sum(self.deaths.values())

    def draw(self, kinds: Sequence["T"]) -> "T":
        """One kind of write, made for this life."""
        made: T = self.rng.choice(kinds)(self.counter, self.rng)  # type: ignore[operator]
        return made

    def must(self, holds: bool, otherwise: str) -> None:
        """Raise Broken where it does not hold."""
        if not holds:
            raise Broken(otherwise)

    def start(self, act: Act, *, line: bool = False, die_at: int | str | None = None) -> Worker:
        return Worker(self._place(line=line), act, die_at=die_at, mutation=self.mutation)

    def _place(self, *, line: bool = False) -> Place:
        return Place(self.counter.store, self.line.address if line else self.counter.door, self.counter.now)

    def live(self, act: Act) -> Told:
        """A worker that nobody kills."""
        return self._heard(self.start(act).end(), "live")

    def deadly(self, act: Act, action: str, *, line: bool = False, near: Sequence[str] = ()) -> Told:
        """A worker that dies at a boundary, at a random moment, or, one time in eight, not at all."""
        chance = self.rng.random()
        die_at: int | str | None = None
        if near or chance < 0.3:
            die_at = self.rng.choice(near or BOUNDARIES)
        elif chance < 0.6:
            die_at = self.rng.randrange(1, MOST_BOUNDARIES[action] + 1)
        delay_s = self.rng.uniform(0, LONGEST_S[action])
        running = self.start(act, line=line, die_at=die_at)
        running.wait_until_at_work()
        if die_at is None and chance < 0.875:
            running.kill_after(delay_s)
        return self._heard(running.end(), action)

    def together(self, acts: Sequence[Act], *, die_at: int | None) -> list[Told]:
        """Workers at the same time; the first may die."""
        running = [self.start(act, die_at=die_at if first == 0 else None) for first, act in enumerate(acts)]
        return [self._heard(one.end(), "race") for one in running]

    def kill(self, running: Worker) -> None:
        """SIGKILL, from outside."""
        running.kill()
        self._heard(running.end(), "held")

    def _heard(self, told: Told, action: str) -> Told:
        if told.killed:
            self.deaths[action, told.died or "a random moment"] += 1
        if told.crashed:
            raise Broken(f"{CRASHED} {told.crashed}")
        if told.wrong:
            raise Broken(told.wrong[0])
        return told

    def tampered(self) -> None:
        """Somebody wrote into the journal; the log has to show it, and then a new journal is begun."""
        self.must(self._verdict().state == "broken", "the journal was tampered with, and the log agrees with it")
        self.afresh()

    def check_log(self) -> None:
        """The chain is whole, agrees with the journal, and holds nothing of a customer's own."""
        verdict = self._verdict()
        self.must(verdict.state == "whole", f"the audit log is broken: {verdict.answer.get('why')}")
        for row in self.counter.rows("SELECT entry FROM audit_entries"):
            told = row["entry"].casefold()
            self.must(not any(word in told for word in PRIVATE), "the audit log tells of a customer")

    def check_books(self) -> None:
        """Every mark in Stripe's books stands there once, and the journal says of each that it succeeded."""
        marks: Tally[str] = Tally()
        for path in ("/v1/refunds", "/v1/customers"):
            marks.update(one["metadata"].get("paydesk_proposal", "") for one in self.counter.every(path))
        marks.pop("", None)
        states = {row["id"]: row["state"] for row in self.counter.rows("SELECT id, state FROM proposals")}
        twice = [mark for mark, count in marks.items() if count > 1]
        self.must(not twice, f"{len(twice)} writes happened twice")
        untold = [mark for mark in marks if states.get(mark) != "succeeded"]
        self.must(not untold, f"{len(untold)} effects of which the journal does not say that they succeeded")

    def afresh(self) -> None:
        """A new journal and empty books."""
        self.line.mode("pass")
        self.counter.no_faults()
        self.counter.afresh()
        self.lives_of_journal = 0

    def _verdict(self) -> Told:
        # Never by a mutant: who checks is not who is checked.
        return Worker(self._place(), worker.verify()).end()

    def close(self) -> None:
        self.line.close()
        self.counter.close()
