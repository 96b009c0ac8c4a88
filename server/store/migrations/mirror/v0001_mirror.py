"""A mirror's first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    _balance_transactions()
    _charges()
    _customers()
    _daily_balance()
    _daily_charges()
    _daily_customers()
    _disputes()
    _events()
    _facts()
    _forgotten()
    _invoice_lines()
    _invoices()
    _payment_intents()
    _payouts()
    _prices()
    _products()
    _refunds()
    _revenue_changes()
    _subscription_items()
    _subscriptions()
    _sync_stretches()


def _objects(name: str, *columns: sa.Column[Any], indexed: tuple[str, ...] = ()) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        *columns,
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("fetched", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    for column in ("created", "seq", *indexed):
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def _balance_transactions() -> None:
    _objects(
        "balance_transactions",
        sa.Column("currency", sa.String(255), nullable=True),
        sa.Column("type", sa.String(255), nullable=True),
        sa.Column("reporting_category", sa.String(255), nullable=True),
        sa.Column("source", sa.String(255), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("net_minor", sa.BigInteger(), nullable=True),
        sa.Column("available_on", sa.BigInteger(), nullable=True),
        sa.Column("payout", sa.String(255), nullable=True),
        indexed=(
            "available_on",
            "payout",
            "source",
        ),
    )


def _charges() -> None:
    _objects(
        "charges",
        sa.Column("customer", sa.String(255), nullable=True),
        sa.Column("payment_intent", sa.String(255), nullable=True),
        sa.Column("balance_transaction", sa.String(255), nullable=True),
        sa.Column("currency", sa.String(255), nullable=True),
        sa.Column("status", sa.String(255), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("amount_captured_minor", sa.BigInteger(), nullable=True),
        sa.Column("amount_refunded_minor", sa.BigInteger(), nullable=True),
        sa.Column("paid", sa.Boolean(), nullable=True),
        sa.Column("captured", sa.Boolean(), nullable=True),
        sa.Column("disputed", sa.Boolean(), nullable=True),
        sa.Column("failure_reason", sa.String(255), nullable=True),
        sa.Column("card_brand", sa.String(255), nullable=True),
        sa.Column("card_country", sa.String(255), nullable=True),
        sa.Column("billing_country", sa.String(255), nullable=True),
        indexed=(
            "customer",
            "payment_intent",
        ),
    )


def _customers() -> None:
    _objects(
        "customers",
        sa.Column("name", sa.String(255), nullable=True),
        sa.Column("email", sa.String(255), nullable=True),
        sa.Column("country", sa.String(255), nullable=True),
        sa.Column("currency", sa.String(255), nullable=True),
    )


def _daily_balance() -> None:
    op.create_table(
        "daily_balance",
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("reporting_category", sa.String(64), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "currency", "type", "reporting_category", name=op.f("pk_daily_balance")),
    )


def _daily_charges() -> None:
    op.create_table(
        "daily_charges",
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("failure_reason", sa.String(64), nullable=False),
        sa.Column("card_brand", sa.String(32), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_count", sa.BigInteger(), nullable=False),
        sa.Column("disputed_count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "day", "currency", "status", "failure_reason", "card_brand", "country", name=op.f("pk_daily_charges")
        ),
    )


def _daily_customers() -> None:
    op.create_table(
        "daily_customers",
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_customers")),
    )


def _disputes() -> None:
    _objects(
        "disputes",
        sa.Column("charge", sa.String(255), nullable=True),
        sa.Column("payment_intent", sa.String(255), nullable=True),
        sa.Column("currency", sa.String(255), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(255), nullable=True),
        sa.Column("reason", sa.String(255), nullable=True),
        sa.Column("due_by", sa.BigInteger(), nullable=True),
        indexed=("charge",),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("type", sa.String(255), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("api_version", sa.String(64), nullable=True),
        sa.Column("object", sa.String(64), nullable=True),
        sa.Column("object_id", sa.String(255), nullable=True),
        sa.Column("customer", sa.String(255), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=False),
        sa.Column("handled_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_created"), "events", ["created"])
    op.create_index(op.f("ix_events_customer"), "events", ["customer"])
    op.create_index(op.f("ix_events_object_id"), "events", ["object_id"])
    op.create_index(op.f("ix_events_seq"), "events", ["seq"])
    op.create_index(op.f("ix_events_state_next_try_at"), "events", ["state", "next_try_at"])


def _facts() -> None:
    op.create_table(
        "facts",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )


def _forgotten() -> None:
    op.create_table(
        "forgotten",
        sa.Column("customer", sa.String(255), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer", name=op.f("pk_forgotten")),
    )


def _invoice_lines() -> None:
    _objects(
        "invoice_lines",
        sa.Column("invoice", sa.String(255), nullable=True),
        sa.Column("price", sa.String(255), nullable=True),
        sa.Column("product", sa.String(255), nullable=True),
        sa.Column("currency", sa.String(255), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("period_start", sa.BigInteger(), nullable=True),
        sa.Column("period_end", sa.BigInteger(), nullable=True),
        indexed=("invoice",),
    )


def _invoices() -> None:
    _objects(
        "invoices",
        sa.Column("customer", sa.String(255), nullable=True),
        sa.Column("subscription", sa.String(255), nullable=True),
        sa.Column("currency", sa.String(255), nullable=True),
        sa.Column("status", sa.String(255), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=True),
        sa.Column("amount_due_minor", sa.BigInteger(), nullable=True),
        sa.Column("amount_paid_minor", sa.BigInteger(), nullable=True),
        sa.Column("due_date", sa.BigInteger(), nullable=True),
        indexed=(
            "customer",
            "subscription",
        ),
    )


def _payment_intents() -> None:
    _objects(
        "payment_intents",
        sa.Column("customer", sa.String(255), nullable=True),
        sa.Column("currency", sa.String(255), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(255), nullable=True),
        sa.Column("latest_charge", sa.String(255), nullable=True),
        indexed=("customer",),
    )


def _payouts() -> None:
    _objects(
        "payouts",
        sa.Column("currency", sa.String(255), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(255), nullable=True),
        sa.Column("arrival_date", sa.BigInteger(), nullable=True),
        sa.Column("automatic", sa.Boolean(), nullable=True),
        sa.Column("contents_known", sa.Boolean(), nullable=True),
    )


def _prices() -> None:
    _objects(
        "prices",
        sa.Column("product", sa.String(255), nullable=True),
        sa.Column("currency", sa.String(255), nullable=True),
        sa.Column("type", sa.String(255), nullable=True),
        sa.Column("unit_amount_decimal", sa.String(255), nullable=True),
        sa.Column("interval", sa.String(255), nullable=True),
        sa.Column("interval_count", sa.BigInteger(), nullable=True),
        sa.Column("usage_type", sa.String(255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        indexed=("product",),
    )


def _products() -> None:
    _objects(
        "products",
        sa.Column("name", sa.String(255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
    )


def _refunds() -> None:
    _objects(
        "refunds",
        sa.Column("charge", sa.String(255), nullable=True),
        sa.Column("payment_intent", sa.String(255), nullable=True),
        sa.Column("balance_transaction", sa.String(255), nullable=True),
        sa.Column("currency", sa.String(255), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(255), nullable=True),
        sa.Column("reason", sa.String(255), nullable=True),
        indexed=("charge",),
    )


def _revenue_changes() -> None:
    op.create_table(
        "revenue_changes",
        sa.Column("subscription", sa.String(255), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("customer", sa.String(255), nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("a_month_minor", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subscription", "at", name=op.f("pk_revenue_changes")),
    )
    op.create_index(op.f("ix_revenue_changes_at"), "revenue_changes", ["at"])
    op.create_index(op.f("ix_revenue_changes_customer"), "revenue_changes", ["customer"])
    op.create_index(op.f("ix_revenue_changes_seq"), "revenue_changes", ["seq"])


def _subscription_items() -> None:
    _objects(
        "subscription_items",
        sa.Column("subscription", sa.String(255), nullable=True),
        sa.Column("price", sa.String(255), nullable=True),
        sa.Column("product", sa.String(255), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        indexed=("subscription",),
    )


def _subscriptions() -> None:
    _objects(
        "subscriptions",
        sa.Column("customer", sa.String(255), nullable=True),
        sa.Column("currency", sa.String(255), nullable=True),
        sa.Column("status", sa.String(255), nullable=True),
        sa.Column("start_date", sa.BigInteger(), nullable=True),
        sa.Column("trial_end", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("cancel_at", sa.BigInteger(), nullable=True),
        sa.Column("current_period_end", sa.BigInteger(), nullable=True),
        sa.Column("a_month_minor", sa.BigInteger(), nullable=True),
        indexed=("customer",),
    )


def _sync_stretches() -> None:
    op.create_table(
        "sync_stretches",
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("begins", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("cursor", sa.String(255), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "begins", name=op.f("pk_sync_stretches")),
    )


def downgrade() -> None:
    """Not offered: a mirror is built anew instead."""
    raise RuntimeError("a mirror only moves forward")
