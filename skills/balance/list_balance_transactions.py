"""List balance transactions: every movement of the account's balance, with fee and net."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from paydesk.skills import period, reading
from paydesk.skills.base import Desk, Effect, Json, Strict, skill
from paydesk.skills.hostile_text import clean_or_none
from paydesk.skills.money import CurrencyCode, Money, money, totals


class Params(Strict):
    kind: (
        Literal["charge", "payment", "refund", "adjustment", "payout", "transfer", "stripe_fee", "application_fee"]
        | None
    ) = None
    payout: Annotated[str, Field(pattern="^po_[A-Za-z0-9]+$")] | None = None
    currency: CurrencyCode | None = None
    start: date | None = None
    end: date | None = None
    limit: reading.Limit = 10
    cursor: str | None = None
    detail: reading.ListDetail = "concise"


class Movement(reading.Row):
    """One row of the ledger: `net` = `amount` - `fee`. `available` and `description`: detail `full` only."""

    id: str
    kind: str
    amount: Money
    fee: Money | None = None
    net: Money
    source: str | None = None
    created: str
    available: str | None = None
    description: str | None = None

    def line(self) -> str:
        """The row in words."""
        fee = f"fee {self.fee.text}, net {self.net.text}" if self.fee else None
        on = f"available {self.available}" if self.available else None
        told = (self.kind, self.amount.text, fee, self.created, on, self.source, self.id, self.description)
        return " ".join(part for part in told if part)


class Movements(reading.Listed):
    """Rows of the ledger, newest first."""

    transactions: list[Movement]

    def told(self) -> list[str]:
        """One line a row."""
        return [row.line() for row in self.transactions]


@skill(
    effect=Effect.READ,
    toolset="payouts",
    says=("show balance transactions", "balance transactions {dates}", "what was in {payout}"),
    examples=({"kind": "refund", "limit": 20}, {"payout": "po_1MtHbELkdIwHu7ixl4OzzPMv"}),
)
async def list_balance_transactions(params: Params, desk: Desk) -> Movements:
    """List balance transactions (the ledger) with fees and net, also of one payout."""
    asked: Json = period.within(params.start, params.end)
    if params.kind:
        asked["type"] = params.kind
    if params.payout:
        asked["payout"] = params.payout
    if params.currency:
        asked["currency"] = params.currency
    found = await reading.read(desk.stripe, "/v1/balance_transactions", asked, limit=params.limit, cursor=params.cursor)
    rows = [_row(one, full=reading.wants(params.detail)) for one in found.items]
    return Movements(
        transactions=rows, has_more=found.more, next_cursor=found.cursor, says=_sentence(params, rows, found)
    )


def _row(found: Json, *, full: bool) -> Movement:
    currency, fee, source = str(found["currency"]), int(found["fee"]), found.get("source")
    return Movement(
        id=str(found["id"]),
        kind=str(found["type"]),
        amount=money(int(found["amount"]), currency),
        fee=money(fee, currency) if fee else None,
        net=money(int(found["net"]), currency),
        source=str(source["id"]) if isinstance(source, dict) else source,
        created=period.day(int(found["created"])),
        available=period.day(int(found["available_on"])) if full else None,
        description=clean_or_none(found.get("description")) if full else None,
    )


def _sentence(params: Params, rows: list[Movement], found: reading.Found) -> str:
    kind = f"{params.kind.replace('_', ' ')} " if params.kind else ""
    noun = f"balance transaction{'' if len(rows) == 1 else 's'}"
    of = f" of payout {params.payout}" if params.payout else ""
    currency = f" in {params.currency.upper()}" if params.currency else ""
    what = f"{kind}{noun}{of}{currency}{period.told(params.start, params.end)}"
    rest = reading.honest(found, len(rows), "balance transactions")
    if not rows:
        return f"No {what}.{rest}"
    fees = totals(row.fee for row in rows if row.fee)
    together = "together" if found.more else "in all"
    paid = f", fees {fees}," if fees else ""
    return f"{len(rows)} {what}: net {totals(row.net for row in rows)}{paid} {together}.{rest}"
