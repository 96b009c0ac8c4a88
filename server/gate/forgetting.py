"""Forgetting a customer in the journal: what was written about them goes; who decided what, when, and the sums stay.

The audit log holds ids and hashes alone, and cannot be changed: it gets an entry that says what was taken out of the
journal, so that it still shows any other change.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Text, cast, or_, select, update

from paydesk.server.gate import audit
from paydesk.server.gate.redaction import REDACTED, redacted_requests
from paydesk.server.store.schema import preparations, proposals
from paydesk.skills.base import StripeRequest

FORGOTTEN: Final = "forgotten"
_OVER: Final = ("succeeded", "failed", "rejected", "expired", "stale", "canceled")
_TELLING: Final = (
    "request",
    "arguments",
    "details",
    "warnings",
    "prepares",
    "relies_on",
    "result",
    "done_says",
    "says",
)
_KEPT_OF_ERRORS: Final = ("code", "stripe_code", "http_status", "request_id")


def forget_in_journal(connection: Connection, customer: str, *, account: str, at: datetime) -> tuple[int, int]:
    """Take a customer (cus_) out of every write that is over; how many those are, and how many are not over yet.

    In the caller's transaction. What is not over cannot lose what it sends: it is decided first, or expires.
    """
    row = proposals.c
    mentions = [cast(row[name], Text).contains(customer, autoescape=True) for name in _TELLING]
    theirs = or_(row.customer == customer, row.answer_id == customer, *mentions)
    found = connection.execute(select(proposals).where(row.account == account, theirs)).mappings().all()
    over = [one for one in found if one["state"] in _OVER and one["says"] != REDACTED]
    for one in over:
        connection.execute(update(proposals).where(row.id == one["id"]).values(_emptied(one)))
        its = preparations.c.proposal_id == one["id"]
        connection.execute(update(preparations).where(its).values(answer=None))
        audit.append(connection, (FORGOTTEN, {"customer": customer}), at=at, proposal_id=one["id"])
    return len(over), sum(one["state"] not in _OVER for one in found)


def _emptied(row: Any) -> dict[str, Any]:
    error = row["error"]
    if error is not None:
        error = {name: error[name] for name in _KEPT_OF_ERRORS if name in error} | {"message": REDACTED}
    return {
        "says": REDACTED,
        "details": [],
        "warnings": [],
        "undo": None,
        "done_says": None if row["done_says"] is None else REDACTED,
        "request": _without_text([row["request"]])[0],
        "prepares": _without_text(row["prepares"]) if row["prepares"] else None,
        "relies_on": {},
        "arguments": None,
        "opposite": None,
        "undo_call": None,
        "result": None,
        "error": error,
    }


def _without_text(requests: Iterable[str]) -> list[str]:
    parsed = [StripeRequest.from_canonical(one) for one in requests]
    return [json.dumps(json.loads(redacted_requests([one]))[0], **_CANONICAL) for one in parsed]


_CANONICAL: Final[dict[str, Any]] = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
