"""The mark that a write leaves at Stripe, by which it can be found again: `metadata[paydesk_proposal]`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from paydesk.server.limits import TRACE_MOST, TRACE_SKEW_S
from paydesk.skills.base import Json, StripeReader, StripeRequest

MARK = "paydesk_proposal"

# Creations whose objects keep metadata, and the parameters of the write by which their list may be narrowed.
_CREATES: Mapping[str, tuple[str, ...]] = {
    "/v1/customers": (),
    "/v1/refunds": ("payment_intent", "charge"),
}


def marked(request: StripeRequest, proposal_id: str) -> StripeRequest:
    """The request with the proposal's mark in its metadata, where the resource keeps metadata; else as it was."""
    if not leaves_trace(request):
        return request
    metadata = {**request.params.get("metadata", {}), MARK: proposal_id}
    return StripeRequest(request.method, request.path, {**request.params, "metadata": metadata})


def step_mark(proposal_id: str, step: int) -> str:
    """The mark of a preparation, told apart from its proposal's own."""
    return f"{proposal_id}.{step}"


def leaves_trace(request: StripeRequest) -> bool:
    """Whether what this request brings about can be found by its mark."""
    return request.method == "POST" and request.path in _CREATES


@dataclass(frozen=True)
class Search:
    """What looking for a trace gave: the object or None, and whether everything was looked at."""

    found: Json | None
    complete: bool


async def find_trace(
    stripe: StripeReader, request: StripeRequest, proposal_id: str, *, since: datetime | None
) -> Search:
    """Look for what the request brought about. Lists are read, not searches: Stripe's search index lags behind.

    `since` is Stripe's clock when the write was taken. Raises StripeProblem where Stripe cannot be read.
    """
    if not leaves_trace(request):
        return Search(None, complete=False)
    filters: dict[str, Any] = {name: request.params[name] for name in _CREATES[request.path] if name in request.params}
    if since is not None and not filters:
        filters["created"] = {"gte": int(since.timestamp()) - TRACE_SKEW_S}
    looked_at = 0
    async for item in stripe.every(request.path, filters, most=TRACE_MOST):
        looked_at += 1
        if (item.get("metadata") or {}).get(MARK) == proposal_id:
            return Search(item, complete=True)
    return Search(None, complete=looked_at < TRACE_MOST)
