"""Recurring revenue counted by hand: day by day, subscription by subscription, from rows of what each brought a month.

A row is {subscription, at, customer, currency, a_month_minor}: from that second on it brought so much.
"""

from collections import defaultdict
from typing import Any

DAY = 86_400
Amounts = dict[tuple[str, str], int]


def amounts_at(rows: list[dict[str, Any]], moment: int) -> Amounts:
    """(customer, currency) -> minor units a month, of what changed up to and with `moment`."""
    last: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row["at"]):
        if row["at"] <= moment:
            last[row["subscription"]] = row
    sums: Amounts = defaultdict(int)
    for row in last.values():
        sums[row["customer"], row["currency"]] += row["a_month_minor"]
    return {key: amount for key, amount in sums.items() if amount}


def by_currency(amounts: Amounts) -> dict[str, int]:
    """Currency -> sum."""
    sums: dict[str, int] = defaultdict(int)
    for (_, currency), amount in amounts.items():
        sums[currency] += amount
    return dict(sums)


def moved_by_hand(rows: list[dict[str, Any]], start: int, end: int) -> dict[tuple[str, str], int]:
    """(currency, movement) -> change, by comparing the ends of one day and the next, customer by customer."""
    ever: set[tuple[str, str]] = set()
    moved: dict[tuple[str, str], int] = defaultdict(int)
    first = min((row["at"] for row in rows), default=start) // DAY
    before: Amounts = {}
    for day in range(first, -(-end // DAY)):
        after = amounts_at(rows, min((day + 1) * DAY, end) - 1)
        for key in sorted({*before, *after}):
            old, new = before.get(key, 0), after.get(key, 0)
            if old != new and day * DAY >= start:
                back = "reactivation" if key in ever else "new"
                name = back if not old else "churn" if not new else "expansion" if new > old else "contraction"
                moved[key[1], name] += new - old
        ever |= set(after)
        before = after
    return moved
