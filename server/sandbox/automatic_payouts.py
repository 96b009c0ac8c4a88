"""Automatic payouts: on the days of an account's schedule everything available goes to the bank.

A run is put off to the next day of payouts only while there is money: an account that stands still costs nothing. The
fact `payouts:<account>` says when the next run is, `idle` that the next booking asks for one; where it is missing
(no external account yet, or a manual schedule) nothing is ever paid out by itself.
"""

from typing import Final

from paydesk.server.sandbox import ledger
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.payout_schedule import next_run
from paydesk.server.sandbox.resources.account import own_account

_IDLE: Final = "idle"
MOST_ENTRIES: Final = 100_000


def arm(books: Call) -> None:
    """Begin, change or end the automatic payouts of these books after a change of schedule or external accounts."""
    has_bank = bool(books.every("bank_account", limit=1) or books.every("card", {"account": books.account}, limit=1))
    at = next_run(_schedule(books), books.now) if has_bank else None
    books.store.set_fact(f"payouts:{books.account}", "" if at is None else str(at))
    if at is not None:
        books.later(at, "payouts.make")


def _schedule(books: Call) -> Object:
    schedule: Object = own_account(books)["settings"]["payouts"]["schedule"]
    return schedule


def wake(books: Call) -> None:
    """After a booking: an account that had nothing to pay out may have something now."""
    if books.store.fact(f"payouts:{books.account}") == _IDLE:
        arm(books)


ledger.AFTER_BOOKING.append(wake)


def is_due(books: Call) -> bool:
    """Whether a run that arrives now is the one that is wanted; a change of schedule leaves old ones behind."""
    return books.store.fact(f"payouts:{books.account}") == str(books.now)


def rest(books: Call) -> None:
    """After a run: put off the next one, or wait for a booking where nothing is there and nothing comes."""
    totals = books.store.totals(books.account, books.now).values()
    if any(available > 0 or pending > 0 for available, pending in totals):
        arm(books)
    else:
        books.store.set_fact(f"payouts:{books.account}", _IDLE)


def available_entries(books: Call, currency: str) -> list[Object]:
    """What an automatic payout made now would take."""
    every = books.every("balance_transaction", {"_payout": ledger.still_open(currency)}, limit=MOST_ENTRIES)
    return [entry for entry in every if entry["available_on"] <= books.now]
