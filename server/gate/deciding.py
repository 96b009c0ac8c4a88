"""A person's answer to a proposal: yes or no, each in one transaction, each with one winner."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from paydesk.server.errors import GateError
from paydesk.server.gate import audit, proposals, words
from paydesk.server.gate.approvals import add_approval
from paydesk.server.gate.caps import check_caps
from paydesk.server.gate.integrity import what_is_altered
from paydesk.server.gate.pins import has_pins, person_of
from paydesk.server.gate.policy import WAY_OF, Cap, Demand, Way
from paydesk.server.gate.proposals import Proposal
from paydesk.server.gate.taking import Taken, expire, refuse_altered, take, too_late
from paydesk.skills.base import Mode

BY_POLICY = "policy"


@dataclass(frozen=True)
class Answer:
    """Who answered, through what, to which desk, and when; `stripe_now` is Stripe's clock.

    `person_checked` is whether the approver's PIN was held against theirs. `demand` and `caps` are what the policy says
    at this moment; None for an answer that sends nothing.
    """

    approver: str
    via: str
    principal: str | None
    account: str | None
    mode: Mode
    now: datetime
    stripe_now: datetime | None = None
    person_checked: bool = False
    demand: Demand | None = None
    caps: tuple[Cap, ...] = ()

    @property
    def way(self) -> Way:
        """Inside the client or out of band. Raises GateError for a way that the gate does not know."""
        if self.via not in WAY_OF:
            raise GateError("This way of approving is not known.", code="unknown_way", next_step=", ".join(WAY_OF))
        return WAY_OF[self.via]


class Seen(NamedTuple):
    """What stands in the store when a yes comes: the row, whether it was altered, whether anybody has a PIN."""

    proposal: Proposal
    altered: bool
    has_pins: bool


def look(proposal_id: str, answer: Answer, connection: Connection) -> Seen:
    """All that is read before a yes counts, at once. Raises GateError for a proposal that this caller does not have."""
    proposal = mine(proposal_id, answer, connection)
    altered = proposal.state == "waiting" and what_is_altered(proposal, connection) is not None
    return Seen(proposal, altered, has_pins(connection))


def approve_and_take(proposal_id: str, answer: Answer, connection: Connection) -> Taken:
    """Record the yes and, where it is the last one needed, take the write for sending; both or neither.

    A refusal is returned rather than raised where something about it was written down. Raises GateError for a
    proposal that this caller does not have, that belongs to another account, or that needs another kind of yes;
    NotAllowed where it would go over a cap by now.
    """
    proposal = mine(proposal_id, answer, connection)
    must_be_of(answer.account, proposal)
    if proposal.state != "waiting":
        return _not_waiting(proposal)
    if proposal.is_due(answer.now):
        return expire(proposal, answer.now, connection)
    # The stricter of what the policy demanded then and what it demands now.
    demand = proposal.demand.and_also(answer.demand) if answer.demand else proposal.demand
    must_count(answer, demand, proposal)
    if what := what_is_altered(proposal, connection):
        return refuse_altered(proposal, what, answer.now, connection)
    check_caps(proposal, answer.caps, connection, waiting_too=False)
    facts: dict[str, audit.Fact] = {"approver": answer.approver, "via": answer.via, "shown_hash": proposal.shown_hash}
    if answer.person_checked:
        facts["pin"] = True
    people = {answer.approver}
    if demand.people > 1:
        people = add_approval(proposal, answer.approver, answer.via, answer.now, connection)
    if len(people) < demand.people:
        audit.append(
            connection,
            ("approved_in_part", facts | {"person": person_of(answer.approver)}),
            at=answer.now,
            proposal_id=proposal.id,
        )
        return Taken(proposal, still_needed=demand.people - len(people))
    decided: dict[str, Any] = {"decided_at": answer.now, "decided_by": answer.approver, "decided_via": answer.via}
    return take(proposal, decided, ("approved", facts), now=answer.now, stripe_now=answer.stripe_now, on=connection)


def must_be_of(account: str | None, proposal: Proposal) -> None:
    """Raise GateError where the proposal was made for another account."""
    if proposal.account != account:
        raise GateError(
            "This proposal was made for another Stripe account than the one this desk now speaks to.",
            code="other_account",
            next_step="Start paydesk with the key of that account, or propose it again here.",
        )


def must_count(answer: Answer, demand: Demand, proposal: Proposal) -> None:
    """Raise GateError where this kind of yes does not count for what is demanded."""
    if demand.people == 0 and answer.via == BY_POLICY:
        return
    if answer.way not in demand.ways:
        raise GateError(
            "This write may not be approved from inside the client.",
            code="out_of_band_only",
            next_step=f"A person runs `{words.how_to_approve(proposal)}`.",
        )
    if demand.people > 1 and not answer.person_checked:
        raise GateError(
            "Two different people have to approve this, and only a PIN tells people apart.",
            code="pin_needed",
            field="pin",
            next_step="Each of them sets a PIN with `paydesk pin set`, then approves with it.",
        )


def reject(proposal_id: str, answer: Answer, connection: Connection) -> Taken:
    """Record the no. A second no changes nothing; after a yes it is too late. Raises GateError."""
    proposal = mine(proposal_id, answer, connection)
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
    proposal = mine(proposal_id, answer, connection)
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


def mine(proposal_id: str, answer: Answer, connection: Connection) -> Proposal:
    """The proposal, where this caller may decide on it. Raises GateError."""
    found = proposals.find(connection, proposal_id, principal=answer.principal, account=None, mode=answer.mode)
    if found is None:
        raise GateError(
            "There is no such proposal of yours here.",
            code="proposal_not_found",
            field="proposal",
            next_step="`paydesk proposals` or list_proposals shows those that wait.",
        )
    return found


def _not_waiting(proposal: Proposal) -> Taken:
    if proposal.state in {"rejected", "expired", "canceled", "stale"}:
        return Taken(proposal, refused=too_late(proposal, "approved"))
    return Taken(proposal)
