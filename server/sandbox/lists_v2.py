"""Lists of v2: `data`, `next_page_url`, `previous_page_url`; pages follow each other by a token in `page`.

Rules: https://docs.stripe.com/api-v2-overview#list-pagination
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.storage import Row, Span, Sql

DEFAULT_LIMIT: Final = 20
# A kind, the indexed fields that it must match, and a further condition.
Source = tuple[str, Mapping[str, Any], Sql | None]


def page(
    call: Call, sources: list[Source], show: Callable[[Object], Object], *, since: int = 0, until: int | None = None
) -> Object:
    """The page that `page` names (the first without it) of several kinds together, newest first."""
    span = Span(since=since) if until is None else Span(since=since, until=until)
    token = call.params.get("page")
    direction, at = _place(token) if token else ("older", None)
    if at:
        span = Span(span.since, span.until, **{f"{direction}_than": at})
    limit = call.params.get("limit", DEFAULT_LIMIT)
    found = [
        row
        for kind, where, matching in sources
        for row in call.store.page(call.account, kind, dict(where), span, limit + 1, matching=matching)
    ]
    found.sort(key=lambda row: (row.created, row.seq), reverse=True)
    is_back = direction == "newer"
    shown = found[-limit:] if is_back else found[:limit]
    has_surplus = len(found) > limit
    has_older, has_newer = (True, has_surplus) if is_back else (has_surplus, at is not None)
    return {
        "data": [show(json.loads(row.body)) for row in shown],
        "next_page_url": _url(call, "older", shown[-1]) if shown and has_older else None,
        "previous_page_url": _url(call, "newer", shown[0]) if shown and has_newer else None,
    }


def _url(call: Call, direction: str, row: Row) -> str:
    token = base64.urlsafe_b64encode(f"{direction}.{row.created}.{row.seq}".encode()).decode().rstrip("=")
    kept = {name: value for name, value in call.params.items() if name not in ("page", "expand")}
    return f"{call.path}?{urlencode([*_flat(kept), ('page', token)])}"


def _flat(kept: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """The filters as a query again, as they were sent."""
    pairs: list[tuple[str, Any]] = []
    for key, value in kept.items():
        name = f"{prefix}[{key}]" if prefix else key
        if isinstance(value, list):
            value = {str(index): one for index, one in enumerate(value)}  # noqa: PLW2901 - a list is a table of its places
        pairs += _flat(value, name) if isinstance(value, dict) else [(name, value)]
    return pairs


def _place(token: str) -> tuple[str, tuple[int, int]]:
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        direction, created, seq = text.split(".")
        if direction in ("older", "newer"):
            return direction, (int(created), int(seq))
    except (binascii.Error, ValueError):
        pass
    raise StripeError("Invalid page token.", param="page")
