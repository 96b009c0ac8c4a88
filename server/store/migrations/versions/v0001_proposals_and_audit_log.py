"""The journal of proposals and the append-only audit log."""

import sqlalchemy as sa
from alembic import op

from paydesk.server.store.schema import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATES = "'waiting', 'approved', 'sending', 'succeeded', 'failed', 'rejected', 'expired', 'unknown'"

_APPEND_ONLY_SQLITE = """
CREATE TRIGGER audit_entries_no_{event} BEFORE {event} ON audit_entries
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
"""
_APPEND_ONLY_POSTGRESQL = (
    """
    CREATE FUNCTION paydesk_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$
    """,
    """
    CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION paydesk_audit_append_only()
    """,
)


def upgrade() -> None:
    """Create both tables, and forbid changing what the audit log holds."""
    _create_proposals()
    _create_audit_entries()


def _create_proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("skill", sa.String(64), nullable=False),
        sa.Column("effect", sa.String(16), nullable=False),
        sa.Column("principal", sa.String(255), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("plan_hash", sa.String(64), nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("says", sa.Text, nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("warnings", sa.JSON, nullable=False),
        sa.Column("undo", sa.Text, nullable=True),
        sa.Column("moves_minor", sa.BigInteger, nullable=True),
        sa.Column("moves_currency", sa.String(3), nullable=True),
        sa.Column("shown_hash", sa.String(64), nullable=False),
        sa.Column("demand", sa.JSON, nullable=False),
        sa.Column("relies_on", sa.JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("decided_at", UtcDateTime, nullable=True),
        sa.Column("decided_by", sa.String(255), nullable=True),
        sa.Column("decided_via", sa.String(32), nullable=True),
        sa.Column("taken_at", UtcDateTime, nullable=True),
        sa.Column("taken_at_stripe", UtcDateTime, nullable=True),
        sa.Column("lease_owner", sa.String(255), nullable=True),
        sa.Column("lease_until", UtcDateTime, nullable=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("settled_at", UtcDateTime, nullable=True),
        sa.Column("answer_id", sa.String(255), nullable=True),
        sa.Column("done_says", sa.Text, nullable=True),
        sa.Column("result", sa.JSON, nullable=True),
        sa.Column("error", sa.JSON, nullable=True),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_proposals_state")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_proposals_idempotency_key")),
    )
    op.create_index(op.f("ix_proposals_principal_plan_hash"), "proposals", ["principal", "plan_hash"])
    op.create_index(op.f("ix_proposals_state_expires_at"), "proposals", ["state", "expires_at"])


def _create_audit_entries() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("proposal_id", sa.String(32), nullable=True),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index(op.f("ix_audit_entries_proposal_id"), "audit_entries", ["proposal_id"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in _APPEND_ONLY_POSTGRESQL:
            op.execute(statement)
    else:
        for event in ("UPDATE", "DELETE"):
            op.execute(_APPEND_ONLY_SQLITE.format(event=event))


def downgrade() -> None:
    """Not offered: the journal is never thrown away."""
    raise RuntimeError("the desk's database only moves forward")
