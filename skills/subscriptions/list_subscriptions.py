"""List subscriptions: who is on which plan, what it costs, and until when."""

from datetime import date
from typing import Literal

from paydesk.skills import period, reading
from paydesk.skills.base import Desk, Effect, Json, Strict, StripeReader, skill
from paydesk.skills.hostile_text import clean
from paydesk.skills.ids import SubscriptionId, checked_id
from paydesk.skills.money import CurrencyCode
from paydesk.skills.price import Interval, IntervalCount, ProductText, has_interval
from paydesk.skills.product import names_of, products_meant
from paydesk.skills.subscription import Status, SubscriptionRow, a_month, items_of, products_of, row_of
from paydesk.skills.who import CustomerText, customer_meant, label

DateOf = Literal["created", "canceled", "period_end"]


class Params(Strict):
    subscription: SubscriptionId | None = None
    customer: CustomerText | None = None
    product: ProductText | None = None
    currency: CurrencyCode | None = None
    status: Status | None = None
    interval: Interval | None = None
    interval_count: IntervalCount | None = None
    start: date | None = None
    end: date | None = None
    date_of: DateOf | None = None
    sort: reading.Sort = "newest"
    limit: reading.Limit = 10
    cursor: str | None = None
    detail: reading.ListDetail = "concise"


class Subscriptions(reading.Listed):
    """Subscriptions in the order asked for; `looked_at` is how many were read, where it was more than these."""

    subscriptions: list[SubscriptionRow]

    def told(self) -> list[str]:
        """One line a subscription."""
        return [subscription.line() for subscription in self.subscriptions]


@skill(
    effect=Effect.READ,
    toolset="subscriptions",
    says=(
        "show {status} subscriptions",
        "list subscriptions of {customer}",
        "who is on the {product} plan",
        "what plan is {customer} on",
        "new subscriptions {dates}",
        "subscriptions canceled {dates}",
        "which subscriptions renew {dates}",
        "show {subscription}",
    ),
    examples=(
        {"status": "past_due"},
        {"product": "Pro", "interval": "year"},
        {"status": "canceled", "start": "2026-10-01", "end": "2026-11-01"},
    ),
)
async def list_subscriptions(params: Params, desk: Desk) -> Subscriptions:
    """List subscriptions: plan, cost, period end."""
    if params.subscription is not None:
        return await _one(desk.stripe, params.subscription)
    date_of = _date_of(params, desk)
    asked, keep = await _question(params, date_of, desk.stripe)
    who = await customer_meant(desk, params.customer) if params.customer else None
    if who is not None:
        asked["customer"] = who["id"]
    found = await reading.read(
        desk.stripe,
        "/v1/subscriptions",
        asked,
        limit=params.limit,
        cursor=params.cursor,
        keep=keep,
        sort=params.sort,
        amount_of=a_month,
    )
    names = await names_of(desk.stripe, (name for item in found.items for name in products_of(item)))
    rows = [row_of(item, names, full=reading.wants(params.detail)) for item in found.items]
    return Subscriptions(
        subscriptions=rows,
        has_more=found.more,
        next_cursor=found.cursor,
        looked_at=found.looked_at if found.looked_at > len(rows) else None,
        says=_sentence(params, date_of, rows, found, who),
    )


async def _one(stripe: StripeReader, text: str) -> Subscriptions:
    identifier = checked_id(text, "sub", field="subscription")
    found = await stripe.get(f"/v1/subscriptions/{identifier}", {"expand": ["customer"]})
    row = row_of(found, await names_of(stripe, products_of(found)), full=True)
    return Subscriptions(subscriptions=[row], has_more=False, says=f"One subscription: {row.status.replace('_', ' ')}.")


def _date_of(params: Params, desk: Desk) -> DateOf:
    """What the range is about, where it was not said: an ended one's end, the future's renewals, else the beginning."""
    if params.date_of is not None:
        return params.date_of
    if params.status == "canceled":
        return "canceled"
    return "period_end" if period.is_ahead(params.start, desk.now()) else "created"


async def _question(params: Params, date_of: DateOf, stripe: StripeReader) -> tuple[Json, reading.Keep | None]:
    """What Stripe's list can filter, and what is looked at here."""
    asked: Json = {"expand": ["data.customer"]}
    bounds = period.within(params.start, params.end).get("created")
    if params.status is not None:
        asked["status"] = params.status
    elif date_of == "canceled":
        asked["status"] = "canceled"
    canceled = bounds if date_of == "canceled" else None
    if bounds and canceled is None:
        asked["current_period_end" if date_of == "period_end" else "created"] = bounds
    products: list[str] | None = None
    if params.product is not None and params.product.startswith("price_"):
        asked["price"] = checked_id(params.product, "price", field="product")
    elif params.product is not None:
        products = await products_meant(stripe, params.product)
    timed = params.interval is not None or params.interval_count is not None
    if canceled is None and products is None and params.currency is None and not timed:
        return asked, None

    def keep(subscription: Json) -> bool:
        if canceled is not None and not period.holds(canceled, _canceled_at(subscription)):
            return False
        if products is not None and not set(products) & set(products_of(subscription)):
            return False
        if params.currency is not None and subscription["currency"] != params.currency:
            return False
        items = items_of(subscription)
        return not timed or any(has_interval(item["price"], params.interval, params.interval_count) for item in items)

    return asked, keep


def _canceled_at(subscription: Json) -> int | None:
    # An expired or unpaid one has ended without anybody having canceled it.
    found = subscription.get("ended_at") or subscription.get("canceled_at")
    return int(found) if found else None


_TOLD = {"created": " created", "canceled": " that ended", "period_end": " with a period that ends"}


def _sentence(
    params: Params, date_of: DateOf, rows: list[SubscriptionRow], found: reading.Found, who: Json | None
) -> str:
    status = None if params.status in (None, "all") else params.status
    kind = f"{status.replace('_', ' ')} " if status else ""
    of = f" of {label(who)}" if who else ""
    to = f" to {clean(params.product, 60)}" if params.product else ""
    often = ""
    if params.interval:
        count = params.interval_count or 1
        often = f" billed every {params.interval if count == 1 else f'{count} {params.interval}s'}"
    elif params.interval_count:
        often = f" billed every {params.interval_count} intervals"
    currency = f" in {params.currency.upper()}" if params.currency else ""
    dated = period.told(params.start, params.end)
    about = f"{_TOLD[date_of]}{dated}" if dated else ""
    what = f"{kind}subscription{'' if len(rows) == 1 else 's'}{of}{to}{often}{currency}{about}"
    left_out = " Canceled ones are left out." if params.status is None and date_of != "canceled" else ""
    return f"{len(rows) or 'No'} {what}.{left_out}{reading.honest(found, len(rows), 'subscriptions')}"
