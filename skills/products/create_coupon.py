"""Create a coupon, and the code that customers type for it where one is given."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, Plan, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.chargeable import check_step
from paydesk.skills.coupon import CouponRow, how_long, terms
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.money import CurrencyCode

_LOOKED_AT = 1_000


class Params(WriteParams):
    name: Annotated[str, Field(min_length=1, max_length=40)]
    percent: Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,2})?$")] | None = None
    amount_minor: Annotated[int, Field(ge=1, le=99_999_999)] | None = None
    currency: CurrencyCode | None = None
    duration: Literal["once", "forever", "repeating"] = "once"
    months: Annotated[int, Field(ge=1, le=120)] | None = None
    max_redemptions: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class CouponMade(WriteResult):
    """A new coupon."""

    coupon: CouponRow

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a coupon."""
        return cls(coupon=CouponRow.of(answer))

    def sentence(self) -> str:
        """What it takes off."""
        name = f"{self.coupon.name}: " if self.coupon.name else ""
        return f"Created the coupon {name}{self.coupon.terms} ({self.coupon.id})."


@skill(
    effect=Effect.WRITE,
    toolset="products",
    says=("create a coupon for {percent} off called {name}",),
    examples=(
        {"name": "Spring", "percent": "25"},
        {"name": "Five off", "amount_minor": 500, "currency": "usd", "duration": "repeating", "months": 3},
    ),
)
async def create_coupon(params: Params, desk: Desk) -> Plan[CouponMade]:
    """Create a coupon that takes a percentage or an amount off."""
    sent: Json = {"name": clean(params.name, 40), **_off(params), "duration": params.duration}
    if (params.duration == "repeating") != (params.months is not None):
        raise SkillError(
            "A repeating coupon needs months, and no other takes them.", code="months_unfit", field="months"
        )
    if params.months:
        sent["duration_in_months"] = params.months
    if params.max_redemptions:
        sent["max_redemptions"] = params.max_redemptions
    known = [one async for one in desk.stripe.every("/v1/coupons", {}, most=_LOOKED_AT)]
    alike = [one for one in known if one.get("valid") and str(one.get("name")).casefold() == params.name.casefold()]
    warnings = [f"There is a coupon of that name already: {CouponRow.of(one).line()}." for one in alike[:1]]
    if sent.get("percent_off") == 100:
        warnings.append("It takes everything off: whoever uses it pays nothing.")
    most = f", at most {params.max_redemptions} times" if params.max_redemptions else ""
    return Plan(
        says=f"Create the coupon {sent['name']}: {_terms(sent)}{most}.",
        request=StripeRequest("POST", "/v1/coupons", sent),
        undo="It can be deleted in Stripe's dashboard; who has it keeps it.",
        warnings=tuple(warnings),
        details=(("Lasts", how_long(params.duration, params.months)),),
        relies_on={"alike": str(alike[0]["id"]) if alike else None},
    )


def _off(params: Params) -> Json:
    """What it takes off. Raises SkillError unless it is just one of the two."""
    if (params.percent is None) == (params.amount_minor is None):
        raise SkillError(
            "A coupon takes off either percent, or amount_minor of a currency.", code="one_discount", field="percent"
        )
    if params.percent is not None:
        percent = Decimal(params.percent)
        if not 0 < percent <= 100:
            raise SkillError("percent must be above 0 and at most 100.", code="bad_percent", field="percent")
        # Stripe's percentage is a number; as text in a form it is the same number without ever being a float.
        return {"percent_off": int(percent) if percent == int(percent) else f"{percent.normalize():f}"}
    if params.currency is None or params.amount_minor is None:
        raise SkillError("An amount off needs its currency.", code="currency_missing", field="currency")
    check_step(params.amount_minor, params.currency)
    return {"amount_off": params.amount_minor, "currency": params.currency}


def _terms(sent: Json) -> str:
    return terms({**sent, "percent_off": Decimal(str(sent["percent_off"]))} if "percent_off" in sent else sent)
