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

from sqlalchemy import Connection, bindparam, insert, select

from paydesk.server.store.schema import audit_entries

BEFORE_THE_FIRST = "0" * 64
Fact = str | int | bool | None
_column = audit_entries.c
# Statements are built once: building one anew costs more than SQLite takes to run it.
_HEAD = select(_column.seq, _column.hash).order_by(_column.seq.desc()).limit(1)
_APPEND = insert(audit_entries)
_HISTORY = select(_column.entry).where(_column.proposal_id == bindparam("proposal")).order_by(_column.seq)
Json = dict[str, Any]


def canonical(value: Mapping[str, Any]) -> str:
    """Canonical JSON: sorted keys, no white space, text as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(entry: str) -> str:
    """SHA-256 of a text, in hex."""
    return hashlib.sha256(entry.encode()).hexdigest()


@dataclass(frozen=True)
class Head:
    """The last entry's number and hash: kept elsewhere, it shows later that the end was not cut off."""

    seq: int
    hash: str


def head(connection: Connection) -> Head:
    """The newest entry; number 0 for an empty log."""
    row = connection.execute(_HEAD).one_or_none()
    return Head(row.seq, row.hash) if row else Head(0, BEFORE_THE_FIRST)


def append(
    connection: Connection, *events: tuple[str, Mapping[str, Fact]], at: datetime, proposal_id: str | None = None
) -> Head:
    """Add entries, each an event and its facts, in this order.

    Must run inside the write transaction of what they tell of, so that both stand or neither.
    """
    last, rows = head(connection), []
    for event, facts in events:
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
        last = Head(last.seq + 1, digest(entry))
        rows.append({"seq": last.seq, "proposal_id": proposal_id, "entry": entry, "hash": last.hash})
    connection.execute(_APPEND, rows)
    return last


def history(connection: Connection, proposal_id: str) -> list[tuple[str, Json]]:
    """What the log tells of one proposal: each event with its facts, oldest first."""
    told = [json.loads(entry) for entry in connection.execute(_HISTORY, {"proposal": proposal_id}).scalars()]
    return [(entry["event"], entry["facts"]) for entry in told]
