"""One invoice with its lines, its payments and what may be done with it."""

from typing import Final

from paydesk.skills import period
from paydesk.skills.base import Desk, Effect, Json, Result, Strict, skill
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.invoice import InvoiceText, customer_id, invoice_meant
from paydesk.skills.money import Money, money

_LINES_SHOWN: Final = 20
_NEXT: Final = {
    "draft": ["finalize_invoice", "send_invoice", "pay_invoice"],
    "open": ["send_invoice", "pay_invoice", "create_credit_note", "void_invoice", "mark_uncollectible"],
    "uncollectible": ["pay_invoice", "void_invoice"],
    "paid": ["create_credit_note"],
}


class Params(Strict):
    invoice: InvoiceText


class InvoiceDetails(Result):
    """One invoice; dates are UTC days, `items` its first twenty lines, `pay_page` where the customer pays.

    `can` names the tools that change it as it stands.
    """

    id: str
    number: str | None = None
    status: str
    total: Money
    tax: Money | None = None
    paid: Money | None = None
    remaining: Money | None = None
    credited: Money | None = None
    customer: str | None = None
    customer_id: str | None = None
    subscription: str | None = None
    collection_method: str | None = None
    created: str
    due: str | None = None
    past_due: bool | None = None
    paid_on: str | None = None
    attempts: int | None = None
    next_attempt: str | None = None
    description: str | None = None
    items: list[str]
    pay_page: str | None = None
    can: list[str] | None = None

    def sentence(self) -> str:
        """State, total, and what is still owed."""
        owed = f", {self.remaining.text} still owed" if self.remaining else ""
        due = f", due {self.due}{' (past due)' if self.past_due else ''}" if self.due else ""
        who = f" of {self.customer}" if self.customer else ""
        return f"Invoice {self.number or self.id}{who}: {self.total.text}, {self.status}{owed}{due}."

    def lines(self) -> list[str]:
        """Its lines, then what else there is to know."""
        told = {
            "tax": self.tax.text if self.tax else None,
            "credited": self.credited.text if self.credited else None,
            "paid on": self.paid_on,
            "attempts": str(self.attempts) if self.attempts else None,
            "next attempt": self.next_attempt,
            "subscription": self.subscription,
            "description": self.description,
            "page": self.pay_page,
            "can": ", ".join(self.can or ()),
        }
        return [*self.items, *(f"{name}: {value}" for name, value in told.items() if value)]


@skill(
    effect=Effect.READ,
    toolset="invoices",
    says=("show the details of {invoice}", "what is on {invoice}", "lines of {invoice}"),
    examples=({"invoice": "INV-0042"},),
)
async def get_invoice(params: Params, desk: Desk) -> InvoiceDetails:
    """Show one invoice with its lines, payments, due date and payment page."""
    found = await invoice_meant(desk, params.invoice)
    now = int(desk.now().timestamp())
    currency, status = str(found["currency"]), str(found["status"])
    credited = sum(int(found.get(f"{part}_payment_credit_notes_amount") or 0) for part in ("pre", "post"))
    tax = sum(int(one["amount"]) for one in found.get("total_taxes") or ())
    due, paid_at = found.get("due_date"), (found.get("status_transitions") or {}).get("paid_at")

    def some(amount_minor: int) -> Money | None:
        return money(amount_minor, currency) if amount_minor else None

    return InvoiceDetails(
        id=str(found["id"]),
        number=clean_or_none(found.get("number"), 40),
        status=status,
        total=money(int(found["total"]), currency),
        tax=some(tax),
        paid=some(int(found.get("amount_paid") or 0)),
        remaining=some(int(found.get("amount_remaining") or 0)) if status in ("open", "uncollectible") else None,
        credited=some(credited),
        customer=clean_or_none(found.get("customer_name") or found.get("customer_email")),
        customer_id=customer_id(found),
        subscription=((found.get("parent") or {}).get("subscription_details") or {}).get("subscription"),
        collection_method=found.get("collection_method"),
        created=period.day(int(found["created"])),
        due=period.day(int(due)) if due else None,
        past_due=True if due and status == "open" and int(due) < now else None,
        paid_on=period.day(int(paid_at)) if paid_at else None,
        attempts=found.get("attempt_count") or None,
        next_attempt=period.day(int(found["next_payment_attempt"])) if found.get("next_payment_attempt") else None,
        description=clean_or_none(found.get("description")),
        items=_items(found, currency),
        pay_page=clean_or_none(found.get("hosted_invoice_url"), 300) if status == "open" else None,
        can=_NEXT.get(status),
    )


def _items(found: Json, currency: str) -> list[str]:
    lines: list[Json] = (found.get("lines") or {}).get("data") or []
    told = [
        f"{money(int(line['amount']), currency).text} {clean(line.get('description') or '(no text)', 80)}"
        for line in lines[:_LINES_SHOWN]
    ]
    more = int((found.get("lines") or {}).get("total_count") or len(lines)) - len(told)
    return [*told, f"{more} more"] if more > 0 else told
