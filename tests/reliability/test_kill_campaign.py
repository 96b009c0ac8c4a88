"""Ours: an approved write happens exactly once or, where Stripe refuses it, not at all, whoever is killed whenever.

The campaign runs in a process of its own, because it forks: `kill.py` says how to replay a seed.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

KILL = Path(__file__).with_name("kill.py")
SEED = "20261121"


def _run(*options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(KILL), "--seed", SEED, *options],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _mutants() -> list[str]:
    """The names in mutants.py, read as text: importing it would bring the whole desk into the collection of tests."""
    source = KILL.with_name("mutants.py").read_text(encoding="utf-8")
    return re.findall(r'^    "([a-z ]+)": Mutant\(', source, re.MULTILINE)


def test_two_hundred_kills_leave_no_double_effect_and_no_lost_approval() -> None:
    """Ours: killed at every kind of boundary and at random, also while recovering; books, journal and log agree."""
    done = _run("--kills", "200")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 broken promises" in done.stdout
    for action, where in (
        ("approve", "before a commit"),
        ("approve", "after a commit"),
        ("approve", "before sending"),
        ("approve", "after sending"),
        ("recover", "after a commit"),
        ("recover", "a random moment"),
        ("propose", "after a commit"),
    ):
        assert f"{action}: killed {where}" in done.stdout, "the campaign has to kill there too"


@pytest.fixture(scope="module")
def hunt() -> str:
    """What became of every mutant, one a line."""
    return _run("--mutants").stdout


@pytest.mark.parametrize("name", _mutants())
def test_the_campaign_catches_a_desk_that_breaks_a_promise(hunt: str, name: str) -> None:
    """Ours: a campaign that finds nothing is worth as much as the mistakes that it would find."""
    told = [line for line in hunt.splitlines() if line.startswith(f"{name}: ")]
    assert len(told) == 1, hunt
    assert ": caught in life" in told[0], told[0]
