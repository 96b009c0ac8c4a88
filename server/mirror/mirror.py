"""The mirror of one account in one mode: filled once, kept up by events, never answered from where it is damaged."""

import logging
import re
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

import anyio
from sqlalchemy import Connection

from paydesk.server.errors import StoreError
from paydesk.server.mirror import catching_up, facts, filling, standing
from paydesk.server.mirror.damage import OpenMark, check_pages, identity_of, set_aside
from paydesk.server.mirror.forgetting import forget_in
from paydesk.server.mirror.inbox import handle_pending
from paydesk.server.mirror.ledger import read_ledger, read_payout_contents
from paydesk.server.mirror.standing import Standing
from paydesk.server.settings import Settings
from paydesk.server.store import MIRROR, Store, open_store
from paydesk.server.store.mirror_schema import sync_stretches
from paydesk.skills.base import Mode, StripeReader

if TYPE_CHECKING:
    from paydesk.server.mirror.verifying import Verified

_log = logging.getLogger("paydesk.mirror")
T = TypeVar("T")
_FILLINGS_MOST = 3
# The trains of Stripe's API whose objects are read as they come in events; others are asked for anew.
_SANDBOX_TRAIN = "dahlia"


class Door(StripeReader, Protocol):
    """What a mirror needs of the way to Stripe; `server/stripe_api` is it."""

    def now(self) -> datetime: ...

    async def account_id(self) -> str: ...


class GuardedStore(Store):
    """A mirror's database, as the store's: whoever meets damage has the file set aside, and is told so."""

    def __init__(self, open_again: Callable[[], Awaitable[Store]], file: Path | None) -> None:
        self._open = open_again
        self._file = file
        self._mark = OpenMark(file) if file is not None else None
        self._store: Store | None = None
        self._is_of: tuple[int, int] | None = None
        self._turn = anyio.Lock()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """As the store's. Raises StoreError; `store_damaged` means that a new, empty mirror takes its place."""
        return await self._guarded(lambda store: store.read(work))

    async def write(self, work: Callable[[Connection], T], *, durable: bool = True) -> T:
        """As the store's. Raises StoreError, see `read`."""
        return await self._guarded(lambda store: store.write(work, durable=durable))

    async def leave_no_trace(self) -> None:
        """As the store's."""
        await self._guarded(lambda store: store.leave_no_trace())

    async def _guarded(self, use: Callable[[Store], Awaitable[T]]) -> T:
        store = await self._opened()
        try:
            return await use(store)
        except StoreError as failure:
            if failure.code == "store_damaged":
                await self._replace(store)
            raise

    async def _opened(self) -> Store:
        if self._store is None:
            async with self._turn:
                if self._store is None:
                    self._store = await self._first()
        return self._store

    async def _first(self) -> Store:
        """Open it, after reading it whole where a process had ended without closing it."""
        if self._file is None or self._mark is None:
            return await self._open()
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unclean = self._mark.set() and self._file.exists()
        try:
            store = await self._open()
            if unclean:
                try:
                    await store.read(check_pages)
                except BaseException:
                    await store.aclose()
                    raise
        except StoreError as failure:
            if failure.code != "store_damaged":
                raise
            self._put_away()
            store = await self._open()
        self._is_of = identity_of(self._file)
        return store

    async def _replace(self, damaged: Store) -> None:
        async with self._turn:
            if self._store is not damaged or self._file is None:
                return  # another task was here
            self._store = None
            await damaged.aclose()
            # Where another process has replaced the file already, the new one is sound.
            if identity_of(self._file) == self._is_of:
                self._put_away()

    def _put_away(self) -> None:
        assert self._file is not None  # noqa: S101 - callers asked
        aside = set_aside(self._file)
        if aside is not None:
            # Not by its name: the log hides long numbers, and the moment in it is one.
            _log.error("the mirror was damaged; set aside beside the new one as *.damaged-*, and read anew from Stripe")

    async def follow(self) -> None:
        """Leave a file that another process has set aside."""
        if self._file is None or self._store is None or identity_of(self._file) == self._is_of:
            return
        async with self._turn:
            if self._store is not None:
                store, self._store = self._store, None
                await store.aclose()

    async def aclose(self) -> None:
        """Close it; a clean end."""
        if self._store is not None:
            await self._store.aclose()
        self._store = None
        if self._mark is not None:
            self._mark.clear()


class Mirror:
    """What one account holds. `trains` are the API versions whose snapshots are read as they are."""

    def __init__(self, store: GuardedStore, account: str, mode: Mode, stripe: Door, trains: frozenset[str]) -> None:
        self.store = store
        self.account = account
        self.mode: Mode = mode
        self.stripe = stripe
        self.trains = trains
        self._filling = anyio.Lock()
        self._freshening = anyio.Lock()

    def now(self) -> int:
        """The account's present in seconds."""
        return int(self.stripe.now().timestamp())

    async def standing(self) -> Standing:
        """How far it is; cheap."""
        await self.store.follow()
        return await self.store.read(standing.look)

    async def ready(self, budget_s: float) -> bool:
        """Whether everything was read once, reading on for about that long where not. Raises what Stripe raises."""
        return await self._fill(time.monotonic() + budget_s, None)

    async def sync(self, told: filling.Told | None = None) -> Standing:
        """Read everything, or what changed since, however long it takes; `told` hears of each page at first."""
        for _ in range(_FILLINGS_MOST):
            await self._fill(float("inf"), told)
            if await self.freshen(0.0):
                await self._read_clocks()
                break
        return await self.standing()

    async def freshen(self, older_than_s: float) -> bool:
        """Hear of changes where the last time is longer ago than this; False where it has to be filled (again) first.

        Raises what Stripe raises.
        """
        await self.store.follow()
        if await self._is_fresh(older_than_s):
            return True
        async with self._freshening:
            if await self._is_fresh(older_than_s):
                return True
            if await self._known(facts.FILLED) is None:
                return False
            if not await catching_up.list_events(self):
                await self._begin_anew()
                return False
            await self._settle()
            return True

    async def _is_fresh(self, older_than_s: float) -> bool:
        filled, fresh = await self._known(facts.FILLED), await self._known(facts.FRESH)
        age_s = self.now() - int(fresh or 0)
        return filled is not None and fresh is not None and 0 <= age_s < older_than_s

    async def _settle(self) -> None:
        """Handle what was kept, and read what has no events."""
        await handle_pending(self)
        await read_ledger(self)
        await read_payout_contents(self)
        await catching_up.drop_old_payloads(self)

    async def _known(self, name: str) -> str | None:
        return await self.store.read(partial(facts.get, name=name))

    async def _fill(self, until: float, told: filling.Told | None) -> bool:
        await self.store.follow()
        if await self._known(facts.FILLED) is not None:
            return True
        async with self._filling:
            await filling.begin(self)
            if not await filling.read_all(self, until, told):
                return False
            await self._read_clocks()
            if not await catching_up.list_events(self):
                await self._begin_anew()
                return False
            await self._settle()
            await self._sweep()
            filled = self.now()
            await self.store.write(lambda connection: facts.remember(connection, **{facts.FILLED: filled}))
        return True

    async def _read_clocks(self) -> None:
        """What lives by test clocks: it is in no other list."""
        from paydesk.server.mirror.verifying import mend_clocks

        await mend_clocks(self)

    async def _sweep(self) -> None:
        """After a second reading: what it did not meet is asked for, as it may have been deleted in the gap."""
        from paydesk.server.mirror.verifying import mend_unmet

        begun = await self._known(facts.BEGUN)
        await mend_unmet(self, int(begun or 0))

    async def _begin_anew(self) -> None:
        """Read all again; what is known stays until then, and what was known of the past for good."""
        _log.warning("the mirror has to be read again: changes may be missing from Stripe's list of events")

        def again(connection: Connection) -> None:
            connection.execute(sync_stretches.delete())
            facts.remember(connection, **dict.fromkeys((facts.FILLED, facts.BEGUN, facts.CURSOR, facts.FRESH)))

        await self.store.write(again)

    async def forget(self, customer_id: str) -> int:
        """Erase what is personal about a customer; figures stay. How many rows and events were changed."""
        now = self.now()
        # What waits in the inbox is emptied when it is handled, so let it be handled before and after.
        await handle_pending(self)

        def erase(connection: Connection) -> int:
            seq = facts.next_seq(connection)
            return forget_in(connection, customer_id, now, seq)

        changed = await self.store.write(erase)
        await handle_pending(self)
        await self.store.leave_no_trace()
        return changed

    async def verify(self, **options: Any) -> "Verified":
        """Compare with Stripe and mend; see `verifying.verify`."""
        from paydesk.server.mirror.verifying import verify

        return await verify(self, **options)

    async def aclose(self) -> None:
        """Close the database."""
        await self.store.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.aclose()


def mirror_file(settings: Settings, account_id: str, mode: Mode) -> Path | None:
    """Where the mirror's file stands; None where the desk's database is another, and the mirror a schema in it."""
    url = settings.database_url
    if url is not None and not url.startswith("sqlite"):
        return None
    return settings.home / "mirror" / f"{_plain(account_id)}-{mode}.sqlite3"


def _plain(account_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "", account_id)


async def open_mirror(settings: Settings, account_id: str, mode: Mode, door: Any) -> Mirror:
    """The mirror of this account, of its own or a connected one; the database is opened when it is first needed."""
    stripe: Door = door if account_id == await door.account_id() else door.for_account(account_id)
    file = mirror_file(settings, account_id, mode)
    where = file if file is not None else str(settings.database_url)
    schema = None if file is not None else f"paydesk_{_plain(account_id)}_{mode}".lower()
    store = GuardedStore(lambda: open_store(where, MIRROR, schema=schema), file)
    train = _SANDBOX_TRAIN if mode == "sandbox" else str(door.api_version).rpartition(".")[2]
    return Mirror(store, account_id, mode, stripe, frozenset({train}))
