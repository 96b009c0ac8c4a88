"""What the conformance suite is run against: the suite's own fixtures, mounted on paydesk's server.

So our layers are what is judged: the caller of each request, the tool list, errors, host rules.
"""

import sys
from typing import Any

import anyio
import uvicorn
from fixtures import asking, content, rounds
from mcp.server.streamable_http import EventStore
from mcp.types import EmptyResult, SetLevelRequestParams, SubscribeRequestParams, UnsubscribeRequestParams

from paydesk.server.mcp.factory import DeskServer, build_server
from paydesk.server.mcp.transports import HttpPlace, host_rules, listen
from paydesk.server.settings import load_settings
from paydesk.server.wiring import open_desk


class Remembering(EventStore):
    """Events of this run, so that a client whose stream was closed can read on."""

    def __init__(self) -> None:
        self._events: list[tuple[str, Any]] = []

    async def store_event(self, stream_id: str, message: Any) -> str:
        self._events.append((stream_id, message))
        return str(len(self._events))

    async def replay_events_after(self, last_event_id: str, send_callback: Any) -> str | None:
        from mcp.server.streamable_http import EventMessage

        after = int(last_event_id)
        stream = self._events[after - 1][0]
        for number, (stream_id, message) in enumerate(self._events[after:], start=after + 1):
            if stream_id == stream and message is not None:
                await send_callback(EventMessage(message, str(number)))
        return stream


def mount(server: DeskServer) -> None:
    """Add every fixture that the scenarios call for."""
    content.mount(server)
    asking.mount(server)
    rounds.mount(server)

    async def done(_: Any, __: Any) -> EmptyResult:
        return EmptyResult()

    # The suite asks for these of the handshake era; paydesk lets its own proposals be subscribed to, and does not log.
    low = server._lowlevel_server
    low.add_request_handler("resources/subscribe", SubscribeRequestParams, done)
    low.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, done)
    low.add_request_handler("logging/setLevel", SetLevelRequestParams, done)


async def main() -> None:
    """Serve on a free port, told on standard error, until stopped."""
    place = HttpPlace(port=0)
    with listen(place) as listening:
        async with open_desk(load_settings()) as desk:
            server = build_server(desk)
            mount(server)
            app = server.streamable_http_app(
                transport_security=host_rules(place), event_store=Remembering(), retry_interval=500
            )
            sys.stderr.write(f"serves at http://127.0.0.1:{listening.getsockname()[1]}/mcp\n")
            sys.stderr.flush()
            await uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).serve(sockets=[listening])


if __name__ == "__main__":
    anyio.run(main)
