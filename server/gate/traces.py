"""How a write can be found again at Stripe: by the mark it left in metadata, or by the state its object is in.

What is created carries `metadata[paydesk_proposal]`, what is changed `metadata[paydesk_update]`: a later change must
not wipe out the mark by which a creation is found. A change whose own mark was wiped out still stands in the account's
events, each of which names the idempotency key of the request that caused it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from paydesk.server.errors import StripeNotFound
from paydesk.server.limits import TRACE_MOST, TRACE_SKEW_S
from paydesk.skills.base import Json, StripeReader, StripeRequest

MARK = "paydesk_proposal"
UPDATE_MARK = "paydesk_update"

# Creations whose objects keep metadata, and the parameters of the write by which their list may be narrowed. Webhook
# endpoints are not among them: only the answer tells their secret, so it is asked for again rather than looked for.
_CREATES: Mapping[str, tuple[str, ...]] = {
    "/v1/customers": (),
    "/v1/refunds": ("payment_intent", "charge"),
    "/v1/payment_intents": ("customer",),
    "/v1/subscriptions": ("customer",),
    "/v1/products": (),
    "/v1/prices": ("product",),
    "/v1/invoices": ("customer",),
    "/v1/invoiceitems": ("customer",),
    "/v1/payment_links": (),
    "/v1/coupons": (),
    "/v1/payouts": (),
    "/v1/tax_rates": (),
    "/v1/quotes": ("customer",),
    "/v1/credit_notes": ("invoice",),
}
# Lists that leave out what has ended, unless they are asked for it.
_EVERYTHING: Mapping[str, Json] = {"/v1/subscriptions": {"status": "all"}}
_NOT_BY_TIME = {"/v1/payment_links"}

_KEEPS_METADATA = re.compile(
    r"/v1/(customers|payment_intents|charges|refunds|subscriptions|products|prices|invoices|invoiceitems|disputes"
    r"|payment_links|coupons)/[^/]+"
)

# The event that every change of such an object brings; our changes always change something, the mark.
_CHANGED: Mapping[str, str] = {
    "customers": "customer.updated",
    "subscriptions": "customer.subscription.updated",
    "products": "product.updated",
    "prices": "price.updated",
}


class _State(NamedTuple):
    """Where the object is read again, and whether its state shows that it happened (None: that cannot be said)."""

    method: str
    path: re.Pattern[str]
    shows: Callable[[Json], bool | None]


def _by_status(*, done: tuple[str, ...], not_done: tuple[str, ...]) -> Callable[[Json], bool | None]:
    def shows(found: Json) -> bool | None:
        status = found.get("status")
        return True if status in done else False if status in not_done else None

    return shows


def _deleted(found: Json) -> bool | None:
    return bool(found.get("deleted"))


# What these do can be done once only, so the state of the object tells. Statuses are those of Stripe's reference.
_STATES = (
    _State(
        "POST",
        re.compile(r"(/v1/payment_intents/[^/]+)/capture"),
        _by_status(done=("succeeded",), not_done=("requires_capture", "canceled")),
    ),
    _State(
        "POST",
        re.compile(r"(/v1/payment_intents/[^/]+)/cancel"),
        _by_status(done=("canceled",), not_done=("requires_capture", "requires_payment_method", "succeeded")),
    ),
    _State(
        "POST",
        re.compile(r"(/v1/payment_intents/[^/]+)/confirm"),
        _by_status(done=("succeeded", "processing", "requires_capture"), not_done=("requires_confirmation",)),
    ),
    _State(
        "POST",
        re.compile(r"(/v1/subscriptions/[^/]+)/resume"),
        _by_status(done=("active",), not_done=("paused",)),
    ),
    _State(
        "POST",
        re.compile(r"(/v1/invoices/[^/]+)/finalize"),
        _by_status(done=("open", "paid", "uncollectible", "void"), not_done=("draft",)),
    ),
    _State("POST", re.compile(r"(/v1/invoices/[^/]+)/pay"), _by_status(done=("paid",), not_done=("open",))),
    _State("POST", re.compile(r"(/v1/invoices/[^/]+)/void"), _by_status(done=("void",), not_done=("open", "paid"))),
    _State(
        "POST",
        re.compile(r"(/v1/invoices/[^/]+)/mark_uncollectible"),
        _by_status(done=("uncollectible",), not_done=("open",)),
    ),
    _State(
        "POST",
        re.compile(r"(/v1/quotes/[^/]+)/finalize"),
        _by_status(done=("open", "accepted", "canceled"), not_done=("draft",)),
    ),
    _State(
        "POST", re.compile(r"(/v1/quotes/[^/]+)/accept"), _by_status(done=("accepted",), not_done=("open", "canceled"))
    ),
    _State(
        "POST",
        re.compile(r"(/v1/disputes/[^/]+)/close"),
        _by_status(done=("lost", "warning_closed"), not_done=("needs_response", "warning_needs_response")),
    ),
    _State(
        "POST",
        re.compile(r"(/v1/payouts/[^/]+)/cancel"),
        _by_status(done=("canceled",), not_done=("pending", "in_transit", "paid")),
    ),
    _State(
        "DELETE",
        re.compile(r"(/v1/subscriptions/[^/]+)"),
        _by_status(done=("canceled",), not_done=("active", "trialing", "past_due", "unpaid", "paused", "incomplete")),
    ),
    _State("DELETE", re.compile(r"(/v1/[a-z_]+/[^/]+)"), _deleted),
)


def marked(request: StripeRequest, mark: str) -> StripeRequest:
    """The request with a proposal's mark in its metadata, where the resource keeps metadata; else as it was."""
    name = MARK if _creates(request) else UPDATE_MARK if _updates(request) else None
    metadata = request.params.get("metadata", {})
    if name is None or not isinstance(metadata, dict):
        return request
    return StripeRequest(request.method, request.path, {**request.params, "metadata": {**metadata, name: mark}})


def step_mark(proposal_id: str, step: int) -> str:
    """The mark of a preparation, told apart from its proposal's own."""
    return f"{proposal_id}.{step}"


def _creates(request: StripeRequest) -> bool:
    return request.method == "POST" and request.path in _CREATES


def _updates(request: StripeRequest) -> bool:
    return request.method == "POST" and _KEEPS_METADATA.fullmatch(request.path) is not None


@dataclass(frozen=True)
class Search:
    """What looking for a trace gave: the object or None, and whether its absence would prove that nothing happened."""

    found: Json | None
    complete: bool


async def find_trace(stripe: StripeReader, request: StripeRequest, mark: str, *, since: datetime | None) -> Search:
    """Look for what the request brought about. Lists are read, not searches: Stripe's search index lags behind.

    `since` is Stripe's clock when the write was taken. Raises StripeProblem where Stripe cannot be read.
    """
    if _creates(request):
        return await _find_created(stripe, request, mark, since)
    if _updates(request):
        found = await stripe.get(request.path)
        # A later change by the desk puts its own mark there, so a missing one proves nothing.
        return Search(found if (found.get("metadata") or {}).get(UPDATE_MARK) == mark else None, complete=False)
    return await _find_by_state(stripe, request)


async def find_change(stripe: StripeReader, request: StripeRequest, key: str, *, since: datetime | None) -> Search:
    """Look for a change in the events that it caused, https://docs.stripe.com/api/events/object (request).

    To be asked while Stripe still has the events since then, and once the request cannot be on its way any more. For
    requests that cause no such event the search is never complete. Raises StripeProblem.
    """
    kind = _CHANGED.get(request.path.split("/")[2]) if _updates(request) else None
    if kind is None or since is None:
        return Search(None, complete=False)
    filters = {"type": kind, "created": {"gte": int(since.timestamp()) - TRACE_SKEW_S}}
    looked_at = 0
    async for event in stripe.every("/v1/events", filters, most=TRACE_MOST):
        looked_at += 1
        if (event.get("request") or {}).get("idempotency_key") == key:
            return Search(event["data"]["object"], complete=True)
    return Search(None, complete=looked_at < TRACE_MOST)


async def _find_created(stripe: StripeReader, request: StripeRequest, mark: str, since: datetime | None) -> Search:
    filters: dict[str, Any] = {name: request.params[name] for name in _CREATES[request.path] if name in request.params}
    if since is not None and not filters and request.path not in _NOT_BY_TIME:
        filters["created"] = {"gte": int(since.timestamp()) - TRACE_SKEW_S}
    looked_at = 0
    async for item in stripe.every(request.path, filters | _EVERYTHING.get(request.path, {}), most=TRACE_MOST):
        looked_at += 1
        if (item.get("metadata") or {}).get(MARK) == mark:
            return Search(item, complete=True)
    return Search(None, complete=looked_at < TRACE_MOST)


async def _find_by_state(stripe: StripeReader, request: StripeRequest) -> Search:
    for one in _STATES:
        match = one.path.fullmatch(request.path) if one.method == request.method else None
        if match is None:
            continue
        try:
            found = await stripe.get(match[1])
        except StripeNotFound:
            # Some kinds are simply not there any more once they are deleted.
            gone = request.method == "DELETE" and one.shows is _deleted
            return Search({"id": match[1].rpartition("/")[2], "deleted": True} if gone else None, complete=False)
        shows = one.shows(found)
        return Search(found if shows else None, complete=shows is False)
    return Search(None, complete=False)
