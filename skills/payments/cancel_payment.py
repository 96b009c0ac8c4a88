"""Cancel a payment that is not done, and let go of its hold."""

from typing import Literal, Self

from paydesk.skills.base import Desk, Effect, Json, Plan, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean_or_none
from paydesk.skills.money import Money, money
from paydesk.skills.open_payment import CANCELABLE, open_payment_meant
from paydesk.skills.payment import Payment, PaymentText
from paydesk.skills.who import CustomerText

Reason = Literal["duplicate", "fraudulent", "requested_by_customer", "abandoned"]


class Params(WriteParams):
    payment: PaymentText | None = None
    customer: CustomerText | None = None
    reason: Reason | None = None


class PaymentCanceled(WriteResult):
    """A payment after its cancellation."""

    payment: str
    amount: Money
    status: str
    reason: str | None = None

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a payment intent."""
        return cls(
            payment=str(answer["id"]),
            amount=money(int(answer["amount"]), str(answer["currency"])),
            status=str(answer["status"]),
            reason=clean_or_none(answer.get("cancellation_reason")),
        )

    def sentence(self) -> str:
        """What was canceled."""
        return f"Canceled the payment {self.payment} of {self.amount.text}; nothing was charged."


@skill(
    effect=Effect.WRITE,
    toolset="payments",
    says=("cancel payment {payment}", "release the hold on {payment}", "cancel the open payment of {customer}"),
    examples=({"payment": "pi_3MtwBwLkdIwHu7ix28a3tqPa", "reason": "abandoned"},),
)
async def cancel_payment(params: Params, desk: Desk) -> Plan[PaymentCanceled]:
    """Cancel an open payment, or release the hold of an uncaptured one; a person approves it first."""
    payment = await open_payment_meant(
        desk,
        params.payment,
        params.customer,
        fits=lambda one: one.intent_status in CANCELABLE,
        what="open payment",
    )
    _must_be_open(payment)
    held = payment.capturable_minor
    warnings = []
    if payment.intent_status == "processing":
        warnings.append("It is being processed; the bank may have gone too far for a cancellation.")
    sent = {"cancellation_reason": params.reason} if params.reason else {}
    released = f" and release the hold of {money(held, payment.currency).text}" if held else ""
    return Plan(
        says=f"Cancel the payment of {payment.label}{released}.",
        request=StripeRequest("POST", f"/v1/payment_intents/{payment.id}/cancel", dict(sent)),
        undo=None,
        warnings=tuple(warnings),
        details=(
            *((("Customer", payment.customer_told),) if payment.customer_told else ()),
            ("State now", (payment.intent_status or payment.status).replace("_", " ")),
            ("Cannot be undone", "a canceled payment stays canceled; a new one can be made"),
            *((("Reason", params.reason.replace("_", " ")),) if params.reason else ()),
        ),
        relies_on={"payment": payment.id, "status": payment.intent_status, "capturable_minor": held},
        customer=payment.customer_id,
    )


def _must_be_open(payment: Payment) -> None:
    if payment.intent_status in CANCELABLE:
        return
    if payment.status == "canceled":
        raise SkillError(
            f"The payment of {payment.label} is canceled already.", code="already_canceled", field="payment"
        )
    if payment.intent_status is None and payment.capturable_minor:
        raise SkillError(
            "This charge was made without a payment intent; its hold ends by itself, or by a refund at Stripe.",
            code="not_cancelable",
            field="payment",
        )
    left = payment.refundable_minor > 0
    raise SkillError(
        f"The payment of {payment.label} is {payment.status.replace('_', ' ')}; only an open one can be canceled.",
        code="not_cancelable",
        field="payment",
        next_step="Use refund_payment to give the money back." if left else None,
    )
