"""Change when payouts go to the bank by themselves."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, NextCall, Plan, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean

Schedule = Literal["daily", "weekly", "monthly", "manual"]
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday")
_MOST_DAYS: Final = 31


class Params(WriteParams):
    schedule: Schedule
    days: (
        Annotated[
            list[Annotated[str, Field(pattern="^[a-z0-9]{1,9}$")]],
            Field(min_length=1, max_length=31, description="Weekdays, or days of the month"),
        ]
        | None
    ) = None


class ScheduleChanged(WriteResult):
    """The payout schedule as it is now; `days` are weekdays or days of the month."""

    schedule: str
    days: list[str] | None = None

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read balance settings."""
        schedule, days = _schedule_of(answer)
        return cls(schedule=schedule, days=days or None)

    def sentence(self) -> str:
        """When payouts happen."""
        return f"Payouts are now {_told(self.schedule, self.days)}."


@skill(
    effect=Effect.WRITE,
    toolset="payouts",
    says=("set the payout schedule to {schedule}", "make payouts {schedule}", "change payouts to {schedule}"),
    examples=({"schedule": "weekly", "days": ["monday"]}, {"schedule": "manual"}),
)
async def update_payout_schedule(params: Params, desk: Desk) -> Plan[ScheduleChanged]:
    """Change the payout schedule: daily, weekly, monthly or manual."""
    days = _checked(params)
    before, days_before = _schedule_of(await desk.stripe.get("/v1/balance_settings"))
    if (before, days_before) == (params.schedule, days):
        raise SkillError(
            f"Payouts are {_told(before, days_before)} already.", code="nothing_to_change", field="schedule"
        )
    schedule: Json = {"interval": params.schedule}
    if params.schedule == "weekly":
        schedule["weekly_payout_days"] = days
    if params.schedule == "monthly":
        schedule["monthly_payout_days"] = [int(one) for one in days]
    back: Json = {"schedule": before, **({"days": days_before} if days_before else {})}
    stops = ("Nothing is paid out by itself any more.",) if params.schedule == "manual" else ()
    return Plan(
        says=f"Change payouts from {_told(before, days_before)} to {_told(params.schedule, days)}.",
        request=StripeRequest("POST", "/v1/balance_settings", {"payments": {"payouts": {"schedule": schedule}}}),
        undo=f"It can be set back to {_told(before, days_before)}.",
        warnings=stops,
        relies_on={"schedule": before, "days": ",".join(days_before)},
        opposite=NextCall("update_payout_schedule", back),
    )


def _checked(params: Params) -> list[str]:
    """The days in their order. Raises SkillError where they do not fit the schedule."""
    days = params.days or []
    if params.schedule in ("daily", "manual"):
        if days:
            raise SkillError(f"A {params.schedule} schedule has no days.", code="days_not_taken", field="days")
        return []
    if params.schedule == "weekly":
        if not days or not set(days) <= set(_WEEKDAYS):
            raise SkillError(
                "On which weekdays?", code="days_missing", field="days", choices=_WEEKDAYS, next_step="Such as monday."
            )
        return [one for one in _WEEKDAYS if one in days]
    if not days or not all(one.isdigit() and 1 <= int(one) <= _MOST_DAYS for one in days):
        raise SkillError("On which days of the month, 1 to 31?", code="days_missing", field="days")
    return [str(number) for number in sorted({int(one) for one in days})]


def _schedule_of(settings: Json) -> tuple[str, list[str]]:
    payouts: dict[str, Any] = (settings.get("payments") or {}).get("payouts") or {}
    schedule: dict[str, Any] = payouts.get("schedule") or {}
    interval = clean(schedule.get("interval") or "manual", 20)
    name = {"weekly": "weekly_payout_days", "monthly": "monthly_payout_days"}.get(interval)
    return interval, [clean(day, 20) for day in (schedule.get(name) or ())] if name else []


def _told(schedule: str, days: list[str] | None) -> str:
    if not days:
        return schedule
    return f"{schedule} on {'day ' if schedule == 'monthly' else ''}{', '.join(days)}"
