"""A list as its caller wants it told: only some fields, or a table for spreadsheets.

A table is CSV by RFC 4180, amounts as decimals beside their currency, no cell a formula.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from paydesk.intents.entities.currencies import stripe_exponent
from paydesk.skills.base import Json, Result
from paydesk.skills.errors import ArgumentError
from paydesk.skills.money import Money

_LIST = "list"  # which of several lists a row stands in
#: What a spreadsheet takes for a formula, or cuts a cell at (https://owasp.org/www-community/attacks/CSV_Injection);
#: an apostrophe too, so that taking one away from the front gives every text back as it was.
_RISKY = frozenset("=+-@\t\r\n'＝＋－＠")
_SEPARATORS = re.compile(r"[\s,:]+")
_NAME = re.compile(r"[a-z_]{1,30}")
_NOTHING = "-"  # stands where a row has no such value

#: What else the members of rows are called: in the lines of other lists, and by Stripe. The first that there is counts.
_ALSO: Mapping[str, tuple[str, ...]] = {
    "amount": ("total",),
    "total": ("amount",),
    **dict.fromkeys(("owed", "amount_due", "amount_remaining", "balance"), ("remaining",)),
    **dict.fromkeys(("date", "created_at", "day"), ("created", "at")),
    **dict.fromkeys(("due", "due_date", "due_by", "deadline"), ("due", "respond_by")),
    **dict.fromkeys(("name", "customer_name"), ("customer", "label")),
    "customer": ("name",),
    "state": ("status",),
    "status": ("state",),
    **dict.fromkeys(("failure_code", "failure_reason", "decline_code"), ("failure",)),
    "arrival_date": ("arrives",),
    **dict.fromkeys(("period_end", "renews"), ("current_period_end",)),
    "product": ("plan",),
    "type": ("kind",),
    "proposal": ("proposal_id",),
}

_HOW = 'detail takes concise, full, csv, or fields such as "id,amount"; "csv:id,amount" is a table of just these.'


@dataclass(frozen=True)
class Columns:
    """How the rows of a result become cells: `lists` are its members that hold rows, all of the model `row`."""

    lists: tuple[str, ...]
    row: type[BaseModel]

    def names(self) -> list[str]:
        """Every column that there can be, in order; an amount is followed by its currency."""
        part = [_LIST] if len(self.lists) > 1 else []
        return part + [column for field in self.row.model_fields for column in self.of(field)]

    def chosen(self, fields: Sequence[str], *, field: str) -> list[str]:
        """The columns that `fields` name; an amount brings its currency. Raises ArgumentError about `field`."""
        known = self.names()
        found: list[str] = []
        for name in map(self._meant, fields):
            if name not in known:
                # What is no name could be anything, a key among it, so it is not said back.
                called = f" {name}" if _NAME.fullmatch(name) else " of one of the names given"
                raise ArgumentError(
                    f"{field}: this list has no field{called}.",
                    code="unknown_field",
                    field=field,
                    choices=list(self.row.model_fields),
                    next_step=_HOW if field == "detail" else None,
                )
            found += self.of(name) if name in self.row.model_fields else [name]
        return list(dict.fromkeys(found))

    def _meant(self, name: str) -> str:
        """The column that goes by this name here; the name itself where none does."""
        known = self.names()
        if name in known:
            return name
        if name == "currency" and self._money():
            return self.of(self._money()[0])[1]
        return next((other for other in _ALSO.get(name, ()) if other in known), name)

    def members(self, column: str) -> list[str]:
        """The members of a row that a column tells of."""
        return [name for name in self.row.model_fields if column in self.of(name)]

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


@dataclass(frozen=True)
class Shape:
    """How a list is told: as CSV, or line by line, with these `fields`; () stands for those that hold something."""

    columns: Columns
    fields: tuple[str, ...] = ()
    csv: bool = False

    def lines(self, answer: Json) -> list[str]:
        """The answer's rows (as `structured` gives them), below a line that names the fields."""
        if self.csv:
            return self._csv(answer).splitlines()
        rows = [row for part in self.columns.lists for row in answer.get(part) or ()]
        told = [" | ".join(_plain(row.get(name)) for name in self.fields) for row in rows]
        return [" | ".join(self.fields), *told] if told else []

    def structured(self, answer: Json) -> Json:
        """The answer with those members only; a table takes the place of its rows."""
        if self.csv:
            rest = {name: value for name, value in answer.items() if name not in self.columns.lists}
            return {**rest, "table": self._csv(answer)}
        kept = {part: [self._only(row) for row in answer[part]] for part in self.columns.lists if part in answer}
        return {**answer, **kept}

    def _csv(self, answer: Json) -> str:
        return as_csv(self.columns, [answer], self.fields)

    def _only(self, row: Json) -> Json:
        return {name: row[name] for name in self.fields if name in row}


def words_of(detail: str) -> list[str]:
    """What an argument `detail` says, word by word: `csv:id,amount` is csv, id, amount."""
    return [word for word in _SEPARATORS.split(detail.lower()) if word]


def shape_of(result: type[Result], detail: str) -> Shape | None:
    """How `detail` wants this kind of list told; None where it is told as lists are. Raises ArgumentError."""
    words = words_of(detail)
    if words in (["concise"], ["full"]):
        return None
    columns = columns_of(result)
    is_csv = words[:1] == ["csv"]
    names = words[1:] if is_csv else words
    if is_csv and names in ([], ["concise"], ["full"]):
        return Shape(columns, csv=True)
    if not names:
        raise ArgumentError("detail is empty.", field="detail", next_step=_HOW)
    chosen = columns.chosen(names, field="detail")
    if is_csv:
        return Shape(columns, tuple(chosen), csv=True)
    return Shape(columns, tuple(dict.fromkeys(name for column in chosen for name in columns.members(column))))


def as_csv(columns: Columns, answers: Sequence[Json], fields: Sequence[str] | None = None) -> str:
    """Answers of one kind (as `structured` gives them) as one table with a heading; `fields` choose its columns.

    Without them the columns are those that hold something. Raises ArgumentError for a field that there is not.
    """
    rows = [dict(row) for row in _rows(columns, answers)]
    kept = columns.chosen(fields, field="--fields") if fields else _filled(columns, rows)
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


def _plain(value: Any) -> str:
    """A value between bars, which it cannot end early: an amount with its sign, parts by name, a list by its items."""
    if value is None:
        return _NOTHING
    if isinstance(value, dict):
        parts = (f"{name}={_plain(part)}" for name, part in value.items())
        return _plain(value["text"]) if value.keys() == Money.model_fields.keys() else " ".join(parts)
    if isinstance(value, list):
        return "; ".join(_plain(item) for item in value)
    text = value if isinstance(value, str) else json.dumps(value)
    return text.replace("|", "\\|")


def harmless(text: str) -> str:
    """Text that no spreadsheet evaluates: what could begin a formula gets an apostrophe in front."""
    return f"'{text}" if _RISKY.intersection(text[:1] + text.lstrip()[:1]) else text
