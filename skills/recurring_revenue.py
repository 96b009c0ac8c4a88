"""Recurring revenue and who leaves, by Stripe's definitions
(https://docs.stripe.com/billing/subscriptions/analytics/glossary).

A subscription counts while it is active or past due and not in its trial; without tax, metered prices and free plans.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from paydesk.intents.entities.currencies import stripe_exponent
from paydesk.skills.base import Json, StripeReader
from paydesk.skills.books import READ_MOST
from paydesk.skills.errors import SkillError
from paydesk.skills.subscription import a_month, items_of

_COUNTS_NOW = frozenset({"active", "past_due"})
_COUNTED_ONCE = frozenset({"active", "past_due", "canceled"})
_EXPANDED = ["data.discounts.source.coupon"]


@dataclass(frozen=True)
class Subscribed:
    """One subscription as recurring revenue sees it: minor units a month, and when it counted (seconds)."""

    customer: str
    currency: str
    a_month_minor: Decimal
    begun: int
    ended: int | None
    counts_now: bool

    def counts_at(self, moment: int) -> bool:
        """Whether it was running and paid for at that moment, as far as its present state tells."""
        return self.begun <= moment and (self.ended is None or self.ended > moment) and self.a_month_minor > 0


async def subscribed(stripe: StripeReader, *, customer: str | None, currency: str | None) -> list[Subscribed]:
    """Every subscription that counts now or once did. Raises SkillError where there are too many to read."""
    found: list[Subscribed] = []
    asked: Json = {"status": "all", "expand": _EXPANDED, **({"customer": customer} if customer else {})}
    count = 0
    async for one in stripe.every("/v1/subscriptions", asked, most=READ_MOST + 1):
        count += 1
        if count > READ_MOST:
            raise SkillError(
                f"There are more than {READ_MOST:,} subscriptions, and a part of them would give a wrong sum.",
                code="too_much_to_read",
            )
        if one["status"] in _COUNTED_ONCE and currency in (None, one["currency"]):
            found.append(of(one))
    return found


def of(one: Json) -> Subscribed:
    """A subscription of Stripe, its discounts expanded, as recurring revenue sees it."""
    ended = one.get("ended_at") or (one.get("canceled_at") if one["status"] == "canceled" else None)
    return Subscribed(
        customer=_id(one["customer"]),
        currency=str(one["currency"]),
        a_month_minor=_less_discounts(one).scaleb(stripe_exponent(str(one["currency"]))),
        begun=max(int(one["start_date"]), int(one.get("trial_end") or 0)),
        ended=int(ended) if ended else None,
        counts_now=one["status"] in _COUNTS_NOW,
    )


def _id(reference: Json | str) -> str:
    return str(reference["id"]) if isinstance(reference, dict) else reference


def _less_discounts(one: Json) -> Decimal:
    """What it brings a month in major units: lasting discounts count, those of a single invoice do not."""
    licensed = [item for item in items_of(one) if (item["price"].get("recurring") or {}).get("usage_type") != "metered"]
    amount = a_month({"items": {"data": licensed}})
    for discount in one.get("discounts") or []:
        coupon = (discount.get("source") or {}).get("coupon") if isinstance(discount, dict) else None
        if not isinstance(coupon, dict) or coupon.get("duration") == "once":
            continue
        if coupon.get("percent_off"):
            amount -= amount * Decimal(str(coupon["percent_off"])) / 100
        elif coupon.get("amount_off") and coupon.get("currency") == one["currency"] and licensed:
            # An amount comes off each invoice, so it is spread over the months as the price is.
            off = {"items": {"data": [{"price": {**licensed[0]["price"], **_unit(coupon)}, "quantity": 1}]}}
            amount -= a_month(off)
    return max(amount, Decimal(0))


def _unit(coupon: Json) -> Json:
    return {"unit_amount": coupon["amount_off"], "unit_amount_decimal": None}


def mrr_minor(counted: Iterable[Subscribed]) -> dict[str, int]:
    """Monthly recurring revenue in minor units by currency; each subscription's share is rounded once, half up.

    So the revenue of a moment and the movements since add up to the revenue of another to the cent.
    """
    sums: dict[str, int] = {}
    for one in counted:
        share = int(one.a_month_minor.quantize(Decimal(1), ROUND_HALF_UP))
        sums[one.currency] = sums.get(one.currency, 0) + share
    return sums


def churned(counted: Iterable[Subscribed], start: int, end: int) -> tuple[int, int]:
    """Subscribers who left in [start, end), and all who were there at its start or came within it."""
    there: set[str] = set()
    stay: set[str] = set()
    for one in counted:
        # Who leaves in the trial has never been there.
        if one.counts_at(start) or (start <= one.begun < end and one.counts_at(one.begun)):
            there.add(one.customer)
        if one.counts_at(end):
            stay.add(one.customer)
    return len(there - stay), len(there)
