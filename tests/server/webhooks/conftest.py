"""Inboxes, events as Stripe tells them, and a hand that takes events in without looking at what they say."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from paydesk.server.mirror.inbox import insert_events
from paydesk.server.store import MIRROR, Store, open_store
from paydesk.server.store.mirror_schema import events


@dataclass
class Box:
    """An inbox without the rest of a mirror."""

    store: Store
    taken: list[str] = field(default_factory=list)

    async def keep(self, *found: dict[str, Any]) -> int:
        """Keep events as if Stripe had delivered them."""
        return await self.store.write(lambda c: insert_events(c, found, source="webhook", received_at=1_790_000_000))

    async def take(self, _mirror: Any, ids: Sequence[str]) -> list[Any]:
        """Handle events as the mirror does, in one transaction, but for their content."""

        def handle(connection: Any) -> None:
            seq = (connection.scalar(select(func.max(events.c.seq))) or 0) + 1
            of = update(events).where(events.c.id.in_(ids), events.c.state == "pending")
            done = connection.execute(of.values(state="handled", handled_at=1_790_000_000, seq=seq))
            if done.rowcount != len(ids):
                raise RuntimeError("somebody else was here")

        await self.store.write(handle)
        self.taken += ids
        return list(ids)

    async def states(self) -> dict[str, str]:
        """Every event's state."""
        found = await self.store.read(lambda c: c.execute(select(events.c.id, events.c.state)).all())
        return {row.id: row.state for row in found}


@pytest.fixture(params=["sqlite", "postgresql"])
async def box(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Box]:
    """An empty inbox, once on either database."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").new_database()
        opened = open_store(url, MIRROR, schema="paydesk_acct_1_test")
    else:
        opened = open_store(tmp_path / "mirror.sqlite3", MIRROR)
    async with await opened as store:
        yield Box(store)


@pytest.fixture
def box_at() -> Callable[[Path], Any]:
    """Opens the inbox that stands at a path."""

    @asynccontextmanager
    async def open_one(path: Path) -> AsyncIterator[Box]:
        async with await open_store(path, MIRROR) as store:
            yield Box(store)

    return open_one


@pytest.fixture
def told() -> Callable[..., dict[str, Any]]:
    """Makes events: `told("evt_1", "charge.succeeded", id="ch_1")`."""

    def make(event_id: str, kind: str = "customer.updated", created: int = 1_790_000_000, **about: Any) -> Any:
        subject = {"id": "cus_1", "object": kind.partition(".")[0], **about}
        return {
            "id": event_id,
            "object": "event",
            "type": kind,
            "created": created,
            "api_version": "2026-10-28.endive",
            "livemode": False,
            "data": {"object": subject},
        }

    return make
