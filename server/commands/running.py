"""What commands share: a desk for the duration of one command, and the caller at this terminal."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.logs import set_up_logs
from paydesk.server.settings import Settings, load_settings
from paydesk.server.toolsets import operator_scope

T = TypeVar("T")

# The same name as the stdio server's principal: a person at this terminal may approve what an assistant here proposed.
LOCAL = "local"


def with_desk(work: Callable[[PayDesk, Caller], Awaitable[T]], *, settings: Settings | None = None) -> T:
    """Open a desk, do the work as the local caller, close it."""
    chosen = settings or load_settings()
    set_up_logs(chosen.log_level)

    async def run() -> T:
        from paydesk.server.wiring import open_desk

        async with open_desk(chosen) as desk:
            return await work(desk, local_caller(chosen))

    return anyio.run(run)


def local_caller(settings: Settings) -> Caller:
    """The person at this terminal, within what the operator's settings offer."""
    return Caller(LOCAL, operator_scope(settings))
