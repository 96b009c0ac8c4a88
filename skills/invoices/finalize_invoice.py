"""Finalize a draft: it gets its number and is open for payment."""

from paydesk.skills.base import Desk, Effect, NextCall, Plan, StripeRequest, WriteParams, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.invoice import InvoiceState, InvoiceText, called, customer_id, invoice_meant, must_be, relied_on


class Params(WriteParams):
    invoice: InvoiceText


class InvoiceFinalized(InvoiceState):
    """A finalized invoice."""

    def sentence(self) -> str:
        """Its number and what is owed."""
        return f"Finalized invoice {self.told()}; it is {self.status}."

    def opposite(self) -> NextCall | None:
        """Voiding is the nearest there is to taking it back."""
        return NextCall("void_invoice", {"invoice": self.invoice}) if self.status == "open" else None


@skill(
    effect=Effect.WRITE,
    toolset="invoices",
    says=("finalize {invoice}", "finalize the draft invoice of {customer}"),
    examples=({"invoice": "in_1MtHbELkdIwHu7ixl4OzzPMv"},),
)
async def finalize_invoice(params: Params, desk: Desk) -> Plan[InvoiceFinalized]:
    """Finalize a draft invoice, so that it can be paid."""
    invoice = await invoice_meant(desk, params.invoice, fits=lambda one: one["status"] == "draft")
    must_be(invoice, "draft", doing="finalized", next_step="It has its number already; send_invoice mails it.")
    if not (invoice.get("lines") or {}).get("data"):
        raise SkillError(
            "This draft has no lines.",
            code="empty_invoice",
            field="invoice",
            next_step="create_invoice makes an invoice with its items at once.",
        )
    charges = invoice.get("collection_method") == "charge_automatically" and invoice.get("auto_advance")
    warnings = ("Stripe charges the customer's saved method about an hour later.",) if charges else ()
    return Plan(
        says=f"Finalize {called(invoice)}.",
        request=StripeRequest("POST", f"/v1/invoices/{invoice['id']}/finalize"),
        undo="void_invoice takes it back; its number stays used.",
        warnings=warnings,
        details=(("Afterwards", "it has a number and cannot be changed any more"),),
        relies_on=relied_on(invoice),
        customer=customer_id(invoice),
    )
