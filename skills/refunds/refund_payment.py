"""Give money back: plan a refund; the gate asks, and sends it once."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, Plan, Stake, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.money import CurrencyCode, Money, money, smallest_step
from paydesk.skills.payment import Payment, PaymentText, payment_meant, share_of
from paydesk.skills.period import day
from paydesk.skills.usual import like_proposals, must_name_currency, past_payments, refund_warnings
from paydesk.skills.who import CustomerText

Reason = Literal["duplicate", "fraudulent", "requested_by_customer"]
_OLD_S = 180 * 24 * 3600  # many cards refuse a refund of a payment this old


class Params(WriteParams):
    payment: PaymentText | None = None
    customer: CustomerText | None = None
    amount_minor: Annotated[int, Field(ge=1, description="Default: all that is left")] | None = None
    currency: CurrencyCode | None = None
    percent: Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,4})?$")] | None = None
    reason: Reason | None = None
    again: Annotated[bool, Field(description="Repeat a write just made")] = False


class Refunded(WriteResult):
    """A refund as Stripe took it."""

    refund: str
    payment: str
    amount: Money
    status: str
    created: str

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a refund object."""
        return cls(
            refund=str(answer["id"]),
            payment=str(answer.get("payment_intent") or answer.get("charge")),
            amount=money(int(answer["amount"]), str(answer["currency"])),
            status=str(answer["status"]),
            created=day(int(answer["created"])),
        )

    def sentence(self) -> str:
        """What went back, and its state at Stripe."""
        did = "Refunded" if self.status == "succeeded" else "Asked Stripe to refund"
        return f"{did} {self.amount.text} of {self.payment} ({self.refund}, {self.status.replace('_', ' ')})."


@skill(
    effect=Effect.MONEY,
    toolset="payments",
    says=(
        "refund {payment}",
        "refund {money} of the last payment of {customer}",
        "give {money} back to {customer}",
        "refund half of {payment}",
    ),
    examples=(
        {"payment": "latest", "customer": "Jane Doe", "amount_minor": 2500, "currency": "usd"},
        {"payment": "pi_3MtwBwLkdIwHu7ix28a3tqPa", "reason": "duplicate"},
    ),
)
async def refund_payment(params: Params, desk: Desk) -> Plan[Refunded]:
    """Refund a payment or a customer's latest, whole or in part; a person approves it first."""
    payment = await payment_meant(desk, params.payment, params.customer, to_refund=True)
    _must_be_refundable(payment)
    dispute = await _dispute_of(payment, desk)
    past = await past_payments(desk.stripe, payment.customer_id) if payment.customer_id else []
    if params.amount_minor is not None and params.currency is None and params.payment in (None, "latest"):
        must_name_currency(past)
    amount_minor = _amount(params, payment)
    sent: Json = {"amount": amount_minor}
    sent["payment_intent" if payment.id.startswith("pi_") else "charge"] = payment.id
    if params.reason:
        sent["reason"] = params.reason
    amount = money(amount_minor, payment.currency)
    rest = money(payment.refundable_minor - amount_minor, payment.currency)
    says = f"Refund {amount.text} of the payment of {payment.label}."
    return Plan(
        says=says,
        request=StripeRequest("POST", "/v1/refunds", sent),
        moves=Stake(-amount_minor, payment.currency),
        undo=None,
        warnings=(
            *_warnings(payment, dispute, desk),
            *refund_warnings(past, amount_minor, payment.currency),
            *await like_proposals(desk, ("Refund ", payment.id), says),
        ),
        details=(
            *((("Customer", payment.customer_told),) if payment.customer_told else ()),
            *((("Share", _share_told(params.percent, payment, amount.text)),) if params.percent else ()),
            ("Back to", payment.method or "the original payment method"),
            ("Left refundable afterwards", rest.text),
            ("Arrives", "in 5 to 10 days; Stripe keeps its fee on the payment"),
            *((("Reason", params.reason.replace("_", " ")),) if params.reason else ()),
        ),
        relies_on={"payment": payment.id, "refundable_minor": payment.refundable_minor, "status": payment.status},
        customer=payment.customer_id,
    )


async def _dispute_of(payment: Payment, desk: Desk) -> Json | None:
    """The dispute of a payment that can be refunded all the same: an inquiry, or one that was won.

    Raises SkillError for any other; Stripe says which it is in `is_charge_refundable`.
    """
    if not payment.disputed or payment.charge_id is None:
        return None
    found = await desk.stripe.page("/v1/disputes", {"charge": payment.charge_id, "limit": 10})
    for dispute in found.data:
        if not dispute.get("is_charge_refundable"):
            raise SkillError(
                f"The payment of {payment.label} is disputed; a dispute decides by itself where the money goes.",
                code="payment_disputed",
                field="payment",
                next_step=f"Answer the dispute {dispute['id']} instead: list_disputes shows it.",
            )
    return found.data[0] if found.data else None


def _must_be_refundable(payment: Payment) -> None:
    if payment.status == "refunded":
        raise SkillError(
            f"The payment of {payment.label} was already refunded in full.",
            code="already_refunded",
            field="payment",
            next_step="Nothing is left to give back.",
        )
    if payment.status == "requires_capture":
        raise SkillError(
            f"The payment of {payment.label} was authorised but not captured; there is nothing to refund.",
            code="not_captured",
            field="payment",
            next_step="Cancel the payment to release the hold.",
        )
    if payment.refundable_minor <= 0:
        raise SkillError(
            f"The payment of {payment.label} is {payment.status}; only a payment that succeeded can be refunded.",
            code="not_refundable",
            field="payment",
        )


def _amount(params: Params, payment: Payment) -> int:
    """What to give back, exactly. Raises SkillError where amount, share or currency do not fit the payment."""
    if params.amount_minor is not None and params.percent is not None:
        raise SkillError("Give either amount_minor or percent, not both.", code="two_amounts", field="percent")
    if params.currency is not None and params.currency != payment.currency:
        raise SkillError(
            f"The payment is in {payment.currency.upper()}, not in {params.currency.upper()}; "
            "a refund is made in the payment's own currency.",
            code="currency_differs",
            field="currency",
            next_step=f"Say the amount in {payment.currency.upper()}.",
        )
    wanted, step = params.amount_minor, smallest_step(payment.currency)
    if params.percent is not None:
        percent = Decimal(params.percent)
        if not 0 < percent <= 100:
            raise SkillError("percent must be above 0 and at most 100.", code="bad_percent", field="percent")
        wanted = min(share_of(payment.captured_minor, percent, step), payment.captured_minor)
    if wanted is None:
        return payment.refundable_minor
    if wanted == 0:
        raise SkillError("That share is too small to be paid.", code="bad_percent", field="percent")
    if wanted % step and wanted != payment.refundable_minor:
        raise SkillError(
            f"Stripe takes amounts in {payment.currency.upper()} only as multiples of {step} minor units.",
            code="finer_than_stripe",
            field="amount_minor",
            next_step=f"Round amount_minor to a multiple of {step}.",
        )
    if wanted > payment.refundable_minor:
        asked, left = money(wanted, payment.currency), money(payment.refundable_minor, payment.currency)
        raise SkillError(
            f"{asked.text} is more than the {left.text} that is left to refund of {payment.label}.",
            code="over_refund",
            field="percent" if params.percent else "amount_minor",
            next_step=f"Refund at most {left.text}.",
        )
    return wanted


def _share_told(percent: str, payment: Payment, amount: str) -> str:
    whole = money(payment.captured_minor, payment.currency).text
    return f"{percent}% of {whole} is {amount}, rounded half up"


def _warnings(payment: Payment, dispute: Json | None, desk: Desk) -> list[str]:
    found = []
    if dispute is not None and str(dispute["status"]).startswith("warning_"):
        found.append("The customer's bank has asked about this payment; a full refund usually settles that.")
    elif dispute is not None:
        found.append(f"The payment was disputed before ({clean(dispute['status'], 40).replace('_', ' ')}).")
    if payment.refunded_minor:
        found.append(f"{money(payment.refunded_minor, payment.currency).text} of it was refunded before.")
    if desk.now().timestamp() - payment.created > _OLD_S:
        found.append("The payment is older than 180 days; the customer's bank may refuse the refund.")
    return found
