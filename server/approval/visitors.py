"""Who is looking: a cookie a browser, a mark that ties forms to it, who signed in with a PIN. In memory only."""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from paydesk.server.limits import APPROVAL_SIGNED_IN_MOST, APPROVAL_SIGNED_IN_S

_COOKIE_BYTES = 32


@dataclass(frozen=True)
class Visitor:
    """One browser: its cookie's value, the mark of its forms, and the person who signed in, if one did."""

    cookie: str
    mark: str
    person: str | None = None
    is_new: bool = False


class Visitors:
    """Every browser that looked. A cookie alone lets nobody approve: that asks for the PIN each time."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._key = secrets.token_bytes(32)
        self._clock = clock
        self._signed_in: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    def of(self, cookie: str | None) -> Visitor:
        """The visitor with this cookie, or a new one where it is none of ours."""
        if cookie is None or len(cookie) != 2 * _COOKIE_BYTES or not cookie.isalnum() or not cookie.isascii():
            return self._visitor(secrets.token_hex(_COOKIE_BYTES), is_new=True)
        return self._visitor(cookie)

    def sent_by(self, visitor: Visitor, mark: str) -> bool:
        """Whether a form with this mark was made for this very browser."""
        return not visitor.is_new and hmac.compare_digest(visitor.mark.encode(), mark.encode("utf-8", "replace"))

    def sign_in(self, visitor: Visitor, person: str) -> Visitor:
        """The same browser under a new cookie, signed in: one that was known before is worth nothing."""
        self._signed_in.pop(visitor.cookie, None)
        fresh = secrets.token_hex(_COOKIE_BYTES)
        self._signed_in[fresh] = (person, self._clock() + timedelta(seconds=APPROVAL_SIGNED_IN_S))
        while len(self._signed_in) > APPROVAL_SIGNED_IN_MOST:
            self._signed_in.popitem(last=False)
        return self._visitor(fresh, is_new=True)

    def sign_out(self, visitor: Visitor) -> None:
        """Forget who this was."""
        self._signed_in.pop(visitor.cookie, None)

    def _visitor(self, cookie: str, *, is_new: bool = False) -> Visitor:
        mark = hmac.new(self._key, cookie.encode(), hashlib.sha256).hexdigest()
        person, until = self._signed_in.get(cookie, (None, None))
        if until is not None and self._clock() >= until:
            del self._signed_in[cookie]
            person = None
        return Visitor(cookie, mark, person, is_new)
