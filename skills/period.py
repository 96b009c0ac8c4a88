"""Date ranges as every skill takes them: half-open [start, end), whole days, UTC."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from paydesk.skills.base import Json
from paydesk.skills.errors import SkillError

GroupBy = Literal["day", "week", "month", "quarter", "year"]


def seconds(day: date) -> int:
    """Midnight UTC at the beginning of `day`, in seconds since 1970."""
    return int(datetime.combine(day, time.min, UTC).timestamp())


def within(start: date | None, end: date | None, name: str = "created") -> Json:
    """Stripe's range filter for [start, end): `{"created": {"gte": ..., "lt": ...}}`, or `{}` where neither is given.

    Raises SkillError (field `end`) for a range that holds no day.
    """
    if start is not None and end is not None and end <= start:
        raise SkillError(
            "The range holds no day: end must be after start.",
            code="invalid_range",
            field="end",
            next_step="end is the first day that no longer counts: for one day, the day after start.",
        )
    bounds: Json = {}
    if start is not None:
        bounds["gte"] = seconds(start)
    if end is not None:
        bounds["lt"] = seconds(end)
    return {name: bounds} if bounds else {}


def holds(bounds: Json, moment: int | None) -> bool:
    """Whether a moment lies within `{"gte": ..., "lt": ...}` as `within` gives it; none lies within nothing."""
    if moment is None:
        return False
    return bool(bounds.get("gte", moment) <= moment) and ("lt" not in bounds or bool(moment < bounds["lt"]))


def is_ahead(start: date | None, now: datetime) -> bool:
    """Whether a range begins after today: nothing was made then, so what is meant is due, arrives or renews then."""
    return start is not None and start > now.date()


def day(timestamp: int) -> str:
    """The UTC day of a Stripe timestamp, such as `2026-11-21`."""
    return datetime.fromtimestamp(timestamp, UTC).date().isoformat()


def told(start: date | None, end: date | None) -> str:
    """The range in words with its last day, such as ` from 2026-10-01 to 2026-10-31`; empty where there is none."""
    last = end - timedelta(days=1) if end else None
    if start and last:
        return f" on {start}" if start == last else f" from {start} to {last}"
    return f" since {start}" if start else f" until {last}" if last else ""
