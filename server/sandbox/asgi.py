"""The sandbox as an ASGI app: reads the request whole, gives it to `respond`, sends the answer."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

import anyio

from paydesk.server.sandbox.app import MAX_BODY_BYTES, MAX_UPLOAD_BYTES
from paydesk.server.sandbox.faults import ConnectionDropped

if TYPE_CHECKING:
    from paydesk.server.sandbox.app import Sandbox

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def serve(sandbox: "Sandbox", scope: Message, receive: Receive, send: Send) -> None:
    """One ASGI connection."""
    if scope["type"] == "lifespan":
        await _live(sandbox, receive, send)
    elif scope["type"] == "http":
        await _http(sandbox, scope, receive, send)


async def _live(sandbox: "Sandbox", receive: Receive, send: Send) -> None:
    """From start to stop; what is queued for webhook endpoints is delivered in between."""
    async with anyio.create_task_group() as tasks:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup" and sandbox.deliverer:
                tasks.start_soon(sandbox.deliverer.run)
            if message["type"] == "lifespan.shutdown":
                tasks.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


async def _http(sandbox: "Sandbox", scope: Message, receive: Receive, send: Send) -> None:
    path = scope.get("raw_path", scope["path"].encode()).decode("ascii", "replace")
    query = scope["query_string"].decode("ascii", "replace")
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    is_upload = headers.get("content-type", "").startswith("multipart/form-data")
    body = await _body(receive, MAX_UPLOAD_BYTES if is_upload else MAX_BODY_BYTES)
    if body is None:
        await _send(send, *sandbox.too_large())
        return
    try:
        status, reply_headers, content = await sandbox.respond(
            scope["method"], f"{path.partition('?')[0]}?{query}" if query else path, headers, body
        )
    except ConnectionDropped:
        # A promised body that never comes: the server can only close the connection, as a cut line would.
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000000")]})
        return
    await _send(send, status, reply_headers, content)


async def _body(receive: Receive, limit: int) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(send: Send, status: int, headers: dict[str, str], content: bytes) -> None:
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    raw.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": content})
