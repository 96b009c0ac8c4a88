"""Collect an invoice now, or record that it was paid elsewhere."""

from typing import Annotated

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, Plan, Stake, StripeRequest, WriteParams, skill
from paydesk.skills.errors import SkillError
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
from paydesk.skills.saved_method import MethodText, SavedMethod, method_meant, no_method

_PAYABLE = ("draft", "open", "uncollectible")


class Params(WriteParams):
    invoice: InvoiceText
    payment_method: MethodText | None = None
    out_of_band: Annotated[bool, Field(description="Paid by cash or transfer: charge nothing")] = False


class InvoicePaid(InvoiceState):
    """An invoice after it was charged or marked as paid."""

    def sentence(self) -> str:
        """Whether it is paid."""
        return f"Invoice {self.told()} is {self.status}."


@skill(
    effect=Effect.MONEY,
    toolset="invoices",
    says=("pay {invoice}", "charge {invoice}", "collect {invoice}", "mark {invoice} as paid"),
    examples=({"invoice": "INV-0042"}, {"invoice": "INV-0043", "out_of_band": True}),
)
async def pay_invoice(params: Params, desk: Desk) -> Plan[InvoicePaid]:
    """Charge an open invoice to the customer now, or mark it paid out of band."""
    if params.out_of_band and params.payment_method:
        raise SkillError(
            "What was paid elsewhere is charged to no method: give one or the other.",
            code="two_ways",
            field="out_of_band",
        )
    invoice = await invoice_meant(desk, params.invoice, fits=lambda one: one["status"] in ("open", "uncollectible"))
    must_be(invoice, *_PAYABLE, doing="paid")
    owed = remaining(invoice)
    warnings: tuple[str, ...] = ("It is a draft: paying finalizes it.",) if invoice["status"] == "draft" else ()
    if params.out_of_band:
        says, moves, method = f"Mark {called(invoice)} as paid outside of Stripe; nothing is charged.", None, None
        sent: Json = {"paid_out_of_band": True}
        warnings += ("Stripe cannot refund what was paid elsewhere.",)
    else:
        method = await _method(params, invoice, desk)
        says = f"Charge {owed.text} for {called(invoice)} to {method.text}."
        moves = Stake(owed.amount_minor, owed.currency)
        sent = {"payment_method": method.id, "off_session": True}
        warnings += (f"The card has expired ({method.text}); its bank may refuse.",) if method.expired else ()
    return Plan(
        says=says,
        request=StripeRequest("POST", f"/v1/invoices/{invoice['id']}/pay", sent),
        moves=moves,
        undo=None if params.out_of_band else "A refund of its payment, or create_credit_note, gives it back.",
        warnings=warnings,
        relies_on={**relied_on(invoice), "payment_method": method.id if method else None},
        customer=customer_id(invoice),
    )


async def _method(params: Params, invoice: Json, desk: Desk) -> SavedMethod:
    customer = await desk.stripe.get(f"/v1/customers/{customer_id(invoice)}")
    own = invoice.get("default_payment_method")
    wanted = params.payment_method or (str(own["id"]) if isinstance(own, dict) else own)
    method = await method_meant(desk.stripe, customer, wanted, desk.now())
    if method is None:
        raise no_method(customer)
    return method
