"""A write that only counts out of band, over every transport: the page is opened, decided on, and told."""

import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx2
import pytest
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError
from mcp.types import ElicitCompleteNotification, ElicitResult, ResourceUpdatedNotification

from paydesk.server.settings import load_settings
from paydesk.server.wiring import open_desk

OUTSIDE = 'version = 1\n[[rule]]\nname = "outside"\nthen = "ask_out_of_band"\nwhy = "a client may answer by itself"\n'
WAYS = [("stdio", "auto"), ("stdio", "legacy"), ("http", "auto"), ("http", "legacy"), ("sse", "legacy")]


def over(*ways: tuple[str, str]) -> pytest.MarkDecorator:
    """The test, over these ways; each costs a process and some seconds."""
    return pytest.mark.parametrize("connect", ways, indirect=True, ids=[f"{way}-{era}" for way, era in ways])


YES = {"name": "bea", "pin": "4711x"}


@pytest.fixture(scope="module")
def furnished_home(furnished_home: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The furnished home, where only approvals out of band count and bea has a PIN."""
    home = tmp_path_factory.mktemp("staffed") / "home"
    shutil.copytree(furnished_home[0], home)
    (home / "policy.toml").write_text(OUTSIDE)

    async def hire() -> None:
        async with open_desk(load_settings(home=home)) as desk:
            await (await desk.gate()).pins.set("bea", "4711x")

    anyio.run(hire)
    return home, furnished_home[1]


async def decide_on_page(url: str, *, action: str = "approve", **fields: str) -> httpx2.Response:
    """What a person does in a browser: look, and send one of the two forms."""
    parts = urlsplit(url)
    async with httpx2.AsyncClient(timeout=60) as http:
        page = await http.get(url)
        assert page.status_code == 200, page.text
        [mark, *_] = re.findall(r'name="mark" value="(\w+)"', page.text)
        headers = {"Origin": f"{parts.scheme}://{parts.netloc}"}
        sent = await http.post(f"{url}/{action}", data={"mark": mark, **fields}, headers=headers)
        return (
            await http.get(f"{parts.scheme}://{parts.netloc}{sent.headers['location']}") if sent.is_redirect else sent
        )


class Person:
    """Somebody whose client opens addresses; decides there, or only looks. Remembers what was asked and told."""

    def __init__(self, action: str = "accept", **fields: str) -> None:
        self.action = action
        self.fields = fields
        self.asked: list[Any] = []
        self.heard: list[Any] = []
        self.told = anyio.Event()

    async def __call__(self, _: Any, params: Any) -> ElicitResult:
        self.asked.append(params)
        if self.fields:
            await decide_on_page(params.url, **self.fields)
        # `approve` is a field of our form; an answer to an address must not be taken for it.
        return ElicitResult(action=self.action, content={"approve": True} if self.action == "accept" else None)

    async def listen(self, message: Any) -> None:
        """The client's handler of notifications."""
        self.heard.append(message)
        if isinstance(message, ElicitCompleteNotification | ResourceUpdatedNotification):
            self.told.set()


def _url_in(answer: Any) -> str:
    found = re.search(r"http://\S+/approve/prop_\w+/\w+", answer.content[0].text)
    assert found, answer.content[0].text
    return found[0]


@over(*WAYS)
async def test_the_page_is_opened_by_the_client_and_the_call_tells_the_end(till: Any, connect: Any) -> None:
    """MCP: URL mode, where the policy wants more than a form; ours: what was decided there is the call's answer."""
    person = Person(**YES)
    async with connect(elicitation_callback=person, message_handler=person.listen) as client:
        done = await client.call_tool("refund_payment", {"payment": till.payment, "amount_minor": 1500})
        assert done.structured_content["state"] == "succeeded", done.content[0].text
        again = await client.call_tool("refund_payment", {"payment": till.payment, "amount_minor": 1500})
        assert again.structured_content["repeated"]
    [asked] = person.asked
    assert (asked.mode, "Refund $15.00" in asked.message) == ("url", True)
    completed = [one.params.elicitation_id for one in person.heard if isinstance(one, ElicitCompleteNotification)]
    assert completed == ([asked.elicitation_id] if asked.elicitation_id else [])


@over(("http", "auto"), ("stdio", "legacy"))
async def test_opening_the_page_is_no_yes(till: Any, connect: Any) -> None:
    """MCP: accepting means that the page was opened; ours: the write waits, is decided later, and the model looks."""
    person = Person("decline")
    async with connect(elicitation_callback=person, message_handler=person.listen) as client:
        waits = await client.call_tool("refund_payment", {"payment": till.payment, "amount_minor": 1500})
        proposal = {"proposal": waits.structured_content["proposal_id"]}
        assert waits.structured_content["state"] == "waiting"
        wrong = await decide_on_page(person.asked[0].url, name="bea", pin="guess")
        assert wrong.status_code == 403
        assert (await client.call_tool("get_proposal", proposal)).structured_content["state"] == "waiting"
        await decide_on_page(person.asked[0].url, **YES)
        assert (await client.call_tool("get_proposal", proposal)).structured_content["state"] == "succeeded"


@over(("stdio", "auto"), ("http", "legacy"))
async def test_a_client_that_asks_nobody_is_told_where_to_go_and_what_came_of_it(
    till: Any, connect: Any, request: Any
) -> None:
    """Ours: langchain-mcp-adapters and openai-agents declare no elicitation, so the answer carries the address. MCP:
    resources/subscribe in the handshake era and subscriptions/listen from 2026-07-28 tell of the change."""
    person = Person()
    async with connect(message_handler=person.listen) as client:
        waits = await client.call_tool("refund_payment", {"payment": till.payment, "amount_minor": 1500})
        assert not waits.is_error
        assert _url_in(waits) in waits.structured_content["approve"]
        assert "paydesk approve prop_" in waits.structured_content["approve"]
        uri = f"paydesk://proposals/{waits.structured_content['proposal_id']}"
        if request.node.callspec.params["connect"][1] == "auto":
            async with client.listen(resource_subscriptions=[uri]) as stream:
                await decide_on_page(_url_in(waits), **YES)
                with anyio.fail_after(30):
                    event = await anext(aiter(stream))
            assert event.uri == uri
        else:
            with pytest.warns(MCPDeprecationWarning):
                await client.subscribe_resource(uri)
            await decide_on_page(_url_in(waits), **YES)
            with anyio.fail_after(30):
                await person.told.wait()
            assert person.heard[-1].params.uri == uri
            with pytest.warns(MCPDeprecationWarning), pytest.raises(MCPError):
                await client.subscribe_resource("paydesk://proposals/prop_000000000000")
