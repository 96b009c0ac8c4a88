"""Where Stripe delivers: `POST /api/stripe/webhooks`. An event is on the disk before its delivery is answered with 200.

Plain ASGI: a route of its own in front of everything that looks at tokens and Host headers, as the signature is what
lets a delivery in. What is refused is logged by its code, never with anything of the body.
"""

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

import anyio

from paydesk.server.errors import PaydeskError, WebhookRefused
from paydesk.server.limits import WEBHOOK_BODY_BYTES, WEBHOOK_BODY_S, WEBHOOK_RETRY_AFTER_S, WEBHOOKS_AT_ONCE
from paydesk.server.mirror.inbox import row_of
from paydesk.server.webhooks.receiving import Delivery, check, wrong_account
from paydesk.skills.base import Mode

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from paydesk.server.webhooks.group_commit import GroupCommit

PATHS = ("/api/stripe/webhooks", "/api/v1/stripe/webhooks")
_RECEIVED = b'{"received":true}'
_log = logging.getLogger("paydesk.webhooks")


class Inboxes(Protocol):
    """What the way in needs of the desk."""

    @property
    def mode(self) -> Mode:
        """Where the account lives."""
        ...

    async def secrets(self, *, again: bool = False) -> Mapping[str, str]:
        """The secrets in force, each with the account of its endpoint; `again` looks for new ones first."""
        ...

    async def inbox_of(self, account: str) -> "GroupCommit | None":
        """The writer of an account's inbox; None where this desk does not know the account. Raises PaydeskError."""
        ...

    def arrived(self, account: str) -> None:
        """Something is in that inbox that waits to be handled."""
        ...


class Intake:
    """The application at `PATHS`. `taken` counts deliveries by how they ended: `received`, or the refusal's code."""

    def __init__(self, inboxes: Inboxes, *, clock: Callable[[], float] = time.time) -> None:
        self._inboxes = inboxes
        self._clock = clock
        self._reading = 0
        self.taken: Counter[str] = Counter()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        try:
            _must_be_posted(scope)
            headers = dict(scope["headers"])
            body = await self._body(headers, receive)
            if body is None:
                return
            await self._take(body, headers.get(b"stripe-signature"))
        except WebhookRefused as refused:
            await self._refuse(refused, send)
        except PaydeskError as failed:
            await self._refuse(WebhookRefused(failed.message, code=failed.code, http_status=503), send)
        else:
            self.taken["received"] += 1
            await _answer(send, 200, _RECEIVED)

    async def _take(self, body: bytes, header: bytes | None) -> None:
        delivery = await self._checked(body, header.decode("latin-1") if header else None)
        inbox = await self._inboxes.inbox_of(delivery.account)
        if inbox is None:
            raise wrong_account()
        try:
            row = row_of(delivery.event, source="webhook", received_at=int(self._clock()), payload=delivery.text)
        except ValueError:
            raise WebhookRefused("The body is no event of Stripe's.", code="webhook_not_an_event") from None
        await inbox.keep(row)
        self._inboxes.arrived(delivery.account)

    async def _checked(self, body: bytes, header: str | None) -> Delivery:
        mode, now = self._inboxes.mode, self._clock()
        try:
            return check(body, header, secrets=await self._inboxes.secrets(), mode=mode, now=now)
        except WebhookRefused as refused:
            if refused.code not in ("webhook_signature_wrong", "webhook_no_secret"):
                raise
        # An endpoint may have been registered by another process a moment ago.
        return check(body, header, secrets=await self._inboxes.secrets(again=True), mode=mode, now=now)

    async def _body(self, headers: Mapping[bytes, bytes], receive: "Receive") -> bytes | None:
        """The whole body; None where the client hung up. Raises WebhookRefused for one too large or too slow."""
        said = headers.get(b"content-length", b"0")
        if not said.isdigit() or len(said) > 9 or int(said) > WEBHOOK_BODY_BYTES:
            raise _too_large()
        if self._reading >= WEBHOOKS_AT_ONCE:
            raise WebhookRefused("Too many deliveries at once.", code="webhook_busy", http_status=503)
        self._reading += 1
        try:
            with anyio.fail_after(WEBHOOK_BODY_S):
                return await _read(receive)
        except TimeoutError:
            raise WebhookRefused("The body did not arrive in time.", code="webhook_slow", http_status=408) from None
        finally:
            self._reading -= 1

    async def _refuse(self, refused: WebhookRefused, send: "Send") -> None:
        self.taken[refused.code] += 1
        _log.warning("a delivery was refused: %s", refused.code)
        error = json.dumps({"error": refused.as_dict()}, separators=(",", ":")).encode()
        extra = {405: [(b"allow", b"POST")], 503: [(b"retry-after", str(WEBHOOK_RETRY_AFTER_S).encode())]}
        await _answer(send, refused.http_status, error, extra.get(refused.http_status, []))


def _must_be_posted(scope: "Scope") -> None:
    if scope["method"] != "POST":
        raise WebhookRefused("Deliveries are posted.", code="webhook_not_posted", http_status=405)


async def _read(receive: "Receive") -> bytes | None:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > WEBHOOK_BODY_BYTES:
            raise _too_large()
        if not message.get("more_body"):
            return part if not parts else b"".join([*parts, part])
        parts.append(part)


def _too_large() -> WebhookRefused:
    message = f"The body is larger than {WEBHOOK_BODY_BYTES} bytes."
    return WebhookRefused(message, code="webhook_too_large", http_status=413)


async def _answer(send: "Send", status: int, body: bytes, extra: "list[tuple[bytes, bytes]] | None" = None) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *(extra or [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class IntakeOr:
    """Deliveries under their two paths, and the other application everywhere else."""

    def __init__(self, intake: "ASGIApp", other: "ASGIApp") -> None:
        self._intake = intake
        self._other = other

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one connection."""
        ours = scope["type"] == "http" and scope["path"] in PATHS
        await (self._intake if ours else self._other)(scope, receive, send)
