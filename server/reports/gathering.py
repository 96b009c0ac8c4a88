"""Gathering a month-end report from Stripe, through the one door."""

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time

from paydesk.server.errors import PaydeskError
from paydesk.server.reports.ledger import currency_months
from paydesk.server.reports.model import CurrencyMonth, MonthReport
from paydesk.server.reports.mrr import mrr_bridges
from paydesk.server.reports.payouts import disputes_opened, payout_checks
from paydesk.skills.base import Json, Mode, StripeReader
from paydesk.skills.books import Span
from paydesk.skills.chart_words import next_group
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.mrr_bridge import MrrBridge, RememberedMrr
from paydesk.skills.period import seconds

_MRR_NOTE = (
    "MRR is worked out from subscriptions as Stripe holds them now, and from the changes that it still tells of, those "
    "of the last 30 days. Older changes of price, quantity or discount, pauses, and when a subscription became unpaid "
    "are not known; who came and left within the month is in no movement."
)
_OLD_NOTE = "This month began more than 30 days ago: its first days are bridged at later prices."
_KEPT_NOTE = (
    "MRR is counted day by day from the mirror, which knows each change since {since:%Y-%m-%d}; who came and left "
    "within the month is in both movements."
)
_BEFORE_NOTE = "This month began before that: its first days are bridged at the prices of then."
_EVENTS_KEPT_DAYS = 30
_log = logging.getLogger("paydesk.reports")
Remembered = Callable[[int, int, int], Awaitable[RememberedMrr | None]]


async def gather_month(
    stripe: StripeReader,
    month: date,
    *,
    mode: Mode,
    now: datetime,
    progress: Callable[[], None] = lambda: None,
    remembered: Remembered | None = None,
) -> MonthReport:
    """The report of the month that begins on `month`, up to `now` where it is not over.

    `remembered` bridges recurring revenue over (start, end, now) in seconds from the mirror, where it can.

    Raises SkillError: `month_ahead` for one that has not begun, `too_much_to_read` for more than can be summed.
    """
    if month > now.date():
        raise SkillError("That month has not begun.", code="month_ahead", field="month")
    span = Span(month, next_group(month, "month"))
    assert span.end is not None  # noqa: S101 - just given
    is_over = seconds(span.end) <= now.timestamp()
    until = min(seconds(span.end), int(now.timestamp()) + 1)
    looked_at = 0

    def count() -> None:
        nonlocal looked_at
        looked_at += 1
        progress()

    currencies = await currency_months(stripe, span, count)
    payouts = await payout_checks(stripe, span, count)
    disputes = await disputes_opened(stripe, span)
    bridges, read, mrr_notes = await _mrr(stripe, month, until, now, remembered)
    return MonthReport(
        account=_named(await stripe.get("/v1/account")),
        mode=mode,
        start=month,
        end=span.end,
        made_at=now.astimezone(UTC).replace(microsecond=0),
        until=None if is_over else now.astimezone(UTC).replace(microsecond=0),
        currencies=currencies,
        payouts=payouts,
        disputes=disputes,
        bridges=bridges,
        looked_at=looked_at + read,
        notes=(*_notes(currencies), *(mrr_notes if bridges else ())),
    )


async def _mrr(
    stripe: StripeReader, month: date, until: int, now: datetime, remembered: Remembered | None
) -> tuple[tuple[MrrBridge, ...], int, list[str]]:
    """The bridges, how much was read for them, and what has to be known of how they were come by."""
    start, begins = seconds(month), datetime.combine(month, time.min, UTC)
    try:
        kept = await remembered(start, until, int(now.timestamp())) if remembered is not None else None
    except PaydeskError as problem:
        _log.warning("recurring revenue is read from Stripe, as the mirror cannot be used: %s", problem.code)
        kept = None
    if kept is not None:
        notes = [_KEPT_NOTE.format(since=kept.since)]
        return kept.bridges, kept.read, notes + ([_BEFORE_NOTE] if begins < kept.since else [])
    bridges, read = await mrr_bridges(stripe, start, until)
    is_old = (now - begins).days > _EVENTS_KEPT_DAYS
    return bridges, read, [_MRR_NOTE, *([_OLD_NOTE] if is_old else [])]


def _named(account: Json) -> str:
    dashboard = (account.get("settings") or {}).get("dashboard") or {}
    name = dashboard.get("display_name") or (account.get("business_profile") or {}).get("name")
    return clean(name or account["id"], 80)


def _notes(currencies: tuple[CurrencyMonth, ...]) -> list[str]:
    """What a reader has to know of how the figures were come by."""
    notes = ["Amounts are in the currency in which the balance settles, and are never added across currencies."]
    if not all(one.is_opening_counted for one in currencies):
        notes.append(
            "The ledger is too long to be read to its beginning, so the opening balance follows from the closing one, "
            "and their difference says nothing."
        )
    return notes
