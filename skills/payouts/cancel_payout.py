"""Stop a payout that has not left yet."""

from typing import Annotated

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Plan, Stake, StripeRequest, WriteParams, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.ids import checked_id
from paydesk.skills.money import money
from paydesk.skills.payout import PayoutState
from paydesk.skills.period import day


class Params(WriteParams):
    payout: Annotated[str, Field(max_length=100)]


class PayoutCanceled(PayoutState):
    """A payout that was stopped."""

    def sentence(self) -> str:
        """How much stays in the balance."""
        return f"Canceled payout {self.payout}; {self.amount.text} is back in the balance."


@skill(
    effect=Effect.MONEY,
    toolset="payouts",
    says=("cancel {payout}", "stop {payout}"),
    examples=({"payout": "po_1MtHbELkdIwHu7ixl4OzzPMv"},),
)
async def cancel_payout(params: Params, desk: Desk) -> Plan[PayoutCanceled]:
    """Cancel a manual payout that is still pending."""
    identifier = checked_id(params.payout, "po", field="payout")
    payout = await desk.stripe.get(f"/v1/payouts/{identifier}")
    amount = money(int(payout["amount"]), str(payout["currency"]))
    if payout.get("automatic"):
        raise SkillError(
            "Stripe made this payout by its schedule, and only payouts made by hand can be canceled.",
            code="payout_automatic",
            field="payout",
            next_step="update_payout_schedule with manual stops further ones.",
        )
    if payout["status"] != "pending":
        raise SkillError(
            f"The payout of {amount.text} is {str(payout['status']).replace('_', ' ')}; "
            "only a pending one can be canceled.",
            code="wrong_status",
            field="payout",
        )
    return Plan(
        says=f"Cancel the payout of {amount.text} due {day(int(payout['arrival_date']))} ({identifier}).",
        request=StripeRequest("POST", f"/v1/payouts/{identifier}/cancel"),
        moves=Stake(amount.amount_minor, amount.currency),
        undo="create_payout pays it out again.",
        relies_on={"payout": identifier, "status": "pending", "amount_minor": amount.amount_minor},
    )
