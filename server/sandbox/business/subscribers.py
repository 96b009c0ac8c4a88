"""Subscribers: who takes which plan when, changes it, falls behind, and leaves."""

import random
from dataclasses import dataclass, replace
from typing import Final

from paydesk.server.sandbox.business.calendar import DAY_S, HOUR_S, Span, add_months
from paydesk.server.sandbox.business.customers import Customer
from paydesk.server.sandbox.business.plans import PLANS

TRIAL_DAYS: Final = 14
_SUBSCRIBE_PERCENT: Final = 66
_FEEDBACK: Final = (
    *("too_expensive",) * 4, *("unused",) * 3, *("missing_features",) * 3, *("switched_service",) * 2,
    "customer_service", "too_complex", "low_quality", "other",
)  # fmt: skip
# Test cards (cards.py) that stand in for a card that has begun to fail.
_FAILING_CARDS: Final = (
    *("chargeDeclinedInsufficientFunds",) * 6, *("chargeCustomerFail",) * 2, "chargeDeclinedExpiredCard",
    "chargeDeclinedVelocityLimitExceeded",
)  # fmt: skip
# A renewal is charged an hour after it is drafted; nothing of that should fall on the business's last day.
_RENEWAL_TAKES_S: Final = 2 * HOUR_S
_PAST_DUE: Final = 6
_UNPAID: Final = 3
_GIVES_UP_AFTER_S: Final = 13 * DAY_S


@dataclass(frozen=True, slots=True)
class Change:
    """Another plan or quantity from a moment on; the difference is prorated."""

    at: int
    plan: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """From `at` on the card fails, until `mended_at`; None: it stays so. At `gives_up_at` the business stops trying."""

    at: int
    card: str
    mended_at: int | None = None
    gives_up_at: int | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """The customer cancels: at once or for the end of the period, and says why."""

    at: int
    at_period_end: bool
    feedback: str


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A customer's subscription as drawn. `is_declined`: the first payment fails, so that it never begins."""

    customer: Customer
    at: int
    plan: str
    interval: str
    quantity: int = 1
    trial_days: int = 0
    change: Change | None = None
    trouble: Trouble | None = None
    leaving: Leaving | None = None
    is_declined: bool = False


def draw(rng: random.Random, span: Span, customers: list[Customer]) -> list[Subscriber]:
    """Every subscription of eighteen months, in the order of their customers."""
    drawn = []
    for customer in customers:
        wants = rng.randrange(100) < _SUBSCRIBE_PERCENT or _is_new(span, customer)
        if customer.is_demo:
            drawn.append(_of_demo(span, customer))
        elif wants and customer.joined_at < span.today - DAY_S:
            drawn.append(_subscriber(rng, span, customer))
    return _with_present_troubles(rng, span, _with_false_starts(drawn))


def _with_false_starts(drawn: list[Subscriber]) -> list[Subscriber]:
    """A few never begin: their first payment is declined and nobody tries again."""
    plain = [place for place, one in enumerate(drawn) if not one.trial_days and not one.customer.is_peculiar]
    declined = {plain[len(plain) * part // 4] for part in (1, 3)}
    return [
        replace(one, is_declined=True, change=None, trouble=None, leaving=None) if place in declined else one
        for place, one in enumerate(drawn)
    ]


def _is_new(span: Span, customer: Customer) -> bool:
    """Whether the customer came so recently that a trial would still run; all of those try it."""
    return span.today - customer.joined_at < (TRIAL_DAYS - 2) * DAY_S


def _of_demo(span: Span, customer: Customer) -> Subscriber:
    """Renewed ten days ago, so that the last payment is the promised order."""
    return Subscriber(customer, add_months(span.today - 10 * DAY_S, -14) + 9 * HOUR_S, "pro", "month")


def _subscriber(rng: random.Random, span: Span, customer: Customer) -> Subscriber:
    plan = rng.choices(PLANS, [one.share + (one.share < 20) * 8 * customer.name.is_company for one in PLANS])[0].key
    interval = "year" if rng.randrange(100) < 15 else "month"
    trial_days = TRIAL_DAYS if rng.randrange(100) < 35 or _is_new(span, customer) else 0
    days_later = rng.choice((0, 0, 0, 1, 2, 5, 9))
    at = min(customer.joined_at + HOUR_S + days_later * DAY_S, span.today - DAY_S)
    while _meets_today(span, at + trial_days * DAY_S):
        at -= 5 * HOUR_S
    at = max(at, customer.joined_at + 60)
    quantity = rng.randrange(1, 7) if plan == "team" and customer.name.is_company else 1
    leaving = _leaving(rng, span, customer, at, trial_days)
    return _with_fate(rng, span, Subscriber(customer, at, plan, interval, quantity, trial_days, leaving=leaving))


def _with_fate(rng: random.Random, span: Span, drawn: Subscriber) -> Subscriber:
    """Some change their plan once, for some a renewal fails; neither in the first weeks nor the last."""
    anchor = drawn.at + drawn.trial_days * DAY_S
    stays_until = drawn.leaving.at if drawn.leaving else span.today - 25 * DAY_S
    renewals = [at for at in (add_months(anchor, number) for number in range(2, 20)) if at < stays_until - 20 * DAY_S]
    if drawn.interval == "year" or not renewals:
        return drawn
    renewal, fate = rng.choice(renewals), rng.randrange(100)
    if fate < 24:
        return replace(drawn, change=_change(rng, drawn.plan, drawn.quantity, renewal + rng.randrange(18 * DAY_S)))
    if fate < 40:
        # Retries go on for a fortnight: most cards are mended by then, the other subscriptions end.
        mended_at = renewal + rng.randrange(DAY_S, 12 * DAY_S) if fate < 35 else None
        return replace(drawn, trouble=Trouble(renewal - DAY_S, rng.choice(_FAILING_CARDS), mended_at))
    return drawn


def _meets_today(span: Span, anchor: int) -> bool:
    """Whether a monthly renewal of that anchor falls on the business's last day, or is being charged then."""
    months = 0
    while (renewal := add_months(anchor, months)) < span.today - _RENEWAL_TAKES_S:
        months += 1
    return renewal < span.today + DAY_S


def _leaving(rng: random.Random, span: Span, customer: Customer, at: int, trial_days: int) -> Leaving | None:
    if customer.left_at and customer.left_at > at:
        leaves = customer.left_at - 1_800
    else:
        # One in forty-five leaves each month.
        months = next((number for number in range(1, 40) if rng.randrange(45) == 0), 40)
        leaves = add_months(at, months) - rng.randrange(2 * DAY_S, 25 * DAY_S)
    if leaves >= span.today - 5 * DAY_S or leaves <= at + trial_days * DAY_S:
        return None
    # Those who had a yearly plan leave it at the period's end, which may be yet to come.
    return Leaving(leaves, rng.randrange(10) < 7, rng.choice(_FEEDBACK))


def _change(rng: random.Random, plan: str, quantity: int, at: int) -> Change:
    keys = [one.key for one in PLANS]
    place = keys.index(plan)
    up = rng.randrange(4) > 0
    if plan == "team" and up:
        return Change(at, plan, quantity + rng.randrange(1, 4))
    return Change(at, keys[min(3, place + 1) if up else max(0, place - 1)], 1)


def _with_present_troubles(rng: random.Random, span: Span, drawn: list[Subscriber]) -> list[Subscriber]:
    """Some subscriptions are past due today and some unpaid: their cards began to fail before their last renewal."""
    troubled: dict[int, Trouble] = {}
    for place, one in enumerate(drawn):
        if one.interval == "year" or one.leaving or one.trouble or one.is_declined or one.customer.is_peculiar:
            continue
        renewal = _last_renewal(span, one.at + one.trial_days * DAY_S)
        if renewal is None:
            continue
        days_ago = (span.today - renewal) // DAY_S
        unpaid = sum(trouble.gives_up_at is not None for trouble in troubled.values())
        if 2 <= days_ago <= 11 and len(troubled) - unpaid < _PAST_DUE:
            troubled[place] = Trouble(renewal - DAY_S, rng.choice(_FAILING_CARDS))
        elif days_ago >= 20 and unpaid < _UNPAID:
            card = rng.choice(_FAILING_CARDS)
            troubled[place] = Trouble(renewal - DAY_S, card, gives_up_at=renewal + _GIVES_UP_AFTER_S)
    return [_in_trouble(one, troubled.get(place)) for place, one in enumerate(drawn)]


def _in_trouble(subscriber: Subscriber, trouble: Trouble | None) -> Subscriber:
    return replace(subscriber, change=None, trouble=trouble) if trouble else subscriber


def _last_renewal(span: Span, anchor: int) -> int | None:
    """The latest monthly renewal before today; None where there has been none."""
    months = 0
    while add_months(anchor, months + 1) < span.today - _RENEWAL_TAKES_S:
        months += 1
    return add_months(anchor, months) if months else None
