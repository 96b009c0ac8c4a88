"""List payouts: what went, or goes, to the bank."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from paydesk.skills import amounts, period, reading
from paydesk.skills.base import Desk, Effect, Json, Result, Strict, skill
from paydesk.skills.hostile_text import clean_or_none
from paydesk.skills.money import CurrencyCode, Money, money, totals


class Params(Strict):
    payout: Annotated[str, Field(pattern="^po_[A-Za-z0-9]+$")] | None = None
    status: Literal["paid", "pending", "in_transit", "canceled", "failed"] | None = None
    method: Literal["standard", "instant"] | None = None
    amount_major: amounts.AmountMajor | None = None
    currency: CurrencyCode | None = None
    start: date | None = None
    end: date | None = None
    sort: reading.Sort = "newest"
    limit: reading.Limit = 10
    cursor: str | None = None


class PayoutRow(Result):
    """One payout; `arrives` is the day it reaches, or reached, the bank."""

    id: str
    amount: Money
    status: str
    arrives: str
    method: str
    created: str
    failure: str | None = None

    def line(self) -> str:
        """The payout in words."""
        state = f"{self.status} ({self.failure})" if self.failure else self.status
        return f"{self.amount.text} {state} {self.method} arrives {self.arrives} {self.id}"


class Payouts(Result):
    """Payouts in the order asked for; `looked_at` is how many were read to find them."""

    payouts: list[PayoutRow]
    has_more: bool
    next_cursor: str | None = None
    looked_at: int
    says: str = Field(exclude=True)

    def sentence(self) -> str:
        """How many, and their sum per currency."""
        return self.says

    def lines(self) -> list[str]:
        """One line a payout."""
        return [payout.line() for payout in self.payouts]


@skill(
    effect=Effect.READ,
    toolset="payouts",
    says=("show {status} payouts", "payouts {dates}", "last {limit} payouts", "when does the next payout arrive"),
    examples=({"status": "failed"}, {"start": "2026-11-01", "limit": 5}),
)
async def list_payouts(params: Params, desk: Desk) -> Payouts:
    """List payouts to the bank by status, method, amount, currency and date created."""
    if params.payout is not None:
        found = reading.Found(items=[await desk.stripe.get(f"/v1/payouts/{params.payout}")], looked_at=1)
    else:
        asked: Json = period.within(params.start, params.end)
        if params.status:
            asked["status"] = params.status
        found = await reading.read(
            desk.stripe,
            "/v1/payouts",
            asked,
            limit=params.limit,
            cursor=params.cursor,
            keep=_keeper(params),
            sort=params.sort,
        )
    rows = [_row(item) for item in found.items]
    return Payouts(
        payouts=rows,
        has_more=found.more,
        next_cursor=found.cursor,
        looked_at=found.looked_at,
        says=_sentence(params, rows, found),
    )


def _keeper(params: Params) -> reading.Keep | None:
    wanted = amounts.AmountFilter.read(params.amount_major) if params.amount_major else None
    if not (wanted or params.method or params.currency):
        return None

    def keep(payout: Json) -> bool:
        if not amounts.fits(payout, wanted, params.currency):
            return False
        return params.method is None or payout["method"] == params.method

    return keep


def _row(payout: Json) -> PayoutRow:
    return PayoutRow(
        id=str(payout["id"]),
        amount=money(int(payout["amount"]), payout["currency"]),
        status=str(payout["status"]),
        arrives=period.day(int(payout["arrival_date"])),
        method=str(payout["method"]),
        created=period.day(int(payout["created"])),
        failure=clean_or_none(payout.get("failure_code"), 60),
    )


def _sentence(params: Params, rows: list[PayoutRow], found: reading.Found) -> str:
    kinds = " ".join(part.replace("_", " ") for part in (params.method, params.status) if part)
    noun = "payout" if len(rows) == 1 else "payouts"
    amount = amounts.told(params.amount_major, params.currency)
    what = f"{kinds} {noun}{amount}{period.told(params.start, params.end)}".strip()
    rest = reading.honest(found, len(rows), "payouts")
    if not rows:
        return f"No {what}.{rest}"
    return f"{len(rows)} {what}, {totals(row.amount for row in rows)} in all.{rest}"
