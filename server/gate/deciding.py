"""A person's answer to a proposal: yes or no, each in one transaction, each with one winner."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from paydesk.server.errors import GateError
from paydesk.server.gate import audit, proposals, words
from paydesk.server.gate.integrity import what_is_altered
from paydesk.server.gate.policy import WAY_OF, Way
from paydesk.server.gate.proposals import Proposal
from paydesk.server.gate.taking import Taken, expire, refuse_altered, take, too_late
from paydesk.skills.base import Mode


@dataclass(frozen=True)
class Answer:
    """Who answered, through what, to which desk, and when; `stripe_now` is Stripe's clock."""

    approver: str
    via: str
    principal: str | None
    account: str | None
    mode: Mode
    now: datetime
    stripe_now: datetime | None = None

    @property
    def way(self) -> Way:
        """Inside the client or out of band. Raises GateError for a way that the gate does not know."""
        if self.via not in WAY_OF:
            raise GateError("This way of approving is not known.", code="unknown_way", next_step=", ".join(WAY_OF))
        return WAY_OF[self.via]


def approve_and_take(proposal_id: str, answer: Answer, connection: Connection) -> Taken:
    """Record the yes and take the write for sending, both or neither.

    A refusal is returned rather than raised where something about it was written down. Raises GateError for a
    proposal that this caller does not have, or that belongs to another account.
    """
    proposal = _mine(proposal_id, answer, connection)
    if proposal.account != answer.account:
        raise GateError(
            "This proposal was made for another Stripe account than the one this desk now speaks to.",
            code="other_account",
            next_step="Start paydesk with the key of that account, or propose it again here.",
        )
    if proposal.state != "waiting":
        return _not_waiting(proposal)
    if proposal.is_due(answer.now):
        return expire(proposal, answer.now, connection)
    if answer.way not in proposal.demand.ways:
        raise GateError(
            "This write may not be approved from inside the client.",
            code="out_of_band_only",
            next_step=f"A person runs `{words.how_to_approve(proposal)}`.",
        )
    if what := what_is_altered(proposal, connection):
        return refuse_altered(proposal, what, answer.now, connection)
    decided: dict[str, Any] = {"decided_at": answer.now, "decided_by": answer.approver, "decided_via": answer.via}
    facts: dict[str, audit.Fact] = {"approver": answer.approver, "via": answer.via, "shown_hash": proposal.shown_hash}
    return take(proposal, decided, ("approved", facts), now=answer.now, stripe_now=answer.stripe_now, on=connection)


def reject(proposal_id: str, answer: Answer, connection: Connection) -> Taken:
    """Record the no. A second no changes nothing; after a yes it is too late. Raises GateError."""
    proposal = _mine(proposal_id, answer, connection)
    if proposal.state == "rejected":
        return Taken(proposal)
    if proposal.state != "waiting":
        return Taken(proposal, refused=too_late(proposal, "rejected"))
    if proposal.is_due(answer.now):
        return expire(proposal, answer.now, connection)
    values: dict[str, Any] = {
        "decided_at": answer.now,
        "decided_by": answer.approver,
        "decided_via": answer.via,
        "settled_at": answer.now,
    }
    proposals.move(connection, proposal.id, come_from=("waiting",), to="rejected", **values)
    facts = {"approver": answer.approver, "via": answer.via}
    audit.append(connection, ("rejected", facts), at=answer.now, proposal_id=proposal.id)
    return Taken(replace(proposal, state="rejected", **values))


def cancel(proposal_id: str, answer: Answer, connection: Connection) -> Taken:
    """Withdraw what still waits; the one who proposed it asks, and nobody's yes is needed. Raises GateError."""
    proposal = _mine(proposal_id, answer, connection)
    if proposal.state == "canceled":
        return Taken(proposal)
    if proposal.state != "waiting":
        return Taken(proposal, refused=too_late(proposal, "canceled"))
    if proposal.is_due(answer.now):
        return expire(proposal, answer.now, connection)
    values: dict[str, Any] = {"settled_at": answer.now}
    proposals.move(connection, proposal.id, come_from=("waiting",), to="canceled", **values)
    audit.append(connection, ("canceled", {"principal": answer.approver}), at=answer.now, proposal_id=proposal.id)
    return Taken(replace(proposal, state="canceled", **values))


def _mine(proposal_id: str, answer: Answer, connection: Connection) -> Proposal:
    found = proposals.find(connection, proposal_id, principal=answer.principal, account=None, mode=answer.mode)
    if found is None:
        raise GateError(
            "There is no such proposal of yours here.",
            code="proposal_not_found",
            next_step="`paydesk proposals` or list_proposals shows those that wait.",
        )
    return found


def _not_waiting(proposal: Proposal) -> Taken:
    if proposal.state in {"rejected", "expired", "canceled", "stale"}:
        return Taken(proposal, refused=too_late(proposal, "approved"))
    return Taken(proposal)
