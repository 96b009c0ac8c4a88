"""How requests travel: aiohttp to Stripe, or a plain call to a sandbox in this process.

Both are `HTTPClient`s of Stripe's library, so that its retries and headers are the same on either way.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import stripe

from paydesk.server.limits import STRIPE_CONNECT_TIMEOUT_S, STRIPE_TIMEOUT_S
from paydesk.server.stripe_api import lost

Respond = Callable[[str, str, Mapping[str, str], bytes], Awaitable[tuple[int, dict[str, str], bytes]]]
Reply = tuple[bytes, int, Mapping[str, str]]


class SocketClient(stripe.AIOHTTPClient):
    """The library's aiohttp client with our timeouts, which also counts a line lost while reading as lost."""

    def __init__(self) -> None:
        import aiohttp

        super().__init__(timeout=aiohttp.ClientTimeout(total=STRIPE_TIMEOUT_S, connect=STRIPE_CONNECT_TIMEOUT_S))

    async def request_async(self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None) -> Reply:
        """As the library's, but an error while the body is read is an APIConnectionError as well."""
        import aiohttp

        try:
            reply: Reply = await super().request_async(method, url, headers, post_data=post_data)
        except stripe.APIConnectionError:
            lost.note("no answer")
            raise
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            lost.note("no answer")
            self._handle_request_error(error)
        return _noted(reply)

    async def close_async(self) -> None:
        """Close the session, where one was ever opened: opening one reads the certificates."""
        if self._cached_session is not None:
            await super().close_async()


class InProcessClient(stripe.HTTPClient):
    """Calls a sandbox in this process: no socket, the same bytes."""

    name = "paydesk-sandbox"

    def __init__(self, respond: Respond, base: str) -> None:
        super().__init__()
        self._respond = respond
        self._base = base

    async def request_async(self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None) -> Reply:
        """One request. A connection that the sandbox drops on purpose is an APIConnectionError, to be retried."""
        body = post_data.encode() if isinstance(post_data, str) else (post_data or b"")
        try:
            status, answered, content = await self._respond(method.upper(), url.removeprefix(self._base), headers, body)
        except ConnectionError as dropped:
            lost.note("no answer")
            raise _dropped() from dropped
        return _noted((content, status, {name.lower(): value for name, value in answered.items()}))

    def sleep_async(self, secs: float) -> Awaitable[None]:
        """What the library waits with between its retries."""
        return asyncio.sleep(secs)

    async def close_async(self) -> None:
        """Nothing is held open here; the sandbox is closed by whoever opened it."""


def _noted(reply: Reply) -> Reply:
    """A 5xx, or a 409 for a key that is in use, does not say whether the effect took place."""
    if reply[1] >= 500 or reply[1] == 409:
        lost.note(f"HTTP {reply[1]}")
    return reply


def _dropped() -> stripe.APIConnectionError:
    return stripe.APIConnectionError("The connection was dropped.", should_retry=True)  # type: ignore[no-untyped-call]  # the library's constructor has no types
