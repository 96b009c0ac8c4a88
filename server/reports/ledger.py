"""The month in the ledger: what came, what went and what was left, from Stripe's balance transactions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from paydesk.server.reports.model import CurrencyMonth, OtherMovement
from paydesk.skills.base import Json, StripeReader
from paydesk.skills.books import READ_MOST, Book, Span
from paydesk.skills.errors import SkillError
from paydesk.skills.period import seconds

_PAYOUTS = frozenset({"payout"})
_RETURNED = frozenset({"payout_cancel", "payout_failure"})
_IN_BOOK = frozenset({"charge", "payment", "refund", "payment_refund", "refund_failure", "payment_refund_failure"})
_DISPUTES = frozenset({"dispute", "dispute_reversal"})
_TRIES = 3


@dataclass
class _Tally:
    """One currency's rows of the month, and the sums of what lies before and after it."""

    book: Book = field(default_factory=Book)
    sums: dict[str, list[int]] = field(default_factory=dict)
    before_minor: int = 0
    after_minor: int = 0

    def add(self, row: Json) -> None:
        self.book.add(row)
        kind = _kind(row)
        self.sums.setdefault(kind, []).append(int(row["amount"]))

    def sum_of(self, kinds: Iterable[str]) -> tuple[int, int]:
        found = [amount for kind in kinds for amount in self.sums.get(kind, ())]
        return sum(found), len(found)


def _kind(row: Json) -> str:
    """The row's type, and `dispute` for the adjustments that are one."""
    return "dispute" if row.get("reporting_category") in _DISPUTES else str(row["type"])


async def currency_months(stripe: StripeReader, span: Span, progress: Callable[[], None]) -> tuple[CurrencyMonth, ...]:
    """Every currency that had a balance or moved in the month. Raises SkillError (too_much_to_read).

    The whole ledger is read where it is small enough, so that the opening balance is counted for itself; else only what
    is not older than the month, and the opening balance follows from the closing one.
    """
    assert span.start is not None  # noqa: S101 - a month has its first day
    assert span.end is not None  # noqa: S101
    for _ in range(_TRIES):
        balance = await _balance(stripe)
        tallies, is_whole = await _tallied(stripe, seconds(span.start), seconds(span.end), progress)
        # What moved while the ledger was read would stand in one of the two and not in the other.
        if await _balance(stripe) == balance:
            break
    return tuple(
        _month(currency, tallies.get(currency, _Tally()), balance.get(currency, 0), is_whole=is_whole)
        for currency in sorted({*tallies, *(code for code, amount in balance.items() if amount)})
    )


async def _balance(stripe: StripeReader) -> dict[str, int]:
    """What the account holds now, available and pending together."""
    found = await stripe.get("/v1/balance")
    sums: dict[str, int] = {}
    for part in (*found["available"], *found["pending"]):
        currency = str(part["currency"])
        sums[currency] = sums.get(currency, 0) + int(part["amount"])
    return sums


async def _tallied(
    stripe: StripeReader, start: int, end: int, progress: Callable[[], None]
) -> tuple[dict[str, _Tally], bool]:
    """The ledger, newest first, by currency; whether it was read to its beginning."""
    tallies: dict[str, _Tally] = {}
    count = 0
    async for row in stripe.every("/v1/balance_transactions", {}, most=READ_MOST + 1):
        if row.get("balance_type", "payments") not in (None, "payments"):
            continue
        count += 1
        created = int(row["created"])
        if count > READ_MOST:
            if created < start:
                return tallies, False
            raise SkillError(
                f"There are more than {READ_MOST:,} balance transactions since that month began.",
                code="too_much_to_read",
                field="month",
                next_step="Report a later month.",
            )
        progress()
        tally = tallies.setdefault(str(row["currency"]), _Tally())
        if created >= end:
            tally.after_minor += int(row["net"])
        elif created >= start:
            tally.add(row)
        else:
            tally.before_minor += int(row["net"])
    return tallies, True


def _month(currency: str, tally: _Tally, balance_minor: int, *, is_whole: bool) -> CurrencyMonth:
    book = tally.book
    payouts, returned = tally.sum_of(_PAYOUTS), tally.sum_of(_RETURNED)
    apart = _IN_BOOK | _PAYOUTS | _RETURNED | {"dispute", "stripe_fee"}
    others = tuple(OtherMovement(kind, *tally.sum_of([kind])) for kind in sorted(tally.sums) if kind not in apart)
    closing = balance_minor - tally.after_minor
    month = CurrencyMonth(
        currency=currency,
        opening_minor=tally.before_minor,
        closing_minor=closing,
        volume_minor=book.charged_minor,
        payments=book.payments,
        refunds_minor=-book.refunded_minor,
        refunds=tally.sum_of(_IN_BOOK - {"charge", "payment"})[1],
        disputes_minor=-book.disputed_minor,
        disputes=tally.sum_of(["dispute"])[1],
        fees_minor=-book.fees_minor,
        others=others,
        payouts_minor=payouts[0],
        payouts=payouts[1],
        returned_minor=returned[0],
        returned=returned[1],
        is_opening_counted=is_whole,
    )
    if is_whole:
        return month
    from dataclasses import replace

    return replace(month, opening_minor=closing - (month.expected_closing_minor - month.opening_minor))
