"""Switch a payment link off."""

from typing import Annotated, Self

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, Plan, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.errors import NotFound, SkillError
from paydesk.skills.ids import checked_id

_LOOKED_AT = 1_000


class Params(WriteParams):
    payment_link: Annotated[str, Field(min_length=5, max_length=300, description="plink_ id or its address")]


class PaymentLinkOff(WriteResult):
    """A payment link as it is now."""

    payment_link: str
    active: bool

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a payment link."""
        return cls(payment_link=str(answer["id"]), active=bool(answer["active"]))

    def sentence(self) -> str:
        """That it is off."""
        return f"The payment link {self.payment_link} is {'active' if self.active else 'off'} now."


@skill(
    effect=Effect.WRITE,
    toolset="payments",
    says=("deactivate the payment link {payment_link}", "switch the payment link {payment_link} off"),
    examples=({"payment_link": "plink_1MoC3ULkdIwHu7ixZjtGpVl2"},),
)
async def deactivate_payment_link(params: Params, desk: Desk) -> Plan[PaymentLinkOff]:
    """Switch a payment link off, so that nobody can pay at it any more."""
    link = await _meant(params.payment_link.strip(), desk)
    if not link["active"]:
        raise SkillError("This payment link is off already.", code="already_off", field="payment_link")
    return Plan(
        says=f"Switch off the payment link {link['url']}.",
        request=StripeRequest("POST", f"/v1/payment_links/{link['id']}", {"active": False}),
        undo="It can be switched on again in Stripe's dashboard.",
        details=(("Link", str(link["id"])),),
        relies_on={"active": bool(link["active"])},
    )


async def _meant(text: str, desk: Desk) -> Json:
    if not text.startswith("http"):
        return await desk.stripe.get(f"/v1/payment_links/{checked_id(text, 'plink', field='payment_link')}")
    async for link in desk.stripe.every("/v1/payment_links", {}, most=_LOOKED_AT):
        if link["url"] == text:
            return link
    raise NotFound("No payment link has this address.", code="payment_link_not_found", field="payment_link")
