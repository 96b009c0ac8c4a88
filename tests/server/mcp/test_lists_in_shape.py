"""A list over MCP in the shape that `detail` asks for: its fields, or CSV; both eras, held to the tool's own schema."""

import csv
import io
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from mcp import Client

from paydesk.server.mcp.factory import build_server
from paydesk.server.settings import Settings
from paydesk.server.wiring import open_desk

ERAS = pytest.mark.parametrize("mode", ["auto", "legacy"])
LISTS = ["list_payments", "find_customers", "list_products", "list_events", "list_coupons", "list_proposals"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose sandbox is built once for all tests here."""
    return tmp_path_factory.mktemp("home")


@ERAS
async def test_a_list_is_told_as_it_was_asked_for(home: Path, mode: Any) -> None:
    """MCP: structured content fits the output schema in every shape (the client checks it); ours: the text as well."""
    async with open_desk(Settings(home=home, mirror="off")) as desk, Client(build_server(desk), mode=mode) as client:
        schemas = {tool.name: tool.output_schema for tool in (await client.list_tools()).tools}
        for name in LISTS:
            for detail in ("csv", "csv:full", "full", "id" if name != "list_proposals" else "state"):
                answer = await client.call_tool(name, {"limit": 3, "detail": detail})
                assert not answer.is_error, answer
                jsonschema.validate(answer.structured_content, schemas[name])
                assert ("table" in answer.structured_content) == detail.startswith("csv")


@ERAS
async def test_a_table_is_the_same_list_and_says_how_to_go_on(home: Path, mode: Any) -> None:
    """Ours: CSV below the sentence and in `table`, with the same payments and amounts; next_cursor stays the end."""
    async with open_desk(Settings(home=home, mirror="off")) as desk, Client(build_server(desk), mode=mode) as client:
        plain = await client.call_tool("list_payments", {"limit": 20})
        table = await client.call_tool("list_payments", {"limit": 20, "detail": "csv"})
    rows = list(csv.DictReader(io.StringIO(table.structured_content["table"], newline="")))
    assert [row["id"] for row in rows] == [one["id"] for one in plain.structured_content["payments"]]
    assert "payments" not in table.structured_content
    first, *lines, last = table.content[0].text.split("\n")
    assert first == plain.content[0].text.split("\n")[0]
    assert lines == table.structured_content["table"].split("\r\n")[:-1]
    assert last == f"next_cursor {plain.structured_content['next_cursor']}"


@ERAS
async def test_an_unknown_field_is_answered_with_those_of_the_list(home: Path, mode: Any) -> None:
    """Ours: a model mends it in one more call, and nothing was read for the first."""
    async with open_desk(Settings(home=home, mirror="off")) as desk, Client(build_server(desk), mode=mode) as client:
        answer = await client.call_tool("list_payouts", {"detail": "id,arrived"})
    error = answer.structured_content["error"]
    assert (error["code"], error["field"]) == ("unknown_field", "detail")
    assert "arrives" in " ".join(error["choices"])
    assert "csv" in answer.content[0].text


async def test_a_sentence_may_ask_for_a_table(home: Path) -> None:
    """Ours: whoever says CSV gets it, through `ask` as well."""
    async with open_desk(Settings(home=home, mirror="off")) as desk, Client(build_server(desk)) as client:
        answer = await client.call_tool("ask", {"text": "export October payments as csv"})
    assert answer.structured_content["skill"] == "list_payments"
    assert answer.structured_content["result"]["table"].startswith("id,amount,amount_currency,")
