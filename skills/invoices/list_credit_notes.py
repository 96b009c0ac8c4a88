"""List credit notes: what was taken off invoices, and how it went back."""

from paydesk.skills import reading
from paydesk.skills.base import Desk, Effect, Json, Strict, skill
from paydesk.skills.hostile_text import clean_or_none
from paydesk.skills.invoice import InvoiceText, invoice_meant
from paydesk.skills.money import Money, money, totals
from paydesk.skills.period import day
from paydesk.skills.who import CustomerText, customer_meant, label


class Params(Strict):
    invoice: InvoiceText | None = None
    customer: CustomerText | None = None
    limit: reading.Limit = 10
    cursor: str | None = None
    detail: reading.ListDetail = "concise"


class CreditNoteRow(reading.Row):
    """One credit note; `status` is issued or void."""

    id: str
    number: str | None = None
    total: Money
    status: str
    invoice: str | None = None
    reason: str | None = None
    created: str

    def line(self) -> str:
        """The credit note in words."""
        told = (self.number, self.total.text, self.status, self.reason, self.invoice, self.created, self.id)
        return " ".join(part for part in told if part)


class CreditNotes(reading.Listed):
    """Credit notes, newest first."""

    credit_notes: list[CreditNoteRow]

    def told(self) -> list[str]:
        """One line a credit note."""
        return [note.line() for note in self.credit_notes]


@skill(
    effect=Effect.READ,
    toolset="invoices",
    says=("show credit notes", "credit notes of {customer}", "which credit notes did we issue"),
    examples=({"customer": "Acme"}, {"invoice": "INV-0042"}),
)
async def list_credit_notes(params: Params, desk: Desk) -> CreditNotes:
    """List credit notes by invoice or customer."""
    asked: Json = {}
    of = ""
    if params.invoice is not None:
        invoice = await invoice_meant(desk, params.invoice)
        asked["invoice"], of = invoice["id"], f" of invoice {clean_or_none(invoice.get('number'), 40) or invoice['id']}"
    if params.customer is not None:
        who = await customer_meant(desk, params.customer)
        asked["customer"], of = who["id"], f"{of} of {label(who)}"
    found = await reading.read(desk.stripe, "/v1/credit_notes", asked, limit=params.limit, cursor=params.cursor)
    rows = [_row(note) for note in found.items]
    noun = "credit note" if len(rows) == 1 else "credit notes"
    sums = f", {totals(row.total for row in rows)} {'together' if found.more else 'in all'}" if rows else ""
    return CreditNotes(
        credit_notes=rows,
        has_more=found.more,
        next_cursor=found.cursor,
        says=f"{len(rows) or 'No'} {noun}{of}{sums}.{reading.honest(found, len(rows), 'credit notes')}",
    )


def _row(note: Json) -> CreditNoteRow:
    invoice = note.get("invoice")
    return CreditNoteRow(
        id=str(note["id"]),
        number=clean_or_none(note.get("number"), 40),
        total=money(int(note["total"]), str(note["currency"])),
        status=str(note["status"]),
        invoice=str(invoice["id"]) if isinstance(invoice, dict) else invoice,
        reason=(note.get("reason") or "").replace("_", " ") or None,
        created=day(int(note["created"])),
    )
