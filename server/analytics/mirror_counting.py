"""Each metric's figures from the mirror: the counterpart of skills/counting.py, over the same books."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from paydesk.server.analytics import rollups
from paydesk.server.analytics.expecting import expect_payouts, expect_revenue, find_anomalies
from paydesk.server.analytics.lake import Lake, MirrorStore
from paydesk.server.analytics.paying import Paid, charges_in, concentrated, sold, who_paid_most
from paydesk.server.analytics.recurring_figures import RECURRING
from paydesk.server.store.mirror_schema import customers, products
from paydesk.skills.books import Span
from paydesk.skills.figures import Asked, Counted, Figure, percent
from paydesk.skills.from_books import OF_BOOKS, RATES, figures_of_books, figures_of_tries
from paydesk.skills.hostile_text import clean
from paydesk.skills.metrics import Metric
from paydesk.skills.money import money
from paydesk.skills.who import label

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Reading:
    """The mirror's rows and daily sums, and its columns."""

    store: MirrorStore
    lake: Lake


Way = Callable[[Reading, Asked, Span], Awaitable[Counted]]


def ways(asked: Asked) -> Way:
    """How this is counted."""
    if asked.group_by == "product":
        return _by_product
    if asked.group_by in ("country", "card_brand") and asked.metric in OF_BOOKS:
        return _by_charges
    return _WAYS[asked.metric]


async def _of_books(reading: Reading, asked: Asked, span: Span) -> Counted:
    if asked.customer is not None:
        of_one = partial(
            rollups.books_of_one, customer=asked.customer, span=span, currency=asked.currency, by=asked.group_by
        )
        books, read = await reading.store.read(of_one)
    else:
        look = partial(rollups.read_books, span=span, currency=asked.currency, by=asked.group_by)
        books, read = await reading.store.read(look)
    return Counted(figures_of_books("revenue" if asked.metric == "ltv" else asked.metric, books), read)


async def _by_charges(reading: Reading, asked: Asked, span: Span) -> Counted:
    look = partial(rollups.read_books_of_charges, span=span, currency=asked.currency, by=str(asked.group_by))
    books, read = await reading.store.read(look)
    figures = sorted(figures_of_books(asked.metric, books), key=_largest_first)
    shown = _first_of_each(figures, asked.limit)
    return Counted(shown, read, has_more=len(figures) > len(shown))


def _first_of_each(figures: list[Figure], limit: int) -> list[Figure]:
    """The first figures of each currency, so that the first currency does not hide the others."""
    counts: Counter[str] = Counter()
    shown = []
    for figure in figures:
        currency = figure.amount.currency if figure.amount else ""
        counts[currency] += 1
        if counts[currency] <= limit:
            shown.append(figure)
    return shown


def _largest_first(figure: Figure) -> tuple[str, int, str]:
    amount = figure.amount
    value = amount.amount_minor if amount else figure.count or 0
    return (amount.currency if amount else "", -value, figure.group or "")


async def _rate(reading: Reading, asked: Asked, span: Span) -> Counted:
    if asked.customer is not None:
        of_one = partial(
            rollups.tries_of_one, customer=asked.customer, span=span, currency=asked.currency, by=asked.group_by
        )
        tries, read = await reading.store.read(of_one)
    else:
        look = partial(rollups.read_tries, span=span, currency=asked.currency, by=asked.group_by)
        tries, read = await reading.store.read(look)
    if asked.group_by == "reason":
        return Counted(rollups.failures_by_reason(tries), read)
    return Counted(figures_of_tries(asked.metric, tries), read)


async def _new_customers(reading: Reading, asked: Asked, span: Span) -> Counted:
    figures, read = await reading.store.read(partial(rollups.read_new_customers, span=span, by=asked.group_by))
    return Counted(figures, read, caveat=" Customers deleted since are not in it.")


async def _top_customers(reading: Reading, asked: Asked, span: Span) -> Counted:
    def look(connection: "DuckDBPyConnection") -> tuple[list[Paid], bool, int]:
        shown, more = who_paid_most(connection, span, asked.currency, asked.limit)
        return shown, more, charges_in(connection, span, asked.currency)

    shown, has_more, read = await reading.lake.ask(look)
    names = await reading.store.read(partial(_names, [one.whose for one in shown], of="customers"))
    figures = [
        Figure(group=clean(f"{names[one.whose]} {one.whose}", 90), amount=money(one.amount_minor, one.currency))
        for one in shown
    ]
    return Counted(figures, read, has_more=has_more)


def _names(ids: list[str], connection: Connection, *, of: str) -> dict[str, str]:
    """How each customer or product is called; its id where that is not known."""
    if of == "customers":
        row = customers.c
        found = connection.execute(select(row.id, row.name, row.email).where(row.id.in_(ids))).all()
        named = {one.id: label({"id": one.id, "name": one.name, "email": one.email}) for one in found}
    else:
        named = {
            one.id: clean(one.name, 60) if one.name else one.id
            for one in connection.execute(select(products.c.id, products.c.name).where(products.c.id.in_(ids)))
        }
    return {one: named.get(one, one) for one in ids}


async def _concentration(reading: Reading, asked: Asked, span: Span) -> Counted:
    def look(connection: "DuckDBPyConnection") -> tuple[list[Figure], int]:
        found = concentrated(connection, span, asked.currency, asked.limit)
        figures = [
            Figure(
                part=f"first {one.first:,} customers",
                amount=money(one.first_minor, one.currency),
                percent=percent(one.first_minor, one.all_minor),
                count=one.first,
                of=one.customers,
            )
            for one in found
        ]
        return figures, charges_in(connection, span, asked.currency)

    figures, read = await reading.lake.ask(look)
    return Counted(figures, read)


async def _by_product(reading: Reading, asked: Asked, span: Span) -> Counted:
    def look(connection: "DuckDBPyConnection") -> tuple[list[Paid], bool, int]:
        return sold(connection, span, asked.currency, asked.limit)

    shown, has_more, read = await reading.lake.ask(look)
    names = await reading.store.read(partial(_names, [one.whose for one in shown if one.whose], of="products"))
    figures = [
        Figure(
            group=f"{names[one.whose]} {one.whose}" if one.whose else "(no product)",
            amount=money(one.amount_minor, one.currency),
        )
        for one in shown
    ]
    return Counted(figures, read, has_more=has_more)


async def _recurring(reading: Reading, asked: Asked, span: Span) -> Counted:
    if asked.metric == "ltv" and asked.customer is not None:
        return await _of_books(reading, asked, span)
    return await reading.lake.ask(lambda connection: RECURRING[asked.metric](connection, asked, span))


async def _expected(reading: Reading, asked: Asked, span: Span) -> Counted:
    if asked.metric == "payout_forecast":
        return await reading.store.read(partial(expect_payouts, now=asked.now, currency=asked.currency))
    by = rollups.period_of(asked.group_by)
    if asked.metric == "forecast":
        return await reading.store.read(partial(expect_revenue, asked=asked, by=by or "month", span=span))
    if span.start is None or span.end is None:
        span = Span(None, None)
    return await reading.store.read(partial(find_anomalies, asked=asked, span=span))


_WAYS: Mapping[Metric, Way] = {
    **dict.fromkeys(OF_BOOKS, _of_books),
    **dict.fromkeys(RATES, _rate),
    **dict.fromkeys(RECURRING, _recurring),
    "new_customers": _new_customers,
    "top_customers": _top_customers,
    "concentration": _concentration,
    "payout_forecast": _expected,
    "forecast": _expected,
    "anomalies": _expected,
}
