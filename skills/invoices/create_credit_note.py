"""Take something off a finalized invoice: what is unpaid is lowered, what was paid goes back."""

from typing import Annotated, Literal, Self

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, Plan, Stake, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.chargeable import check_step
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean_or_none
from paydesk.skills.invoice import InvoiceText, called, customer_id, invoice_meant, must_be, relied_on, remaining
from paydesk.skills.money import CurrencyCode, Money, money

_CREDITABLE = ("open", "paid", "uncollectible")
# https://docs.stripe.com/api/credit_notes/create: where what was paid goes.
_FIELDS = {"refund": "refund_amount", "balance": "credit_amount", "outside": "out_of_band_amount"}
_WAYS = {
    "refund": "refunded to how it was paid, in 5 to 10 days",
    "balance": "kept for the customer's next invoice",
    "outside": "given back outside of Stripe, by yourselves",
}


class Params(WriteParams):
    invoice: InvoiceText
    amount_minor: Annotated[int, Field(ge=1, description="Default: all that is left")] | None = None
    currency: CurrencyCode | None = None
    paid_part: Annotated[Literal["refund", "balance", "outside"], Field(description="Where what was paid goes")] = (
        "refund"
    )
    reason: Literal["duplicate", "fraudulent", "order_change", "product_unsatisfactory"] | None = None


class CreditNoteMade(WriteResult):
    """A credit note as Stripe made it; `given_back` is the part that had been paid."""

    credit_note: str
    number: str | None = None
    total: Money
    given_back: Money | None = None
    invoice: str
    status: str

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a credit note."""
        currency, invoice = str(answer["currency"]), answer["invoice"]
        back = int(answer.get("post_payment_amount") or 0)
        return cls(
            credit_note=str(answer["id"]),
            number=clean_or_none(answer.get("number"), 40),
            total=money(int(answer["total"]), currency),
            given_back=money(back, currency) if back else None,
            invoice=str(invoice["id"]) if isinstance(invoice, dict) else str(invoice),
            status=str(answer["status"]),
        )

    def sentence(self) -> str:
        """How much, of which invoice."""
        return f"Credited {self.total.text} of {self.invoice} ({self.number or self.credit_note})."


@skill(
    effect=Effect.MONEY,
    toolset="invoices",
    says=("credit {money} of {invoice}", "create a credit note of {money} for {invoice}"),
    examples=(
        {"invoice": "INV-0042", "amount_minor": 1500, "reason": "order_change"},
        {"invoice": "INV-0041", "paid_part": "balance"},
    ),
)
async def create_credit_note(params: Params, desk: Desk) -> Plan[CreditNoteMade]:
    """Credit a finalized invoice: lower what is owed, give back what was paid."""
    invoice = await invoice_meant(desk, params.invoice, fits=lambda one: one["status"] in _CREDITABLE)
    must_be(invoice, *_CREDITABLE, doing="credited", next_step="A draft can simply be changed or deleted.")
    currency = str(invoice["currency"])
    if params.currency not in (None, currency):
        raise SkillError(
            f"The invoice is in {currency.upper()}; a credit note is in the invoice's own currency.",
            code="currency_differs",
            field="currency",
        )
    left = await _left(invoice, desk)
    wanted = left if params.amount_minor is None else params.amount_minor
    if not 0 < wanted <= left:
        raise SkillError(
            f"{money(left, currency).text} of the {called(invoice)} is left to credit.",
            code="over_credit",
            field="amount_minor",
            next_step="A refund made directly counts as well; list_credit_notes shows earlier credits.",
        )
    if wanted != left:
        check_step(wanted, currency)
    lowered = min(wanted, remaining(invoice).amount_minor)
    back = wanted - lowered
    sent: Json = {"invoice": invoice["id"], "amount": wanted}
    if back:
        sent[_FIELDS[params.paid_part]] = back
    if params.reason:
        sent["reason"] = params.reason
    refunded = back if params.paid_part == "refund" else 0
    return Plan(
        says=f"Credit {money(wanted, currency).text} of {called(invoice)}.",
        request=StripeRequest("POST", "/v1/credit_notes", sent),
        moves=Stake(-refunded, currency) if refunded else None,
        details=(
            *((("Taken off what is owed", money(lowered, currency).text),) if lowered else ()),
            *((("Was paid", f"{money(back, currency).text}, {_WAYS[params.paid_part]}"),) if back else ()),
            ("Left to credit afterwards", money(left - wanted, currency).text),
            *((("Reason", params.reason.replace("_", " ")),) if params.reason else ()),
        ),
        relies_on={**relied_on(invoice), "left": left},
        customer=customer_id(invoice),
    )


async def _left(invoice: Json, desk: Desk) -> int:
    """What no credit note has credited yet, in minor units."""
    issued = desk.stripe.every("/v1/credit_notes", {"invoice": invoice["id"]}, most=1_000)
    given = [int(note["total"]) async for note in issued if note["status"] == "issued"]
    return max(int(invoice["total"]) - sum(given), 0)
