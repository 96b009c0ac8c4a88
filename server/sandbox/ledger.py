"""The ledger: every movement of the balance is a balance transaction, and the balance is their sum.

Whether each currency has a balance of its own or all are exchanged into one is the account's settlement's to say. Card
money becomes available at midnight UTC, seven days on, as recorded; disputes and payouts take effect at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
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
    """A movement to be booked: amounts in minor units, `amount` signed, `fee` taken off it.

    `fee_of` gives instead the fee of what it settles as: (amount, currency, was it exchanged) -> minor units.
    """

    type: str
    amount: int
    currency: str
    source: str
    description: str | None = None
    category: str = ""
    fee: int = 0
    fee_description: str = "Stripe processing fees"
    is_immediate: bool = False
    fee_of: Callable[[int, str, bool], int] | None = None
    exchange_rate: Decimal | None = None


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
        "exchange_rate": None if entry.exchange_rate is None else float(entry.exchange_rate),
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


# What leaves the balance or comes to it from a bank is in the balance's own currency.
_NEVER_EXCHANGED: Final = frozenset({"payout", "payout_cancel", "payout_failure", "topup", "topup_reversal"})
# Recorded: a dispute's rows are exchanged without saying so.
_TELLS_RATE: Final = frozenset({"charge", "payment", "refund", "payment_refund"})


def settled(call: Call, entry: Entry) -> Entry:
    """The entry as it settles: in the currency of its balance, with its fee."""
    settlement = call.store.settlement
    own = entry.currency if entry.type in _NEVER_EXCHANGED else settlement.settles(entry.currency)
    was_exchanged = own != entry.currency
    if was_exchanged:
        source = entry.currency
        entry = replace(
            entry,
            amount=settlement.exchanged(entry.amount, source, own),
            fee=settlement.exchanged(entry.fee, source, own),
            currency=own,
            exchange_rate=settlement.rate(source, own) if entry.type in _TELLS_RATE else None,
        )
    if entry.fee_of:
        entry = replace(entry, fee=entry.fee_of(entry.amount, own, was_exchanged), fee_of=None)
    return entry


def add(call: Call, entry: Entry) -> Object:
    """Book a movement; the balance changes by its net."""
    return call.create(entry_object(call.new_id("txn_"), settled(call, entry), call.now))
