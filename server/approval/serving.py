"""Where the page is served: on loopback beside a client on standard input and output, or under a server's address."""

import contextlib
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paydesk.server.approval.links import PATH, Links
from paydesk.server.errors import SettingsError
from paydesk.server.private_files import private_key
from paydesk.skills.base import Mode

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from paydesk.server.call import PayDesk

_KEY_FILE = "approval-link.key"
LOOPBACK = "127.0.0.1"
LOOPBACK_NAMES = (LOOPBACK, "localhost", "[::1]")


def links_of(home: Path) -> Links:
    """The links of this home: the same in every process on it. Raises SettingsError."""
    return Links(private_key(home / _KEY_FILE))


def page_app(
    gate: Callable[[], Awaitable[Any]],
    mode: Mode,
    home: Path,
    *,
    hosts: tuple[str, ...],
    is_local: bool,
    is_secure: bool = False,
) -> "ASGIApp":
    """The page over this gate, reached by these names. Raises SettingsError where home cannot be used."""
    from paydesk.server.approval.first_pin import FirstPinCode
    from paydesk.server.approval.guard import HostNames
    from paydesk.server.approval.page import PageFacts, approval_page
    from paydesk.server.approval.visitors import Visitors

    facts = PageFacts(
        gate=gate,
        mode=mode,
        links=links_of(home),
        hosts=HostNames.of(hosts),
        visitors=Visitors(lambda: datetime.now(UTC)),
        first_pin=FirstPinCode(home),
        is_local=is_local,
        is_secure=is_secure,
    )
    return approval_page(facts)


class PageOr:
    """The page under its path, and the other application everywhere else: tokens of clients do not concern browsers."""

    def __init__(self, page: "ASGIApp", other: "ASGIApp") -> None:
        self._page = page
        self._other = other

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one connection."""
        path = scope.get("path", "") if scope["type"] == "http" else ""
        ours = path == PATH or path.startswith(f"{PATH}/")
        await (self._page if ours else self._other)(scope, receive, send)


class LoopbackPage:
    """A page on loopback that comes up when the first proposal needs it, and ends with the desk."""

    def __init__(self, desk: "PayDesk", home: Path, *, port: int = 0) -> None:
        self._desk = desk
        self._home = home
        self._port = port
        self._links: Links | None = None
        self._base: str | None = None

    def address_of(self, proposal_id: str) -> str | None:
        """The proposal's address; listening begins with the first one. None where no port can be had."""
        if self._base is None:
            self._base = self._listen()
        if not self._base or self._links is None:
            return None
        return self._base + self._links.path(proposal_id)

    def _listen(self) -> str:
        """Bind now, so that the address is known; serve from the next turn of the loop on."""
        if self._desk.beside is None:
            return ""
        try:
            self._links = links_of(self._home)
            listening = socket.create_server((LOOPBACK, self._port), backlog=16)
        except (OSError, SettingsError) as wrong:
            # Without the page a person still has the terminal, so a proposal must not fail for it.
            told = wrong.message if isinstance(wrong, SettingsError) else f"port {self._port}: {wrong.strerror}"
            sys.stderr.write(f"paydesk: no approval page, {told}. Use paydesk approve.\n")
            return ""
        app = page_app(self._desk.gate, self._desk.mode, self._home, hosts=LOOPBACK_NAMES, is_local=True)
        self._desk.beside(partial(serve_quietly, app, listening))
        return f"http://{LOOPBACK}:{listening.getsockname()[1]}"


async def serve_quietly(app: "ASGIApp", listening: socket.socket) -> None:
    """Serve on this socket until cancelled, leaving signals to whoever owns the process."""
    import uvicorn

    from paydesk.server.http_lines import http_lines

    class Quiet(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    config = uvicorn.Config(
        app, http=http_lines(), log_config=None, access_log=False, server_header=False, ws="none", lifespan="off"
    )
    with listening:
        await Quiet(config).serve(sockets=[listening])
