"""Noticing that a mirror's file is damaged, and setting it aside, so that nothing is ever answered from it."""

import os
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, text

from paydesk.server.errors import StoreError

_PARTS = ("", "-wal", "-shm")


class OpenMark:
    """A file beside the mirror's while this process has it open; one that is left behind tells of an unclean end."""

    def __init__(self, file: Path) -> None:
        self._folder = file.with_name(file.name + ".open")
        self._mark = self._folder / f"{os.getpid()}-{secrets.token_hex(4)}"

    def set(self) -> bool:
        """Leave the mark; whether some process ended without taking its own away. Those marks are removed."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        left = [mark for mark in self._folder.iterdir() if not _is_alive(mark.name)]
        for mark in left:
            mark.unlink(missing_ok=True)
        self._mark.touch(mode=0o600)
        return bool(left)

    def clear(self) -> None:
        """Take the mark away."""
        with suppress(OSError):
            self._mark.unlink(missing_ok=True)
            self._folder.rmdir()  # refuses where another process has a mark in it


def _is_alive(name: str) -> bool:
    process = name.partition("-")[0]
    if not process.isdigit() or os.name == "nt":  # asking after a process ends it there
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True


def check_pages(connection: Connection) -> None:
    """Read every page of a SQLite file. Raises StoreError (store_damaged)."""
    said = connection.execute(text("PRAGMA quick_check(1)")).scalar()
    if said != "ok":
        raise StoreError(
            "The mirror's file is damaged.", code="store_damaged", next_step="It is read anew from Stripe."
        )


def set_aside(file: Path) -> Path | None:
    """Rename a damaged file and what belongs to it; its new path, None where another process has done so."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    aside = file.with_name(f"{file.name}.damaged-{stamp}-{secrets.token_hex(2)}")
    moved = None
    for part in _PARTS:
        with suppress(FileNotFoundError):
            file.with_name(file.name + part).rename(aside.with_name(aside.name + part))
            moved = aside
    return moved


def identity_of(file: Path) -> tuple[int, int] | None:
    """What tells this file from another that took its place; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
