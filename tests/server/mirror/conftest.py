"""Mirrors of sandboxes whose clock stands still, and events as a careless messenger brings them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from paydesk.server.mirror.mirror import Mirror, open_mirror
from paydesk.server.settings import Settings
from paydesk.server.stripe_api.opening import sandbox_door
from tests.conftest import Talk


@pytest.fixture
async def mirror_of(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Mirror]]]:
    """Opens mirrors of a talk's sandbox, all on one file."""
    opened: list[Mirror] = []

    async def one(talk: Talk, door: Any = None) -> Mirror:
        door = door or sandbox_door(talk.sandbox, now=talk.clock)
        opened.append(await open_mirror(Settings(home=tmp_path), await door.account_id(), "sandbox", door))
        return opened[-1]

    yield one
    for mirror in opened:
        await mirror.aclose()
