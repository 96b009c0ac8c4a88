"""Files a draft in the journal, unless the same write already waits, is on its way, or was just made."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from paydesk.server.errors import GateError
from paydesk.server.gate import audit, proposals
from paydesk.server.gate.drafting import with_warnings
from paydesk.server.gate.proposals import Proposal
from paydesk.server.gate.words import twin_warning
from paydesk.server.limits import PROPOSALS_WAITING_MOST, REPEAT_WINDOW_S


@dataclass(frozen=True)
class Filed:
    """The proposal that answers the call; `repeated` where it had already succeeded before."""

    proposal: Proposal
    repeated: bool = False


def file_draft(draft: Proposal, again: bool, connection: Connection) -> Filed:
    """Store the draft and return it, or return what makes it superfluous. Raises GateError where too many wait."""
    now = draft.created_at
    expire_due(now, connection)
    twins = proposals.twins(connection, draft, since=now - timedelta(seconds=REPEAT_WINDOW_S))
    for twin in twins:
        if twin.state == "waiting":
            return Filed(twin)
    if not again:
        for twin in twins:
            if twin.state != "rejected":
                return Filed(twin, repeated=twin.state == "succeeded")
    if proposals.count_waiting(connection, draft.principal, now) >= PROPOSALS_WAITING_MOST:
        raise GateError(
            f"{PROPOSALS_WAITING_MOST} proposals already wait for a person.",
            code="too_many_waiting",
            next_step="Have some of them approved or rejected first; list_proposals shows them.",
        )
    filed = with_warnings(draft, tuple(twin_warning(twin, now) for twin in twins[:3]))
    proposals.add(connection, filed)
    audit.append(connection, "proposed", at=now, proposal_id=filed.id, facts=_facts(filed))
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
    }


def expire_due(now: datetime, connection: Connection) -> None:
    """Write down for every waiting proposal whose time is over that it is."""
    for proposal_id in proposals.due(connection, now):
        if proposals.move(connection, proposal_id, come_from=("waiting",), to="expired", settled_at=now):
            audit.append(connection, "expired", at=now, proposal_id=proposal_id, facts={})
