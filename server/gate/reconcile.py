"""Finds out what became of a write whose answer was lost. It never sends blind.

1. Look for the mark `metadata[paydesk_proposal]`: found, it happened.
2. While Stripe surely keeps the key (https://docs.stripe.com/api/idempotent_requests: at least 24 hours), send the
   same request under the same key: Stripe answers as it did, or does it now for the first time.
3. Later a resend could do it twice. Nothing is sent; no mark in a list read to its end means that it did not happen.
   Where a resource keeps no mark, it stays unknown, and a person has to look.
"""

from datetime import datetime

from paydesk.server.errors import StripeProblem, StripeRefused
from paydesk.server.gate.proposals import Proposal
from paydesk.server.gate.sending import Settlement, WritingDoor, not_found_error, send
from paydesk.server.gate.traces import Search, find_trace
from paydesk.server.limits import CLOCK_SKEW_S, IDEMPOTENCY_KEPT_S, RESEND_MARGIN_S


async def reconcile(door: WritingDoor, proposal: Proposal, now: datetime) -> Settlement:
    """Ask Stripe once what became of it; `unknown` again where that cannot be said yet."""
    try:
        search = await find_trace(door, proposal.request, proposal.id, since=proposal.taken_at_stripe)
    except StripeProblem as problem:
        if not isinstance(problem, StripeRefused):
            return Settlement("unknown", error=problem.as_dict(), silent=True)
        search = Search(None, complete=False)
    if search.found is not None:
        return Settlement("succeeded", answer=search.found)
    if key_is_kept(proposal, now):
        return await send(door, proposal, resend=True)
    if search.complete and _is_long_ago(proposal, now):
        return Settlement("failed", error=not_found_error())
    return Settlement("unknown", error=proposal.error)


async def after_rate_limit(door: WritingDoor, proposal: Proposal, refusal: Settlement) -> Settlement:
    """Whether a write that ended in 429 really did not happen.

    The way to Stripe repeats by itself: a first try may have lost its answer before a later one met the rate limit.
    """
    try:
        search = await find_trace(door, proposal.request, proposal.id, since=proposal.taken_at_stripe)
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


def _is_long_ago(proposal: Proposal, now: datetime) -> bool:
    # No request lives for a day, so what is not there by then is not on its way either.
    return _age_s(proposal, now) >= IDEMPOTENCY_KEPT_S
