"""Every kind of write can be found again: by its mark, or by the state of what it was about."""

from typing import Any

import pytest

from paydesk.server.gate.traces import find_trace, marked
from paydesk.skills.base import Plan, StripeRequest

Booth = Any


@pytest.mark.parametrize(
    ("method", "path", "found", "verdict"),
    [
        ("POST", "/v1/payment_intents/pi_9/capture", {"status": "succeeded"}, "happened"),
        ("POST", "/v1/payment_intents/pi_9/capture", {"status": "requires_capture"}, "did not"),
        ("POST", "/v1/payment_intents/pi_9/cancel", {"status": "canceled"}, "happened"),
        ("POST", "/v1/payment_intents/pi_9/cancel", {"status": "requires_capture"}, "did not"),
        ("POST", "/v1/payment_intents/pi_9/cancel", {"status": "of the future"}, "open"),
        ("POST", "/v1/subscriptions/sub_9/resume", {"status": "active"}, "happened"),
        ("POST", "/v1/subscriptions/sub_9/resume", {"status": "paused"}, "did not"),
        ("DELETE", "/v1/subscriptions/sub_9", {"status": "canceled"}, "happened"),
        ("DELETE", "/v1/subscriptions/sub_9", {"status": "active"}, "did not"),
        ("DELETE", "/v1/customers/cus_9", {"deleted": True}, "happened"),
        ("DELETE", "/v1/customers/cus_9", {"name": "Zoë"}, "did not"),
        ("POST", "/v1/invoices/in_9/finalize", {"status": "open"}, "happened"),
        ("POST", "/v1/invoices/in_9/void", {"status": "open"}, "did not"),
        ("POST", "/v1/customers/cus_9", {"metadata": {"paydesk_update": "prop_1"}}, "happened"),
        ("POST", "/v1/customers/cus_9", {"metadata": {"paydesk_update": "prop_2"}}, "open"),
        ("POST", "/v1/unknown/x/y", {}, "open"),
    ],
)
async def test_the_state_of_the_object_tells(booth: Booth, method: Any, path: str, found: Any, verdict: str) -> None:
    """Stripe: these statuses are those of its reference; ours: what no status tells stays open."""
    booth.stripe.objects["/".join(path.split("/")[:4])] = {"id": "x", **found}
    search = await find_trace(booth.door, StripeRequest(method, path), "prop_1", since=None)
    assert ("happened" if search.found else "did not" if search.complete else "open") == verdict


def test_a_change_does_not_wipe_out_the_mark_of_a_creation() -> None:
    """Ours: a customer that was created by one proposal and changed by another is still found for the first."""
    created = marked(StripeRequest("POST", "/v1/customers", {"name": "Zoë"}), "prop_1")
    changed = marked(StripeRequest("POST", "/v1/customers/cus_1", {"name": "Zoe"}), "prop_2")
    assert created.params["metadata"].keys() & changed.params["metadata"].keys() == set()


def _deletion(booth: Booth) -> Plan[Any]:
    return Plan(says="Cancel sub_9", request=StripeRequest("DELETE", "/v1/subscriptions/sub_9"))


async def test_a_delete_whose_answer_is_lost_is_never_sent_again(booth: Booth) -> None:
    """Stripe: keys mean nothing for DELETE, so the state of the object decides."""
    booth.stripe.objects["/v1/subscriptions/sub_9"] = {"id": "sub_9", "status": "active"}
    waiting = await booth.propose_plan(_deletion(booth))
    booth.stripe.faults = ["drop_before"]
    assert (await booth.approve(waiting.proposal_id)).state == "unknown"
    booth.clock.forward(minutes=5)
    [still] = await booth.gate.recover()
    assert still.state == "unknown"
    booth.clock.forward(minutes=6)
    [ended] = await booth.gate.recover()
    assert ended.state == "failed"
    assert len(booth.stripe.sent) == 1


async def test_a_delete_that_happened_is_seen_by_its_effect(booth: Booth) -> None:
    """Ours: done is done, whoever's answer was lost."""
    booth.stripe.objects["/v1/subscriptions/sub_9"] = {"id": "sub_9", "status": "canceled"}
    waiting = await booth.propose_plan(_deletion(booth))
    booth.stripe.faults = ["drop_after"]
    assert (await booth.approve(waiting.proposal_id)).state == "succeeded"
    assert len(booth.stripe.sent) == 1
