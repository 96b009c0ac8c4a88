"""Opening the door that the settings ask for: the sandbox in this process, Stripe's test mode, or live."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from paydesk.server.errors import SettingsError
from paydesk.server.limits import READS_PER_S, READS_PER_S_LIVE
from paydesk.server.settings import Settings
from paydesk.server.stripe_api.client import StripeDoor
from paydesk.server.stripe_api.rate import RateLimit, Sleep, pause
from paydesk.skills.base import Mode

if TYPE_CHECKING:
    from paydesk.server.sandbox.app import Sandbox
    from paydesk.server.sandbox.webhooks import Sender

_SANDBOX_BASE = "http://sandbox.invalid"
_SANDBOX_KEY = "sk_test_paydesksandbox"
_SOCKET_PACE = {"test": READS_PER_S, "live": READS_PER_S_LIVE}


async def open_door(settings: Settings) -> StripeDoor:
    """The door for these settings. Raises SettingsError where the sandbox's file cannot be used."""
    key = settings.stripe_secret_key
    if key is not None:
        return socket_door(
            key.get_secret_value(),
            mode=settings.mode,
            base=settings.stripe_api_base,
            stripe_account=settings.stripe_account,
        )
    import anyio

    # Building a business takes a second or two, so it must not hold the loop.
    box = await anyio.to_thread.run_sync(open_sandbox, settings.sandbox_file, settings.sandbox_seed)
    return sandbox_door(box, stripe_account=settings.stripe_account)


def socket_door(
    key: str, *, mode: Mode, base: str | None = None, stripe_account: str | None = None, sleep: Sleep = pause
) -> StripeDoor:
    """A door over the network: to Stripe, or to `base` (such as a sandbox that is served)."""
    import stripe

    from paydesk.server.stripe_api.transport import SocketClient

    stripe.enable_telemetry = False
    transport = SocketClient()
    # Stripe has a host of its own for files; another server takes them where it takes all else.
    at = base.rstrip("/") if base else ""
    client = stripe.StripeClient(key, http_client=transport, base_addresses={"api": at, "files": at} if base else {})
    # A server at another address has limits of its own; Stripe's are known.
    pace = None if base else _SOCKET_PACE[mode]
    return StripeDoor(
        client,
        mode=mode,
        rate=RateLimit(pace, sleep=sleep),
        close=transport.close_async,
        stripe_account=stripe_account,
        sleep=sleep,
    )


def sandbox_door(
    box: "Sandbox", *, stripe_account: str | None = None, now: Callable[[], float] | None = None
) -> StripeDoor:
    """A door to a sandbox in this process; closing the door closes the sandbox."""
    import stripe

    from paydesk.server.stripe_api.transport import InProcessClient

    stripe.enable_telemetry = False
    client = stripe.StripeClient(
        _SANDBOX_KEY,
        http_client=InProcessClient(box.respond, _SANDBOX_BASE),
        base_addresses={"api": _SANDBOX_BASE, "files": _SANDBOX_BASE},
    )
    return StripeDoor(
        client,
        mode="sandbox",
        rate=RateLimit(None),
        close=_closing(box.close),
        stripe_account=stripe_account,
        now=now or box.now,
    )


def _closing(close: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def closed() -> None:
        close()

    return closed


def open_sandbox(state: Path, seed: int, sender: "Sender | None" = None) -> "Sandbox":
    """The sandbox in its file, which posts deliveries by `sender`. Raises SettingsError. Building one takes a while."""
    from paydesk.server.sandbox.app import create_sandbox

    try:
        state.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return create_sandbox(state, seed=seed, sender=sender)
    except (OSError, ValueError) as wrong:
        raise SettingsError(
            f"The sandbox's file cannot be used: {wrong}",
            field="PAYDESK_SANDBOX_STATE",
            next_step=f"Delete {state} to start afresh, or set PAYDESK_SANDBOX_STATE to another file.",
        ) from None
