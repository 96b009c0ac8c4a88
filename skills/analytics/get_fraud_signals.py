"""Signs of fraud among the charges of a period, each explained."""

from datetime import date, timedelta
from typing import Any

from pydantic import Field

from paydesk.skills import reading
from paydesk.skills.base import Desk, Effect, Result, Strict, skill
from paydesk.skills.books import Span, read_all
from paydesk.skills.money import Money, money
from paydesk.skills.payment import payment_of
from paydesk.skills.risk import Kind, Signal, signals_in

_DAYS = 30
_SHOWN = 5


class Params(Strict):
    start: date | None = None
    end: date | None = None
    limit: reading.Limit = 10


class FraudSignal(Result):
    """One sign: its kind, why it stands out, how many charges are in it, and the newest of them."""

    kind: Kind
    why: str
    count: int
    amount: Money | None = None
    customer: str | None = None
    payments: list[str]

    @classmethod
    def of(cls, signal: Signal) -> "FraudSignal":
        """A signal as it is told."""
        newest = payment_of(signal.charges[0])
        alone = len(signal.charges) == 1
        return cls(
            kind=signal.kind,
            why=signal.why,
            count=len(signal.charges),
            amount=money(newest.amount_minor, newest.currency) if alone else None,
            customer=newest.customer if alone else None,
            payments=[str(charge["id"]) for charge in signal.charges[:_SHOWN]],
        )

    def line(self) -> str:
        """The sign in words."""
        amount = self.amount.text if self.amount and self.amount.text not in self.why else None
        beside = " ".join(part for part in (amount, self.customer) if part)
        told = f"{self.kind.replace('_', ' ')}: {self.why}{f'; {beside}' if beside else ''}"
        return f"{told} ({', '.join(self.payments)})"


class FraudSignals(Result):
    """Signs of fraud, the gravest first, among all charges of [start, end)."""

    signals: list[FraudSignal]
    has_more: bool
    looked_at: int
    says: str = Field(exclude=True)

    def sentence(self) -> str:
        """How many signs, among how many charges."""
        return self.says

    def lines(self) -> list[str]:
        """One line a sign."""
        return [signal.line() for signal in self.signals]


@skill(
    effect=Effect.READ,
    toolset="analytics",
    says=("any fraud signals {dates}", "show suspicious charges {dates}"),
    examples=({}, {"start": "2026-11-01", "end": "2026-11-21"}),
)
async def get_fraud_signals(params: Params, desk: Desk) -> FraudSignals:
    """Look for signs of fraud: card testing, bursts, repeated declines, odd countries and amounts."""
    tomorrow = desk.now().date() + timedelta(days=1)
    span = Span(params.start or tomorrow - timedelta(days=_DAYS), params.end)
    charges: list[dict[str, Any]] = []
    looked_at = await read_all(desk.stripe, "/v1/charges", span, each=charges.append)
    found = signals_in(charges)
    shown = [FraudSignal.of(signal) for signal in found[: params.limit]]
    count = f"{len(found)} sign{'' if len(found) == 1 else 's'} of possible fraud" if found else "No sign of fraud"
    rest = f"; the {len(shown)} gravest" if len(found) > len(shown) else ""
    return FraudSignals(
        signals=shown,
        has_more=len(found) > len(shown),
        looked_at=looked_at,
        says=f"{count} among {looked_at:,} charges {span.told()}{rest}. Signs are reasons to look, not proofs.",
    )
