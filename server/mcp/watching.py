"""Tells clients what became of proposals: resource updates on both eras, and the end of what was opened by URL.

Changes come from the gate, whichever process made them. It is only listened to while somebody wants to know.
"""

import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.session import ServerSession
from mcp.server.subscriptions import ResourceUpdated, ServerEvent
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, EmptyResult, SubscribeRequestParams, UnsubscribeRequestParams

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.errors import PaydeskError
from paydesk.server.limits import CHANGES_POLL_S, SUBSCRIPTIONS_MOST
from paydesk.server.mcp.calling import current_caller
from paydesk.server.mcp.happenings import Hearing
from paydesk.server.mcp.resources import SCHEME, may_read
from paydesk.skills.base import Outcome

if TYPE_CHECKING:
    from paydesk.server.gate.changes import Change

_log = logging.getLogger("paydesk.mcp")
_PROPOSAL = "paydesk://proposals/"
_OPEN = ("waiting", "approved", "sending")


@dataclass(frozen=True)
class ProposalUpdated(ResourceUpdated):
    """A proposal's resource changed; told to its principal only."""

    principal: str = ""


class ProposalBus:
    """The SDK's bus for `subscriptions/listen`: a listener hears of its own principal's proposals, and of the account's
    objects as far as it may read them."""

    def __init__(self, most: Caller, may_read: Callable[[Caller, str], bool]) -> None:
        self._most = most
        self._may_read = may_read
        self._listeners: dict[object, tuple[Caller, Callable[[ServerEvent], None]]] = {}

    async def publish(self, event: ServerEvent) -> None:
        """Deliver an event, and let the streams take it."""
        self.deliver(event)
        await anyio.lowlevel.checkpoint()

    def deliver(self, event: ServerEvent) -> None:
        """Deliver an event at once."""
        for caller, listener in tuple(self._listeners.values()):
            if isinstance(event, ProposalUpdated):
                concerns = event.principal == caller.principal
            else:
                concerns = not isinstance(event, ResourceUpdated) or self._may_read(caller, event.uri)
            if concerns:
                listener(event)

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Callable[[], None]:
        """Register a listener as the caller of the request that is being handled."""
        token = object()
        self._listeners[token] = (current_caller(self._most), listener)

        def unsubscribe() -> None:
            self._listeners.pop(token, None)

        return unsubscribe


class Watch:
    """Who wants to know what of which proposal, over one server."""

    def __init__(self, desk: PayDesk, most: Caller) -> None:
        self.bus = ProposalBus(most, partial(may_read, desk))
        self._desk = desk
        self._hearing = Hearing(desk, self._on_happenings)
        self._most = most
        self._interests = 0
        self._stop: Callable[[], None] | None = None
        self._subscribed: OrderedDict[tuple[str, int], tuple[str, ServerSession]] = OrderedDict()
        self._opened: dict[str, list[tuple[str, ServerSession]]] = {}
        self._changed = anyio.Event()

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """As server middleware: changes are followed as long as a `subscriptions/listen` stream is open."""
        if ctx.method != "subscriptions/listen" or self._desk.beside is None:
            return await call_next(ctx)
        proposals, others = _named(ctx.params)
        if proposals:
            self._interests += 1
            # Beside the stream: opening the gate may take seconds, and the stream is acknowledged at once.
            self._desk.beside(self._follow)
        self._hearing.want(others)
        try:
            return await call_next(ctx)
        finally:
            self._hearing.unwant(others)
            if proposals:
                self._end()

    async def subscribe(self, ctx: ServerRequestContext[Any, Any], params: SubscribeRequestParams) -> EmptyResult:
        """`resources/subscribe` of the handshake era. Raises MCPError for what this caller may not read."""
        uri, caller = str(params.uri), current_caller(self._most)
        principal = caller.principal
        key = (uri, _connection_of(ctx.session))
        if not uri.startswith(_PROPOSAL) and self._hearing.is_possible and may_read(self._desk, caller, uri):
            if key not in self._subscribed:
                self._hearing.want([uri])
            self._keep(key, principal, ctx.session)
            return EmptyResult()
        try:
            proposal_id = uri.removeprefix(_PROPOSAL) if uri.startswith(_PROPOSAL) else ""
            await (await self._desk.gate()).get(proposal_id, principal=principal)
        except PaydeskError:
            message = "Only resources that can be read here can be subscribed to, and proposals of your own."
            raise MCPError(code=INVALID_PARAMS, message=message) from None
        if key not in self._subscribed:
            await self._begin()
        self._keep(key, principal, ctx.session)
        return EmptyResult()

    def _keep(self, key: tuple[str, int], principal: str, session: ServerSession) -> None:
        self._subscribed[key] = (principal, session)
        while len(self._subscribed) > SUBSCRIPTIONS_MOST:
            (uri, _), _ = self._subscribed.popitem(last=False)
            self._leave(uri)

    def _leave(self, uri: str) -> None:
        if uri.startswith(_PROPOSAL):
            self._end()
        else:
            self._hearing.unwant([uri])

    async def unsubscribe(self, ctx: ServerRequestContext[Any, Any], params: UnsubscribeRequestParams) -> EmptyResult:
        """`resources/unsubscribe`."""
        if self._subscribed.pop((str(params.uri), _connection_of(ctx.session)), None) is not None:
            self._leave(str(params.uri))
        return EmptyResult()

    async def settled(self, proposal_id: str, caller: Caller, *, within_s: float) -> Outcome:
        """The outcome as soon as it is decided and done, or as it stands when the time is over. Raises PaydeskError."""
        gate = await self._desk.gate()
        outcome = await gate.get(proposal_id, principal=caller.principal)
        async with self._interested():
            with anyio.move_on_after(within_s):
                while outcome.state in _OPEN:
                    with anyio.move_on_after(CHANGES_POLL_S):
                        await self._changed.wait()
                    outcome = await gate.get(proposal_id, principal=caller.principal)
        return outcome

    async def tell_when_decided(self, proposal_id: str, elicitation_id: str, session: ServerSession) -> None:
        """Send `notifications/elicitation/complete` once the proposal is decided."""
        if self._desk.beside is None:
            return
        await self._begin()
        self._opened.setdefault(proposal_id, []).append((elicitation_id, session))

    @asynccontextmanager
    async def _interested(self) -> AsyncIterator[None]:
        await self._begin()
        try:
            yield
        finally:
            self._end()

    async def _begin(self) -> None:
        await self._desk.gate()
        self._interests += 1
        await self._follow()

    async def _follow(self) -> None:
        try:
            gate = await self._desk.gate()
        except PaydeskError as error:
            _log.warning("changes of proposals cannot be followed: %s", error.code)
            return
        if self._interests and self._stop is None and hasattr(gate, "on_change"):
            self._stop = gate.on_change(self._on_change)

    def _end(self) -> None:
        self._interests -= 1
        if self._interests == 0 and self._stop is not None:
            self._stop()
            self._stop = None

    def _on_happenings(self, uris: set[str]) -> None:
        for uri in sorted(uris):
            self.bus.deliver(ResourceUpdated(uri))
        sends = [
            _bound(session.send_resource_updated, uri)
            for (uri, _), (_, session) in self._subscribed.items()
            if uri in uris
        ]
        if sends and self._desk.beside is not None:
            self._desk.beside(_all(sends))

    def _on_change(self, change: "Change") -> None:
        self._changed.set()
        self._changed = anyio.Event()
        uri = f"{_PROPOSAL}{change.proposal_id}"
        self.bus.deliver(ProposalUpdated(uri, change.principal))
        sends: list[Callable[[], Awaitable[None]]] = []
        for (about, _), (principal, session) in self._subscribed.items():
            if about == uri and principal == change.principal:
                sends.append(_bound(session.send_resource_updated, uri))
        if change.state not in _OPEN:
            for elicitation_id, session in self._opened.pop(change.proposal_id, ()):
                self._end()
                sends.append(_bound(session.send_elicit_complete, elicitation_id))
        if sends and self._desk.beside is not None:
            self._desk.beside(_all(sends))


def _named(params: Mapping[str, Any] | None) -> tuple[bool, list[str]]:
    """Whether a stream asks for proposals, and which other resources it asks for."""
    asked = (params or {}).get("notifications")
    uris = asked.get("resourceSubscriptions") if isinstance(asked, Mapping) else None
    named = [str(uri) for uri in uris] if isinstance(uris, list) else []
    others = [uri for uri in named if uri.startswith(SCHEME) and not uri.startswith(_PROPOSAL)]
    return any(uri.startswith(_PROPOSAL) for uri in named), others[:SUBSCRIPTIONS_MOST]


def _connection_of(session: ServerSession) -> int:
    # A session is made for each request; what the client said at the handshake stays the same object.
    return id(session.client_params)


def _bound(send: Callable[[str], Awaitable[None]], what: str) -> Callable[[], Awaitable[None]]:
    return lambda: send(what)


def _all(sends: list[Callable[[], Awaitable[None]]]) -> Callable[[], Coroutine[Any, Any, None]]:
    async def send_all() -> None:
        for send in sends:
            with _whoever_left():
                await send()

    return send_all


@contextmanager
def _whoever_left() -> Iterator[None]:
    """A client that hung up must not end the desk."""
    try:
        yield
    except Exception as gone:  # whatever a closed transport raises
        _log.debug("a client could not be told: %s", type(gone).__name__)
