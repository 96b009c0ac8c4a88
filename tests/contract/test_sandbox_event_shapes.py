"""Webhook endpoints, events and their types against Stripe's OpenAPI document."""

from collections.abc import Callable
from typing import Any

import pytest

from paydesk.server.sandbox import event_types


def test_the_types_of_events_are_stripes(judge: Any) -> None:
    """Stripe's OpenAPI: the table has exactly the document's types."""
    assert event_types.SNAPSHOT_TYPES | {"*"} == judge.event_types


@pytest.fixture
def talk(new_talk: Callable[..., Any]) -> Any:
    return new_talk()


def test_webhook_endpoints_have_stripes_shape(talk: Any, judge: Any) -> None:
    """Stripe's OpenAPI: created, retrieved, listed, changed, deleted."""
    path = "/v1/webhook_endpoints"
    one = f"{path}/{{webhook_endpoint}}"
    made = talk.post(path, url="https://example.com/hook", enabled_events=["*"], description="d", connect=True)
    at = f"{path}/{made['id']}"
    assert judge.faults("POST", path, made) == []
    assert judge.faults("GET", one, talk.get(at)) == []
    assert judge.faults("GET", path, talk.get(path)) == []
    assert judge.faults("POST", one, talk.post(at, disabled=True, metadata={"a": "b"})) == []
    assert judge.faults("DELETE", one, talk.delete(at)) == []


def test_events_have_stripes_shape_while_they_wait(talk: Any, judge: Any) -> None:
    """Stripe's OpenAPI: an event that is still to be delivered is an event."""
    talk.post("/v1/webhook_endpoints", url="https://example.com/hook", enabled_events=["*"])
    talk.post("/v1/customers")
    events = talk.get("/v1/events")
    assert judge.faults("GET", "/v1/events", events) == []
    assert events["data"][0]["pending_webhooks"] == 1
