"""A model of the gate, and every way through it that hypothesis can think of: people, faults, crashes and time."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from paydesk.server.errors import GateError
from paydesk.server.store import open_store

FAULTS = (
    "drop_before",
    "drop_after",
    "keep_500",
    "refuse",
    "busy",
    "bad_key",
    "key_in_use",
    "kill_before",
    "kill_after",
)
FINAL = {"succeeded", "failed", "rejected", "expired"}


def machine(new_booth: Any, empty_database: Path) -> type[RuleBasedStateMachine]:
    """The state machine, over booths made by the test's fixtures."""

    class GateModel(RuleBasedStateMachine):
        """Whatever happens: no effect without a yes, never two, and what the journal calls final is true."""

        proposed = Bundle("proposed")

        @initialize()
        def open(self) -> None:
            self.runner = asyncio.Runner()
            self.folder = tempfile.mkdtemp(prefix="gate-model-")
            path = Path(self.folder) / "desk.sqlite3"
            shutil.copy(empty_database, path)
            self.store = self.run(open_store(path))
            self.booth = new_booth(self.store)
            self.said_yes: set[str] = set()
            self.ended: dict[str, str] = {}
            self.ids: set[str] = set()

        def run(self, work: Any) -> Any:
            return self.runner.run(work)

        def attempt(self, work: Any) -> Any:
            """Run it as a process that may be killed meanwhile; afterwards another process goes on."""
            try:
                return self.run(work)
            except GateError:
                return None
            except BaseException as killed:
                if type(killed).__name__ != "Killed":
                    raise
                self.booth.gate = self.booth.beside()
                return None

        @rule(
            target=proposed,
            amount=st.sampled_from([100, 200]),
            who=st.sampled_from(["ann", "zed"]),
            again=st.booleans(),
        )
        def propose(self, amount: int, who: str, again: bool) -> Any:
            made = self.attempt(self.booth.propose(amount, principal=who, again=again))
            if made is None:
                return multiple()
            self.ids.add(made.proposal_id)
            return made.proposal_id

        @rule(proposal_id=proposed, faults=st.lists(st.sampled_from(FAULTS), max_size=5))
        def approve(self, proposal_id: str, faults: list[str]) -> None:
            before = self.run(self.booth.state(proposal_id))
            if before == "waiting":
                self.said_yes.add(proposal_id)
            self.booth.stripe.faults = faults
            self.attempt(self.booth.approve(proposal_id, principal=None))
            self.booth.stripe.faults = []

        @rule(proposal_id=proposed)
        def reject(self, proposal_id: str) -> None:
            self.attempt(self.booth.reject(proposal_id, principal=None))

        @rule(faults=st.lists(st.sampled_from(FAULTS), max_size=3))
        def recover(self, faults: list[str]) -> None:
            self.booth.stripe.faults = faults
            self.attempt(self.booth.gate.recover())
            self.booth.stripe.faults = []

        @rule(minutes=st.sampled_from([1, 5, 20, 3 * 60, 25 * 60]))
        def wait(self, minutes: int) -> None:
            self.booth.clock.forward(minutes=minutes)

        @invariant()
        def no_effect_without_a_yes_and_never_two(self) -> None:
            marks = [effect["metadata"]["paydesk_proposal"] for effect in self.booth.stripe.effects]
            assert len(marks) == len(set(marks))
            assert set(marks) <= self.said_yes

        @invariant()
        def what_is_final_is_true_and_stays(self) -> None:
            marks = {effect["metadata"]["paydesk_proposal"] for effect in self.booth.stripe.effects}
            for proposal_id in self.ids:
                state = self.run(self.booth.state(proposal_id))
                if state in FINAL:
                    assert (state == "succeeded") == (proposal_id in marks), state
                    assert self.ended.setdefault(proposal_id, state) == state

        @invariant()
        def the_audit_log_is_whole(self) -> None:
            verdict = self.run(self.booth.gate.verify_audit())
            assert verdict.whole, verdict.why

        def teardown(self) -> None:
            if not hasattr(self, "runner"):
                return
            self.booth.clock.forward(days=2)
            self.run(self.booth.gate.recover())
            for proposal_id in self.ids:
                assert self.run(self.booth.state(proposal_id)) in FINAL, "a day later every write has found its end"
            self.run(self.store.aclose())
            self.runner.close()
            shutil.rmtree(self.folder)

    return GateModel


def test_no_way_through_the_gate_makes_two_effects_or_one_without_a_yes(new_booth: Any, empty_database: Path) -> None:
    """Ours: the promise of the gate, against every order of events that is tried."""
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        machine(new_booth, empty_database),
        settings=settings(
            max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
