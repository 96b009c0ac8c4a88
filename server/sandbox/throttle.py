"""Rate limiting as in test mode, when it is asked for (https://docs.stripe.com/rate-limits): so many reads and so many
writes a second, each with a bucket of its own that holds a second's worth.
"""

import threading
from collections.abc import Callable

from paydesk.server.sandbox.errors import too_many_requests


class Throttle:
    """A token bucket for reads and one for writes; `clock` in seconds, never the sandbox's own, which may stand."""

    def __init__(self, per_s: int, clock: Callable[[], float]) -> None:
        self._per_s = per_s
        self._clock = clock
        self._lock = threading.Lock()
        self._left = {True: float(per_s), False: float(per_s)}
        self._at = dict.fromkeys((True, False), clock())

    def admit(self, method: str) -> None:
        """Let one request through, or raise Stripe's 429."""
        writes = method != "GET"
        with self._lock:
            now = self._clock()
            left = min(float(self._per_s), self._left[writes] + (now - self._at[writes]) * self._per_s)
            self._at[writes] = now
            if left < 1:
                self._left[writes] = left
                raise too_many_requests()
            self._left[writes] = left - 1
