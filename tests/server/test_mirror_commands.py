"""`paydesk sync`, `paydesk mirror` and `paydesk forget`, as a person uses them."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from paydesk.server.cli import paydesk
from paydesk.server.errors import ArgumentError, SettingsError


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk's home, filled by the first test."""
    return tmp_path_factory.mktemp("home")


def run(home: Path, *arguments: str, said: str | None = None, **more: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    variables = {"PAYDESK_HOME": str(home), "STRIPE_SECRET_KEY": "", "STRIPE_API_KEY": "", "PAYDESK_MIRROR": "", **more}
    done = CliRunner().invoke(paydesk, arguments, env=variables, input=said, standalone_mode=False)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return int(done.return_value or 0), done.output


def test_an_account_is_read_told_of_compared_and_one_customer_forgotten(home: Path) -> None:
    """Ours: the commands' own words and codes, on the sandbox's business."""
    assert "not filled yet" in run(home, "mirror", "status")[1]
    code, told = run(home, "sync")
    assert code == 0
    assert "[sandbox] The mirror holds " in told
    counts = json.loads(run(home, "mirror", "status", "--json")[1])
    assert counts["counts"]["customer"] == 250
    assert counts["filled_at"]
    told = run(home, "mirror", "verify", "--days", "9", "--sample", "3")[1]
    assert "is as Stripe has it" in told
    assert re.search(r"charge: agrees; €[\d,]+\.\d\d, £", told)
    code, told = run(home, "forget", "cus_0000", "--yes")
    assert code == 0
    assert "Forgotten: 0" in told


def test_no_file_of_the_desk_holds_a_byte_of_who_was_forgotten(home: Path) -> None:
    """GDPR: not in free pages, logs, the index of names, copies for figures, or what was proposed."""
    name, email = "Zaphodina Quirk", "zaphodina@quirk.example"
    words = (b"aphodina", b"quirk", b"Quirk")

    def told(skill: str, **arguments: str) -> str:
        _, said = run(home, "call", skill, json.dumps(arguments), "--json")
        return str(json.loads(said)["result"]["proposal_id"])

    def mentions() -> list[str]:
        files = [one for one in home.rglob("*") if one.is_file() and "sandbox" not in one.name.partition("-")[0]]
        return sorted(one.name for one in files if any(word in one.read_bytes() for word in words))

    run(home, "sync")
    made = run(home, "approve", told("create_customer", name=name, email=email), "--yes", "--json")[1]
    customer = json.loads(made)["result"]["result"]["customer"]
    run(home, "approve", told("update_customer", customer=customer, name=f"{name} Smith"), "--yes")
    for command in (("customers", "index"), ("sync",), ("call", "get_analytics", '{"metric": "cohorts"}')):
        run(home, *command)
    waiting = told("update_customer", customer=customer, phone="+493055512")
    assert {one.partition(".")[0].partition("-")[0] for one in mentions()} >= {"paydesk"}
    code, said = run(home, "forget", customer, "--yes")
    assert code == 1
    assert "1 proposals" in said
    run(home, "reject", waiting)
    assert run(home, "forget", customer, "--yes")[0] == 0
    assert mentions() == []
    assert "whole" in run(home, "audit", "verify")[1]


def test_forgetting_asks_first_and_takes_ids_only(home: Path) -> None:
    """Ours: what cannot be brought back is asked for."""
    import click

    with pytest.raises(click.Abort):
        run(home, "forget", "cus_0000", said="n\n")
    with pytest.raises(ArgumentError):
        run(home, "forget", "Jane Doe", "--yes")


def test_where_the_mirror_is_off_the_setting_is_named(home: Path) -> None:
    """Ours: an error names the variable and what would be right."""
    with pytest.raises(SettingsError) as caught:
        run(home, "sync", PAYDESK_MIRROR="off")
    assert caught.value.field == "PAYDESK_MIRROR"
