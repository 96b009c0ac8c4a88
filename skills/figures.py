"""Each metric's figures, counted from Stripe's objects over a period; `COUNTING` names them all."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from paydesk.skills import period
from paydesk.skills.base import Result, StripeReader
from paydesk.skills.books import (
    Book,
    Books,
    GroupBy,
    Span,
    books_of,
    books_of_customer,
    group_of,
    read_all,
    spent_by_customer,
    tries_of,
)
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.money import Money, money
from paydesk.skills.recurring_revenue import churned, mrr_minor, subscribed

Metric = Literal[
    "revenue",
    "volume",
    "net_volume",
    "fees",
    "refunds",
    "payment_count",
    "average_payment",
    "failure_rate",
    "refund_rate",
    "dispute_rate",
    "new_customers",
    "top_customers",
    "mrr",
    "arr",
    "churn",
    "ltv",
]
#: Where no period is asked for, the last so many days.
DAYS = 30


class Figure(Result):
    """One figure: `amount` per currency, or `count` (`of` all, where it is a share: `percent`)."""

    group: str | None = None
    amount: Money | None = None
    percent: str | None = None
    count: int | None = None
    of: int | None = None

    def line(self) -> str:
        """The figure in words."""
        told = [self.group, self.amount.text if self.amount else None, self.percent, _counted(self)]
        return " ".join(part for part in told if part)


def _counted(figure: Figure) -> str | None:
    if figure.count is None:
        return None
    if figure.of is not None:
        return f"({figure.count:,} of {figure.of:,})"
    return f"({figure.count:,})" if figure.amount else f"{figure.count:,}"


@dataclass(frozen=True)
class Counted:
    """Figures, how many objects were read for them, and what has to be said about how they were come by."""

    figures: list[Figure]
    looked_at: int
    caveat: str = ""
    has_more: bool = False


@dataclass(frozen=True)
class Asked:
    """What a count needs besides its period: `customer` is an id, `now` in seconds."""

    metric: Metric
    stripe: StripeReader
    now: int
    customer: str | None = None
    currency: str | None = None
    group_by: GroupBy | None = None
    limit: int = 10


def _money_metric(value: Callable[[Book], int]) -> "Count":
    async def count(asked: Asked, span: Span) -> Counted:
        books, looked_at = await _books(asked, span)
        figures = [
            Figure(group=group or None, amount=money(value(book), currency))
            for group, by_currency in sorted(books.items())
            for currency, book in sorted(by_currency.items())
        ]
        return Counted(figures, looked_at)

    return count


async def _books(asked: Asked, span: Span) -> tuple[Books, int]:
    how = {"currency": asked.currency, "group_by": asked.group_by}
    if asked.customer is not None:
        return await books_of_customer(asked.stripe, asked.customer, span, **how)  # type: ignore[arg-type]
    return await books_of(asked.stripe, span, **how)  # type: ignore[arg-type]


async def _payment_count(asked: Asked, span: Span) -> Counted:
    books, looked_at = await _books(asked, span)
    counts = {group: sum(book.payments for book in books[group].values()) for group in sorted(books)}
    figures = [Figure(group=group or None, count=count) for group, count in counts.items()]
    return Counted(figures or [Figure(count=0)], looked_at)


async def _average(asked: Asked, span: Span) -> Counted:
    books, looked_at = await _books(asked, span)
    figures = [
        Figure(
            group=group or None,
            amount=money((2 * book.charged_minor + book.payments) // (2 * book.payments), currency),
            count=book.payments,
        )
        for group, by_currency in sorted(books.items())
        for currency, book in sorted(by_currency.items())
        if book.payments
    ]
    return Counted(figures, looked_at)


def _rate(part: str) -> "Count":
    async def count(asked: Asked, span: Span) -> Counted:
        tries, looked_at = await tries_of(
            asked.stripe,
            span,
            currency=asked.currency,
            customer=asked.customer,
            group_by=asked.group_by,
        )
        figures = []
        for group, one in sorted(tries.items()):
            whole = one.succeeded + (one.failed if part == "failed" else 0)
            figures.append(_share(int(getattr(one, part)), whole, group or None))
        return Counted(figures or [_share(0, 0, None)], looked_at)

    return count


def _share(part: int, whole: int, group: str | None) -> Figure:
    """A share in percent with one decimal, half up; no percentage of nothing."""
    tenths = (2_000 * part + whole) // (2 * whole) if whole else None
    told = f"{tenths // 10}.{tenths % 10}%" if tenths is not None else None
    return Figure(group=group, percent=told, count=part, of=whole)


async def _new_customers(asked: Asked, span: Span) -> Counted:
    counts: dict[str, int] = {}

    def add(customer: Mapping[str, object]) -> None:
        group = group_of(int(str(customer["created"])), asked.group_by)
        counts[group] = counts.get(group, 0) + 1

    looked_at = await read_all(asked.stripe, "/v1/customers", span, each=add)
    figures = [Figure(group=group or None, count=count) for group, count in sorted(counts.items())]
    return Counted(figures or [Figure(count=0)], looked_at, caveat=" Customers deleted since are not in it.")


async def _top_customers(asked: Asked, span: Span) -> Counted:
    spent, looked_at = await spent_by_customer(asked.stripe, span, currency=asked.currency)
    figures = []
    for currency, by_customer in sorted(spent.items()):
        best = sorted(by_customer.values(), key=lambda one: (-one[1], str(one[0].customer_id)))[: asked.limit]
        figures += [
            Figure(group=clean(f"{payment.customer} {payment.customer_id}", 90), amount=money(kept, currency))
            for payment, kept in best
        ]
    has_more = any(len(by_customer) > asked.limit for by_customer in spent.values())
    return Counted(figures, looked_at, has_more=has_more)


async def _recurring(asked: Asked, span: Span) -> Counted:
    counted = await subscribed(asked.stripe, customer=asked.customer, currency=asked.currency)
    now = asked.now
    at = period.seconds(span.end) - 1 if span.end else now
    past = at < now
    running = [one for one in counted if (one.counts_at(at) if past else one.counts_now)]
    times = 12 if asked.metric == "arr" else 1
    figures = [
        Figure(amount=money(total * times, currency), count=sum(one.currency == currency for one in running))
        for currency, total in sorted(mrr_minor(running).items())
    ]
    caveat = " Past figures take each subscription at its present price." if past else ""
    return Counted(figures, len(counted), caveat)


async def _churn(asked: Asked, span: Span) -> Counted:
    counted = await subscribed(asked.stripe, customer=asked.customer, currency=asked.currency)
    if span.start is None:
        raise SkillError("Churn needs the first day of its period.", code="start_missing", field="start")
    end = period.seconds(span.end) if span.end else asked.now
    left, there = churned(counted, period.seconds(span.start), min(end, asked.now))
    return Counted([_share(left, there, None)], len(counted))


async def _ltv(asked: Asked, span: Span) -> Counted:
    if asked.customer is not None:
        return await _money_metric(lambda book: book.revenue_minor)(asked, span)
    counted = await subscribed(asked.stripe, customer=None, currency=asked.currency)
    now = asked.now
    figures = []
    for currency, mrr in sorted(mrr_minor(one for one in counted if one.counts_now).items()):
        own = [one for one in counted if one.currency == currency]
        subscribers = len({one.customer for one in own if one.counts_now and one.a_month_minor > 0})
        left, there = churned(own, now - DAYS * 86_400, now)
        if left and subscribers:
            figures.append(Figure(amount=money(mrr * there // (subscribers * left), currency), count=subscribers))
    return Counted(figures, len(counted), "" if figures else " Nobody left, so there is no end to divide by.")


Count = Callable[[Asked, Span], Awaitable[Counted]]
COUNTING: Mapping[str, Count] = {
    "revenue": _money_metric(lambda book: book.revenue_minor),
    "volume": _money_metric(lambda book: book.charged_minor),
    "net_volume": _money_metric(lambda book: book.net_minor),
    "fees": _money_metric(lambda book: book.fees_minor),
    "refunds": _money_metric(lambda book: book.refunded_minor),
    "payment_count": _payment_count,
    "average_payment": _average,
    "failure_rate": _rate("failed"),
    "refund_rate": _rate("refunded"),
    "dispute_rate": _rate("disputed"),
    "new_customers": _new_customers,
    "top_customers": _top_customers,
    "mrr": _recurring,
    "arr": _recurring,
    "churn": _churn,
    "ltv": _ltv,
}
