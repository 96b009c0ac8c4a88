"""Payouts: once a week, everything that has become available goes to the bank; one of them came back.

Each payout equals the sum of the balance transactions that carry it, so that it can be reconciled.
"""

from typing import Final

from paydesk.server.sandbox import ledger
from paydesk.server.sandbox.business.calendar import DAY_S, HOUR_S, Span, business_days_after, date_of
from paydesk.server.sandbox.business.past import Past
from paydesk.server.sandbox.business.plans import CURRENCIES
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.resources import payouts

_MADE_AFTER_S: Final = 2 * HOUR_S
# The last payout is always still on its way.
_LAST_DAYS_AGO: Final = 3
_ARRIVES_AFTER_DAYS: Final = 4
# What became available in the last days waits for the next payout, so that there is always something to refund from.
_CUT_OFF_S: Final = 4 * DAY_S
_FAILED: Final = ("eur", 20)


def pay_out(past: Past, weeks_left: int) -> None:
    """Pay out what has been available for days, by currency; `weeks_left` counts down to 0 for the last payouts."""
    cut_off = past.now - _CUT_OFF_S
    ready = [entry for entry in past.booked if entry["available_on"] <= cut_off]
    kept = [entry for entry in past.booked if entry["available_on"] > cut_off]
    for currency in CURRENCIES:
        entries = [entry for entry in ready if entry["currency"] == currency]
        total = sum(entry["net"] for entry in entries)
        if total <= 0:
            kept += entries
            continue
        payout = _make(past, total, currency)
        for entry in entries:
            entry["_payout"] = payout["id"]
        if (currency, weeks_left) == _FAILED:
            past.plan(payout["arrival_date"] + 9 * HOUR_S, fail, past=past, payout=payout["id"])
        else:
            past.later(payout["arrival_date"], "payout.arrive", payout=payout["id"])
    past.booked = kept


def _make(past: Past, total: int, currency: str) -> Object:
    payout = payouts.payout_object(past.new_id("po_1", 23), past.now, total, currency, automatic=True)
    payout["destination"] = past.every("bank_account", {"currency": currency})[0]["id"]
    payout["arrival_date"] = business_days_after(past.now - past.now % DAY_S, _ARRIVES_AFTER_DAYS)
    entry = ledger.Entry("payout", -total, currency, payout["id"], "STRIPE PAYOUT", is_immediate=True)
    payout["balance_transaction"] = _book(past, payout, entry)["id"]
    payout.update(status="in_transit", reconciliation_status="completed")
    return past.create(payout, emits="payout.created")


def _book(past: Past, payout: Object, entry: ledger.Entry) -> Object:
    """A row for the payout itself, which no later payout takes."""
    booked = ledger.add(past, entry)
    past.booked.pop()
    booked["_payout"] = payout["id"]
    return booked


def fail(past: Past, payout: str) -> None:
    """The bank sends a payout back: a second row returns the money, and the next payout takes it."""
    found = past.get("payout", payout)
    entry = ledger.Entry(
        "payout_failure",
        found["amount"],
        found["currency"],
        found["id"],
        "STRIPE PAYOUT FAILURE",
        category="payout_reversal",
        is_immediate=True,
    )
    found.update(
        status="failed",
        failure_balance_transaction=ledger.add(past, entry)["id"],
        failure_code="account_closed",
        failure_message="The bank account has been closed.",
        trace_id={"status": "unsupported", "value": None},
    )
    past.save(found)
    past.emit("payout.failed", found)


def days(span: Span) -> list[tuple[int, int]]:
    """When payouts were made: (time, how many weeks before the last), oldest first."""
    last = business_days_after(span.today, -_LAST_DAYS_AGO)
    weeks = (last - span.start) // (7 * DAY_S)
    return [(last - weeks_ago * 7 * DAY_S + _MADE_AFTER_S, weeks_ago) for weeks_ago in range(weeks, -1, -1)]


def weekday(span: Span) -> str:
    """The day of the week on which payouts are made, as Stripe writes it."""
    return date_of(days(span)[-1][0]).strftime("%A").lower()
