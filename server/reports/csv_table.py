"""The report as one CSV table (RFC 4180): a row a figure, safe to open in a spreadsheet."""

import csv
import io
from decimal import Decimal

from paydesk.intents.entities.currencies import stripe_exponent
from paydesk.server.reports.model import MonthReport
from paydesk.server.reports.rows import sections
from paydesk.skills.table import harmless

_COLUMNS = ("account", "month", "section", "currency", "item", "amount", "number", "detail")


def as_csv(report: MonthReport) -> str:
    """The whole report; amounts are plain numbers in major units, text that looks like a formula gets an apostrophe."""
    whole = io.StringIO()
    writer = csv.writer(whole)
    writer.writerow(_COLUMNS)
    month = f"{report.start:%Y-%m}"
    for section in sections(report):
        for row in section.rows:
            writer.writerow(
                (
                    harmless(report.account),
                    month,
                    section.name,
                    section.currency,
                    harmless(row.item),
                    "" if row.amount_minor is None else major(row.amount_minor, section.currency),
                    "" if row.count is None else row.count,
                    harmless(row.detail),
                )
            )
    return whole.getvalue()


def major(amount_minor: int, currency: str) -> str:
    """Stripe's minor units as a plain decimal, such as `-8140.25`."""
    return f"{Decimal(amount_minor).scaleb(-stripe_exponent(currency)):f}"
