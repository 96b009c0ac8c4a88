"""Stop collecting for a subscription for a while."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, NextCall, Plan, StripeRequest, WriteParams, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.ids import SubscriptionId
from paydesk.skills.period import day
from paydesk.skills.price import ProductText
from paydesk.skills.running_subscription import Running, ahead, subscription_meant
from paydesk.skills.subscription_state import SubscriptionState
from paydesk.skills.who import CustomerText

Invoices = Literal["keep_as_draft", "void", "mark_uncollectible"]
# https://docs.stripe.com/billing/subscriptions/pause-payment
_MEANWHILE = {
    "keep_as_draft": "kept as drafts, to be collected later or never",
    "void": "voided: never owed, and the service is not given",
    "mark_uncollectible": "marked uncollectible: the service is given for free",
}


class Params(WriteParams):
    subscription: SubscriptionId | None = None
    customer: CustomerText | None = None
    product: ProductText | None = None
    resumes_at: Annotated[date, Field(description="Default: until resumed")] | None = None
    invoices: Annotated[Invoices, Field(description="What becomes of them meanwhile")] = "keep_as_draft"


class SubscriptionPaused(SubscriptionState):
    """A subscription whose collection is paused."""

    def sentence(self) -> str:
        """Until when."""
        until = f"until {self.resumes}" if self.resumes else "until it is resumed"
        return f"Paused {self.subscription} ({self.costs}) {until}."


@skill(
    effect=Effect.WRITE,
    toolset="subscriptions",
    says=(
        "pause {subscription}",
        "pause the subscription of {customer}",
        "pause collection for {customer} until {dates}",
    ),
    examples=({"customer": "Jane Doe", "resumes_at": "2027-02-01"},),
)
async def pause_subscription(params: Params, desk: Desk) -> Plan[SubscriptionPaused]:
    """Pause collecting for a subscription; a person approves it first."""
    found = await subscription_meant(
        desk,
        params.subscription,
        params.customer,
        product=params.product,
        fits=lambda one: one["status"] != "paused" and not one.get("pause_collection"),
    )
    sent: Json = {"behavior": params.invoices}
    if params.resumes_at is not None:
        sent["resumes_at"] = ahead(params.resumes_at, desk.now(), "resumes_at")
    _must_be_pausable(found, sent)
    until = f" until {params.resumes_at}" if params.resumes_at else " until it is resumed"
    warnings = found.warnings()
    if found.body.get("cancel_at"):
        warnings.append(f"It ends on {day(found.body['cancel_at'])} all the same.")
    return Plan(
        says=f"Pause collecting for {found.told}{until}.",
        request=StripeRequest("POST", f"/v1/subscriptions/{found.id}", {"pause_collection": sent}),
        undo="resume_subscription goes on collecting.",
        warnings=tuple(warnings),
        details=(
            *found.details(),
            ("Invoices meanwhile", _MEANWHILE[params.invoices]),
            ("Next invoice", f"none is charged{until}; those that are open already still are"),
            ("Periods", "go on as before; Stripe leaves the status as it is"),
        ),
        relies_on=found.relies_on(),
        customer=str(found.customer["id"]),
        opposite=NextCall("resume_subscription", {"subscription": found.id}),
    )


def _must_be_pausable(found: Running, wanted: Json) -> None:
    if found.status in ("paused", "incomplete"):
        raise SkillError(
            f"{found.told} is {found.status}; nothing is collected for it.", code="not_pausable", field="subscription"
        )
    now = found.paused
    if now is not None and all(now.get(name) == wanted.get(name) for name in ("behavior", "resumes_at")):
        raise SkillError(
            f"Collecting for {found.told} is paused already.",
            code="already_paused",
            field="subscription",
            next_step="resume_subscription goes on; another resumes_at or invoices changes the pause.",
        )
