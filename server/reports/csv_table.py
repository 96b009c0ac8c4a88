"""The report as one CSV table (RFC 4180): a row a figure, safe to open in a spreadsheet."""

import csv
import io
from decimal import Decimal

from paydesk.intents.entities.currencies import exponent, stripe_to_iso
from paydesk.server.reports.model import MonthReport
from paydesk.server.reports.rows import sections

_COLUMNS = ("account", "month", "section", "currency", "item", "amount", "number", "detail")
#: What a spreadsheet takes for the beginning of a formula (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
                    safe(report.account),
                    month,
                    section.name,
                    section.currency,
                    safe(row.item),
                    "" if row.amount_minor is None else major(row.amount_minor, section.currency),
                    "" if row.count is None else row.count,
                    safe(row.detail),
                )
            )
    return whole.getvalue()


def safe(text: str) -> str:
    """Text as a cell that no spreadsheet evaluates."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def major(amount_minor: int, currency: str) -> str:
    """Stripe's minor units as a plain decimal, such as `-8140.25`."""
    return f"{Decimal(stripe_to_iso(amount_minor, currency)).scaleb(-exponent(currency)):f}"
