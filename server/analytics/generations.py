"""The generations of the columnar copy: each in a folder of its own, one of them current, none removed while read.

A new one is written aside and becomes current by replacing one small file, so a process killed anywhere leaves the
current one whole. Readers hold a shared lock on a file of their generation; whoever clears away needs it alone.
"""

import json
import os
import secrets
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from paydesk.server.analytics.layout import LAYOUT
from paydesk.server.analytics.locks import lock
from paydesk.server.limits import ANALYTICS_LOCK_S

_POINTER, _WRITING, _READING = "current.json", "writing.lock", "reading.lock"
_PREFIX = "gen-"
_TRIES = 20


@dataclass(frozen=True)
class Generation:
    """A copy of the mirror named `made` up to its counter `seq`, in `folder`; `rows` by table."""

    folder: str
    made: str
    seq: int
    rows: dict[str, int]
    layout: int = LAYOUT


class Generations:
    """The folder of one account's copies. Its methods block; call them in a worker thread."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def current(self) -> Generation | None:
        """The current one; None where there is none that this paydesk can read."""
        try:
            found = Generation(**json.loads((self.root / _POINTER).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        inside = found.folder.startswith(_PREFIX) and Path(found.folder).name == found.folder
        return found if found.layout == LAYOUT and inside and (self.root / found.folder).is_dir() else None

    def read(self) -> "tuple[Generation, IO[bytes]] | None":
        """The current one, held until the file that comes with it is closed."""
        for _ in range(_TRIES):
            current = self.current()
            if current is None:
                return None
            try:
                held = (self.root / current.folder / _READING).open("rb+")
            except OSError:
                continue  # it was replaced and cleared away between the two looks
            if lock(held, shared=True, within_s=ANALYTICS_LOCK_S) and (self.root / current.folder / _READING).exists():
                return current, held
            held.close()
        return None

    @contextmanager
    def writing(self, within_s: float = ANALYTICS_LOCK_S) -> Generator[bool]:
        """Whether this process may write a new one now: one at a time, and nobody waits long for it."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.root / _WRITING).open("ab+") as file:
            yield lock(file, shared=False, within_s=within_s)

    def begin(self) -> Path:
        """A new folder to write into; only while `writing`."""
        folder = self.root / f"{_PREFIX}{time.time_ns():x}-{secrets.token_hex(4)}"
        folder.mkdir(mode=0o700)
        (folder / _READING).touch(mode=0o600)
        return folder

    def publish(self, new: Generation) -> None:
        """Make it the current one, durably, and clear away what nobody reads; only while `writing`."""
        folder = self.root / new.folder
        for path in folder.rglob("*"):
            if path.is_dir() or path.stat().st_nlink == 1:  # what is linked was made durable before
                _sync(path)
        _sync(folder)
        beside = self.root / f"{_POINTER}.{secrets.token_hex(4)}"
        beside.write_text(json.dumps(asdict(new)))
        _sync(beside)
        beside.replace(self.root / _POINTER)
        _sync(self.root)
        self._clear(keep=new.folder)

    def hold(self, file: IO[bytes]) -> None:
        """Lock a new generation's file as its reader."""
        lock(file, shared=True, within_s=ANALYTICS_LOCK_S)

    def discard(self) -> None:
        """Forget the current one: it cannot be read. The next question makes a new one."""
        (self.root / _POINTER).unlink(missing_ok=True)

    def _clear(self, keep: str) -> None:
        for folder in self.root.glob(f"{_PREFIX}*"):
            if folder.name != keep and _is_idle(folder):
                shutil.rmtree(folder, ignore_errors=True)
        for left in self.root.glob(f"{_POINTER}.*"):
            left.unlink(missing_ok=True)


def _is_idle(folder: Path) -> bool:
    try:
        with (folder / _READING).open("rb+") as file:
            # Removed under the lock, so that a reader who comes now sees that it has gone.
            if not lock(file, shared=False, within_s=0.0):
                return False
            (folder / _READING).unlink()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # a folder cannot be opened there
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        if os.name != "nt":  # a file opened for reading cannot be synced there
            raise
    finally:
        os.close(descriptor)
