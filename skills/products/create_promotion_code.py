"""Create the code that customers type to get a coupon."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field

from paydesk.skills import period
from paydesk.skills.base import Desk, Effect, Json, Plan, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.coupon import coupon_meant, terms
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.who import CustomerText, customer_meant, label


class Params(WriteParams):
    coupon: Annotated[str, Field(min_length=1, max_length=200, description="Id or name")]
    code: Annotated[str, Field(pattern="^[A-Za-z0-9-]{3,40}$")]
    customer: CustomerText | None = None
    max_redemptions: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    last_day: Annotated[date, Field(description="Works until its end, UTC")] | None = None


class PromotionCodeMade(WriteResult):
    """A new promotion code."""

    promotion_code: str
    code: str
    active: bool

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a promotion code."""
        return cls(promotion_code=str(answer["id"]), code=clean(answer["code"], 40), active=bool(answer["active"]))

    def sentence(self) -> str:
        """Which."""
        return f"Created the promotion code {self.code} ({self.promotion_code})."


@skill(
    effect=Effect.WRITE,
    toolset="products",
    says=("create promotion code {code} for the coupon {coupon}",),
    examples=({"coupon": "Spring", "code": "SPRING25", "max_redemptions": 100},),
)
async def create_promotion_code(params: Params, desk: Desk) -> Plan[PromotionCodeMade]:
    """Create a promotion code that customers type to get a coupon."""
    coupon = await coupon_meant(desk.stripe, params.coupon)
    if not coupon.get("valid", True):
        raise SkillError("This coupon is no longer valid.", code="coupon_expired", field="coupon")
    taken = await desk.stripe.page("/v1/promotion_codes", {"code": params.code, "active": True, "limit": 1})
    if taken.data:
        raise SkillError(
            "This code is taken by another active promotion code.",
            code="code_taken",
            field="code",
            next_step="Choose another, or let that one go in Stripe's dashboard.",
        )
    sent: Json = {"promotion": {"type": "coupon", "coupon": coupon["id"]}, "code": params.code}
    off = f"{clean(coupon.get('name') or coupon['id'], 60)}: {terms(coupon)}"
    details = [("Coupon", off)]
    who = await customer_meant(desk, params.customer) if params.customer else None
    if who is not None:
        sent["customer"] = who["id"]
        details.append(("Only for", f"{label(who)} ({who['id']})"))
    if params.max_redemptions:
        sent["max_redemptions"] = params.max_redemptions
        details.append(("At most", f"{params.max_redemptions} times"))
    if params.last_day:
        if params.last_day < desk.now().date():
            raise SkillError("last_day is past.", code="date_past", field="last_day")
        sent["expires_at"] = period.seconds(params.last_day) + 86_400 - 1
        details.append(("Works until the end of", f"{params.last_day} UTC"))
    return Plan(
        says=f"Create the promotion code {params.code} for {off}.",
        request=StripeRequest("POST", "/v1/promotion_codes", sent),
        undo="It can be made inactive in Stripe's dashboard.",
        warnings=() if who or params.max_redemptions or params.last_day else ("Anybody who knows it can use it.",),
        details=tuple(details),
        relies_on={"coupon_valid": bool(coupon.get("valid", True)), "terms": terms(coupon)},
        customer=str(who["id"]) if who else None,
    )
