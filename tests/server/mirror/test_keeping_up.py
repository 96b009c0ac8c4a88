"""Whatever way events come, the mirror ends as Stripe has it."""

import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from paydesk.server.mirror.inbox import handle_pending, insert_events
from paydesk.server.mirror.mirror import Mirror
from tests.conftest import Talk
from tests.server.mirror.against_stripe import faults
from tests.server.mirror.trading import Trade

Open = Callable[..., Awaitable[Mirror]]


def events_after(talk: Talk, cursor: str | None) -> list[dict[str, Any]]:
    """Events newer than the cursor, newest first."""
    found: list[dict[str, Any]] = []
    while True:
        page = talk.get("/v1/events", limit=100, **({"ending_before": cursor} if cursor else {}))
        found = page["data"] + found
        if not page["has_more"] or not page["data"] or cursor is None:
            return found
        cursor = page["data"][0]["id"]


class Messenger:
    """Brings events twice, in any order, and some not at all."""

    def __init__(self, talk: Talk, draw: random.Random) -> None:
        self.talk = talk
        self.draw = draw
        self.cursor: str | None = None
        self.held: list[dict[str, Any]] = []

    async def bring(self, mirror: Mirror) -> int:
        """Deliver some of what happened since; how many were new to the inbox."""
        found = events_after(self.talk, self.cursor)
        self.cursor = found[0]["id"] if found else self.cursor
        self.held += [one for one in found if self.draw.random() < 0.9]
        now = [one for one in self.held if self.draw.random() < 0.6]
        again = [one for one in now if self.draw.random() < 0.5]
        self.held = [one for one in self.held if one not in now] + [one for one in again if self.draw.random() < 0.3]
        brought = now + again
        self.draw.shuffle(brought)
        at = int(self.talk.clock())
        return await mirror.store.write(lambda c: insert_events(c, brought, source="webhook", received_at=at))


@pytest.mark.usefixtures("either_database")
@pytest.mark.parametrize("seed", range(2))
async def test_events_twice_in_any_order_and_partly_lost_end_in_what_stripe_has(
    new_talk: Callable[..., Talk], mirror_of: Open, seed: int
) -> None:
    """Ours: rows, parts, daily sums, recurring revenue and counts are Stripe's, and no event works twice."""
    talk = new_talk()
    trade, draw = Trade(talk, seed), random.Random(seed)  # noqa: S311 - a test
    for _ in range(15):
        trade.act()
    mirrors = [await mirror_of(talk), await mirror_of(talk)]
    await mirrors[0].sync()
    messenger, handled = Messenger(talk, draw), []
    for _ in range(12):
        for _ in range(draw.randrange(1, 8)):
            trade.act()
        await messenger.bring(draw.choice(mirrors))
        mirror = draw.choice(mirrors)
        handled += await handle_pending(mirror, draw.choice([1, 3, 200]), clock=talk.clock)
        if draw.random() < 0.2:
            await mirror.freshen(0.0)
    assert len({one.event_id for one in handled}) == len(handled)
    await mirrors[1].freshen(0.0)
    assert await faults(mirrors[0]) == []
