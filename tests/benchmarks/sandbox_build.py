"""How long the sandbox's business takes to be built into a new file, and how long that file takes to be opened again.

It prints and never fails. The targets are 3 s for the one, 50 ms for the other, on a machine that does nothing else.
"""

import statistics
import tempfile
import time
from pathlib import Path

from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.sandbox.business import build  # imported here, so that it is not measured  # noqa: F401

BUILDS, OPENINGS = 5, 25
TARGET_BUILD_S, TARGET_OPEN_MS = 3.0, 50.0


def main() -> None:
    """Build into several new files, open the last one many times; medians."""
    built_s, opened_ms = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(BUILDS):
            state = Path(folder) / f"{number}.sqlite3"
            built_s.append(_opening_s(state))
        objects, size_mb = _content(state), state.stat().st_size / 1e6
        opened_ms = [_opening_s(state) * 1_000 for _ in range(OPENINGS)]
    build_s, open_ms = statistics.median(built_s), statistics.median(opened_ms)
    print(f"sandbox, built: {build_s:.2f} s (target {TARGET_BUILD_S:g} s), {objects} objects, {size_mb:.0f} MB")
    print(f"sandbox, opened again: {open_ms:.1f} ms (target {TARGET_OPEN_MS:g} ms)")


def _opening_s(state: Path) -> float:
    begun = time.perf_counter()
    create_sandbox(state, seed=7).close()
    return time.perf_counter() - begun


def _content(state: Path) -> int:
    sandbox = create_sandbox(state, seed=7)
    counted = sandbox.store.execute("SELECT count(*) FROM objects").fetchone()[0]
    sandbox.close()
    return int(counted)


if __name__ == "__main__":
    main()
