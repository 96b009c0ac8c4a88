"""Paths for stores of their own."""

from pathlib import Path

import pytest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store is to be, in a folder that does not exist yet."""
    return tmp_path / "home" / "desk.sqlite3"
