"""List refunds: what went back, to whom, and why."""

from datetime import date
from typing import Literal

from paydesk.skills import amounts, period, reading
from paydesk.skills.base import Desk, Effect, Json, Strict, skill
from paydesk.skills.hostile_text import clean_or_none
from paydesk.skills.money import CurrencyCode, Money, money, totals
from paydesk.skills.payment import PaymentText, payment_meant
from paydesk.skills.who import CustomerText, customer_meant, label


class Params(Strict):
    payment: PaymentText | None = None
    customer: CustomerText | None = None
    status: Literal["succeeded", "pending", "failed", "canceled", "requires_action"] | None = None
    amount_major: amounts.AmountMajor | None = None
    currency: CurrencyCode | None = None
    start: date | None = None
    end: date | None = None
    sort: reading.Sort = "newest"
    limit: reading.Limit = 10
    cursor: str | None = None
    detail: reading.ListDetail = "concise"


class RefundRow(reading.Row):
    """One refund; `payment` is the payment intent or else the charge; `reference`, where full, is the bank's number."""

    id: str
    amount: Money
    status: str
    payment: str | None = None
    customer: str | None = None
    reason: str | None = None
    created: str
    charge: str | None = None
    failure: str | None = None
    reference: str | None = None

    def line(self) -> str:
        """The refund in words."""
        state = f"{self.status} ({self.failure})" if self.failure else self.status
        told = [self.amount.text, state, self.customer, self.created, self.reason, self.id, self.payment]
        return " ".join(part for part in told if part)


class Refunds(reading.Listed):
    """Refunds in the order asked for; `looked_at` is how many were read to find them."""

    refunds: list[RefundRow]

    def told(self) -> list[str]:
        """One line a refund."""
        return [refund.line() for refund in self.refunds]


@skill(
    effect=Effect.READ,
    toolset="payments",
    says=("list refunds {dates}", "which refunds did {customer} get", "show {status} refunds", "refunds of {payment}"),
    examples=({"start": "2026-11-01", "limit": 20}, {"customer": "Jane Doe"}),
)
async def list_refunds(params: Params, desk: Desk) -> Refunds:
    """List refunds by payment, customer, status, amount and date, newest first."""
    asked: Json = {"expand": ["data.charge.customer"], **period.within(params.start, params.end)}
    who = None
    if params.payment is not None:
        payment = await payment_meant(desk, params.payment, params.customer)
        asked["payment_intent" if payment.id.startswith("pi_") else "charge"] = payment.id
    elif params.customer is not None:
        who = await customer_meant(desk, params.customer)
    found = await reading.read(
        desk.stripe,
        "/v1/refunds",
        asked,
        limit=params.limit,
        cursor=params.cursor,
        keep=_keeper(params, who),
        sort=params.sort,
    )
    rows = [_row(item, full=reading.wants(params.detail)) for item in found.items]
    return Refunds(
        refunds=rows,
        has_more=found.more,
        next_cursor=found.cursor,
        looked_at=found.looked_at,
        says=_sentence(params, rows, found, who),
    )


def _customer_of(refund: Json) -> Json | None:
    charge = refund.get("charge")
    customer = charge.get("customer") if isinstance(charge, dict) else None
    return customer if isinstance(customer, dict) else None


def _keeper(params: Params, who: Json | None) -> reading.Keep | None:
    wanted = amounts.AmountFilter.read(params.amount_major) if params.amount_major else None
    if not (wanted or params.status or params.currency or who):
        return None

    def keep(refund: Json) -> bool:
        if who and (_customer_of(refund) or {}).get("id") != who["id"]:
            return False
        if not amounts.fits(refund, wanted, params.currency):
            return False
        return params.status is None or refund["status"] == params.status

    return keep


def _row(refund: Json, *, full: bool) -> RefundRow:
    customer = _customer_of(refund)
    charge = refund.get("charge")
    return RefundRow(
        id=refund["id"],
        amount=money(int(refund["amount"]), refund["currency"]),
        status=str(refund["status"]),
        payment=refund.get("payment_intent") or (charge["id"] if isinstance(charge, dict) else charge),
        customer=label(customer) if customer else None,
        reason=clean_or_none(refund.get("reason")),
        created=period.day(int(refund["created"])),
        charge=(charge["id"] if isinstance(charge, dict) else charge) if full else None,
        failure=clean_or_none(refund.get("failure_reason"), 60),
        reference=_reference(refund) if full else None,
    )


def _reference(refund: Json) -> str | None:
    """The number by which the cardholder's bank finds the refund, once Stripe has it."""
    card = (refund.get("destination_details") or {}).get("card") or {}
    return clean_or_none(card.get("reference"), 60)


def _sentence(params: Params, rows: list[RefundRow], found: reading.Found, who: Json | None) -> str:
    kind = f"{params.status} " if params.status else ""
    of = f" to {label(who)}" if who else ""
    amount = amounts.told(params.amount_major, params.currency)
    what = f"{kind}refund{'' if len(rows) == 1 else 's'}{of}{amount}{period.told(params.start, params.end)}"
    rest = reading.honest(found, len(rows), "refunds")
    if not rows:
        return f"No {what}.{rest}"
    together = "together" if found.more else "in all"
    return f"{len(rows)} {what}, {totals(row.amount for row in rows)} {together}.{rest}"
