"""The report as a person opens it: the same figures in each form, and no text of the account that does anything."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from paydesk.server.reports import pdf
from paydesk.server.reports.csv_table import as_csv
from paydesk.server.reports.markdown import as_markdown
from paydesk.server.reports.model import CurrencyMonth, MonthReport, OtherMovement, PayoutCheck
from paydesk.skills.mrr_bridge import MrrBridge

HOSTILE = '=HYPERLINK("https://evil.example") *bold* | <b> #set page(fill: red) #sys.inputs $x$ \\ @ `code`'
MONTH = CurrencyMonth("usd", 1_000, 9_150, 10_000, 3, -500, 1, -200, 1, -150, (OtherMovement("transfer", -1_000, 2),))
PAYOUT = PayoutCheck("po_1", "usd", date(2026, 10, 7), date(2026, 10, 9), "paid", 5_000, True, 4, 4_990)
BRIDGE = MrrBridge("usd", 1_000, new_minor=300, churn_minor=-100, end_minor=1_200)
REPORT = MonthReport(
    account=HOSTILE,
    mode="live",
    start=date(2026, 10, 1),
    end=date(2026, 11, 1),
    made_at=datetime(2026, 11, 2, 9, tzinfo=UTC),
    currencies=(MONTH,),
    payouts=(PAYOUT,),
    disputes=(),
    bridges=(BRIDGE,),
    looked_at=12,
    notes=("A note.",),
)


def cells(report: MonthReport) -> list[list[str]]:
    return list(csv.reader(io.StringIO(as_csv(report), newline="")))


def test_a_table_for_spreadsheets_keeps_numbers_numbers_and_formulas_text() -> None:
    """Ours: a name that begins with = would run in the spreadsheet of whoever opens the report."""
    header, *rows = cells(REPORT)
    assert header[5:7] == ["amount", "number"]
    assert all(row[0] == f"'{HOSTILE}" for row in rows)
    assert all(not cell.startswith(("=", "+", "@", "\t", "\r")) for row in rows for cell in row)
    sums = {(row[2], row[4]): Decimal(row[5]) for row in rows if row[5]}
    assert sums["Summary", "Volume"] == Decimal("100.00")
    assert sums["Summary", "Fees"] == Decimal("-1.50")
    assert sums["Reconciliation", "Transfer"] == Decimal("-10.00")


def test_amounts_have_the_decimals_of_their_currency() -> None:
    """Stripe: yen have none, dinars three, and ISK is counted with two."""
    for currency, minor, text in (("jpy", 1_500, "1500"), ("kwd", 10_500, "10.500"), ("isk", 10_050, "100.50")):
        rows = cells(replace(REPORT, currencies=(replace(MONTH, currency=currency, volume_minor=minor),)))
        assert [row[5] for row in rows if row[2:5] == ["Summary", currency, "Volume"]] == [text]
    assert "ISK 100.50" in as_markdown(
        replace(REPORT, currencies=(replace(MONTH, currency="isk", volume_minor=10_050),))
    )


def test_markdown_shows_what_was_written_and_takes_none_of_it_for_markup() -> None:
    """Ours: Markdown is often turned into HTML."""
    text = as_markdown(REPORT)
    assert "\\*bold\\* \\| \\<b\\>" in text.splitlines()[0]
    assert "| **Net** | **$91.50** |  |  |" in text
    assert text.count("\n## ") == 4


def test_a_difference_is_shouted() -> None:
    """Ours: a report that does not add up says so first, and where."""
    text = as_markdown(REPORT)
    assert "NOT reconciled: see the differences below." in text.splitlines()[2]
    assert "difference $0.10" in text
    mended = replace(PAYOUT, paid_minor=5_000)
    off = MONTH.difference_minor
    report = replace(REPORT, payouts=(mended,), currencies=(replace(MONTH, closing_minor=MONTH.closing_minor - off),))
    assert "Reconciled: every" in as_markdown(report)


async def test_a_pdf_is_the_same_bytes_for_the_same_report() -> None:
    """Ours: whoever files it can tell whether it was changed."""
    first, again = await pdf.as_pdf(REPORT), await pdf.as_pdf(REPORT)
    assert first.startswith(b"%PDF-")
    assert first == again
    assert await pdf.as_pdf(replace(REPORT, looked_at=13)) != first


@pytest.mark.parametrize("name", [HOSTILE, "株式会社みどり教室", "مرحبا 😀", "#panic(1)", '"); #read("/etc/passwd")'])
async def test_a_pdf_takes_any_name_as_text(name: str) -> None:
    """Ours: a name is data to the typesetter, whatever is in it; letters that it lacks are written in Latin."""
    assert (await pdf.as_pdf(replace(REPORT, account=name))).startswith(b"%PDF-")


def test_a_month_that_is_not_over_says_so_in_its_title() -> None:
    """Ours: half a month must not pass for a whole one."""
    assert "until 2026-10-20 12:00 UTC" in as_markdown(replace(REPORT, until=datetime(2026, 10, 20, 12, tzinfo=UTC)))


def test_a_report_of_the_sandbox_is_marked() -> None:
    """Ours: no report of play money passes for one of real money."""
    assert as_markdown(replace(REPORT, mode="sandbox")).startswith("# \\[sandbox\\] ")
