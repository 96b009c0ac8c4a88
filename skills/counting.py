"""Each metric's figures, counted from Stripe's objects over a period; `COUNTING` names those that can be."""

from collections.abc import Awaitable, Callable, Mapping

from paydesk.skills import period
from paydesk.skills.books import (
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
from paydesk.skills.figures import DAYS, Asked, Counted, Figure, share
from paydesk.skills.from_books import OF_BOOKS, RATES, figures_of_books, figures_of_tries
from paydesk.skills.hostile_text import clean
from paydesk.skills.metrics import PERIODS, Metric
from paydesk.skills.money import money
from paydesk.skills.recurring_revenue import churned, mrr_minor, subscribed


async def _of_books(asked: Asked, span: Span) -> Counted:
    books, looked_at = await _books(asked, span)
    return Counted(figures_of_books(asked.metric, books), looked_at)


async def _books(asked: Asked, span: Span) -> tuple[Books, int]:
    by = _period(asked.group_by)
    if asked.customer is not None:
        return await books_of_customer(asked.stripe, asked.customer, span, currency=asked.currency, group_by=by)
    return await books_of(asked.stripe, span, currency=asked.currency, group_by=by)


async def _rate(asked: Asked, span: Span) -> Counted:
    tries, looked_at = await tries_of(
        asked.stripe, span, currency=asked.currency, customer=asked.customer, group_by=_period(asked.group_by)
    )
    return Counted(figures_of_tries(asked.metric, tries), looked_at)


async def _new_customers(asked: Asked, span: Span) -> Counted:
    counts: dict[str, int] = {}

    def add(customer: Mapping[str, object]) -> None:
        group = group_of(int(str(customer["created"])), _period(asked.group_by))
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
    running = [one for one in counted if (one.counts_at(at) if past else one.counts_now and one.a_month_minor > 0)]
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
    return Counted([share(left, there, None)], len(counted))


async def _ltv(asked: Asked, span: Span) -> Counted:
    if asked.customer is not None:
        books, looked_at = await _books(asked, span)
        return Counted(figures_of_books("revenue", books), looked_at)
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
COUNTING: Mapping[Metric, Count] = {
    **dict.fromkeys(OF_BOOKS, _of_books),
    **dict.fromkeys(RATES, _rate),
    "new_customers": _new_customers,
    "top_customers": _top_customers,
    "mrr": _recurring,
    "arr": _recurring,
    "churn": _churn,
    "ltv": _ltv,
}


def can_count(asked: Asked) -> bool:
    """Whether Stripe's lists are enough for it; the rest takes what the mirror holds."""
    recurring = asked.metric in ("mrr", "arr")
    return asked.metric in COUNTING and (asked.group_by is None or (_is_period(asked.group_by) and not recurring))


async def count(asked: Asked, span: Span) -> Counted:
    """The figures from Stripe's own lists. Raises SkillError where that cannot be."""
    return await COUNTING[asked.metric](asked, span)


def _is_period(by: str | None) -> bool:
    return by in PERIODS


def _period(by: str | None) -> GroupBy | None:
    return next((one for one in PERIODS if one == by), None)
