"""Thin events, event destinations and meter events of v2."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from paydesk.server.sandbox.webhooks import Outgoing

HOOK = "http://127.0.0.1:9/thin"
SIGNED = {"Authorization": "Bearer sk_test_123", "Content-Type": "application/json"}


class V2:
    """JSON requests to a sandbox, and what it posted."""

    def __init__(self, talk: Any, got: list[Outgoing]) -> None:
        self.talk = talk
        self.got = got

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        sent = {**SIGNED, **{name.replace("_", "-"): value for name, value in headers.items()}}
        content = b"" if body is None else json.dumps(body).encode()
        status, _, answer = await self.talk.sandbox.respond(method, path, sent, content)
        return status, json.loads(answer)

    async def ok(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        status, answer = await self.ask(method, path, body, **headers)
        assert status == 200, answer
        return answer

    async def destination(self, *types: str, **more: Any) -> Any:
        wanted = {
            "name": "desk",
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": list(types),
            "webhook_endpoint": {"url": HOOK},
            **more,
        }
        return await self.ok("POST", "/v2/core/event_destinations", wanted)

    async def posted(self) -> list[Any]:
        await self.talk.sandbox.deliver()
        return [json.loads(one.body) for one in self.got]


@pytest.fixture
def v2(new_talk: Callable[..., Any]) -> V2:
    got: list[Outgoing] = []

    async def send(wanted: Outgoing) -> int:
        got.append(wanted)
        return 200

    return V2(new_talk(sender=send), got)


async def test_a_thin_event_says_what_happened_and_leads_to_the_object(v2: V2) -> None:
    """Stripe: no data, only a type, the related object's address and the snapshot event's id."""
    await v2.destination("v1.customer.created")
    customer = v2.talk.post("/v1/customers", name="Secretive")
    (event,) = await v2.posted()
    assert "Secretive" not in json.dumps(event)
    snapshot = v2.talk.get("/v1/events")["data"][0]
    assert event["object"] == "v2.core.event"
    assert event["type"] == "v1.customer.created"
    assert event["snapshot_event"] == snapshot["id"]
    assert event["related_object"] == {
        "id": customer["id"],
        "type": "customer",
        "url": f"/v1/customers/{customer['id']}",
    }
    assert event["reason"]["request"]["id"] == snapshot["request"]["id"]
    assert v2.talk.get(event["related_object"]["url"])["name"] == "Secretive"
    assert await v2.ok("GET", f"/v2/core/events/{event['id']}") == event


async def test_events_page_by_address_both_ways(v2: V2) -> None:
    """Stripe's v2: `next_page_url` and `previous_page_url`, which keep the filters."""
    ids = [v2.talk.post("/v1/customers")["id"] for _ in range(5)]
    first = await v2.ok("GET", "/v2/core/events?limit=2&types[0]=v1.customer.created")
    assert first["previous_page_url"] is None
    second = await v2.ok("GET", first["next_page_url"])
    third = await v2.ok("GET", second["next_page_url"])
    assert third["next_page_url"] is None
    seen = [one["related_object"]["id"] for page in (first, second, third) for one in page["data"]]
    assert seen == ids[::-1]
    assert (await v2.ok("GET", third["previous_page_url"]))["data"] == second["data"]
    assert (await v2.ok("GET", second["previous_page_url"]))["data"] == first["data"]
    about = await v2.ok("GET", f"/v2/core/events?object_id={ids[0]}")
    assert [one["type"] for one in about["data"]] == ["v1.customer.created"]
    assert (await v2.ok("GET", "/v2/core/events?created[gt]=2100-01-01T00:00:00Z"))["data"] == []


async def test_a_destination_lives_and_dies(v2: V2) -> None:
    """Stripe: the secret comes only where it is included in the creation; null unsets a key of metadata."""
    made = await v2.destination("v1.customer.created", metadata={"a": "1", "b": "2"})
    assert made["webhook_endpoint"] == {"signing_secret": None, "url": None}
    path = f"/v2/core/event_destinations/{made['id']}"
    told = await v2.ok("GET", f"{path}?include[0]=webhook_endpoint.url")
    assert told["webhook_endpoint"] == {"signing_secret": None, "url": HOOK}
    changed = await v2.ok("POST", path, {"metadata": {"a": None, "c": "3"}, "description": "for tests"})
    assert (changed["metadata"], changed["description"]) == ({"b": "2", "c": "3"}, "for tests")
    assert (await v2.ok("POST", f"{path}/disable"))["status_details"] == {"disabled": {"reason": "user"}}
    v2.talk.post("/v1/customers")
    assert await v2.posted() == []
    assert (await v2.ok("POST", f"{path}/enable"))["status"] == "enabled"
    assert [one["id"] for one in (await v2.ok("GET", "/v2/core/event_destinations"))["data"]] == [made["id"]]
    assert (await v2.ok("DELETE", path))["id"] == made["id"]
    status, refused = await v2.ask("GET", path)
    assert (status, refused["error"]["code"]) == (404, "not_found")


async def test_a_ping_is_posted_whatever_is_listened_to(v2: V2) -> None:
    """Stripe: it tests that the endpoint can be reached."""
    made = await v2.destination("v1.charge.refunded")
    ping = await v2.ok("POST", f"/v2/core/event_destinations/{made['id']}/ping")
    assert await v2.posted() == [ping]
    assert ping["type"] == "v2.core.event_destination.ping"
    assert ping["related_object"]["id"] == made["id"]
    assert (await v2.ok("GET", "/v2/core/events"))["data"] == [ping]


async def test_a_destination_for_snapshots_gets_whole_events(v2: V2) -> None:
    """Stripe: `event_payload` decides; connected accounts' events come where `@accounts` is among the scopes."""
    more = {"event_payload": "snapshot", "events_from": ["@accounts"], "snapshot_api_version": "2025-01-27.acacia"}
    await v2.destination("customer.created", **more)
    account = v2.talk.post("/v1/accounts", type="express", country="US")["id"]
    v2.talk.post("/v1/customers", name="ours")
    v2.talk.ask("POST", "/v1/customers", {"name": "theirs"}, {"Stripe-Account": account})
    (event,) = await v2.posted()
    assert (event["object"], event["account"], event["api_version"]) == ("event", account, "2025-01-27.acacia")
    assert event["data"]["object"]["name"] == "theirs"


async def test_a_thin_event_of_a_connected_account_names_it_as_context(v2: V2) -> None:
    """Stripe: what `context` names is sent back as `Stripe-Context` to read the object."""
    await v2.destination("*", events_from=["@accounts"])
    account = v2.talk.post("/v1/accounts", type="express", country="US")["id"]
    v2.talk.ask("POST", "/v1/customers", {"name": "theirs"}, {"Stripe-Account": account})
    event = next(one for one in await v2.posted() if one["type"] == "v1.customer.created")
    assert event["context"] == account
    status, _ = await v2.ask("GET", event["related_object"]["url"])
    assert status == 404
    assert (await v2.ok("GET", event["related_object"]["url"], Stripe_Context=account))["name"] == "theirs"


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"enabled_events": ["customer.created"]}, "thin event"),
        ({"enabled_events": []}, "enabled_events"),
        ({"event_payload": "fat"}, "event_payload"),
        ({"type": "amazon_eventbridge"}, "webhook_endpoint only"),
        ({"webhook_endpoint": {"url": "nowhere"}}, "URL"),
        ({"snapshot_api_version": "2025-01-27.acacia"}, "snapshot"),
        ({"surprise": True}, "surprise"),
        ({"include": ["everything"]}, "include"),
    ],
)
async def test_a_destination_that_cannot_be_is_refused(v2: V2, changed: dict[str, Any], word: str) -> None:
    """Stripe's v2: an error has a code and a message."""
    good = {"name": "x", "type": "webhook_endpoint", "event_payload": "thin", "enabled_events": ["*"]}
    wanted = {**good, "webhook_endpoint": {"url": HOOK}, **changed}
    status, answer = await v2.ask("POST", "/v2/core/event_destinations", wanted)
    assert status == 400
    assert set(answer["error"]) <= {"code", "message", "param"}
    assert word in answer["error"]["message"]


@pytest.mark.parametrize("token", ["x", "b2xkZXIuMS4", "!!", "b2xkZXIueC55"])
async def test_a_page_that_was_not_made_here_is_refused(v2: V2, token: str) -> None:
    """Ours: never a 500."""
    status, answer = await v2.ask("GET", f"/v2/core/events?page={token}")
    assert (status, answer["error"]["message"]) == (400, "Invalid page token.")


async def _meter(v2: V2) -> str:
    v2.talk.post("/v1/billing/meters", display_name="Calls", event_name="calls", default_aggregation={"formula": "sum"})
    return str(v2.talk.post("/v1/customers")["id"])


async def test_usage_is_reported_one_by_one(v2: V2) -> None:
    """Stripe: times are ISO strings in v2, rules are v1's."""
    customer = await _meter(v2)
    sent = {"event_name": "calls", "identifier": "once", "payload": {"stripe_customer_id": customer, "value": "3"}}
    made = await v2.ok("POST", "/v2/billing/meter_events", sent)
    assert (made["object"], made["timestamp"]) == ("v2.billing.meter_event", made["created"])
    status, answer = await v2.ask("POST", "/v2/billing/meter_events", sent)
    assert (status, "already exists" in answer["error"]["message"]) == (400, True)
    adjustment = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "once"}}
    assert (await v2.ok("POST", "/v2/billing/meter_event_adjustments", adjustment))["status"] == "complete"
    status, answer = await v2.ask("POST", "/v2/billing/meter_events", {**sent, "timestamp": "noon"})
    assert (status, answer["error"]["param"]) == (400, "timestamp")


async def test_a_session_reports_many_at_once_and_what_was_wrong_comes_as_an_event(v2: V2) -> None:
    """Stripe: the stream takes the session's token alone, validates later, and tells of errors by thin events."""
    customer = await _meter(v2)
    await v2.destination("v1.billing.meter.no_meter_found", "v1.billing.meter.error_report_triggered")
    session = await v2.ok("POST", "/v2/billing/meter_event_session")
    bearer = f"Bearer {session['authentication_token']}"
    good = {"event_name": "calls", "payload": {"stripe_customer_id": customer, "value": "3"}}
    events = [good, {**good, "event_name": "none"}, {**good, "payload": {"stripe_customer_id": customer}}]
    stream = "/v2/billing/meter_event_stream"
    await v2.ok("POST", stream, {"events": events}, Authorization=bearer)
    posted = await v2.posted()
    assert {one["type"] for one in posted} == {
        "v1.billing.meter.no_meter_found",
        "v1.billing.meter.error_report_triggered",
    }
    told = await v2.ok("GET", f"/v2/core/events/{posted[0]['id']}")
    assert told["data"]["reason"]["error_count"] == 1
    assert "data" not in posted[0]
    # The token is no key elsewhere, and ends after fifteen minutes.
    assert (await v2.ask("GET", "/v1/customers", Authorization=bearer))[0] == 401
    v2.talk.clock.pass_s(15 * 60)
    status, answer = await v2.ask("POST", stream, {"events": [good]}, Authorization=bearer)
    assert (status, answer["error"]["type"]) == (401, "temporary_session_expired")
    assert (await v2.ask("POST", stream, {"events": [good]}, Authorization="Bearer made_up"))[0] == 401


async def test_half_a_character_is_refused(v2: V2) -> None:
    """Ours: JSON can write what no text can hold; that is a 400, and nothing is kept."""
    body = '{"name": "\\ud800", "type": "webhook_endpoint", "event_payload": "thin", "enabled_events": ["*"]}'
    status, _, answer = await v2.talk.sandbox.respond("POST", "/v2/core/event_destinations", SIGNED, body.encode())
    assert (status, b"JSON object" in answer) == (400, True)
