"""A payment as the desk speaks of it: a payment intent with its latest charge, or a charge that was made directly."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from paydesk.skills.base import Desk, Json, StripeReader
from paydesk.skills.charge import given_back
from paydesk.skills.errors import Ambiguous, NotFound, SkillError
from paydesk.skills.hostile_text import clean_or_none
from paydesk.skills.money import Money, money
from paydesk.skills.period import day
from paydesk.skills.who import choice, customer_meant, label

PaymentStatus = Literal[
    "succeeded",
    "failed",
    "pending",
    "canceled",
    "refunded",
    "partially_refunded",
    "disputed",
    "requires_capture",
    "incomplete",
]
PaymentText = Annotated[str, Field(min_length=1, max_length=100, description='Id, or "latest" with customer')]
EXPANDED = ["latest_charge", "customer"]
_LATEST_LOOKED_AT = 300
_CHOICES = 5


@dataclass(frozen=True)
class Payment:
    """What answers and plans need of a payment; amounts in Stripe's minor units.

    `intent_status` is Stripe's own, None for a charge that was made directly; `capturable_minor` is what a hold allows.
    """

    id: str
    charge_id: str | None
    amount_minor: int
    captured_minor: int
    refunded_minor: int
    currency: str
    status: PaymentStatus
    created: int
    customer_id: str | None
    customer: str | None
    customer_told: str | None
    method: str | None
    description: str | None
    failure: str | None
    disputed: bool
    receipt_email: str | None = None
    capturable_minor: int = 0
    intent_status: str | None = None

    @property
    def refundable_minor(self) -> int:
        """What can still be given back."""
        return self.captured_minor - self.refunded_minor

    @property
    def amount(self) -> Money:
        """The amount with its currency."""
        return money(self.amount_minor, self.currency)

    @property
    def label(self) -> str:
        """How a person recognises it: `$25.00 from Jane Doe on 2026-11-20 (visa •4242, pi_...)`."""
        by = f" from {self.customer}" if self.customer else ""
        how = f"{self.method}, " if self.method else ""
        return f"{self.amount.text}{by} on {day(self.created)} ({how}{self.id})"


def _amount(stripe_object: Json, charge: Json | None) -> int:
    """What was captured, where that was a part of what was held; else what is, or was, to be paid."""
    is_done = stripe_object["status"] == "succeeded" and charge is not None and charge["captured"]
    return int(charge["amount_captured"] if charge is not None and is_done else stripe_object["amount"])


def payment_of(stripe_object: Json) -> Payment:
    """Read a payment intent (with `latest_charge` and `customer` expanded) or a charge."""
    if stripe_object["object"] == "charge":
        charge: Json | None = stripe_object
        intent = None
    else:
        charge, intent = stripe_object.get("latest_charge"), stripe_object
        charge = charge if isinstance(charge, dict) else None
    customer = stripe_object.get("customer")
    known = customer if isinstance(customer, dict) else None
    billing = (charge or {}).get("billing_details") or {}
    name = label(known) if known and not known.get("deleted") else clean_or_none(billing.get("name"))
    return Payment(
        id=str(stripe_object["id"]),
        charge_id=str(charge["id"]) if charge else None,
        amount_minor=_amount(stripe_object, charge),
        captured_minor=int(charge["amount_captured"]) if charge else 0,
        refunded_minor=given_back(charge) if charge else 0,
        currency=str(stripe_object["currency"]),
        status=_status(intent, charge),
        created=int(stripe_object["created"]),
        customer_id=str(known["id"]) if known else customer,
        customer=name or (str(customer) if isinstance(customer, str) else None),
        customer_told=choice(known) if known and not known.get("deleted") else None,
        method=_method(charge),
        description=clean_or_none(stripe_object.get("description")),
        failure=_failure(intent, charge),
        disputed=bool(charge and charge.get("disputed")),
        receipt_email=clean_or_none(stripe_object.get("receipt_email")),
        capturable_minor=_capturable(intent, charge),
        intent_status=str(intent["status"]) if intent else None,
    )


def _capturable(intent: Json | None, charge: Json | None) -> int:
    """What a hold still allows to take."""
    if intent is not None:
        return int(intent.get("amount_capturable") or 0)
    if charge is None or charge["captured"] or charge["status"] != "succeeded":
        return 0
    return int(charge["amount"]) - int(charge["amount_refunded"])


def _status(intent: Json | None, charge: Json | None) -> PaymentStatus:
    if intent is not None and intent["status"] != "succeeded":
        status = intent["status"]
        if status == "requires_payment_method":
            failed = intent.get("last_payment_error") or (charge and charge["status"] == "failed")
            return "failed" if failed else "incomplete"
        plain: dict[str, PaymentStatus] = {
            "processing": "pending",
            "canceled": "canceled",
            "requires_capture": "requires_capture",
        }
        return plain.get(status, "incomplete")
    if charge is None:
        return "succeeded"
    if charge["status"] != "succeeded":
        return "failed" if charge["status"] == "failed" else "pending"
    if charge.get("disputed"):
        return "disputed"
    if charge.get("refunded"):
        return "refunded"
    if given_back(charge):
        return "partially_refunded"
    return "succeeded" if charge["captured"] else "requires_capture"


def _failure(intent: Json | None, charge: Json | None) -> str | None:
    error = (intent or {}).get("last_payment_error") or {}
    code = error.get("decline_code") or error.get("code")
    if code is None and charge and charge["status"] == "failed":
        outcome = charge.get("outcome") or {}
        code = outcome.get("reason") or charge.get("failure_code")
    return clean_or_none(code, 60)


def _method(charge: Json | None) -> str | None:
    details = (charge or {}).get("payment_method_details") or {}
    card = details.get("card") or {}
    if card.get("last4"):
        return f"{card.get('brand') or 'card'} •{card['last4']}"
    return clean_or_none(details.get("type"))


def fits_status(payment: Payment, wanted: PaymentStatus) -> bool:
    """Whether a payment counts as `wanted`: what was given back or disputed later has still succeeded."""
    if wanted == "succeeded":
        return payment.status in ("succeeded", "refunded", "partially_refunded", "disputed")
    if wanted == "refunded":
        return payment.status in ("refunded", "partially_refunded")
    return payment.status == wanted


async def payment_meant(desk: Desk, payment: str | None, customer: str | None, *, to_refund: bool = False) -> Payment:
    """The payment that is meant: by id, or the customer's latest that succeeded.

    `to_refund`: a customer alone is enough only where they have one payment that can be refunded; "latest" is said.
    Raises SkillError (neither given, or the id's owner is another customer), NotFound, Ambiguous.
    """
    if payment is not None and payment != "latest":
        found = await _by_id(desk.stripe, payment)
        if customer is not None:
            who = await customer_meant(desk, customer)
            if found.customer_id != who["id"]:
                raise SkillError(
                    "This payment is of another customer.", code="payment_of_another_customer", field="customer"
                )
        return found
    if customer is None:
        raise SkillError(
            "Which payment?",
            code="payment_missing",
            field="payment",
            next_step='Give its pi_ or ch_ id, or a customer with payment "latest".',
        )
    who = await customer_meant(desk, customer)
    find = _only_refundable if to_refund and payment is None else _latest
    return await find(desk.stripe, who)


async def _by_id(stripe: StripeReader, text: str) -> Payment:
    if not re.fullmatch(r"(?:pi|ch|py)_[A-Za-z0-9]{1,80}", text):
        raise SkillError(
            'A payment is named by its id (pi_..., ch_..., py_...) or as "latest" with a customer.',
            code="invalid_id",
            field="payment",
        )
    if text.startswith("pi_"):
        return payment_of(await stripe.get(f"/v1/payment_intents/{text}", {"expand": EXPANDED}))
    charge = await stripe.get(f"/v1/charges/{text}", {"expand": ["customer"]})
    intent = charge.get("payment_intent")
    if isinstance(intent, str):
        return payment_of(await stripe.get(f"/v1/payment_intents/{intent}", {"expand": EXPANDED}))
    return payment_of(charge)


async def _only_refundable(stripe: StripeReader, customer: Json) -> Payment:
    """The one payment of a customer that money can go back of; several are a question, never the newest by itself."""
    asked = {"customer": customer["id"], "expand": [f"data.{name}" for name in EXPANDED]}
    found: list[Payment] = []
    async for item in stripe.every("/v1/payment_intents", asked, most=_LATEST_LOOKED_AT):
        payment = payment_of(item)
        if payment.refundable_minor > 0:
            found.append(payment)
        if len(found) == _CHOICES:
            break
    if len(found) == 1:
        return found[0]
    if not found:
        return await _latest(stripe, customer)
    raise Ambiguous(
        f"{label(customer)} has several payments that can be refunded: which one?",
        code="payment_ambiguous",
        field="payment",
        choices=[payment.label for payment in found],
        next_step='Say its id, or "latest" for the newest.',
    )


async def _latest(stripe: StripeReader, customer: Json) -> Payment:
    """The customer's newest payment that went through; failed and open ones have nothing to act on."""
    asked = {"customer": customer["id"], "expand": [f"data.{name}" for name in EXPANDED]}
    looked_at = 0
    async for item in stripe.every("/v1/payment_intents", asked, most=_LATEST_LOOKED_AT):
        found = payment_of(item)
        if fits_status(found, "succeeded"):
            return found
        looked_at += 1
    among = f" among the latest {looked_at}" if looked_at == _LATEST_LOOKED_AT else ""
    raise NotFound(
        f"{label(customer)} has no payment that succeeded{among}.",
        code="payment_not_found",
        field="payment",
        next_step="list_payments shows what there is.",
    )


def share_of(amount_minor: int, percent: Decimal, step: int = 1) -> int:
    """`percent` of an amount, rounded half up to a whole minor unit, or to a multiple of `step` of them."""
    share = Decimal(amount_minor) * percent / 100
    return int((share / step).to_integral_value("ROUND_HALF_UP")) * step
