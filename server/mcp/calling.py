"""Who calls over MCP, and how far this one request may reach.

The operator's flags are the upper bound. Over HTTP a request may narrow it by headers or by its address, as in
`X-Paydesk-Toolsets: payments` or `/mcp?readonly=true`; nothing that a request says can widen it.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS

from paydesk.server.caller import Bound, Caller
from paydesk.skills.base import Skill

# Header -> the same in the address. Both are read; each narrows.
NARROWING = {
    "x-paydesk-toolsets": "toolsets",
    "x-paydesk-tools": "tools",
    "x-paydesk-exclude-tools": "exclude_tools",
    "x-paydesk-readonly": "readonly",
}
# Before the names above, in an address: what the headers of a stream's first request narrowed by (see guard.py).
CARRIED = "stream_"
_NO = frozenset({"", "0", "false", "no", "off"})
_caller: ContextVar[Caller] = ContextVar("paydesk_caller")

Catalogue = Callable[[], Mapping[str, Skill]]


class CallerOfRequest:
    """Server middleware: works out the caller of each message, for whatever handles it."""

    def __init__(self, most: Caller, catalogue: Catalogue) -> None:
        self._most = most
        self._catalogue = catalogue

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Handle one message as its caller. Raises MCPError where the request narrows to what does not exist."""
        token = _caller.set(self._of(ctx))
        try:
            return await call_next(ctx)
        finally:
            _caller.reset(token)

    def _of(self, ctx: ServerRequestContext[Any, Any]) -> Caller:
        principal = principal_of(ctx) or self._most.principal
        caller = Caller(principal=principal, scope=self._most.scope)
        request: Any = ctx.request
        if request is None:
            return caller
        headers, query = request.headers, request.query_params
        for said in (
            {word: headers.get(header) for header, word in NARROWING.items()},
            {word: query.get(word) for word in NARROWING.values()},
            {word: query.get(CARRIED + word) for word in NARROWING.values()},
        ):
            if any(value is not None for value in said.values()):
                caller = caller.within(self._bound(said))
        return caller

    def _bound(self, said: Mapping[str, str | None]) -> Bound:
        catalogue = self._catalogue()
        toolsets = {skill.toolset for skill in catalogue.values()}
        asked = _names(said["toolsets"], {*toolsets, "all", "default"}, "toolsets")
        tools = _names(said["tools"], set(catalogue), "tools")
        excluded = _names(said["exclude_tools"], set(catalogue), "tools")
        everything = asked is not None and bool(asked & {"all", "default"})
        return Bound(
            toolsets=None if everything else asked,
            tools=None if everything else tools,
            excluded=excluded or frozenset(),
            # A value that is not a clear no is a yes: narrowing must not fail open.
            read_only=said["readonly"] is not None and said["readonly"].strip().lower() not in _NO,
        )


def current_caller(default: Caller) -> Caller:
    """The caller of the message that is being handled; `default` outside of one."""
    return _caller.get(default)


def principal_of(_: ServerRequestContext[Any, Any]) -> str | None:
    """Who the transport authenticated, such as `token:3f9a12cd`; None where it asked for no token."""
    token = get_access_token()
    return token.client_id if token else None


def _names(text: str | None, known: set[str], what: str) -> frozenset[str] | None:
    if text is None:
        return None
    names = frozenset(part.strip().lower() for part in text.split(",") if part.strip())
    if names - known:
        raise MCPError(
            code=INVALID_PARAMS,
            message=f"The request narrows to {what} that do not exist here. Known: {', '.join(sorted(known))}.",
        )
    return names
