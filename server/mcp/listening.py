"""The HTTP server, which tells a person where it listens only once it does and can be stopped cleanly."""

import signal
import socket
import sys
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from paydesk.server.http_lines import http_lines
from paydesk.server.limits import HTTP_SHUTDOWN_S


class Listening(uvicorn.Server):
    """uvicorn without its own log and headers; `told` goes to standard error when it is ready."""

    def __init__(self, app: ASGIApp, told: str) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=http_lines(),
                log_config=None,
                access_log=False,
                server_header=False,
                ws="none",
                timeout_graceful_shutdown=HTTP_SHUTDOWN_S,
            )
        )
        self._told = told
        #: The signal that ended it, if one did.
        self.stopped_by: int | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End at a signal, at once at a second Ctrl-C.

        Not passed on as uvicorn does: it would end the process, or cancel it, while the desk still closes.
        """
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit, self.stopped_by = True, sig

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets=sockets)
        if self.started:
            sys.stderr.write(self._told + "\n")
            sys.stderr.flush()
