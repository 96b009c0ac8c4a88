"""Who has said yes where two people have to: a row a person, believed only where the audit log tells the same."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from paydesk.server.gate import audit
from paydesk.server.gate.pins import person_of
from paydesk.server.gate.proposals import Proposal
from paydesk.server.store.schema import approvals


def add_approval(proposal: Proposal, approver: str, via: str, now: datetime, connection: Connection) -> set[str]:
    """Record a yes, and return everybody who has given one, this person included; the same one twice is one."""
    column, person = approvals.c, person_of(approver)
    query = select(column.person).where(column.proposal_id == proposal.id)
    rows = set(connection.execute(query).scalars())
    if person not in rows:
        values = {"proposal_id": proposal.id, "person": person, "approver": approver[:255], "via": via}
        connection.execute(insert(approvals).values(**values, approved_at=now))
    # A row that somebody slipped into the database is no approval.
    told = {facts["person"] for event, facts in audit.history(connection, proposal.id) if event == "approved_in_part"}
    return (rows & told) | {person}
