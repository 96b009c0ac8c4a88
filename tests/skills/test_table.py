"""Lists in the shape that was asked for; as CSV the same values after reading it back, and no cell a formula."""

import csv
import io
import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.skills.base import Result
from paydesk.skills.catalogue import catalogue
from paydesk.skills.errors import ArgumentError
from paydesk.skills.money import Money
from paydesk.skills.reading import Listed, wants
from paydesk.skills.reading import Row as ListRow
from paydesk.skills.table import Shape, as_csv, columns_of, harmless, shape_of

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


LISTS = sorted(name for name, skill in catalogue().items() if issubclass(skill.answers, Listed))


def _shape(detail: str) -> Shape:
    found = shape_of(Rows, detail)
    assert found is not None
    return found


@pytest.mark.parametrize("name", LISTS)
def test_every_list_takes_fields_and_csv(name: str) -> None:
    """Ours: whichever list is asked, `detail` takes its fields; all of its members may be left out of an answer."""
    skill = catalogue()[name]
    assert "detail" in skill.params.model_fields
    columns = columns_of(skill.answers)
    assert issubclass(columns.row, ListRow)
    first = next(iter(columns.row.model_fields))
    assert shape_of(skill.answers, first) == Shape(columns, (first,))
    assert shape_of(skill.answers, "csv") == Shape(columns, csv=True)


@pytest.mark.parametrize("detail", ["concise", "full", "Full", " full "])
def test_brief_and_full_lists_keep_their_own_shape(detail: str) -> None:
    """Ours: only fields and CSV change how a list is told."""
    assert shape_of(Rows, detail) is None


@pytest.mark.parametrize(
    ("detail", "fields", "is_csv"),
    [
        ("csv", (), True),
        ("csv:full", (), True),
        ("CSV:name,amount", ("name", "amount", "amount_currency"), True),
        ("csv, name", ("name",), True),
        ("name, amount", ("name", "amount"), False),
        ("amount name amount", ("amount", "name"), False),
        ("amount_currency", ("amount",), False),
    ],
)
def test_words_of_detail_choose_a_shape(detail: str, fields: tuple[str, ...], is_csv: bool) -> None:
    """Ours: a model may separate names as it likes; an amount is never told without its currency."""
    shape = _shape(detail)
    assert (shape.fields, shape.csv) == (fields, is_csv)


@pytest.mark.parametrize("detail", ["nme", "name,nme", "csv:nme", "xml", "full,name", "csv,csv"])
def test_a_field_that_there_is_not_is_refused_with_those_that_there_are(detail: str) -> None:
    """Ours: the error names the argument, the columns and the words that are taken."""
    with pytest.raises(ArgumentError) as wrong:
        _shape(detail)
    told = wrong.value
    assert (told.code, told.field, told.choices) == ("unknown_field", "detail", tuple(Row.model_fields))
    assert "csv:id,amount" in str(told.next_step)


@pytest.mark.parametrize("detail", ["sk_test_51Hverysecret9", "name,\x1b[31mred", "4242424242424242"])
def test_what_is_no_name_is_not_said_back(detail: str) -> None:
    """Ours: whatever was pasted may be a key, a card number, or colours for a terminal."""
    with pytest.raises(ArgumentError) as wrong:
        _shape(detail)
    assert not any(part in str(wrong.value.as_dict()) for part in ("verysecret", "[31m", "4242"))


@pytest.mark.parametrize("detail", [" ", ",", ":"])
def test_a_detail_of_no_words_is_refused(detail: str) -> None:
    """Ours: nothing is not taken for everything."""
    with pytest.raises(ArgumentError) as wrong:
        _shape(detail)
    assert wrong.value.field == "detail"


class SomeRows(Listed):
    """A list of the catalogue's kind."""

    rows: list[Row]


def _told(detail: str, rows: list[Row]) -> SomeRows:
    answer = SomeRows(rows=rows, has_more=True, next_cursor="x_9", says="Two rows.")
    return answer.model_copy(update={"shape": shape_of(SomeRows, detail)})


def test_chosen_fields_stand_between_bars_below_their_names() -> None:
    """Ours: text cannot end its field early; what is missing has a dash."""
    fee = Money(amount_minor=5, currency="usd", text="$0.05")
    amount = Money(amount_minor=1250, currency="usd", text="$12.50")
    rows = [Row(name="a | $9,999.00", amount=amount, fee=fee, tags=["x", "y"]), Row(name="b", amount=amount, seen=True)]
    told = _told("name,fee,tags,seen", rows)
    assert told.lines() == ["name | fee | tags | seen", r"a \| $9,999.00 | $0.05 | x; y | -", "b | - | - | true"]
    assert told.structured() == {
        "has_more": True,
        "next_cursor": "x_9",
        "rows": [
            {"name": "a | $9,999.00", "fee": fee.model_dump(), "tags": ["x", "y"]},
            {"name": "b", "seen": True},
        ],
    }
    assert _told("name", []).lines() == []


@given(st.lists(ROW, max_size=4))
def test_a_table_of_an_answer_reads_back_and_holds_no_formula(rows: list[Row]) -> None:
    """RFC 4180 and OWASP: what `detail` csv gives has the values of the rows, and stands in their place."""
    structured = _told("csv", rows).structured()
    assert structured.keys() == {"has_more", "next_cursor", "table"}
    read = _read(structured["table"])
    for row, back in zip(rows, read, strict=True):
        _same(row, back)
    for cells in csv.reader(io.StringIO(structured["table"], newline="")):
        assert not any(cell[:1] in set("=+@\t\r\n") for cell in cells)


@given(
    st.lists(ROW, min_size=1, max_size=4), st.lists(st.sampled_from(list(Row.model_fields)), min_size=1, unique=True)
)
def test_only_what_was_chosen_is_told(rows: list[Row], names: list[str]) -> None:
    """Ours: a member that was not asked for costs nothing, in text or as JSON."""
    answer = _told(",".join(names), rows)
    assert all(set(row) <= set(names) for row in answer.structured()["rows"])
    assert answer.lines()[0] == " | ".join(names)
    assert len(answer.lines()) >= len(rows) + 1


@pytest.mark.parametrize(
    ("detail", "any_at_all", "phone"),
    [
        *(("concise", False, False), ("csv", False, False), ("full", True, True), ("csv:full", True, True)),
        *(("id,phone", True, True), ("csv:phone", True, True), ("id", True, False)),
    ],
)
def test_rows_hold_what_is_named(detail: str, any_at_all: bool, phone: bool) -> None:
    """Ours: a field that is told with `full` only is there when it is named, and read only then."""
    assert (wants(detail), wants(detail, "phone", "description")) == (any_at_all, phone)


@pytest.mark.parametrize(
    ("skill", "detail", "columns"),
    [
        ("list_invoices", "csv:id,amount,owed,due_date", ["id", "total", "total_currency", "remaining", "due"]),
        ("list_payments", "csv:id,amount,currency,failure_code", ["id", "amount", "amount_currency", "failure"]),
        ("list_payouts", "csv:date,total,currency,arrival_date", ["created", "amount", "currency", "arrives"]),
        ("list_disputes", "csv:name,deadline", ["customer", "respond_by"]),
        ("find_customers", "csv:customer,email", ["name", "email"]),
        ("list_proposals", "csv:proposal,status", ["proposal_id", "state"]),
    ],
)
def test_a_field_goes_by_what_other_lists_and_stripe_call_it(skill: str, detail: str, columns: list[str]) -> None:
    """Ours: whoever has read one list's lines names another's fields alike; the heading tells its own names."""
    shape = shape_of(catalogue()[skill].answers, detail)
    assert shape is not None
    assert [name for name in shape.fields if name != "remaining_currency"] == columns


def test_no_other_name_hides_a_field_that_a_list_has() -> None:
    """Ours: what a list calls something itself goes first."""
    for skill in catalogue().values():
        if issubclass(skill.answers, Listed):
            known = columns_of(skill.answers)
            for field in known.row.model_fields:
                assert known.chosen([field], field="detail") == known.of(field), (skill.name, field)
