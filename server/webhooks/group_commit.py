"""Many deliveries, one commit: those that wait while the disk is busy are written together and answered together.

A commit that survives a power cut costs a turn of the disk, however many rows it has. So requests queue here for one
writer, which takes all that wait at once; nobody is answered before their row is on the disk.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel

from paydesk.server.errors import PaydeskError, StoreError, WebhookRefused
from paydesk.server.limits import WEBHOOK_GROUP, WEBHOOK_KEPT_S, WEBHOOK_QUEUE
from paydesk.server.mirror.inbox import insert_rows
from paydesk.skills.base import Json

if TYPE_CHECKING:
    from paydesk.server.store.database import Store


class _Waiting:
    """A row on its way to the disk."""

    __slots__ = ("done", "error", "row")

    def __init__(self, row: Json) -> None:
        self.row = row
        self.done = anyio.Event()
        self.error: PaydeskError | None = None


class GroupCommit:
    """The one writer of an inbox in this process. `run` has to run while rows shall be kept."""

    def __init__(self, store: "Store", *, queue: int = WEBHOOK_QUEUE, group: int = WEBHOOK_GROUP) -> None:
        self._store = store
        self._group = group
        self._queue = queue
        self._waiting: list[_Waiting] = []
        self._stirred = anyio.Event()

    @property
    def waiting(self) -> int:
        """How many rows wait."""
        return len(self._waiting)

    async def keep(self, row: Json, *, within_s: float = WEBHOOK_KEPT_S) -> None:
        """Return once the row is on the disk, now or from an earlier delivery.

        Raises WebhookRefused (503) where the queue is full or the time is over, StoreError where nothing was written.
        A caller who is cancelled takes nobody along: the row is written all the same.
        """
        if len(self._waiting) >= self._queue:
            raise _busy("Too many deliveries wait already.")
        mine = _Waiting(row)
        self._waiting.append(mine)
        self._stirred.set()
        with anyio.move_on_after(within_s):
            await mine.done.wait()
        if not mine.done.is_set():
            raise _busy("Writing took too long.")
        if mine.error is not None:
            raise mine.error

    async def run(self) -> None:
        """Write what waits until cancelled; a group that is being written is finished and answered first."""
        while True:
            await self._stirred.wait()
            self._stirred = anyio.Event()
            while self._waiting:
                taken, self._waiting = self._waiting[: self._group], self._waiting[self._group :]
                with anyio.CancelScope(shield=True):
                    await self._write(taken)
                await anyio.lowlevel.checkpoint()

    async def _write(self, taken: Sequence[_Waiting]) -> None:
        error: PaydeskError | None = None
        try:
            await self._store.write(partial(_insert, [one.row for one in taken]))
        except StoreError as failed:
            error = failed
        except Exception as unexpected:  # the writer must outlive whatever is wrong with one group
            error = StoreError(f"The deliveries could not be written ({type(unexpected).__name__}).")
        for one in taken:
            one.error = error
            one.done.set()


def _insert(rows: Sequence[Json], connection: object) -> None:
    insert_rows(connection, rows)  # type: ignore[arg-type]  # the store hands in its own connection


def _busy(why: str) -> WebhookRefused:
    return WebhookRefused(f"{why} Nothing is lost: Stripe delivers again.", code="webhook_busy", http_status=503)
