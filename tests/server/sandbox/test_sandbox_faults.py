"""Faults on demand: what was done, what was answered, what a repetition finds."""

from typing import Any

import pytest

from paydesk.server.sandbox.faults import ConnectionDropped


def _ask(talk: Any, fault: str, key: str = "") -> Any:
    headers = {"Paydesk-Sandbox-Fault": fault, **({"Idempotency-Key": key} if key else {})}
    return talk.ask("POST", "/v1/customers", {"name": "a"}, headers)


def _names(talk: Any) -> int:
    return len(talk.get("/v1/customers")["data"])


def test_a_rate_limit_says_when_to_come_back(talk: Any) -> None:
    """Stripe: 429 with code `rate_limit`; ours: `Retry-After` where the fault gives one. Nothing is done or kept."""
    answer = _ask(talk, "rate_limit; retry_after=2", "k1")
    assert (answer.status, answer.error["code"], answer.headers["Retry-After"]) == (429, "rate_limit", "2")
    assert _names(talk) == 0
    assert _ask(talk, "", "k1").status == 200


@pytest.mark.parametrize(
    ("fault", "done", "again"),
    [("fail_before", 0, 200), ("fail_during", 0, 500), ("fail_after", 1, 500)],
)
def test_a_500_comes_before_during_or_after_the_effect(talk: Any, fault: str, done: int, again: int) -> None:
    """Stripe: a 500 of an operation that had begun is kept for its key, whether or not it had an effect."""
    answer = _ask(talk, fault, "k1")
    assert (answer.status, answer.error["type"]) == (500, "api_error")
    assert _names(talk) == done
    second = talk.ask("POST", "/v1/customers", {"name": "a"}, {"Idempotency-Key": "k1"})
    assert second.status == again
    assert ("Idempotent-Replayed" in second.headers) == (again == 500)


@pytest.mark.parametrize(("fault", "done"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_connection_may_hide_an_effect(talk: Any, fault: str, done: int) -> None:
    """Ours: no answer at all; the same key sent again finds the one effect."""
    with pytest.raises(ConnectionDropped):
        _ask(talk, fault, "k1")
    assert _names(talk) == done
    assert talk.ask("POST", "/v1/customers", {"name": "a"}, {"Idempotency-Key": "k1"}).status == 200
    assert _names(talk) == 1


def test_faults_can_be_set_for_later_requests(talk: Any) -> None:
    """Ours: so many times, for a method and a path; others pass; DELETE clears."""
    talk.post("/_sandbox/faults", kind="fail_before", times=2, method="POST", path="/v1/customers")
    assert talk.ask("GET", "/v1/customers").status == 200
    assert talk.ask("POST", "/v1/payment_methods", {"type": "card", "card": {"token": "tok_visa"}}).status == 200
    assert [talk.ask("POST", "/v1/customers").status for _ in range(3)] == [500, 500, 200]
    talk.post("/_sandbox/faults", kind="rate_limit", times=100)
    talk.delete("/_sandbox/faults")
    assert talk.ask("GET", "/v1/customers").status == 200


@pytest.mark.parametrize("fault", ["explode", "latency; ms=abc", "latency; 5", "latency; ms=999999999"])
def test_a_fault_that_does_not_exist_is_refused(talk: Any, fault: str) -> None:
    """Ours: a mistyped fault must not pass for a healthy answer."""
    assert _ask(talk, fault).status == 400


async def test_latency_only_delays(talk: Any) -> None:
    """Ours: the answer is the same, later."""
    headers = {"Authorization": "Bearer sk_test_1", "Paydesk-Sandbox-Fault": "latency; ms=1"}
    status, _, _ = await talk.sandbox.respond("GET", "/v1/balance", headers)
    assert status == 200


def test_a_conflict_is_answered_before_anything_is_done(talk: Any) -> None:
    """Stripe: 409, and the header that lets its libraries try again."""
    answer = _ask(talk, "conflict", "k1")
    assert (answer.status, answer.headers["Stripe-Should-Retry"]) == (409, "true")
    assert _names(talk) == 0
    assert _ask(talk, "", "k1").status == 200


async def test_garbage_hides_an_effect_that_the_key_finds_again(talk: Any) -> None:
    """Ours: 200 with half a page of HTML, as a proxy in between may answer; the same key gives the true answer."""
    headers = {"Authorization": "Bearer sk_test_1", "Idempotency-Key": "k1"}
    broken = {**headers, "Paydesk-Sandbox-Fault": "garbage"}
    status, told, body = await talk.sandbox.respond("POST", "/v1/customers", broken, b"name=a")
    assert (status, told["Content-Type"], body[:6]) == (200, "text/html", b"<html>")
    assert _names(talk) == 1
    assert talk.ask("POST", "/v1/customers", {"name": "a"}, headers).headers["Idempotent-Replayed"] == "true"
    assert _names(talk) == 1
