"""Words that ask for a picture: understood as what they show, with the chart asked for."""

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
