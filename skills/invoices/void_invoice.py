"""Void an invoice: it was never owed."""

from paydesk.skills.base import Desk, Effect, Plan, StripeRequest, WriteParams, skill
from paydesk.skills.invoice import InvoiceState, InvoiceText, called, customer_id, invoice_meant, must_be, relied_on

_VOIDABLE = ("open", "uncollectible")


class Params(WriteParams):
    invoice: InvoiceText


class InvoiceVoided(InvoiceState):
    """A void invoice."""

    def sentence(self) -> str:
        """Which."""
        return f"Voided invoice {self.told()}."


@skill(
    effect=Effect.WRITE,
    toolset="invoices",
    says=("void {invoice}", "void the open invoice of {customer}"),
    examples=({"invoice": "in_1MtHbELkdIwHu7ixl4OzzPMv"},),
)
async def void_invoice(params: Params, desk: Desk) -> Plan[InvoiceVoided]:
    """Void an open invoice, as if it had never been owed."""
    invoice = await invoice_meant(desk, params.invoice, fits=lambda one: one["status"] in _VOIDABLE)
    must_be(invoice, *_VOIDABLE, doing="voided", next_step="A paid invoice is lowered by create_credit_note.")
    warnings = []
    if invoice.get("amount_paid"):
        warnings.append("A part of it was paid; Stripe refuses to void it until that is refunded.")
    if (invoice.get("parent") or {}).get("subscription_details"):
        warnings.append("It is a subscription's; the subscription goes on, and this period is not paid.")
    return Plan(
        says=f"Void {called(invoice)}.",
        request=StripeRequest("POST", f"/v1/invoices/{invoice['id']}/void"),
        warnings=tuple(warnings),
        details=(("Afterwards", "it cannot be paid, and the customer owes nothing of it"),),
        relies_on=relied_on(invoice),
        customer=customer_id(invoice),
    )
