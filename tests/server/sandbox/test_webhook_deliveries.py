"""Webhook endpoints and what is posted to them: who hears what, signatures, retries, secrets, restarts."""

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest

from paydesk.server.sandbox import deliveries
from paydesk.server.sandbox.webhooks import Outgoing

HOOK = "http://127.0.0.1:9/hook"


class Receiver:
    """Takes what a sandbox posts, and answers as the test wants."""

    def __init__(self) -> None:
        self.got: list[Outgoing] = []
        self.answers: dict[str, int] = {}

    async def __call__(self, wanted: Outgoing) -> int:
        self.got.append(wanted)
        # Others get a turn, as they do while an endpoint answers.
        await anyio.lowlevel.checkpoint()
        return self.answers.get(wanted.url, 200)

    def events(self, url: str = HOOK) -> list[dict[str, Any]]:
        """What came to one URL, in the order of its coming."""
        return [json.loads(one.body) for one in self.got if one.url == url]

    def types(self, url: str = HOOK) -> list[str]:
        return [event["type"] for event in self.events(url)]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def talk(new_talk: Callable[..., Any], receiver: Receiver) -> Any:
    """An empty sandbox that posts to the receiver."""
    return new_talk(sender=receiver)


def _endpoint(talk: Any, *types: str, url: str = HOOK, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = talk.post("/v1/webhook_endpoints", url=url, enabled_events=list(types) or ["*"], **more)
    return found


def _signatures(sent: Outgoing) -> tuple[str, list[str]]:
    parts = [one.split("=") for one in sent.headers["Stripe-Signature"].split(",")]
    return next(value for name, value in parts if name == "t"), [value for name, value in parts if name == "v1"]


def _signed_by(sent: Outgoing, secret: str) -> bool:
    at, signatures = _signatures(sent)
    return hmac.new(secret.encode(), at.encode() + b"." + sent.body, hashlib.sha256).hexdigest() in signatures


async def test_an_event_is_posted_with_a_signature_over_the_very_bytes(talk: Any, receiver: Receiver) -> None:
    """Stripe: HMAC-SHA256 of time, a dot and the body, by the endpoint's secret."""
    endpoint = _endpoint(talk)
    talk.post("/v1/customers", name="Zoë")
    assert await talk.sandbox.deliver() == 1
    assert _signed_by(receiver.got[0], endpoint["secret"])
    event = receiver.events()[0]
    assert (event["type"], event["data"]["object"]["name"]) == ("customer.created", "Zoë")
    assert event["pending_webhooks"] == 1
    assert talk.get(f"/v1/events/{event['id']}")["pending_webhooks"] == 0


def test_the_secret_is_told_once(talk: Any) -> None:
    """Stripe: only the answer to the creation carries the secret."""
    endpoint = _endpoint(talk)
    assert endpoint["secret"].startswith("whsec_")
    again = talk.get(f"/v1/webhook_endpoints/{endpoint['id']}")
    assert again == {name: value for name, value in endpoint.items() if name != "secret"}
    assert talk.get("/v1/webhook_endpoints")["data"] == [again]


async def test_an_endpoint_hears_only_what_it_asked_for(talk: Any, receiver: Receiver) -> None:
    """Stripe: `enabled_events` chooses, also after a change; a disabled endpoint hears nothing."""
    endpoint = _endpoint(talk, "customer.updated", api_version="2024-06-20")
    path = f"/v1/webhook_endpoints/{endpoint['id']}"
    customer = talk.post("/v1/customers", name="A")["id"]
    talk.post(f"/v1/customers/{customer}", name="B")
    await talk.sandbox.deliver()
    assert receiver.types() == ["customer.updated"]
    assert receiver.events()[0]["api_version"] == "2024-06-20"
    talk.post(path, enabled_events=["customer.deleted"], metadata={"a": "b"})
    talk.post(f"/v1/customers/{customer}", name="C")
    talk.delete(f"/v1/customers/{customer}")
    talk.post(path, disabled=True)
    await talk.sandbox.deliver()
    assert receiver.types() == ["customer.updated"]
    waiting = talk.get("/_sandbox/deliveries")["data"]
    assert [one["status"] for one in waiting] == ["canceled", "succeeded"]
    assert talk.get(path)["status"] == "disabled"
    assert talk.delete(path) == {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}
    assert talk.refused("GET", path, 404)["code"] == "resource_missing"


async def test_events_of_one_endpoint_come_in_their_order(talk: Any, receiver: Receiver) -> None:
    """Ours: Stripe promises no order; in order is what is easiest to test with."""
    _endpoint(talk)
    for number in range(5):
        talk.post("/v1/customers", name=str(number))
    await talk.sandbox.deliver()
    assert [event["data"]["object"]["name"] for event in receiver.events()] == list("01234")


async def test_what_fails_is_tried_again_by_the_sandboxs_clock(talk: Any, receiver: Receiver) -> None:
    """Stripe: three further attempts over some hours in test mode; then the delivery has failed."""
    _endpoint(talk)
    receiver.answers[HOOK] = 500
    event = talk.post("/v1/customers") and talk.get("/v1/events")["data"][0]
    assert await talk.sandbox.deliver() == 1
    assert await talk.sandbox.deliver() == 0
    for delay in deliveries.RETRIES_S:
        talk.clock.pass_s(delay - 1)
        assert await talk.sandbox.deliver() == 0
        talk.clock.pass_s(1)
        assert await talk.sandbox.deliver() == 1
    talk.clock.pass_s(10**6)
    assert await talk.sandbox.deliver() == 0
    found = talk.get("/_sandbox/deliveries", event=event["id"])["data"][0]
    assert (found["status"], found["next_attempt_at"], len(found["attempts"])) == ("failed", None, 4)
    assert found["attempts"][0] | {"at": 0, "duration_ms": 0} == {
        "at": 0,
        "duration_ms": 0,
        "error": "answered 500",
        "status": 500,
    }
    assert talk.get(f"/v1/events/{event['id']}")["pending_webhooks"] == 1
    assert talk.get("/v1/events", delivery_success=False)["data"][0]["id"] == event["id"]
    receiver.answers.clear()
    talk.post("/_sandbox/deliveries", resend=found["id"])
    assert await talk.sandbox.deliver() == 1
    assert talk.get(f"/v1/events/{event['id']}")["pending_webhooks"] == 0
    assert talk.get("/v1/events", delivery_success=False)["data"] == []
    assert talk.get("/v1/events", delivery_success=True)["data"][0]["id"] == event["id"]


async def test_the_delays_are_a_setting_and_waiting_ones_can_be_run_now(talk: Any, receiver: Receiver) -> None:
    """Ours: a test suite does not wait for hours."""
    _endpoint(talk)
    assert talk.post("/_sandbox/deliveries", retries="7, 7")["retries"] == [7, 7]
    receiver.answers[HOOK] = 404
    talk.post("/v1/customers")
    await talk.sandbox.deliver()
    talk.clock.pass_s(7)
    assert await talk.sandbox.deliver() == 1
    assert talk.post("/_sandbox/deliveries", run=True)["queued"] == 1
    assert await talk.sandbox.deliver() == 1
    assert talk.get("/_sandbox/deliveries", status="failed")["data"][0]["status"] == "failed"
    assert "no list of seconds" in talk.refused("POST", "/_sandbox/deliveries", retries="soon")["message"]
    assert talk.refused("POST", "/_sandbox/deliveries", resend="evt_none")["code"] == "resource_missing"
    talk.post("/_sandbox/reset")
    assert talk.post("/_sandbox/deliveries")["retries"] == [7, 7]


async def test_while_a_secret_is_replaced_both_sign(talk: Any, receiver: Receiver) -> None:
    """Stripe: a rolled secret stays good for as long as was said; one `v1` for each."""
    endpoint = _endpoint(talk)
    rotate = f"/_sandbox/webhook_endpoints/{endpoint['id']}/rotate_secret"
    fresh = talk.post(rotate, expires_in=3600)
    talk.post("/v1/customers")
    await talk.sandbox.deliver()
    assert _signed_by(receiver.got[-1], endpoint["secret"])
    assert _signed_by(receiver.got[-1], fresh["secret"])
    talk.clock.pass_s(3600)
    talk.post("/v1/customers")
    await talk.sandbox.deliver()
    assert not _signed_by(receiver.got[-1], endpoint["secret"])
    assert _signed_by(receiver.got[-1], fresh["secret"])
    talk.post(rotate, expires_in=0)
    talk.post("/v1/customers")
    await talk.sandbox.deliver()
    assert len(_signatures(receiver.got[-1])[1]) == 1


async def test_a_connect_endpoint_hears_of_connected_accounts_alone(talk: Any, receiver: Receiver) -> None:
    """Stripe: their events carry `account`; an ordinary endpoint hears only of its own account."""
    _endpoint(talk, url=f"{HOOK}/own")
    _endpoint(talk, url=f"{HOOK}/connect", connect=True)
    account = talk.post("/v1/accounts", type="express", country="US")["id"]
    made = talk.ask("POST", "/v1/customers", {"name": "theirs"}, {"Stripe-Account": account})
    assert made.status == 200
    talk.post("/v1/customers", name="ours")
    await talk.sandbox.deliver()
    theirs = [event for event in receiver.events(f"{HOOK}/connect") if event["type"] == "customer.created"]
    assert [(event["account"], event["data"]["object"]["name"]) for event in theirs] == [(account, "theirs")]
    ours = [event for event in receiver.events(f"{HOOK}/own") if event["type"] == "customer.created"]
    assert [event["data"]["object"]["name"] for event in ours] == ["ours"]
    assert all("account" not in event for event in receiver.events(f"{HOOK}/own"))


async def test_what_was_queued_is_delivered_after_a_restart(
    new_talk: Callable[..., Any], receiver: Receiver, tmp_path: Path
) -> None:
    """Ours: a delivery is queued in the transaction of its event, so it outlives the process."""
    first = new_talk(tmp_path / "s.sqlite3")
    endpoint = _endpoint(first)
    first.post("/v1/customers", name="kept")
    first.sandbox.close()
    second = new_talk(tmp_path / "s.sqlite3", sender=receiver)
    assert await second.sandbox.deliver() == 1
    assert receiver.events()[0]["data"]["object"]["name"] == "kept"
    assert _signed_by(receiver.got[0], endpoint["secret"])


def test_without_a_sender_nothing_leaves(new_talk: Callable[..., Any]) -> None:
    """Ours: in-process sandboxes only queue; what would be sent can be read."""
    talk = new_talk()
    _endpoint(talk)
    talk.post("/v1/customers")
    assert talk.sandbox.deliverer is None
    waiting = talk.get("/_sandbox/deliveries")["data"]
    assert [(one["status"], one["attempts"]) for one in waiting] == [("pending", [])]


async def test_a_slow_endpoint_holds_up_nobody_else(new_talk: Callable[..., Any]) -> None:
    """Ours: each endpoint has a turn of its own, and every wait a bound."""
    reached = anyio.Event()
    letting_go = anyio.Event()

    async def send(wanted: Outgoing) -> int:
        if wanted.url.endswith("slow"):
            await letting_go.wait()
        else:
            reached.set()
        return 200

    talk = new_talk(sender=send)
    _endpoint(talk, url=f"{HOOK}/slow")
    _endpoint(talk, url=f"{HOOK}/quick")
    talk.post("/v1/customers")
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(talk.sandbox.deliver)
            await reached.wait()
            # The slow one is being posted to, and requests are answered meanwhile.
            status, _, _ = await talk.sandbox.respond("GET", "/v1/customers", {"Authorization": "Bearer sk_test_1"})
            assert status == 200
            letting_go.set()


async def test_an_endpoint_that_never_answers_is_given_up(new_talk: Callable[..., Any]) -> None:
    """Ours: no answer in time counts as a failure, in plain words."""
    from paydesk.server.sandbox.sending import Deliverer

    async def send(_wanted: Outgoing) -> int:
        await anyio.sleep_forever()
        return 200

    talk = new_talk()
    _endpoint(talk)
    talk.post("/v1/customers")
    with anyio.fail_after(20):
        assert await Deliverer(talk.sandbox, send, timeout_s=0.01).deliver() == 1
    found = talk.get("/_sandbox/deliveries")["data"][0]
    assert found["attempts"][0]["error"] == "no answer within 0.01 s"
    assert found["status"] == "pending"


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        ({"url": HOOK}, "enabled_events"),
        ({"enabled_events": ["*"]}, "url"),
        ({"url": "example.com", "enabled_events": ["*"]}, "url"),
        ({"url": "ftp://example.com", "enabled_events": ["*"]}, "url"),
        ({"url": "http://", "enabled_events": ["*"]}, "url"),
        ({"url": "http://exa mple.com/\r\nX: 1", "enabled_events": ["*"]}, "url"),
        ({"url": "http://[::1", "enabled_events": ["*"]}, "url"),
        ({"url": HOOK, "enabled_events": ["customer.exploded"]}, "enabled_events[0]"),
        ({"url": HOOK, "enabled_events": ["*"], "api_version": "yesterday"}, "api_version"),
        ({"url": HOOK, "enabled_events": ["*"], "connect": "maybe"}, "connect"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused(talk: Any, sent: dict[str, Any], param: str) -> None:
    """Stripe: 400 that names the parameter; nothing is kept."""
    assert talk.refused("POST", "/v1/webhook_endpoints", **sent)["param"] == param
    assert talk.get("/v1/webhook_endpoints")["data"] == []


def test_there_are_at_most_sixteen_endpoints(talk: Any) -> None:
    """Stripe: sixteen for an account."""
    for _ in range(16):
        _endpoint(talk)
    assert "maximum of 16" in talk.refused("POST", "/v1/webhook_endpoints", url=HOOK, enabled_events=["*"])["message"]


def test_types_are_filtered_together_with_success(talk: Any) -> None:
    """Stripe: `types`, `type` and `delivery_success` narrow each other."""
    _endpoint(talk, "customer.created")
    customer = talk.post("/v1/customers")["id"]
    talk.post(f"/v1/customers/{customer}", name="x")

    def types(**asked: Any) -> list[str]:
        return [one["type"] for one in talk.get("/v1/events", **asked)["data"]]

    assert types(types=["customer.created", "customer.updated"]) == ["customer.updated", "customer.created"]
    assert types(type="customer.*", delivery_success=False) == ["customer.created"]
    assert types(type="customer.updated", delivery_success=False) == []
    assert types(types=["customer.created", "customer.updated"], delivery_success=True) == ["customer.updated"]


async def test_what_a_senders_library_raises_is_a_failed_attempt(new_talk: Callable[..., Any]) -> None:
    """Ours: a sender may be anybody's code; whatever it raises, it was not delivered, and the next one is."""

    class Broken(Exception):
        pass

    async def send(wanted: Outgoing) -> int:
        if wanted.url.endswith("broken"):
            raise Broken("the line is broken")
        return 204

    talk = new_talk(sender=send)
    _endpoint(talk, url=f"{HOOK}/broken")
    _endpoint(talk, url=f"{HOOK}/whole")
    talk.post("/v1/customers")
    assert await talk.sandbox.deliver() == 2
    whole, broken = talk.get("/_sandbox/deliveries")["data"]
    assert (whole["status"], whole["attempts"][0]["status"]) == ("succeeded", 204)
    assert broken["attempts"][0]["error"] == "could not be delivered: the line is broken"


async def test_a_delivery_is_sent_by_one_of_two_who_share_the_file(
    new_talk: Callable[..., Any], receiver: Receiver, tmp_path: Path
) -> None:
    """Ours: whoever takes a delivery holds it; a hold ends by itself if its process does."""
    state = tmp_path / "s.sqlite3"
    first, second = new_talk(state, sender=receiver), new_talk(state, sender=receiver)
    _endpoint(first)
    for _ in range(5):
        first.post("/v1/customers")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(first.sandbox.deliver)
        tasks.start_soon(second.sandbox.deliver)
    ids = [event["id"] for event in receiver.events()]
    assert (len(ids), len(set(ids))) == (5, 5)


def test_a_reset_forgets_endpoints_and_deliveries(talk: Any) -> None:
    """Ours: an emptied sandbox posts nothing any more."""
    _endpoint(talk)
    talk.post("/v1/customers")
    talk.post("/_sandbox/reset")
    talk.post("/v1/customers")
    assert talk.get("/_sandbox/deliveries")["data"] == []
    assert talk.get("/v1/webhook_endpoints")["data"] == []


async def test_a_platform_hears_that_an_account_has_left_it_and_nothing_more(talk: Any, receiver: Receiver) -> None:
    """Stripe: `account.application.deauthorized` is the last event of that account."""
    _endpoint(talk, connect=True)
    client = talk.get("/_sandbox/oauth")["client_id"]
    path = f"/oauth/authorize?client_id={client}&response_type=code"
    _, headers, _ = await talk.sandbox.respond("POST", path, {}, b"decision=approve")
    code = parse_qs(urlsplit(headers["Location"]).query)["code"][0]
    account = talk.post("/oauth/token", grant_type="authorization_code", code=code)["stripe_user_id"]
    talk.post("/oauth/deauthorize", client_id=client, stripe_user_id=account)
    await talk.sandbox.deliver()
    assert receiver.types()[-1] == "account.application.deauthorized"
    assert receiver.events()[-1]["account"] == account
