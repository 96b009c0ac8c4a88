"""What Stripe's test mode really answered (September 2026), replayed against the sandbox: `make recordings`.

The recordings and their replayer stand beside the checkout. The sandbox is opened as
`paydesk sandbox --empty --country CA --clock 2026-09-21T12:00:00Z` opens it, an account of its own for each file.
"""

import importlib.util
import json
import re
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.sandbox.settlement import settlement_for
from paydesk.server.sandbox.wall_clock import moment

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT.parent / "shared" / "stripe-recorded"
COUNTRY, CLOCK = "CA", "2026-09-21T12:00:00Z"
DOCUMENT = ROOT / "docs" / "sandbox.md"


@dataclass(frozen=True)
class Reason:
    """Why some answers differ: a pattern of the difference's line, and what docs/sandbox.md says about it."""

    scenarios: str
    pattern: str
    why: str


REASONS = (
    Reason(
        "probe_.*_events",
        r": has_more: true -> false$",
        "Lists of events with `has_more: true`: the recorded account had older events, an empty one has none.",
    ),
    Reason(
        "probe_catalog_events",
        r"^step 11 .*: data\.(#|1\.\S+): ",
        "A second `price.updated` event in one list: left over from what was recorded on that account before.",
    ),
    Reason(
        "05_.*|11_.*",
        r"^step \d+ \S+ /v1/charges\S*: balance_transaction: null -> ",
        "A charge's `balance_transaction` that is null at first: Stripe books it seconds later, the sandbox at once.",
    ),
    Reason(
        "05_.*|11_.*",
        r"evidence\.(customer_email_address|customer_name|product_description): null -> ",
        "A dispute's prefilled evidence that is null at first: Stripe fills it in seconds later, the sandbox at once.",
    ),
    Reason(
        "05_.*",
        r"destination_details\.card\.reference(_status)?: ",
        "A refund's `reference`: the card network gives it some seconds later; here it stays `pending`.",
    ),
    Reason(
        "probe_proration_settlement",
        r"^step 1[0-5] ",
        "Prorations for a `proration_date` given as a number: it was recorded at 19:05 on that day, not at noon.",
    ),
)


@dataclass(frozen=True)
class Outcome:
    """How one file compared: checks made, whole steps that agreed out of all, and a line for each difference."""

    checks: int
    steps: int
    agreed: int
    differences: list[str]


@cache
def _replayer() -> Any:
    spec = importlib.util.spec_from_file_location("stripe_replay", FOLDER / "replay.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scenarios() -> list[str]:
    """The names of all recordings; empty where they are not here."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def replay(scenario: str) -> Outcome:
    """One recording against a sandbox of its own, whose clock goes on a little with each request."""
    ticks = iter(range(10**6))
    settlement = settlement_for(COUNTRY)
    options: dict[str, Any] = {"seed": 7, "is_empty": True, "settlement": settlement, "clock_at": moment(CLOCK)}
    with closing(create_sandbox(now=lambda: 1_795_000_000 + next(ticks) / 50, **options)) as sandbox:
        recorded = json.loads((FOLDER / f"{scenario}.json").read_text(encoding="utf-8"))
        checks, agreed, lines = _in_process(sandbox).run(recorded)
    return Outcome(checks, len(recorded["steps"]), agreed, [line.strip() for line in lines])


def _in_process(sandbox: Any) -> Any:
    module = _replayer()

    class InProcess(module.Replay):  # type: ignore[name-defined,misc]  # a class of a module loaded by path
        def send(self, step: dict[str, Any]) -> tuple[int, Any]:
            text = urlencode(list(module.flatten(self.fill(step.get("params") or {}))))
            path, method = self.fill(step["path"]), step["method"]
            headers = {
                "Authorization": "Bearer sk_test_123",
                "Stripe-Version": step.get("stripe_version") or "2026-08-26.dahlia",
            }
            if step.get("idempotency_key"):
                headers["Idempotency-Key"] = step["idempotency_key"]
            target = f"{path}{'&' if '?' in path else '?'}{text}" if text and method != "POST" else path
            asked = sandbox.respond(method, target, headers, text.encode() if method == "POST" else b"")
            try:
                # Nothing in the sandbox waits: one step is the whole answer.
                asked.send(None)
            except StopIteration as done:
                status, _, body = done.value
            return status, json.loads(body)

    return InProcess("", "sk_test_123")


def unexplained(scenario: str, outcome: Outcome) -> Iterator[str]:
    """The differences that no reason covers."""
    patterns = [re.compile(reason.pattern) for reason in REASONS if re.fullmatch(reason.scenarios, scenario)]
    return (line for line in outcome.differences if not any(pattern.search(line) for pattern in patterns))


def main() -> int:
    """Print the table, and the differences that have no reason."""
    if not scenarios():
        print(f"the recordings are not here: {FOLDER}")
        return 1
    outcomes = {name: replay(name) for name in scenarios()}
    print(f"{'recording':40} {'steps':>9} {'checks':>12}")
    for name, one in outcomes.items():
        print(f"{name:40} {one.agreed:4}/{one.steps:4} {one.checks - len(one.differences):6}/{one.checks:5}")
    steps, agreed = sum(one.steps for one in outcomes.values()), sum(one.agreed for one in outcomes.values())
    checks = sum(one.checks for one in outcomes.values())
    bad = sum(len(one.differences) for one in outcomes.values())
    print(f"{'together':40} {agreed:4}/{steps:4} {checks - bad:6}/{checks:5}")
    print(f"{agreed / steps:.1%} of the whole steps, {1 - bad / checks:.1%} of the checks")
    for name, one in outcomes.items():
        for line in unexplained(name, one):
            print(f"  {name} {line[:300]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
