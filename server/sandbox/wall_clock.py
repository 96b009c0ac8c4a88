"""The wall clock of one sandbox: real time, moved to where a test wants to stand, going on from there or held.

What was set stands in the file, so that every process that uses it, and the next start, sees the same time.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from paydesk.server.sandbox.storage import Store

_FACT = "wall_clock"
EARLIEST, LATEST = 0, 253_402_300_799


@dataclass(frozen=True, slots=True)
class Setting:
    """How far the sandbox's time is from the real one, in seconds; or, where it is held, the second it stands at."""

    ahead_s: int = 0
    held_at: int | None = None


def setting(store: Store) -> Setting:
    """The clock's setting of a file."""
    kept = store.fact(_FACT)
    return Setting(**json.loads(kept)) if kept else Setting()


def now(store: Store, real: Callable[[], float]) -> int:
    """Seconds since 1970 by the sandbox's clock."""
    kept = store.fact(_FACT)
    if kept is None:
        return int(real())
    found = Setting(**json.loads(kept))
    return int(real()) + found.ahead_s if found.held_at is None else found.held_at


def put(store: Store, real: Callable[[], float], at: int, *, held: bool) -> None:
    """Set the clock to `at`, held there or going on; inside the caller's transaction."""
    kept = Setting(held_at=at) if held else Setting(ahead_s=at - int(real()))
    store.set_fact(_FACT, json.dumps(asdict(kept)))


def moment(text: str) -> int:
    """Seconds since 1970 of `2026-09-21T12:00:00Z`, `2026-09-21` (midnight UTC) or a number; ValueError otherwise."""
    try:
        if text.isascii() and text.isdecimal():
            at = int(text)
        else:
            found = datetime.fromisoformat(text)
            at = int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        at = -1
    if not EARLIEST <= at <= LATEST:
        message = f"{text[:40]!r} is no time: write it as 2026-09-21T12:00:00Z or as seconds since 1970"
        raise ValueError(message)
    return at
