"""The report as a PDF, set by typst. What was written by customers or the account goes in as data, never as markup."""

import json
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from paydesk.server.charts.letters import drawable, has_east_asian_font
from paydesk.server.errors import PaydeskError
from paydesk.server.limits import REPORT_TIMEOUT_S
from paydesk.server.reports.model import MonthReport
from paydesk.server.reports.rows import PAYOUTS, Section, headline, sections

_TEMPLATE = Path(__file__).with_name("month.typ")
#: Brought along by typst, so that the same report gives the same bytes on every machine.
_FONT = "Libertinus Serif"


async def as_pdf(report: MonthReport) -> bytes:
    """The report as PDF/A-2b, the same bytes for the same report.

    Raises PaydeskError (report_failed).
    """
    try:
        with anyio.fail_after(REPORT_TIMEOUT_S):
            return await anyio.to_thread.run_sync(partial(_set, report), abandon_on_cancel=True)
    except (TimeoutError, RuntimeError):
        raise PaydeskError(
            "The PDF could not be made.",
            code="report_failed",
            next_step="Take --md or --csv, which need no typesetting.",
        ) from None


def _set(report: MonthReport) -> bytes:
    import typst

    data = _data(report)
    needs_more = not all(ord(character) < 0x2C00 for character in data["account"])
    made: bytes = typst.compile(
        _TEMPLATE,
        root=_TEMPLATE.parent,
        format="pdf",
        # Fonts of the machine are looked for only where the account's name needs them.
        ignore_system_fonts=not (needs_more and has_east_asian_font()),
        sys_inputs={"report": json.dumps(data, ensure_ascii=False)},
        timestamp=int(report.made_at.timestamp()),
        pdf_standards=["a-2b"],
    )
    return made


def _data(report: MonthReport) -> dict[str, Any]:
    month = f"{report.start:%B %Y}"
    until = f", until {report.until:%Y-%m-%d %H:%M} UTC" if report.until else ""
    account = drawable(report.account)
    return {
        "title": f"{account}: month-end report, {month}",
        "account": account,
        "subtitle": f"Month-end report, {month}{until}",
        "mark": "" if report.mode == "live" else f"{report.mode}: no real money",
        "fonts": [_FONT],
        "reconciled": report.is_reconciled,
        "headline": headline(report),
        "made": f"Made {report.made_at:%Y-%m-%d %H:%M} UTC from {report.looked_at:,} objects of Stripe",
        "parts": list(_parts(report)),
        "notes": list(report.notes),
    }


def _parts(report: MonthReport) -> Iterator[dict[str, Any]]:
    for name, those in groupby(sections(report), key=lambda section: section.name):
        yield {"name": name, "wide": name == PAYOUTS, "sections": [_section(section) for section in those]}


def _section(section: Section) -> dict[str, Any]:
    rows = [
        {
            "item": drawable(row.item),
            "amount": drawable(section.told(row)),
            "number": "" if row.count is None else f"{row.count:,}",
            "detail": drawable(row.detail),
            "is_sum": row.is_sum,
        }
        for row in section.rows
    ]
    return {"currency": section.currency.upper(), "rows": rows}
