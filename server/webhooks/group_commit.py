"""Many deliveries, one commit: those that wait while the disk is busy are written together and answered together.

A commit that survives a power cut costs a turn of the disk, however many rows it has. So requests queue here for one
writer, which takes all that wait at once; nobody is answered before their row is on the disk.
"""

from collections import deque
from collections.abc import Sequence
from functools import partial

import anyio
import anyio.lowlevel
from sqlalchemy import Connection

from paydesk.server.errors import PaydeskError, StoreError, WebhookRefused
from paydesk.server.limits import WEBHOOK_GROUP, WEBHOOK_KEPT_S, WEBHOOK_QUEUE
from paydesk.server.mirror.inbox import Transactions, insert_rows
from paydesk.skills.base import Json


class _Group:
    """Rows that are written together and whose senders are answered together, by one event: most of what waiting costs
    is making and waking what is waited for.
    """

    __slots__ = ("done", "error", "rows", "until")

    def __init__(self, until: float) -> None:
        self.rows: list[Json] = []
        self.until = until
        self.done = anyio.Event()
        self.error: PaydeskError | None = None


class GroupCommit:
    """The one writer of an inbox in this process. `run` has to run while rows shall be kept."""

    def __init__(
        self,
        store: Transactions,
        *,
        queue: int = WEBHOOK_QUEUE,
        group: int = WEBHOOK_GROUP,
        within_s: float = WEBHOOK_KEPT_S,
    ) -> None:
        self._store = store
        self._group = group
        self._queue = queue
        self._within_s = within_s
        self._groups: deque[_Group] = deque()
        self._unanswered: dict[_Group, None] = {}
        self._count = 0
        self._stirred = anyio.Event()
        self._is_open = True

    @property
    def waiting(self) -> int:
        """How many rows wait, those that are being written included."""
        return self._count

    async def keep(self, row: Json) -> None:
        """Return once the row is on the disk, now or from an earlier delivery.

        Raises WebhookRefused (503) where the queue is full or the time is over, StoreError where nothing was written.
        A caller who is cancelled takes nobody along: the row is written all the same.
        """
        if not self._is_open or self._count >= self._queue:
            raise _busy("Too many deliveries wait already.")
        mine = self._open_group()
        mine.rows.append(row)
        self._count += 1
        # Its bound is the time-keeper below: a scope for each request would cost a tenth of the whole.
        await mine.done.wait()
        if mine.error is not None:
            raise mine.error

    def _open_group(self) -> _Group:
        """The group that gathers while the one before it is written."""
        if self._groups and len(self._groups[-1].rows) < self._group:
            return self._groups[-1]
        begun = _Group(anyio.current_time() + self._within_s)
        self._groups.append(begun)
        self._unanswered[begun] = None
        self._stirred.set()
        return begun

    async def run(self) -> None:
        """Write what waits until cancelled; a group that is being written is finished and answered first."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._keep_time)
                await self._keep_writing()
        finally:
            self._is_open = False
            for left in tuple(self._unanswered):
                self._answer(left, _busy("The desk is closing."))

    async def _keep_writing(self) -> None:
        while True:
            await self._stirred.wait()
            self._stirred = anyio.Event()
            while self._groups:
                taken = self._groups.popleft()
                with anyio.CancelScope(shield=True):
                    self._answer(taken, await self._written(taken))
                await anyio.lowlevel.checkpoint()

    async def _keep_time(self) -> None:
        while True:
            await anyio.sleep(min(1.0, self._within_s))
            now = anyio.current_time()
            for late in [one for one in self._unanswered if one.until <= now]:
                self._answer(late, _busy("Writing took too long."))

    async def _written(self, taken: _Group) -> PaydeskError | None:
        """Write them; what went wrong for all of them, if anything."""
        try:
            await self._store.write(partial(_insert, taken.rows))
        except StoreError as failed:
            return failed
        except Exception as unexpected:  # the writer must outlive whatever is wrong with one group
            return StoreError(f"The deliveries could not be written ({type(unexpected).__name__}).")
        return None

    def _answer(self, group: _Group, error: PaydeskError | None) -> None:
        # Who was told that it took too long is not told otherwise; Stripe delivers again.
        if self._unanswered.pop(group, group) is None:
            # One that was answered while it still gathers takes no more rows.
            if group in self._groups:
                self._groups.remove(group)
            self._count -= len(group.rows)
            group.error = error
            group.done.set()


def _insert(rows: Sequence[Json], connection: Connection) -> None:
    insert_rows(connection, rows)


def _busy(why: str) -> WebhookRefused:
    return WebhookRefused(f"{why} Nothing is lost: Stripe delivers again.", code="webhook_busy", http_status=503)
