"""Plan a subscription ahead: when it begins, what each phase bills, and how it ends."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Literal, Self

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, Plan, Strict, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.move_ahead import check_can_move, requests
from paydesk.skills.period import day
from paydesk.skills.recurring import Asked, Chosen, Quantity, price_meant
from paydesk.skills.running_subscription import Running, subscription_meant
from paydesk.skills.saved_method import method_meant
from paydesk.skills.who import CustomerText, choice, customer_meant, label


class Phase(Strict):
    """One part of the plan: a price for so many of its billing periods; the last may be left open."""

    price: Annotated[str, Field(min_length=1, max_length=200, description="Id, or product")]
    quantity: Quantity | None = None
    periods: Annotated[int, Field(ge=1, le=120)] | None = None


class Params(WriteParams):
    customer: CustomerText
    subscription: Annotated[str, Field(max_length=100, description='To change: id, or "current"')] | None = None
    start_date: date
    phases: Annotated[list[Phase], Field(min_length=1, max_length=10)]
    then: Annotated[Literal["release", "cancel"], Field(description="After the phases: go on, or end")] = "release"


class SubscriptionScheduled(WriteResult):
    """A schedule, and when it begins, or when what ran before gives way to what was planned."""

    schedule: str
    status: str
    starts: str

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a subscription schedule; what runs already is the first phase of an active one."""
        planned = answer["phases"][1 if answer["status"] == "active" and len(answer["phases"]) > 1 else 0]
        return cls(schedule=str(answer["id"]), status=str(answer["status"]), starts=day(int(planned["start_date"])))

    def sentence(self) -> str:
        """When it begins."""
        what = "a change of the subscription" if self.status == "active" else "a subscription"
        return f"Scheduled {what} that begins on {self.starts} ({self.schedule})."


@skill(
    effect=Effect.MONEY,
    toolset="subscriptions",
    says=(
        "schedule a subscription for {customer} from {start_date} on {phrase}",
        "move {customer} to {phrase} on {start_date}",
    ),
    examples=(
        {
            "customer": "Acme Corp",
            "start_date": "2027-01-01",
            "phases": [{"price": "price_1Mo", "periods": 3}, {"price": "price_1Mp"}],
        },
        {"customer": "Jane Doe", "subscription": "current", "start_date": "2027-01-01", "phases": [{"price": "Team"}]},
    ),
)
async def schedule_subscription(params: Params, desk: Desk) -> Plan[SubscriptionScheduled]:
    """Schedule a subscription that begins later, or a change of one, in phases of different prices."""
    if params.start_date <= desk.now().date():
        raise SkillError(
            "start_date must be a day ahead.",
            code="date_not_ahead",
            field="start_date",
            next_step="create_subscription begins one today, update_subscription changes one now.",
        )
    _check(params)
    customer = await customer_meant(desk, params.customer)
    running = await _to_change(params, customer, desk)
    chosen = await _chosen(params, customer, running, desk)
    method = await method_meant(desk.stripe, customer, None, desk.now())
    counts = [_quantity(phase, one, running) for phase, one in zip(params.phases, chosen, strict=True)]
    told = [_told(*each) for each in zip(params.phases, chosen, counts, strict=True)]
    phases = _phases(params, chosen, counts)
    prepares: tuple[StripeRequest, ...] = ()
    if running is None:
        request = StripeRequest("POST", "/v1/subscription_schedules", _new(params, customer, phases))
        says = f"Schedule a subscription for {label(customer)} from {params.start_date}: {told[0]}{_more(told)}."
    else:
        prepares, request = requests(running, params.start_date, phases, params.then)
        says = f"Change {running.told} on {params.start_date}: {told[0]}{_more(told)}."
    ending = "then it ends" if params.then == "cancel" else "then it goes on"
    return Plan(
        says=says,
        prepares=prepares,
        request=request,
        # Canceling a schedule of a running subscription would end that as well.
        undo=f"The schedule can be {'released' if running else 'canceled before it begins'} in Stripe's dashboard.",
        warnings=tuple(await _warnings(params, customer, running, has_method=method is not None, desk=desk)),
        details=(
            ("Customer", choice(customer)),
            *((("Until then", f"{running.plan} at {running.cost}"),) if running else ()),
            *((f"Phase {number}", text) for number, text in enumerate(told, 1)),
            ("Afterwards", ending if params.phases[-1].periods else "the last phase is open-ended"),
            *((("Charged to", method.text),) if method else ()),
        ),
        relies_on={
            "customer": str(customer["id"]),
            "payment_method": method.id if method else None,
            "prices": ";".join(str(one.price["id"]) for one in chosen),
            **(running.relies_on() if running else {}),
        },
        customer=str(customer["id"]),
    )


async def _to_change(params: Params, customer: Json, desk: Desk) -> Running | None:
    """The running subscription that is to change; None where a new one is scheduled."""
    if params.subscription is None:
        return None
    identifier = None if params.subscription == "current" else params.subscription
    running = await subscription_meant(desk, identifier, str(customer["id"]))
    check_can_move(running)
    return running


async def _chosen(params: Params, customer: Json, running: Running | None, desk: Desk) -> list[Chosen]:
    """The price of each phase; a product's name is taken at the interval that is billed now, where that tells."""
    before = running.items[0]["price"] if running else None
    chosen: list[Chosen] = []
    for index, phase in enumerate(params.phases):
        by_id = phase.price.startswith(("price_", "plan_"))
        asked = Asked(price=phase.price) if by_id else Asked(product=phase.price)
        try:
            chosen.append(await price_meant(desk.stripe, asked, billed_in=customer.get("currency"), instead_of=before))
        except SkillError as wrong:
            # The skill's own field, which Asked knows nothing of.
            wrong.field = f"phases[{index}].price"
            raise
    if len({str(one.price["currency"]) for one in chosen}) > 1:
        raise SkillError("All phases must be in one currency.", code="currency_differs", field="phases")
    return chosen


async def _warnings(
    params: Params, customer: Json, running: Running | None, *, has_method: bool, desk: Desk
) -> list[str]:
    found = [] if has_method else ["The customer has no saved payment method to charge when it begins."]
    if running is not None:
        return [*found, *running.warnings(), *_midway(params, running)]
    page = await desk.stripe.page("/v1/subscriptions", {"customer": customer["id"], "limit": 1})
    if page.data:
        found.append(
            'There is a running subscription already, and this adds another; subscription "current" changes it.'
        )
    return found


def _midway(params: Params, running: Running) -> list[str]:
    ends = running.period_end
    if ends is None or datetime.fromtimestamp(ends, UTC).date() == params.start_date:
        return []
    return ["The day is not the end of a billing period, so the difference is prorated."]


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


def _quantity(phase: Phase, one: Chosen, running: Running | None) -> int | None:
    """How many: as said, else as many as run now, else one; None where use decides."""
    if one.is_metered:
        return None
    return phase.quantity or int((running.items[0].get("quantity") if running else None) or 1)


def _phases(params: Params, chosen: list[Chosen], counts: list[int | None]) -> list[Json]:
    phases: list[Json] = []
    for phase, one, count in zip(params.phases, chosen, counts, strict=True):
        price = str(one.price["id"])
        item: Json = {"price": price} if count is None else {"price": price, "quantity": count}
        recurring = one.price["recurring"]
        # An open-ended last phase lasts one period, after which the subscription is released and goes on.
        often = (phase.periods or 1) * int(recurring["interval_count"])
        phases.append({"items": [item], "duration": {"interval": recurring["interval"], "interval_count": often}})
    return phases


def _new(params: Params, customer: Json, phases: list[Json]) -> Json:
    begins = int(datetime.combine(params.start_date, time.min, UTC).timestamp())
    return {"customer": customer["id"], "start_date": begins, "end_behavior": params.then, "phases": phases}


def _told(phase: Phase, one: Chosen, quantity: int | None) -> str:
    count = f"{quantity} x " if quantity not in (None, 1) else ""
    often = f" for {phase.periods} period{'' if phase.periods == 1 else 's'}" if phase.periods else ""
    return f"{one.name} at {count}{one.text}{often}"


def _more(told: list[str]) -> str:
    return f", then {' and then '.join(told[1:])}" if len(told) > 1 else ""
