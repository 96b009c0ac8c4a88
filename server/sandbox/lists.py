"""Lists: pages forwards and backwards by cursor, filters by indexed fields and by time.

Stripe's rules: newest first, `limit` 1 to 100 (10 by default), one of `starting_after` and `ending_before`, an unknown
cursor is 400, `has_more` tells whether the direction of travel goes on.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from paydesk.server.sandbox.call import Answer, Call, Prepared
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.expand import shown
from paydesk.server.sandbox.kinds import KINDS, Object
from paydesk.server.sandbox.storage import Span, Sql, dumps

DEFAULT_LIMIT: Final = 10


def page(
    call: Call,
    kind: str,
    where: Mapping[str, Any] | None = None,
    *,
    matching: Sql | None = None,
    count: bool = False,
) -> Answer:
    """The page that the call's parameters ask for, of objects that match every field of `where`.

    `where` maps indexed fields to values; entries that are None do not filter. `matching` is a further condition in
    SQL on `o.body`, for what is not indexed. `count` adds the number of matches,
    as Stripe does for lists by charge.
    """
    filters = {name: value for name, value in (where or {}).items() if value is not None}
    limit = call.params.get("limit", DEFAULT_LIMIT)
    rows = call.store.page(call.account, kind, filters, span_of(call, kind), limit + 1, matching=matching)
    has_more = len(rows) > limit
    # Going backwards the surplus row is the newest one, which stands first.
    rows = rows[-limit:] if "ending_before" in call.params else rows[:limit]
    around: Object = {"object": "list", "has_more": has_more, "url": call.path}
    if count:
        around["count"] = call.store.count(call.account, kind, *next(iter(filters.items())))
    if KINDS[kind].shows is None and "expand" not in call.params:
        # The stored text is the answer: a list of a hundred need not be parsed and written again.
        data = ",".join(row.body for row in rows)
        return Prepared(f'{dumps(around)[:-1]},"data":[{data}]}}')
    around["data"] = [shown(call, json.loads(row.body)) for row in rows]
    return around


def span_of(call: Call, kind: str) -> Span:
    """Where the asked-for part of a list lies; StripeError for two cursors or one that does not exist."""
    older, newer = call.params.get("starting_after"), call.params.get("ending_before")
    if older and newer:
        raise StripeError("Received both starting_after and ending_before parameters. Please pass in only one.")
    since, until = bounds(call.params.get("created"))
    return Span(
        since,
        until,
        older_than=_place(call, kind, older, "starting_after") if older else None,
        newer_than=_place(call, kind, newer, "ending_before") if newer else None,
    )


def _place(call: Call, kind: str, cursor: str, param: str) -> tuple[int, int]:
    row = call.store.get(call.account, kind, cursor)
    if row is None:
        raise missing(KINDS[kind].called, cursor, param, status=400)
    return row.created, row.seq


def bounds(times: int | Mapping[str, int] | None) -> tuple[int, int]:
    """A `created` filter as an inclusive range of seconds."""
    span = Span()
    if times is None:
        return span.since, span.until
    if isinstance(times, int):
        return times, times
    since = max(times.get("gte", span.since), times.get("gt", span.since - 1) + 1)
    until = min(times.get("lte", span.until), times.get("lt", span.until) - ("lt" in times))
    return since, until


def slice_of(call: Call, objects: list[Object], called: str) -> Object:
    """The page that the call's parameters ask for, of objects that are not stored as such (`called` in errors)."""
    sent = call.params
    after, before = sent.get("starting_after"), sent.get("ending_before")
    if after and before:
        raise StripeError("Received both starting_after and ending_before parameters. Please pass in only one.")
    places = {one["id"]: place for place, one in enumerate(objects)}
    for name in ("starting_after", "ending_before"):
        if name in sent and sent[name] not in places:
            raise missing(called, sent[name], name, status=400)
    limit = sent.get("limit", DEFAULT_LIMIT)
    if before:
        reach = objects[: places[before]]
        data = reach[-limit:]
    else:
        reach = objects[places[after] + 1 :] if after else objects
        data = reach[:limit]
    return {"object": "list", "data": data, "has_more": len(reach) > limit, "url": call.path}


def whole(objects: list[Object], url: str) -> Object:
    """A complete list inside another object, with `total_count` as Stripe gives there."""
    return {"object": "list", "data": objects, "has_more": False, "total_count": len(objects), "url": url}
