"""The door to Stripe: plain JSON, errors of our tree, retries that never double a write."""

import socket
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import uvicorn

from paydesk.server.errors import (
    NotFound,
    StripeBusy,
    StripeKeyRefused,
    StripeNotFound,
    StripeRefused,
    StripeUnreachable,
)
from paydesk.server.sandbox.app import Sandbox, create_sandbox
from paydesk.server.stripe_api import StripeDoor
from paydesk.server.stripe_api.opening import sandbox_door, socket_door
from paydesk.server.stripe_api.rate import RateLimit
from paydesk.skills.base import StripeRequest

CREATE = StripeRequest("POST", "/v1/customers", {"name": "Ann Lee"})


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting between tries is real elsewhere; here it would only cost time."""
    import stripe

    monkeypatch.setattr(stripe.HTTPClient, "_sleep_time_seconds", lambda *_: 0.0)
    monkeypatch.setattr("paydesk.server.stripe_api.client.retry_after_s", lambda *_: 0.0)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """An empty sandbox in memory."""
    made = create_sandbox(None, seed=1)
    yield made
    made.close()


@pytest.fixture
def served(box: Sandbox) -> Iterator[str]:
    """The same sandbox behind a real socket on loopback."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(64)  # connections queue from here on, before the server's thread has started
    server = uvicorn.Server(uvicorn.Config(box, log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)
    listening.close()


@pytest.fixture(params=["in-process", "socket"])
async def door(request: pytest.FixtureRequest, box: Sandbox) -> AsyncIterator[StripeDoor]:
    """The door both ways: what holds in-process must hold over a socket."""
    if request.param == "in-process":
        opened = sandbox_door(box)
        yield opened
        return
    opened = socket_door("sk_test_0123456789", mode="test", base=request.getfixturevalue("served"))
    yield opened
    await opened.aclose()


async def _fault(door: StripeDoor, **fault: Any) -> None:
    await door.send(StripeRequest("POST", "/_sandbox/faults", fault), idempotency_key=f"fault-{fault}")


async def _names(door: StripeDoor) -> list[str]:
    return [customer["name"] async for customer in door.every("/v1/customers", most=100)]


async def test_what_is_written_can_be_read_back_as_plain_json(door: StripeDoor) -> None:
    """Ours: skills see dicts, not the library's classes."""
    made = await door.send(CREATE, idempotency_key="one")
    found = await door.get(f"/v1/customers/{made['id']}")
    assert found == made
    assert isinstance(found["metadata"], dict)


async def test_pages_follow_each_other_to_the_end_and_no_further(door: StripeDoor) -> None:
    """Stripe: lists page by starting_after, 100 at most at once."""
    for number in range(7):
        await door.send(StripeRequest("POST", "/v1/customers", {"name": str(number)}), idempotency_key=f"n{number}")
    first = await door.page("/v1/customers", {"limit": 3})
    second = await door.page("/v1/customers", {"limit": 3, "starting_after": first.next_cursor})
    third = await door.page("/v1/customers", {"limit": 3, "starting_after": second.next_cursor})
    assert [one["name"] for page in (first, second, third) for one in page.data] == list("6543210")
    assert (first.has_more, third.has_more, third.next_cursor) == (True, False, None)
    assert await _names(door) == list("6543210")
    assert len([one async for one in door.every("/v1/customers", most=5)]) == 5


async def test_a_missing_object_is_not_found_with_stripes_own_code(door: StripeDoor) -> None:
    """Stripe: 404, resource_missing, with a link to its documentation."""
    with pytest.raises(NotFound) as caught:
        await door.get("/v1/customers/cus_missing")
    assert isinstance(caught.value, StripeNotFound)
    assert caught.value.stripe_code == "resource_missing"
    assert caught.value.request_id
    assert caught.value.doc_url


async def test_a_refused_write_names_the_parameter(door: StripeDoor) -> None:
    """Stripe: 400 with param."""
    with pytest.raises(StripeRefused) as caught:
        await door.send(StripeRequest("POST", "/v1/customers", {"nmae": "x"}), idempotency_key="typo")
    assert caught.value.field == "nmae"
    assert caught.value.http_status == 400


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "fail_before"])
async def test_a_write_whose_answer_is_lost_once_happens_once(door: StripeDoor, kind: str) -> None:
    """Stripe: the library repeats under the same idempotency key, so a lost answer is fetched and not redone."""
    await _fault(door, kind=kind, times=1, path="/v1/customers")
    made = await door.send(CREATE, idempotency_key="once")
    assert made["name"] == "Ann Lee"
    assert await _names(door) == ["Ann Lee"]


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
async def test_a_line_that_stays_dead_is_unreachable_and_the_end_unknown(door: StripeDoor, kind: str) -> None:
    """Ours: for a write this means that nobody knows yet; the gate looks it up before anything else."""
    await _fault(door, kind=kind, times=3, path="/v1/customers", method="POST")
    with pytest.raises(StripeUnreachable):
        await door.send(CREATE, idempotency_key="dead")
    assert await _names(door) == ([] if kind == "drop_before" else ["Ann Lee"])


async def test_a_rate_limit_is_waited_out(door: StripeDoor) -> None:
    """Ours: the library never repeats a plain 429 and ignores Retry-After."""
    await _fault(door, kind="rate_limit", times=3, path="/v1/customers", retry_after=1)
    made = await door.send(CREATE, idempotency_key="busy")
    assert made["name"] == "Ann Lee"


async def test_a_rate_limit_that_stays_is_told_after_a_bounded_number_of_tries(door: StripeDoor) -> None:
    """Ours: every wait has a bound."""
    await _fault(door, kind="rate_limit", times=50, path="/v1/customers")
    with pytest.raises(StripeBusy) as caught:
        await door.get("/v1/customers")
    assert caught.value.http_status == 429


async def test_a_bad_key_is_refused_and_not_shown(served: str) -> None:
    """Stripe answers 401 and quotes the key in part; ours quotes none of it."""
    opened = socket_door("sk_wrong_0123456789", mode="test", base=served)
    with pytest.raises(StripeKeyRefused) as caught:
        await opened.get("/v1/balance")
    assert "sk_wrong" not in caught.value.as_text()
    assert "0123" not in caught.value.as_text()
    await opened.aclose()


async def test_a_stripe_that_is_not_there_is_unreachable() -> None:
    """Ours: no traceback, and what to make of it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    opened = socket_door("sk_test_0123456789", mode="test", base=f"http://127.0.0.1:{port}")
    with pytest.raises(StripeUnreachable) as caught:
        await opened.get("/v1/balance")
    assert caught.value.next_step
    await opened.aclose()


async def test_connected_accounts_have_books_of_their_own(box: Sandbox) -> None:
    """Stripe: the Stripe-Account header says whose books are meant."""
    own, theirs = sandbox_door(box), sandbox_door(box, stripe_account="acct_1ConnectedBooks")
    await own.send(CREATE, idempotency_key="same")
    await theirs.send(StripeRequest("POST", "/v1/customers", {"name": "Bob Ray"}), idempotency_key="same")
    assert await _names(own) == ["Ann Lee"]
    assert await _names(theirs) == ["Bob Ray"]
    assert await theirs.account_id() == "acct_1ConnectedBooks"


async def test_requests_are_spread_to_stay_below_the_limit() -> None:
    """Ours: a burst of one second's worth passes; what follows queues in order."""
    clock, waited = [0.0], []

    async def sleep(seconds: float) -> None:
        waited.append(round(seconds, 3))

    rate = RateLimit(5, clock=lambda: clock[0], sleep=sleep)
    for _ in range(8):
        await rate.turn()
    assert waited == [0.2, 0.4, 0.6]
    clock[0] = 10.0
    await rate.turn()
    assert len(waited) == 3
