"""Opening the feed of a desk: its account's inbox and mirror, its secrets, and what runs beside."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from paydesk.server.webhooks.feed import Feed, Start
from paydesk.server.webhooks.sealing import sealer_of
from paydesk.server.webhooks.secrets import SecretStore

if TYPE_CHECKING:
    from paydesk.server.call import Door
    from paydesk.server.mirror.mirror import Mirror
    from paydesk.server.settings import Settings
    from paydesk.server.store.database import Store
    from paydesk.server.webhooks.publishing import Publisher

Close = Callable[[], Awaitable[None]]


async def open_feed(
    settings: "Settings",
    door: "Door",
    store: "Store",
    *,
    own: "Callable[[], Awaitable[Mirror]]",
    publisher: "Publisher",
    start: Start,
) -> tuple[Feed, Close]:
    """The feed, which works from now on, and what closes the mirrors of connected accounts; `own` is the desk's.

    Raises PaydeskError.
    """
    from paydesk.server.mirror.mirror import open_mirror

    opened: list[Mirror] = []
    account = await door.account_id()

    async def mirror_of(whose: str) -> "Mirror":
        if whose == account:
            return await own()
        opened.append(await open_mirror(settings, whose, settings.mode, door))
        return opened[-1]

    async def close() -> None:
        for mirror in opened:
            await mirror.aclose()

    given = settings.stripe_webhook_secret
    secrets = given.get_secret_value().split(",") if given is not None else []
    feed = Feed(
        mode=settings.mode,
        account=account,
        stripe=door,
        mirror_of=mirror_of,
        secrets=SecretStore(store, lambda: sealer_of(settings), settings.mode),
        publisher=publisher,
        start=start,
        own_secrets=tuple(secret.strip() for secret in secrets if secret.strip()),
        is_platform=settings.stripe_account is None,
        fills=settings.mirror == "auto",
    )
    try:
        await feed.open()
    except BaseException:
        await close()
        raise
    return feed, close
