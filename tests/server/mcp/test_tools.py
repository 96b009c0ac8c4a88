"""Tools over MCP: listed exactly, called strictly, every failure an answer."""

import logging
from typing import Any

import jsonschema
import pytest
from mcp import Client

from paydesk.server.call import PayDesk
from paydesk.server.caller import Bound, Caller, Scope
from paydesk.server.mcp.factory import build_server
from paydesk.skills.base import Outcome

ERAS = pytest.mark.parametrize("mode", ["auto", "legacy"])


async def test_tools_are_listed_in_the_same_order_with_titles_schemas_and_true_hints(desk: PayDesk) -> None:
    """Ours: a list that changes its order spoils a model's cache; a hint that lies lets a host approve by itself."""
    async with Client(build_server(desk)) as client:
        tools = (await client.list_tools()).tools
    assert [tool.name for tool in tools] == sorted(tool.name for tool in tools)
    hints = {tool.name: tool.annotations for tool in tools if tool.annotations}
    assert all(tool.title and tool.description and tool.output_schema for tool in tools)
    assert {name for name, hint in hints.items() if hint.destructive_hint} == {"ask", "refund_payment"}
    assert {name for name, hint in hints.items() if hint.read_only_hint} == {"get_balance", "get_proposal"}
    assert all(hint.idempotent_hint and hint.open_world_hint for hint in hints.values())


async def test_a_desk_without_writes_is_read_only_also_in_words(desk: PayDesk) -> None:
    """Ours: `ask` reaches what stands beside it, no more; its hint says so."""
    async with Client(build_server(desk, scope=Scope((Bound(read_only=True),)))) as client:
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == ["ask", "get_balance", "get_proposal"]
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
        refused = await client.call_tool("refund_payment", {"payment": "pi_1"})
    assert refused.is_error
    assert refused.structured_content["error"]["code"] == "unknown_skill"


@ERAS
async def test_an_answer_is_one_block_of_text_and_the_same_as_structured_content(desk: PayDesk, mode: Any) -> None:
    """MCP: a tool with an output schema answers with structured content, and with text for older clients."""
    async with Client(build_server(desk), mode=mode) as client:
        schema = {tool.name: tool.output_schema for tool in (await client.list_tools()).tools}["get_balance"]
        answer = await client.call_tool("get_balance", {"detail": "concise"})
    assert [block.text for block in answer.content] == ["[sandbox] Available: $12.34.\n$12.34"]
    assert answer.structured_content == {"available": [{"amount_minor": 1234, "currency": "usd", "text": "$12.34"}]}
    jsonschema.validate(answer.structured_content, schema)


@ERAS
@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"limit": "5"}, "limit"),
        ({"limit": 5.5}, "limit"),
        ({"limit": True}, "limit"),
        ({"limit": 0}, "limit"),
        ({"detail": "verysecret"}, "detail"),
        ({"verysecret": 1}, "verysecret"),
        ({"currency": ["verysecret"]}, "currency"),
    ],
)
async def test_bad_arguments_name_the_field_and_never_the_value(
    desk: PayDesk, mode: Any, arguments: dict[str, Any], field: str
) -> None:
    """Ours: lax types would turn true into 1; a value that is echoed may be a secret that was pasted."""
    async with Client(build_server(desk), mode=mode) as client:
        answer = await client.call_tool("get_balance", arguments)
    assert answer.is_error
    error = answer.structured_content["error"]
    assert (error["code"], error["field"]) == ("invalid_arguments", field)
    assert "verysecret" not in answer.model_dump_json() or field == "verysecret"


async def test_an_error_of_a_skill_says_what_to_do_next(desk: PayDesk) -> None:
    """Ours: code, field and next step, in words and as structured content."""
    async with Client(build_server(desk)) as client:
        answer = await client.call_tool("get_balance", {"currency": "xxx"})
    assert answer.is_error
    assert answer.structured_content["error"]["next_step"] == "Use an ISO code."
    assert "(code not_found, field currency)" in answer.content[0].text


async def test_a_fault_of_ours_is_masked_and_logged_without_its_values(
    desk: PayDesk, caplog: pytest.LogCaptureFixture
) -> None:
    """Ours: an exception's text may hold a key or a customer's name; the caller gets a number, the log the place."""
    async with Client(build_server(desk)) as client:
        with caplog.at_level(logging.DEBUG):
            answer = await client.call_tool("get_balance", {"currency": "zzz"})
    assert answer.is_error
    error = answer.structured_content["error"]
    assert error["code"] == "internal_error"
    incident = error["message"].partition("incident ")[2][:8]
    line = next(record.getMessage() for record in caplog.records if incident in record.getMessage())
    assert "RuntimeError" in line
    assert "get_balance" in line
    assert "verysecret" not in caplog.text + answer.model_dump_json()


@ERAS
async def test_an_unknown_tool_is_answered_with_the_nearest_names(desk: PayDesk, mode: Any) -> None:
    """Ours: a model that misspells a name can mend it at once."""
    async with Client(build_server(desk), mode=mode) as client:
        answer = await client.call_tool("get_balanse", {})
    assert answer.is_error
    assert answer.structured_content["error"]["choices"][0] == "get_balance"


async def test_an_undo_that_the_caller_may_not_call_is_not_offered(desk: PayDesk) -> None:
    """Ours: what a request narrows away is not named in its answers either."""
    outcome = Outcome(state="succeeded", says="Done.", undo_call={"skill": "refund_payment", "arguments": {}})
    narrow = Caller("local").within(Bound(excluded=frozenset({"refund_payment"})))
    assert desk.as_offered(outcome, Caller("local")).undo_call == outcome.undo_call
    assert desk.as_offered(outcome, narrow).undo_call is None
    assert (
        desk.as_offered(outcome.model_copy(update={"undo_call": {"skill": "gone"}}), Caller("local")).undo_call is None
    )
