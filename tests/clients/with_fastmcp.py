"""fastmcp's client against the desk: `python with_fastmcp.py stdio|http TARGET PAYMENT`."""

import asyncio
import json
import os
import sys

from fastmcp import Client
from fastmcp.client.transports import StdioTransport


async def main(how: str, target: str, payment: str) -> None:
    """List, read, and propose a refund."""
    stdio = StdioTransport(command=target, args=["stdio"], env=dict(os.environ))  # noqa: TID251 - a child's
    async with Client(target if how == "http" else stdio) as desk:
        tools = [tool.name for tool in await desk.list_tools()]
        read = await desk.call_tool("get_balance")
        write = await desk.call_tool("refund_payment", {"payment": payment})
        print(json.dumps({"tools": tools, "read": read.content[0].text, "write": write.content[0].text}))


asyncio.run(main(*sys.argv[1:]))
