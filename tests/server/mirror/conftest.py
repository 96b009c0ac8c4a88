"""Mirrors of sandboxes whose clock stands still, and events as a careless messenger brings them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from paydesk.server.mirror.mirror import Mirror, open_mirror
from paydesk.server.settings import Settings
from paydesk.server.stripe_api.opening import sandbox_door
from tests.conftest import Talk


@pytest.fixture(params=["sqlite", "postgresql"])
def either_database(request: pytest.FixtureRequest) -> str | None:
    """None for files, or the URL of an empty database on a real PostgreSQL."""
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("postgresql").new_database()
    return url


@pytest.fixture
async def mirror_of(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Callable[..., Awaitable[Mirror]]]:
    """Opens mirrors of a talk's sandbox, all on one file, or in the database that the test asks for."""
    opened: list[Mirror] = []
    url = request.getfixturevalue("either_database") if "either_database" in request.fixturenames else None

    async def one(talk: Talk, door: Any = None, account: str | None = None) -> Mirror:
        door = door or sandbox_door(talk.sandbox, now=talk.clock)
        settings = Settings(home=tmp_path, database_url=url)
        opened.append(await open_mirror(settings, account or await door.account_id(), "sandbox", door))
        return opened[-1]

    yield one
    for mirror in opened:
        await mirror.aclose()
