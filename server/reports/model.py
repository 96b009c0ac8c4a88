"""What a month-end report holds, apart from how it is written: every amount in minor units of its one currency."""

from dataclasses import dataclass, field
from datetime import date, datetime

from paydesk.skills.base import Mode
from paydesk.skills.mrr_bridge import MrrBridge


@dataclass(frozen=True)
class OtherMovement:
    """Balance transactions of a type that has no line of its own, such as `transfer`."""

    kind: str
    amount_minor: int
    count: int


@dataclass(frozen=True)
class CurrencyMonth:
    """One currency's month, as the ledger has it; what leaves the balance is negative.

    `opening_minor` is the sum of all balance transactions before the month where `is_opening_counted`, else the closing
    balance less the month; `closing_minor` is Stripe's balance as it stood when the report was made, less all that
    came after the month.
    """

    currency: str
    opening_minor: int
    closing_minor: int
    volume_minor: int
    payments: int
    refunds_minor: int
    refunds: int
    disputes_minor: int
    disputes: int
    fees_minor: int
    others: tuple[OtherMovement, ...] = ()
    payouts_minor: int = 0
    payouts: int = 0
    returned_minor: int = 0
    returned: int = 0
    is_opening_counted: bool = True

    @property
    def net_minor(self) -> int:
        """Volume less refunds, disputes and fees."""
        return self.volume_minor + self.refunds_minor + self.disputes_minor + self.fees_minor

    @property
    def activity_minor(self) -> int:
        """All that changed the balance but payouts and what came back of them."""
        return self.net_minor + sum(other.amount_minor for other in self.others)

    @property
    def expected_closing_minor(self) -> int:
        """Opening balance, activity and payouts together."""
        return self.opening_minor + self.activity_minor + self.payouts_minor + self.returned_minor

    @property
    def difference_minor(self) -> int:
        """What the closing balance differs by from what it should be; 0 where the month reconciles."""
        return self.closing_minor - self.expected_closing_minor


@dataclass(frozen=True)
class PayoutCheck:
    """A payout of the month and the balance transactions that Stripe says it paid out.

    `paid_minor` is the sum of their nets; None for a manual payout, of which Stripe does not say what it held.
    """

    id: str
    currency: str
    created: date
    arrives: date
    status: str
    amount_minor: int
    is_automatic: bool
    transactions: int = 0
    paid_minor: int | None = None

    @property
    def difference_minor(self) -> int | None:
        """The payout less what it paid out; 0 where it reconciles, None where Stripe does not say."""
        return None if self.paid_minor is None else self.amount_minor - self.paid_minor


@dataclass(frozen=True)
class DisputesOpened:
    """Disputes opened in the month, in the currency of their payments, and how they stand now."""

    currency: str
    amount_minor: int
    opened: int
    won: int
    lost: int
    still_open: int


@dataclass(frozen=True)
class MonthReport:
    """A month-end report over [start, end); `until` is the moment up to which a month that is not over was read."""

    account: str
    mode: Mode
    start: date
    end: date
    made_at: datetime
    currencies: tuple[CurrencyMonth, ...]
    payouts: tuple[PayoutCheck, ...]
    disputes: tuple[DisputesOpened, ...]
    bridges: tuple[MrrBridge, ...]
    looked_at: int
    until: datetime | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def is_reconciled(self) -> bool:
        """Whether every balance, payout and bridge holds with a difference of zero."""
        return not any(
            (
                *(one.difference_minor for one in self.currencies),
                *(one.difference_minor for one in self.payouts),
                *(one.difference_minor for one in self.bridges),
            )
        )
