"""Requests and pages through the door."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from paydesk.server.limits import READS_PER_S
from paydesk.server.settings import Settings
from paydesk.server.stripe_api import StripeDoor, open_door
from paydesk.server.stripe_api.rate import RateLimit
from paydesk.skills.base import StripeRequest

People = Callable[[int], Awaitable[list[str]]]


async def test_a_page_ends_with_the_cursor_of_the_next(sandbox: StripeDoor, people: People) -> None:
    """Stripe: `starting_after` takes the last id; has_more says whether anything follows."""
    ids = await people(3)
    first = await sandbox.page("/v1/customers", {"limit": 2})
    assert [one["id"] for one in first.data] == ids[:2]
    assert (first.has_more, first.next_cursor) == (True, ids[1])
    last = await sandbox.page("/v1/customers", {"limit": 2, "starting_after": first.next_cursor})
    assert [one["id"] for one in last.data] == ids[2:]
    assert (last.has_more, last.next_cursor) == (False, None)


async def test_a_search_pages_by_its_own_token(sandbox: StripeDoor, people: People) -> None:
    """Stripe: a search goes on by `page` and `next_page`."""
    ids = await people(3)
    asked = {"query": 'name~"Number"', "limit": 2}
    first = await sandbox.page("/v1/customers/search", asked)
    assert first.has_more
    last = await sandbox.page("/v1/customers/search", {**asked, "page": first.next_cursor})
    assert [one["id"] for one in (*first.data, *last.data)] == ids
    found = [one["id"] async for one in sandbox.every("/v1/customers/search", {"query": 'name~"Number"'}, most=2)]
    assert found == ids[:2]


@pytest.mark.parametrize("most", [0, 1, 100, 101, 500])
async def test_every_gives_each_object_once_and_no_more_than_asked(
    sandbox: StripeDoor, people: People, most: int
) -> None:
    """Ours: page after page, newest first, across Stripe's largest page of 100."""
    ids = await people(103)
    assert [one["id"] async for one in sandbox.every("/v1/customers", most=most)] == ids[:most]


async def test_the_in_process_sandbox_opens_no_socket(sandbox: StripeDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: without a key nothing leaves this process."""
    import socket

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    assert (await sandbox.get("/v1/balance"))["object"] == "balance"


async def test_the_same_key_sends_a_write_once(sandbox: StripeDoor) -> None:
    """Stripe: the answer of the first request with a key is given again."""
    request = StripeRequest("POST", "/v1/customers", {"name": "Jane Doe"})
    first = await sandbox.send(request, idempotency_key="one")
    again = await sandbox.send(request, idempotency_key="one")
    assert first == again
    assert len((await sandbox.page("/v1/customers")).data) == 1


async def test_a_dropped_answer_is_fetched_again_and_done_once(
    sandbox: StripeDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: the line may break after the effect; the key makes the repetition harmless."""
    import stripe

    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
    await sandbox.send(
        StripeRequest("POST", "/_sandbox/faults", {"kind": "drop_after", "method": "POST"}), idempotency_key="f"
    )
    made = await sandbox.send(StripeRequest("POST", "/v1/customers", {"name": "Jane"}), idempotency_key="one")
    assert [one["id"] for one in (await sandbox.page("/v1/customers")).data] == [made["id"]]


async def test_a_connected_account_is_named_on_every_call(elsewhere: Any, door: StripeDoor) -> None:
    """Stripe: `Stripe-Account`. Ours: a view of the door for one account leaves the door itself as it was."""
    theirs = door.for_account("acct_theirs")
    for asked in (theirs, theirs, door):
        elsewhere.says({"object": "balance"})
        await asked.get("/v1/balance")
    assert [request.headers.get("Stripe-Account") for request in elsewhere.requests] == [
        "acct_theirs",
        "acct_theirs",
        None,
    ]
    assert await theirs.account_id() == "acct_theirs"
    await theirs.aclose()
    elsewhere.says({"id": "acct_ours"})
    assert await door.account_id() == "acct_ours"
    assert await door.account_id() == "acct_ours"


async def test_parameters_nest_as_stripe_writes_them(elsewhere: Any, door: StripeDoor) -> None:
    """Stripe: brackets for what is nested, indexes for lists, lower-case booleans."""
    elsewhere.says({"object": "list", "data": []})
    await door.page("/v1/payment_intents", {"created": {"gte": 1, "lt": 2}, "expand": ["data.customer"]})
    assert parse_qs(elsewhere.requests[0].query_string) == {
        "created[gte]": ["1"],
        "created[lt]": ["2"],
        "expand[0]": ["data.customer"],
    }
    elsewhere.says({"id": "cus_1"})
    await door.send(StripeRequest("POST", "/v1/customers", {"metadata": {"a": "b"}, "x": True}), idempotency_key="k")
    assert parse_qs(elsewhere.bodies[1]) == {"metadata[a]": ["b"], "x": ["true"]}


async def test_nothing_is_told_about_this_machine(elsewhere: Any, door: StripeDoor) -> None:
    """Ours: the library's telemetry would send the platform and leave a file in the home folder."""
    for _ in range(2):
        elsewhere.says({"object": "balance"})
        await door.get("/v1/balance")
    for request in elsewhere.requests:
        assert "X-Stripe-Client-Telemetry" not in request.headers
        assert "platform" not in request.headers["X-Stripe-Client-User-Agent"]


async def test_a_door_that_was_never_used_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: hanging up opens nothing."""
    import aiohttp

    monkeypatch.delattr(aiohttp, "ClientSession")
    from paydesk.server.stripe_api.opening import socket_door

    await socket_door("sk_test_123456789", mode="test").aclose()


async def test_settings_without_a_key_open_the_sandbox(tmp_path: Any) -> None:
    """Ours: no key, no Stripe."""
    settings = Settings(home=tmp_path, stripe_secret_key=None, stripe_api_base=None, sandbox_state=None)
    door = await open_door(settings)
    assert door.mode == "sandbox"
    assert (await door.account_id()).startswith("acct_")
    await door.aclose()


class Pace:
    """A clock that moves only by the pauses that are made, and counts them."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.pauses: list[float] = []

    def clock(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


async def test_a_second_holds_no_more_requests_than_the_limit() -> None:
    """Ours: one second's worth passes at once, then each waits its turn."""
    pace = Pace()
    limit = RateLimit(READS_PER_S, clock=pace.clock, sleep=pace.sleep)
    for _ in range(int(READS_PER_S) + 2):
        await limit.turn()
    assert pace.pauses == pytest.approx([1 / READS_PER_S, 2 / READS_PER_S])
    pace.now_s += 60
    for _ in range(int(READS_PER_S)):
        await limit.turn()
    assert len(pace.pauses) == 2  # rest fills the bucket, and no further


async def test_the_sandbox_has_no_pace() -> None:
    """Ours: the limit is Stripe's, and the sandbox is not."""
    pace = Pace()
    limit = RateLimit(None, clock=pace.clock, sleep=pace.sleep)
    for _ in range(1000):
        await limit.turn()
    assert pace.pauses == []


async def test_the_door_computes_only_what_books_nothing(sandbox: StripeDoor) -> None:
    """Ours: reads may make two POSTs, and no other path gets through by that way."""
    with pytest.raises(ValueError, match="is not a computation"):
        await sandbox.compute("/v1/refunds", {"charge": "ch_1"})
    before = await sandbox.page("/v1/balance_transactions", {"limit": 1})
    details = {"address": {"country": "DE"}, "address_source": "billing"}
    sale = {"currency": "eur", "line_items": [{"amount": 100}], "customer_details": details}
    assert (await sandbox.compute("/v1/tax/calculations", sale))["object"] == "tax.calculation"
    assert (await sandbox.page("/v1/balance_transactions", {"limit": 1})).data == before.data


async def test_a_file_travels_as_multipart_under_its_key(door: StripeDoor, elsewhere: Any, tmp_path: Any) -> None:
    """Stripe: files are sent as multipart/form-data; a lost answer and a 429 repeat the whole file, key and all."""
    from paydesk.server.stripe_api.uploads import PATH, carried

    (tmp_path / "receipt.pdf").write_bytes(b"%PDF-1.7 hello")
    file = carried(tmp_path / "receipt.pdf", b"%PDF-1.7 hello")
    elsewhere.hangs_up()
    elsewhere.refuses(429, retry_after="0", message="slow down")
    elsewhere.says({"id": "file_1", "object": "file"})
    request = StripeRequest("POST", PATH, {"file": file, "purpose": "dispute_evidence"})
    assert (await door.send(request, idempotency_key="key_1"))["id"] == "file_1"
    assert [one.headers["Idempotency-Key"] for one in elsewhere.requests] == ["key_1"] * 3
    assert all(one.content_type == "multipart/form-data" for one in elsewhere.requests)
    for body in elsewhere.bodies:
        assert 'filename="receipt.pdf"' in body
        assert "%PDF-1.7 hello" in body
        assert str(tmp_path) not in body
