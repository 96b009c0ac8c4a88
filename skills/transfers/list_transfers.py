"""List transfers: what went from this account to the accounts connected to it."""

from datetime import date

from paydesk.skills import period, reading
from paydesk.skills.base import Desk, Effect, Json, Strict, skill
from paydesk.skills.hostile_text import clean_or_none
from paydesk.skills.money import Money, money, totals


class Params(Strict):
    start: date | None = None
    end: date | None = None
    limit: reading.Limit = 10
    cursor: str | None = None
    detail: reading.ListDetail = "concise"


class TransferRow(reading.Row):
    """One transfer; `returned` is what of it was reversed."""

    id: str
    amount: Money
    returned: Money | None = None
    destination: str | None = None
    created: str
    description: str | None = None

    def line(self) -> str:
        """The transfer in words."""
        back = f"{self.returned.text} reversed" if self.returned else None
        to = f"to {self.destination}" if self.destination else None
        told = (self.amount.text, back, to, self.created, self.id, self.description)
        return " ".join(part for part in told if part)


class Transfers(reading.Listed):
    """Transfers, newest first."""

    transfers: list[TransferRow]

    def told(self) -> list[str]:
        """One line a transfer."""
        return [transfer.line() for transfer in self.transfers]


@skill(
    effect=Effect.READ,
    toolset="payouts",
    says=("show transfers", "transfers {dates}", "transfers to connected accounts"),
    examples=({}, {"start": "2026-11-01", "limit": 5}),
)
async def list_transfers(params: Params, desk: Desk) -> Transfers:
    """List transfers to connected accounts (Connect)."""
    asked = period.within(params.start, params.end)
    found = await reading.read(desk.stripe, "/v1/transfers", asked, limit=params.limit, cursor=params.cursor)
    rows = [_row(transfer) for transfer in found.items]
    noun = "transfer" if len(rows) == 1 else "transfers"
    sums = f", {totals(row.amount for row in rows)} {'together' if found.more else 'in all'}" if rows else ""
    dated = period.told(params.start, params.end)
    return Transfers(
        transfers=rows,
        has_more=found.more,
        next_cursor=found.cursor,
        says=f"{len(rows) or 'No'} {noun}{dated}{sums}.{reading.honest(found, len(rows), 'transfers')}",
    )


def _row(transfer: Json) -> TransferRow:
    currency, destination = str(transfer["currency"]), transfer.get("destination")
    reversed_minor = int(transfer.get("amount_reversed") or 0)
    return TransferRow(
        id=str(transfer["id"]),
        amount=money(int(transfer["amount"]), currency),
        returned=money(reversed_minor, currency) if reversed_minor else None,
        destination=str(destination["id"]) if isinstance(destination, dict) else destination,
        created=period.day(int(transfer["created"])),
        description=clean_or_none(transfer.get("description")),
    )
