"""Create a price for a product: once, by the month or year, by tiers, or by what is used."""

from typing import Annotated, Literal, Self

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, Plan, Strict, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.chargeable import check_step
from paydesk.skills.errors import Ambiguous, NotFound, SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.money import CurrencyCode, money
from paydesk.skills.price import Interval, IntervalCount, PriceRow, ProductText, has_interval, price_text
from paydesk.skills.product import names_of, products_meant

Amount = Annotated[int, Field(ge=0, le=99_999_999)]


class Tier(Strict):
    """Units up to `up_to` (None for all above) cost `amount_minor` each."""

    up_to: Annotated[int, Field(ge=1)] | None = None
    amount_minor: Amount


class Params(WriteParams):
    product: ProductText
    currency: CurrencyCode
    amount_minor: Amount | None = None
    interval: Interval | None = None
    interval_count: IntervalCount | None = None
    tiers: Annotated[list[Tier], Field(min_length=1, max_length=50)] | None = None
    tiers_mode: Literal["graduated", "volume"] | None = None
    meter: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class PriceMade(WriteResult):
    """A new price."""

    price: PriceRow

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a price."""
        return cls(price=PriceRow.of(answer))

    def sentence(self) -> str:
        """What it costs."""
        return f"Created the price {self.price.line()} ({self.price.id})."


@skill(
    effect=Effect.WRITE,
    toolset="products",
    says=("add a price of {money} to {product}",),
    examples=(
        {"product": "Pro", "currency": "usd", "amount_minor": 4900, "interval": "month"},
        {
            "product": "Messages",
            "currency": "usd",
            "interval": "month",
            "meter": "messages_sent",
            "tiers": [{"up_to": 1000, "amount_minor": 2}, {"amount_minor": 1}],
            "tiers_mode": "graduated",
        },
    ),
)
async def create_price(params: Params, desk: Desk) -> Plan[PriceMade]:
    """Create a price for a product: one-time, recurring (monthly), tiered or usage-based."""
    ids = await products_meant(desk.stripe, params.product)
    if len(ids) > 1:
        raise Ambiguous(
            f"{len(ids)} products fit {clean(params.product, 60)}: which one?",
            code="product_ambiguous",
            field="product",
            choices=[f"{name} {one}" for one, name in (await names_of(desk.stripe, ids[:8])).items()],
            next_step="Say its prod_ id.",
        )
    sent: Json = {"product": ids[0], "currency": params.currency, **_cost(params), **await _often(params, desk)}
    name = (await names_of(desk.stripe, ids)).get(ids[0], ids[0])
    asked = {"product": ids[0], "currency": params.currency, "active": True, "limit": 100}
    same = [one for one in (await desk.stripe.page("/v1/prices", asked)).data if _is_same(one, sent)]
    shown = price_text({"billing_scheme": "per_unit", **sent})
    return Plan(
        says=f"Add the price {shown} to {name}.",
        request=StripeRequest("POST", "/v1/prices", sent),
        undo="It can be archived in Stripe's dashboard; a price never changes its amount.",
        warnings=tuple(f"There is such a price already ({one['id']})." for one in same[:1]),
        details=tuple(_tiers_told(params)),
        relies_on={"same": str(same[0]["id"]) if same else None},
    )


def _cost(params: Params) -> Json:
    """Its amount, or its tiers. Raises SkillError unless it is just one of the two, and whole."""
    if (params.amount_minor is None) == (params.tiers is None):
        raise SkillError("A price has either amount_minor or tiers.", code="one_cost", field="amount_minor")
    if params.tiers is None:
        check_step(params.amount_minor or 0, params.currency)
        return {"unit_amount": params.amount_minor}
    if params.tiers_mode is None:
        raise SkillError(
            "Tiers need tiers_mode.",
            code="tiers_mode_missing",
            field="tiers_mode",
            next_step="graduated: each unit at its own tier's price; volume: all at the price of the tier reached.",
        )
    ends = [tier.up_to for tier in params.tiers]
    whole = [end for end in ends if end is not None]
    if ends[-1] is not None or len(whole) != len(ends) - 1 or whole != sorted(set(whole)):
        raise SkillError("Tiers rise, and the last has no up_to.", code="tiers_unordered", field="tiers")
    for tier in params.tiers:
        check_step(tier.amount_minor, params.currency)
    tiers = [{"up_to": tier.up_to or "inf", "unit_amount": tier.amount_minor} for tier in params.tiers]
    return {"billing_scheme": "tiered", "tiers_mode": params.tiers_mode, "tiers": tiers}


async def _often(params: Params, desk: Desk) -> Json:
    """How often it is billed, and by which meter."""
    if params.interval is None:
        if params.interval_count or params.meter or params.tiers:
            raise SkillError("Tiers and usage are billed by an interval.", code="interval_missing", field="interval")
        return {}
    recurring: Json = {"interval": params.interval, "interval_count": params.interval_count or 1}
    if params.meter:
        recurring |= {"usage_type": "metered", "meter": await _meter(params.meter, desk)}
    return {"recurring": recurring}


async def _meter(text: str, desk: Desk) -> str:
    page = await desk.stripe.page("/v1/billing/meters", {"status": "active", "limit": 100})
    for meter in page.data:
        if text in (meter["id"], meter["event_name"], meter["display_name"]):
            return str(meter["id"])
    raise NotFound(
        f"There is no active meter {clean(text, 60)}.",
        code="meter_not_found",
        field="meter",
        choices=[clean(f"{meter['event_name']} ({meter['id']})", 90) for meter in page.data[:5]],
        next_step="Meters are made in Stripe's dashboard.",
    )


def _is_same(price: Json, sent: Json) -> bool:
    recurring = sent.get("recurring") or {}
    return (
        price.get("unit_amount") == sent.get("unit_amount")
        and "tiers" not in sent
        and bool(price.get("recurring")) == bool(recurring)
        and has_interval(price, recurring.get("interval"), recurring.get("interval_count"))
        and ((price.get("recurring") or {}).get("meter") == recurring.get("meter"))
    )


def _tiers_told(params: Params) -> list[tuple[str, str]]:
    told, first = [], 1
    for tier in params.tiers or ():
        until = f"{first:,} to {tier.up_to:,}" if tier.up_to else f"from {first:,}"
        told.append((f"Units {until}", f"{money(tier.amount_minor, params.currency).text} each"))
        first = (tier.up_to or 0) + 1
    return told
