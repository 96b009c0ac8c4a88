"""Webhook endpoints: everything that they can do, once."""

from typing import Any


def tell(talk: Any) -> None:
    """Let all of it happen."""
    made = talk.post(
        "/v1/webhook_endpoints",
        url="https://shop.test/hooks",
        enabled_events=["charge.succeeded", "customer.created"],
        description="Orders",
        api_version="2026-08-27.dahlia",
        metadata={"a": "b"},
    )
    at = f"/v1/webhook_endpoints/{made['id']}"
    talk.post(at, disabled=True, enabled_events=["*"], description="")
    talk.get(at)
    talk.get("/v1/webhook_endpoints")
    talk.post("/v1/webhook_endpoints", url="https://shop.test/all", enabled_events=["*"], connect=True)
    talk.delete(at)
