"""The ledger: every movement of the balance is a balance transaction, and the balance is their sum.

Settlement is simplified: each currency has a balance of its own and nothing is exchanged. Card money becomes available
at midnight UTC, seven days on, as recorded; disputes and payouts take effect at once.
"""

from dataclasses import dataclass
from typing import Final

from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Kind, Object

DAY_S: Final = 86_400
SETTLES_AFTER_DAYS: Final = 7


def shown(call: Call, entry: Object) -> Object:
    """Pending until it is available; the payout that it went out with is no field of its own."""
    entry.pop("_payout", None)
    entry["status"] = "available" if entry["available_on"] <= call.now else "pending"
    return entry


BALANCE_TRANSACTION: Final = Kind(
    name="balance_transaction",
    prefix="txn_",
    called="balance transaction",
    indexed=("type", "currency", "source", "_payout"),
    expands=("source",),
    shows=shown,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A movement to be booked: amounts in minor units, `amount` signed, `fee` taken off it."""

    type: str
    amount: int
    currency: str
    source: str
    description: str | None = None
    category: str = ""
    fee: int = 0
    fee_description: str = "Stripe processing fees"
    is_immediate: bool = False


def settles_at(now: int, days: int = SETTLES_AFTER_DAYS) -> int:
    """Midnight UTC, so many days on."""
    return now - now % DAY_S + days * DAY_S


def entry_object(identifier: str, entry: Entry, now: int, *, payout: str | None = None) -> Object:
    """The balance transaction of an entry; `payout` is the automatic payout that paid it out, for `?payout=`."""
    fees = []
    if entry.fee:
        described = {"description": entry.fee_description, "type": "stripe_fee"}
        fees.append({"amount": entry.fee, "application": None, "currency": entry.currency, **described})
    body: Object = {
        "id": identifier,
        "object": "balance_transaction",
        "amount": entry.amount,
        "available_on": now if entry.is_immediate else settles_at(now),
        "balance_type": "payments",
        "created": now,
        "currency": entry.currency,
        "description": entry.description,
        "exchange_rate": None,
        "fee": entry.fee,
        "fee_details": fees,
        "net": entry.amount - entry.fee,
        "reporting_category": entry.category or entry.type,
        "source": entry.source,
        "status": "pending",
        "type": entry.type,
    }
    if payout:
        body["_payout"] = payout
    return body


def add(call: Call, entry: Entry) -> Object:
    """Book a movement; the balance changes by its net."""
    return call.create(entry_object(call.new_id("txn_"), entry, call.now))
