"""How near reading an account into the mirror comes to what bounds it; ratios of one run.

1. Behind a rate limit (the desk's own for test mode): pages a second of it. Target: at least 0.8.
2. Without one: the time that the sandbox itself takes for the same requests, of the whole time. It runs in the same
   process here, so what the mirror does itself is in the whole; at Stripe it is done while answers are under way.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio

from paydesk.server.limits import READS_PER_S
from paydesk.server.mirror import filling
from paydesk.server.mirror.mirror import open_mirror
from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.settings import Settings
from paydesk.server.stripe_api.opening import sandbox_door
from paydesk.server.stripe_api.rate import RateLimit

TARGET = 0.8
SECONDS = 8.0


class Counted:
    """A door that counts pages, notes how long they took, and answers as slowly as Stripe does where that is asked."""

    def __init__(self, door: Any, delay_s: float) -> None:
        self._door = door
        self._delay_s = delay_s
        self.asked: list[tuple[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._door, name)

    async def page(self, path: str, params: Any = None) -> Any:
        """One page, noted."""
        page = await self._door.page(path, params)
        self.asked.append((path, dict(params or {})))
        if self._delay_s:
            await anyio.sleep(self._delay_s)
        return page


async def read(box: Path, work: Callable[[Any, Counted], Any], *, per_s: float | None, delay_s: float) -> Any:
    """Do some work on an empty mirror of the sandbox."""
    door = sandbox_door(create_sandbox(box))
    door._rate = RateLimit(per_s)
    counted = Counted(door, delay_s)
    with tempfile.TemporaryDirectory() as home:
        mirror = await open_mirror(Settings(home=Path(home)), await door.account_id(), "sandbox", counted)
        try:
            return await work(mirror, counted)
        finally:
            await mirror.aclose()
            await door.aclose()


async def behind_a_limit(mirror: Any, door: Counted) -> float:
    """Pages a second, after the first second's burst, as a share of the limit."""
    await filling.begin(mirror)
    await filling.read_all(mirror, time.monotonic() + 1.5)
    before, begun = len(door.asked), time.monotonic()
    await filling.read_all(mirror, begun + SECONDS)
    return (len(door.asked) - before) / (time.monotonic() - begun) / READS_PER_S


async def without(mirror: Any, door: Counted) -> tuple[float, float, int, int]:
    """Seconds of the whole reading, seconds of the same requests alone, objects, requests."""
    begun = time.perf_counter()
    standing = await mirror.sync()
    whole_s = time.perf_counter() - begun
    asked, begun = list(door.asked), time.perf_counter()
    for path, params in asked:
        await door._door.page(path, params)
    return whole_s, time.perf_counter() - begun, standing.rows, len(asked)


async def main() -> int:
    """Measure, print, and say whether the target was met."""
    with tempfile.TemporaryDirectory() as folder:
        box = Path(folder) / "sandbox.sqlite3"
        create_sandbox(box, seed=7).close()
        # 0.3 s is what Stripe takes for a page of a hundred.
        share = await read(box, behind_a_limit, per_s=READS_PER_S, delay_s=0.3)
        whole_s, alone_s, rows, pages = await read(box, without, per_s=None, delay_s=0.0)
    met = "met" if share >= TARGET else "MISSED"
    print(f"behind {READS_PER_S:.0f} requests a second, answers after 0.3 s: {share:.2f} of it ({TARGET} {met})")
    print(
        f"without a limit: {rows:,} objects in {whole_s:.1f} s ({rows / whole_s:,.0f}/s); "
        f"the sandbox alone takes {alone_s:.2f} s for the same requests ({alone_s / whole_s:.2f} of it); "
        f"{pages} pages asked for, {rows // 100} pages' worth of objects"
    )
    return 0 if share >= TARGET else 1


if __name__ == "__main__":
    sys.exit(anyio.run(main))
