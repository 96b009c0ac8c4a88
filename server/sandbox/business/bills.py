"""Bills: invoices written by hand and sent to companies, paid by card, by bank transfer, late, or never."""

import random
from dataclasses import dataclass
from typing import Final

from paydesk.server.sandbox.business.calendar import DAY_S, Span, moment
from paydesk.server.sandbox.business.customers import Customer
from paydesk.server.sandbox.business.plans import WARES

DAYS_UNTIL_DUE: Final = 30
_A_MONTH: Final = 4
_BILLED: Final = ("session", "migration", "reader")
_MEMOS: Final = (None, "Thank you for your order.", "As agreed by telephone.", "Purchase order 4500-{:04d}.")


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice to be sent. `wares`: which and how many; `ending`: "paid", "transferred", "void", "uncollectible",
    "open" (left as it is, past due where it is old) or "draft"; `ends_at` when that happens.
    """

    customer: Customer
    at: int
    wares: tuple[tuple[str, int], ...]
    ending: str
    ends_at: int
    memo: str | None


def draw(rng: random.Random, span: Span, customers: list[Customer]) -> list[Bill]:
    """Every bill, and the few of the last weeks that are in each of the states one may be in today."""
    companies = [one for one in customers if one.name.is_company]
    drawn = [
        _bill(rng, companies, moment(rng, since, until), rng.choice(("paid", "paid", "paid", "transferred", "void")))
        for since, until in span.months()
        for _ in range(_A_MONTH)
    ]
    present = ((75, "open"), (52, "open"), (41, "open"), (21, "open"), (12, "open"), (5, "open"), (4, "draft"))
    early = ((3, "draft"), (2, "draft"), (160, "uncollectible"), (240, "uncollectible"), (25, "void"))
    for days_ago, ending in present + early:
        since = span.today - days_ago * DAY_S
        drawn.append(_bill(rng, companies, moment(rng, since, since + DAY_S), ending))
    return [one for one in drawn if one is not None]


def _bill(rng: random.Random, companies: list[Customer], at: int, ending: str) -> Bill | None:
    there = [one for one in companies if one.joined_at < at and (one.left_at is None or one.left_at > at)]
    if not there:
        return None
    keys = rng.sample(_BILLED, rng.choice((1, 1, 2)))
    units = {ware.key: ware for ware in WARES}
    wares = tuple((key, rng.randrange(1, units[key].most + 1)) for key in keys)
    memo = rng.choice(_MEMOS)
    days = {"void": 3, "uncollectible": 110}.get(ending, 0) or rng.randrange(1, 40)
    customer = rng.choice(there)
    return Bill(customer, at, wares, ending, at + days * DAY_S, memo and memo.format(rng.randrange(10_000)))
