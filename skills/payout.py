"""What a payout is after a write."""

from typing import Self

from paydesk.skills.base import Json, WriteResult
from paydesk.skills.money import Money, money
from paydesk.skills.period import day


class PayoutState(WriteResult):
    """A payout as Stripe has it; `arrives` is the day it should be at the bank."""

    payout: str
    amount: Money
    status: str
    method: str
    arrives: str

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a payout."""
        return cls(
            payout=str(answer["id"]),
            amount=money(int(answer["amount"]), str(answer["currency"])),
            status=str(answer["status"]),
            method=str(answer.get("method") or "standard"),
            arrives=day(int(answer["arrival_date"])),
        )
