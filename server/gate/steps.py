"""The requests of one proposal in their order: what is prepared first, then the write itself.

Every step has a key and a mark of its own, made from the proposal's. What a preparation made is journaled before the
next request leaves, so that whoever goes on after a crash sends the same requests and no other.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from paydesk.server.gate import audit
from paydesk.server.gate.proposals import Proposal, key_for
from paydesk.server.gate.traces import step_mark
from paydesk.server.store.schema import preparations
from paydesk.skills.base import Json, Prepared, StripeRequest


@dataclass(frozen=True)
class Step:
    """One request as it is sent, its key and its mark; `number` counts the proposal's steps from 0."""

    number: int
    request: StripeRequest
    key: str
    mark: str


def step(proposal: Proposal, answers: list[Json]) -> Step:
    """The step that comes after those whose answers are given. Raises LookupError where it needs what they lack."""
    number = len(answers)
    if number == len(proposal.prepares):
        return Step(number, proposal.request.resolved(answers), proposal.idempotency_key, proposal.id)
    request = proposal.prepares[number].resolved(answers)
    return Step(number, request, step_key(proposal, number), step_mark(proposal.id, number))


def step_key(proposal: Proposal, number: int) -> str:
    """The idempotency key of one preparation."""
    return key_for(step_mark(proposal.id, number), proposal.request_hash)


def journal_steps(proposal: Proposal, connection: Connection) -> None:
    """Store the keys of all preparations, in the transaction that takes the write."""
    rows = [
        {"proposal_id": proposal.id, "step": number, "idempotency_key": step_key(proposal, number)}
        for number in range(len(proposal.prepares))
    ]
    if rows:
        connection.execute(insert(preparations), rows)


def answers_of(proposal_id: str, connection: Connection) -> list[Json]:
    """What the preparations that are done made, in order: of each answer what later steps need."""
    columns = preparations.c
    query = select(columns.answer).where(columns.proposal_id == proposal_id).order_by(columns.step)
    found: list[Json] = []
    for answer in connection.execute(query).scalars():
        if answer is None:
            break
        found.append(answer)
    return found


def keep_answer(proposal: Proposal, done: Step, answer: Json, now: datetime, connection: Connection) -> Json:
    """Journal what a preparation made, and return what of it later steps need."""
    kept = {name: answer[name] for name in sorted(_needed(proposal, done.number) | {"id"}) if name in answer}
    answer_id = str(answer["id"])[:255] if answer.get("id") else None
    where = (preparations.c.proposal_id == proposal.id, preparations.c.step == done.number)
    still_open = preparations.c.answer.is_(None)
    changed = connection.execute(
        update(preparations).where(*where, still_open).values(answer=kept, answer_id=answer_id)
    )
    if changed.rowcount == 1:
        facts: dict[str, audit.Fact] = {"step": done.number, "answer_id": answer_id, "idempotency_key": done.key}
        facts["answer_hash"] = audit.digest(audit.canonical(kept))
        audit.append(connection, ("prepared", facts), at=now, proposal_id=proposal.id)
        return kept
    stored: Json = connection.execute(select(preparations.c.answer).where(*where)).scalar_one()
    return stored


def are_as_prepared(proposal: Proposal, connection: Connection) -> bool:
    """Whether the journaled answers are those that the audit log remembers."""
    if not proposal.prepares:
        return True
    told = [facts["answer_hash"] for event, facts in audit.history(connection, proposal.id) if event == "prepared"]
    return told == [audit.digest(audit.canonical(answer)) for answer in answers_of(proposal.id, connection)]


def _needed(proposal: Proposal, number: int) -> set[str]:
    later = (*proposal.prepares[number + 1 :], proposal.request)
    return {found.field for one in later for found in _references(one.params) if found.step == number}


def _references(value: Any) -> list[Prepared]:
    if isinstance(value, Prepared):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [found for item in inner for found in _references(item)]
