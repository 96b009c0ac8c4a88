"""Files a draft in the journal, unless the same write already waits, is on its way, or was just made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from paydesk.server.errors import GateError
from paydesk.server.gate import audit, proposals
from paydesk.server.gate.caps import check_caps
from paydesk.server.gate.drafting import with_warnings
from paydesk.server.gate.integrity import also_bound
from paydesk.server.gate.policy import Cap
from paydesk.server.gate.proposals import Proposal
from paydesk.server.gate.redaction import redacted_requests
from paydesk.server.gate.words import twin_warning
from paydesk.server.limits import PROPOSALS_WAITING_MOST, REPEAT_WINDOW_S


@dataclass(frozen=True)
class Filed:
    """The proposal that answers the call; `repeated` where it had already succeeded before."""

    proposal: Proposal
    repeated: bool = False


def file_draft(draft: Proposal, again: bool, caps: Sequence[Cap], connection: Connection) -> Filed:
    """Store the draft and return it, or return what makes it superfluous.

    Raises GateError where too many wait, NotAllowed where it would go over a cap.
    """
    now = draft.created_at
    twins = proposals.twins(connection, draft, since=now - timedelta(seconds=REPEAT_WINDOW_S))
    for twin in twins:
        if twin.state == "waiting":
            return Filed(twin)
    if not again:
        for twin in twins:
            if twin.state != "rejected":
                return Filed(twin, repeated=twin.state == "succeeded")
    waiting = proposals.waiting(connection, principal=draft.principal)
    over = _expire(connection, waiting, now)
    if len(waiting) - over >= PROPOSALS_WAITING_MOST:
        raise GateError(
            f"{PROPOSALS_WAITING_MOST} proposals already wait for a person.",
            code="too_many_waiting",
            next_step="Have some of them approved or rejected first; list_proposals shows them.",
        )
    check_caps(draft, caps, connection, waiting_too=True)
    filed = with_warnings(draft, tuple(twin_warning(twin, now) for twin in twins[:3]))
    proposals.add(connection, filed)
    audit.append(connection, ("proposed", _facts(filed)), at=now, proposal_id=filed.id)
    return Filed(filed)


def _facts(proposal: Proposal) -> dict[str, audit.Fact]:
    return {
        "principal": proposal.principal,
        "skill": proposal.skill,
        "account": proposal.account,
        "mode": proposal.mode,
        "method": proposal.request.method,
        "path": proposal.request.path,
        "request_hash": proposal.request_hash,
        "shown_hash": proposal.shown_hash,
        "moves_minor": proposal.moves.amount_minor if proposal.moves else None,
        "moves_currency": proposal.moves.currency if proposal.moves else None,
        "ways": ",".join(sorted(proposal.demand.ways)),
        "expires_at": proposal.expires_at.isoformat(),
        "rule": proposal.demand.rule,
        "sends": redacted_requests((*proposal.prepares, proposal.request)),
        **also_bound(proposal),
    }


def expire_due(now: datetime, connection: Connection) -> None:
    """Write down for every waiting proposal whose time is over that it is."""
    _expire(connection, proposals.waiting(connection, principal=None), now)


def _expire(connection: Connection, waiting: Sequence[proposals.Waiting], now: datetime) -> int:
    due = [one.id for one in waiting if now >= one.expires_at]
    for proposal_id in due:
        proposals.move(connection, proposal_id, come_from=("waiting",), to="expired", settled_at=now)
        audit.append(connection, ("expired", {}), at=now, proposal_id=proposal_id)
    return len(due)
