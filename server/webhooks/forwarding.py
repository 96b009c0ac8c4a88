"""Delivers what happens in the sandbox to a local address, as `stripe listen --forward-to` does for Stripe.

A temporary endpoint in the sandbox's file: whatever process changes the sandbox, its events are queued for it there,
and this one posts them. The endpoint's secret is kept like any other, so a desk with the same home believes it.
"""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import anyio

from paydesk.server.errors import SettingsError
from paydesk.server.webhooks.endpoints import checked_url
from paydesk.server.webhooks.sealing import sealer_of
from paydesk.server.webhooks.secrets import SecretStore

if TYPE_CHECKING:
    from paydesk.server.sandbox.app import Sandbox
    from paydesk.server.sandbox.webhooks import Outgoing, Sender
    from paydesk.server.settings import Settings

_KEY = {"authorization": "Bearer sk_test_paydesksandbox"}
_TEMPORARY = "paydesk_listen"
Told = Callable[[dict[str, Any]], None]


@dataclass
class Forwarding:
    """A running line to one address. `run` delivers until cancelled."""

    url: str
    secret: str
    _box: "Sandbox"
    _posts: "_Telling"

    async def run(self, told: Told | None = None) -> None:
        """Deliver what is queued and what comes; `told` hears of each try: `id`, `type`, `status`.

        Where nobody answered `status` is None and `why` the kind of failure; it is tried again as Stripe does.
        """
        self._posts.told = told
        deliverer = self._box.deliverer
        if deliverer is None:
            raise SettingsError("This sandbox cannot deliver.")
        await deliverer.run()


class _Telling:
    """A sender that tells of what it posted."""

    def __init__(self, sender: "Sender") -> None:
        self._sender = sender
        self.told: Told | None = None

    async def __call__(self, wanted: "Outgoing") -> int:
        try:
            status = await self._sender(wanted)
        except anyio.get_cancelled_exc_class():
            self._tell(wanted, None, "no answer in time")
            raise
        except Exception as failure:  # told, and then the deliverer's to try again
            self._tell(wanted, None, type(failure).__name__)
            raise
        self._tell(wanted, status, None)
        return status

    def _tell(self, wanted: "Outgoing", status: int | None, why: str | None) -> None:
        if self.told is not None:
            event = json.loads(wanted.body)
            self.told({"id": event.get("id"), "type": event.get("type"), "status": status, "why": why})


@asynccontextmanager
async def forwarding(settings: "Settings", url: str) -> AsyncIterator[Forwarding]:
    """Register a temporary endpoint in the sandbox, and remove it at the end. Raises PaydeskError."""
    from paydesk.server.sandbox.sending import http_sender
    from paydesk.server.store import open_store
    from paydesk.server.stripe_api.opening import open_sandbox

    place = checked_url(url, "sandbox")
    posts = _Telling(http_sender())
    box = await anyio.to_thread.run_sync(open_sandbox, settings.sandbox_file, settings.sandbox_seed, posts)
    try:
        async with await open_store(settings.store_url) as store:
            secrets = SecretStore(store, lambda: sealer_of(settings), "sandbox")
            await _remove_left_over(box, secrets)
            account = str((await _ask(box, "GET", "/v1/account"))["id"])
            asked = {"url": place, "enabled_events[0]": "*", f"metadata[{_TEMPORARY}]": "true"}
            made = await _ask(box, "POST", "/v1/webhook_endpoints", asked)
            await secrets.keep(made["id"], made["secret"], account=account)
            try:
                yield Forwarding(place, made["secret"], box, posts)
            finally:
                with anyio.CancelScope(shield=True):
                    await _ask(box, "DELETE", f"/v1/webhook_endpoints/{made['id']}")
                    await secrets.forget(made["id"])
    finally:
        box.close()


async def _remove_left_over(box: "Sandbox", secrets: SecretStore) -> None:
    """Endpoints of a listener that was killed: what is queued for them would pile up."""
    for one in (await _ask(box, "GET", "/v1/webhook_endpoints?limit=100"))["data"]:
        if (one.get("metadata") or {}).get(_TEMPORARY) == "true":
            await _ask(box, "DELETE", f"/v1/webhook_endpoints/{one['id']}")
            await secrets.forget(one["id"])


async def _ask(box: "Sandbox", method: str, path: str, params: dict[str, str] | None = None) -> dict[str, Any]:
    status, _, body = await box.respond(method, path, _KEY, urlencode(params or {}).encode())
    answer: dict[str, Any] = json.loads(body)
    if status != 200:
        raise SettingsError(f"The sandbox refused: {answer['error']['message']}", field="--forward-to")
    return answer
