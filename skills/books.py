"""What a period brought, from Stripe's own ledger: every figure is a sum of balance transactions, currency by currency.

A balance transaction is in the currency in which the balance settles, and carries the fee that Stripe took.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from paydesk.skills import period
from paydesk.skills.base import Json, StripeReader
from paydesk.skills.charge import given_back
from paydesk.skills.errors import SkillError
from paydesk.skills.payment import Payment, payment_of

#: More than this many objects are not read for one answer: part of a sum would be a wrong sum.
READ_MOST = 20_000
GroupBy = period.GroupBy
_CHARGES = frozenset({"charge", "payment"})
_REFUNDS = frozenset({"refund", "payment_refund", "refund_failure", "payment_refund_failure"})
_DISPUTES = frozenset({"dispute", "dispute_reversal"})


@dataclass
class Book:
    """One currency's figures in minor units; what was given back or disputed is positive."""

    charged_minor: int = 0
    payments: int = 0
    refunded_minor: int = 0
    disputed_minor: int = 0
    fees_minor: int = 0

    def add(self, row: Json, times: int = 1) -> None:
        """Take in one balance transaction, or the sums of so many alike; what is no business with customers changes
        nothing but fees.
        """
        kind, amount = str(row["type"]), int(row["amount"])
        if kind in _CHARGES:
            self.charged_minor += amount
            self.payments += times
        elif kind in _REFUNDS:
            self.refunded_minor -= amount
        elif row.get("reporting_category") in _DISPUTES:
            self.disputed_minor -= amount
        elif kind == "stripe_fee":
            self.fees_minor -= amount
        self.fees_minor += int(row["fee"])

    @property
    def revenue_minor(self) -> int:
        """What was charged less what was given back."""
        return self.charged_minor - self.refunded_minor

    @property
    def net_minor(self) -> int:
        """What was charged less refunds, disputes and fees: Stripe's net volume."""
        return self.revenue_minor - self.disputed_minor - self.fees_minor


#: Group (its first day, or "" where nothing is grouped) -> currency -> figures.
Books = dict[str, dict[str, Book]]


@dataclass(frozen=True)
class Span:
    """A period of whole UTC days, half-open; None is open."""

    start: date | None
    end: date | None

    def before(self) -> "Span | None":
        """The period of the same kind just before: the month before a month, else as many days."""
        if self.start is None or self.end is None:
            return None
        months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
        if self.start.day == self.end.day == 1 and months > 0:
            return Span(_months_back(self.start, months), self.start)
        return Span(self.start - (self.end - self.start), self.start)

    def told(self) -> str:
        """In words with its last day."""
        return period.told(self.start, self.end).strip() or "in all"


def _months_back(day: date, months: int) -> date:
    whole = day.year * 12 + day.month - 1 - months
    return date(whole // 12, whole % 12 + 1, 1)


def group_of(timestamp: int, group_by: GroupBy | None) -> str:
    """The first day of the group that a moment falls into; weeks begin on Monday."""
    if group_by is None:
        return ""
    day = datetime.fromtimestamp(timestamp, UTC).date()
    if group_by == "week":
        day -= timedelta(days=day.weekday())
    elif group_by == "month":
        day = day.replace(day=1)
    elif group_by == "quarter":
        day = day.replace(month=day.month - (day.month - 1) % 3, day=1)
    elif group_by == "year":
        day = day.replace(month=1, day=1)
    return day.isoformat()


async def read_all(
    stripe: StripeReader, path: str, span: Span, more: Json | None = None, *, each: Callable[[Json], None]
) -> int:
    """Hand every object of a list made in the period to `each`; how many there were.

    Raises SkillError (too_much_to_read) rather than answering from a part.
    """
    count = 0
    asked = {**period.within(span.start, span.end), **(more or {})}
    async for one in stripe.every(path, asked, most=READ_MOST + 1):
        count += 1
        if count > READ_MOST:
            raise SkillError(
                f"More than {READ_MOST:,} objects would have to be read for this.",
                code="too_much_to_read",
                field="start",
                next_step="Ask for a shorter period.",
            )
        each(one)
    return count


async def books_of(
    stripe: StripeReader, span: Span, *, currency: str | None, group_by: GroupBy | None
) -> tuple[Books, int]:
    """The figures of a period from its balance transactions, and how many those were."""
    books: Books = {}

    def add(row: Json) -> None:
        group = books.setdefault(group_of(int(row["created"]), group_by), {})
        group.setdefault(str(row["currency"]), Book()).add(row)

    count = await read_all(
        stripe, "/v1/balance_transactions", span, {"currency": currency} if currency else None, each=add
    )
    return books, count


async def books_of_customer(
    stripe: StripeReader, customer: str, span: Span, *, currency: str | None, group_by: GroupBy | None
) -> tuple[Books, int]:
    """The same for one customer, from their charges in the currencies that they paid; fees are not in them."""
    books: Books = {}

    def add(charge: Json) -> None:
        payment = payment_of(charge)
        if not charge.get("paid") or not charge.get("captured") or currency not in (None, payment.currency):
            return
        book = books.setdefault(group_of(payment.created, group_by), {}).setdefault(payment.currency, Book())
        book.charged_minor += int(charge["amount_captured"])
        book.refunded_minor += given_back(charge)
        book.payments += 1

    return books, await read_all(stripe, "/v1/charges", span, {"customer": customer}, each=add)


@dataclass
class Tries:
    """How the tries to pay of a period ended."""

    succeeded: int = 0
    failed: int = 0
    refunded: int = 0
    disputed: int = 0


async def tries_of(
    stripe: StripeReader, span: Span, *, currency: str | None, customer: str | None, group_by: GroupBy | None
) -> tuple[dict[str, Tries], int]:
    """Charges made in the period by how they ended: a try that failed is one, whatever became of the payment later."""
    tries: dict[str, Tries] = {}

    def add(charge: Json) -> None:
        if currency not in (None, charge["currency"]):
            return
        one = tries.setdefault(group_of(int(charge["created"]), group_by), Tries())
        one.failed += charge["status"] == "failed"
        one.succeeded += charge["status"] == "succeeded"
        one.refunded += charge["status"] == "succeeded" and given_back(charge) > 0
        one.disputed += charge["status"] == "succeeded" and bool(charge.get("disputed"))

    asked = {"customer": customer} if customer else None
    return tries, await read_all(stripe, "/v1/charges", span, asked, each=add)


async def spent_by_customer(
    stripe: StripeReader, span: Span, *, currency: str | None
) -> tuple[dict[str, dict[str, tuple[Payment, int]]], int]:
    """Currency -> customer id -> (one of their payments, what they paid less refunds, in minor units)."""
    spent: dict[str, dict[str, tuple[Payment, int]]] = {}

    def add(charge: Json) -> None:
        if not charge.get("paid") or not charge.get("captured") or currency not in (None, charge["currency"]):
            return
        payment = payment_of(charge)
        if payment.customer_id is None:
            return
        of_currency = spent.setdefault(payment.currency, {})
        kept = int(charge["amount_captured"]) - given_back(charge)
        of_currency[payment.customer_id] = (payment, of_currency.get(payment.customer_id, (payment, 0))[1] + kept)

    return spent, await read_all(stripe, "/v1/charges", span, {"expand": ["data.customer"]}, each=add)
