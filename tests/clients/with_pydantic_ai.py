"""pydantic-ai's toolset against the desk: `python with_pydantic_ai.py stdio|http TARGET PAYMENT`.

No model is asked: the calls are those that an agent's model would make.
"""

import asyncio
import json
import os
import sys

from fastmcp.client.transports import StdioTransport
from pydantic_ai.mcp import MCPToolset

WAIT_S = 60


async def main(how: str, target: str, payment: str) -> None:
    """List, read, and propose a refund."""
    stdio = StdioTransport(command=target, args=["stdio"], env=dict(os.environ))  # noqa: TID251 - a child's
    # What stands in an agent's `toolsets`; it answers with the structured result.
    async with MCPToolset(target if how == "http" else stdio, init_timeout=WAIT_S, read_timeout=WAIT_S) as desk:
        tools = [tool.name for tool in await desk.list_tools()]
        read = await desk.direct_call_tool("get_balance", {})
        write = await desk.direct_call_tool("refund_payment", {"payment": payment})
        print(json.dumps({"tools": tools, "read": str(read), "write": str(write)}))


asyncio.run(main(*sys.argv[1:]))
