"""Writes down what became of a write that was sent. Proof that it happened always wins."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from paydesk.server.gate import audit, proposals
from paydesk.server.gate.proposals import Proposal
from paydesk.server.gate.sending import Settlement, read_answer
from paydesk.skills.base import ProposalState, Skill


def settled(proposal: Proposal, settlement: Settlement, skill: Skill | None, now: datetime) -> Proposal:
    """The proposal as it is to be stored."""
    values: dict[str, Any] = {"state": settlement.state, "lease_owner": None, "lease_until": None}
    if settlement.state == "unknown":
        return replace(proposal, **values, error=settlement.error)
    values["settled_at"] = now
    if settlement.state == "failed":
        return replace(proposal, **values, error=settlement.error)
    answer = settlement.answer or {}
    read = read_answer(skill, answer)
    values |= {"result": read.result, "done_says": read.says, "error": None}
    values["answer_id"] = str(answer["id"])[:255] if answer.get("id") else None
    back = read.opposite or proposal.opposite
    values["undo_call"] = asdict(back) if back else None
    return replace(proposal, **values)


_STORED = ("lease_owner", "lease_until", "settled_at", "result", "done_says", "answer_id", "error", "undo_call")


def settle(proposal: Proposal, end: Proposal, now: datetime, connection: Connection) -> Proposal:
    """Store `end` as what became of `proposal`, and return what the journal now says.

    A success is stored whoever held the row, even over a failure. Anything else only by the holder of the lease: who
    lost it may know less than the one who took over.
    """
    come_from: list[ProposalState] = ["sending", "unknown"]
    held_by = proposal.lease_owner
    if end.state == "succeeded":
        come_from, held_by = [*come_from, "failed"], None
    values = {name: getattr(end, name) for name in _STORED}
    if not proposals.move(connection, end.id, come_from=come_from, to=end.state, held_by=held_by, **values):
        stored = proposals.find(connection, end.id, principal=None, account=None, mode=end.mode)
        return stored or end
    if end.state != proposal.state:
        audit.append(connection, (end.state, _facts(end)), at=now, proposal_id=end.id)
    return end


def _facts(end: Proposal) -> dict[str, audit.Fact]:
    error = end.error or {}
    told = {name: error.get(name) for name in ("code", "stripe_code", "http_status", "request_id")}
    return {"answer_id": end.answer_id, **told}
