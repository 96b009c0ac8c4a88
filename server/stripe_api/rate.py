"""A token bucket: as many requests a second as Stripe lets through without a word, and no more."""

import time
from collections.abc import Awaitable, Callable

Sleep = Callable[[float], Awaitable[None]]


async def pause(seconds: float) -> None:
    """Wait without holding the loop."""
    import anyio

    await anyio.sleep(seconds)


class RateLimit:
    """Grants a turn to each request, in order of asking; a burst of one second's worth passes at once."""

    def __init__(
        self,
        per_s: float | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = pause,
    ) -> None:
        self._per_s = per_s
        self._clock = clock
        self._sleep = sleep
        self._left = per_s or 0.0
        self._at = clock()

    async def turn(self) -> None:
        """Return when the next request may go; tokens below zero are the queue, first come first served."""
        if self._per_s is None:
            return
        now = self._clock()
        self._left = min(self._per_s, self._left + (now - self._at) * self._per_s) - 1
        self._at = now
        if self._left < 0:
            await self._sleep(-self._left / self._per_s)
