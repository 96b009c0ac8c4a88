"""List invoices: what is owed, by whom, and since when."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from paydesk.skills import amounts, period, reading
from paydesk.skills.base import Desk, Effect, Json, Strict, skill
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.ids import SubscriptionId, checked_id
from paydesk.skills.money import CurrencyCode, Money, money, totals
from paydesk.skills.who import CustomerText, customer_meant, label

Status = Literal["draft", "open", "paid", "void", "uncollectible", "past_due"]
DateOf = Literal["created", "due"]

_LINES_SHOWN = 10


class Params(Strict):
    invoice: Annotated[str, Field(min_length=3, max_length=80, description="in_ id or number")] | None = None
    customer: CustomerText | None = None
    subscription: SubscriptionId | None = None
    status: Status | None = None
    amount_major: amounts.AmountMajor | None = None
    currency: CurrencyCode | None = None
    start: date | None = None
    end: date | None = None
    date_of: DateOf | None = None
    sort: reading.Sort = "newest"
    limit: reading.Limit = 10
    cursor: str | None = None
    detail: reading.ListDetail = "concise"


class InvoiceRow(reading.Row):
    """One invoice; `remaining` is what is still owed, `due` a UTC day, `past_due` where that day is over.

    From `customer_id` on: detail `full` only. `paid` is the day of its payment, `items` are the first ten lines.
    """

    id: str
    number: str | None = None
    total: Money
    remaining: Money | None = None
    status: str
    customer: str | None = None
    created: str
    due: str | None = None
    past_due: bool | None = None
    customer_id: str | None = None
    subscription: str | None = None
    collection_method: str | None = None
    paid: str | None = None
    attempts: int | None = None
    next_attempt: str | None = None
    items: list[str] | None = None
    description: str | None = None

    def line(self) -> str:
        """The invoice in words."""
        # Of an open invoice all is owed where nothing else is told.
        in_part = self.remaining and not (self.status == "open" and self.remaining == self.total)
        owed = f"{self.remaining.text} owed" if self.remaining and in_part else None
        due = f"due {self.due}{' (past due)' if self.past_due else ''}" if self.due else None
        told = [self.number, self.total.text, self.status, owed, due, self.customer, self.created, self.id]
        told += [f"paid {self.paid}" if self.paid else None, self.subscription, self.description, *(self.items or ())]
        return " ".join(part for part in told if part)


class Invoices(reading.Listed):
    """Invoices in the order asked for; `looked_at` is how many were read, where it was more than these."""

    invoices: list[InvoiceRow]

    def told(self) -> list[str]:
        """One line an invoice."""
        return [invoice.line() for invoice in self.invoices]


@skill(
    effect=Effect.READ,
    toolset="invoices",
    says=(
        "show {status} invoices",
        "invoices of {customer}",
        "which invoices are past due",
        "invoices due {dates}",
        "has {invoice} been paid",
        "who owes us money",
    ),
    examples=({"status": "past_due"}, {"customer": "Acme", "limit": 5}, {"start": "2026-12-01", "date_of": "due"}),
)
async def list_invoices(params: Params, desk: Desk) -> Invoices:
    """List invoices and what is still owed, or show one."""
    now = int(desk.now().timestamp())
    date_of = params.date_of or ("due" if period.is_ahead(params.start, desk.now()) else "created")
    who = await customer_meant(desk, params.customer) if params.customer else None
    found = await _one(params.invoice, desk) if params.invoice else await _listed(params, date_of, who, desk)
    full = reading.wants(params.detail) or params.invoice is not None
    rows = [_row(item, now, full=full) for item in found.items]
    return Invoices(
        invoices=rows,
        has_more=found.more,
        next_cursor=found.cursor,
        looked_at=found.looked_at if found.looked_at > len(rows) else None,
        says=_sentence(params, date_of, rows, found, who),
    )


async def _one(text: str, desk: Desk) -> reading.Found:
    if text.startswith("in_"):
        identifier = checked_id(text, "in", field="invoice")
        return reading.Found(items=[await desk.stripe.get(f"/v1/invoices/{identifier}")], looked_at=1)
    number = text.replace("\\", "").replace('"', "")
    page = await desk.stripe.page("/v1/invoices/search", {"query": f'number:"{number}"', "limit": 10})
    return reading.Found(items=page.data, looked_at=len(page.data))


async def _listed(params: Params, date_of: DateOf, who: Json | None, desk: Desk) -> reading.Found:
    asked: Json = period.within(params.start, params.end, "due_date" if date_of == "due" else "created")
    if params.status is not None:
        asked["status"] = "open" if params.status == "past_due" else params.status
    if who is not None:
        asked["customer"] = who["id"]
    if params.subscription is not None:
        asked["subscription"] = checked_id(params.subscription, "sub", field="subscription")
    return await reading.read(
        desk.stripe,
        "/v1/invoices",
        asked,
        limit=params.limit,
        cursor=params.cursor,
        keep=_keeper(params, int(desk.now().timestamp())),
        sort=params.sort,
        amount_of=lambda invoice: reading.major_amount({**invoice, "amount": invoice["total"]}),
    )


def _keeper(params: Params, now: int) -> reading.Keep | None:
    wanted = amounts.AmountFilter.read(params.amount_major) if params.amount_major else None
    if not (wanted or params.currency or params.status == "past_due"):
        return None

    def keep(invoice: Json) -> bool:
        if not amounts.fits({**invoice, "amount": invoice["total"]}, wanted, params.currency):
            return False
        return params.status != "past_due" or _is_past_due(invoice, now)

    return keep


def _is_past_due(invoice: Json, now: int) -> bool:
    """Open, and the day by which it should have been paid is over; one that is collected has no such day."""
    return invoice["status"] == "open" and invoice.get("due_date") is not None and int(invoice["due_date"]) < now


def _row(invoice: Json, now: int, *, full: bool) -> InvoiceRow:
    currency, remaining = str(invoice["currency"]), int(invoice.get("amount_remaining") or 0)
    customer = invoice.get("customer")
    name = clean_or_none(invoice.get("customer_name") or invoice.get("customer_email"))
    row = InvoiceRow(
        id=str(invoice["id"]),
        number=clean_or_none(invoice.get("number"), 40),
        total=money(int(invoice["total"]), currency),
        remaining=money(remaining, currency) if remaining and invoice["status"] == "open" else None,
        status=str(invoice["status"]),
        customer=name or (label(customer) if isinstance(customer, dict) else customer),
        created=period.day(int(invoice["created"])),
        due=period.day(int(invoice["due_date"])) if invoice.get("due_date") else None,
        past_due=True if _is_past_due(invoice, now) else None,
    )
    return row.model_copy(update=_more(invoice)) if full else row


def _more(invoice: Json) -> Json:
    customer, currency = invoice.get("customer"), str(invoice["currency"])
    parent = (invoice.get("parent") or {}).get("subscription_details") or {}
    paid_at, next_at = (invoice.get("status_transitions") or {}).get("paid_at"), invoice.get("next_payment_attempt")
    lines: list[Json] = (invoice.get("lines") or {}).get("data") or []
    items = [
        f"{money(int(line['amount']), currency).text} {clean(line.get('description') or '(no text)', 80)}"
        for line in lines[:_LINES_SHOWN]
    ]
    more = int((invoice.get("lines") or {}).get("total_count") or len(lines)) - len(items)
    return {
        "customer_id": customer["id"] if isinstance(customer, dict) else customer,
        "subscription": parent.get("subscription"),
        "collection_method": invoice.get("collection_method"),
        "paid": period.day(int(paid_at)) if paid_at else None,
        "attempts": invoice.get("attempt_count") or None,
        "next_attempt": period.day(int(next_at)) if next_at else None,
        "items": [*items, f"{more} more"] if more > 0 else items or None,
        "description": clean_or_none(invoice.get("description")),
    }


def _sentence(params: Params, date_of: DateOf, rows: list[InvoiceRow], found: reading.Found, who: Json | None) -> str:
    rest = reading.honest(found, len(rows), "invoices")
    if params.invoice is not None:
        if not rows:
            return f"There is no invoice {clean(params.invoice, 40)}."
        return f"Invoice {rows[0].number or rows[0].id} is {'past due' if rows[0].past_due else rows[0].status}."
    kind = f"{params.status.replace('_', ' ')} " if params.status else ""
    amount = amounts.told(params.amount_major, params.currency)
    dated = period.told(params.start, params.end)
    due = " due" if dated and date_of == "due" else ""
    currency = f" in {params.currency.upper()}" if params.currency and not params.amount_major else ""
    of = f" of {label(who)}" if who else ""
    of += f" of {params.subscription}" if params.subscription else ""
    what = f"{kind}invoice{'' if len(rows) == 1 else 's'}{of}{amount}{currency}{due}{dated}"
    if not rows:
        return f"No {what}.{rest}"
    together = "together" if found.more else "in all"
    owed = totals(row.remaining for row in rows if row.remaining)
    still = f", {owed} of it still owed" if owed and params.status not in ("open", "past_due") else ""
    return f"{len(rows)} {what}, {totals(row.total for row in rows)} {together}{still}.{rest}"
