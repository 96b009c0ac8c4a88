"""The ways in: standard input and output, server-sent events, streamable HTTP."""

from paydesk.server.settings import Settings
from paydesk.server.toolsets import operator_scope


async def serve_stdio(settings: Settings) -> None:
    """Serve one client over standard input and output until it hangs up."""
    from paydesk.server.mcp.factory import build_server
    from paydesk.server.wiring import open_desk

    async with open_desk(settings) as desk:
        await build_server(desk, scope=operator_scope(settings)).run_stdio_async()
