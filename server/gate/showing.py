"""A proposal as the approval page shows it: the same facts as the question, apart from each other."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from paydesk.server.gate import proposals, words
from paydesk.server.gate.pins import person_of
from paydesk.server.gate.proposals import Proposal
from paydesk.server.store.schema import approvals
from paydesk.skills.base import Mode, Outcome, ProposalState, StripeRequest


@dataclass(frozen=True)
class Shown:
    """What a person sees of one proposal; all of it is text to be escaped. `sends` are the exact requests, in order.

    `question` is the text whose hash is bound to the proposal, `people` how many have to say yes, and `approved_by`
    who of two has done so.
    """

    id: str
    outcome: Outcome
    says: str
    details: tuple[tuple[str, str], ...]
    money: tuple[str, ...]
    warnings: tuple[str, ...]
    undo: str | None
    account: str
    mode: Mode
    people: int
    why: str
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    decided_via: str | None
    approved_by: tuple[str, ...]
    question: str
    sends: tuple[str, ...]

    @property
    def state(self) -> ProposalState | str:
        """Where it stands by now."""
        return self.outcome.state


def shown(proposal: Proposal, outcome: Outcome, approved_by: tuple[str, ...]) -> Shown:
    """The row as it is shown, beside what callers are told of it."""
    return Shown(
        id=proposal.id,
        outcome=outcome,
        says=words.sentence(proposal.says),
        details=proposal.details,
        money=tuple(line.partition(": ")[2] for line in words.money_lines(proposal.moves)),
        warnings=tuple(words.sentence(one) for one in proposal.warnings),
        undo=words.sentence(proposal.undo) if proposal.undo else None,
        account=proposal.account,
        mode=proposal.mode,
        people=proposal.demand.people,
        why=proposal.demand.why,
        created_at=proposal.created_at,
        expires_at=proposal.expires_at,
        decided_at=proposal.decided_at,
        decided_by=person_of(proposal.decided_by) if proposal.decided_by else None,
        decided_via=proposal.decided_via,
        approved_by=approved_by,
        question=words.question(proposal),
        sends=tuple(_exactly(one) for one in (*proposal.prepares, proposal.request)),
    )


def _exactly(request: StripeRequest) -> str:
    # ASCII only, so that a character which hides or turns text around is seen as what it is.
    return json.dumps(json.loads(request.canonical()), indent=2, ensure_ascii=True)


def find_shown(proposal_id: str, mode: Mode, connection: Connection) -> tuple[Proposal, tuple[str, ...]] | None:
    """The row and who has said yes to it so far, in one reading."""
    found = proposals.find(connection, proposal_id, principal=None, account=None, mode=mode)
    if found is None:
        return None
    column = approvals.c
    query = select(column.person).where(column.proposal_id == found.id).order_by(column.approved_at)
    return found, tuple(connection.execute(query).scalars())
