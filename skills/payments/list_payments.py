"""List payments: what came in, what failed, what was given back."""

from collections import Counter
from datetime import date
from typing import Annotated

from pydantic import Field

from paydesk.skills import amounts, period, reading
from paydesk.skills.base import Desk, Effect, Json, Strict, skill
from paydesk.skills.hostile_text import clean_or_none
from paydesk.skills.money import CurrencyCode, Money, money, totals
from paydesk.skills.payment import EXPANDED, Payment, PaymentStatus, fits_status, payment_of
from paydesk.skills.who import CustomerText, customer_meant, label

_NAME_CHARACTERS = 40  # a list tells customers apart; the whole name is get_payment's


class Params(Strict):
    customer: CustomerText | None = None
    status: PaymentStatus | None = None
    amount_major: amounts.AmountMajor | None = None
    currency: CurrencyCode | None = None
    card: Annotated[str | None, Field(pattern=r"^([a-z_]{2,20})? ?(\d{4})?$", description="visa, 4242 or both")] = None
    start: date | None = None
    end: date | None = Field(None, description="Exclusive")
    sort: reading.Sort = "newest"
    limit: reading.Limit = 10
    cursor: str | None = None
    detail: reading.ListDetail = "concise"


class PaymentRow(reading.Row):
    """One payment; `failure` is why it failed, and what follows it is told with detail `full` only."""

    id: str
    amount: Money
    status: PaymentStatus
    customer: str | None = None
    created: str
    failure: str | None = None
    charge: str | None = None
    method: str | None = None
    refunded: Money | None = None
    description: str | None = None

    @classmethod
    def of(cls, payment: Payment, *, full: bool) -> "PaymentRow":
        """A row of a list."""
        more: Json = {}
        if full:
            refunded = payment.refunded_minor
            more = {
                "charge": payment.charge_id,
                "method": payment.method,
                "refunded": money(refunded, payment.currency) if refunded else None,
                "description": payment.description,
            }
        return cls(
            id=payment.id,
            amount=payment.amount,
            status=payment.status,
            customer=clean_or_none(payment.customer, _NAME_CHARACTERS),
            created=period.day(payment.created),
            failure=payment.failure if payment.status == "failed" else None,
            **more,
        )

    def line(self) -> str:
        """The row in words, without its day."""
        state = f"{self.status} ({self.failure})" if self.failure else self.status
        told = [self.amount.text, state, self.customer, self.id, self.method, self.description]
        return " ".join(part for part in told if part)


class Payments(reading.Listed):
    """Payments in the order asked for; `looked_at` is how many were read, where it was more than these."""

    payments: list[PaymentRow]

    def told(self) -> list[str]:
        """One line a payment, below its day."""
        return reading.under_days((payment.created, payment.line()) for payment in self.payments)


@skill(
    effect=Effect.READ,
    toolset="payments",
    says=(
        "show {status} payments",
        "list payments from {customer}",
        "payments over {money} {dates}",
        "what came in {dates}",
        "last {limit} payments",
        "who paid {dates}",
        "charges {dates}",
    ),
    examples=(
        {"status": "failed", "amount_major": ">50", "currency": "usd", "start": "2026-10-01", "end": "2026-11-01"},
        {"customer": "Jane Doe", "limit": 5},
    ),
)
async def list_payments(params: Params, desk: Desk) -> Payments:
    """List payments by customer, status, amount, currency and date, newest first."""
    asked: Json = {"expand": [f"data.{name}" for name in EXPANDED], **period.within(params.start, params.end)}
    who = await customer_meant(desk, params.customer) if params.customer else None
    if who is not None:
        asked["customer"] = who["id"]
    found = await reading.read(
        desk.stripe,
        "/v1/payment_intents",
        asked,
        limit=params.limit,
        cursor=params.cursor,
        keep=_keeper(params),
        sort=params.sort,
    )
    payments = [payment_of(item) for item in found.items]
    return Payments(
        payments=[PaymentRow.of(payment, full=reading.wants(params.detail)) for payment in payments],
        has_more=found.more,
        next_cursor=found.cursor,
        looked_at=found.looked_at if found.looked_at > len(payments) else None,
        says=_sentence(params, payments, found, who),
    )


def _keeper(params: Params) -> reading.Keep | None:
    wanted = amounts.AmountFilter.read(params.amount_major) if params.amount_major else None
    if not (wanted or params.status or params.currency or params.card):
        return None

    def keep(item: Json) -> bool:
        if not amounts.fits(item, wanted, params.currency):
            return False
        if params.card and not _paid_with(payment_of(item).method, params.card):
            return False
        return params.status is None or fits_status(payment_of(item), params.status)

    return keep


def _paid_with(method: str | None, card: str) -> bool:
    """Whether `visa •4242` is the card that is meant by `visa`, `4242` or `visa 4242`."""
    brand, _, last4 = (method or "").partition(" •")
    return set(card.split()) <= {brand, last4}


def _sentence(params: Params, payments: list[Payment], found: reading.Found, who: Json | None) -> str:
    kind = f"{params.status.replace('_', ' ')} " if params.status else ""
    amount = amounts.told(params.amount_major, params.currency)
    currency = f" in {params.currency.upper()}" if params.currency and not params.amount_major else ""
    of = f" from {label(who)}" if who else ""
    card = f" by card {params.card}" if params.card else ""
    filters = f"{of}{card}{amount}{currency}{period.told(params.start, params.end)}"
    what = f"{kind}payment{'' if len(payments) == 1 else 's'}{filters}"
    rest = reading.honest(found, len(payments), "payments")
    if not payments:
        return f"No {what}.{rest}"
    return f"{len(payments)} {what}{_outcomes(payments, params.status, all_of_them=not found.more)}.{rest}"


def _outcomes(payments: list[Payment], status: PaymentStatus | None, *, all_of_them: bool) -> str:
    """Their sum; without a status only of what went through, because failed payments brought nothing in."""
    together = "in all" if all_of_them else "together"
    went = [payment for payment in payments if status or fits_status(payment, "succeeded")]
    others = Counter(payment.status for payment in payments if payment not in went)
    counted = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(others.items()))
    if not went:
        return f": {counted}"
    total = f"{totals(payment.amount for payment in went)} {together}"
    return f": {len(went)} succeeded, {total}; {counted}" if others else f", {total}"
