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


# Called with the books after each booking.
AFTER_BOOKING: Final[list[Callable[[Call], None]]] = []


def still_open(currency: str) -> str:
    """What `_payout` says of an entry that no automatic payout has taken yet."""
    return f"open:{currency}"


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
    # What a platform takes of it besides, in minor units, and which one; it stands in the fee's details.
    application_fee: int = 0
    application: str | None = None
    available_on: int | None = None


def settles_at(now: int, days: int = SETTLES_AFTER_DAYS) -> int:
    """Midnight UTC, so many days on."""
    return now - now % DAY_S + days * DAY_S


def entry_object(identifier: str, entry: Entry, now: int, *, payout: str | None = None) -> Object:
    """The balance transaction of an entry; `payout` is the automatic payout that paid it out, for `?payout=`."""
    fees = []
    if entry.fee:
        described = {"description": entry.fee_description, "type": "stripe_fee"}
        fees.append({"amount": entry.fee, "application": None, "currency": entry.currency, **described})
    if entry.application_fee:
        described = {"description": f"{entry.application or 'Platform'} application fee", "type": "application_fee"}
        taken = {"amount": entry.application_fee, "application": entry.application, "currency": entry.currency}
        fees.append({**taken, **described})
    fee = entry.fee + entry.application_fee
    on = entry.available_on if entry.available_on is not None else settles_at(now)
    body: Object = {
        "id": identifier,
        "object": "balance_transaction",
        "amount": entry.amount,
        "available_on": now if entry.is_immediate else on,
        "balance_type": "payments",
        "created": now,
        "currency": entry.currency,
        "description": entry.description,
        "exchange_rate": None if entry.exchange_rate is None else float(entry.exchange_rate),
        "fee": fee,
        "fee_details": fees,
        "net": entry.amount - fee,
        "reporting_category": entry.category or entry.type,
        "source": entry.source,
        "status": "pending",
        "type": entry.type,
    }
    body["_payout"] = payout or still_open(entry.currency)
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
            application_fee=settlement.exchanged(entry.application_fee, source, own),
            currency=own,
            exchange_rate=settlement.rate(source, own) if entry.type in _TELLS_RATE else None,
        )
    if entry.fee_of:
        entry = replace(entry, fee=entry.fee_of(entry.amount, own, was_exchanged), fee_of=None)
    return entry


def add(call: Call, entry: Entry) -> Object:
    """Book a movement; the balance changes by its net."""
    entry = settled(call, entry)
    if entry.available_on is None and not entry.is_immediate:
        entry = replace(entry, available_on=settles_at(call.now, delay_days(call)))
    booked = call.create(entry_object(call.new_id("txn_"), entry, call.now))
    for follow in AFTER_BOOKING:
        follow(call)
    return booked


def delay_days(call: Call) -> int:
    """After how many days card money is available in these books."""
    told = call.store.fact(f"delay:{call.account}")
    return SETTLES_AFTER_DAYS if told is None else int(told)


def set_delay_days(call: Call, days: int) -> None:
    """From now on card money of these books is available after so many days."""
    call.store.set_fact(f"delay:{call.account}", str(days))
