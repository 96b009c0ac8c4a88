"""What Stripe refuses, and what never answers, as errors a caller can act on."""

from typing import Any

import pytest

from paydesk.server.errors import (
    PaydeskError,
    StripeBusy,
    StripeKeyRefused,
    StripeNotFound,
    StripeRefused,
    StripeUnreachable,
)
from paydesk.server.limits import RATE_LIMITED_TRIES, STRIPE_NETWORK_RETRIES
from paydesk.server.sandbox.card_table import CARDS, Card
from paydesk.server.stripe_api import StripeDoor
from paydesk.skills.base import StripeRequest
from paydesk.skills.error_words import DECLINES, ERRORS
from paydesk.skills.errors import NotFound

REFUND = StripeRequest("POST", "/v1/refunds", {"payment_intent": "pi_1", "amount": 100})
DECLINED = [card for card in CARDS if card.decline and card.names]


async def test_an_unknown_id_is_not_found_and_still_says_what_stripe_said(sandbox: StripeDoor) -> None:
    """Ours: a skill may catch NotFound; a caller gets Stripe's code, param, request id and link with it."""
    with pytest.raises(NotFound) as caught:
        await sandbox.get("/v1/customers/cus_nobody")
    assert isinstance(caught.value, StripeNotFound)
    told = caught.value.as_dict()
    assert told["code"] == "not_found"
    assert told["stripe_code"] == "resource_missing"
    assert told["field"] == "id"
    assert str(told["request_id"]).startswith("req_")
    assert str(told["doc_url"]).startswith("https://")


async def test_an_address_that_stripe_does_not_know_is_no_missing_object(sandbox: StripeDoor) -> None:
    """Ours: a skill that catches NotFound must not take our own mistake for an answer."""
    with pytest.raises(StripeRefused) as caught:
        await sandbox.get("/v1/nothing")
    assert not isinstance(caught.value, NotFound)


async def test_a_decline_carries_its_reason(elsewhere: Any, door: StripeDoor) -> None:
    """Stripe: 402 with code card_declined and a decline_code."""
    elsewhere.refuses(
        402,
        type="card_error",
        code="card_declined",
        decline_code="insufficient_funds",
        message="Your card was declined.",
    )
    with pytest.raises(StripeRefused) as caught:
        await door.send(REFUND, idempotency_key="k")
    assert caught.value.decline_code == "insufficient_funds"
    assert caught.value.stripe_code == "card_declined"
    assert caught.value.http_status == 402
    assert caught.value.request_id == "req_123"


@pytest.mark.parametrize(
    "card", [card for card in CARDS if card.decline and card.names], ids=lambda card: card.names[0]
)
async def test_every_card_that_is_declined_says_why_and_what_to_do(sandbox: StripeDoor, card: Card) -> None:
    """Ours: Stripe's words are for whoever pays, and leave out that a card is lost or that the bank just said no."""
    charge = {"amount": 2000, "currency": "usd", "payment_method": f"pm_card_{card.names[0]}", "confirm": True}
    charge |= {"payment_method_types": ["card"]}
    if card.authentication:
        charge["off_session"] = True
    with pytest.raises(StripeRefused) as caught:
        await sandbox.send(StripeRequest("POST", "/v1/payment_intents", charge), idempotency_key="k")
    refused = caught.value
    words = DECLINES[str(refused.decline_code)]
    assert refused.message == f"The card was declined ({refused.decline_code}). {words.means}"
    assert refused.next_step == words.then


async def test_a_decline_that_is_new_at_stripe_keeps_stripes_words(elsewhere: Any, door: StripeDoor) -> None:
    """Ours: a code that we do not know is never explained by a guess."""
    elsewhere.refuses(402, type="card_error", code="card_declined", decline_code="made_up", message="Not today.")
    with pytest.raises(StripeRefused) as caught:
        await door.send(REFUND, idempotency_key="k")
    assert caught.value.message == "Not today."
    assert "another payment method" in str(caught.value.next_step)


async def test_a_refusal_that_stripe_documents_says_what_to_do(elsewhere: Any, door: StripeDoor) -> None:
    """Ours: where no parameter is named, the code tells the next step."""
    elsewhere.refuses(400, type="invalid_request_error", code="charge_disputed", message="It is disputed.")
    with pytest.raises(StripeRefused) as caught:
        await door.send(REFUND, idempotency_key="k")
    assert caught.value.message == "It is disputed."
    assert caught.value.next_step == f"{ERRORS['charge_disputed'].then} Nothing was changed."


async def test_a_write_that_names_something_unknown_is_refused_rather_than_not_found(sandbox: StripeDoor) -> None:
    """Ours: not found is an answer to a question; of a write it must be said that it did not happen."""
    with pytest.raises(StripeRefused) as caught:
        await sandbox.send(StripeRequest("POST", "/v1/refunds", {"charge": "ch_nothing"}), idempotency_key="k")
    assert not isinstance(caught.value, NotFound)


@pytest.mark.parametrize("status", [401, 403])
async def test_no_error_ever_shows_the_key(elsewhere: Any, door: StripeDoor, status: int) -> None:
    """Ours: not even its end, which Stripe's own words show."""
    elsewhere.refuses(status, message=f"Invalid API Key provided: sk_test_****wxyz or {elsewhere.key}")
    with pytest.raises(StripeKeyRefused) as caught:
        await door.get("/v1/balance")
    shown = f"{caught.value} {caught.value.as_dict()} {caught.value!r} {caught.value.__cause__}"
    assert elsewhere.key not in shown
    if status == 401:
        assert "wxyz" not in shown
    assert caught.value.__suppress_context__


async def test_hostile_text_in_a_message_is_one_clean_line(elsewhere: Any, door: StripeDoor) -> None:
    """Ours: an error may quote what a customer wrote."""
    elsewhere.refuses(400, message="No \u202esuch\n\nthing" + "x" * 5000)
    with pytest.raises(StripeRefused) as caught:
        await door.get("/v1/balance")
    assert caught.value.message.startswith("No such thing")
    assert len(caught.value.message) <= 500


async def test_a_server_error_is_repeated_under_the_same_key_and_then_unknown(elsewhere: Any, door: StripeDoor) -> None:
    """Stripe: 5xx may be repeated with the same idempotency key. Ours: afterwards the outcome is not known."""
    for _ in range(STRIPE_NETWORK_RETRIES + 1):
        elsewhere.refuses(500, message="An unknown error occurred")
    with pytest.raises(StripeUnreachable) as caught:
        await door.send(REFUND, idempotency_key="only-one")
    assert [request.headers["Idempotency-Key"] for request in elsewhere.requests] == ["only-one"] * 3
    assert caught.value.http_status == 500


async def test_a_line_that_breaks_in_the_middle_of_the_answer_is_repeated(elsewhere: Any, door: StripeDoor) -> None:
    """Ours: the library lets an error while reading through as it is; we count it as a lost line."""
    elsewhere.hangs_up()
    elsewhere.says({"id": "re_1"})
    assert await door.send(REFUND, idempotency_key="same") == {"id": "re_1"}
    assert [request.headers["Idempotency-Key"] for request in elsewhere.requests] == ["same", "same"]


async def test_nobody_there_is_unreachable(door: StripeDoor, elsewhere: Any) -> None:
    """Ours: a stopped Stripe gets a clear answer and no traceback."""
    elsewhere.hangs_up(times=STRIPE_NETWORK_RETRIES + 1)
    with pytest.raises(StripeUnreachable) as caught:
        await door.get("/v1/balance")
    assert caught.value.next_step


async def test_a_key_in_use_leaves_the_outcome_open(elsewhere: Any, door: StripeDoor) -> None:
    """Stripe: 409 idempotency_key_in_use means the first request is still running. Ours: it may yet succeed."""
    for _ in range(STRIPE_NETWORK_RETRIES + 1):
        elsewhere.refuses(409, code="idempotency_key_in_use", message="There is another request using this key")
    with pytest.raises(StripeUnreachable):
        await door.send(REFUND, idempotency_key="k")


async def test_a_delete_is_never_repeated(elsewhere: Any, door: StripeDoor) -> None:
    """Stripe keeps no key for DELETE. Ours: repeated after a lost answer it would be told 404, as if never done."""
    elsewhere.hangs_up()
    with pytest.raises(StripeUnreachable):
        await door.send(StripeRequest("DELETE", "/v1/customers/cus_1", {}), idempotency_key="k")
    assert len(elsewhere.requests) == 1


@pytest.mark.parametrize("body", ["<html>Bad gateway</html>", {"error": "no upstream"}, ["list"], '"text"'])
@pytest.mark.parametrize("status", [200, 400])
async def test_an_answer_that_is_not_stripes_is_an_error_of_ours(
    elsewhere: Any, door: StripeDoor, body: Any, status: int
) -> None:
    """Ours: a proxy in between may answer anything; there is never a traceback."""
    elsewhere.says(body, status)
    if status == 200 and isinstance(body, dict):
        assert await door.get("/v1/balance") == body
        return
    with pytest.raises(PaydeskError):
        await door.get("/v1/balance")


async def test_a_list_without_data_is_an_error_of_ours(elsewhere: Any, door: StripeDoor) -> None:
    """Ours: an object where a list belongs is told as such."""
    elsewhere.says({"object": "customer"})
    with pytest.raises(StripeUnreachable):
        await door.page("/v1/customers")


async def test_429_is_waited_out_as_long_as_stripe_asks(elsewhere: Any, door: StripeDoor, pauses: list[float]) -> None:
    """Stripe: Retry-After in seconds. Ours: the library never repeats a plain 429, so the door does."""
    elsewhere.refuses(429, "2", code="rate_limit", message="Too many")
    elsewhere.says({"id": "re_1"})
    assert await door.send(REFUND, idempotency_key="k") == {"id": "re_1"}
    assert len(pauses) == 1
    assert 2.0 <= pauses[0] <= 2.25
    assert [request.headers["Idempotency-Key"] for request in elsewhere.requests] == ["k", "k"]


async def test_429_for_ever_ends_as_busy(elsewhere: Any, door: StripeDoor, pauses: list[float]) -> None:
    """Ours: the number of tries is bounded, and the pauses grow."""
    for _ in range(RATE_LIMITED_TRIES):
        elsewhere.refuses(429, message="Too many")
    with pytest.raises(StripeBusy) as caught:
        await door.get("/v1/balance")
    assert len(elsewhere.requests) == RATE_LIMITED_TRIES
    assert all(base <= pause <= base + 0.25 for base, pause in zip((0.5, 1, 2), pauses, strict=True))
    assert caught.value.http_status == 429


async def test_the_budget_of_waiting_ends_before_the_tries_do(
    elsewhere: Any, door: StripeDoor, pauses: list[float]
) -> None:
    """Ours: three pauses of nine seconds are more than one call may wait."""
    for _ in range(RATE_LIMITED_TRIES):
        elsewhere.refuses(429, "9", message="Too many")
    with pytest.raises(StripeBusy):
        await door.get("/v1/balance")
    assert len(pauses) == 2


async def test_a_pause_longer_than_a_call_may_wait_is_told_at_once(
    elsewhere: Any, door: StripeDoor, pauses: list[float]
) -> None:
    """Ours: coming back sooner than Stripe asks would only be refused again."""
    elsewhere.refuses(429, "15", message="Too many")
    with pytest.raises(StripeBusy) as caught:
        await door.get("/v1/balance")
    assert pauses == []
    assert "15 s" in str(caught.value.next_step)


@pytest.mark.parametrize("asked", ["soon", "Wed, 21 Oct 2026 07:28:00 GMT", "nan", "-5", "inf"])
async def test_a_retry_after_that_is_no_number_of_seconds_is_not_trusted(
    elsewhere: Any, door: StripeDoor, pauses: list[float], asked: str
) -> None:
    """Ours: then the door waits as if none had been given."""
    elsewhere.refuses(429, asked, message="Too many")
    elsewhere.says({"id": "x"})
    await door.get("/v1/balance")
    assert len(pauses) == 1
    assert 0.5 <= pauses[0] <= 0.75


@pytest.mark.parametrize("status", [429, 401])
async def test_a_refusal_after_a_lost_answer_leaves_the_outcome_open(
    elsewhere: Any, door: StripeDoor, status: int
) -> None:
    """Ours: both are said before Stripe looks at the key, so the request that was lost may have had its effect."""
    elsewhere.hangs_up()
    for _ in range(RATE_LIMITED_TRIES):
        elsewhere.refuses(status, message="Not now")
    with pytest.raises(StripeUnreachable):
        await door.send(REFUND, idempotency_key="k")


async def test_a_refusal_without_a_lost_answer_says_that_nothing_happened(elsewhere: Any, door: StripeDoor) -> None:
    """Stripe: a 429 is refused before anything is done; an earlier write's lost answer is no matter of this one."""
    elsewhere.hangs_up()
    elsewhere.says({"id": "re_1"})
    await door.send(REFUND, idempotency_key="k")
    for _ in range(RATE_LIMITED_TRIES):
        elsewhere.refuses(429, message="Too many")
    with pytest.raises(StripeBusy):
        await door.send(REFUND, idempotency_key="l")
