"""A request whose path names what a preparation made: shown, sent to the right object, and found again."""

from typing import Any

import pytest

from paydesk.server.gate.traces import find_trace, marked
from paydesk.skills.base import Prepared, StripeRequest

Booth = Any
FINALIZE = StripeRequest("POST", f"/v1/invoices/{Prepared(0).in_path()}/finalize")


def test_a_path_is_completed_by_the_id_that_was_made_and_by_nothing_else() -> None:
    """Ours: an answer that is no id would lead elsewhere, so it leads nowhere."""
    assert FINALIZE.path == "/v1/invoices/<id from step 1>/finalize"
    assert FINALIZE.resolved([{"id": "in_1"}]).path == "/v1/invoices/in_1/finalize"
    assert StripeRequest.from_canonical(FINALIZE.canonical()) == FINALIZE
    for answer in ({"id": "in_1/../../refunds"}, {"id": ""}, {"id": None}, {}, {"id": "in_1?x=1"}):
        with pytest.raises(LookupError):
            FINALIZE.resolved([answer])
    with pytest.raises(LookupError):
        FINALIZE.resolved([])


@pytest.mark.parametrize(
    ("path", "found", "verdict"),
    [
        ("/v1/quotes/qt_9/finalize", {"status": "open"}, "happened"),
        ("/v1/quotes/qt_9/finalize", {"status": "draft"}, "did not"),
        ("/v1/quotes/qt_9/accept", {"status": "accepted"}, "happened"),
        ("/v1/quotes/qt_9/accept", {"status": "open"}, "did not"),
        ("/v1/disputes/du_9/close", {"status": "lost"}, "happened"),
        ("/v1/disputes/du_9/close", {"status": "needs_response"}, "did not"),
        ("/v1/payouts/po_9/cancel", {"status": "canceled"}, "happened"),
        ("/v1/payouts/po_9/cancel", {"status": "pending"}, "did not"),
        ("/v1/invoices/in_9/send", {"status": "open"}, "open"),
    ],
)
async def test_the_state_of_a_paper_tells_whether_it_happened(
    booth: Booth, path: str, found: Any, verdict: str
) -> None:
    """Stripe: the statuses of its reference; that an invoice was mailed no status tells."""
    booth.stripe.objects["/".join(path.split("/")[:4])] = {"id": "x", **found}
    search = await find_trace(booth.door, StripeRequest("POST", path), "prop_1", since=None)
    assert ("happened" if search.found else "did not" if search.complete else "open") == verdict


@pytest.mark.parametrize("path", ["/v1/payouts", "/v1/tax_rates", "/v1/quotes", "/v1/credit_notes"])
def test_what_is_created_carries_its_mark(path: str) -> None:
    """Ours: a payout whose answer was lost is found by it, not sent again."""
    assert marked(StripeRequest("POST", path, {"x": 1}), "prop_1").params["metadata"] == {"paydesk_proposal": "prop_1"}
