"""Search: Stripe's query language answered from the stored objects, newest first, by `page` and `next_page`.

A kind declares `searches`: field -> "text" (`:` and `~`), "token" (`:` only), "number" (`:` and comparisons), "flag"
(`:` with 'true' or 'false') or "metadata"; "token@a.b" where the field stands elsewhere in the object.
Unlike Stripe's, which lags by up to a minute, it sees everything at once.
"""

import base64
import binascii
import json
import re
from typing import Final

from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.expand import shown
from paydesk.server.sandbox.kinds import KINDS, Kind, Object
from paydesk.server.sandbox.lists import DEFAULT_LIMIT
from paydesk.server.sandbox.search_query import Clause, Query, parse
from paydesk.server.sandbox.storage import Sql, term

_OPERATORS: Final = {
    "text": (":", "~"),
    "token": (":",),
    "flag": (":",),
    "number": (":", ">", "<", ">=", "<="),
    "metadata": (":", "~"),
}
_MIN_SUBSTRING: Final = 3
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)


def answer(call: Call, kind_name: str) -> Answer:
    """The search result that the call's `query`, `limit` and `page` ask for."""
    kind = KINDS[kind_name]
    query = parse(call.params["query"])
    conditions = [_condition(kind, clause) for clause in query.clauses]
    matches = (" OR " if query.any_of else " AND ").join(f"({sql})" for sql, _ in conditions)
    values = [value for _, listed in conditions for value in listed]
    limit = call.params.get("limit", DEFAULT_LIMIT)
    driver = _driver(call, kind, query)
    sql = (
        "SELECT p.created, p.seq, o.body FROM postings p JOIN objects o ON o.seq = p.seq "  # noqa: S608 - only our own names
        f"WHERE p.term = ? AND (p.created, p.seq) < (?, ?) AND ({matches}) "
        "ORDER BY p.created DESC, p.seq DESC LIMIT ?"
    )
    after = _place(call.params.get("page"))
    rows = call.store.execute(sql, [driver, *after, *values, limit + 1]).fetchall()
    has_more = len(rows) > limit
    rows = rows[:limit]
    result: Object = {
        "object": "search_result",
        "data": [shown(call, json.loads(body)) for _, _, body in rows],
        "has_more": has_more,
        "next_page": _page_token(rows[-1][0], rows[-1][1]) if has_more else None,
        "url": call.path,
    }
    if "total_count" in call.params.get("expand", ()):
        counted = (
            "SELECT count(*) FROM postings p JOIN objects o ON o.seq = p.seq "  # noqa: S608 - only our own names
            f"WHERE p.term = ? AND ({matches})"
        )
        result["total_count"] = call.store.execute(counted, [driver, *values]).fetchone()[0]
    return result


def _driver(call: Call, kind: Kind, query: Query) -> str:
    """The narrowest posting that holds every match: an exact clause on an indexed field, else the whole kind."""
    if not query.any_of:
        for clause in query.clauses:
            exact = clause.operator == ":" and clause.value is not None and not clause.is_negated
            # Text compares without case, postings with it, so only tokens may drive.
            if exact and clause.field in kind.indexed and kind.searches.get(clause.field) == "token":
                return term(call.account, kind.name, clause.field, clause.value)
    return term(call.account, kind.name)


def _condition(kind: Kind, clause: Clause) -> Sql:
    sort, _, elsewhere = kind.searches.get(clause.field, "").partition("@")
    if not sort or (sort == "metadata") != (clause.key is not None):
        raise StripeError(
            f"Field `{clause.field}` is an unsupported search field for resource `{kind.name}s`. See "
            f"http://stripe.com/docs/search#query-fields-for-{kind.name.replace('_', '-')}s for a list of supported "
            f"fields: {', '.join(sorted(kind.searches))}.",
            param="query",
        )
    if clause.operator not in _OPERATORS[sort]:
        raise StripeError(
            f"Field `{clause.field}` does not support the operator `{clause.operator}`. "
            f"Supported: {' '.join(_OPERATORS[sort])}",
            param="query",
        )
    sql, values = _positive(sort, elsewhere or clause.field, clause)
    return (f"NOT coalesce({sql}, 0)", values) if clause.is_negated else (sql, values)


def _positive(sort: str, field: str, clause: Clause) -> Sql:
    at, path = "json_extract(o.body, ?)", "$." + ".".join(f'"{step}"' for step in field.split("."))
    if clause.key is not None:
        path = f'$.metadata."{clause.key}"'
        if not clause.key.isprintable() or set(clause.key) & {'"', "\\"}:
            at, path = "noted(o.body, ?)", clause.key
    if clause.value is None:
        return f"{at} IS NULL", [path]
    if sort == "number":
        if not _NUMBER.fullmatch(clause.value):
            raise StripeError(f"Field `{clause.field}` wants a whole number, not '{clause.value}'.", param="query")
        return f"{at} {'=' if clause.operator == ':' else clause.operator} ?", [path, int(clause.value)]
    if sort == "flag":
        if clause.value not in ("true", "false"):
            raise StripeError(f"Field `{clause.field}` wants 'true' or 'false', not '{clause.value}'.", param="query")
        return f"{at} = ?", [path, int(clause.value == "true")]
    wanted = clause.value.casefold()
    if clause.operator == "~":
        if len(wanted) < _MIN_SUBSTRING:
            raise StripeError(
                f"The substring operator `~` wants {_MIN_SUBSTRING} characters or more, not '{clause.value}'.",
                param="query",
            )
        return f"instr(fold({at}), ?) > 0", [path, wanted]
    return f"fold({at}) = ?", [path, wanted]


def _page_token(created: int, seq: int) -> str:
    return base64.urlsafe_b64encode(f"{created}.{seq}".encode()).decode().rstrip("=")


def _place(page: str | None) -> tuple[int, int]:
    if page is None:
        return 2**62, 0
    try:
        created, _, seq = base64.urlsafe_b64decode(page + "=" * (-len(page) % 4)).decode().partition(".")
        return int(created), int(seq)
    except (binascii.Error, ValueError):
        raise StripeError(f"Invalid page token: {page[:60]}", param="page") from None
