"""LangChain's adapters against the desk: `python with_langchain.py stdio|http TARGET PAYMENT`.

No model is asked: the tools are called as an agent's model would call them.
"""

import asyncio
import json
import os
import sys

from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools


def connection(how: str, target: str) -> dict[str, object]:
    """What stands under the desk's name in the client's configuration."""
    if how == "http":
        return {"transport": "streamable_http", "url": target}
    return {"transport": "stdio", "command": target, "args": ["stdio"], "env": dict(os.environ)}  # noqa: TID251


def text(answer: object) -> str:
    """What a tool said: text, or blocks of content, by the adapter's version."""
    return answer if isinstance(answer, str) else "\n".join(block["text"] for block in answer)


async def main(how: str, target: str, payment: str) -> None:
    """List, read, and propose a refund."""
    client = MultiServerMCPClient({"paydesk": connection(how, target)})
    async with client.session("paydesk") as session:
        tools = {tool.name: tool for tool in await load_mcp_tools(session)}
        read = await tools["get_balance"].ainvoke({})
        write = await tools["refund_payment"].ainvoke({"payment": payment})
        print(json.dumps({"tools": list(tools), "read": text(read), "write": text(write)}))


asyncio.run(main(*sys.argv[1:]))
