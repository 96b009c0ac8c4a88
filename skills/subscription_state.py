"""A subscription as Stripe answers a write: what it is now, and when it ends or goes on."""

from typing import Self

from paydesk.skills.base import Json, WriteResult
from paydesk.skills.period import day
from paydesk.skills.price import price_text
from paydesk.skills.subscription import items_of, period_end


class SubscriptionState(WriteResult):
    """A subscription after a write. Days are UTC; `ends` is set where it is to end or has ended."""

    subscription: str
    status: str
    costs: str
    customer_id: str | None = None
    current_period_end: str | None = None
    ends: str | None = None
    trial_end: str | None = None
    paused: bool | None = None
    resumes: str | None = None
    latest_invoice: str | None = None

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a subscription object."""
        customer, invoice = answer.get("customer"), answer.get("latest_invoice")
        paused = answer.get("pause_collection") or {}
        ends = answer.get("ended_at") or answer.get("cancel_at")
        until = period_end(answer)
        if ends is None and answer.get("cancel_at_period_end"):
            ends = until
        return cls(
            subscription=str(answer["id"]),
            status=str(answer["status"]),
            costs=" + ".join(price_text(item["price"], item.get("quantity")) for item in items_of(answer)),
            customer_id=customer["id"] if isinstance(customer, dict) else customer,
            current_period_end=day(until) if until and not answer.get("ended_at") else None,
            ends=day(int(ends)) if ends else None,
            trial_end=day(int(answer["trial_end"])) if answer["status"] == "trialing" else None,
            paused=True if paused else None,
            resumes=day(int(paused["resumes_at"])) if paused.get("resumes_at") else None,
            latest_invoice=invoice["id"] if isinstance(invoice, dict) else invoice,
        )
