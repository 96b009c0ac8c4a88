"""Each payout of the month beside what it paid out, and the disputes that were opened."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from paydesk.server.reports.model import DisputesOpened, PayoutCheck
from paydesk.skills.base import Json, StripeReader
from paydesk.skills.books import READ_MOST, Span, read_all

_PAYOUT_ROWS = frozenset({"payout", "payout_cancel", "payout_failure"})


async def payout_checks(stripe: StripeReader, span: Span, progress: Callable[[], None]) -> tuple[PayoutCheck, ...]:
    """The payouts created in the month, oldest first. Raises SkillError (too_much_to_read)."""
    found: list[Json] = []
    await read_all(stripe, "/v1/payouts", span, each=found.append)
    return tuple([await _check(stripe, one, progress) for one in reversed(found)])


async def _check(stripe: StripeReader, payout: Json, progress: Callable[[], None]) -> PayoutCheck:
    transactions, paid = 0, 0
    if payout["automatic"]:
        asked = {"payout": payout["id"]}
        async for row in stripe.every("/v1/balance_transactions", asked, most=READ_MOST):
            progress()
            # The payout's own rows, and those of its failure, are what was paid and not what it was paid of.
            if row["type"] not in _PAYOUT_ROWS or row.get("source") not in (payout["id"], None):
                transactions += 1
                paid += int(row["net"])
    return PayoutCheck(
        id=str(payout["id"]),
        currency=str(payout["currency"]),
        created=_day(payout["created"]),
        arrives=_day(payout["arrival_date"]),
        status=str(payout["status"]),
        amount_minor=int(payout["amount"]),
        is_automatic=bool(payout["automatic"]),
        transactions=transactions,
        paid_minor=paid if payout["automatic"] else None,
    )


def _day(timestamp: int) -> date:
    return datetime.fromtimestamp(timestamp, UTC).date()


async def disputes_opened(stripe: StripeReader, span: Span) -> tuple[DisputesOpened, ...]:
    """The disputes created in the month by currency, inquiries left out: no money moved for them."""
    found: dict[str, list[Json]] = {}

    def add(one: Json) -> None:
        if not str(one["status"]).startswith("warning"):
            found.setdefault(str(one["currency"]), []).append(one)

    await read_all(stripe, "/v1/disputes", span, each=add)
    return tuple(
        DisputesOpened(
            currency=currency,
            amount_minor=sum(int(one["amount"]) for one in those),
            opened=len(those),
            won=sum(one["status"] == "won" for one in those),
            lost=sum(one["status"] == "lost" for one in those),
            still_open=sum(one["status"] not in ("won", "lost") for one in those),
        )
        for currency, those in sorted(found.items())
    )
