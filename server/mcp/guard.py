"""What stands before the MCP endpoints over HTTP: the bearer token, and the narrowing of server-sent events."""

from urllib.parse import urlencode

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from paydesk.server.mcp.calling import CARRIED, NARROWING
from paydesk.server.mcp.credentials import BearerToken

HEALTH = "/healthz"


class RequireToken:
    """Lets in only who brings the token; who asks whether the server lives needs none."""

    def __init__(self, app: ASGIApp, token: BearerToken) -> None:
        # The SDK ties sessions and requestState to the user it finds in its own context.
        self._app = AuthContextMiddleware(app)
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http":
            brought = Request(scope).headers.get("authorization", "")
            kind, _, token = brought.partition(" ")
            if kind.lower() != "bearer" or not self._token.fits(token.strip()):
                answer = self._app if scope["path"] == HEALTH else _unauthorized(brought != "")
                await answer(scope, receive, send)
                return
            principal = self._token.principal
            scope["user"] = AuthenticatedUser(AccessToken(token="", client_id=principal, scopes=[]))
        await self._app(scope, receive, send)


def _unauthorized(brought_one: bool) -> JSONResponse:
    challenge = 'Bearer realm="paydesk"' + (', error="invalid_token"' if brought_one else "")
    said = "The bearer token is not valid." if brought_one else "A bearer token is needed."
    return JSONResponse(
        {"error": {"code": "unauthorized", "message": said, "next_step": "paydesk http --new-token makes one."}},
        status_code=401,
        headers={"WWW-Authenticate": challenge},
    )


class CarryNarrowing:
    """Server-sent events: what `GET /sse` narrows, every message posted to its session narrows too.

    The stream tells the client where to post; what the request narrowed by is written into that address.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        suffix = _narrowing(Request(scope)) if scope["type"] == "http" and scope["method"] == "GET" else ""
        await self._app(scope, receive, _Readdress(send, suffix) if suffix else send)


class _Readdress:
    """Adds to the address in the stream's first event, and leaves all that follows alone."""

    def __init__(self, send: Send, suffix: str) -> None:
        self._send = send
        self._suffix = suffix
        self._done = False

    async def __call__(self, message: Message) -> None:
        body = message.get("body", b"")
        if not self._done and b"event: endpoint" in body:
            head, found, tail = body.partition(b"session_id=")
            session, end, rest = tail.partition(b"\r\n")
            message = {**message, "body": head + found + session + b"&" + self._suffix.encode() + end + rest}
            self._done = True
        await self._send(message)


def _narrowing(request: Request) -> str:
    """What this request narrows by, as a query; headers and address stay apart, because each is a bound of its own."""
    said = {CARRIED + word: request.headers[header] for header, word in NARROWING.items() if header in request.headers}
    said |= {word: request.query_params[word] for word in NARROWING.values() if word in request.query_params}
    return urlencode(said)


async def health(_: Request) -> Response:
    """Answers as long as the server does, and tells nothing about the account."""
    return JSONResponse({"status": "ok"})


class Operators:
    """Who may see how the desk is doing: whoever brought the token; without tokens, who came by a name of ours."""

    def __init__(self, rules: TransportSecuritySettings, *, by_token: bool) -> None:
        self._rules = TransportSecurityMiddleware(rules)
        self._by_token = by_token

    async def refusal(self, request: Request) -> Response | None:
        """None where the request may pass. A page of another site must not read it (DNS rebinding)."""
        if self._by_token:
            return None if "user" in request.scope else _unauthorized(brought_one=False)
        return await self._rules.validate_request(request)
