"""The running server's side of deliveries: takes what is due and posts it, each endpoint on its own."""

import contextlib
import http.client
import logging
import socket
import sqlite3
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import anyio

from paydesk.server.sandbox import deliveries, wall_clock, webhooks
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.webhooks import Outgoing, Sender

if TYPE_CHECKING:
    from paydesk.server.sandbox.app import Sandbox

TIMEOUT_S: Final = 10.0
# The clock may be moved, and another process may use the same file: look this often, besides when something is queued.
POLL_S: Final = 1.0
MAX_THREADS: Final = 64
_READ_BYTES: Final = 4_096
_OK: Final = range(200, 300)

log = logging.getLogger(__name__)


class Deliverer:
    """Delivers what one sandbox has queued. Deliveries of one endpoint go out one after the other, in order."""

    def __init__(self, sandbox: "Sandbox", send: Sender, timeout_s: float = TIMEOUT_S) -> None:
        self._sandbox = sandbox
        self._send = send
        self._timeout_s = timeout_s
        self._busy: set[str] = set()
        self._news: anyio.Event | None = None

    def wake(self) -> None:
        """Something was queued."""
        if self._news is not None:
            self._news.set()

    async def run(self) -> None:
        """Deliver for as long as the server runs."""
        async with anyio.create_task_group() as tasks:
            while True:
                self._news = anyio.Event()
                for endpoint in self._due():
                    tasks.start_soon(self._serve, endpoint)
                with anyio.move_on_after(POLL_S):
                    await self._news.wait()

    async def deliver(self) -> int:
        """Deliver what is due now and return when each was tried; how many attempts were made."""
        counted: list[int] = []

        async def one(endpoint: str) -> None:
            counted.append(await self._serve(endpoint))

        async with anyio.create_task_group() as tasks:
            for endpoint in self._due():
                tasks.start_soon(one, endpoint)
        return sum(counted)

    def _due(self) -> list[str]:
        box = self._sandbox
        try:
            with box.turn():
                now = wall_clock.now(box.store, box.real_now)
                found = deliveries.due_endpoints(box.store, now, time.time())
        except sqlite3.Error:
            log.warning("the sandbox file could not be used for deliveries", exc_info=True)
            return []
        fresh = [endpoint for endpoint in found if endpoint not in self._busy]
        self._busy.update(fresh)
        return fresh

    async def _serve(self, endpoint: str) -> int:
        """Everything that is due to one endpoint; the number of attempts."""
        made = 0
        try:
            while await self._attempt(endpoint):
                made += 1
        except sqlite3.Error:
            log.warning("the sandbox file could not be used for deliveries", exc_info=True)
        except Exception:
            # One event that cannot be written must not end the deliveries of every other.
            log.exception("a delivery to %s broke off", endpoint)
        finally:
            self._busy.discard(endpoint)
        return made

    async def _attempt(self, endpoint: str) -> bool:
        box = self._sandbox
        with box.turn(), box.store.transaction(writes=True):
            now, real_now = wall_clock.now(box.store, box.real_now), time.time()
            taken = deliveries.take(box.store, endpoint, now, real_now, real_now + self._timeout_s + 5)
            if taken is None:
                return False
            wanted = webhooks.outgoing(box.store, taken, now=now, real_now=int(real_now))
            if wanted is None:
                deliveries.cancel(box.store, taken)
                return True
        attempt = await self._post(wanted)
        with box.turn(), box.store.transaction(writes=True):
            deliveries.record(box.store, taken, wall_clock.now(box.store, box.real_now), attempt)
        return True

    async def _post(self, wanted: Outgoing) -> Object:
        began = time.monotonic()
        status: int | None = None
        error: str | None = f"no answer within {self._timeout_s:g} s"
        with anyio.move_on_after(self._timeout_s):
            try:
                status = await self._send(wanted)
                error = None if status in _OK else f"answered {status}"
            except Exception as wrong:  # whatever the sender's own library raises, it was not delivered
                error = _words(wrong)
        return {"duration_ms": round((time.monotonic() - began) * 1000), "error": error, "status": status}


def _words(wrong: Exception) -> str:
    if isinstance(wrong, TimeoutError):
        return "the connection timed out"
    text = str(getattr(wrong, "strerror", None) or wrong) or type(wrong).__name__
    return f"could not be delivered: {text[:200]}"


def http_sender(timeout_s: float = TIMEOUT_S) -> Sender:
    """Posts over HTTP, each in a thread of its own, so that an endpoint that hangs holds up nobody else."""
    limiter: anyio.CapacityLimiter | None = None

    async def send(wanted: Outgoing) -> int:
        nonlocal limiter
        limiter = limiter or anyio.CapacityLimiter(MAX_THREADS)
        parts = urlsplit(wanted.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
        try:
            return await anyio.to_thread.run_sync(_post, connection, wanted, abandon_on_cancel=True, limiter=limiter)
        finally:
            _hang_up(connection)

    return send


def _hang_up(connection: http.client.HTTPConnection) -> None:
    """Wake a thread that still waits for an answer, so that it outlives neither its time nor the server."""
    line = connection.sock
    if line is not None:
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


def _post(connection: http.client.HTTPConnection, wanted: Outgoing) -> int:
    parts = urlsplit(wanted.url)
    with contextlib.closing(connection):
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        connection.request("POST", path, wanted.body, wanted.headers)
        answer = connection.getresponse()
        # What it says is of no interest, but one that is cut off before a word of it is no answer.
        answer.read(_READ_BYTES)
        return answer.status
