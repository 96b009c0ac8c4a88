"""What handles an account's events beside the answers: at once when some came, later where they failed, and it looks
for holes in what was delivered.
"""

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import anyio

from paydesk.server.errors import PaydeskError
from paydesk.server.limits import EVENTS_AGAIN_S, EVENTS_FILL_S
from paydesk.server.mirror.inbox import handle_pending, next_due_at

if TYPE_CHECKING:
    from paydesk.server.mirror.mirror import Mirror

_log = logging.getLogger("paydesk.webhooks")


class Worker:
    """Handles the events of one mirror. `catch_up_s` says how old what is known may become before holes are looked for.

    `told` is called when something was handled. With `fills` a mirror that is not filled is read beside the answers.
    """

    def __init__(
        self,
        mirror: "Mirror",
        *,
        catch_up_s: Callable[[], float],
        told: Callable[[], None],
        fills: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._mirror = mirror
        self._catch_up_s = catch_up_s
        self._told = told
        self._fills = fills
        self._clock = clock
        self._stirred = anyio.Event()

    def stir(self) -> None:
        """Something came, or somebody listens."""
        self._stirred.set()

    async def run(self) -> None:
        """Work until cancelled; what fails is tried again, and never ends this."""
        while True:
            self._stirred = anyio.Event()
            try:
                pause_s = await self.once()
            except PaydeskError as error:
                _log.warning("events wait: %s", error.code)
                pause_s = EVENTS_AGAIN_S
            except Exception as broken:  # a fault in one round must not leave all later events unhandled
                _log.exception("handling events broke: %s", type(broken).__name__, exc_info=False)
                pause_s = EVENTS_AGAIN_S
            with anyio.move_on_after(pause_s):
                await self._stirred.wait()

    async def once(self) -> float:
        """Handle what is due, and look for holes where it is time; for how many seconds there is nothing to do."""
        if await handle_pending(self._mirror):
            self._told()
        every_s = self._catch_up_s()
        try:
            if not await self._mirror.freshen(every_s) and self._fills and not await self._mirror.ready(EVENTS_FILL_S):
                return 0.0  # a little at a time: what was delivered meanwhile is not kept waiting
        except PaydeskError as error:
            # What was delivered is handled all the same; holes are filled when Stripe answers again.
            _log.warning("holes in the events cannot be looked for: %s", error.code)
            every_s = max(every_s, EVENTS_AGAIN_S)
        self._told()
        due = await next_due_at(self._mirror.store)
        until_due_s = every_s if due is None else max(due - self._clock(), 0.05)
        return min(every_s, until_due_s)
