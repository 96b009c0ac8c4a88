"""Taking an approved write for sending, and what stands in the way: time, or a row that was altered.

Each of these runs inside a write transaction, so that of all who try, one takes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from paydesk.server.errors import GateError, PaydeskError
from paydesk.server.gate import audit, leases, proposals
from paydesk.server.gate.integrity import is_what_was_sent, what_is_altered
from paydesk.server.gate.proposals import Proposal
from paydesk.server.gate.steps import journal_steps

_ALTERED = PaydeskError(
    "The stored proposal is not what was proposed, so it is not sent.",
    code="proposal_altered",
    next_step="Find out who can write to the desk's database, run `paydesk audit verify`, then propose it again.",
)


@dataclass(frozen=True)
class Taken:
    """The proposal after the decision; `ours` only for the one caller that now has to send it."""

    proposal: Proposal
    ours: bool = False
    refused: GateError | None = None
    still_needed: int = 0  # how many more people have to say yes


def take(
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
    journal_steps(proposal, on)
    facts = {"idempotency_key": proposal.idempotency_key, "request_hash": proposal.request_hash}
    audit.append(on, *events, ("sending", facts), at=now, proposal_id=proposal.id)
    return Taken(replace(proposal, state="sending", **values), ours=True)


def take_over(seen: Proposal, now: datetime, stripe_now: datetime, connection: Connection) -> Taken:
    """Claim a write that was left behind, unless somebody was faster. Sent before, it is `unknown` from then on.

    A row that is no longer what was sent is not claimed: it stays unknown, for a person to look at.
    """
    if seen.state == "approved":
        return _take_approved(seen, now, stripe_now, connection)
    if not is_what_was_sent(seen, connection):
        values: dict[str, Any] = {"error": _ALTERED.as_dict(), "lease_owner": None, "lease_until": None}
        if seen.error != values["error"] and proposals.move(
            connection, seen.id, come_from=(seen.state,), to="unknown", held_by=seen.lease_owner, **values
        ):
            audit.append(connection, ("unknown", {"code": _ALTERED.code}), at=now, proposal_id=seen.id)
        return Taken(replace(seen, state="unknown", **values))
    owner, until = leases.new_owner(), leases.lease_until(now)
    again_at = leases.look_again_at(seen, now)
    if not proposals.claim(connection, seen, owner=owner, until=until, look_again_at=again_at):
        return Taken(seen)
    if seen.state == "sending":
        audit.append(connection, ("unknown", {"code": "left_behind"}), at=now, proposal_id=seen.id)
    claimed = replace(seen, state="unknown", lease_owner=owner, lease_until=until, tries=seen.tries + 1)
    claimed = replace(claimed, look_again_at=again_at)
    return Taken(claimed, ours=True)


def _take_approved(seen: Proposal, now: datetime, stripe_now: datetime, connection: Connection) -> Taken:
    """Take a write that was approved and never sent, if it is still as proposed and its time is not over."""
    current = proposals.find(connection, seen.id, principal=None, account=None, mode=seen.mode)
    if current is None or current.state != "approved":
        return Taken(current or seen)
    if current.is_due(now):
        return expire(current, now, connection)
    if what := what_is_altered(current, connection):
        return refuse_altered(current, what, now, connection)
    return take(current, {}, now=now, stripe_now=stripe_now, on=connection)


def expire(proposal: Proposal, now: datetime, connection: Connection) -> Taken:
    """Write down that its time is over."""
    proposals.move(connection, proposal.id, come_from=("waiting", "approved"), to="expired", settled_at=now)
    audit.append(connection, ("expired", {}), at=now, proposal_id=proposal.id)
    expired = replace(proposal, state="expired", settled_at=now)
    return Taken(expired, refused=too_late(expired, "approved"))


def refuse_altered(proposal: Proposal, what: str, now: datetime, connection: Connection) -> Taken:
    """Refuse a row that is not what was proposed, and mark it as failed.

    A row whose state was set back stays as it is: it was sent before, and what came of that stands in the log.
    """
    refused = GateError(_ALTERED.message, code=_ALTERED.code, next_step=_ALTERED.next_step)
    if what == "state":
        return Taken(proposal, refused=refused)
    values: dict[str, Any] = {"settled_at": now, "error": _ALTERED.as_dict()}
    proposals.move(connection, proposal.id, come_from=("waiting", "approved"), to="failed", **values)
    audit.append(connection, ("altered", {"part": what}), at=now, proposal_id=proposal.id)
    return Taken(replace(proposal, state="failed", **values), refused=refused)


def too_late(proposal: Proposal, wanted: str) -> GateError:
    """Why a proposal can no longer be `wanted` (approved or rejected)."""
    told = {
        "rejected": "A person already rejected this proposal; nothing was sent.",
        "canceled": "This proposal was withdrawn by who made it; nothing was sent.",
        "stale": "This proposal was not sent, because the account changed since it was planned.",
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
