"""What happens at Stripe, as the addresses of resources that changed: a payment's own, and those of lists.

The feed is opened when somebody subscribes, and heard only as long as somebody does.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable

import anyio

from paydesk.server.call import PayDesk
from paydesk.server.errors import PaydeskError
from paydesk.server.mcp.resources import SCHEME
from paydesk.server.webhooks.publishing import Happened, Missed, Subscription

_log = logging.getLogger("paydesk.mcp")
# An id's prefix tells the kind of resource, https://docs.stripe.com/api
_OF_ID = {
    **dict.fromkeys(("pi", "ch", "py"), "payments"),
    "cus": "customers",
    "sub": "subscriptions",
    "in": "invoices",
    "dp": "disputes",
    "du": "disputes",
}
_LIST_OF = {
    **dict.fromkeys(("payment_intent", "charge"), "payments"),
    **dict.fromkeys(("product", "price"), "products"),
    "customer": "customers",
    "refund": "refunds",
    "subscription": "subscriptions",
    "invoice": "invoices",
    "dispute": "disputes",
    "payout": "payouts",
    "account": "account",
}
_TOGETHER = 200  # events whose addresses are told at once, each address once


def uris_of(event: Happened) -> set[str]:
    """The resources that an event changed."""
    named = {(one, _OF_ID.get(one.partition("_")[0])) for one in event.about}
    found = {f"{SCHEME}{kind}/{one}" for one, kind in named if kind is not None}
    of_list = _LIST_OF.get(event.object or "")
    return found | ({SCHEME + of_list} if of_list is not None else set())


class Hearing:
    """Tells which of the wanted resources changed. `tell` is called on the event loop with their addresses."""

    def __init__(self, desk: PayDesk, tell: Callable[[set[str]], None]) -> None:
        self._desk = desk
        self._tell = tell
        self._wanted: Counter[str] = Counter()
        self._scope: anyio.CancelScope | None = None

    @property
    def is_possible(self) -> bool:
        """Whether this desk hears of anything."""
        return self._desk.feed is not None and self._desk.beside is not None

    def want(self, uris: Iterable[str]) -> None:
        """Begin to tell of these."""
        self._wanted.update(uris)
        if self._wanted and self._scope is None and self._desk.beside is not None:
            self._scope = anyio.CancelScope()
            self._desk.beside(self._hear)

    def unwant(self, uris: Iterable[str]) -> None:
        """As many times as they were wanted."""
        self._wanted = +(self._wanted - Counter(uris))
        if not self._wanted and self._scope is not None:
            self._scope.cancel()
            self._scope = None

    async def _hear(self) -> None:
        if self._scope is None or self._desk.feed is None:
            return
        # Listening begins before the feed is open, so that nothing in between is missed.
        with self._scope, self._desk.happenings.subscribe() as heard:
            try:
                await self._desk.feed()
            except PaydeskError as error:
                _log.warning("what happens at Stripe cannot be followed: %s", error.code)
            while True:
                self._tell_of(await _together(heard))

    def _tell_of(self, found: list[Happened | Missed]) -> None:
        changed: set[str] = set()
        for one in found:
            # Who missed something has to look at everything it cares for.
            changed |= set(self._wanted) if isinstance(one, Missed) else uris_of(one)
        if changed := changed & set(self._wanted):
            self._tell(changed)


async def _together(heard: Subscription) -> list[Happened | Missed]:
    """The next event, and what else is there already."""
    found = [await heard.next()]
    while len(found) < _TOGETHER and heard.has_news:
        found.append(await heard.next())
    return found
