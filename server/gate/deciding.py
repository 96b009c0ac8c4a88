"""A person's answer, and the taking of an approved write: each in one transaction, each with one winner."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from paydesk.server.errors import GateError, PaydeskError
from paydesk.server.gate import audit, leases, proposals, words
from paydesk.server.gate.policy import WAY_OF, Way
from paydesk.server.gate.proposals import Proposal, key_for
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


@dataclass(frozen=True)
class Taken:
    """The proposal after the decision; `ours` only for the one caller that now has to send it."""

    proposal: Proposal
    ours: bool = False
    refused: GateError | None = None


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
        return _expired(proposal, answer.now, connection)
    if answer.way not in proposal.demand.ways:
        raise GateError(
            "This write may not be approved from inside the client.",
            code="out_of_band_only",
            next_step=f"A person runs `{words.how_to_approve(proposal)}`.",
        )
    if what := _altered(proposal, connection):
        return _refuse_altered(proposal, what, answer.now, connection)
    decided: dict[str, Any] = {"decided_at": answer.now, "decided_by": answer.approver, "decided_via": answer.via}
    facts: dict[str, audit.Fact] = {"approver": answer.approver, "via": answer.via, "shown_hash": proposal.shown_hash}
    return _take(proposal, decided, ("approved", facts), now=answer.now, stripe_now=answer.stripe_now, on=connection)


def _take(
    proposal: Proposal,
    decided: dict[str, Any],
    *events: tuple[str, Mapping[str, audit.Fact]],
    now: datetime,
    stripe_now: datetime | None,
    on: Connection,
) -> Taken:
    """Take a write for sending. Its key was stored with the proposal, long before this commit."""
    values = {
        **decided,
        "taken_at": now,
        "taken_at_stripe": stripe_now,
        "lease_owner": leases.new_owner(),
        "lease_until": leases.lease_until(now),
        "tries": proposal.tries + 1,
    }
    if not proposals.move(on, proposal.id, come_from=(proposal.state,), to="sending", **values):
        raise RuntimeError("a write transaction is not exclusive")
    facts = {"idempotency_key": proposal.idempotency_key, "request_hash": proposal.request_hash}
    audit.append(on, *events, ("sending", facts), at=now, proposal_id=proposal.id)
    return Taken(replace(proposal, state="sending", **values), ours=True)


def reject(proposal_id: str, answer: Answer, connection: Connection) -> Taken:
    """Record the no. A second no changes nothing; after a yes it is too late. Raises GateError."""
    proposal = _mine(proposal_id, answer, connection)
    if proposal.state == "rejected":
        return Taken(proposal)
    if proposal.state != "waiting":
        return Taken(proposal, refused=_too_late(proposal, "rejected"))
    if proposal.is_due(answer.now):
        return _expired(proposal, answer.now, connection)
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
    if proposal.state in {"rejected", "expired"}:
        return Taken(proposal, refused=_too_late(proposal, "approved"))
    return Taken(proposal)


def _too_late(proposal: Proposal, wanted: str) -> GateError:
    told = {
        "rejected": "A person already rejected this proposal; nothing was sent.",
        "expired": "This proposal expired before anybody approved it; nothing was sent.",
        "succeeded": "This write was already made.",
        "failed": "This write was already tried, and refused.",
    }
    return GateError(
        told.get(proposal.state, "This write was already approved and is on its way."),
        code=f"proposal_{proposal.state}",
        next_step=(
            "Propose it again if it is still wanted."
            if wanted == "approved"
            else f"It can no longer be {wanted}; look at it with get_proposal."
        ),
    )


def _expired(proposal: Proposal, now: datetime, connection: Connection) -> Taken:
    proposals.move(connection, proposal.id, come_from=("waiting", "approved"), to="expired", settled_at=now)
    audit.append(connection, ("expired", {}), at=now, proposal_id=proposal.id)
    expired = replace(proposal, state="expired", settled_at=now)
    return Taken(expired, refused=_too_late(expired, "approved"))


def _altered(proposal: Proposal, connection: Connection) -> str | None:
    """Which part of the row is no longer what was proposed, or None. The audit log remembers it."""
    events = audit.history(connection, proposal.id)
    if not events or {event for event, _ in events} - {"proposed", "approved"}:
        return "state"  # a row set back to waiting would be sent a second time
    told = events[0][1]
    if not proposal.request.hash() == proposal.request_hash == told.get("request_hash"):
        return "request"
    if not words.shown_hash(proposal) == proposal.shown_hash == told.get("shown_hash"):
        return "question"
    if proposal.idempotency_key != key_for(proposal.id, proposal.request_hash):
        return "key"
    bound = {name: getattr(proposal, name) for name in ("principal", "skill", "account", "mode")}
    bound["ways"] = ",".join(sorted(proposal.demand.ways))
    bound["expires_at"] = proposal.expires_at.isoformat()
    return next((name for name, value in bound.items() if told.get(name) != value), None)


def _refuse_altered(proposal: Proposal, what: str, now: datetime, connection: Connection) -> Taken:
    error = PaydeskError(
        "The stored proposal is not what was proposed, so it was not sent.",
        code="proposal_altered",
        next_step="Find out who can write to the desk's database, then propose it again.",
    )
    values: dict[str, Any] = {"settled_at": now, "error": error.as_dict()}
    proposals.move(connection, proposal.id, come_from=("waiting", "approved"), to="failed", **values)
    audit.append(connection, ("altered", {"part": what}), at=now, proposal_id=proposal.id)
    refused = GateError(error.message, code=error.code, next_step=error.next_step)
    return Taken(replace(proposal, state="failed", **values), refused=refused)


def take_left_behind(seen: Proposal, now: datetime, stripe_now: datetime, connection: Connection) -> Taken:
    """Take a write that was approved and never sent, if it is still as proposed and its time is not over."""
    current = proposals.find(connection, seen.id, principal=None, account=None, mode=seen.mode)
    if current is None or current.state != "approved":
        return Taken(current or seen)
    if current.is_due(now):
        return _expired(current, now, connection)
    if what := _altered(current, connection):
        return _refuse_altered(current, what, now, connection)
    return _take(current, {}, now=now, stripe_now=stripe_now, on=connection)
