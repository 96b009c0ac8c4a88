"""Mail an invoice to its customer."""

from paydesk.skills.base import Desk, Effect, Json, Plan, StripeRequest, WriteParams, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.invoice import InvoiceState, InvoiceText, called, customer_id, invoice_meant, must_be, relied_on


class Params(WriteParams):
    invoice: InvoiceText


class InvoiceSent(InvoiceState):
    """An invoice that was mailed."""

    def sentence(self) -> str:
        """Which, and when it is due."""
        due = f", due {self.due}" if self.due else ""
        return f"Sent invoice {self.told()}{due}."


def _can_be_sent(invoice: Json) -> bool:
    return invoice["status"] in ("draft", "open") and invoice.get("collection_method") == "send_invoice"


@skill(
    effect=Effect.WRITE,
    toolset="invoices",
    says=("send {invoice}", "email {invoice} to the customer", "send the invoice of {customer}"),
    examples=({"invoice": "INV-0042"},),
)
async def send_invoice(params: Params, desk: Desk) -> Plan[InvoiceSent]:
    """Email an invoice to its customer, finalizing a draft."""
    invoice = await invoice_meant(desk, params.invoice, fits=_can_be_sent)
    must_be(invoice, "draft", "open", doing="sent")
    if invoice.get("collection_method") != "send_invoice":
        raise SkillError(
            f"The {called(invoice)} is charged automatically; Stripe mails only invoices that are to be paid by hand.",
            code="charged_automatically",
            field="invoice",
            next_step="pay_invoice charges it now.",
        )
    email = invoice.get("customer_email")
    if not email:
        raise SkillError(
            "The customer has no e-mail address to send it to.",
            code="no_email",
            field="invoice",
            next_step="Add one with update_customer.",
        )
    is_draft = invoice["status"] == "draft"
    tests = desk.mode != "live"
    return Plan(
        says=f"Send {called(invoice)} to {clean(email, 80)}.",
        request=StripeRequest("POST", f"/v1/invoices/{invoice['id']}/send"),
        warnings=("It is a draft: sending finalizes it, and it cannot be changed any more.",) if is_draft else (),
        details=(("E-mail", "outside of live mode Stripe mails nothing"),) if tests else (),
        relies_on={**relied_on(invoice), "email": str(email)},
        customer=customer_id(invoice),
    )
