"""Plans of several requests, plans that go stale, several approvers, PINs, and when to look again at an unknown end."""

import sqlalchemy as sa
from alembic import op

from paydesk.server.store.schema import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATES = (
    "'waiting', 'approved', 'sending', 'succeeded', 'failed', 'rejected', 'expired', 'unknown', 'stale', 'canceled'"
)
_NEW_COLUMNS = (
    ("arguments", sa.JSON),
    ("prepares", sa.JSON),
    ("customer", sa.String(64)),
    ("opposite", sa.JSON),
    ("undo_call", sa.JSON),
    ("replaced_by", sa.String(32)),
    ("look_again_at", UtcDateTime),
)


def upgrade() -> None:
    """Widen the journal; rows that are there stay as they are."""
    # SQLite cannot change a check: the table is copied, within the same transaction.
    with op.batch_alter_table("proposals") as table:
        for name, kind in _NEW_COLUMNS:
            table.add_column(sa.Column(name, kind, nullable=True))
        table.drop_constraint(op.f("ck_proposals_state"), type_="check")
        table.create_check_constraint(op.f("ck_proposals_state"), f"state IN ({_STATES})")
    op.create_index(op.f("ix_proposals_account_created_at"), "proposals", ["account", "created_at"])
    op.create_table(
        "preparations",
        sa.Column("proposal_id", sa.String(32), primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("answer_id", sa.String(255), nullable=True),
        sa.Column("answer", sa.JSON, nullable=True),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_preparations_idempotency_key")),
    )
    op.create_table(
        "approvals",
        sa.Column("proposal_id", sa.String(32), primary_key=True),
        sa.Column("person", sa.String(255), primary_key=True),
        sa.Column("approver", sa.String(255), nullable=False),
        sa.Column("via", sa.String(32), nullable=False),
        sa.Column("approved_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "pins",
        sa.Column("person", sa.String(255), primary_key=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", UtcDateTime, nullable=True),
        sa.Column("set_at", UtcDateTime, nullable=False),
    )


def downgrade() -> None:
    """Not offered: the journal is never thrown away."""
    raise RuntimeError("the desk's database only moves forward")
