"""List payouts: what went, or goes, to the bank."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from paydesk.skills import amounts, period, reading
from paydesk.skills.base import Desk, Effect, Json, Strict, skill
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
    detail: reading.ListDetail = "concise"


class PayoutRow(reading.Row):
    """One payout; `arrives` is the day it reaches, or reached, the bank. From `automatic` on: detail `full` only."""

    id: str
    amount: Money
    status: str
    arrives: str
    method: str
    created: str
    failure: str | None = None
    automatic: bool | None = None
    description: str | None = None
    destination: str | None = None
    statement: str | None = None
    trace: str | None = None
    failure_message: str | None = None

    def line(self) -> str:
        """The payout in words."""
        state = f"{self.status} ({self.failure})" if self.failure else self.status
        verb = {"paid": "arrived", "failed": "was to arrive", "canceled": "was to arrive"}.get(self.status, "arrives")
        told = [self.amount.text, state, self.method, f"{verb} {self.arrives}", self.id, self.description]
        told += [f"to {self.destination}" if self.destination else None, self.failure_message]
        return " ".join(part for part in told if part)


class Payouts(reading.Listed):
    """Payouts in the order asked for; `looked_at` is how many were read, where it was more than these."""

    payouts: list[PayoutRow]

    def told(self) -> list[str]:
        """One line a payout."""
        return [payout.line() for payout in self.payouts]


@skill(
    effect=Effect.READ,
    toolset="payouts",
    says=(
        "show {status} payouts",
        "payouts {dates}",
        "last {limit} payouts",
        "when does the next payout arrive",
        "{method} payouts",
        "show {payout}",
    ),
    examples=({"status": "in_transit"}, {"start": "2026-11-01", "limit": 5}),
)
async def list_payouts(params: Params, desk: Desk) -> Payouts:
    """List payouts to the bank by the day they arrive."""
    if params.payout is not None:
        row = _row(await desk.stripe.get(f"/v1/payouts/{params.payout}"), full=True)
        return Payouts(payouts=[row], has_more=False, says=f"One payout: {row.status.replace('_', ' ')}.")
    asked: Json = period.within(params.start, params.end, "arrival_date")
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
    rows = [_row(item, full=reading.wants(params.detail)) for item in found.items]
    return Payouts(
        payouts=rows,
        has_more=found.more,
        next_cursor=found.cursor,
        looked_at=found.looked_at if found.looked_at > len(rows) else None,
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


def _row(payout: Json, *, full: bool) -> PayoutRow:
    row = PayoutRow(
        id=str(payout["id"]),
        amount=money(int(payout["amount"]), payout["currency"]),
        status=str(payout["status"]),
        arrives=period.day(int(payout["arrival_date"])),
        method=str(payout["method"]),
        created=period.day(int(payout["created"])),
        failure=clean_or_none(payout.get("failure_code"), 60),
    )
    return row.model_copy(update=_more(payout)) if full else row


def _more(payout: Json) -> Json:
    return {
        "automatic": payout.get("automatic"),
        "description": clean_or_none(payout.get("description")),
        "destination": clean_or_none(payout.get("destination")),
        "statement": clean_or_none(payout.get("statement_descriptor")),
        "trace": clean_or_none((payout.get("trace_id") or {}).get("value")),
        "failure_message": clean_or_none(payout.get("failure_message")),
    }


def _sentence(params: Params, rows: list[PayoutRow], found: reading.Found) -> str:
    kinds = " ".join(part.replace("_", " ") for part in (params.method, params.status) if part)
    noun = "payout" if len(rows) == 1 else "payouts"
    amount = amounts.told(params.amount_major, params.currency)
    currency = f" in {params.currency.upper()}" if params.currency and not params.amount_major else ""
    dated = period.told(params.start, params.end)
    about = f" arriving{dated}" if dated else ""
    what = f"{kinds} {noun}{amount}{currency}{about}".strip()
    rest = reading.honest(found, len(rows), "payouts")
    if not rows:
        return f"No {what}.{rest}"
    together = "together" if found.more else "in all"
    return f"{len(rows)} {what}, {totals(row.amount for row in rows)} {together}.{rest}"
