"""Keys that are made at first and kept."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from paydesk.server import private_files
from paydesk.server.private_files import private_key


def test_all_who_make_a_key_at_once_have_the_one_that_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: what one of them sealed by another key could never be opened again."""
    file, looked, read = tmp_path / "keys" / "secrets.key", Barrier(4), private_files.read_private
    turns: list[None] = []

    def read_together(path: Path) -> bytes:
        found = read(path)
        if len(turns) < 4:  # all see that there is none yet
            turns.append(None)
            looked.wait(10)
        return found

    monkeypatch.setattr(private_files, "read_private", read_together)
    with ThreadPoolExecutor(4) as threads:
        keys = set(threads.map(lambda _: private_key(file), range(4)))
    assert keys == {read(file)}
    assert [one.name for one in file.parent.iterdir()] == ["secrets.key"]
    assert file.stat().st_mode & 0o077 == 0


def test_a_key_that_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    """Ours: a full disk must not end the desk for good."""
    file = tmp_path / "secrets.key"
    file.write_bytes(b"short")
    made = private_key(file)
    assert len(made) == 32
    assert private_key(file) == made
