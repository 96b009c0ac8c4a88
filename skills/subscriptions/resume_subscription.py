"""Go on with a subscription: end a pause, or take back its cancellation."""

from paydesk.skills.base import Desk, Effect, Json, NextCall, Plan, Stake, StripeRequest, WriteParams, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.foretold import next_invoice
from paydesk.skills.ids import SubscriptionId
from paydesk.skills.period import day
from paydesk.skills.price import ProductText
from paydesk.skills.running_subscription import Running, subscription_meant
from paydesk.skills.subscription import whole_cost
from paydesk.skills.subscription_state import SubscriptionState
from paydesk.skills.who import CustomerText


class Params(WriteParams):
    subscription: SubscriptionId | None = None
    customer: CustomerText | None = None
    product: ProductText | None = None


class SubscriptionResumed(SubscriptionState):
    """A subscription that goes on."""

    def sentence(self) -> str:
        """How it goes on."""
        if self.status == "paused":
            return f"{self.subscription} ({self.costs}) goes on once its invoice {self.latest_invoice} is paid."
        until = f", and still ends on {self.ends}" if self.ends else ""
        renews = f"; its period ends on {self.current_period_end}" if self.current_period_end else ""
        return f"Resumed {self.subscription} ({self.costs}, {self.status}){renews}{until}."


def _can_resume(subscription: Json) -> bool:
    return (
        subscription["status"] == "paused"
        or bool(subscription.get("pause_collection"))
        or bool(subscription.get("cancel_at"))
        or bool(subscription.get("cancel_at_period_end"))
    )


@skill(
    effect=Effect.MONEY,
    toolset="subscriptions",
    says=(
        "resume {subscription}",
        "resume the subscription of {customer}",
        "unpause the subscription of {customer}",
        "take back the cancellation of {subscription}",
    ),
    examples=({"customer": "Jane Doe"},),
)
async def resume_subscription(params: Params, desk: Desk) -> Plan[SubscriptionResumed]:
    """End a subscription's pause or take back its cancellation; a person approves it first."""
    found = await subscription_meant(
        desk,
        params.subscription,
        params.customer,
        product=params.product,
        fits=_can_resume,
        what="subscription that is paused or about to end",
    )
    if found.status == "paused":
        return await _start_again(found)
    if found.paused is not None:
        return await _collect_again(found, desk)
    if found.body.get("cancel_at") or found.body.get("cancel_at_period_end"):
        return await _take_back(found, desk)
    raise SkillError(
        f"{found.told} is neither paused nor about to end.", code="nothing_to_resume", field="subscription"
    )


async def _start_again(found: Running) -> Plan[SubscriptionResumed]:
    """Out of the status `paused`: Stripe begins a new period and bills it (POST .../resume)."""
    cost = whole_cost(found.items)
    return Plan(
        says=f"Resume {found.told}: a new period begins now and is billed.",
        request=StripeRequest("POST", f"/v1/subscriptions/{found.id}/resume", {"billing_cycle_anchor": "now"}),
        moves=Stake(cost.amount_minor, cost.currency) if cost else None,
        undo="It can be canceled again; what it bills now would have to be refunded.",
        warnings=(*found.warnings(), *_still_ends(found), *_nobody_pays(found)),
        details=(*found.details(), ("Invoiced at once", cost.text if cost else found.cost)),
        relies_on=found.relies_on(),
        customer=str(found.customer["id"]),
    )


async def _collect_again(found: Running, desk: Desk) -> Plan[SubscriptionResumed]:
    paused = found.paused or {}
    drafts = paused.get("behavior") == "keep_as_draft"
    upcoming = await next_invoice(desk.stripe, {"subscription": found.id})
    again: Json = {"subscription": found.id, "invoices": str(paused.get("behavior"))}
    if paused.get("resumes_at"):
        again["resumes_at"] = day(int(paused["resumes_at"]))
    return Plan(
        says=f"Go on collecting for {found.told}.",
        request=StripeRequest("POST", f"/v1/subscriptions/{found.id}", {"pause_collection": ""}),
        undo="pause_subscription pauses it again.",
        warnings=(*found.warnings(), *_still_ends(found)),
        details=(
            *found.details(),
            *(
                (("Invoices of the pause", "those kept as drafts stay drafts until somebody finalizes them"),)
                if drafts
                else ()
            ),
            *upcoming,
        ),
        relies_on=found.relies_on(),
        customer=str(found.customer["id"]),
        opposite=NextCall("pause_subscription", again),
    )


async def _take_back(found: Running, desk: Desk) -> Plan[SubscriptionResumed]:
    by_period = bool(found.body.get("cancel_at_period_end"))
    sent: Json = {"cancel_at_period_end": False} if by_period else {"cancel_at": ""}
    cost = whole_cost(found.items)
    ends = found.body.get("cancel_at") or found.period_end
    upcoming = await next_invoice(desk.stripe, {"subscription": found.id, "subscription_details": dict(sent)})
    again: Json = {"subscription": found.id}
    if not by_period:
        again["cancel_at"] = day(int(found.body["cancel_at"]))
    return Plan(
        says=f"Take back the cancellation of {found.told}: it renews{f' on {day(ends)}' if ends else ''} "
        "instead of ending.",
        request=StripeRequest("POST", f"/v1/subscriptions/{found.id}", sent),
        moves=Stake(cost.amount_minor, cost.currency) if cost else None,
        undo="It can be canceled again before it renews.",
        warnings=tuple(found.warnings()),
        details=(*found.details(), *upcoming, *((("Each period", cost.text),) if cost else ())),
        relies_on=found.relies_on(),
        customer=str(found.customer["id"]),
        opposite=NextCall("cancel_subscription" if by_period else "update_subscription", again),
    )


def _still_ends(found: Running) -> list[str]:
    ends = found.body.get("cancel_at")
    return [f"It still ends on {day(int(ends))}; resume it once more to take that back."] if ends else []


def _nobody_pays(found: Running) -> list[str]:
    """Stripe leaves it paused until the invoice of its resumption is paid."""
    customer = (found.customer.get("invoice_settings") or {}).get("default_payment_method")
    if found.body.get("default_payment_method") or customer or found.body.get("collection_method") == "send_invoice":
        return []
    return ["There is no default payment method: it stays paused until the invoice is paid."]
