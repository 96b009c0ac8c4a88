"""The OpenAI Agents SDK against the desk: `python with_openai_agents.py stdio|http TARGET PAYMENT`.

No model is asked: the calls are those that an agent's model would make.
"""

import asyncio
import json
import os
import sys

from agents.mcp import MCPServer, MCPServerStdio, MCPServerStreamableHttp

WAIT_S = 60


def server(how: str, target: str) -> MCPServer:
    """What stands in an agent's `mcp_servers`."""
    if how == "http":
        return MCPServerStreamableHttp({"url": target}, client_session_timeout_seconds=WAIT_S)
    params = {"command": target, "args": ["stdio"], "env": dict(os.environ)}  # noqa: TID251 - a child's
    return MCPServerStdio(params, client_session_timeout_seconds=WAIT_S)


async def main(how: str, target: str, payment: str) -> None:
    """List, read, and propose a refund."""
    async with server(how, target) as desk:
        tools = [tool.name for tool in await desk.list_tools()]
        read = await desk.call_tool("get_balance", {})
        write = await desk.call_tool("refund_payment", {"payment": payment})
        print(json.dumps({"tools": tools, "read": read.content[0].text, "write": write.content[0].text}))


asyncio.run(main(*sys.argv[1:]))
