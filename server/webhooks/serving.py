"""Deliveries and measures beside a server's other routes: the feed is opened in the background, at the start."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

import anyio

from paydesk.server.call import PayDesk
from paydesk.server.errors import PaydeskError, WebhookRefused
from paydesk.server.limits import EVENTS_AGAIN_S, FEED_OPEN_S, HEALTH_S
from paydesk.server.webhooks.intake import Intake
from paydesk.skills.base import Mode

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from paydesk.server.webhooks.feed import Feed
    from paydesk.server.webhooks.group_commit import GroupCommit

METRICS = "/metrics"
Refusal = Callable[["Request"], Awaitable["Response | None"]]
_log = logging.getLogger("paydesk.webhooks")


class LazyInboxes:
    """The inboxes of a desk whose feed is opened when it is first needed. Opening may take a while, not for ever."""

    def __init__(self, desk: PayDesk) -> None:
        if desk.feed is None:
            raise TypeError("this desk has no feed")
        self._open: Callable[[], Awaitable[Feed]] = desk.feed
        self.mode: Mode = desk.mode
        self.feed: Feed | None = None

    async def opened(self) -> "Feed":
        """The feed. Raises PaydeskError where it cannot be had now."""
        if self.feed is None:
            try:
                with anyio.fail_after(FEED_OPEN_S):
                    self.feed = await self._open()
            except TimeoutError:
                raise WebhookRefused("The desk is starting.", code="webhook_busy", http_status=503) from None
        return self.feed

    async def keep_open(self) -> None:
        """Open it now, and again later where Stripe or the disk is away."""
        while self.feed is None:
            try:
                await self.opened()
            except PaydeskError as failure:
                _log.warning("events cannot be followed yet: %s", failure.code)
                await anyio.sleep(EVENTS_AGAIN_S)

    async def secrets(self, *, again: bool = False) -> Mapping[str, str]:
        """As the feed's."""
        return await (await self.opened()).secrets(again=again)

    async def inbox_of(self, account: str) -> "GroupCommit | None":
        """As the feed's."""
        return await (await self.opened()).inbox_of(account)

    def arrived(self, account: str) -> None:
        """As the feed's."""
        if self.feed is not None:
            self.feed.arrived(account)


class Deliveries:
    """What a server needs for deliveries: the application for their paths, and the routes that tell how they go.

    `refusal` gives the answer to those who may not be told, None for the others.
    """

    def __init__(self, desk: PayDesk, refusal: "Refusal") -> None:
        self._inboxes = LazyInboxes(desk)
        self._refusal = refusal
        self.intake = Intake(self._inboxes)

    async def run(self) -> None:
        """Open the feed in the background."""
        await self._inboxes.keep_open()

    async def health(self, request: "Request") -> "Response":
        """`GET /healthz`: that the server lives, and to whom it may be told how its mirror and the events are."""
        from starlette.responses import JSONResponse

        from paydesk.server.webhooks.measures import condition

        told: dict[str, object] = {"status": "ok"}
        if self._inboxes.feed is not None and await self._refusal(request) is None:
            with anyio.move_on_after(HEALTH_S):
                try:
                    told |= await condition(self._inboxes.feed)
                except PaydeskError as failure:
                    told |= {"mirror": failure.code}
        return JSONResponse(told)

    async def metrics(self, request: "Request") -> "Response":
        """`GET /metrics`."""
        if (refused := await self._refusal(request)) is not None:
            return refused
        from starlette.responses import JSONResponse, Response

        from paydesk.server.webhooks.measures import CONTENT_TYPE, measures

        try:
            text = await measures(await self._inboxes.opened(), self.intake.taken)
        except PaydeskError as failure:
            return JSONResponse({"error": failure.as_dict()}, status_code=503)
        return Response(text, media_type=CONTENT_TYPE)
