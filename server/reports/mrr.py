"""The bridge of recurring revenue over a month, from what Stripe holds of subscriptions now and of their last changes.

MRR by Stripe's definition (https://docs.stripe.com/billing/subscriptions/analytics/glossary), movements by
ChartMogul's, customer by customer: who paid at the start is compared with who pays at the end. Stripe keeps events for
30 days; what a subscription cost before the oldest that is kept is taken to be what it cost then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from paydesk.skills.base import Json, StripeReader
from paydesk.skills.books import READ_MOST
from paydesk.skills.errors import SkillError
from paydesk.skills.mrr_bridge import MrrBridge
from paydesk.skills.recurring_revenue import of

_COUNTS = frozenset({"active", "past_due"})
_NEVER = frozenset({"incomplete", "incomplete_expired"})
_EXPANDED = ["data.discounts.source.coupon"]
_MOVEMENTS = ("new", "expansion", "contraction", "churn", "reactivation")


@dataclass(frozen=True)
class _Change:
    """A subscription as it became at a moment, and as it was until then."""

    at: int
    after: Json
    before: Json


@dataclass(frozen=True)
class _Life:
    """A subscription and its changes that are known, oldest first."""

    now: Json
    changes: tuple[_Change, ...] = ()

    def at(self, moment: int) -> Json:
        """Its state at a moment, as far as it is known."""
        for change in reversed(self.changes):
            if change.at <= moment:
                return change.after
        return self.changes[0].before if self.changes else self.now

    def amount_at(self, moment: int) -> int:
        """Its recurring revenue a month at that moment, in minor units, rounded half up; 0 where it did not count."""
        state = self.at(moment)
        seen = of(state)
        had_ended = state["status"] == "canceled" and seen.ended is not None
        counts = state["status"] in _COUNTS or had_ended or self._trial_ended(state, moment)
        return int(seen.a_month_minor.quantize(Decimal(1), ROUND_HALF_UP)) if counts and seen.counts_at(moment) else 0

    def _trial_ended(self, state: Json, moment: int) -> bool:
        return state["status"] == "trialing" and int(state.get("trial_end") or moment + 1) <= moment

    def paid_before(self, moment: int) -> bool:
        """Whether it had brought anything before that moment."""
        seen = of(self.now)
        never = self.now["status"] in _NEVER or (seen.ended is not None and seen.ended <= seen.begun)
        return seen.begun < moment and seen.a_month_minor > 0 and not never


async def mrr_bridges(stripe: StripeReader, start: int, end: int) -> tuple[tuple[MrrBridge, ...], int]:
    """Currency by currency the bridge over [start, end), in seconds, and how many objects were read for it.

    Raises SkillError (too_much_to_read) rather than bridging from a part.
    """
    changes, looked_at = await _changes(stripe)
    lives: list[_Life] = []
    async for one in stripe.every("/v1/subscriptions", {"status": "all", "expand": _EXPANDED}, most=READ_MOST + 1):
        lives.append(_Life(one, tuple(_with_coupons(change, one) for change in changes.get(str(one["id"]), ()))))
        if len(lives) > READ_MOST:
            raise SkillError(
                f"There are more than {READ_MOST:,} subscriptions, and a part of them would give a wrong sum.",
                code="too_much_to_read",
            )
    return bridged(lives, start, end), looked_at + len(lives)


async def _changes(stripe: StripeReader) -> tuple[dict[str, list[_Change]], int]:
    """What Stripe still tells of changes, by subscription, oldest first."""
    found: dict[str, list[_Change]] = {}
    count = 0
    async for event in stripe.every("/v1/events", {"type": "customer.subscription.updated"}, most=READ_MOST):
        count += 1
        after = event["data"]["object"]
        before = {**after, **(event["data"].get("previous_attributes") or {})}
        found.setdefault(str(after["id"]), []).append(_Change(int(event["created"]), after, before))
    return {subscription: list(reversed(changes)) for subscription, changes in found.items()}, count


def _with_coupons(change: _Change, now: Json) -> _Change:
    """The change with its discounts as objects where the subscription still has them: events carry their ids only."""
    known = {one["id"]: one for one in now.get("discounts") or [] if isinstance(one, dict)}

    def filled(state: Json) -> Json:
        discounts = [known.get(one, one) if isinstance(one, str) else one for one in state.get("discounts") or []]
        return {**state, "discounts": discounts}

    return _Change(change.at, filled(change.after), filled(change.before))


def bridged(lives: Iterable[_Life], start: int, end: int) -> tuple[MrrBridge, ...]:
    """The bridges of subscriptions' lives: each customer's sum just before the start, and just before the end."""
    sums: dict[str, dict[str, list[int]]] = {}
    knew: dict[str, set[str]] = {}
    for life in lives:
        currency, customer = str(life.now["currency"]), _id(life.now["customer"])
        pair = sums.setdefault(currency, {}).setdefault(customer, [0, 0])
        pair[0] += life.amount_at(start - 1)
        pair[1] += life.amount_at(end - 1)
        if life.paid_before(start):
            knew.setdefault(currency, set()).add(customer)
    return tuple(
        _bridge(currency, by_customer, knew.get(currency, set()))
        for currency, by_customer in sorted(sums.items())
        if any(any(pair) for pair in by_customer.values())
    )


def _bridge(currency: str, by_customer: Mapping[str, list[int]], knew: set[str]) -> MrrBridge:
    moved = dict.fromkeys(_MOVEMENTS, 0)
    for customer, (was, becomes) in by_customer.items():
        moved[_movement(was, becomes, had_paid=customer in knew)] += becomes - was
    return MrrBridge(
        currency,
        start_minor=sum(was for was, _ in by_customer.values()),
        end_minor=sum(becomes for _, becomes in by_customer.values()),
        **{f"{name}_minor": amount for name, amount in moved.items()},
    )


def _movement(was: int, becomes: int, *, had_paid: bool) -> str:
    if not was:
        return "reactivation" if had_paid else "new"
    if not becomes:
        return "churn"
    return "expansion" if becomes > was else "contraction"


def _id(reference: Json | str) -> str:
    return str(reference["id"]) if isinstance(reference, dict) else reference
