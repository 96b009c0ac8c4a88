"""Follows the inbox of one account, and publishes what was handled, whichever process handled it.

Each event carries the number of the transaction that handled it: what is above the last number seen is news, in the
order of handling.
"""

import json
import logging
from functools import partial
from typing import Any

import anyio
from sqlalchemy import Connection, func, select

from paydesk.server.errors import StoreError
from paydesk.server.limits import CHANGES_POLL_S, FOLLOW_IDLE_S, FOLLOW_MOST
from paydesk.server.mirror.inbox import Transactions
from paydesk.server.store.mirror_schema import events
from paydesk.server.webhooks.publishing import Happened, Publisher
from paydesk.skills.base import Json

_log = logging.getLogger("paydesk.webhooks")
_RELATED = ("customer", "payment_intent", "charge", "subscription", "invoice", "product", "payout", "dispute")


class Follower:
    """Follows one inbox for one publisher. While nobody listens it reads next to nothing."""

    def __init__(
        self, store: Transactions, account: str, publisher: Publisher, *, poll_s: float = CHANGES_POLL_S
    ) -> None:
        self._store = store
        self._account = account
        self._publisher = publisher
        self._poll_s = poll_s
        self._stirred = anyio.Event()
        self._seen: int | None = None

    def stir(self) -> None:
        """Look at once: this process has just handled something, or somebody began to listen."""
        self._stirred.set()

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            self._stirred = anyio.Event()
            more = False
            try:
                more = await self.tell()
            except StoreError as error:
                _log.warning("what happened cannot be read now: %s", error.code)
            if not more:
                with anyio.move_on_after(self._poll_s if self._publisher.has_subscribers else FOLLOW_IDLE_S):
                    await self._stirred.wait()

    async def tell(self) -> bool:
        """Publish what was handled since the last time; whether there may be more. Raises StoreError."""
        # Who begins to listen may hear of a little that was handled before, but of all that is handled afterwards.
        if self._seen is None or not self._publisher.has_subscribers:
            self._seen = await self._store.read(_newest)
            return False
        seen, found = await self._store.read(partial(_since, self._seen, self._account))
        more, self._seen = seen > self._seen, seen
        for event in found:
            self._publisher.publish(event)
        return more


def _newest(connection: Connection) -> int:
    newest: int | None = connection.scalar(select(func.max(events.c.seq)))
    return newest or 0


def _since(seen: int, account: str, connection: Connection) -> tuple[int, list[Happened]]:
    """The next events handled after `seen`, whole transactions, and the number of the last of them."""
    row = events.c
    later = select(row.seq).where(row.seq > seen).order_by(row.seq).limit(FOLLOW_MOST)
    numbers = list(connection.scalars(later))
    if not numbers:
        return seen, []
    # The last may have been cut in the middle; unless it is the only one, it comes with the next look.
    last = numbers[-1]
    if len(numbers) == FOLLOW_MOST and numbers[0] < last:
        last = max(number for number in numbers if number < last)
    query = select(row.id, row.type, row.created, row.object, row.object_id, row.payload)
    found = connection.execute(query.where(row.seq > seen, row.seq <= last).order_by(row.seq, row.created, row.id))
    return last, [_happened(one, account) for one in found]


def _happened(row: Any, account: str) -> Happened:
    about = {row.object_id} if row.object_id else set()
    about |= related(json.loads(row.payload)) if row.payload else set()
    return Happened(row.id, row.type, account, row.created, row.object, row.object_id, frozenset(about))


def related(event: Json) -> set[str]:
    """The ids of the objects that an event's object names: its customer, its payment, its invoice."""
    data = event.get("data")
    about = data.get("object") if isinstance(data, dict) else None
    if not isinstance(about, dict):
        return set()
    named = [about.get(name) for name in _RELATED]
    ids = [one.get("id") if isinstance(one, dict) else one for one in named]
    return {one for one in ids if isinstance(one, str)}
