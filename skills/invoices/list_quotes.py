"""List quotes: what was offered to whom, and what became of it."""

from typing import Literal

from paydesk.skills import reading
from paydesk.skills.base import Desk, Effect, Json, Strict, skill
from paydesk.skills.hostile_text import clean_or_none
from paydesk.skills.money import Money, money
from paydesk.skills.period import day
from paydesk.skills.quote import QuoteId, quote_meant
from paydesk.skills.who import CustomerText, customer_meant, label


class Params(Strict):
    quote: QuoteId | None = None
    customer: CustomerText | None = None
    status: Literal["draft", "open", "accepted", "canceled"] | None = None
    limit: reading.Limit = 10
    cursor: str | None = None
    detail: reading.ListDetail = "concise"


class QuoteRow(reading.Row):
    """One quote; `invoice` or `subscription` is what an accepted one became."""

    id: str
    number: str | None = None
    total: Money
    status: str
    customer: str | None = None
    expires: str
    created: str
    invoice: str | None = None
    subscription: str | None = None
    description: str | None = None

    def line(self) -> str:
        """The quote in words."""
        until = f"until {self.expires}" if self.status in ("draft", "open") else None
        told = [self.number, self.total.text, self.status, until, self.customer, self.created, self.id]
        return " ".join(part for part in (*told, self.invoice, self.subscription, self.description) if part)


class Quotes(reading.Listed):
    """Quotes, newest first."""

    quotes: list[QuoteRow]

    def told(self) -> list[str]:
        """One line a quote."""
        return [quote.line() for quote in self.quotes]


@skill(
    effect=Effect.READ,
    toolset="invoices",
    says=("show {status} quotes", "quotes of {customer}", "which quotes are open", "show {quote}"),
    examples=({"status": "open"}, {"customer": "Acme"}),
)
async def list_quotes(params: Params, desk: Desk) -> Quotes:
    """List quotes by customer and status, or show one."""
    if params.quote is not None:
        row = _row(await quote_meant(desk, params.quote))
        return Quotes(quotes=[row], has_more=False, says=f"One quote: {row.status}.")
    asked: Json = {"expand": ["data.customer"]}
    of = ""
    if params.status:
        asked["status"] = params.status
    if params.customer is not None:
        who = await customer_meant(desk, params.customer)
        asked["customer"], of = who["id"], f" of {label(who)}"
    found = await reading.read(desk.stripe, "/v1/quotes", asked, limit=params.limit, cursor=params.cursor)
    rows = [_row(quote) for quote in found.items]
    kind = f"{params.status} " if params.status else ""
    noun = "quote" if len(rows) == 1 else "quotes"
    return Quotes(
        quotes=rows,
        has_more=found.more,
        next_cursor=found.cursor,
        says=f"{len(rows) or 'No'} {kind}{noun}{of}.{reading.honest(found, len(rows), 'quotes')}",
    )


def _row(quote: Json) -> QuoteRow:
    customer = quote.get("customer")
    return QuoteRow(
        id=str(quote["id"]),
        number=clean_or_none(quote.get("number"), 40),
        total=money(int(quote.get("amount_total") or 0), str(quote.get("currency") or "usd")),
        status=str(quote["status"]),
        customer=label(customer) if isinstance(customer, dict) else customer,
        expires=day(int(quote["expires_at"])),
        created=day(int(quote["created"])),
        invoice=quote.get("invoice"),
        subscription=quote.get("subscription"),
        description=clean_or_none(quote.get("description")),
    )
