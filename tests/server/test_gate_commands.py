"""`paydesk policy`, `pin`, `audit`, `approve` as an operator types them, on the sandbox, in a home of their own."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from paydesk.server.cli import paydesk
from paydesk.server.errors import PaydeskError


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command; its home is `tmp_path`."""
    monkeypatch.setenv("PAYDESK_HOME", str(tmp_path))
    for name in ("STRIPE_SECRET_KEY", "STRIPE_API_KEY", "PAYDESK_POLICY"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(paydesk, list(arguments), input=typed, standalone_mode=False)

    return command


def _propose(run: Any, name: str = "Zoë") -> str:
    made = run("call", "create_customer", json.dumps({"name": name}), "--json")
    return str(json.loads(made.output)["result"]["proposal_id"])


def test_a_write_can_be_followed_from_the_question_to_the_audit_log(run: Any, tmp_path: Path) -> None:
    """Ours: list, show, export, anchor and verify tell the same story."""
    proposal_id = _propose(run)
    assert "succeeded" not in run("proposals").output
    assert "Created customer" in run("approve", proposal_id, "--yes").output

    assert [line.split()[4] for line in run("audit", "list").output.splitlines()] == [
        *("proposed", "approved", "sending", "succeeded")
    ]
    shown = run("audit", "show", proposal_id).output
    assert "What was shown, as its hash in the log proves" in shown
    assert "Create the customer Zoë" in shown

    run("audit", "export", str(tmp_path / "log.jsonl"))
    exported = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text("utf-8").splitlines()]
    assert [json.loads(one["entry"])["seq"] for one in exported] == [1, 2, 3, 4]
    assert "Zoë" not in (tmp_path / "log.jsonl").read_text("utf-8")

    line = run("audit", "anchor").output.strip()
    run("audit", "anchor", str(tmp_path / "anchors"))
    whole = run("audit", "verify", "--anchor", line, "--anchor", str(tmp_path / "anchors"))
    assert "holds 2 anchors" in whole.output
    broken = run("audit", "verify", "--anchor", f"9:{'0' * 64}")
    assert "BROKEN at entry 5" in broken.output
    assert broken.return_value == 1


def test_a_policy_is_checked_and_explained_before_it_is_relied_on(run: Any, tmp_path: Path) -> None:
    """Ours: which rule decides, and why; a mistake with its place."""
    assert "There is no policy" in run("policy", "check").output
    policy = tmp_path / "policy.toml"
    policy.write_text(
        'version = 1\n[[rule]]\nname = "large"\nthen = "two_people"\ncurrencies = ["usd"]\nover = "500"\n'
        'why = "a large refund"\n[[cap]]\nname = "day"\nper = "day"\ncurrency = "usd"\nmost = "900"\n'
    )
    assert "1 rules, 1 caps" in run("policy", "check").output
    told = run("policy", "explain", "refund_payment", "--amount", "500.01", "--currency", "usd").output
    assert "two_people: rule 'large', because a large refund." in told
    assert "cap 'day': $900.00 a day" in told
    assert run("policy", "explain", "refund_payment").output.startswith("ask: rule 'every write asks'")

    policy.write_text("version = 1\n[[rule]]\nname = 'x'\nthen = 'alow'\n")
    for attempt in (("policy", "check"), ("call", "create_customer", '{"name": "Zoë"}')):
        wrong = run(*attempt)
        assert isinstance(wrong.exception, PaydeskError)
        assert "line 4, key 'then'" in wrong.exception.message
    assert "vailable" in run("call", "get_balance").output
    assert "BAD  policy" in run("doctor").output


def test_a_pin_is_asked_for_when_one_is_set(run: Any) -> None:
    """Ours: typed unseen, or read from standard input where there is no terminal."""
    proposal_id = _propose(run)
    assert "bea has a PIN now" in run("pin", "set", "--as", "bea", typed="4711\n4711\n").output
    assert run("pin", "list").output.strip() == "bea"
    wrong = run("approve", proposal_id, "--yes", "--as", "bea", typed="4712\n")
    assert getattr(wrong.exception, "code", None) == "pin_wrong"
    done = run("approve", proposal_id, "--yes", "--as", "bea", typed="4711\n")
    assert "Created customer" in done.output
    run("pin", "clear", "--as", "bea", typed="4711\n")
    assert "Nobody has a PIN" in run("pin", "list").output


def test_a_dry_run_leaves_nothing_behind(run: Any) -> None:
    """Ours: the plan is shown, and no proposal waits afterwards."""
    shown = run("call", "create_customer", '{"name": "Zoë", "dry_run": true}').output
    assert "Planned only, nothing was proposed" in shown
    assert "Would send: POST /v1/customers" in shown
    assert "Nothing waits" in run("proposals").output
