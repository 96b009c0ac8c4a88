"""Finds out what became of a write whose answer was lost. It never sends blind.

1. Look for its trace: its mark in metadata, or the state of the object it was about. Found, it happened.
2. While Stripe surely keeps the key (https://docs.stripe.com/api/idempotent_requests: at least 24 hours), send the
   same request under the same key: Stripe answers as it did, or does it now for the first time. A DELETE has no key
   (https://docs.stripe.com/api/idempotent_requests), so it is never sent again.
3. Later a resend could do it twice, and nothing is sent. A change is then looked for in the events too, by its key: its
   mark may have been wiped out. No trace where one would have to be means that it did not happen.
   Where nothing would show it, it stays unknown, and a person has to look.
"""

from datetime import datetime

from paydesk.server.errors import StripeProblem, StripeRefused
from paydesk.server.gate.proposals import Proposal
from paydesk.server.gate.sending import Settlement, WritingDoor, not_found_error, send
from paydesk.server.gate.steps import Step
from paydesk.server.gate.traces import Search, find_change, find_trace
from paydesk.server.limits import CLOCK_SKEW_S, DELETE_SETTLED_S, EVENTS_KEPT_S, IDEMPOTENCY_KEPT_S, RESEND_MARGIN_S


async def reconcile(door: WritingDoor, proposal: Proposal, step: Step, now: datetime) -> Settlement:
    """Ask Stripe once what became of a step; `unknown` again where that cannot be said yet."""
    try:
        search = await find_trace(door, step.request, step.mark, since=proposal.taken_at_stripe)
    except StripeProblem as problem:
        if not isinstance(problem, StripeRefused):
            return Settlement("unknown", error=problem.as_dict(), silent=True)
        search = Search(None, complete=False)
    if search.found is not None:
        return Settlement("succeeded", answer=search.found)
    has_key = step.request.method == "POST"
    if has_key and key_is_kept(proposal, now):
        return await send(door, step, resend=True)
    if has_key and not search.complete and IDEMPOTENCY_KEPT_S <= _age_s(proposal, now) < EVENTS_KEPT_S:
        search = await _in_the_events(door, proposal, step)
        if search.found is not None:
            return Settlement("succeeded", answer=search.found)
    settled_after_s = IDEMPOTENCY_KEPT_S if has_key else DELETE_SETTLED_S
    if search.complete and _age_s(proposal, now) >= settled_after_s:
        return Settlement("failed", error=not_found_error())
    return Settlement("unknown", error=proposal.error)


async def _in_the_events(door: WritingDoor, proposal: Proposal, step: Step) -> Search:
    try:
        return await find_change(door, step.request, step.key, since=proposal.taken_at_stripe)
    except StripeProblem:  # also a restricted key that may not read events
        return Search(None, complete=False)


async def after_rate_limit(door: WritingDoor, proposal: Proposal, step: Step, refusal: Settlement) -> Settlement:
    """Whether a write that ended in 429 really did not happen.

    The way to Stripe repeats by itself: a first try may have lost its answer before a later one met the rate limit.
    """
    try:
        search = await find_trace(door, step.request, step.mark, since=proposal.taken_at_stripe)
    except StripeProblem:
        return Settlement("unknown", error=refusal.error, silent=True)
    if search.found is not None:
        return Settlement("succeeded", answer=search.found)
    return refusal


def _age_s(proposal: Proposal, now: datetime) -> float:
    taken_at = proposal.taken_at or proposal.created_at
    return (now - taken_at).total_seconds()


def key_is_kept(proposal: Proposal, now: datetime) -> bool:
    """Whether Stripe surely still knows the key. A clock that ran back makes the age worthless, so then: no."""
    return -CLOCK_SKEW_S <= _age_s(proposal, now) < IDEMPOTENCY_KEPT_S - RESEND_MARGIN_S
