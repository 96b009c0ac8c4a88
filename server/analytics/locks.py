"""Locks on open files between processes, given up by the system when their process ends, however it ends."""

import sys
import time
from typing import IO

_PAUSE_S = 0.02


def lock(file: IO[bytes], *, shared: bool, within_s: float) -> bool:
    """Lock it until it is closed; False where others hold it all that time (seconds; 0 tries once)."""
    until = time.monotonic() + within_s
    while not _try(file, shared=shared):
        if time.monotonic() >= until:
            return False
        time.sleep(_PAUSE_S)
    return True


if sys.platform == "win32":
    import msvcrt

    def _try(file: IO[bytes], *, shared: bool) -> bool:
        # No shared locks there; an open file cannot be removed either, which is what readers need.
        if shared:
            return True
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try(file: IO[bytes], *, shared: bool) -> bool:
        try:
            fcntl.flock(file.fileno(), (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
