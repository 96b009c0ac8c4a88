"""What every request to the approval page must bring, and what every answer of it carries."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from paydesk.server.errors import PaydeskError
from paydesk.server.limits import APPROVAL_FORM_BYTES, APPROVAL_FORM_FIELDS

_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
# same-origin and not no-referrer: under that, browsers send `Origin: null` with our own forms. No link leads elsewhere.
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "X-Robots-Tag": "noindex, nofollow",
}


class BadForm(PaydeskError):
    """A form that did not come from a page of ours; `status` is HTTP's."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message, code="bad_form", next_step="Open the page again and use its own buttons.")
        self.status = status


@dataclass(frozen=True)
class HostNames:
    """The names by which this page may be reached, without ports and in lower case."""

    names: frozenset[str]

    @classmethod
    def of(cls, hosts: Iterable[str]) -> "HostNames":
        """From Host headers, with or without a port."""
        return cls(frozenset(without_port(host) for host in hosts))

    def has(self, host: str) -> bool:
        """Whether a Host header names one of them, with any port."""
        return without_port(host) in self.names


def without_port(host: str) -> str:
    """`desk.example:8000` -> `desk.example`; an IPv6 address keeps its brackets."""
    name, colon, port = host.strip().lower().rpartition(":")
    return name if colon and port.isdigit() and (":" not in name or name.endswith("]")) else host.strip().lower()


class Guarded:
    """Refuses strange hosts (DNS rebinding) and gives every answer the headers of the page."""

    def __init__(self, app: ASGIApp, hosts: HostNames) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        said = [value for name, value in scope["headers"] if name == b"host"]
        if len(said) != 1 or not self._hosts.has(said[0].decode("latin-1")):
            await PlainTextResponse("This host is not known here.", 421)(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form that was sent from a page of this very origin. Raises BadForm."""
    must_come_from_here(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise BadForm("This is not a form of this page.", status=415)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > APPROVAL_FORM_BYTES:
            raise BadForm("This form is too large.", status=413)
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=APPROVAL_FORM_FIELDS, errors="strict"
        )
    except ValueError:
        raise BadForm("This form cannot be read.", status=400) from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadForm("This form names a field twice.", status=400)
    return fields


def must_come_from_here(request: Request) -> None:
    """Raise BadForm unless the browser says that the form was sent from this origin; one that says nothing is refused.

    Behind a proxy that ends TLS the scheme may differ, so both are taken; the host was checked before.
    """
    host = request.headers["host"].lower()
    origin = request.headers.get("origin")
    fetched_from = request.headers.get("sec-fetch-site")
    if fetched_from not in (None, "same-origin") or (origin or "").lower() not in (f"http://{host}", f"https://{host}"):
        raise BadForm("This form was not sent from this page, so nothing was done.", status=403)
