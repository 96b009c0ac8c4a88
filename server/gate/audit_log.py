"""Reading the audit log: its entries, one proposal's story, the head to keep elsewhere, and whether it is whole."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, select

from paydesk.server.gate import audit, proposals, words
from paydesk.server.gate.audit import Head, Json
from paydesk.server.gate.checking import Verdict, verify
from paydesk.server.store.database import Store
from paydesk.server.store.schema import audit_entries
from paydesk.skills.base import Mode


@dataclass(frozen=True)
class Entry:
    """One entry: its number, when, what happened, to which proposal, with which facts; its hash closes the chain."""

    seq: int
    at: datetime
    event: str
    proposal_id: str | None
    facts: Json
    hash: str
    text: str  # the canonical JSON of which `hash` is the SHA-256


@dataclass(frozen=True)
class Story:
    """What the log tells of one proposal, and the question a person was shown, where the journal still proves it."""

    entries: list[Entry]
    shown: str | None


class AuditLog:
    """The log in one store; it only reads. Every method raises StoreError."""

    def __init__(self, store: Store, mode: Mode) -> None:
        self._store = store
        self._mode = mode

    async def entries(
        self, *, proposal_id: str | None = None, after: int = 0, most: int = 1000, newest: bool = False
    ) -> list[Entry]:
        """Entries in order, after a number; `newest` gives the last `most` of them instead of the first."""
        return await self._store.read(partial(_entries, proposal_id, after, most, newest))

    async def story(self, proposal_id: str) -> Story:
        """All that is known of one proposal; empty where there is none."""
        return await self._store.read(partial(_story, proposal_id, self._mode))

    async def head(self) -> Head:
        """The newest entry's number and hash; kept elsewhere, it shows later that the end was not cut off."""
        return await self._store.read(audit.head)

    async def verify(self, *, anchors: Sequence[Head] = ()) -> Verdict:
        """Whether the log is whole, holds every anchor, and the journal says what it says."""
        return await self._store.read(partial(verify, anchors=anchors))


def _entries(proposal_id: str | None, after: int, most: int, newest: bool, connection: Connection) -> list[Entry]:
    column = audit_entries.c
    query = select(audit_entries).where(column.seq > after)
    if proposal_id is not None:
        query = query.where(column.proposal_id == proposal_id)
    query = query.order_by(column.seq.desc() if newest else column.seq).limit(most)
    found = [_entry(row) for row in connection.execute(query)]
    return found[::-1] if newest else found


def _entry(row: Any) -> Entry:
    try:
        told = json.loads(row.entry)
        at, event, facts = datetime.fromisoformat(told["at"]), str(told["event"]), dict(told["facts"])
    except (ValueError, KeyError, TypeError):
        # Somebody wrote over it; `verify` says so, and reading the others goes on.
        at, event, facts = datetime.fromtimestamp(0).astimezone(), "unreadable", {}
    return Entry(row.seq, at, event, row.proposal_id, facts, row.hash, row.entry)


def _story(proposal_id: str, mode: Mode, connection: Connection) -> Story:
    entries = _entries(proposal_id, 0, 1000, False, connection)
    row = proposals.find(connection, proposal_id, principal=None, account=None, mode=mode)
    told = next((entry.facts.get("shown_hash") for entry in entries if entry.event == "proposed"), None)
    shown = words.question(row) if row is not None and words.shown_hash(row) == told else None
    return Story(entries, shown)
