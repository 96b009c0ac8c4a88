"""HTTP as paydesk's servers read and write it: by httptools where that is installed, with a bound on what is no body,
and an answer's head and body in one write.

uvicorn bounds the head of a request where h11 reads it, not where httptools does; and it writes head and body apart,
which costs a turn of the kernel and a wake-up of the reader each.
"""

import asyncio
from typing import TYPE_CHECKING, Any, cast

from paydesk.server.limits import HTTP_BESIDE_BODY_BYTES

if TYPE_CHECKING:
    from uvicorn.config import HTTPProtocolType


def http_lines() -> "type[asyncio.Protocol] | HTTPProtocolType":
    """What `uvicorn.Config(http=...)` takes: our protocol, or h11 where there is no httptools for this machine."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
    except ImportError:
        return "h11"

    class Lines(HttpToolsProtocol):
        """One connection."""

        beside_bytes = 0

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            """Write through what joins an answer's parts."""
            super().connection_made(cast(asyncio.Transport, AnswersWhole(transport, self.loop)))

        def data_received(self, data: bytes) -> None:
            """Read on, unless more than is usual came that is no body: head, trailers, sizes of chunks."""
            self.beside_bytes += len(data)
            super().data_received(data)
            if self.beside_bytes > HTTP_BESIDE_BODY_BYTES and not self.transport.is_closing():
                self._refuse()

        def _refuse(self) -> None:
            answering: RequestResponseCycle | None = self.cycle
            if answering is None or answering.response_complete:
                self.send_400_response("The request's head is too large.")
            else:
                self.transport.close()

        def on_header(self, name: bytes, value: bytes) -> None:
            """White space after a value is not part of it (RFC 9110, 5.5), but httptools leaves it there."""
            super().on_header(name, value.strip(b" \t"))

        def on_body(self, body: bytes) -> None:
            """A body has bounds of its own; each chunk of it comes with a few bytes of framing."""
            self.beside_bytes -= len(body) + min(len(body), 1) * _FRAMING_BYTES
            super().on_body(body)

        def on_message_complete(self) -> None:
            """The next request on this connection has a head of its own."""
            self.beside_bytes = 0
            super().on_message_complete()

    return Lines


_FRAMING_BYTES = 16


class AnswersWhole:
    """A transport that keeps the head of an answer back until its body is written, or the loop has turned once."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head: bytes | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """As the transport's."""
        head = self._head
        if head is not None:
            self._head = None
            self._transport.write(head + data)
        elif data.endswith(b"\r\n\r\n") and data.startswith(b"HTTP/"):
            self._head = data
            self._loop.call_soon(self._flush)
        else:
            self._transport.write(data)

    def close(self) -> None:
        """As the transport's: what was written is sent first."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        head, self._head = self._head, None
        if head is not None:
            self._transport.write(head)
