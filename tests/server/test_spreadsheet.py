"""Lists as CSV: the same values after reading it back, and no cell that a spreadsheet would evaluate."""

import csv
import io
import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.server.errors import ArgumentError
from paydesk.server.spreadsheet import as_csv, columns_of, harmless
from paydesk.skills.base import Result
from paydesk.skills.catalogue import catalogue
from paydesk.skills.money import Money

HOSTILE = st.sampled_from(["=1+1", "+49 30", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", " =1", "＝1", 'a","=1'])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | HOSTILE
MONEY = st.builds(
    lambda amount, currency: Money(amount_minor=amount, currency=currency, text="shown"),
    st.integers(-(10**11), 10**11),
    st.sampled_from(["usd", "eur", "jpy", "kwd", "isk", "ugx"]),
)
EXPONENTS = {"usd": 2, "eur": 2, "jpy": 0, "kwd": 3, "isk": 2, "ugx": 2}


class Row(Result):
    """A row of every kind of cell."""

    name: str
    amount: Money
    fee: Money | None = None
    count: int | None = None
    seen: bool | None = None
    tags: list[str] | None = None


class Rows(Result):
    """A list."""

    rows: list[Row]
    has_more: bool = False


ROW = st.builds(
    Row,
    name=TEXT,
    amount=MONEY,
    fee=st.none() | MONEY,
    count=st.none() | st.integers(),
    seen=st.none() | st.booleans(),
    tags=st.none() | st.lists(TEXT, min_size=1, max_size=3),
)


def _read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _text(cell: str) -> str:
    """What stood there before an apostrophe made it harmless."""
    return cell.removeprefix("'")


def _same(row: Row, read: dict[str, str]) -> None:
    assert _text(read["name"]) == row.name
    for name in ("amount", "fee"):
        money = getattr(row, name)
        if money is None:
            assert not read.get(name)
            continue
        assert Decimal(read[name]).scaleb(EXPONENTS[money.currency]) == money.amount_minor
        assert read[f"{name}_currency"] == money.currency
    assert (int(read["count"]) if read.get("count") else None) == row.count
    assert {"true": True, "false": False}.get(read.get("seen", "")) is row.seen
    assert (json.loads(_text(read["tags"])) if read.get("tags") else None) == row.tags


@given(st.lists(ROW, max_size=4))
def test_a_table_reads_back_as_what_it_was_made_of(rows: list[Row]) -> None:
    """Ours: RFC 4180; amounts are exact decimals in major units beside their currency, numbers stay numbers."""
    read = _read(as_csv(columns_of(Rows), [Rows(rows=rows).structured()]))
    assert len(read) == len(rows)
    for row, back in zip(rows, read, strict=True):
        _same(row, back)


@given(st.lists(ROW, min_size=1, max_size=3))
def test_no_cell_can_be_a_formula(rows: list[Row]) -> None:
    """OWASP: a cell that begins with = + - @, a tab or a line's end is evaluated; only true numbers may begin so."""
    for cells in csv.reader(io.StringIO(as_csv(columns_of(Rows), [Rows(rows=rows).structured()]), newline="")):
        for cell in cells:
            for begins in (cell[:1], cell.lstrip()[:1]):
                assert begins not in set("=+-@\t\r\n＝＋－＠") or re.fullmatch(r"-\d+(\.\d+)?", cell)


@given(TEXT)
def test_text_keeps_its_letters(text: str) -> None:
    """Ours: at most one apostrophe is put in front, and taking it away gives the text back."""
    assert _text(harmless(text)) == text


def test_columns_are_those_that_hold_something_unless_they_are_chosen() -> None:
    """Ours: an amount is never without its currency."""
    row = Row(name="a", amount=Money(amount_minor=1250, currency="usd", text="$12.50"))
    columns, answers = columns_of(Rows), [Rows(rows=[row]).structured()]
    assert as_csv(columns, answers) == "name,amount,amount_currency\r\na,12.50,usd\r\n"
    assert as_csv(columns, answers, ["amount", "name"]) == "amount,amount_currency,name\r\n12.50,usd,a\r\n"
    assert as_csv(columns, answers, ["fee"]) == "fee,fee_currency\r\n,\r\n"
    with pytest.raises(ArgumentError) as wrong:
        as_csv(columns, answers, ["nme"])
    assert (wrong.value.field, "name" in wrong.value.choices) == ("--fields", True)


@pytest.mark.parametrize("name", [name for name in catalogue() if name.startswith("list_")])
def test_every_list_can_be_a_table(name: str) -> None:
    """Ours: a list of the catalogue has one kind of row."""
    columns = columns_of(catalogue()[name].answers)
    assert len(set(columns.names())) == len(columns.names())
    assert as_csv(columns, []).count("\r\n") == 1


@pytest.mark.parametrize("name", ["get_payment", "create_customer", "get_customer", "ask"])
def test_what_is_no_list_is_no_table(name: str) -> None:
    """Ours: said before anything is asked of Stripe, or proposed."""
    with pytest.raises(ArgumentError) as wrong:
        columns_of(catalogue()[name].answers)
    assert wrong.value.code == "not_a_list"


def test_rows_of_two_lists_say_which_they_stand_in() -> None:
    """Ours: a figure and the same figure of the period before must not be mixed up."""

    class Two(Result):
        """Two lists of one kind."""

        now: list[Any]
        figures: list[Row]
        before: list[Row] | None = None

    row = Row(name="a", amount=Money(amount_minor=5, currency="jpy", text="¥5"))
    columns = columns_of(Two)
    assert columns.lists == ("figures", "before")
    text = as_csv(columns, [Two(now=[], figures=[row], before=[row]).structured()], ["list", "amount"])
    assert _read(text)[1] == {"list": "before", "amount": "5", "amount_currency": "jpy"}
