"""Makes a proposal out of a plan: binds it to everything that must not change before it is sent."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from paydesk.server.gate import words
from paydesk.server.gate.policy import Demand
from paydesk.server.gate.proposal_ids import new_proposal_id
from paydesk.server.gate.proposals import Proposal, key_for
from paydesk.server.gate.traces import marked, step_mark
from paydesk.server.limits import OUT_OF_BAND_TTL_S, PROPOSAL_TTL_S
from paydesk.skills.base import Json, Mode, Plan, Skill, requests_hash


def draft(
    skill: Skill,
    plan: Plan[Any],
    *,
    principal: str,
    account: str,
    mode: Mode,
    demand: Demand,
    client_asks: bool,
    now: datetime,
    arguments: Json | None = None,
) -> Proposal:
    """A proposal with a fresh id, not stored yet; a person outside of the chat gets the longer time."""
    proposal_id = new_proposal_id()
    request = marked(plan.request, proposal_id)
    prepares = tuple(marked(one, step_mark(proposal_id, step)) for step, one in enumerate(plan.prepares))
    bound = requests_hash(prepares, request)
    in_chat = client_asks and not demand.only_out_of_band
    proposal = Proposal(
        id=proposal_id,
        state="waiting",
        skill=skill.name,
        effect=skill.effect,
        principal=principal,
        account=account,
        mode=mode,
        plan_hash=plan.hash(),
        request=request,
        request_hash=bound,
        idempotency_key=key_for(proposal_id, bound),
        says=plan.says,
        details=plan.details,
        warnings=plan.warnings,
        undo=plan.undo,
        moves=plan.moves,
        shown_hash="",
        demand=demand,
        relies_on=plan.relies_on,
        created_at=now,
        expires_at=now + timedelta(seconds=PROPOSAL_TTL_S if in_chat else OUT_OF_BAND_TTL_S),
        arguments=arguments,
        prepares=prepares,
        customer=customer_of(plan),
        opposite=plan.opposite,
    )
    return with_warnings(proposal, ())


def customer_of(plan: Plan[Any]) -> str | None:
    """The customer (cus_) that a plan concerns, where it says so."""
    named = plan.customer or plan.request.params.get("customer")
    return str(named)[:64] if isinstance(named, str) else None


def with_warnings(proposal: Proposal, more: tuple[str, ...]) -> Proposal:
    """The draft with further warnings, and bound to the text that is now shown."""
    longer = replace(proposal, warnings=(*proposal.warnings, *more))
    return replace(longer, shown_hash=words.shown_hash(longer))
