"""What every test may use: where the shared data stands, and a skip that says so."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def shared_file(name: str) -> Path:
    """The path of one file of the shared data; skips the test where it is absent, fails in CI (CI=true)."""
    path = SHARED / name
    if path.exists():
        return path
    message = f"shared data is not here: {name} (looked beside the checkout)"
    if os.environ.get("CI") == "true":  # noqa: TID251 - the tests' own switch, not a setting of paydesk
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data; skips, or fails in CI, where it is absent."""
    return shared_file("understanding").parent
