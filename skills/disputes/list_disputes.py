"""List disputes: what was charged back, what needs an answer, and by when."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import Field

from paydesk.skills import amounts, period, reading
from paydesk.skills.base import Desk, Effect, Json, Result, Strict, skill
from paydesk.skills.hostile_text import clean
from paydesk.skills.money import CurrencyCode, Money, money, totals
from paydesk.skills.payment import PaymentText, payment_meant
from paydesk.skills.who import CustomerText, customer_meant, label

Status = Literal[
    "needs_response",
    "under_review",
    "won",
    "lost",
    "warning_needs_response",
    "warning_under_review",
    "warning_closed",
    "prevented",
]


class Params(Strict):
    dispute: Annotated[str, Field(pattern="^(dp|du)_[A-Za-z0-9]+$")] | None = None
    payment: PaymentText | None = None
    customer: CustomerText | None = None
    status: Status | None = None
    amount_major: amounts.AmountMajor | None = None
    currency: CurrencyCode | None = None
    start: date | None = None
    end: date | None = None
    sort: reading.Sort = "newest"
    limit: reading.Limit = 10
    cursor: str | None = None


class DisputeRow(Result):
    """One dispute; `respond_by` (UTC) is told while an answer is still possible."""

    id: str
    amount: Money
    status: str
    reason: str
    respond_by: str | None = None
    payment: str | None = None
    customer: str | None = None
    created: str

    def line(self) -> str:
        """The dispute in words."""
        by = f"respond by {self.respond_by}" if self.respond_by else None
        told = [self.amount.text, self.status, self.reason, by, self.customer, self.created, self.id, self.payment]
        return " ".join(part for part in told if part)


class Disputes(Result):
    """Disputes in the order asked for; `looked_at` is how many were read to find them."""

    disputes: list[DisputeRow]
    has_more: bool
    next_cursor: str | None = None
    looked_at: int
    says: str = Field(exclude=True)

    def sentence(self) -> str:
        """How many, their sum per currency, and the nearest deadline."""
        return self.says

    def lines(self) -> list[str]:
        """One line a dispute."""
        return [dispute.line() for dispute in self.disputes]


@skill(
    effect=Effect.READ,
    toolset="disputes",
    says=("show {status} disputes", "which disputes need a response", "any chargebacks {dates}", "show {dispute}"),
    examples=({"status": "needs_response"}, {"customer": "Jane Doe"}),
)
async def list_disputes(params: Params, desk: Desk) -> Disputes:
    """List disputes (chargebacks) by status, customer, payment, amount and date, with deadlines."""
    if params.dispute is not None:
        one = await desk.stripe.get(f"/v1/disputes/{params.dispute}", {"expand": ["charge.customer"]})
        found = reading.Found(items=[one], looked_at=1)
    else:
        found = await _listed(params, desk)
    rows = [_row(item) for item in found.items]
    return Disputes(
        disputes=rows,
        has_more=found.more,
        next_cursor=found.cursor,
        looked_at=found.looked_at,
        says=_sentence(params, rows, found),
    )


async def _listed(params: Params, desk: Desk) -> reading.Found:
    asked: Json = {"expand": ["data.charge.customer"], **period.within(params.start, params.end)}
    who = None
    if params.payment is not None:
        payment = await payment_meant(desk.stripe, params.payment, params.customer)
        asked["payment_intent" if payment.id.startswith("pi_") else "charge"] = payment.id
    elif params.customer is not None:
        who = await customer_meant(desk.stripe, params.customer)
    return await reading.read(
        desk.stripe,
        "/v1/disputes",
        asked,
        limit=params.limit,
        cursor=params.cursor,
        keep=_keeper(params, who),
        sort=params.sort,
    )


def _keeper(params: Params, who: Json | None) -> reading.Keep | None:
    wanted = amounts.AmountFilter.read(params.amount_major) if params.amount_major else None
    if not (wanted or params.status or params.currency or who):
        return None

    def keep(dispute: Json) -> bool:
        if who and (_customer_of(dispute) or {}).get("id") != who["id"]:
            return False
        if not amounts.fits(dispute, wanted, params.currency):
            return False
        return params.status is None or dispute["status"] == params.status

    return keep


def _customer_of(dispute: Json) -> Json | None:
    charge = dispute.get("charge")
    customer = charge.get("customer") if isinstance(charge, dict) else None
    return customer if isinstance(customer, dict) else None


def _row(dispute: Json) -> DisputeRow:
    customer, charge = _customer_of(dispute), dispute.get("charge")
    due = (dispute.get("evidence_details") or {}).get("due_by")
    answerable = dispute["status"] in ("needs_response", "warning_needs_response")
    return DisputeRow(
        id=str(dispute["id"]),
        amount=money(int(dispute["amount"]), dispute["currency"]),
        status=str(dispute["status"]),
        reason=clean(dispute["reason"], 60),
        respond_by=f"{datetime.fromtimestamp(due, UTC):%Y-%m-%d %H:%M}" if due and answerable else None,
        payment=dispute.get("payment_intent") or (charge["id"] if isinstance(charge, dict) else charge),
        customer=label(customer) if customer else None,
        created=period.day(int(dispute["created"])),
    )


def _sentence(params: Params, rows: list[DisputeRow], found: reading.Found) -> str:
    state = f" ({params.status.replace('_', ' ')})" if params.status else ""
    noun = "dispute" if len(rows) == 1 else "disputes"
    amount = amounts.told(params.amount_major, params.currency)
    what = f"{noun}{state}{amount}{period.told(params.start, params.end)}"
    rest = reading.honest(found, len(rows), "disputes")
    if not rows:
        return f"No {what}.{rest}"
    due = min((row.respond_by for row in rows if row.respond_by), default=None)
    deadline = f" The nearest deadline is {due} UTC." if due else ""
    return f"{len(rows)} {what}, {totals(row.amount for row in rows)} in all.{deadline}{rest}"
