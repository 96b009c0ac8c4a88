"""One-off orders: what customers bought, which payments failed and why, what was given back, what was disputed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from paydesk.server.sandbox.business.calendar import DAY_S, HOUR_S, TODAY_ENDS_AFTER_S, Span, moment
from paydesk.server.sandbox.business.customers import Customer
from paydesk.server.sandbox.business.plans import DEMO_AMOUNT_MINOR, WARES, Ware

# Decline codes and how common each is; insufficient funds lead everywhere.
DECLINES: Final = {
    "insufficient_funds": 44, "generic_decline": 22, "expired_card": 9, "incorrect_cvc": 7, "processing_error": 5,
    "card_velocity_exceeded": 5, "lost_card": 3, "stolen_card": 2, "fraudulent": 3,
}  # fmt: skip
_REASONS: Final = ("requested_by_customer",) * 6 + ("duplicate",) * 2 + ("fraudulent",) + (None,) * 3
# Every month has at least so many failures, in dollars, above and below this amount.
FAILURES_A_MONTH: Final = 4
THRESHOLD_MINOR: Final = 5_000
_DISPUTES_PER_MILLE: Final = 7
_REFUNDS_PER_MILLE: Final = 32


@dataclass(frozen=True, slots=True)
class Returned:
    """A refund: when, how much of the order in percent, and the reason given."""

    at: int
    percent: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Contested:
    """A dispute: when it was opened, why, and how it ends: answered with evidence, won, lost, or left open."""

    at: int
    reason: str
    ending: str
    is_inquiry: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """One payment to be tried. `decline` is why the first try fails, `retried_at` when a second one succeeds.

    `ending`: "" (paid or failed), "canceled", "held" (authorised, not captured), "untried", "asked" (waits for the
    cardholder's bank).
    """

    customer: Customer
    at: int
    amount_minor: int
    currency: str
    description: str
    decline: str | None = None
    retried_at: int | None = None
    returned: tuple[Returned, ...] = ()
    contested: Contested | None = None
    ending: str = ""


def draw(rng: random.Random, span: Span, customers: list[Customer]) -> list[Order]:
    """Every order from the first day until today, oldest first."""
    drawn: list[Order] = []
    for since, until in span.months():
        month = [order for customer in customers for order in _month(rng, customer, since, until)]
        drawn += _with_failures(rng, span, customers, month, (since, until))
    drawn = [_with_aftermath(rng, span, order) for order in drawn]
    drawn += _today(rng, span, customers)
    drawn += _open_ends(rng, span, customers)
    return sorted(drawn, key=lambda order: (order.at, order.customer.number, order.amount_minor))


def _month(rng: random.Random, customer: Customer, since: int, until: int) -> Iterator[Order]:
    first = max(since, customer.joined_at - customer.joined_at % DAY_S + DAY_S)
    last = min(until, customer.left_at or until)
    # The demo's refund needs a known last payment, so that its owner's own orders stop in time.
    last = min(last, until - 3 * DAY_S) if customer.is_demo else last
    if last <= first:
        return
    wanted = customer.orders_a_month * (last - first) / (30 * DAY_S)
    for _ in range(int(wanted) + (rng.random() < wanted % 1)):
        yield _order(rng, customer, moment(rng, first, last))


def _order(rng: random.Random, customer: Customer, at: int, ware: Ware | None = None) -> Order:
    ware = ware or rng.choices(WARES, [one.share for one in WARES])[0]
    packs = rng.randrange(1, ware.most + 1)
    text = f"{packs} × {ware.name}" if packs > 1 else ware.name
    return Order(customer, at, ware.unit[customer.currency] * packs, customer.currency, text)


def _with_failures(
    rng: random.Random, span: Span, customers: list[Customer], month: list[Order], bounds: tuple[int, int]
) -> list[Order]:
    """The month with its failures: one in sixteen by chance, most paid later, and the promised few that stay."""
    tried = [_failing(rng, span, order) if rng.randrange(16) == 0 else order for order in month]
    present = [one for one in customers if one.currency == "usd" and _is_there(one, *bounds) and not one.is_demo]
    big, small = WARES[1], WARES[0]
    # A month that has just begun gets its share of them, but always one of each.
    wanted = max(1, FAILURES_A_MONTH * min(20, (bounds[1] - bounds[0]) // DAY_S) // 20)
    for is_big in (True, False) * wanted:
        customer = rng.choice(present)
        order = _order(
            rng, customer, moment(rng, max(bounds[0], customer.joined_at), bounds[1]), big if is_big else small
        )
        order = replace(order, amount_minor=order.amount_minor if is_big else small.unit["usd"])
        order = order if is_big else replace(order, description=small.name)
        tried.append(replace(order, at=min(order.at, bounds[1] - 1), decline=_decline(rng)))
    return tried


def _is_there(customer: Customer, since: int, until: int) -> bool:
    return customer.joined_at < until - DAY_S and (customer.left_at is None or customer.left_at > until)


def _decline(rng: random.Random) -> str:
    return rng.choices(list(DECLINES), list(DECLINES.values()))[0]


def _failing(rng: random.Random, span: Span, order: Order) -> Order:
    if order.customer.is_demo:
        return order
    again = order.at + rng.choice((300, HOUR_S, 5 * HOUR_S, DAY_S))
    is_mended = rng.randrange(10) < 6 and again < span.today
    return replace(order, decline=_decline(rng), retried_at=again if is_mended else None)


def _with_aftermath(rng: random.Random, span: Span, order: Order) -> Order:
    """The order with what came after it: some are refunded, a few disputed."""
    if order.decline or order.customer.is_demo:
        return order
    chance = rng.randrange(1_000)
    if chance < _DISPUTES_PER_MILLE:
        return replace(order, contested=_contested(rng, span, order))
    if chance < _DISPUTES_PER_MILLE + _REFUNDS_PER_MILLE:
        return replace(order, returned=_returned(rng, span, order))
    return order


def _returned(rng: random.Random, span: Span, order: Order) -> tuple[Returned, ...]:
    first = order.at + HOUR_S + rng.randrange(18 * DAY_S)
    if rng.randrange(10) < 6:
        parts = [(first, 100)]
    elif rng.randrange(3):
        parts = [(first, rng.choice((10, 20, 25, 50, 75)))]
    else:
        parts = [(first, 30), (first + rng.randrange(DAY_S, 6 * DAY_S), 20)]
    return tuple(Returned(at, percent, rng.choice(_REASONS)) for at, percent in parts if at < span.today)


def _contested(rng: random.Random, span: Span, order: Order) -> Contested | None:
    at = order.at + rng.randrange(3 * DAY_S, 30 * DAY_S)
    # What is younger than its evidence's due date is drawn on purpose, below.
    if at > span.today - 40 * DAY_S:
        return None
    reason = rng.choice(("fraudulent", "fraudulent", "product_not_received", "product_unacceptable", "duplicate"))
    return Contested(at, reason, rng.choice(("won", "won", "lost", "unanswered")), is_inquiry=rng.randrange(8) == 0)


def _today(rng: random.Random, span: Span, customers: list[Customer]) -> list[Order]:
    """Yesterday's and today's orders that are promised: the demo customer's, and some of today's first minutes."""
    demo = next(one for one in customers if one.is_demo)
    at = span.today - DAY_S + 15 * HOUR_S + rng.randrange(4 * HOUR_S)
    found = [Order(demo, at, DEMO_AMOUNT_MINOR, "usd", "Text messages, winter offer")]
    present = [one for one in customers if _is_there(one, span.today - DAY_S, span.today) and not one.is_demo]
    for currency in ("usd", "usd", "eur", "gbp", "jpy"):
        someone = rng.choice([one for one in present if one.currency == currency])
        found.append(_order(rng, someone, span.today + rng.randrange(TODAY_ENDS_AFTER_S - 60)))
    return found


def _open_ends(rng: random.Random, span: Span, customers: list[Customer]) -> list[Order]:
    """Recent orders that are in the middle of something: open disputes, holds, abandoned checkouts."""
    plain = [one for one in customers if one.left_at is None and not one.is_peculiar]

    def some(days_ago: int) -> Order:
        since = span.today - days_ago * DAY_S
        there = [one for one in plain if one.joined_at < since]
        return _order(rng, rng.choice(there), moment(rng, since, since + DAY_S))

    found = []
    for number, (paid, opened) in enumerate(((20, 5), (16, 3), (13, 2), (9, 1))):
        at = span.today - opened * DAY_S + rng.randrange(20 * HOUR_S)
        reason = ("fraudulent", "product_not_received", "fraudulent", "duplicate")[number]
        found.append(replace(some(paid), contested=Contested(at, reason, "open")))
    for paid, opened in ((38, 24), (34, 17), (30, 12)):
        at = span.today - opened * DAY_S + rng.randrange(20 * HOUR_S)
        found.append(replace(some(paid), contested=Contested(at, "product_not_received", "answered")))
    found += [replace(some(days), ending="held") for days in (4, 2)]
    found += [replace(some(days), ending="canceled") for days in range(24, 420, 30)]
    found += [replace(some(days), ending="untried") for days in (11, 6, 3)]
    found += [replace(some(2), ending="asked")]
    return found
