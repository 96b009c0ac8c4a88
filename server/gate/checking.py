"""Checks that the audit log is whole, and that the journal says what the log says."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from paydesk.server.gate.audit import BEFORE_THE_FIRST, Head, digest
from paydesk.server.store.schema import audit_entries, proposals

# The state in which each event leaves its proposal.
_LEAVES: Mapping[str, str] = {
    "proposed": "waiting",
    "approved": "approved",
    "rejected": "rejected",
    "expired": "expired",
    "sending": "sending",
    "unknown": "unknown",
    "succeeded": "succeeded",
    "failed": "failed",
    "altered": "failed",
    "stale": "stale",
    "canceled": "canceled",
}

_LEAVES_AS_IT_WAS = {"prepared", "approved_in_part", "forgotten"}


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


@dataclass
class _Told:
    """What the log tells of one proposal: the hash of its request, the state it is in, and the entry that says so.

    What was said of a customer who `is_forgotten` was taken out of its request.
    """

    request_hash: str = ""
    state: str = ""
    seq: int = 0
    is_forgotten: bool = False


def verify(connection: Connection, *, anchors: Sequence[Head] = ()) -> Verdict:
    """Check every entry against its hash, its number and the one before, then every proposal against its entries.

    With anchors kept elsewhere also that these entries are still there. Without one, a forger who cuts off the end and
    sets the journal back leaves no trace.
    """
    anchored = {anchor.seq: anchor.hash for anchor in anchors}
    last = Head(0, BEFORE_THE_FIRST)
    told: dict[str, _Told] = {}
    query = select(audit_entries).order_by(audit_entries.c.seq).execution_options(yield_per=500)
    # Closed also where the first fault ends the reading: PostgreSQL keeps a cursor open on its side.
    with connection.execute(query) as rows:
        for row in rows:
            why = _fault(row, last)
            if why is None and anchored.pop(row.seq, row.hash) != row.hash:
                why = "it is not the one that was anchored"
            if why is not None:
                return Verdict(last.seq, last, broken_at=last.seq + 1, why=why)
            last = Head(row.seq, row.hash)
            _note(told, row)
    if any(seq > last.seq for seq in anchored):
        return Verdict(last.seq, last, broken_at=last.seq + 1, why="it and all up to the anchor are missing")
    return _journal_agrees(connection, told, last)


def _note(told: dict[str, _Told], row: Any) -> None:
    """Take in what an entry says of its proposal."""
    if row.proposal_id is None:
        return
    entry = json.loads(row.entry)
    one = told.setdefault(row.proposal_id, _Told(entry["facts"].get("request_hash", "")))
    one.seq = row.seq
    one.is_forgotten |= entry["event"] == "forgotten"
    if entry["event"] not in _LEAVES_AS_IT_WAS:
        one.state = _LEAVES.get(entry["event"], "")


def _fault(row: Any, last: Head) -> str | None:
    """What is wrong with one row, given the one before it."""
    if row.seq != last.seq + 1:
        return "it was removed"
    if digest(row.entry) != row.hash:
        return "it was edited"
    try:
        told = json.loads(row.entry)
    except ValueError:
        return "it cannot be read"
    if told.get("seq") != row.seq or told.get("proposal") != row.proposal_id:
        return "it was moved"
    return None if told.get("previous") == last.hash else "it does not follow the one before"


def _sent(row: Any) -> str:
    """Canonical JSON of all that a row sends, as `requests_hash` takes it."""
    return "[" + ",".join([*row.prepares, row.request]) + "]" if row.prepares else str(row.request)


def _journal_agrees(connection: Connection, told: dict[str, _Told], last: Head) -> Verdict:
    missing = dict(told)
    columns = proposals.c
    for row in connection.execute(select(columns.id, columns.state, columns.request, columns.prepares)):
        one = missing.pop(row.id, _Told(seq=last.seq + 1))
        why = None
        if one.state != row.state:
            why = f"{row.id} is {row.state} in the journal, and {one.state or 'absent'} in the log"
        elif not one.is_forgotten and digest(_sent(row)) != one.request_hash:
            why = f"{row.id} has another request in the journal"
        if why is not None:
            return Verdict(last.seq, last, broken_at=one.seq, why=why)
    for proposal_id, one in missing.items():
        return Verdict(last.seq, last, broken_at=one.seq, why=f"{proposal_id} is gone from the journal")
    return Verdict(last.seq, last)
