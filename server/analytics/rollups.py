"""The usual figures from the mirror's daily sums: as quick after ten years as after ten days."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from paydesk.server.store.mirror_schema import charges, daily_balance, daily_charges, daily_customers
from paydesk.skills.books import Book, Books, GroupBy, Span, Tries, group_of
from paydesk.skills.figures import Figure
from paydesk.skills.metrics import PERIODS
from paydesk.skills.period import seconds

DAY_S = 24 * 60 * 60


def period_of(group_by: str | None) -> GroupBy | None:
    """The grouping, where it is one by time."""
    return next((one for one in PERIODS if one == group_by), None)


def within(day: Any, span: Span) -> list[Any]:
    """Conditions on a column of days since 1970."""
    return bounds(day, span, DAY_S)


def bounds(column: Any, span: Span, unit_s: int = 1) -> list[Any]:
    """Conditions on a column that counts units of so many seconds since 1970."""
    found = []
    if span.start is not None:
        found.append(column >= seconds(span.start) // unit_s)
    if span.end is not None:
        found.append(column < seconds(span.end) // unit_s)
    return found


def read_books(connection: Connection, span: Span, currency: str | None, by: str | None) -> tuple[Books, int]:
    """What the ledger's rows come to, by group of time; and how many sums were read."""
    row, period = daily_balance.c, period_of(by)
    where = [*within(row.day, span), *([row.currency == currency] if currency else [])]
    key = (row.currency, row.type, row.reporting_category)
    sums = (func.sum(row.count), func.sum(row.amount_minor), func.sum(row.fee_minor), func.count())
    books: Books = {}
    read = 0
    for day, code, kind, category, times, amount, fee, rows in _by_day(
        connection, row.day, key, sums, where, period=period
    ):
        read += rows
        group = group_of(day * DAY_S, period)
        book = books.setdefault(group, {}).setdefault(code, Book())
        book.add({"type": kind, "reporting_category": category, "amount": amount, "fee": fee}, int(times))
    return books, read


def _by_day(
    connection: Connection,
    day: Any,
    key: tuple[Any, ...],
    sums: tuple[Any, ...],
    where: list[Any],
    *,
    period: str | None,
) -> Iterable[Any]:
    """Rows of (day, *key, *sums): by the day where days are told apart, else in one, summed by the database.

    Sums of whole numbers become decimals in PostgreSQL: they are made whole again.
    """
    days = [day] if period else []
    query: Select[Any] = select(*days, *key, *sums).where(and_(True, *where)).group_by(*days, *key)
    for found in connection.execute(query):
        told = (*((found[0],) if days else (0,)), *found[len(days) :])
        split = 1 + len(key)
        yield (*told[:split], *(int(value or 0) for value in told[split:]))


_DIMENSIONS = {
    "country": daily_charges.c.country,
    "card_brand": daily_charges.c.card_brand,
    "reason": daily_charges.c.failure_reason,
}


def read_tries(
    connection: Connection, span: Span, currency: str | None, by: str | None
) -> tuple[dict[str, Tries], int]:
    """How the charges made in the period ended, by group of time, country, card brand or reason."""
    row, period = daily_charges.c, period_of(by)
    where = [*within(row.day, span), *([row.currency == currency] if currency else [])]
    key = (row.status, _DIMENSIONS.get(by or "", row.status))
    sums = (func.sum(row.count), func.sum(row.refunded_count), func.sum(row.disputed_count), func.count())
    tries: dict[str, Tries] = {}
    read = 0
    for day, status, value, count, refunded, disputed, rows in _by_day(
        connection, row.day, key, sums, where, period=period
    ):
        read += rows
        group = (value or "(unknown)") if by in _DIMENSIONS else group_of(day * DAY_S, period)
        one = tries.setdefault(group, Tries())
        if status == "failed":
            one.failed += count
        elif status == "succeeded":
            one.succeeded += count
            one.refunded += refunded
            one.disputed += disputed
    return tries, read


def failures_by_reason(tries: dict[str, Tries]) -> list[Figure]:
    """Each reason's failures, of all tries, the most frequent first."""
    from paydesk.skills.figures import share

    every = sum(one.succeeded + one.failed for one in tries.values())
    failed = sorted(
        ((one.failed, reason) for reason, one in tries.items() if one.failed), key=lambda it: (-it[0], it[1])
    )
    return [share(count, every, reason) for count, reason in failed]


def read_books_of_charges(connection: Connection, span: Span, currency: str | None, by: str) -> tuple[Books, int]:
    """What charges captured and gave back, by country or card brand, in the currency paid, by the day of the charge."""
    row = daily_charges.c
    where = [*within(row.day, span), row.status == "succeeded", *([row.currency == currency] if currency else [])]
    sums = (
        func.sum(row.count),
        func.sum(row.amount_captured_minor),
        func.sum(row.amount_refunded_minor),
        func.count(),
    )
    books: Books = {}
    read = 0
    for _, value, code, count, captured, refunded, rows in _by_day(
        connection, row.day, (_DIMENSIONS[by], row.currency), sums, where, period=None
    ):
        read += rows
        book = books.setdefault(value or "(unknown)", {}).setdefault(code, Book())
        book.charged_minor += captured
        book.refunded_minor += refunded
        book.payments += count
    return books, read


def read_new_customers(connection: Connection, span: Span, by: str | None) -> tuple[list[Figure], int]:
    """How many customers were created, by group of time."""
    row, period = daily_customers.c, period_of(by)
    counts: dict[str, int] = {}
    read = 0
    for day, count, rows in _by_day(
        connection, row.day, (), (func.sum(row.count), func.count()), within(row.day, span), period=period
    ):
        read += rows
        group = group_of(day * DAY_S, period)
        counts[group] = counts.get(group, 0) + count
    figures = [Figure(group=group or None, count=count) for group, count in sorted(counts.items()) if count]
    return figures or [Figure(count=0)], read


def read_charges_of(
    connection: Connection, customer: str, span: Span, currency: str | None, each: Callable[[Any], None]
) -> int:
    """Hand every charge of one customer to `each`; how many there were."""
    row = charges.c
    where = [row.customer == customer, row.deleted.is_(False), *bounds(row.created, span)]
    if currency:
        where.append(row.currency == currency)
    found = connection.execute(select(charges).where(and_(*where))).all()
    for one in found:
        each(one)
    return len(found)


def books_of_one(
    connection: Connection, customer: str, span: Span, currency: str | None, by: str | None
) -> tuple[Books, int]:
    """One customer's payments in the currencies paid, by group of time."""
    books: Books = {}
    period = period_of(by)

    def add(charge: Any) -> None:
        if not charge.paid or not charge.captured:
            return
        book = books.setdefault(group_of(charge.created, period), {}).setdefault(charge.currency, Book())
        book.charged_minor += charge.amount_captured_minor
        book.refunded_minor += charge.amount_refunded_minor
        book.payments += 1

    return books, read_charges_of(connection, customer, span, currency, add)


def tries_of_one(
    connection: Connection, customer: str, span: Span, currency: str | None, by: str | None
) -> tuple[dict[str, Tries], int]:
    """How one customer's charges ended, by group of time."""
    tries: dict[str, Tries] = {}
    period = period_of(by)

    def add(charge: Any) -> None:
        one = tries.setdefault(group_of(charge.created, period), Tries())
        one.failed += charge.status == "failed"
        if charge.status == "succeeded":
            one.succeeded += 1
            one.refunded += charge.amount_refunded_minor > 0
            one.disputed += bool(charge.disputed)

    return tries, read_charges_of(connection, customer, span, currency, add)
