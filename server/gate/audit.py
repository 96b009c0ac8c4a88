"""The audit log: append-only, each entry holding the hash of the one before.

An entry says who asked, what kind of write, who answered how, and what came back. It never holds a customer's data,
a sentence that was shown, or a parameter's value: those stand in the journal, and here only their hashes.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from paydesk.server.store.schema import audit_entries

BEFORE_THE_FIRST = "0" * 64
Fact = str | int | bool | None
Json = dict[str, Any]


def canonical(value: Mapping[str, Any]) -> str:
    """Canonical JSON: sorted keys, no white space, text as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(entry: str) -> str:
    return hashlib.sha256(entry.encode()).hexdigest()


@dataclass(frozen=True)
class Head:
    """The last entry's number and hash: kept elsewhere, it shows later that the end was not cut off."""

    seq: int
    hash: str


def head(connection: Connection) -> Head:
    """The newest entry; number 0 for an empty log."""
    columns = audit_entries.c
    row = connection.execute(select(columns.seq, columns.hash).order_by(columns.seq.desc()).limit(1)).one_or_none()
    return Head(row.seq, row.hash) if row else Head(0, BEFORE_THE_FIRST)


def append(
    connection: Connection, event: str, *, at: datetime, proposal_id: str | None = None, facts: Mapping[str, Fact]
) -> Head:
    """Add one entry. Must run inside the write transaction of what it tells of, so that both stand or neither."""
    last = head(connection)
    entry = canonical(
        {
            "seq": last.seq + 1,
            "at": at.isoformat(),
            "event": event,
            "proposal": proposal_id,
            "previous": last.hash,
            "facts": {name: fact for name, fact in facts.items() if fact is not None},
        }
    )
    new = Head(last.seq + 1, _digest(entry))
    connection.execute(insert(audit_entries).values(seq=new.seq, proposal_id=proposal_id, entry=entry, hash=new.hash))
    return new


def facts_of(connection: Connection, proposal_id: str, event: str) -> Json | None:
    """The facts of a proposal's first entry of this event, or None."""
    columns = audit_entries.c
    rows = connection.execute(
        select(columns.entry).where(columns.proposal_id == proposal_id).order_by(columns.seq)
    ).scalars()
    for entry in rows:
        told = json.loads(entry)
        if told["event"] == event:
            facts: Json = told["facts"]
            return facts
    return None


@dataclass(frozen=True)
class Verdict:
    """Whether the log is whole; `broken_at` is the first number where it is not, and `why` says how it shows."""

    entries: int
    head: Head
    broken_at: int | None = None
    why: str | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing was edited, removed or moved."""
        return self.broken_at is None


def verify(connection: Connection, *, anchor: Head | None = None) -> Verdict:
    """Check every entry against its hash, its number and the one before; with an anchor, also that it is still there.

    Without an anchor kept elsewhere, entries cut off at the end leave no trace in the chain itself.
    """
    last = Head(0, BEFORE_THE_FIRST)
    columns = audit_entries.c
    rows = connection.execute(select(audit_entries).order_by(columns.seq).execution_options(yield_per=500))
    for row in rows:
        why = _fault(row, last)
        if why is None and anchor is not None and row.seq == anchor.seq and row.hash != anchor.hash:
            why = "the entry is not the one that was anchored"
        if why is not None:
            return Verdict(last.seq, last, broken_at=last.seq + 1, why=why)
        last = Head(row.seq, row.hash)
    if anchor is not None and anchor.seq > last.seq:
        return Verdict(last.seq, last, broken_at=last.seq + 1, why="entries up to the anchor are missing at the end")
    return Verdict(last.seq, last)


def _fault(row: Any, last: Head) -> str | None:
    """What is wrong with one row, given the one before it."""
    if row.seq != last.seq + 1:
        return "an entry was removed"
    if _digest(row.entry) != row.hash:
        return "the entry was edited"
    try:
        told = json.loads(row.entry)
    except ValueError:
        return "the entry cannot be read"
    if told.get("seq") != row.seq or told.get("proposal") != row.proposal_id:
        return "the entry was moved"
    return None if told.get("previous") == last.hash else "the entry does not follow the one before"
