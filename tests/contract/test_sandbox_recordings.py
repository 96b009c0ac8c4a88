"""The sandbox against what Stripe's test mode really answered (recordings of September 2026, beside the checkout)."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

# The recorded account settles in cad at its own rates and fees, and some fields came seconds later; the sandbox settles
# each currency as it is, by its own table, at once. Both are named in the recordings' own notes.
NOT_LITERAL = {
    "05_refunds_disputes": (
        r"balance_transactions\.\d\.(amount|net|currency|status|fee_details\.0\.currency): ",
        r"^step \d+ \S+ /v1/charges\S*: balance_transaction: null -> ",
        r"destination_details\.card\.reference(_status)?: ",
        r"evidence\.(customer_email_address|customer_name|product_description): null -> ",
    ),
    "11_ledger_payouts": (
        r"^step \d+ \S+ /v1/charges\S*: balance_transaction: null -> ",
        r"evidence\.(customer_email_address|customer_name): null -> ",
        r": (data\.0\.)?(fee|net|fee_details): ",
    ),
    "probe_customer_payment_method_events": (r": has_more: true -> false$",),
    "09_error_envelope_400s": (),
    "03_malformed_stripe_version": (),
    "probe_invoice_prefix": (),
}


@pytest.fixture(scope="module")
def replay(shared: Path) -> ModuleType:
    """The recordings' own comparison, from beside them."""
    spec = importlib.util.spec_from_file_location("stripe_replay", shared / "stripe-recorded" / "replay.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("scenario", NOT_LITERAL)
def test_the_sandbox_answers_as_stripe_did(scenario: str, shared: Path, replay: ModuleType, talk: Any) -> None:
    """Stripe, recorded: status, words, codes and values of every step but those that belong to that account."""

    class InProcess(replay.Replay):
        def send(self, step: dict[str, Any]) -> tuple[int, Any]:
            headers = {"Stripe-Version": step.get("stripe_version") or "2026-08-26.dahlia"}
            # A second between steps, so that nothing hangs on two of them sharing one.
            talk.clock.pass_s(1)
            answer = talk.ask(step["method"], self.fill(step["path"]), self.fill(step.get("params") or {}), headers)
            return answer.status, answer.body

    recorded = json.loads((shared / "stripe-recorded" / f"{scenario}.json").read_text(encoding="utf-8"))
    _, _, differences = InProcess("", "sk_test_123").run(recorded)
    allowed = [re.compile(pattern) for pattern in NOT_LITERAL[scenario]]
    unexplained = [line for line in map(str.strip, differences) if not any(one.search(line) for one in allowed)]
    assert unexplained == []
