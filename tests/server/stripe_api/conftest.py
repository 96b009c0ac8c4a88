"""A server on this machine that answers as a test says, and doors that lead to it or to a sandbox."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.stripe_api import StripeDoor
from paydesk.server.stripe_api.opening import sandbox_door, socket_door
from paydesk.skills.base import Json

Reply = tuple[int, dict[str, str], Any]
KEY = "sk_test_" + "k" * 24 + "wxyz"


@dataclass
class Elsewhere:
    """What listens at the other end: the replies to give, in order, and the requests that came."""

    replies: list[Reply | Exception] = field(default_factory=list)
    requests: list[web.Request] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    base: str = ""
    key: str = KEY

    def says(self, body: Any, status: int = 200, **headers: str) -> None:
        """The next reply; header names with underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.replies.append((status, {"Request-Id": "req_123", **named}, body))

    def refuses(self, status: int, retry_after: str | None = None, **error: Any) -> None:
        """The next reply: an error as Stripe writes it."""
        headers = {} if retry_after is None else {"Retry_After": retry_after}
        self.says({"error": error}, status, **headers)

    def hangs_up(self, times: int = 1) -> None:
        """The next replies break off in the middle."""
        self.replies += [ConnectionError()] * times

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The next reply; an exception instead of one hangs up in the middle of the body."""
        self.requests.append(request)
        self.bodies.append(await request.text())
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            broken = web.StreamResponse(headers={"Content-Length": "1000"})
            await broken.prepare(request)
            await broken.write(b'{"id"')
            assert request.transport is not None
            request.transport.abort()
            return broken
        status, headers, body = reply
        if isinstance(body, str):
            return web.Response(status=status, headers=headers, text=body)
        return web.json_response(body, status=status, headers=headers)


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    """A server on a free port of this machine."""
    there = Elsewhere()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", there.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    there.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield there
    await runner.cleanup()


@pytest.fixture
def pauses() -> list[float]:
    """How long the door waited, in order, instead of waiting."""
    return []


@pytest.fixture
async def door(elsewhere: Elsewhere, pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StripeDoor]:
    """A door over a socket whose waits are written down instead of waited."""
    import stripe

    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)  # the library's own pauses between retries

    async def note(seconds: float) -> None:
        pauses.append(seconds)

    opened = socket_door(KEY, mode="test", base=elsewhere.base, sleep=note)
    yield opened
    await opened.aclose()


@pytest.fixture
async def sandbox() -> AsyncIterator[StripeDoor]:
    """A door to an empty sandbox in this process."""
    opened = sandbox_door(create_sandbox(None, now=lambda: 1_790_000_000.0), now=lambda: 1_790_000_000.0)
    yield opened
    await opened.aclose()


@pytest.fixture
def people(sandbox: StripeDoor) -> Callable[[int], Awaitable[list[str]]]:
    """Makes customers in the sandbox and returns their ids, newest first."""
    from paydesk.skills.base import StripeRequest

    async def make(many: int) -> list[str]:
        made: list[Json] = [
            await sandbox.send(
                StripeRequest("POST", "/v1/customers", {"name": f"Number {index}"}), idempotency_key=f"n{index}"
            )
            for index in range(many)
        ]
        return [str(one["id"]) for one in reversed(made)]

    return make
