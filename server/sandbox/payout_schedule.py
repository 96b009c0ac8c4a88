"""When payouts happen: an account's schedule, and the moment of its next payout.

Payouts are made at 02:00 UTC on days that are no weekend, of what is available then
(https://docs.stripe.com/payouts#payout-schedule).
"""

import calendar
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object

MADE_AT_HOUR: Final = 2
DAY_S: Final = 86_400
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LEAST_DELAY_DAYS: Final = 2
_LAST_DAY: Final = 31


def schedule_of(before: Object, sent: dict[str, Any], account: Object) -> Object:
    """A schedule after an update; StripeError where a weekly or monthly one does not say when."""
    prefix = "settings[payouts][schedule]"
    interval = sent.get("interval", before["interval"])
    delay = sent.get("delay_days", before["delay_days"])
    if isinstance(delay, str):
        delay = _delay(delay, account, f"{prefix}[delay_days]")
    schedule: Object = {"delay_days": delay, "interval": interval}
    if interval == "weekly":
        days = sent.get("weekly_payout_days") or [sent.get("weekly_anchor") or before.get("weekly_anchor")]
        if days == [None]:
            raise StripeError(
                "You must provide weekly_anchor for a weekly payout schedule.", param=f"{prefix}[weekly_anchor]"
            )
        schedule.update(weekly_anchor=days[0], weekly_payout_days=[day for day in days if day in _WEEKDAYS[:5]])
    if interval == "monthly":
        days = sent.get("monthly_payout_days") or [sent.get("monthly_anchor") or before.get("monthly_anchor")]
        if days == [None]:
            raise StripeError(
                "You must provide monthly_anchor for a monthly payout schedule.", param=f"{prefix}[monthly_anchor]"
            )
        schedule.update(monthly_anchor=days[0], monthly_payout_days=days)
    return schedule


def _delay(sent: str, account: Object, param: str) -> int:
    if sent == "minimum":
        return _LEAST_DELAY_DAYS
    if not sent.isascii() or not sent.isdecimal():
        raise StripeError(f"Invalid integer: {sent}", code="parameter_invalid_integer", param=param)
    days = int(sent)
    least = _LEAST_DELAY_DAYS if account.get("_platform") else 0
    if not least <= days <= _LAST_DAY:
        raise StripeError(f"You cannot set delay_days below {least} or above {_LAST_DAY}.", param=param)
    return days


def next_run(schedule: Object, after: int) -> int | None:
    """The first moment later than `after` at which the schedule pays out; None for a manual one."""
    if schedule["interval"] == "manual":
        return None
    day = datetime.fromtimestamp(after, UTC).date()
    for ahead in range(_LAST_DAY * 2 + 2):
        one = day + timedelta(days=ahead)
        at = int(datetime(one.year, one.month, one.day, MADE_AT_HOUR, tzinfo=UTC).timestamp())
        if at > after and _pays_on(schedule, one):
            return at
    return None


def _pays_on(schedule: Object, day: date) -> bool:
    interval = schedule["interval"]
    if interval == "daily":
        return day.weekday() < 5
    if interval == "weekly":
        wanted = schedule.get("weekly_payout_days") or [schedule["weekly_anchor"]]
        return _WEEKDAYS[day.weekday()] in wanted
    last = calendar.monthrange(day.year, day.month)[1]
    wanted = schedule.get("monthly_payout_days") or [schedule["monthly_anchor"]]
    # The 31st of a shorter month is its last day.
    return day.day in {min(one, last) for one in wanted}


def business_days_after(now: int, days: int) -> int:
    """Midnight UTC, so many days of business on."""
    day = datetime.fromtimestamp(now, UTC).date()
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
