"""Words that ask for a picture or a table: understood as what they show, with the chart or the CSV asked for."""

from typing import Any

import pytest

from paydesk.server import picturing
from paydesk.skills.catalogue import catalogue

ANALYTICS = catalogue()["get_analytics"]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("chart revenue by month", "show revenue by month"),
        ("Please plot the failure rate", "Please show the failure rate"),
        ("can you draw me our MRR?", "can you show our MRR?"),
        ("show a chart of revenue", "show a chart of revenue"),
        ("charge Jane $5", "charge Jane $5"),
        ("refund Graph Paper Ltd", "refund Graph Paper Ltd"),
    ],
)
def test_a_command_to_draw_is_one_to_show(text: str, plain: str) -> None:
    """Ours: everything else about the sentence is understood as ever."""
    assert picturing.plain(text) == plain


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        ("chart revenue", {"metric": "revenue"}, {"chart": True, "group_by": "day"}),
        ("chart revenue", {"metric": "revenue", "start": "2026-01-01", "end": "2027-01-01"}, {"group_by": "month"}),
        ("a graph", {"metric": "fees", "start": "2026-09-01", "end": "2026-12-01"}, {"group_by": "week"}),
        ("chart by month", {"metric": "revenue", "group_by": "month"}, {"chart": True, "group_by": "month"}),
        ("chart our mrr", {"metric": "mrr"}, {"chart": True, "group_by": "month"}),
        ("draw top customers", {"metric": "top_customers"}, {"chart": True}),
    ],
)
def test_a_period_is_drawn_in_parts_that_make_a_picture(
    text: str, arguments: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Ours: whoever asks for a chart without saying by what gets one all the same."""
    assert picturing.with_chart(ANALYTICS, arguments, text) == {**arguments, "chart": True, **expected}


def test_what_asks_for_no_picture_or_has_none_is_left_alone() -> None:
    """Ours: a figure is not drawn unasked, nor a list that has no chart."""
    assert picturing.with_chart(ANALYTICS, {"metric": "revenue"}, "our revenue") == {"metric": "revenue"}
    payments = catalogue()["list_payments"]
    assert picturing.with_chart(payments, {"limit": 3}, "chart payments") == {"limit": 3}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("list payments as csv", "list payments"),
        ("export October payments to a CSV file", "show October payments"),
        ("Please give me a spreadsheet of open invoices", "Please show open invoices"),
        ("a csv of customers", "show customers"),
        ("show failed payments last month, as a spreadsheet", "show failed payments last month"),
        ("find CSV Consulting GmbH", "find CSV Consulting GmbH"),
        ("export Jane's data", "export Jane's data"),
    ],
)
def test_a_command_to_export_is_one_to_show(text: str, plain: str) -> None:
    """Ours: the form is taken out of the sentence; a name that holds the word stays."""
    assert picturing.plain(text) == plain


def test_a_sentence_that_asks_for_a_table_gets_a_long_list_as_csv() -> None:
    """Ours: unless it says how many; what is no list, or asked for no table, is left alone."""
    payments, payment = catalogue()["list_payments"], catalogue()["get_payment"]
    assert picturing.with_table(payments, {}, "payments as csv") == {"limit": 100, "detail": "csv"}
    assert picturing.with_table(payments, {"limit": 3}, "3 payments in csv") == {"limit": 3, "detail": "csv"}
    assert picturing.with_table(payments, {"limit": 3}, "3 payments") == {"limit": 3}
    assert picturing.with_table(payment, {"payment": "pi_1"}, "pi_1 as csv") == {"payment": "pi_1"}
