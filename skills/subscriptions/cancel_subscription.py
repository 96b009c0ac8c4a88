"""End a subscription: with its period, or now."""

from typing import Annotated

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, NextCall, Plan, StripeRequest, WriteParams, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.foretold import next_invoice
from paydesk.skills.ids import SubscriptionId
from paydesk.skills.period import day
from paydesk.skills.price import ProductText
from paydesk.skills.running_subscription import Running, subscription_meant
from paydesk.skills.subscription_state import SubscriptionState
from paydesk.skills.who import CustomerText

# Only these go on to the end of what was paid for; the others have nothing left to wait for.
_GO_ON = ("active", "trialing", "past_due")


class Params(WriteParams):
    subscription: SubscriptionId | None = None
    customer: CustomerText | None = None
    product: ProductText | None = None
    at_period_end: Annotated[bool, Field(description="false: end it now")] = True
    prorate: Annotated[bool, Field(description="Ending now: credit unused time")] = False


class SubscriptionCanceled(SubscriptionState):
    """A subscription after its cancellation."""

    def sentence(self) -> str:
        """When it ends or ended."""
        if self.status == "canceled":
            return f"Canceled {self.subscription} ({self.costs}); it has ended."
        return f"{self.subscription} ({self.costs}) ends on {self.ends}; until then it is {self.status}."


@skill(
    effect=Effect.WRITE,
    toolset="subscriptions",
    says=(
        "cancel {subscription}",
        "cancel the subscription of {customer}",
        "cancel the {product} subscription of {customer}",
        "end {subscription} at the end of the period",
        "cancel {subscription} immediately",
    ),
    examples=({"customer": "Jane Doe"}, {"subscription": "sub_1MowQVLkdIwHu7ixeRlqHVzs", "at_period_end": False}),
)
async def cancel_subscription(params: Params, desk: Desk) -> Plan[SubscriptionCanceled]:
    """Cancel a subscription at the end of its period, or now; a person approves it first."""
    found = await subscription_meant(desk, params.subscription, params.customer, product=params.product)
    if params.at_period_end and params.prorate:
        raise SkillError(
            "At the end of a period no time is left to credit: prorate goes with at_period_end false.",
            code="nothing_to_prorate",
            field="prorate",
        )
    if params.at_period_end and found.status in _GO_ON:
        return _with_period(found)
    return await _now(found, params, desk)


def _with_period(found: Running) -> Plan[SubscriptionCanceled]:
    if found.body.get("cancel_at_period_end"):
        raise SkillError(
            f"{found.told} ends with its period already.",
            code="already_canceled",
            field="subscription",
            next_step="at_period_end false ends it now; resume_subscription takes the cancellation back.",
        )
    ends = found.period_end
    on = f" on {day(ends)}" if ends else ""
    already = found.body.get("cancel_at")
    warnings = found.warnings()
    if already and ends and already < ends:
        warnings.append(f"It was to end on {day(already)}; now it would end{on}.")
    return Plan(
        says=f"Cancel {found.told} at the end of its period{on}.",
        request=StripeRequest("POST", f"/v1/subscriptions/{found.id}", {"cancel_at_period_end": True}),
        undo="Until then resume_subscription takes the cancellation back.",
        warnings=tuple(warnings),
        details=(
            *found.details(),
            ("Until then", "it runs on, and pending invoice items are still billed"),
            ("Next invoice", "none for a further period; nothing is refunded"),
        ),
        relies_on=found.relies_on(),
        customer=str(found.customer["id"]),
        opposite=NextCall("resume_subscription", {"subscription": found.id}),
    )


async def _now(found: Running, params: Params, desk: Desk) -> Plan[SubscriptionCanceled]:
    sent: Json = {"invoice_now": True, "prorate": True} if params.prorate else {}
    told = [("Refunded", "nothing; what was paid stays paid")]
    if params.prorate:
        told = await next_invoice(
            desk.stripe,
            {"subscription": found.id, "subscription_details": {"cancel_now": True}},
            at_once=True,
        )
    waits = params.at_period_end and found.status not in _GO_ON
    return Plan(
        says=f"Cancel {found.told} now.",
        request=StripeRequest("DELETE", f"/v1/subscriptions/{found.id}", sent),
        undo=None,
        warnings=(
            *found.warnings(),
            *((f"It is {found.status.replace('_', ' ')}, so there is no paid period to wait for.",) if waits else ()),
        ),
        details=(
            *found.details(),
            *told,
            ("Cannot be undone", "a subscription that has ended stays ended; a new one can be created"),
        ),
        relies_on=found.relies_on(),
        customer=str(found.customer["id"]),
    )
