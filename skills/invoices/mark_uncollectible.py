"""Give an invoice up: a bad debt."""

from paydesk.skills.base import Desk, Effect, Plan, StripeRequest, WriteParams, skill
from paydesk.skills.invoice import (
    InvoiceState,
    InvoiceText,
    called,
    customer_id,
    invoice_meant,
    must_be,
    relied_on,
    remaining,
)


class Params(WriteParams):
    invoice: InvoiceText


class InvoiceGivenUp(InvoiceState):
    """An invoice marked uncollectible."""

    def sentence(self) -> str:
        """Which, and that it can still be paid."""
        return f"Marked invoice {self.told()} uncollectible; it can still be paid or voided."


@skill(
    effect=Effect.WRITE,
    toolset="invoices",
    says=("mark {invoice} as uncollectible", "mark {invoice} uncollectible", "write off {invoice}"),
    examples=({"invoice": "INV-0042"},),
)
async def mark_uncollectible(params: Params, desk: Desk) -> Plan[InvoiceGivenUp]:
    """Write off an open invoice as a bad debt (uncollectible)."""
    invoice = await invoice_meant(desk, params.invoice, fits=lambda one: one["status"] == "open")
    must_be(invoice, "open", doing="written off")
    return Plan(
        says=f"Mark {called(invoice)} as uncollectible: {remaining(invoice).text} is not expected any more.",
        request=StripeRequest("POST", f"/v1/invoices/{invoice['id']}/mark_uncollectible"),
        details=(("Afterwards", "Stripe stops collecting; it can still be paid or voided"),),
        relies_on=relied_on(invoice),
        customer=customer_id(invoice),
    )
