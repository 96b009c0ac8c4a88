"""Idempotency keys."""

from typing import Any

import pytest

SENT = {"amount": 500, "currency": "usd", "confirm": True, "payment_method_types": ["card"]}


def _count(talk: Any, path: str = "/v1/payment_intents") -> int:
    return len(talk.get(path, limit=100)["data"])


def test_a_key_that_comes_again_gets_the_first_answer(talk: Any) -> None:
    """Stripe: the saved answer word for word, marked as replayed, with nothing done twice."""
    sent = {**SENT, "payment_method": "pm_card_visa"}
    first = talk.ask("POST", "/v1/payment_intents", sent, {"Idempotency-Key": "k1"})
    again = talk.ask("POST", "/v1/payment_intents", sent, {"Idempotency-Key": "k1"})
    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    assert "Idempotent-Replayed" not in first.headers
    assert _count(talk) == 1


def test_a_decline_is_kept_too(talk: Any) -> None:
    """Stripe: errors that came while the operation ran are answers like others."""
    sent = {**SENT, "payment_method": "pm_card_chargeDeclined"}
    first = talk.ask("POST", "/v1/payment_intents", sent, {"Idempotency-Key": "k1"})
    again = talk.ask("POST", "/v1/payment_intents", sent, {"Idempotency-Key": "k1"})
    assert (first.status, again.status) == (402, 402)
    assert again.body == first.body
    assert _count(talk, "/v1/charges") == 1


@pytest.mark.parametrize(
    ("path", "sent", "words"),
    [
        ("/v1/customers", {"name": "b"}, "with the same parameters"),
        ("/v1/payment_intents", {"name": "a"}, "'/v1/payment_intents' vs '/v1/customers'"),
    ],
)
def test_a_key_used_for_something_else_is_an_error(talk: Any, path: str, sent: dict[str, str], words: str) -> None:
    """Stripe: 400 `idempotency_error`."""
    talk.ask("POST", "/v1/customers", {"name": "a"}, {"Idempotency-Key": "k1"})
    answer = talk.ask("POST", path, sent, {"Idempotency-Key": "k1"})
    assert (answer.status, answer.error["type"]) == (400, "idempotency_error")
    assert words in answer.error["message"]
    assert _count(talk, "/v1/customers") == 1


def test_an_answer_from_before_the_operation_is_not_kept(talk: Any) -> None:
    """Stripe: bad parameters do not use a key up."""
    bad = talk.ask("POST", "/v1/customers", {"nonsense": "a"}, {"Idempotency-Key": "k1"})
    good = talk.ask("POST", "/v1/customers", {"name": "a"}, {"Idempotency-Key": "k1"})
    assert (bad.status, good.status) == (400, 200)


def test_keys_belong_to_an_account_and_last_a_day(talk: Any) -> None:
    """Stripe: the same key means nothing in other books, and is forgotten after 24 hours."""
    key = {"Idempotency-Key": "k1"}
    account = talk.post("/v1/accounts", type="standard")["id"]
    first = talk.ask("POST", "/v1/customers", {"name": "a"}, key).body["id"]
    there = talk.ask("POST", "/v1/customers", {"name": "a"}, {**key, "Stripe-Account": account}).body["id"]
    talk.clock.pass_s(24 * 3600 - 1)
    still = talk.ask("POST", "/v1/customers", {"name": "a"}, key).body["id"]
    talk.clock.pass_s(1)
    later = talk.ask("POST", "/v1/customers", {"name": "a"}, key).body["id"]
    assert first == still
    assert len({first, there, later}) == 3


def test_reading_and_deleting_ignore_keys(talk: Any) -> None:
    """Stripe: GET and DELETE repeat safely by themselves."""
    made = talk.post("/v1/customers")["id"]
    key = {"Idempotency-Key": "k1"}
    assert talk.ask("GET", "/v1/customers", {}, key).status == 200
    assert talk.ask("DELETE", f"/v1/customers/{made}", {}, key).status == 200
    assert talk.ask("POST", "/v1/customers", {}, key).status == 200


def test_a_second_request_is_refused_while_the_first_runs(talk: Any) -> None:
    """Stripe: 409 while the key is in use; afterwards the saved answer."""
    headers = {
        "Authorization": "Bearer sk_test_1",
        "Idempotency-Key": "k1",
        "Paydesk-Sandbox-Fault": "latency; ms=60000",
    }
    waiting = talk.sandbox.respond("POST", "/v1/customers", headers, b"name=a")
    try:
        asked_to_sleep = _step(waiting)
        second = talk.ask("POST", "/v1/customers", {"name": "a"}, {"Idempotency-Key": "k1"})
    finally:
        waiting.close()
    assert asked_to_sleep
    assert (second.status, second.error["code"]) == (409, "idempotency_key_in_use")
    assert talk.ask("POST", "/v1/customers", {"name": "a"}, {"Idempotency-Key": "k1"}).status == 200


def _step(coroutine: Any) -> bool:
    """Run a request until it waits; whether it does."""
    import asyncio

    loop = asyncio.new_event_loop()
    try:
        task = loop.create_task(coroutine)
        loop.run_until_complete(asyncio.sleep(0))
        return not task.done()
    finally:
        loop.close()


def test_an_event_remembers_key_and_request(talk: Any) -> None:
    """Stripe: events made by a POST carry its key and request id, those by DELETE no key."""
    made = talk.ask("POST", "/v1/customers", {"name": "a"}, {"Idempotency-Key": "k1"})
    gone = talk.ask("DELETE", f"/v1/customers/{made.body['id']}")
    deleted, created = talk.get("/v1/events")["data"]
    assert created["request"] == {"id": made.headers["Request-Id"], "idempotency_key": "k1"}
    assert deleted["request"] == {"id": gone.headers["Request-Id"], "idempotency_key": None}
