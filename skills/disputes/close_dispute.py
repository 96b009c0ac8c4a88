"""Give in to a dispute: it is lost at once."""

from paydesk.skills.base import Desk, Effect, Plan, StripeRequest, WriteParams, skill
from paydesk.skills.dispute import OPEN, DisputeState, DisputeText, called, customer_of, dispute_meant, due, noun
from paydesk.skills.errors import SkillError


class Params(WriteParams):
    dispute: DisputeText


class DisputeClosed(DisputeState):
    """A dispute that was given in to."""

    def sentence(self) -> str:
        """How it ended."""
        return f"Closed {self.told()}."


@skill(
    effect=Effect.MONEY,
    toolset="disputes",
    says=("close {dispute}", "accept {dispute}", "concede {dispute}"),
    examples=({"dispute": "du_1MtJUT2eZvKYlo2CNaw2HvEv"},),
)
async def close_dispute(params: Params, desk: Desk) -> Plan[DisputeClosed]:
    """Accept (concede) a dispute: it is lost for good."""
    dispute = await dispute_meant(desk, params.dispute)
    if dispute["status"] not in OPEN:
        raise SkillError(
            f"The {noun(dispute)} is {str(dispute['status']).replace('_', ' ')} and cannot be closed.",
            code="wrong_status",
            field="dispute",
        )
    inquiry = str(dispute["status"]).startswith("warning_")
    customer = customer_of(dispute)
    lost = (
        "no money has moved" if inquiry else "the money that was withdrawn stays with the customer, and so does the fee"
    )
    return Plan(
        says=f"Close {called(dispute)} without contesting it.",
        request=StripeRequest("POST", f"/v1/disputes/{dispute['id']}/close"),
        warnings=("It cannot be contested afterwards.",),
        details=(("Afterwards", lost), *((("Could be answered until", due(dispute) or ""),) if due(dispute) else ())),
        relies_on={"dispute": str(dispute["id"]), "status": str(dispute["status"])},
        customer=str(customer["id"]) if customer else None,
    )
