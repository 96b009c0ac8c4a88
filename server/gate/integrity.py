"""Whether a row of the journal is still what was proposed, or what was sent. The audit log remembers both."""

from sqlalchemy import Connection

from paydesk.server.gate import audit, words
from paydesk.server.gate.proposals import Proposal, key_for
from paydesk.server.gate.steps import are_as_prepared


def what_is_altered(proposal: Proposal, connection: Connection) -> str | None:
    """Which part of the row is no longer what was proposed, or None. The audit log remembers it."""
    events = audit.history(connection, proposal.id)
    if not events or {event for event, _ in events} - {"proposed", "approved", "approved_in_part"}:
        return "state"  # a row set back to waiting would be sent a second time
    told = events[0][1]
    if not proposal.sends_hash() == proposal.request_hash == told.get("request_hash"):
        return "request"
    if not words.shown_hash(proposal) == proposal.shown_hash == told.get("shown_hash"):
        return "question"
    if proposal.idempotency_key != key_for(proposal.id, proposal.request_hash):
        return "key"
    bound = {name: getattr(proposal, name) for name in ("principal", "skill", "account", "mode")}
    bound["ways"] = ",".join(sorted(proposal.demand.ways))
    bound["expires_at"] = proposal.expires_at.isoformat()
    # Entries of older versions do not hold these.
    bound |= {name: value for name, value in also_bound(proposal).items() if name in told}
    return next((name for name, value in bound.items() if told.get(name) != value), None)


def also_bound(proposal: Proposal) -> dict[str, str | int | None]:
    """What else a proposal is bound to: the call that made it, what its plan relied on, and from how many people."""
    return {
        "people": proposal.demand.people,
        "arguments_hash": None if proposal.arguments is None else audit.digest(audit.canonical(proposal.arguments)),
        "relies_hash": audit.digest(audit.canonical(proposal.relies_on)),
        "customer": proposal.customer,
    }


def is_what_was_sent(proposal: Proposal, connection: Connection) -> bool:
    """Whether request and key of a row are those that were written down when it was taken for sending."""
    sent = dict(audit.history(connection, proposal.id)).get("sending", {})
    return (
        proposal.sends_hash() == proposal.request_hash == sent.get("request_hash")
        and proposal.idempotency_key == sent.get("idempotency_key")
        and proposal.idempotency_key == key_for(proposal.id, proposal.request_hash)
        and are_as_prepared(proposal, connection)
    )
