"""URL elicitation: chosen where a form would not count, never taken for an answer, and bound like any other round."""

from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import (
    ClientCapabilities,
    ElicitationCapability,
    ElicitRequestFormParams,
    ElicitRequestURLParams,
    ElicitResult,
    InputRequiredResult,
    UrlElicitationCapability,
)

from paydesk.server.call import PayDesk
from paydesk.server.mcp import approvals
from paydesk.server.mcp.factory import build_server

ERAS = pytest.mark.parametrize("mode", ["auto", "legacy"])
REFUND = {"payment": "pi_1", "amount_minor": 500}
YES = ElicitResult(action="accept", content={"approve": True})
PAGE = "http://127.0.0.1:1/approve/"


class Person:
    """A client's end that gives one answer and remembers what was asked."""

    def __init__(self, answer: ElicitResult = YES) -> None:
        self.answer = answer
        self.asked: list[Any] = []

    async def __call__(self, _: Any, params: Any) -> ElicitResult:
        self.asked.append(params)
        return self.answer


@pytest.fixture
def paged(desk: PayDesk, gate: Any, monkeypatch: pytest.MonkeyPatch) -> PayDesk:
    """The desk with a page, where answers from inside the client do not count, and nobody waits."""
    monkeypatch.setattr(approvals, "PAGE_WAIT_S", 0.0)
    desk.show_pages_at(lambda proposal_id: PAGE + proposal_id)
    gate.out_of_band = True
    return desk


@ERAS
@pytest.mark.parametrize("answer", [YES, ElicitResult(action="accept"), ElicitResult(action="decline")])
async def test_an_address_is_asked_about_and_no_answer_to_it_counts(
    paged: PayDesk, gate: Any, mode: Any, answer: ElicitResult
) -> None:
    """MCP: accept means that the page was opened; ours: neither it nor a smuggled `approve: true` decides anything."""
    person = Person(answer)
    async with Client(build_server(paged), mode=mode, elicitation_callback=person) as client:
        result = await client.call_tool("refund_payment", REFUND)
    [asked] = person.asked
    assert isinstance(asked, ElicitRequestURLParams)
    assert asked.url == PAGE + result.structured_content["proposal_id"]
    assert (asked.elicitation_id is not None) == (mode == "legacy")
    assert (result.structured_content["state"], gate.sent, gate.heard) == ("waiting", [], [])


@ERAS
async def test_a_form_is_preferred_where_the_policy_lets_it_count(paged: PayDesk, gate: Any, mode: Any) -> None:
    """Ours: what the policy demands decides; a person in the chat need not leave it."""
    gate.out_of_band = False
    person = Person()
    async with Client(build_server(paged), mode=mode, elicitation_callback=person) as client:
        result = await client.call_tool("refund_payment", REFUND)
    assert isinstance(person.asked[0], ElicitRequestFormParams)
    assert result.structured_content["state"] == "succeeded"


@ERAS
async def test_without_a_page_there_is_nothing_to_open(desk: PayDesk, gate: Any, mode: Any) -> None:
    """Ours: the ordinary answer says how a person approves."""
    gate.out_of_band = True
    person = Person()
    async with Client(build_server(desk), mode=mode, elicitation_callback=person) as client:
        result = await client.call_tool("refund_payment", REFUND)
    assert (person.asked, result.structured_content["state"]) == ([], "waiting")


async def _opened(client: Client) -> InputRequiredResult:
    asked = await client.session.call_tool("refund_payment", REFUND, allow_input_required=True)
    assert isinstance(asked, InputRequiredResult)
    return asked


async def test_the_state_of_an_address_approves_nothing_even_once_forms_count(paged: PayDesk, gate: Any) -> None:
    """Ours: the round's kind is sealed; replayed with a form's answer under a looser policy it is still no yes."""
    async with Client(build_server(paged), elicitation_callback=Person()) as client:
        asked = await _opened(client)
        gate.out_of_band = False
        for _ in range(3):
            result = await client.session.call_tool(
                "refund_payment", REFUND, input_responses={"approval": YES}, request_state=asked.request_state
            )
            assert result.structured_content["state"] == "waiting"
    assert (gate.sent, gate.heard) == ([], [])


async def test_a_forms_state_approves_nothing_once_only_the_page_counts(paged: PayDesk, gate: Any) -> None:
    """Ours: a policy that became stricter between question and answer holds."""
    gate.out_of_band = False
    async with Client(build_server(paged), elicitation_callback=Person()) as client:
        asked = await _opened(client)
        gate.out_of_band = True
        result = await client.session.call_tool(
            "refund_payment", REFUND, input_responses={"approval": YES}, request_state=asked.request_state
        )
    assert (result.structured_content["state"], gate.sent) == ("waiting", [])


async def test_the_state_of_an_address_fits_only_its_own_call(paged: PayDesk, gate: Any) -> None:
    """MCP: requestState is attacker-controlled: altered, or with another call, it is refused."""
    async with Client(build_server(paged), elicitation_callback=Person()) as client:
        asked = await _opened(client)
        for arguments, state in (
            ({**REFUND, "amount_minor": 1}, asked.request_state),
            (REFUND, (asked.request_state or "")[:-2] + "xx"),
            (REFUND, "made up"),
        ):
            with pytest.raises(MCPError, match="requestState"):
                await client.session.call_tool("refund_payment", arguments, request_state=state)
    assert gate.sent == []


async def test_what_was_decided_on_the_page_answers_the_repeated_call(paged: PayDesk, gate: Any) -> None:
    """Ours: the client repeats the call after the page was closed, and gets the outcome."""
    async with Client(build_server(paged), elicitation_callback=Person()) as client:
        asked = await _opened(client)
        [proposal_id] = gate.proposals
        await gate.approve(proposal_id, approver="page:bea", via="page", principal="local")
        result = await client.session.call_tool(
            "refund_payment", REFUND, input_responses={"approval": YES}, request_state=asked.request_state
        )
    assert (result.structured_content["state"], len(gate.sent)) == ("succeeded", 1)


class _Context:
    """As much of a request's context as says what the client can do."""

    def __init__(self, version: str, *, url: bool) -> None:
        elicitation = ElicitationCapability(url=UrlElicitationCapability() if url else None)
        self.protocol_version = version
        self.client_capabilities = ClientCapabilities(elicitation=elicitation)


@pytest.mark.parametrize(
    ("version", "url", "form", "opens"),
    [
        ("2025-06-18", False, True, False),
        ("2025-06-18", True, False, False),
        ("2025-11-25", True, False, True),
        ("2025-11-25", False, True, False),
        ("2026-07-28", True, False, True),
    ],
)
def test_what_a_client_can_do_is_what_it_declared(version: str, url: bool, form: bool, opens: bool) -> None:
    """MCP: `elicitation: {}` means forms; URL mode exists since 2025-11-25 and has to be declared."""
    context: Any = _Context(version, url=url)
    assert (approvals.can_elicit(context), approvals.can_open(context)) == (form, opens)
