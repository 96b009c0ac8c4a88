"""The one composition root: where settings become a desk."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar

import anyio

from paydesk.server.call import Door, Gatekeeper, PayDesk
from paydesk.server.settings import Settings
from paydesk.skills.base import Skill

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

        async def make_gate() -> Gatekeeper:
            from paydesk.server.gate import Gate
            from paydesk.server.store import open_store

            store = await open_store(settings.store_url)
            stack.push_async_callback(store.aclose)
            gate = Gate(store, await door(), catalogue=_catalogue())
            await gate.recover()
            return gate

        door = _once(make_door)
        gate = _once(make_gate)
        from paydesk.server.asking import ask

        yield PayDesk(mode=settings.mode, catalogue=_catalogue, door=door, gate=gate, ask=ask)


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
