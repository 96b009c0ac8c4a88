"""Plan a subscription ahead: when it begins, what each phase bills, and how it ends."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Literal, Self

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, Plan, Strict, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.period import day
from paydesk.skills.recurring import Asked, Chosen, PriceId, Quantity, price_meant
from paydesk.skills.saved_method import method_meant
from paydesk.skills.who import CustomerText, choice, customer_meant, label


class Phase(Strict):
    """One part of the plan: a price for so many of its billing periods; the last may be left open."""

    price: PriceId
    quantity: Quantity = 1
    periods: Annotated[int, Field(ge=1, le=120)] | None = None


class Params(WriteParams):
    customer: CustomerText
    start_date: date
    phases: Annotated[list[Phase], Field(min_length=1, max_length=10)]
    then: Annotated[Literal["release", "cancel"], Field(description="After the phases: go on, or end")] = "release"


class SubscriptionScheduled(WriteResult):
    """A schedule, and when it begins."""

    schedule: str
    status: str
    starts: str

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a subscription schedule."""
        starts = day(int(answer["phases"][0]["start_date"]))
        return cls(schedule=str(answer["id"]), status=str(answer["status"]), starts=starts)

    def sentence(self) -> str:
        """When it begins."""
        return f"Scheduled a subscription that begins on {self.starts} ({self.schedule})."


@skill(
    effect=Effect.MONEY,
    toolset="subscriptions",
    says=("schedule a subscription for {customer} from {start_date} on {phrase}",),
    examples=(
        {
            "customer": "Acme Corp",
            "start_date": "2027-01-01",
            "phases": [{"price": "price_1Mo", "periods": 3}, {"price": "price_1Mp"}],
        },
    ),
)
async def schedule_subscription(params: Params, desk: Desk) -> Plan[SubscriptionScheduled]:
    """Schedule a subscription that begins later, in phases of different prices."""
    if params.start_date <= desk.now().date():
        raise SkillError(
            "start_date must be a day ahead.",
            code="date_not_ahead",
            field="start_date",
            next_step="create_subscription begins one today.",
        )
    _check(params)
    customer = await customer_meant(desk, params.customer)
    chosen = [
        await price_meant(desk.stripe, Asked(price=phase.price), billed_in=customer.get("currency"))
        for phase in params.phases
    ]
    if len({str(one.price["currency"]) for one in chosen}) > 1:
        raise SkillError("All phases must be in one currency.", code="currency_differs", field="phases")
    method = await method_meant(desk.stripe, customer, None, desk.now())
    told = [_told(phase, one) for phase, one in zip(params.phases, chosen, strict=True)]
    ending = "then it ends" if params.then == "cancel" else "then it goes on"
    return Plan(
        says=f"Schedule a subscription for {label(customer)} from {params.start_date}: {told[0]}{_more(told)}.",
        request=StripeRequest("POST", "/v1/subscription_schedules", _sent(params, customer, chosen)),
        undo="It can be canceled before it begins, in Stripe's dashboard.",
        warnings=() if method else ("The customer has no saved payment method to charge when it begins.",),
        details=(
            ("Customer", choice(customer)),
            *((f"Phase {number}", text) for number, text in enumerate(told, 1)),
            ("Afterwards", ending if params.phases[-1].periods else "the last phase is open-ended"),
            *((("Charged to", method.text),) if method else ()),
        ),
        relies_on={"customer": str(customer["id"]), "payment_method": method.id if method else None},
        customer=str(customer["id"]),
    )


def _check(params: Params) -> None:
    for index, phase in enumerate(params.phases[:-1]):
        if phase.periods is None:
            raise SkillError(
                "Only the last phase may be open-ended.", code="phase_open", field=f"phases[{index}].periods"
            )
    if params.phases[-1].periods is None and params.then == "cancel":
        raise SkillError(
            "What ends needs the periods of its last phase.", code="phase_open", field="phases[-1].periods"
        )


def _sent(params: Params, customer: Json, chosen: list[Chosen]) -> Json:
    phases: list[Json] = []
    for phase, one in zip(params.phases, chosen, strict=True):
        item: Json = {"price": phase.price} if one.is_metered else {"price": phase.price, "quantity": phase.quantity}
        recurring = one.price["recurring"]
        # An open-ended last phase lasts one period, after which the subscription is released and goes on.
        count = (phase.periods or 1) * int(recurring["interval_count"])
        duration = {"interval": recurring["interval"], "interval_count": count}
        phases.append({"items": [item], "duration": duration})
    begins = int(datetime.combine(params.start_date, time.min, UTC).timestamp())
    return {"customer": customer["id"], "start_date": begins, "end_behavior": params.then, "phases": phases}


def _told(phase: Phase, one: Chosen) -> str:
    count = f"{phase.quantity} x " if phase.quantity != 1 else ""
    often = f" for {phase.periods} period{'' if phase.periods == 1 else 's'}" if phase.periods else ""
    return f"{one.name} at {count}{one.text}{often}"


def _more(told: list[str]) -> str:
    return f", then {' and then '.join(told[1:])}" if len(told) > 1 else ""
