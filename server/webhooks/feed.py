"""What hears of a desk's accounts: their inboxes with writer, worker and follower each, and the secrets in force.

One account is the desk's own; connected ones are opened when their first event comes, if the platform knows them.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio

from paydesk.server.errors import NotFound, StripeKeyRefused, StripeRefused
from paydesk.server.limits import (
    EVENTS_CATCH_UP_S,
    EVENTS_CATCH_UP_SANDBOX_S,
    EVENTS_CATCH_UP_WATCHED_S,
    WEBHOOK_ACCOUNTS_MOST,
    WEBHOOK_SECRETS_READ_S,
    WEBHOOK_STRANGER_S,
)
from paydesk.server.webhooks.following import Follower
from paydesk.server.webhooks.group_commit import GroupCommit
from paydesk.server.webhooks.working import Worker
from paydesk.skills.base import Mode, StripeReader

if TYPE_CHECKING:
    from paydesk.server.mirror.mirror import Mirror
    from paydesk.server.webhooks.publishing import Publisher
    from paydesk.server.webhooks.secrets import SecretStore

Start = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]
_log = logging.getLogger("paydesk.webhooks")


@dataclass(frozen=True)
class Line:
    """What belongs to one account."""

    mirror: "Mirror"
    group: GroupCommit
    worker: Worker
    follower: Follower


class Feed:
    """The accounts that this desk hears of. `mirror_of` opens a mirror, which whoever made the feed closes.

    `own_secrets` are those of the operator's settings. They are taken to be of the desk's own account, except on a desk
    that acts on a connected one: there an event has to name its account (`is_platform` False). With `fills` the desk's
    own mirror is read in the background; those of connected accounts, of which there may be many, only when asked for.
    """

    def __init__(
        self,
        *,
        mode: Mode,
        account: str,
        stripe: StripeReader,
        mirror_of: "Callable[[str], Awaitable[Mirror]]",
        secrets: "SecretStore",
        publisher: "Publisher",
        start: Start,
        own_secrets: tuple[str, ...] = (),
        is_platform: bool = True,
        fills: bool = True,
    ) -> None:
        self.mode: Mode = mode
        self.account = account
        self.publisher = publisher
        self._stripe = stripe
        self._mirror_of = mirror_of
        self._kept = secrets
        self._start = start
        self.fills = fills
        self._own = dict.fromkeys(own_secrets, account if is_platform else "")
        self._secrets: dict[str, str] = {}
        self._read_at: float | None = None
        self._lines: dict[str, Line] = {}
        self._strangers: dict[str, float] = {}
        self._turn = anyio.Lock()
        publisher.on_interest(self._somebody_listens)

    async def open(self) -> None:
        """Open the desk's own inbox, and begin to handle what is in it. Raises PaydeskError."""
        await self._line(self.account)

    @property
    def lines(self) -> Mapping[str, Line]:
        """The accounts whose inboxes are open."""
        return self._lines

    async def secrets(self, *, again: bool = False) -> Mapping[str, str]:
        """The secrets in force, each with its endpoint's account; `again` looks for new ones, once a second at most."""
        age_s = None if self._read_at is None else time.monotonic() - self._read_at
        if age_s is None or (again and age_s > WEBHOOK_SECRETS_READ_S):
            self._read_at = time.monotonic()
            kept = await self._kept.all()
            self._secrets = {**self._own, **dict(kept.values())}
        return self._secrets

    async def inbox_of(self, account: str) -> GroupCommit | None:
        """The writer of an account's inbox; None where this desk does not know the account. Raises PaydeskError."""
        line = self._lines.get(account)
        if line is None and account and await self._is_known(account):
            line = await self._line(account)
        return None if line is None else line.group

    def arrived(self, account: str) -> None:
        """Something is in that inbox that waits to be handled."""
        self._lines[account].worker.stir()

    async def _is_known(self, account: str) -> bool:
        """Whether it is the desk's own, or connected to its platform; strangers are not asked about each time."""
        if account == self.account:
            return True
        now = time.monotonic()
        if self._strangers.get(account, 0.0) > now or len(self._lines) >= WEBHOOK_ACCOUNTS_MOST:
            return False
        try:
            await self._stripe.get(f"/v1/accounts/{account}")
        except (NotFound, StripeRefused, StripeKeyRefused):
            if len(self._strangers) >= WEBHOOK_ACCOUNTS_MOST:
                self._strangers.clear()
            self._strangers[account] = now + WEBHOOK_STRANGER_S
            return False
        return True

    async def _line(self, account: str) -> Line:
        async with self._turn:
            if account not in self._lines:
                self._lines[account] = await self._opened(account)
            return self._lines[account]

    async def _opened(self, account: str) -> Line:
        mirror = await self._mirror_of(account)
        follower = Follower(mirror.store, account, self.publisher)
        # Connected accounts' holes are looked for at the usual pace: there may be many of them.
        pace = self._catch_up_s if account == self.account else partial(float, EVENTS_CATCH_UP_S)
        fills = self.fills and account == self.account
        worker = Worker(mirror, catch_up_s=pace, told=follower.stir, fills=fills)
        line = Line(mirror, GroupCommit(mirror.store), worker, follower)
        for work in (line.group.run, line.worker.run, line.follower.run):
            self._start(work)
        return line

    def _catch_up_s(self) -> float:
        if not self.publisher.has_subscribers:
            return EVENTS_CATCH_UP_S
        return EVENTS_CATCH_UP_SANDBOX_S if self.mode == "sandbox" else EVENTS_CATCH_UP_WATCHED_S

    def _somebody_listens(self) -> None:
        for line in self._lines.values():
            line.follower.stir()
            line.worker.stir()
