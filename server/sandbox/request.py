"""A request as it came in and the reply that goes out, with the headers that Stripe's carry."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from paydesk.server.sandbox import forms
from paydesk.server.sandbox.call import Download, Page
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.idempotency import Claim, claim_of
from paydesk.server.sandbox.pages import shell
from paydesk.server.sandbox.storage import dumps

_HOST: Final = re.compile(r"[A-Za-z0-9.\-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?", re.ASCII)

_NO_TRACE: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_OTHER_FORMS: Final = ("multipart/form-data", "application/json")


@dataclass(slots=True)
class Reply:
    """Status and JSON text; `replays` is the id of the request whose kept answer this is."""

    status: int
    body: str
    replays: str | None = None
    retry_after_s: int | None = None
    should_retry: bool | None = None
    why_limited: str | None = None
    content_type: str = "application/json"
    goes_to: str | None = None
    # The browser's rules for a page or a file.
    policy: str | None = None
    # A file's bytes, instead of text, and the name to save it by.
    raw: bytes | None = None
    filename: str | None = None

    @property
    def content(self) -> bytes:
        """What goes over the wire."""
        return self.body.encode() if self.raw is None else self.raw


@dataclass(frozen=True, slots=True)
class Seen:
    """An answered request as it is remembered for the page: no query, no header, no body, of an answer only its error.

    `at` in real seconds.
    """

    at: float
    id: str
    method: str
    path: str
    status: int
    account: str
    error: str

    @classmethod
    def of(cls, request: "Request", reply: Reply, at: float) -> "Seen":
        error = error_in(reply.body) if reply.status >= 400 else ""
        return cls(at, request.id, request.method, request.path[:200], reply.status, request.account, error)


def error_in(body: str) -> str:
    """The code and message of an error's body, short; "" where it has none."""
    try:
        error = json.loads(body)["error"]
        words = [error.get("code"), error.get("message")] if isinstance(error, dict) else [error]
    except (ValueError, TypeError, KeyError):
        return ""
    return ": ".join(str(one) for one in words if one)[:300]


@dataclass(slots=True)
class Request:
    """One request: header names in lower case; `form_text` joins the query string and the body."""

    id: str
    method: str
    path: str
    headers: dict[str, str]
    form_text: str
    key: str | None
    account: str = ""
    is_signed: bool = True
    body: bytes = b""

    @classmethod
    def read(
        cls, method: str, path_with_query: str, headers: Mapping[str, str], body: bytes, request_id: str
    ) -> "Request":
        path, _, query = path_with_query.partition("?")
        lowered = {name.lower(): value for name, value in headers.items()}
        is_form = not lowered.get("content-type", "").startswith(_OTHER_FORMS)
        text = body.decode("utf-8", "surrogateescape") if is_form else ""
        method = method.upper()
        return cls(
            id=request_id,
            method=method,
            path=path,
            headers=lowered,
            form_text=f"{query}&{text}" if query and text else query or text,
            # Stripe ignores keys on GET and DELETE, which repeat safely by themselves.
            key=lowered.get("idempotency-key") or None if method == "POST" else None,
            body=b"" if is_form else body,
        )

    def form(self) -> forms.Form:
        """What was sent, nested; StripeError where it cannot be read."""
        if not self.body:
            return forms.decode(self.form_text)
        content_type = self.headers["content-type"]
        if content_type.startswith("application/json"):
            sent = forms.decode_json(self.body)
        else:
            sent = forms.decode_multipart(content_type, self.body)
        return {**forms.decode(self.form_text), **sent}

    @property
    def origin(self) -> str:
        """Where the sandbox was reached, as a link to its own pages begins; "" where no host was said."""
        host = self.headers.get("host", "")
        return f"http://{host}" if _HOST.fullmatch(host) else ""

    def claim(self) -> Claim | None:
        """What the request claims by its idempotency key, if it has one."""
        return None if self.key is None else claim_of(self.account, self.key, self.path, self.form_text, self.body)

    def refuse(self, error: StripeError) -> Reply:
        """The reply that carries an error."""
        return Reply(
            error.status,
            dumps(error.v2_body() if self.path.startswith("/v2/") else error.body(self.id)),
            retry_after_s=error.retry_after_s,
            should_retry=error.should_retry,
            why_limited=error.why_limited,
        )

    def reply_headers(self, reply: Reply, version: str) -> dict[str, str]:
        """The headers of the answer."""
        headers = {
            "Content-Type": reply.content_type,
            "Request-Id": self.id,
            "Stripe-Version": self.headers.get("stripe-version", version),
        }
        if self.key is not None:
            headers["Idempotency-Key"] = self.key
        if "stripe-account" in self.headers:
            headers["Stripe-Account"] = self.headers["stripe-account"]
        if reply.replays is not None:
            headers["Idempotent-Replayed"] = "true"
            headers["Original-Request"] = reply.replays
        if reply.goes_to is not None:
            headers["Location"] = reply.goes_to
        if reply.policy is not None:
            headers["Content-Security-Policy"] = reply.policy
            headers.update(_NO_TRACE)
        if reply.filename is not None:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(reply.filename, safe='')}"
        if reply.retry_after_s is not None:
            headers["Retry-After"] = str(reply.retry_after_s)
        if reply.should_retry is not None:
            headers["Stripe-Should-Retry"] = "true" if reply.should_retry else "false"
        if reply.why_limited is not None:
            headers["Stripe-Rate-Limited-Reason"] = reply.why_limited
        return headers


def page_reply(page: Page) -> Reply:
    """The reply that carries a page, or sends the browser on."""
    status = 302 if page.goes_to is not None else page.status
    return Reply(
        status,
        page.html,
        content_type="text/html; charset=utf-8",
        goes_to=page.goes_to,
        policy=page.policy or shell.POLICY,
    )


def download_reply(file: Download) -> Reply:
    """The reply that carries a file: to be saved, never to be shown as part of the sandbox's own pages."""
    return Reply(
        200,
        "",
        content_type=file.content_type,
        policy="sandbox; default-src 'none'",
        raw=file.content,
        filename=file.filename,
    )
