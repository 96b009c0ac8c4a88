"""The account changes while a person thinks: nothing is sent, and the new plan is asked about in the same call."""

from typing import Any

import pytest
from mcp import Client
from mcp.types import ElicitResult

from paydesk.server.mcp.factory import build_server
from paydesk.server.wiring import open_desk
from paydesk.skills.base import StripeRequest


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_refund_that_went_stale_is_asked_about_anew(till: Any, mode: str) -> None:
    """Ours: a yes to what was shown is no yes to what has become of it."""
    asked: list[str] = []
    async with open_desk(till.settings) as desk:
        door = await desk.door()

        async def person(_: Any, params: Any) -> ElicitResult:
            asked.append(params.message)
            if len(asked) == 1:  # somebody else gives a part of it back meanwhile
                request = StripeRequest("POST", "/v1/refunds", {"payment_intent": till.payment, "amount": 500})
                await door.send(request, idempotency_key="somebody-else")
            return ElicitResult(action="accept", content={"approve": True})

        async with Client(build_server(desk), mode=mode, elicitation_callback=person) as client:
            done = await client.call_tool("refund_payment", {"payment": till.payment, "amount_minor": 1500})
            assert done.structured_content["state"] == "succeeded"
            told = await client.call_tool("get_payment", {"payment": till.payment, "detail": "full"})
        assert told.structured_content["refundable"]["amount_minor"] == 4000 - 500 - 1500
        first, second = asked
        assert "takes the place of" not in first
        assert "takes the place of" in second
        assert "Refundable was" not in first
        gate = await desk.gate()
        assert sorted(one.state for one in await gate.list(principal=None)) == ["stale", "succeeded"]
