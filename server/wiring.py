"""The one composition root: where settings become a desk."""

from collections import ChainMap
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import anyio

from paydesk.server.call import Door, Gatekeeper, PayDesk
from paydesk.server.settings import Settings
from paydesk.skills.base import CustomerMatch, Json, Skill

if TYPE_CHECKING:
    from paydesk.server.analytics.figures import MirrorFigures
    from paydesk.server.directory.directory import Directory
    from paydesk.server.gate.policy_source import PolicyFile
    from paydesk.server.mirror.mirror import Mirror
    from paydesk.server.store.database import Store
    from paydesk.server.webhooks.feed import Feed
    from paydesk.server.webhooks.secrets import SecretStore
    from paydesk.skills.books import Span
    from paydesk.skills.figures import Asked, Counted
    from paydesk.skills.mrr_bridge import RememberedMrr

T = TypeVar("T")


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[PayDesk]:
    """A desk for these settings; door, store and gate are opened when first needed and closed at the end."""
    async with AsyncExitStack() as stack:

        async def make_door() -> Door:
            from paydesk.server.stripe_api import open_door

            door = await open_door(settings)
            stack.push_async_callback(door.aclose)
            return door

        async def make_store() -> "Store":
            from paydesk.server.store import open_store

            store = await open_store(settings.store_url)
            stack.push_async_callback(store.aclose)
            return store

        async def make_gate() -> Gatekeeper:
            from paydesk.server.gate import Gate
            from paydesk.server.uploading import UPLOADS
            from paydesk.server.webhooks.endpoints import OPERATORS
            from paydesk.server.webhooks.secrets import KeepingDoor

            keeping = KeepingDoor(await door(), secrets_of(settings, await store()))
            # What only an operator's command proposes is planned again, and read, like any other write.
            skills = ChainMap({**OPERATORS, **UPLOADS}, _catalogue())  # type: ignore[arg-type]  # nothing is written to it
            gate = Gate(await store(), keeping, catalogue=skills, policy=open_policy(settings), customers=customers)
            gate.show_at(desk.page_of)
            await gate.recover()
            background.start(gate.run)
            return gate

        async def make_directory() -> "Directory":
            directory = await directory_of(settings, await door())
            stack.push_async_callback(directory.aclose)
            return directory

        async def make_feed() -> "Feed":
            from paydesk.server.webhooks.opening import open_feed

            feed, close = await open_feed(
                settings,
                await door(),
                await store(),
                own=mirror,
                publisher=desk.happenings,
                start=background.start,
            )
            stack.push_async_callback(close)
            return feed

        async def make_mirror() -> "Mirror":
            mirror = await mirror_of(settings, await door())
            stack.push_async_callback(mirror.aclose)
            return mirror

        async def make_figures() -> "MirrorFigures":
            figures = figures_of(settings, door, mirror)
            stack.push_async_callback(figures.aclose)
            return figures

        background = Background()
        door = _once(make_door)
        store = _once(make_store)
        gate = _once(make_gate)
        customers = LazyFinder(_once(make_directory))
        mirror = _once(make_mirror)
        from paydesk.server.conversing import Conversing

        async with background:
            desk = PayDesk(
                mode=settings.mode,
                catalogue=_catalogue,
                door=door,
                gate=gate,
                customers=customers,
                ask=Conversing().ask,
            )
            desk.beside = background.start
            if settings.mirror == "auto":
                desk.mirror, desk.figures = mirror, LazyFigures(_once(make_figures))
            desk.feed = _once(make_feed)
            yield desk


class LazyFinder:
    """The index of customers, opened when somebody is first looked for by name."""

    def __init__(self, directory: "Callable[[], Awaitable[Directory]]") -> None:
        self.directory = directory

    async def resembling(self, text: str, *, handles_too: bool = False) -> list[CustomerMatch] | None:
        """Customers that `text` may mean, best first; None while there is no index."""
        return await (await self.directory()).resembling(text, handles_too=handles_too)

    async def named_in(self, text: str) -> list[str]:
        """Customers' names that stand in a sentence."""
        return await (await self.directory()).named_in(text)

    async def fresh(self, match: CustomerMatch) -> Json | None:
        """The whole customer from Stripe, or None where it is no longer so."""
        return await (await self.directory()).fresh(match)


class LazyFigures:
    """Figures from the mirror, whose libraries are loaded when the first one is asked for."""

    def __init__(self, figures: "Callable[[], Awaitable[MirrorFigures]]") -> None:
        self.figures = figures

    async def counted(self, asked: "Asked", span: "Span") -> "Counted | None":
        """The figures of a period; None where they have to be counted from Stripe itself."""
        return await (await self.figures()).counted(asked, span)

    async def bridges(self, start: int, end: int, now: int) -> "RememberedMrr | None":
        """Recurring revenue over a period as the mirror remembers it; None where it is not filled."""
        return await (await self.figures()).bridges(start, end, now)


def figures_of(
    settings: Settings, door: Callable[[], Awaitable[Door]], mirror: "Callable[[], Awaitable[Mirror]]"
) -> "MirrorFigures":
    """Figures of this account from its mirror; close them with `aclose`."""
    from paydesk.server.analytics.figures import MirrorFigures, columns_folder

    async def folder() -> Path:
        return columns_folder(settings.home, await (await door()).account_id(), settings.mode)

    return MirrorFigures(mirror, folder)


async def mirror_of(settings: Settings, door: Door, account_id: str | None = None) -> "Mirror":
    """The mirror of this account, or of a connected one; close it with `aclose`."""
    from paydesk.server.mirror.mirror import open_mirror

    return await open_mirror(settings, account_id or await door.account_id(), settings.mode, door)


async def directory_of(settings: Settings, door: Door) -> "Directory":
    """The index of the customers of this account; close it with `aclose`."""
    from paydesk.server.directory.directory import open_directory

    return open_directory(settings.home, await door.account_id(), settings.mode, door, lambda: door.now().timestamp())


def secrets_of(settings: Settings, store: "Store") -> "SecretStore":
    """Where endpoints' secrets are kept."""
    from paydesk.server.webhooks.sealing import sealer_of
    from paydesk.server.webhooks.secrets import SecretStore

    return SecretStore(store, partial(sealer_of, settings), settings.mode)


def open_policy(settings: Settings) -> "PolicyFile":
    """The policy for writes, read when it is first needed and whenever its file changes."""
    from paydesk.server.gate.policy_source import PolicyFile

    return PolicyFile(
        settings.policy_file,
        writing_skills=lambda: [skill.name for skill in _catalogue().values() if skill.writes],
        needed=settings.policy is not None,
    )


class Background:
    """Work beside the answers, ended with the desk. What the desk's user raises passes through as it is."""

    async def __aenter__(self) -> "Background":
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        return self

    def start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run it until the desk closes."""
        self._tasks.start_soon(work)

    async def __aexit__(self, *raised: object) -> None:
        self._tasks.cancel_scope.cancel()
        # Not told of what was raised: the group would wrap it, and callers catch errors of ours by their kind.
        await self._tasks.__aexit__(None, None, None)


def _catalogue() -> Mapping[str, Skill]:
    from paydesk.skills.catalogue import catalogue

    return catalogue()


def _once(make: Callable[[], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
    """Make it at the first call, whoever calls first, and hand out the same one afterwards."""
    lock = anyio.Lock()
    made: list[T] = []

    async def get() -> T:
        if not made:
            async with lock:
                if not made:
                    made.append(await make())
        return made[0]

    return get
