"""Conditions on stored objects in SQL, for list filters on fields that are not indexed."""

from collections.abc import Mapping, Sequence
from typing import Any

from paydesk.server.sandbox.lists import bounds
from paydesk.server.sandbox.storage import Sql

__all__ = ["Sql", "all_of", "between", "has_id", "one_of", "same_letters"]


def all_of(conditions: Sequence[Sql]) -> Sql | None:
    """One condition that holds where all of them do; None for none."""
    if not conditions:
        return None
    joined = " AND ".join(f"({sql})" for sql, _ in conditions)
    return joined, [value for _, values in conditions for value in values]


def one_of(field: str, wanted: Sequence[Any]) -> Sql:
    """The dotted field holds one of the wanted values."""
    return f"json_extract(o.body, ?) IN ({_marks(wanted)})", [f"$.{field}", *wanted]


def same_letters(field: str, wanted: str) -> Sql:
    """The dotted field holds this text, in upper or lower case."""
    return "fold(json_extract(o.body, ?)) = ?", [f"$.{field}", wanted.casefold()]


def has_id(wanted: Sequence[str]) -> Sql:
    """The object is one of those named."""
    return f"o.id IN ({_marks(wanted)})", list(wanted)


def between(field: str, times: int | Mapping[str, int]) -> Sql:
    """The dotted field, a time, lies within a filter like `created`'s."""
    return "json_extract(o.body, ?) BETWEEN ? AND ?", [f"$.{field}", *bounds(times)]


def _marks(wanted: Sequence[Any]) -> str:
    return ", ".join("?" * len(wanted))
