"""The tables of a mirror: what one Stripe account holds (one file, or one PostgreSQL schema, per account and mode).

Every object has the columns that are asked for often, and the whole object as Stripe's JSON. Times of Stripe's are
Stripe's integers (seconds since 1970, UTC) under Stripe's names; amounts are minor units.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

from paydesk.server.store.schema import NAMING

# The newest file under migrations/mirror. Known here, so that an up-to-date mirror opens without alembic.
HEAD_REVISION = "0002"
REVISION_TABLE = "paydesk_mirror_revision"

metadata = MetaData(naming_convention=NAMING)

_ID = String(255)
_Big = BigInteger().with_variant(Integer, "sqlite")


def _objects(name: str, *columns: Column[Any] | Index) -> Table:
    """A table of Stripe's objects.

    `as_of` is the moment whose state the row holds: of the event that brought it, or of the asking where it was
    fetched. `seq` grows with every change of any row of the mirror: whoever has seen all up to one asks for what is
    above. `deleted` rows have lost everything but their id.
    """
    return Table(
        name,
        metadata,
        Column("id", _ID, primary_key=True),
        Column("created", BigInteger, nullable=False, index=True),
        *columns,
        Column("deleted", Boolean, nullable=False, default=False),
        Column("as_of", BigInteger, nullable=False),
        Column("fetched", Boolean, nullable=False),
        Column("seq", BigInteger, nullable=False, index=True),
        Column("whole", Text, nullable=False),
    )


def _text(name: str, *, index: bool = False) -> Column[Any]:
    return Column(name, _ID, nullable=True, index=index)


def _number(name: str, *, index: bool = False) -> Column[Any]:
    return Column(name, BigInteger, nullable=True, index=index)


def _flag(name: str) -> Column[Any]:
    return Column(name, Boolean, nullable=True)


customers = _objects("customers", _text("name"), _text("email"), _text("country"), _text("currency"))
products = _objects("products", _text("name"), _flag("active"))
prices = _objects(
    "prices",
    _text("product", index=True),
    _text("currency"),
    _text("type"),
    _text("unit_amount_decimal"),
    _text("interval"),
    _number("interval_count"),
    _text("usage_type"),
    _flag("active"),
)
payment_intents = _objects(
    "payment_intents",
    _text("customer", index=True),
    _text("currency"),
    _number("amount_minor"),
    _text("status"),
    _text("latest_charge"),
)
charges = _objects(
    "charges",
    _text("customer", index=True),
    _text("payment_intent", index=True),
    _text("balance_transaction"),
    _text("currency"),
    _text("status"),
    _number("amount_minor"),
    _number("amount_captured_minor"),
    _number("amount_refunded_minor"),
    _flag("paid"),
    _flag("captured"),
    _flag("disputed"),
    # Why it failed, in Stripe's word: outcome.reason or the failure code.
    _text("failure_reason"),
    _text("card_brand"),
    _text("card_country"),
    _text("billing_country"),
)
refunds = _objects(
    "refunds",
    _text("charge", index=True),
    _text("payment_intent"),
    _text("balance_transaction"),
    _text("currency"),
    _number("amount_minor"),
    _text("status"),
    _text("reason"),
)
balance_transactions = _objects(
    "balance_transactions",
    _text("currency"),
    _text("type"),
    _text("reporting_category"),
    _text("source", index=True),
    _number("amount_minor"),
    _number("fee_minor"),
    _number("net_minor"),
    _number("available_on", index=True),
    # The payout that it was paid out with, where that is known.
    _text("payout", index=True),
)
subscriptions = _objects(
    "subscriptions",
    _text("customer", index=True),
    _text("currency"),
    _text("status"),
    _number("start_date"),
    _number("trial_end"),
    _number("ended_at"),
    _number("cancel_at"),
    _number("current_period_end"),
    # What it brings a month, rounded once to the minor unit; 0 where it does not count.
    _number("a_month_minor"),
)
subscription_items = _objects(
    "subscription_items",
    _text("subscription", index=True),
    _text("price"),
    _text("product"),
    _number("quantity"),
)
invoices = _objects(
    "invoices",
    _text("customer", index=True),
    _text("subscription", index=True),
    _text("currency"),
    _text("status"),
    _number("total_minor"),
    _number("amount_due_minor"),
    _number("amount_paid_minor"),
    _number("due_date"),
)
invoice_lines = _objects(
    "invoice_lines",
    _text("invoice", index=True),
    _text("price"),
    _text("product"),
    _text("currency"),
    _number("amount_minor"),
    _number("quantity"),
    _number("period_start"),
    _number("period_end"),
)
disputes = _objects(
    "disputes",
    _text("charge", index=True),
    _text("payment_intent"),
    _text("currency"),
    _number("amount_minor"),
    _text("status"),
    _text("reason"),
    _number("due_by"),
)
payouts = _objects(
    "payouts",
    _text("currency"),
    _number("amount_minor"),
    _text("status"),
    _number("arrival_date"),
    _flag("automatic"),
    # Whether the balance transactions that it paid out are marked with it.
    _flag("contents_known"),
)

#: Every table of objects by its name.
OBJECTS: dict[str, Table] = {table.name: table for table in metadata.sorted_tables}

# What a subscription brought a month, from a moment on: one row a change, also those that are known beforehand (a
# trial's end, a cancellation). So revenue of any moment is the newest row of each subscription up to it. Rows of one
# subscription are written anew together: where one is above a `seq`, all of that subscription are to be read again.
revenue_changes = Table(
    "revenue_changes",
    metadata,
    Column("subscription", _ID, primary_key=True),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("customer", _ID, nullable=True, index=True),
    Column("currency", String(3), nullable=False),
    Column("a_month_minor", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False, index=True),
    Index(None, "at"),
)

# What subscriptions were and are given off, kept for good: their events name discounts by id only, and Stripe shows no
# discount that is over.
discounts = Table(
    "discounts",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("subscription", _ID, nullable=False, index=True),
    Column("coupon", _ID, nullable=True, index=True),
    Column("begins", BigInteger, nullable=False),
    # When it ends by its coupon, and when it was taken away.
    Column("ends", BigInteger, nullable=True),
    Column("gone_at", BigInteger, nullable=True),
    # What of the coupon decides on amounts, as JSON; null where Stripe no longer tells.
    Column("terms", Text, nullable=True),
)

# Sums by the UTC day (days since 1970), kept in the transaction that changes a row: the old row's share goes, the new
# row's comes. `''` stands where Stripe says nothing, as a part of a key cannot be null.
daily_balance = Table(
    "daily_balance",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("currency", String(3), primary_key=True),
    Column("type", String(64), primary_key=True),
    Column("reporting_category", String(64), primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("fee_minor", BigInteger, nullable=False),
    Column("net_minor", BigInteger, nullable=False),
)
# Charges by the day on which they were made; the country is that of the billing address, else of the card.
daily_charges = Table(
    "daily_charges",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("currency", String(3), primary_key=True),
    Column("status", String(16), primary_key=True),
    Column("failure_reason", String(64), primary_key=True),
    Column("card_brand", String(32), primary_key=True),
    Column("country", String(2), primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("amount_captured_minor", BigInteger, nullable=False),
    Column("amount_refunded_minor", BigInteger, nullable=False),
    Column("refunded_count", BigInteger, nullable=False),
    Column("disputed_count", BigInteger, nullable=False),
)
daily_customers = Table(
    "daily_customers",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("count", BigInteger, nullable=False),
)

# What Stripe told of, whether it was delivered or found in its list: kept first, handled afterwards, each once.
events = Table(
    "events",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("type", _ID, nullable=False),
    Column("created", BigInteger, nullable=False, index=True),
    Column("api_version", String(64), nullable=True),
    Column("object", String(64), nullable=True),
    Column("object_id", _ID, nullable=True, index=True),
    # Whose it is, known once it is handled: so that a customer can be forgotten.
    Column("customer", _ID, nullable=True, index=True),
    # Empty once it was handled and is older than Stripe's own memory of it.
    Column("payload", Text, nullable=False),
    Column("source", String(16), nullable=False),  # webhook | list
    Column("received_at", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),  # pending | handled | set_aside
    Column("tries", Integer, nullable=False, default=0),
    Column("next_try_at", BigInteger, nullable=False),
    Column("handled_at", BigInteger, nullable=True),
    Column("error", Text, nullable=True),
    # Of the transaction that handled it: whoever follows what happens asks for what is above the last one seen.
    Column("seq", BigInteger, nullable=True, index=True),
    Index(None, "state", "next_try_at"),
)

# Customers whose personal data is kept no longer, whatever Stripe goes on to tell of them.
forgotten = Table(
    "forgotten",
    metadata,
    Column("customer", _ID, primary_key=True),
    Column("at", BigInteger, nullable=False),
)

# How far the first sync is: one row per stretch of time of a kind of object; the cursor is the last id taken in.
sync_stretches = Table(
    "sync_stretches",
    metadata,
    Column("kind", String(64), primary_key=True),
    Column("begins", BigInteger, primary_key=True, autoincrement=False),  # created >=
    Column("ends", BigInteger, nullable=False),  # created <
    Column("cursor", _ID, nullable=True),
    Column("done", Boolean, nullable=False),
    Column("count", BigInteger, nullable=False),
)

# Single values: the counter behind `seq`, the events' cursor, when it was filled, when it was last fresh, its account.
facts = Table(
    "facts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
