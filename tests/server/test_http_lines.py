"""What paydesk's servers do with a connection before any application sees a request."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
import uvicorn

from paydesk.server.approval.serving import serve_quietly
from paydesk.server.http_lines import AnswersWhole, http_lines
from paydesk.server.limits import HTTP_BESIDE_BODY_BYTES
from paydesk.server.mcp.transports import HttpPlace, listen

ENOUGH = HTTP_BESIDE_BODY_BYTES * 8


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    """Tells the body's length; under /x what header X says; under /stream the head goes out long before the body."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/x":
        await send({"type": "http.response.body", "body": b"[" + dict(scope["headers"])[b"x"] + b"]"})
        return
    if scope["path"] == "/stream":
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        await receive()
        return
    await send({"type": "http.response.body", "body": str(size).encode()})


@pytest.fixture
async def line() -> AsyncIterator[Any]:
    """A connection to a server of ours; closed by the test's end."""
    with listen(HttpPlace(port=0)) as listening:
        serving = asyncio.create_task(serve_quietly(_echo, listening))
        async with await anyio.connect_tcp("127.0.0.1", listening.getsockname()[1]) as stream:
            yield stream
        serving.cancel()
        await asyncio.wait([serving])


async def _read(line: Any, until: bytes) -> bytes:
    said = b""
    with anyio.fail_after(10):
        while until not in said:
            said += await line.receive()
    return said


@pytest.mark.parametrize("part", [b"GET /", b"GET / HTTP/1.1\r\nX: ", b"GET / HTTP/1.1\r\n"])
async def test_a_head_without_end_is_refused(line: Any, part: bytes) -> None:
    """Ours: neither a path, nor one header, nor many of them may fill the memory, whichever parser is at work."""
    piece = (b"x: y\r\n" if part.endswith(b"\r\n") else b"a" * 6) * 1_000
    await line.send(part)
    said = b""
    with anyio.fail_after(10):
        try:
            for _ in range(ENOUGH // len(piece)):
                await line.send(piece)
            said = await line.receive()
        except (anyio.BrokenResourceError, anyio.EndOfStream):
            return  # closed while still being sent to
    assert said.startswith(b"HTTP/1.1 400")


async def test_trailers_without_end_are_refused(line: Any) -> None:
    """Ours: what follows a chunked body is no body either."""
    await line.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ")
    with anyio.fail_after(10), pytest.raises((anyio.BrokenResourceError, anyio.EndOfStream)):
        while True:
            await line.send(b"a" * 10_000)


@pytest.mark.parametrize("chunk", [1, 500_000])
async def test_a_body_has_bounds_of_its_own(line: Any, chunk: int) -> None:
    """HTTP: bodies may be larger than heads, in one piece or in chunks of a byte, and another request may follow."""
    size = 20_000 if chunk == 1 else chunk
    for _ in range(2):
        await line.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        await line.send(b"".join(b"%x\r\n%s\r\n" % (chunk, b"a" * chunk) for _ in range(size // chunk)) + b"0\r\n\r\n")
        assert str(size).encode() in await _read(line, b"0\r\n\r\n")


async def test_white_space_around_a_header_is_not_part_of_it(line: Any) -> None:
    """RFC 9110, 5.5: a field's value is what is left without the white space at both its ends."""
    await line.send(b"GET /x HTTP/1.1\r\nHost: x\r\nX: \t refund payment \t\r\n\r\n")
    assert b"[refund payment]" in await _read(line, b"]")


async def test_a_head_whose_body_comes_later_goes_out_at_once(line: Any) -> None:
    """Ours: joining an answer's parts must not keep an event stream's client waiting."""
    await line.send(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await _read(line, b"\r\n\r\n")).startswith(b"HTTP/1.1 200")


class _Written:
    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def close(self) -> None:
        self.writes.append(b"closed")


async def test_head_and_body_are_one_write() -> None:
    """Ours: two writes are two wake-ups of the reader, and cost more than the rest of a short answer."""
    for body in (b"body", b""):
        under = _Written()
        transport = AnswersWhole(under, asyncio.get_running_loop())  # type: ignore[arg-type]
        transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
        if body:
            transport.write(body)
        transport.close()
        assert under.writes == [b"HTTP/1.1 200 OK\r\n\r\n" + body, b"closed"]
        await anyio.lowlevel.checkpoint()
        assert len(under.writes) == 2


def test_without_httptools_the_servers_take_h11(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: where there is no wheel for a machine, paydesk works all the same."""
    import sys

    monkeypatch.setitem(sys.modules, "httptools", None)
    monkeypatch.delitem(sys.modules, "uvicorn.protocols.http.httptools_impl", raising=False)
    assert http_lines() == "h11"
    assert uvicorn.Config(_echo, http=http_lines()).http == "h11"
