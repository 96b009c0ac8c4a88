"""A write over MCP: a person is asked, on both eras, and what they say is done once."""

from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import ElicitRequestFormParams, ElicitResult, InputRequiredResult

from paydesk.server.call import PayDesk
from paydesk.server.caller import Bound, Scope
from paydesk.server.mcp import approvals
from paydesk.server.mcp.factory import build_server

ERAS = pytest.mark.parametrize("mode", ["auto", "legacy"])
REFUND = {"payment": "pi_1", "amount_minor": 500}
YES = ElicitResult(action="accept", content={"approve": True})


class Person:
    """Somebody in the client who gives one answer, and remembers what was asked."""

    def __init__(self, answer: ElicitResult) -> None:
        self.answer = answer
        self.asked: list[ElicitRequestFormParams] = []

    async def __call__(self, _: Any, params: Any) -> ElicitResult:
        self.asked.append(params)
        return self.answer


@ERAS
async def test_an_approved_write_is_sent_once_even_if_the_call_is_repeated(desk: PayDesk, gate: Any, mode: Any) -> None:
    """Ours: a model that repeats itself must not refund twice."""
    person = Person(YES)
    async with Client(build_server(desk), mode=mode, elicitation_callback=person) as client:
        first = await client.call_tool("refund_payment", REFUND)
        again = await client.call_tool("refund_payment", REFUND)
    assert [first.structured_content["state"], again.structured_content["state"]] == ["succeeded", "succeeded"]
    assert [request.params for request in gate.sent] == [{"payment_intent": "pi_1", "amount": 500}]
    assert len(person.asked) == 1
    assert gate.heard[0][2] == "person in mcp"
    assert gate.client_asks


@ERAS
async def test_the_form_asks_the_gates_question_and_only_for_a_yes(desk: PayDesk, mode: Any) -> None:
    """MCP: a form asks for flat, plain fields and never for credentials; ours: leaving it as it stands is no."""
    person = Person(YES)
    async with Client(build_server(desk), mode=mode, elicitation_callback=person) as client:
        await client.call_tool("refund_payment", REFUND)
    assert person.asked[0].message == "Refund pi_1?"
    assert list(person.asked[0].requested_schema["properties"]) == ["approve"]
    assert person.asked[0].requested_schema["properties"]["approve"]["default"] is False


@ERAS
@pytest.mark.parametrize(
    "no",
    [
        ElicitResult(action="decline"),
        ElicitResult(action="cancel"),
        ElicitResult(action="accept", content={"approve": False}),
        ElicitResult(action="accept", content={"approve": "true"}),
        ElicitResult(action="accept", content={"approve": 1}),
        ElicitResult(action="accept", content={}),
        ElicitResult(action="decline", content={"approve": True}),
    ],
    ids=["decline", "cancel", "false", "text", "number", "empty", "declined-true"],
)
async def test_anything_but_a_clear_yes_sends_nothing(desk: PayDesk, gate: Any, mode: Any, no: ElicitResult) -> None:
    """Ours: a host may press accept by itself, so the field counts as well as the action."""
    async with Client(build_server(desk), mode=mode, elicitation_callback=Person(no)) as client:
        answer = await client.call_tool("refund_payment", REFUND)
    assert not answer.is_error
    assert answer.structured_content["state"] == "rejected"
    assert gate.sent == []


@ERAS
async def test_a_client_that_cannot_ask_gets_an_ordinary_answer(desk: PayDesk, gate: Any, mode: Any) -> None:
    """Ours: several frameworks declare no elicitation; error -32021 would break them, so the answer says what waits."""
    async with Client(build_server(desk), mode=mode) as client:
        answer = await client.call_tool("refund_payment", REFUND)
    assert not answer.is_error
    assert answer.structured_content["state"] == "waiting"
    assert answer.structured_content["approve"]
    assert (gate.sent, gate.client_asks) == ([], False)


@ERAS
async def test_what_must_be_approved_out_of_band_is_not_asked_in_the_client(
    desk: PayDesk, gate: Any, mode: Any
) -> None:
    """Ours: the policy may hold that a form which the host controls is not enough."""
    gate.out_of_band = True
    person = Person(YES)
    async with Client(build_server(desk), mode=mode, elicitation_callback=person) as client:
        answer = await client.call_tool("refund_payment", REFUND)
    assert answer.structured_content["state"] == "waiting"
    assert (person.asked, gate.sent) == ([], [])


@ERAS
async def test_a_sentence_that_means_a_write_is_asked_about_too(desk: PayDesk, gate: Any, mode: Any) -> None:
    """Ours: `ask` goes the same path as any call."""
    person = Person(YES)
    async with Client(build_server(desk), mode=mode, elicitation_callback=person) as client:
        answer = await client.call_tool("ask", {"text": "refund pi_7"})
    assert answer.structured_content["result"]["state"] == "succeeded"
    assert answer.structured_content["skill"] == "refund_payment"
    assert [len(person.asked), len(gate.sent)] == [1, 1]


@ERAS
async def test_looking_at_a_proposal_does_not_ask_again(desk: PayDesk, mode: Any) -> None:
    """Ours: `get_proposal` is how a model waits; a question a look would wear a person down."""
    async with Client(build_server(desk), mode=mode) as client:
        waiting = await client.call_tool("refund_payment", REFUND)
    person = Person(YES)
    async with Client(build_server(desk), mode=mode, elicitation_callback=person) as client:
        arguments = {"proposal": waiting.structured_content["proposal_id"]}
        answer = await client.call_tool("get_proposal", arguments)
    assert answer.structured_content["state"] == "waiting"
    assert person.asked == []


@ERAS
async def test_stripes_refusal_after_the_yes_is_an_error_with_its_code_and_request(
    desk: PayDesk, gate: Any, mode: Any
) -> None:
    """Ours: an error carries Stripe's code and request id to whoever has to ask Stripe."""
    gate.refuses = True
    async with Client(build_server(desk), mode=mode, elicitation_callback=Person(YES)) as client:
        answer = await client.call_tool("refund_payment", REFUND)
    assert answer.is_error
    assert "Stripe code charge_disputed, Stripe request req_1" in answer.content[0].text


async def test_a_person_who_never_answers_leaves_the_proposal_waiting(
    desk: PayDesk, gate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: every wait has a bound; after it the call answers and the proposal waits on."""
    monkeypatch.setattr(approvals, "ELICITATION_TIMEOUT_S", 0.0)
    async with Client(build_server(desk), mode="legacy", elicitation_callback=Person(YES)) as client:
        answer = await client.call_tool("refund_payment", REFUND)
    assert answer.structured_content["state"] == "waiting"
    assert gate.sent == []


async def _first_round(client: Client, arguments: dict[str, Any] = REFUND) -> InputRequiredResult:
    asked = await client.session.call_tool("refund_payment", arguments, allow_input_required=True)
    assert isinstance(asked, InputRequiredResult)
    return asked


async def test_a_replayed_approval_gets_the_stored_outcome_and_sends_nothing_again(desk: PayDesk, gate: Any) -> None:
    """MCP leaves single use to the server: requestState is sealed, and can be replayed as often as one likes."""
    async with Client(build_server(desk), elicitation_callback=Person(YES)) as client:
        asked = await _first_round(client)
        states = []
        for answer in (YES, YES, ElicitResult(action="decline")):
            done = await client.session.call_tool(
                "refund_payment", REFUND, input_responses={"approval": answer}, request_state=asked.request_state
            )
            states.append(done.structured_content["state"])
    assert states == ["succeeded", "succeeded", "succeeded"]
    assert len(gate.sent) == 1


async def test_an_approval_fits_only_the_call_that_asked_for_it(desk: PayDesk, gate: Any) -> None:
    """MCP: requestState is attacker-controlled; the yes to 5.00 must not approve 5,000.00."""
    async with Client(build_server(desk), elicitation_callback=Person(YES)) as client:
        asked = await _first_round(client)
        for tool, arguments, state in (
            ("refund_payment", {**REFUND, "amount_minor": 500_000}, asked.request_state),
            ("create_customer", REFUND, asked.request_state),
            ("refund_payment", REFUND, (asked.request_state or "")[:-2] + "xx"),
            ("refund_payment", REFUND, "made up"),
        ):
            with pytest.raises(MCPError, match="requestState"):
                await client.session.call_tool(
                    tool, arguments, input_responses={"approval": YES}, request_state=state, allow_input_required=True
                )
    assert gate.sent == []


async def test_an_approval_is_worthless_to_a_narrower_scope(desk: PayDesk, gate: Any) -> None:
    """Ours: what a request may not call it may not finish either."""
    key = [b"k" * 32]
    async with Client(build_server(desk, state_keys=key), elicitation_callback=Person(YES)) as client:
        asked = await _first_round(client)
    narrow = build_server(desk, scope=Scope((Bound(read_only=True),)), state_keys=key)
    async with Client(narrow, elicitation_callback=Person(YES)) as client:
        answer = await client.session.call_tool(
            "refund_payment", REFUND, input_responses={"approval": YES}, request_state=asked.request_state
        )
    assert answer.is_error
    assert gate.sent == []


async def test_another_principal_cannot_finish_a_call(desk: PayDesk, gate: Any) -> None:
    """Ours: a proposal belongs to who made it."""
    key = [b"k" * 32]
    async with Client(build_server(desk, state_keys=key), elicitation_callback=Person(YES)) as client:
        asked = await _first_round(client)
    other = build_server(desk, principal="somebody else", state_keys=key)
    async with Client(other, elicitation_callback=Person(YES)) as client:
        answer = await client.session.call_tool(
            "refund_payment", REFUND, input_responses={"approval": YES}, request_state=asked.request_state
        )
    assert answer.is_error
    assert gate.sent == []


async def test_a_repeated_call_without_the_answer_is_asked_again(desk: PayDesk, gate: Any) -> None:
    """MCP: a client may lose the answer; the server asks once more and nothing happens meanwhile."""
    async with Client(build_server(desk), elicitation_callback=Person(YES)) as client:
        asked = await _first_round(client)
        again = await client.session.call_tool(
            "refund_payment", REFUND, request_state=asked.request_state, allow_input_required=True
        )
    assert isinstance(again, InputRequiredResult)
    assert gate.sent == []
