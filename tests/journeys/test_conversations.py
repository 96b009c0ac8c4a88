"""Whole conversations, the same over every transport and on both protocol eras."""

import json
from typing import Any

from mcp.types import ElicitResult

DECLINE = ElicitResult(action="decline")
APPROVE = ElicitResult(action="accept", content={"approve": True})


class Person:
    """Somebody in the client: gives the answers in turn, and remembers the questions."""

    def __init__(self, *answers: ElicitResult) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, _: Any, params: Any) -> ElicitResult:
        self.asked.append(params.message)
        return self.answers.pop(0)


async def _left(client: Any, payment: str) -> int:
    """What of the payment can still be refunded, in minor units."""
    shown = await client.call_tool("get_payment", {"payment": payment, "detail": "full"})
    return int(shown.structured_content["refundable"]["amount_minor"])


async def test_a_conversation_reads_errs_and_reads_on(connect: Any, till: Any) -> None:
    """Ours: the same tools, words and errors whatever the transport and the era; MCP: schemas, resources, prompts."""
    async with connect() as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert {"ask", "get_balance", "list_payments", "refund_payment", "get_proposal"} <= set(tools)
        balance = await client.call_tool("get_balance", {})
        assert balance.content[0].text.startswith("[sandbox] ")
        payment = await client.call_tool("get_payment", {"payment": till.payment})
        assert payment.structured_content["amount"] == {"amount_minor": 4000, "currency": "usd", "text": "$40.00"}
        wrong = await client.call_tool("list_payments", {"limit": "5"})
        assert wrong.is_error
        assert wrong.structured_content["error"]["field"] == "limit"
        unknown = await client.call_tool("get_payment", {"payment": "pi_doesnotexist"})
        assert unknown.is_error
        assert unknown.structured_content["error"]["code"] == "not_found"
        asked = await client.call_tool("ask", {"text": "what's my balance?"})
        assert asked.structured_content["skill"] == "get_balance"
        nonsense = await client.call_tool("ask", {"text": "purple monkey dishwasher"})
        assert not nonsense.is_error
        assert "result" not in nonsense.structured_content
        account = await client.read_resource("paydesk://account")
        assert json.loads(account.contents[0].text)["mode"] == "sandbox"
        assert {prompt.name for prompt in (await client.list_prompts()).prompts} >= {"month_end_review"}
        prompt = await client.get_prompt("month_end_review", {"month": "2026-10"})
        assert '"start": "2026-10-01", "end": "2026-11-01"' in prompt.messages[0].content.text
        again = await client.call_tool("get_balance", {})
        assert again.structured_content == balance.structured_content


async def test_a_declined_refund_changes_nothing_and_an_approved_one_happens_once(connect: Any, till: Any) -> None:
    """Ours: a person decides, and what they approved is sent exactly once even if the call is repeated."""
    person = Person(DECLINE, APPROVE)
    refund = {"payment": till.payment, "amount_minor": 1500}
    async with connect(elicitation_callback=person) as client:
        declined = await client.call_tool("refund_payment", refund)
        assert declined.structured_content["state"] == "rejected"
        assert await _left(client, till.payment) == 4000
        done = await client.call_tool("refund_payment", refund)
        assert done.structured_content["state"] == "succeeded"
        repeated = await client.call_tool("refund_payment", refund)
        assert repeated.structured_content["repeated"]
        assert await _left(client, till.payment) == 2500
    assert len(person.asked) == 2
    assert "$15.00" in person.asked[0]


async def test_a_client_that_cannot_ask_waits_for_the_operator(connect: Any, till: Any) -> None:
    """Ours: most frameworks declare no elicitation; a person approves at a terminal, and get_proposal tells of it."""
    async with connect() as client:
        made = await client.call_tool("refund_payment", {"payment": till.payment})
        assert not made.is_error
        proposal_id = made.structured_content["proposal_id"]
        assert made.structured_content["state"] == "waiting"
        assert f"paydesk approve {proposal_id}" in made.content[0].text
        assert await _left(client, till.payment) == 4000
        for _ in range(2):
            approved = till.run("approve", proposal_id, "--yes")
            assert approved.returncode == 0, approved.stdout + approved.stderr
        told = await client.call_tool("get_proposal", {"proposal": proposal_id})
        assert told.structured_content["state"] == "succeeded"
        assert await _left(client, till.payment) == 0
        resource = await client.read_resource(f"paydesk://proposals/{proposal_id}")
        assert json.loads(resource.contents[0].text)["state"] == "succeeded"
