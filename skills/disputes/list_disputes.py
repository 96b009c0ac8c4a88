"""List disputes: what was charged back, what needs an answer, and by when."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import Field

from paydesk.skills import amounts, period, reading
from paydesk.skills.base import Desk, Effect, Json, Strict, skill
from paydesk.skills.hostile_text import clean, clean_or_none
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
DateOf = Literal["created", "due"]
# An inquiry that nobody answers becomes a dispute, so whoever asks for the one sees the other.
_AS_INQUIRY = {"needs_response": "warning_needs_response", "under_review": "warning_under_review"}


class Params(Strict):
    dispute: Annotated[str, Field(pattern="^(dp|du)_[A-Za-z0-9]+$")] | None = None
    payment: PaymentText | None = None
    customer: CustomerText | None = None
    status: Status | None = None
    amount_major: amounts.AmountMajor | None = None
    currency: CurrencyCode | None = None
    start: date | None = None
    end: date | None = None
    date_of: DateOf | None = None
    sort: reading.Sort = "newest"
    limit: reading.Limit = 10
    cursor: str | None = None
    detail: reading.ListDetail = "concise"


class DisputeRow(reading.Row):
    """One dispute; `respond_by` (UTC) is told while an answer is still possible. From `charge` on: detail `full` only.

    `balance_change` is what it has moved so far, Stripe's dispute fees included.
    """

    id: str
    amount: Money
    status: str
    reason: str
    respond_by: str | None = None
    payment: str | None = None
    customer: str | None = None
    created: str
    charge: str | None = None
    network_reason: str | None = None
    submissions: int | None = None
    refundable: bool | None = None
    balance_change: Money | None = None

    def line(self) -> str:
        """The dispute in words."""
        by = f"respond by {self.respond_by}" if self.respond_by else None
        told = [self.amount.text, self.status, self.reason, by, self.customer, self.created, self.id, self.payment]
        told += [self.charge, f"network reason {self.network_reason}" if self.network_reason else None]
        told += [f"moved {self.balance_change.text} with fees" if self.balance_change else None]
        return " ".join(part for part in told if part)


class Disputes(reading.Listed):
    """Disputes in the order asked for; `looked_at` is how many were read, where it was more than these."""

    disputes: list[DisputeRow]

    def told(self) -> list[str]:
        """One line a dispute."""
        return [dispute.line() for dispute in self.disputes]


@skill(
    effect=Effect.READ,
    toolset="disputes",
    says=(
        "show {status} disputes",
        "which disputes need a response",
        "any chargebacks {dates}",
        "disputes of {customer}",
        "which disputes are due {dates}",
        "show {dispute}",
    ),
    examples=({"status": "needs_response"}, {"customer": "Jane Doe"}, {"end": "2026-12-01", "date_of": "due"}),
)
async def list_disputes(params: Params, desk: Desk) -> Disputes:
    """List disputes (chargebacks), with deadlines."""
    if params.dispute is not None:
        one = await desk.stripe.get(f"/v1/disputes/{params.dispute}", {"expand": ["charge.customer"]})
        row = _row(one, full=True)
        return Disputes(disputes=[row], has_more=False, says=f"One dispute: {row.status.replace('_', ' ')}.")
    who = await customer_meant(desk, params.customer) if params.customer else None
    date_of = params.date_of or ("due" if period.is_ahead(params.start, desk.now()) else "created")
    found = await _listed(params, date_of, who, desk)
    rows = [_row(item, full=reading.wants(params.detail)) for item in found.items]
    return Disputes(
        disputes=rows,
        has_more=found.more,
        next_cursor=found.cursor,
        looked_at=found.looked_at if found.looked_at > len(rows) else None,
        says=_sentence(params, date_of, rows, found, who),
    )


async def _listed(params: Params, date_of: DateOf, who: Json | None, desk: Desk) -> reading.Found:
    bounds = period.within(params.start, params.end)
    asked: Json = {"expand": ["data.charge.customer"], **(bounds if date_of == "created" else {})}
    if params.payment is not None:
        payment = await payment_meant(desk, params.payment, params.customer)
        asked["payment_intent" if payment.id.startswith("pi_") else "charge"] = payment.id
    return await reading.read(
        desk.stripe,
        "/v1/disputes",
        asked,
        limit=params.limit,
        cursor=params.cursor,
        keep=_keeper(params, who, bounds.get("created") if date_of == "due" else None),
        sort=params.sort,
    )


def _keeper(params: Params, who: Json | None, due: Json | None) -> reading.Keep | None:
    wanted = amounts.AmountFilter.read(params.amount_major) if params.amount_major else None
    if not (wanted or params.status or params.currency or who or due):
        return None

    def keep(dispute: Json) -> bool:
        if who and (_customer_of(dispute) or {}).get("id") != who["id"]:
            return False
        if not amounts.fits(dispute, wanted, params.currency):
            return False
        if due and not (_is_answerable(dispute) and period.holds(due, _due_by(dispute))):
            return False
        return params.status is None or dispute["status"] in (params.status, _AS_INQUIRY.get(params.status))

    return keep


def _due_by(dispute: Json) -> int | None:
    due = (dispute.get("evidence_details") or {}).get("due_by")
    return int(due) if due else None


def _is_answerable(dispute: Json) -> bool:
    return dispute["status"] in ("needs_response", "warning_needs_response")


def _customer_of(dispute: Json) -> Json | None:
    charge = dispute.get("charge")
    customer = charge.get("customer") if isinstance(charge, dict) else None
    return customer if isinstance(customer, dict) else None


def _row(dispute: Json, *, full: bool) -> DisputeRow:
    customer, charge, due = _customer_of(dispute), dispute.get("charge"), _due_by(dispute)
    charge_id = charge["id"] if isinstance(charge, dict) else charge
    row = DisputeRow(
        id=str(dispute["id"]),
        amount=money(int(dispute["amount"]), dispute["currency"]),
        status=str(dispute["status"]),
        reason=clean(dispute["reason"], 60),
        respond_by=f"{datetime.fromtimestamp(due, UTC):%Y-%m-%d %H:%M}" if due and _is_answerable(dispute) else None,
        payment=dispute.get("payment_intent") or charge_id,
        customer=clean(label(customer), 40) if customer else None,
        created=period.day(int(dispute["created"])),
    )
    return row.model_copy(update={"charge": charge_id, **_more(dispute)}) if full else row


def _more(dispute: Json) -> Json:
    card = (dispute.get("payment_method_details") or {}).get("card") or {}
    moved: list[Json] = dispute.get("balance_transactions") or []
    return {
        "network_reason": clean_or_none(card.get("network_reason_code"), 40),
        "submissions": (dispute.get("evidence_details") or {}).get("submission_count"),
        "refundable": dispute.get("is_charge_refundable"),
        # All rows of one dispute are in the currency the account settles in.
        "balance_change": money(sum(int(row["net"]) for row in moved), moved[0]["currency"]) if moved else None,
    }


def _sentence(params: Params, date_of: DateOf, rows: list[DisputeRow], found: reading.Found, who: Json | None) -> str:
    state = f" ({params.status.replace('_', ' ')})" if params.status else ""
    noun = "dispute" if len(rows) == 1 else "disputes"
    of = f" of {label(who)}" if who else f" of {params.payment}" if params.payment else ""
    amount = amounts.told(params.amount_major, params.currency)
    dated = period.told(params.start, params.end)
    due_then = " to be answered" if dated and date_of == "due" else ""
    what = f"{noun}{state}{of}{amount}{due_then}{dated}"
    rest = reading.honest(found, len(rows), "disputes")
    if not rows:
        return f"No {what}.{rest}"
    together = "together" if found.more else "in all"
    due = min((row.respond_by for row in rows if row.respond_by), default=None)
    deadline = f" The nearest deadline{' of these' if found.more else ''} is {due} UTC." if due else ""
    return f"{len(rows)} {what}, {totals(row.amount for row in rows)} {together}.{deadline}{rest}"
