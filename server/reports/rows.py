"""The report as sections of rows, which every form of it shows: the words and their order stand here once."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from paydesk.intents.entities.currencies import stripe_exponent
from paydesk.server.reports.model import CurrencyMonth, MonthReport
from paydesk.skills.money import money


@dataclass(frozen=True)
class Row:
    """A line of a section: what it is, how much in minor units, how many, and what else is to be said."""

    item: str
    amount_minor: int | None = None
    count: int | None = None
    detail: str = ""
    is_sum: bool = False


@dataclass(frozen=True)
class Section:
    """A table of one currency."""

    name: str
    currency: str
    rows: tuple[Row, ...]

    def told(self, row: Row) -> str:
        """The row's amount as people write it; empty where it has none."""
        return "" if row.amount_minor is None else written(row.amount_minor, self.currency)


SUMMARY, RECONCILIATION, PAYOUTS, DISPUTES, MRR = (
    "Summary",
    "Reconciliation",
    "Payouts",
    "Disputes opened",
    "Recurring revenue (MRR)",
)


def sections(report: MonthReport) -> Iterator[Section]:
    """Every table of the report, kind by kind, currencies in the order of their codes; empty ones are left out."""
    for month in report.currencies:
        yield Section(SUMMARY, month.currency, tuple(_summary(month)))
    for month in report.currencies:
        yield Section(RECONCILIATION, month.currency, tuple(_reconciliation(month)))
    for month in report.currencies:
        rows = tuple(_payouts(report, month.currency))
        if rows:
            yield Section(PAYOUTS, month.currency, rows)
    for one in report.disputes:
        told = f"{one.won} won, {one.lost} lost, {one.still_open} open by now"
        yield Section(DISPUTES, one.currency, (Row("Opened", one.amount_minor, one.opened, told),))
    for bridge in report.bridges:
        rows = (
            Row("MRR at the start", bridge.start_minor),
            *(Row(name.capitalize(), amount) for name, amount in bridge.movements.items()),
            Row("MRR at the end", bridge.end_minor, is_sum=True),
            _difference(bridge.difference_minor),
        )
        yield Section(MRR, bridge.currency, rows)


def _summary(month: CurrencyMonth) -> Iterator[Row]:
    yield Row("Volume", month.volume_minor, month.payments, "payments captured")
    yield Row("Refunds", month.refunds_minor, month.refunds, "by the day of the refund")
    yield Row("Disputes", month.disputes_minor, month.disputes, "withdrawn, less what came back")
    yield Row("Fees", month.fees_minor, detail="what Stripe took")
    yield Row("Net", month.net_minor, is_sum=True)


def _reconciliation(month: CurrencyMonth) -> Iterator[Row]:
    source = "all that was before" if month.is_opening_counted else "from the closing balance"
    yield Row("Opening balance", month.opening_minor, detail=source)
    yield Row("Net", month.net_minor)
    for other in month.others:
        yield Row(other.kind.replace("_", " ").capitalize(), other.amount_minor, other.count)
    yield Row("Payouts", month.payouts_minor, month.payouts)
    if month.returned:
        yield Row("Payouts returned", month.returned_minor, month.returned, "failed or canceled")
    yield Row("Expected closing balance", month.expected_closing_minor, is_sum=True)
    yield Row("Closing balance", month.closing_minor, detail="by Stripe's balance, available and pending")
    yield _difference(month.difference_minor)


def _payouts(report: MonthReport, currency: str) -> Iterator[Row]:
    own = [one for one in report.payouts if one.currency == currency]
    for one in own:
        if one.difference_minor is None:
            told = "manual, so Stripe does not say what it held"
        else:
            told = f"held {written(one.paid_minor or 0, currency)}, "
            told += f"difference {written(one.difference_minor, currency)}"
        count = one.transactions if one.is_automatic else None
        yield Row(f"{one.created} {one.id}", one.amount_minor, count, f"{one.status}; {told}")
    if own:
        yield Row("All payouts", sum(one.amount_minor for one in own), detail=f"{len(own)} in all", is_sum=True)


def _difference(amount_minor: int) -> Row:
    return Row("Difference", amount_minor, detail="reconciled" if not amount_minor else "NOT reconciled")


def headline(report: MonthReport) -> str:
    """Whether it all holds, in a sentence."""
    if report.is_reconciled:
        return "Reconciled: every balance, payout and bridge holds with a difference of zero."
    return "NOT reconciled: see the differences below."


def title(report: MonthReport) -> str:
    """What the report is of, with its month."""
    told = f"{report.start:%B %Y}"
    return f"{report.account}: {told}" + (f" (until {report.until:%Y-%m-%d %H:%M} UTC)" if report.until else "")


def written(amount_minor: int, currency: str) -> str:
    """An amount as people write it; with the decimals that Stripe counts where ISO's are too few, as a month's share
    of a yearly price in ISK.
    """
    try:
        return money(amount_minor, currency).text
    except ValueError:
        return f"{currency.upper()} {Decimal(amount_minor).scaleb(-stripe_exponent(currency)):,f}"
