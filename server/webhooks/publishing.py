"""Events that were handled, told inside this process: to the protocol's subscribers, and to later features.

A subscriber that is slow holds up nobody: its queue is bounded, and where it overflows the next thing that it hears is
how much it missed. What is told comes from `following.py`.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase

import anyio

from paydesk.server.limits import SUBSCRIBER_QUEUE


@dataclass(frozen=True)
class Happened:
    """An event that the mirror has taken in; `about` holds the ids of its object and of those that it names."""

    event_id: str
    type: str
    account: str
    created: int
    object: str | None
    object_id: str | None
    about: frozenset[str]


@dataclass(frozen=True)
class Missed:
    """Told in place of events that did not fit into a subscriber's queue: it has to look for itself."""

    count: int


class Subscription:
    """What one subscriber is told, in order; iterate over it. Types are patterns: `charge.*`, `*`."""

    def __init__(self, patterns: Sequence[str], most: int) -> None:
        self._patterns = tuple(patterns)
        self._most = most
        self._queue: deque[Happened] = deque()
        self._missed = 0
        self._news = anyio.Event()

    def wants(self, event_type: str) -> bool:
        """Whether one of its patterns fits."""
        return any(fnmatchcase(event_type, pattern) for pattern in self._patterns)

    def put(self, event: Happened) -> None:
        """Queue it, or count it as missed. Never waits."""
        # Once it missed something, order is kept by missing all until it has been told so.
        if self._missed or len(self._queue) >= self._most:
            self._missed += 1
        else:
            self._queue.append(event)
        self._news.set()

    @property
    def has_news(self) -> bool:
        """Whether `next` would answer at once."""
        return bool(self._queue or self._missed)

    async def next(self) -> Happened | Missed:
        """The next event, as soon as there is one; `Missed` where some did not fit."""
        while not self.has_news:
            self._news = anyio.Event()
            await self._news.wait()
        if self._queue:
            return self._queue.popleft()
        missed, self._missed = Missed(self._missed), 0
        return missed

    def __aiter__(self) -> "Subscription":
        return self

    async def __anext__(self) -> Happened | Missed:
        return await self.next()


class Publisher:
    """The subscribers of this process."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []
        self._on_interest: list[Callable[[], None]] = []

    @property
    def has_subscribers(self) -> bool:
        """Whether anybody listens."""
        return bool(self._subscriptions)

    def on_interest(self, told: Callable[[], None]) -> None:
        """Tell when somebody begins to listen."""
        self._on_interest.append(told)

    @contextmanager
    def subscribe(self, *patterns: str, most: int = SUBSCRIBER_QUEUE) -> Iterator[Subscription]:
        """Hear, from now on, of events whose type fits one of these patterns (of all without any)."""
        made = Subscription(patterns or ("*",), most)
        self._subscriptions.append(made)
        for told in self._on_interest:
            told()
        try:
            yield made
        finally:
            self._subscriptions.remove(made)

    def publish(self, event: Happened) -> None:
        """Tell every subscriber whom it concerns. Never waits."""
        for subscription in tuple(self._subscriptions):
            if subscription.wants(event.type):
                subscription.put(event)
