"""The secrets by which deliveries are known: the operator's own, and those of endpoints that this desk registered.

Stripe tells an endpoint's secret once, in the answer that made it. `KeepingDoor` takes it out of that answer before
anything else sees it, and puts it into the store encrypted. Where that fails, the gate learns no end of the write: it
asks again under the same idempotency key, and Stripe repeats the answer with the secret.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, select

from paydesk.server.errors import StripeUnreachable
from paydesk.server.store.schema import webhook_secrets
from paydesk.server.store.upserts import upsert
from paydesk.server.webhooks.sealing import Sealer
from paydesk.skills.base import Json, Mode, Page, StripeRequest

if TYPE_CHECKING:
    from paydesk.server.call import Door
    from paydesk.server.store.database import Store

_ENDPOINTS = "/v1/webhook_endpoints"
_PURPOSE = "webhook endpoint"


class SecretStore:
    """Endpoints' secrets of one mode, sealed in the journal's database. `sealer` is made when it is first needed."""

    def __init__(self, store: "Store", sealer: Callable[[], Sealer], mode: Mode) -> None:
        self._store = store
        self._sealer = cache(sealer)
        self._mode: Mode = mode

    async def keep(self, endpoint: str, secret: str, *, account: str) -> None:
        """Keep an endpoint's secret. Raises StoreError."""
        row: dict[str, Any] = {
            "endpoint": endpoint,
            "account": account,
            "mode": self._mode,
            "sealed": self._sealer().seal(secret, purpose=_PURPOSE, owner=self._owner(account, endpoint)),
            "kept_at": datetime.now(UTC),
        }
        await self._store.write(lambda connection: upsert(connection, webhook_secrets, [row]))

    async def forget(self, endpoint: str) -> None:
        """Forget an endpoint's secret. Raises StoreError."""
        gone = delete(webhook_secrets).where(webhook_secrets.c.endpoint == endpoint)
        await self._store.write(lambda connection: connection.execute(gone))

    async def all(self) -> dict[str, tuple[str, str]]:
        """Every secret that can be opened: endpoint -> (secret, account). Raises StoreError."""
        rows = await self._store.read(partial(_rows, self._mode))
        opened = {
            row.endpoint: (
                self._sealer().open(row.sealed, purpose=_PURPOSE, owner=self._owner(row.account, row.endpoint)),
                row.account,
            )
            for row in rows
        }
        return {endpoint: (secret, account) for endpoint, (secret, account) in opened.items() if secret is not None}

    def _owner(self, account: str, endpoint: str) -> str:
        return f"{self._mode}/{account}/{endpoint}"


def _rows(mode: Mode, connection: Connection) -> list[Any]:
    return list(connection.execute(select(webhook_secrets).where(webhook_secrets.c.mode == mode)))


class KeepingDoor:
    """A door that keeps endpoints' secrets back: whoever sends through it never sees one."""

    def __init__(self, door: "Door", secrets: SecretStore) -> None:
        self._door = door
        self._secrets = secrets

    @property
    def mode(self) -> Mode:
        """Where the account lives."""
        return self._door.mode

    def now(self) -> datetime:
        """Stripe's present, UTC."""
        return self._door.now()

    async def account_id(self) -> str:
        """The account that requests act on."""
        return await self._door.account_id()

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> Json:
        """As the door's."""
        return await self._door.get(path, params)

    async def page(self, path: str, params: Mapping[str, Any] | None = None) -> Page:
        """As the door's."""
        return await self._door.page(path, params)

    def every(self, path: str, params: Mapping[str, Any] | None = None, *, most: int) -> AsyncIterator[Json]:
        """As the door's."""
        return self._door.every(path, params, most=most)

    async def preview(self, params: Mapping[str, Any]) -> Json:
        """As the door's."""
        return await self._door.preview(params)

    async def compute(self, path: str, params: Mapping[str, Any]) -> Json:
        """As the door's."""
        return await self._door.compute(path, params)

    async def send(self, request: StripeRequest, *, idempotency_key: str) -> Json:
        """As the door's, but an endpoint's secret is in the store by then, and no longer in the answer.

        Raises as the door does; StripeUnreachable where the secret could not be kept.
        """
        answer = await self._door.send(request, idempotency_key=idempotency_key)
        if not request.path.startswith(_ENDPOINTS):
            return answer
        if request.method == "DELETE":
            await self._secrets.forget(str(answer.get("id")))
            return answer
        if "secret" not in answer:
            return answer
        account = await self._door.account_id()
        try:
            await self._secrets.keep(str(answer["id"]), str(answer["secret"]), account=account)
        except Exception:
            # Without an end in the journal the gate asks again, and Stripe repeats the answer for this key.
            raise StripeUnreachable(
                "The endpoint exists, but its secret could not be kept yet.", code="secret_not_kept"
            ) from None
        return {name: value for name, value in answer.items() if name != "secret"}

    async def aclose(self) -> None:
        """As the door's."""
        await self._door.aclose()
