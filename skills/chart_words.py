"""How charts speak: a title says the finding, and a group of days is named as people name it."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from paydesk.skills.books import GroupBy
from paydesk.skills.chart import Unit
from paydesk.skills.money import money

Value = int | Decimal
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def next_group(first: date, by: GroupBy) -> date:
    """The first day of the group after the one that begins on `first`."""
    if by == "day":
        return first + timedelta(days=1)
    if by == "week":
        return first + timedelta(days=7)
    months = first.year * 12 + first.month - 1 + {"month": 1, "quarter": 3, "year": 12}[by]
    return date(months // 12, months % 12 + 1, 1)


def when(first: date, by: GroupBy) -> str:
    """A group in a sentence: `in October 2026`, `on 14 October 2026`, `in the week of 12 October 2026`."""
    if by == "year":
        return f"in {first.year}"
    if by == "quarter":
        return f"in Q{(first.month + 2) // 3} {first.year}"
    month = f"{_MONTHS[first.month - 1]} {first.year}"
    if by == "month":
        return f"in {month}"
    return f"on {first.day} {month}" if by == "day" else f"in the week of {first.day} {month}"


def label(first: date, by: GroupBy) -> str:
    """The same on an axis: `Oct 2026`, `14 Oct`, `Q4 2026`."""
    month = _MONTHS[first.month - 1][:3]
    if by == "year":
        return str(first.year)
    if by == "quarter":
        return f"Q{(first.month + 2) // 3} {first.year}"
    return f"{month} {first.year}" if by == "month" else f"{first.day} {month}"


def told(value: Value, unit: Unit) -> str:
    """A value as people write it: `$8,140`, `12`, `2.1%`; whole amounts without their zeros."""
    if unit == "percent":
        return f"{value}%".replace(".0%", "%")
    if unit in ("count", "ratio"):
        return f"{value:,}"
    return money(int(value), unit).text.removesuffix(".00")


def moved(now: Value, before: Value, unit: Unit) -> str:
    """What became of it: `rose 12% to $8,140`, `fell to nothing`, `stayed at 12`."""
    if now == before:
        return f"stayed at {told(now, unit)}"
    verb = "rose" if now > before else "fell"
    if unit in ("percent", "ratio") or before < 0 or now < 0:  # a share of a share, or of a loss, would mislead
        return f"{verb} from {told(before, unit)} to {told(now, unit)}"
    if not before:
        return f"rose from nothing to {told(now, unit)}"
    if not now:
        return "fell to nothing"
    return f"{verb} {share(abs(Decimal(now) - Decimal(before)), before)} to {told(now, unit)}"


def changed(now: Value, before: Value, unit: Unit) -> str:
    """The same in brief, where several stand in one title: `$8,140 (+12%)`."""
    text = told(now, unit)
    if now == before or unit in ("percent", "ratio") or before <= 0 or now < 0:
        return f"{text} (before: {told(before, unit)})"
    sign = "+" if now > before else "-"
    return f"{text} ({sign}{share(abs(Decimal(now) - Decimal(before)), before)})"


def share(part: Value, whole: Value) -> str:
    """`part` of `whole` in percent, one decimal below ten."""
    percent = Decimal(part) * 100 / Decimal(whole)
    step = Decimal("0.1") if percent < Decimal("9.95") else Decimal(1)
    return f"{percent.quantize(step, ROUND_HALF_UP):,}%".replace(".0%", "%")


def listed(parts: Sequence[str], most: int = 4) -> str:
    """`a, b and 2 more`: as many as a title bears."""
    if len(parts) <= most:
        return ", ".join(parts)
    return f"{', '.join(parts[:most])} and {len(parts) - most} more"
