"""docs/recipes.md, done word for word: what the page says is asked of the sandbox, and what it shows is answered."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client

from paydesk.server.call import PayDesk
from paydesk.server.mcp.factory import build_server
from paydesk.server.settings import load_settings
from paydesk.server.wiring import open_desk

PAGE = Path(__file__).resolve().parents[2] / "docs/recipes.md"
JOURNEY_S = 60
Step = tuple[str, list[str]]


def _recipes() -> Iterator[tuple[str, list[Step]]]:
    """Each recipe's title and steps: what is said, and the lines of the answer."""
    for title, body in re.findall(r"^## (.+?)$(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE):
        block = re.search(r"```desk\n(.*?)```", body, re.DOTALL)
        assert block, f"{title} shows nothing"
        steps: list[Step] = []
        for line in block[1].splitlines():
            if line.startswith("> "):
                steps.append((line[2:], []))
            else:
                steps[-1][1].append(line)
        yield title, steps


RECIPES = dict(_recipes())


def _filled_in(said: str, told: list[str]) -> str:
    """The words with each `du_…` made whole from the newest answer that holds such an id."""

    def whole(found: re.Match[str]) -> str:
        for text in reversed(told):
            if known := re.search(rf"\b{found[1]}_\w+", text):
                return known[0]
        raise AssertionError(f"no answer holds an id that begins with {found[1]}_")

    return re.sub(r"\b([a-z]+)_…", whole, said)


async def _say(said: str, desk: PayDesk, client: Client, told: list[str]) -> str:
    """The desk's answer, or what a person's yes brought about."""
    if said == "yes":
        waiting = re.findall(r"\bprop_\w+", told[-1])[0]
        outcome = await (await desk.gate()).approve(waiting, approver="cook", via="terminal", principal=None)
        assert outcome.state == "succeeded", outcome
        return "\n".join([outcome.sentence(), *outcome.lines()])
    name, _, arguments = said.partition(" ")
    if "_" in name:
        answer: Any = await client.call_tool(name, json.loads(arguments or "{}"))
    else:
        answer = await client.call_tool("ask", {"text": said})
    assert not answer.is_error, answer.content[0].text
    return str(answer.content[0].text).removeprefix("[sandbox] ")


@pytest.mark.parametrize("title", RECIPES)
async def test_a_recipe_does_what_its_page_says(title: str, till: Any) -> None:
    """Ours: an assistant that follows the page gets what the page shows, and nothing moves without the yes."""
    told: list[str] = []
    with anyio.fail_after(JOURNEY_S):
        async with open_desk(load_settings(home=till.home)) as desk, Client(build_server(desk)) as client:
            for said, _ in RECIPES[title]:
                told.append(await _say(_filled_in(said, told), desk, client, told))
    for (said, shown), answer in zip(RECIPES[title], told, strict=True):
        assert shown, f"{said} shows no answer"
        for line in shown:
            pattern = ".*".join(re.escape(part) for part in line.split("…"))
            assert re.search(pattern, answer, re.DOTALL), f"{said}\nsays {answer}\nnot {line}"


def test_there_are_ten_recipes() -> None:
    """Ours: a page that could not be read would otherwise pass."""
    assert len(RECIPES) == 10
