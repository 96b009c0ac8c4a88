"""One payment, with what became of it."""

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Result, Strict, skill
from paydesk.skills.money import Money, money
from paydesk.skills.payment import Payment, PaymentStatus, PaymentText, payment_meant
from paydesk.skills.period import day
from paydesk.skills.reading import Detail
from paydesk.skills.who import CustomerText


class Params(Strict):
    payment: PaymentText | None = None
    customer: CustomerText | None = None
    detail: Detail = "concise"


class OnePayment(Result):
    """A payment: what was taken, what went back, and what can still go back."""

    id: str
    charge: str | None = None
    amount: Money
    captured: Money
    refunded: Money
    refundable: Money
    status: PaymentStatus
    failure: str | None = None
    created: str
    customer: str | None = None
    customer_id: str | None = None
    method: str | None = None
    description: str | None = None
    receipt_email: str | None = None
    says: str = Field(exclude=True)

    def sentence(self) -> str:
        """What it is, and how it stands."""
        return self.says


@skill(
    effect=Effect.READ,
    toolset="payments",
    says=("show payment {payment}", "has {payment} been captured", "look up {payment}", "latest payment of {customer}"),
    examples=({"payment": "latest", "customer": "jane@example.com"},),
)
async def get_payment(params: Params, desk: Desk) -> OnePayment:
    """Get one payment by id, or a customer's latest: status, refunds, what is left refundable."""
    payment = await payment_meant(desk, params.payment, params.customer)
    full = params.detail == "full"
    return OnePayment(
        id=payment.id,
        charge=payment.charge_id,
        amount=payment.amount,
        captured=money(payment.captured_minor, payment.currency),
        refunded=money(payment.refunded_minor, payment.currency),
        refundable=money(payment.refundable_minor, payment.currency),
        status=payment.status,
        failure=payment.failure,
        created=day(payment.created),
        customer=payment.customer,
        customer_id=payment.customer_id,
        method=payment.method,
        description=payment.description if full else None,
        receipt_email=payment.receipt_email if full else None,
        says=_sentence(payment),
    )


def _sentence(payment: Payment) -> str:
    state = payment.status.replace("_", " ")
    why = f" ({payment.failure})" if payment.failure and payment.status == "failed" else ""
    back = ""
    if payment.refunded_minor:
        back = f" {money(payment.refunded_minor, payment.currency).text} was refunded."
    left = ""
    if payment.status == "disputed":
        # A lost or open dispute lets nothing be refunded; an inquiry does, which the dispute tells.
        left = " list_disputes with this payment shows the dispute, which comes before any refund."
    elif payment.refundable_minor:
        left = f" {money(payment.refundable_minor, payment.currency).text} can be refunded."
    return f"The payment of {payment.label} is {state}{why}.{back}{left}"
