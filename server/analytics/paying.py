"""Who paid most, how much hangs on them, and what was sold: over the columns of charges and invoices."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paydesk.skills.books import Span
from paydesk.skills.period import seconds

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_KEPT = """
    WITH kept AS (
        SELECT currency, customer, sum(amount_captured_minor - amount_refunded_minor) AS amount, count(*) AS payments
        FROM charges
        WHERE paid AND captured AND NOT deleted AND created >= $start AND created < $end
              AND ($currency IS NULL OR currency = $currency)
        GROUP BY currency, customer
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY currency ORDER BY amount DESC, customer) AS place
        FROM kept WHERE customer IS NOT NULL
    )
"""


@dataclass(frozen=True)
class Paid:
    """What one customer (or one product, by its id) brought in one currency."""

    currency: str
    whose: str
    amount_minor: int


@dataclass(frozen=True)
class Concentrated:
    """What the first customers brought of all, in one currency."""

    currency: str
    first_minor: int
    all_minor: int
    first: int
    customers: int


def _period(span: Span, currency: str | None) -> dict[str, Any]:
    start = seconds(span.start) if span.start else 0
    end = seconds(span.end) if span.end else 2**62
    return {"start": start, "end": end, "currency": currency}


def charges_in(connection: "DuckDBPyConnection", span: Span, currency: str | None) -> int:
    """How many charges were made in the period."""
    found = connection.execute(
        "SELECT count(*) FROM charges WHERE NOT deleted AND created >= $start AND created < $end "
        "AND ($currency IS NULL OR currency = $currency)",
        _period(span, currency),
    ).fetchone()
    return int(found[0]) if found else 0


def who_paid_most(
    connection: "DuckDBPyConnection", span: Span, currency: str | None, limit: int
) -> tuple[list[Paid], bool]:
    """The first customers of each currency by what they paid less refunds; whether there are more."""
    found = connection.execute(
        _KEPT + "SELECT currency, customer, amount FROM ranked WHERE place <= $limit + 1 ORDER BY currency, place",
        {**_period(span, currency), "limit": limit},
    ).fetchall()
    return _first(found, limit)


def _first(found: list[Any], limit: int) -> tuple[list[Paid], bool]:
    shown: list[Paid] = []
    counts: dict[str, int] = {}
    for currency, whose, amount in found:
        counts[currency] = counts.get(currency, 0) + 1
        if counts[currency] <= limit:
            shown.append(Paid(currency, whose, int(amount)))
    return shown, len(shown) < len(found)


def concentrated(connection: "DuckDBPyConnection", span: Span, currency: str | None, limit: int) -> list[Concentrated]:
    """How much of each currency the first customers brought; payments without a customer are in the whole."""
    found = connection.execute(
        _KEPT
        + """
        SELECT all_of.currency, coalesce(sum(ranked.amount) FILTER (place <= $limit), 0), any_value(all_of.amount),
               count(ranked.customer) FILTER (place <= $limit), count(ranked.customer)
        FROM (SELECT currency, sum(amount) AS amount FROM kept GROUP BY currency) AS all_of
        LEFT JOIN ranked USING (currency) GROUP BY all_of.currency ORDER BY all_of.currency
        """,
        {**_period(span, currency), "limit": limit},
    ).fetchall()
    return [Concentrated(code, int(first), int(whole), int(n), int(of)) for code, first, whole, n, of in found]


def sold(
    connection: "DuckDBPyConnection", span: Span, currency: str | None, limit: int
) -> tuple[list[Paid], bool, int]:
    """What invoices that were paid billed, by product (its id, or empty); whether there are more; lines read."""
    found = connection.execute(
        """
        WITH lines AS (
            SELECT invoice_lines.currency, coalesce(product, '') AS product, amount_minor
            FROM invoice_lines JOIN invoices ON invoices.id = invoice_lines.invoice
            WHERE invoices.status = 'paid' AND NOT invoice_lines.deleted
                  AND invoices.created >= $start AND invoices.created < $end
                  AND ($currency IS NULL OR invoice_lines.currency = $currency)
        ), summed AS (
            SELECT currency, product, sum(amount_minor) AS amount, sum(count(*)) OVER () AS lines
            FROM lines GROUP BY currency, product
        )
        SELECT currency, product, amount, lines FROM summed
        QUALIFY row_number() OVER (PARTITION BY currency ORDER BY amount DESC, product) <= $limit + 1
        ORDER BY currency, amount DESC, product
        """,
        {**_period(span, currency), "limit": limit},
    ).fetchall()
    shown, has_more = _first([row[:3] for row in found], limit)
    return shown, has_more, int(found[0][3]) if found else 0
