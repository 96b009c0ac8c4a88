"""The sandbox against what Stripe's test mode really answered (recordings of September 2026, beside the checkout)."""

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

LEAST_CHECKS, LEAST_STEPS = 0.98, 0.90
SCENARIOS = (
    *("01_proration_half_cent", "03_malformed_stripe_version", "05_refunds_disputes", "07_catalog"),
    *("09_error_envelope_400s", "10_setup_intents", "11_ledger_payouts", "13_invoices", "probe_catalog_events"),
    *("probe_customer_payment_method_events", "probe_invoice_prefix", "probe_proration"),
    *("probe_proration_invoices", "probe_proration_settlement"),
)


@cache
def _recordings() -> ModuleType:
    spec = importlib.util.spec_from_file_location("stripe_recordings", Path(__file__).parent / "recordings.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its module up by name.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def recordings(shared: Path) -> ModuleType:
    """The replayer of the recordings; skips where they are absent."""
    assert (shared / "stripe-recorded").is_dir()
    return _recordings()


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_sandbox_answers_as_stripe_did(scenario: str, recordings: ModuleType) -> None:
    """Stripe, recorded: status, words, codes and values, but for what docs/sandbox.md gives reasons for."""
    outcome = recordings.replay(scenario)
    assert outcome.steps > 0
    assert list(recordings.unexplained(scenario, outcome)) == []


def test_nearly_all_that_was_recorded_is_answered_alike(recordings: ModuleType) -> None:
    """Ours: of all checks and of all whole steps, over every file; the reasons excuse none of these figures."""
    assert recordings.scenarios() == sorted(SCENARIOS)
    outcomes = [recordings.replay(name) for name in SCENARIOS]
    checks = sum(one.checks for one in outcomes)
    assert 1 - sum(len(one.differences) for one in outcomes) / checks >= LEAST_CHECKS
    assert sum(one.agreed for one in outcomes) / sum(one.steps for one in outcomes) >= LEAST_STEPS


def test_every_reason_for_a_difference_stands_in_the_documentation(recordings: ModuleType) -> None:
    """Ours: what the sandbox does differently is told to whoever builds on it."""
    document = " ".join(recordings.DOCUMENT.read_text(encoding="utf-8").split())
    assert [one.why for one in recordings.REASONS if one.why not in document] == []
