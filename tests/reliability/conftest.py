"""A served sandbox for these tests, and the folder's own modules, which its scripts share."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from counter import KEY, Counter

PAYDESK = str(Path(sys.executable).parent / "paydesk")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    """One sandbox for a file of tests: starting it takes longer than most of them."""
    counter = Counter(tmp_path_factory.mktemp("counter"))
    yield counter
    counter.close()


@pytest.fixture
def counter(served: Counter) -> Counter:
    """Empty books and an empty journal."""
    served.no_faults()
    served.afresh()
    return served


@pytest.fixture
def environment(counter: Counter, tmp_path: Path) -> dict[str, str]:
    """What a desk on that sandbox is started with."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PAYDESK_", "STRIPE_"))}  # noqa: TID251 - a child's
    home = tmp_path / "home"
    home.mkdir()
    desk = {
        "PAYDESK_HOME": str(home),
        "STRIPE_SECRET_KEY": KEY,
        "PAYDESK_STRIPE_API_BASE": counter.door,
        "PAYDESK_TOOLSETS": "all",
    }
    return kept | desk
