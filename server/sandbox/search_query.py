"""Stripe's search query language (https://docs.stripe.com/search#search-query-language), read into clauses.

    status:'succeeded' AND amount>5000        -currency:"jpy"        metadata['order']:'6735'
    name~"jane"   created>=1700000000   metadata["ref"]:null   email:'a@b.c' OR email:'d@e.f'

AND and OR do not mix in one query, there are no parentheses, a minus negates one clause; up to ten clauses.
"""

import re
from dataclasses import dataclass
from typing import Final

from paydesk.server.sandbox.errors import StripeError

MAX_CLAUSES: Final = 10

_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<joint>AND|OR)(?=[\s\-]|$)
    | (?P<minus>-)?(?P<field>[A-Za-z_][\w.]*)
      (?:\[\s*(?P<kq>["'])(?P<key>(?:\\.|(?!(?P=kq)).)*)(?P=kq)\s*\])?
      \s*(?P<operator>>=|<=|:|~|>|<)\s*
      (?:(?P<vq>["'])(?P<quoted>(?:\\.|(?!(?P=vq)).)*)(?P=vq)|(?P<bare>[^\s"']+))
    )""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition: `value` None is the bare word null; `key` is the metadata key where there is one."""

    field: str
    operator: str
    value: str | None
    key: str | None = None
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """All clauses, joined by AND or, where `any_of`, by OR."""

    clauses: tuple[Clause, ...]
    any_of: bool


def parse(text: str) -> Query:
    """The clauses of a query; StripeError that points at what could not be read."""
    clauses: list[Clause] = []
    joints: set[str] = set()
    at, wants_clause = 0, True
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unreadable(text[at:].strip())
        if match["joint"]:
            if wants_clause:
                raise _unreadable(text[at:].strip())
            joints.add(match["joint"].upper())
            wants_clause = True
        else:
            # Two clauses side by side are joined by AND.
            if not wants_clause:
                joints.add("AND")
            clauses.append(_clause(match))
            wants_clause = False
        at = match.end()
    if not clauses or wants_clause:
        raise _unreadable(text.strip())
    if len(joints) > 1:
        raise StripeError("Mixing AND and OR in one search query is not supported.", param="query")
    if len(clauses) > MAX_CLAUSES:
        raise StripeError(f"A search query may have up to {MAX_CLAUSES} clauses; got {len(clauses)}.", param="query")
    return Query(tuple(clauses), any_of=joints == {"OR"})


def _clause(match: re.Match[str]) -> Clause:
    quoted, bare = match["quoted"], match["bare"]
    value = _ESCAPED.sub(r"\1", quoted) if quoted is not None else bare
    if quoted is None and bare.lower() == "null":
        value = None
    return Clause(
        field=match["field"],
        operator=match["operator"],
        value=value,
        key=None if match["key"] is None else _ESCAPED.sub(r"\1", match["key"]),
        is_negated=bool(match["minus"]),
    )


def _unreadable(rest: str) -> StripeError:
    return StripeError(
        'We were unable to parse your search query. Try using the format `metadata["key"]:"value"` to query for '
        f'metadata or key:"value" to query for other fields. It could not be read from here on: {rest[:60]}',
        param="query",
    )
