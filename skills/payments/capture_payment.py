"""Take the money of a payment that was held."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field

from paydesk.skills.base import (
    Desk,
    Effect,
    Json,
    NextCall,
    Plan,
    Stake,
    StripeRequest,
    WriteParams,
    WriteResult,
    skill,
)
from paydesk.skills.chargeable import check_step
from paydesk.skills.errors import SkillError
from paydesk.skills.money import CurrencyCode, Money, money, smallest_step
from paydesk.skills.open_payment import open_payment_meant
from paydesk.skills.payment import Payment, PaymentText, share_of
from paydesk.skills.who import CustomerText


class Params(WriteParams):
    payment: PaymentText | None = None
    customer: CustomerText | None = None
    amount_minor: Annotated[int, Field(ge=1, description="Default: all that is left")] | None = None
    currency: CurrencyCode | None = None
    percent: Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,4})?$")] | None = None


class Captured(WriteResult):
    """A payment after its capture."""

    payment: str
    captured: Money
    status: str

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a payment intent, or a charge that was made directly."""
        is_charge = answer["object"] == "charge"
        taken = answer["amount_captured"] if is_charge else answer["amount_received"]
        return cls(
            payment=str(answer["id"]),
            captured=money(int(taken), str(answer["currency"])),
            status=str(answer["status"]),
        )

    def sentence(self) -> str:
        """What was taken."""
        return f"Captured {self.captured.text} of {self.payment} ({self.status})."


@skill(
    effect=Effect.MONEY,
    toolset="payments",
    says=(
        "capture {payment}",
        "capture {money} of {payment}",
        "capture the held payment of {customer}",
        "capture half of {payment}",
    ),
    examples=({"payment": "pi_3MtwBwLkdIwHu7ix28a3tqPa"}, {"payment": "latest", "customer": "Jane Doe"}),
)
async def capture_payment(params: Params, desk: Desk) -> Plan[Captured]:
    """Capture a held payment, whole or in part; a person approves it first."""
    payment = await open_payment_meant(
        desk,
        params.payment,
        params.customer,
        fits=lambda one: one.status == "requires_capture",
        what="held payment",
    )
    if payment.capturable_minor <= 0:
        raise SkillError(
            f"The payment of {payment.label} is {payment.status.replace('_', ' ')}; only a held one can be captured.",
            code="not_capturable",
            field="payment",
        )
    amount_minor = _amount(params, payment)
    amount, rest = money(amount_minor, payment.currency), payment.capturable_minor - amount_minor
    warnings = []
    if rest:
        warnings.append(f"The rest of the hold, {money(rest, payment.currency).text}, is released for good.")
    whole = not rest and params.amount_minor is None and params.percent is None
    key = "amount_to_capture" if payment.intent_status else "amount"
    kind = "payment_intents" if payment.intent_status else "charges"
    return Plan(
        says=f"Capture {amount.text} of the payment of {payment.label}.",
        request=StripeRequest("POST", f"/v1/{kind}/{payment.id}/capture", {} if whole else {key: amount_minor}),
        moves=Stake(amount_minor, payment.currency),
        undo="What was captured can be refunded; Stripe keeps its fee.",
        warnings=tuple(warnings),
        details=(
            *((("Customer", payment.customer_told),) if payment.customer_told else ()),
            ("Held", money(payment.capturable_minor, payment.currency).text),
            *((("Share", f"{params.percent}% of the hold, rounded half up"),) if params.percent else ()),
            ("From", payment.method or "the payment method of the hold"),
        ),
        relies_on={"payment": payment.id, "capturable_minor": payment.capturable_minor, "status": payment.status},
        customer=payment.customer_id,
        opposite=NextCall("refund_payment", {"payment": payment.id}),
    )


def _amount(params: Params, payment: Payment) -> int:
    """What to take, exactly. Raises SkillError where amount, share or currency do not fit the hold."""
    if params.amount_minor is not None and params.percent is not None:
        raise SkillError("Give either amount_minor or percent, not both.", code="two_amounts", field="percent")
    if params.currency is not None and params.currency != payment.currency:
        raise SkillError(
            f"The payment is in {payment.currency.upper()}, not in {params.currency.upper()}.",
            code="currency_differs",
            field="currency",
            next_step=f"Say the amount in {payment.currency.upper()}.",
        )
    held = payment.capturable_minor
    wanted = held if params.amount_minor is None else params.amount_minor
    if params.percent is not None:
        percent = Decimal(params.percent)
        if not 0 < percent <= 100:
            raise SkillError("percent must be above 0 and at most 100.", code="bad_percent", field="percent")
        wanted = min(share_of(held, percent, smallest_step(payment.currency)), held)
        if not wanted:
            raise SkillError("That share is too small to be taken.", code="bad_percent", field="percent")
    if wanted > held:
        raise SkillError(
            f"{money(wanted, payment.currency).text} is more than the {money(held, payment.currency).text} "
            f"that is held of {payment.label}.",
            code="over_capture",
            field="amount_minor",
            next_step=f"Capture at most {money(held, payment.currency).text}.",
        )
    if wanted != held:
        check_step(wanted, payment.currency)
    return wanted
