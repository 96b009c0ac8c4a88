"""Tells listeners in this process that a proposal changed, also when another process on the same store changed it.

The audit log is what is followed: every change has an entry there, in order, committed with the change itself.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import anyio
from sqlalchemy import Connection, select

from paydesk.server.errors import StoreError
from paydesk.server.gate.audit import head
from paydesk.server.limits import CHANGES_POLL_S
from paydesk.server.store.database import Store
from paydesk.server.store.schema import audit_entries, proposals
from paydesk.skills.base import ProposalState

_log = logging.getLogger("paydesk.gate")


@dataclass(frozen=True)
class Change:
    """A proposal that changed: whose it is, and the state it is in by now."""

    proposal_id: str
    principal: str
    state: ProposalState


Listener = Callable[[Change], None]


class Changes:
    """The listeners of one gate. `run` has to run while they shall be told; without listeners it reads nothing."""

    def __init__(self, store: Store, *, poll_s: float = CHANGES_POLL_S) -> None:
        self._store = store
        self._poll_s = poll_s
        self._listeners: list[Listener] = []
        self._stirred = anyio.Event()
        self._seen: int | None = None

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell this listener of changes from now on; returns what ends that. It is called on the event loop."""
        self._listeners.append(listener)
        self.stir()
        return partial(self._forget, listener)

    def _forget(self, listener: Listener) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)
        if not self._listeners:
            self._seen = None

    def stir(self) -> None:
        """Look at once: this process just changed something."""
        self._stirred.set()

    async def run(self) -> None:
        """Tell of changes until cancelled."""
        while True:
            try:
                await self.tell()
            except StoreError as error:
                _log.warning("changes of proposals cannot be read now: %s", error.code)
            with anyio.move_on_after(self._poll_s if self._listeners else None):
                await self._stirred.wait()
            self._stirred = anyio.Event()

    async def tell(self) -> None:
        """Tell every listener what changed since the last time. Raises StoreError."""
        if not self._listeners:
            return
        if self._seen is None:
            self._seen = (await self._store.read(head)).seq
            return
        self._seen, changed = await self._store.read(partial(_changed_since, self._seen))
        for change in changed:
            for listener in tuple(self._listeners):
                try:
                    listener(change)
                except Exception as broken:  # a listener's fault must not keep the others from being told
                    _log.exception("a listener broke: %s", type(broken).__name__, exc_info=False)


def _changed_since(seen: int, connection: Connection) -> tuple[int, list[Change]]:
    entry, row = audit_entries.c, proposals.c
    query = select(entry.seq, entry.proposal_id).where(entry.seq > seen).order_by(entry.seq)
    entries = connection.execute(query).all()
    ids = {one.proposal_id for one in entries if one.proposal_id is not None}
    if not ids:
        return (entries[-1].seq if entries else seen), []
    found = connection.execute(select(row.id, row.principal, row.state).where(row.id.in_(ids)))
    changes = {one.id: Change(one.id, one.principal, one.state) for one in found}
    in_order = dict.fromkeys(one.proposal_id for one in reversed(entries) if one.proposal_id in changes)
    return entries[-1].seq, [changes[proposal_id] for proposal_id in reversed(in_order)]
