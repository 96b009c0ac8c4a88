"""Random businesses on a sandbox, their figures against a count by hand: `python tests/campaigns/figures.py 200`.

Each seed has another size. Can fail: prints the seeds whose figures differ, and why.
"""

import random
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import anyio

from tests.server.analytics.test_against_the_books import check


def main(count: int, first: int = 1_000) -> int:
    """How many of so many businesses differ."""
    begun, wrong = time.perf_counter(), 0
    for seed in range(first, first + count):
        draw = random.Random(seed)  # noqa: S311 - a test's own choices
        with tempfile.TemporaryDirectory() as home:
            try:
                anyio.run(check, Path(home) / "desk", seed, draw.randrange(2, 10), draw.randrange(5, 25))
            except AssertionError:
                wrong += 1
                print(f"seed {seed}:", *traceback.format_exc().splitlines()[-4:], sep="\n  ", flush=True)
    print(f"{count} businesses, {wrong} with other figures, {time.perf_counter() - begun:.0f} s")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(*(int(one) for one in sys.argv[1:3])) if len(sys.argv) > 1 else main(100))
