"""A list as a table for spreadsheets: CSV by RFC 4180, amounts as decimals beside their currency, no cell a formula."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from paydesk.intents.entities.currencies import stripe_exponent
from paydesk.server.errors import ArgumentError
from paydesk.skills.base import Json, Result
from paydesk.skills.money import Money

_LIST = "list"  # which of several lists a row stands in
#: What a spreadsheet takes for a formula, or cuts a cell at (https://owasp.org/www-community/attacks/CSV_Injection);
#: an apostrophe too, so that taking one away from the front gives every text back as it was.
_RISKY = frozenset("=+-@\t\r\n'＝＋－＠")


@dataclass(frozen=True)
class Columns:
    """How the rows of a result become cells: `lists` are its members that hold rows, all of the model `row`."""

    lists: tuple[str, ...]
    row: type[BaseModel]

    def names(self) -> list[str]:
        """Every column that there can be, in order; an amount is followed by its currency."""
        part = [_LIST] if len(self.lists) > 1 else []
        return part + [column for field in self.row.model_fields for column in self.of(field)]

    def of(self, field: str) -> list[str]:
        """The columns of one member of a row."""
        money = self._money()
        if field not in money:
            return [field]
        alone = len(money) == 1 and "currency" not in self.row.model_fields
        return [field, "currency" if alone else f"{field}_currency"]

    def cells(self, row: Json) -> Iterator[tuple[str, str]]:
        """The cells of one row (as `structured` gives it) by column; what is not there has none."""
        money = self._money()
        for field, value in row.items():
            if field in money:
                amount, currency = self.of(field)
                yield amount, _major(value["amount_minor"], value["currency"])
                yield currency, value["currency"]
            else:
                yield field, _cell(value)

    def _money(self) -> list[str]:
        hints = get_type_hints(self.row)
        return [field for field in self.row.model_fields if Money in (hints[field], *get_args(hints[field]))]


def columns_of(result: type[Result]) -> Columns:
    """The columns of a kind of answer. Raises ArgumentError where it is no list, or several of different things."""
    rows: dict[str, type[BaseModel]] = {}
    for field, hint in get_type_hints(result).items():
        for part in (hint, *get_args(hint)):
            inner = get_args(part)[0] if get_origin(part) is list else None
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                rows[field] = inner
    if len(set(rows.values())) != 1:
        raise ArgumentError(
            "This answer is not a list, so it cannot be a table.",
            code="not_a_list",
            field="--csv",
            next_step="--json gives it to programs.",
        )
    return Columns(tuple(rows), next(iter(rows.values())))


def as_csv(columns: Columns, answers: Sequence[Json], fields: Sequence[str] | None = None) -> str:
    """Answers of one kind (as `structured` gives them) as one table with a heading; `fields` choose its columns.

    Without them the columns are those that hold something. Raises ArgumentError for a field that there is not.
    """
    rows = [dict(row) for row in _rows(columns, answers)]
    kept = _chosen(columns, fields) if fields else _filled(columns, rows)
    whole = io.StringIO()
    writer = csv.writer(whole)
    writer.writerow(kept)
    writer.writerows([row.get(column, "") for column in kept] for row in rows)
    return whole.getvalue()


def _rows(columns: Columns, answers: Iterable[Json]) -> Iterator[Mapping[str, str]]:
    for answer in answers:
        for part in columns.lists:
            for row in answer.get(part) or ():
                yield {_LIST: part, **dict(columns.cells(row))}


def _chosen(columns: Columns, fields: Sequence[str]) -> list[str]:
    """The columns that were asked for; an amount brings its currency."""
    known = columns.names()
    chosen: list[str] = []
    for field in fields:
        if field not in known:
            raise ArgumentError(
                f"There is no field {field[:40]!r} in this list.", code="unknown_field", field="--fields", choices=known
            )
        chosen += columns.of(field) if field in columns.row.model_fields else [field]
    return list(dict.fromkeys(chosen))


def _filled(columns: Columns, rows: Sequence[Mapping[str, str]]) -> list[str]:
    needed = {name for name, field in columns.row.model_fields.items() if field.is_required()}
    held = {column for row in rows for column in row}
    held |= {column for name in needed for column in columns.of(name)}
    return [column for column in columns.names() if column in held]


def _major(amount_minor: int, currency: str) -> str:
    """Stripe's minor units as a plain decimal in major units, such as `-8140.25`."""
    return f"{Decimal(amount_minor).scaleb(-stripe_exponent(currency)):f}"


def _cell(value: Any) -> str:
    """A value as a cell: numbers as they are, text made harmless, lists and objects as JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return harmless(value)
    return harmless(json.dumps(value, ensure_ascii=False))


def harmless(text: str) -> str:
    """Text that no spreadsheet evaluates: what could begin a formula gets an apostrophe in front."""
    return f"'{text}" if _RISKY.intersection(text[:1] + text.lstrip()[:1]) else text
