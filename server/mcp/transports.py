"""The ways in: standard input and output, server-sent events, streamable HTTP."""

import gc
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal

from paydesk.server.errors import SettingsError
from paydesk.server.limits import REQUEST_BODY_BYTES
from paydesk.server.settings import Settings
from paydesk.server.toolsets import operator_scope

if TYPE_CHECKING:
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from paydesk.server.mcp.factory import DeskServer

Kind = Literal["sse", "http"]
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class HttpPlace:
    """Where to listen: address, port (0 for any free one), the Host names to accept, and whether to renew the token."""

    host: str = "127.0.0.1"
    port: int = 8000
    hosts: tuple[str, ...] = ()
    new_token: bool = False

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def names(self) -> tuple[str, ...]:
        """The Host names to accept. Raises SettingsError where nobody said by which name the desk is reached."""
        if self.is_loopback:
            return (*_LOOPBACK_NAMES, *self.hosts)
        if not self.hosts and self.host in ("0.0.0.0", "::", ""):  # noqa: S104 - compared with, not bound to
            raise SettingsError(
                f"{self.host or 'This address'} accepts every network, so the names it is reached by must be given.",
                field="--allow-host",
                next_step="Add --allow-host with the name or address that clients use.",
            )
        own = f"[{self.host}]" if ":" in self.host else self.host
        return self.hosts or (own,)


async def serve_stdio(settings: Settings) -> None:
    """Serve one client over standard input and output until it hangs up."""
    with _starting():
        from paydesk.server.approval.serving import LoopbackPage
        from paydesk.server.mcp.factory import build_server
        from paydesk.server.mcp.wire import can_wait_on_descriptors, own_descriptors
        from paydesk.server.wiring import open_desk

        scope = operator_scope(settings)
    async with open_desk(settings) as desk:
        with _starting():
            page = LoopbackPage(desk, settings.home, port=settings.approval_port)
            desk.show_pages_at(page.address_of)
            server = build_server(desk, scope=scope)
            await server.list_tools()
        if not can_wait_on_descriptors():
            await server.run_stdio_async()
            return
        with own_descriptors() as (incoming, outgoing):
            await server.serve_lines(incoming, outgoing)


@contextmanager
def _starting() -> Iterator[None]:
    """Without looking for garbage: what is imported stays, and searching it costs a seventh of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


async def serve_sse(settings: Settings, place: HttpPlace) -> int | None:
    """Serve HTTP with server-sent events at /sse, for clients of the older kind, until stopped; by which signal."""
    return await _serve("sse", settings, place)


async def serve_http(settings: Settings, place: HttpPlace) -> int | None:
    """Serve streamable HTTP at /mcp, both protocol eras, until stopped; by which signal."""
    return await _serve("http", settings, place)


async def _serve(kind: Kind, settings: Settings, place: HttpPlace) -> int | None:
    from paydesk.server.mcp.listening import Listening

    with listen(place) as listening:
        host = f"[{place.host}]" if ":" in place.host else place.host
        address = f"http://{host}:{listening.getsockname()[1]}/{'sse' if kind == 'sse' else 'mcp'}"
        reached = replace(place, port=listening.getsockname()[1])
        async with http_app(kind, settings, reached) as app:
            told = f"paydesk serves {settings.mode} at {address} (Ctrl-C stops it)"
            server = Listening(app, told)
            await server.serve(sockets=[listening])
        return server.stopped_by


def listen(place: HttpPlace) -> socket.socket:
    """A listening socket. Raises SettingsError where the address cannot be had."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        return socket.create_server((place.host, place.port), family=family, backlog=128)
    except OSError as wrong:
        raise SettingsError(
            f"{place.host} port {place.port} cannot be listened on: {wrong.strerror or 'unknown address'}.",
            field="--port",
            next_step="Choose another --port, or 0 for any free one.",
        ) from None


@asynccontextmanager
async def http_app(kind: Kind, settings: Settings, place: HttpPlace) -> "AsyncIterator[ASGIApp]":
    """The ASGI application of one kind, with everything that stands before it.

    Raises SettingsError where the place needs names or a token that cannot be had.
    """
    from paydesk.server.approval.serving import PageOr, links_of, page_app
    from paydesk.server.mcp.credentials import bearer_token, state_key
    from paydesk.server.mcp.factory import build_server
    from paydesk.server.mcp.guard import CarryNarrowing, Operators, RequireToken
    from paydesk.server.webhooks.intake import IntakeOr
    from paydesk.server.webhooks.serving import METRICS, Deliveries
    from paydesk.server.wiring import open_desk

    rules = host_rules(place)
    token, shown = bearer_token(settings.home, renew=place.new_token) if needs_token(place) else (None, None)
    if shown:
        _tell(f"The bearer token, shown this once: {shown}")
    async with open_desk(settings) as desk:
        server = build_server(desk, scope=operator_scope(settings), state_keys=[state_key(settings.home)])
        deliveries = Deliveries(desk, refusal=Operators(rules, by_token=token is not None).refusal)
        server.custom_route(METRICS, methods=["GET"])(deliveries.metrics)
        app: ASGIApp = endpoint(kind, server, rules, health=deliveries.health)
        if kind == "sse":
            app = CarryNarrowing(app)
        guarded = RequireToken(app, token) if token else app
        links, base = links_of(settings.home), people_come_to(settings, place)
        desk.show_pages_at(lambda proposal_id: base + links.path(proposal_id))
        hosts = (*place.names, base.partition("://")[2])
        is_local = place.is_loopback and settings.public_url is None
        # A person's browser brings no bearer token: the page lets one look by its links, and decide by a PIN.
        is_secure = base.startswith("https://")
        page = page_app(desk.gate, desk.mode, settings.home, hosts=hosts, is_local=is_local, is_secure=is_secure)
        if desk.beside is not None:
            desk.beside(deliveries.run)
        # Stripe brings neither a token nor our Host: its signature is what lets a delivery in.
        yield IntakeOr(deliveries.intake, PageOr(page, guarded))


def people_come_to(settings: Settings, place: HttpPlace) -> str:
    """The address under which people's browsers reach this server, without a path."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    own = f"[{place.host}]" if ":" in place.host else place.host
    name = own if place.is_loopback else place.names[0]
    return f"http://{name}" if name.rpartition(":")[2].isdigit() else f"http://{name}:{place.port}"


def endpoint(
    kind: Kind,
    server: "DeskServer",
    security: "TransportSecuritySettings",
    health: "Callable[[Request], Awaitable[Response]] | None" = None,
) -> "ASGIApp":
    """The SDK's application for this server, with the health route."""
    from paydesk.server.mcp.guard import HEALTH
    from paydesk.server.mcp.guard import health as plain

    server.custom_route(HEALTH, methods=["GET"])(health or plain)
    if kind == "sse":
        return server.sse_app(transport_security=security, max_request_body_size=REQUEST_BODY_BYTES)
    return server.streamable_http_app(transport_security=security, max_request_body_size=REQUEST_BODY_BYTES)


def needs_token(place: HttpPlace) -> bool:
    """Any bind but loopback needs one; on loopback asking for a new token is asking for a token."""
    return place.new_token or not place.is_loopback


def host_rules(place: HttpPlace) -> "TransportSecuritySettings":
    """Which Host and Origin headers are accepted: a page of another site must not speak to the desk (DNS rebinding).

    Raises SettingsError where the names are not known.
    """
    from mcp.server.transport_security import TransportSecuritySettings

    hosts = [form for name in place.names for form in (name, f"{name}:*")]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=hosts,
        allowed_origins=[f"{scheme}://{host}" for host in hosts for scheme in ("http", "https")],
    )


def _tell(line: str) -> None:
    """To the person who starts it; standard output belongs to programs."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
