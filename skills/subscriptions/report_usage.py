"""Report what a customer used, for a price that bills by a meter."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, Field

from paydesk.skills.base import Desk, Effect, Json, Plan, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.errors import NotFound, SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.who import SURE, CustomerText, choice, customer_meant, label, score

# https://docs.stripe.com/api/billing/meter-event/create: within the past 35 days or 5 minutes ahead.
_OLDEST_DAYS = 35


class Params(WriteParams):
    meter: Annotated[str, Field(min_length=1, max_length=200)]
    customer: CustomerText
    used: Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)]
    used_at: AwareDatetime | None = None
    identifier: Annotated[str, Field(pattern="^[A-Za-z0-9_.:-]{1,100}$", description="Counts once")] | None = None


class UsageReported(WriteResult):
    """What was reported."""

    event_name: str
    identifier: str

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a meter event."""
        return cls(event_name=str(answer["event_name"]), identifier=str(answer["identifier"]))

    def sentence(self) -> str:
        """That it counts from now."""
        return f"Reported usage of {self.event_name}; Stripe counts it within some minutes."


@skill(
    effect=Effect.MONEY,
    toolset="subscriptions",
    says=("report {used} {meter} of {customer}",),
    examples=({"meter": "messages_sent", "customer": "Acme Corp", "used": 1200},),
)
async def report_usage(params: Params, desk: Desk) -> Plan[UsageReported]:
    """Report usage to a billing meter; it is billed with the period."""
    meter = await _meter(params.meter, desk)
    customer = await customer_meant(desk, params.customer)
    if params.used == 0:
        raise SkillError("Nothing used is nothing to report.", code="no_usage", field="used")
    mapping = (meter.get("customer_mapping") or {}).get("event_payload_key") or "stripe_customer_id"
    value = (meter.get("value_settings") or {}).get("event_payload_key") or "value"
    sent: Json = {
        "event_name": meter["event_name"],
        "payload": {mapping: str(customer["id"]), value: str(params.used)},
    }
    if params.identifier:
        sent["identifier"] = params.identifier
    when = ""
    if params.used_at is not None:
        sent["timestamp"] = _timestamp(params.used_at, desk.now())
        when = f" at {params.used_at:%Y-%m-%d %H:%M} ({params.used_at.tzname()})"
    name = clean(meter["display_name"], 60)
    return Plan(
        says=f"Report {params.used:,} {name} for {label(customer)}{when}.",
        request=StripeRequest("POST", "/v1/billing/meter_events", sent),
        undo="Stripe can cancel a meter event within 24 hours, in its dashboard.",
        warnings=("It takes usage back.",) if params.used < 0 else (),
        details=(("Customer", choice(customer)), ("Meter", f"{name} ({meter['id']})")),
        relies_on={"meter": str(meter["id"]), "status": str(meter["status"])},
        customer=str(customer["id"]),
    )


async def _meter(text: str, desk: Desk) -> Json:
    page = await desk.stripe.page("/v1/billing/meters", {"status": "active", "limit": 100})
    wanted = text.strip().casefold()
    for meter in page.data:
        if wanted in (str(meter["id"]).casefold(), meter["event_name"].casefold(), meter["display_name"].casefold()):
            return meter
    alike = [one for one in page.data if score(text, str(one["display_name"])) >= SURE]
    if len(alike) == 1:
        return alike[0]
    raise NotFound(
        f"There is no active meter {clean(text, 60)}.",
        code="meter_not_found",
        field="meter",
        choices=[clean(f"{meter['display_name']} ({meter['event_name']})", 90) for meter in page.data[:5]],
        next_step="Name one of these." if page.data else "Meters are made in Stripe's dashboard.",
    )


def _timestamp(used_at: datetime, now: datetime) -> int:
    age = now - used_at
    if age.total_seconds() < -300 or age.days >= _OLDEST_DAYS:
        raise SkillError(
            f"Stripe takes usage of the past {_OLDEST_DAYS} days only.", code="usage_too_old", field="used_at"
        )
    return int(used_at.timestamp())
