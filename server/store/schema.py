"""The desk's tables: proposals, which is the journal of writes, what belongs to them, and the audit log."""

from datetime import UTC, datetime
from typing import Any, get_args

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

from paydesk.skills.base import ProposalState

# The newest file under migrations/versions. Known here, so that an up-to-date database opens without alembic.
HEAD_REVISION = "0003"
REVISION_TABLE = "paydesk_revision"

STATES: tuple[str, ...] = get_args(ProposalState)


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time: aware and UTC in Python, in SQLite as text that sorts, in PostgreSQL with its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: they would silently mean another moment."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a stored time must carry its zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite gives back a naive time that was written as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)


def _json(name: str) -> Column[Any]:
    return Column(name, JSON(none_as_null=True), nullable=True)


proposals = Table(
    "proposals",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("state", String(16), nullable=False),
    # What it is bound to.
    Column("skill", String(64), nullable=False),
    Column("effect", String(16), nullable=False),
    Column("principal", String(255), nullable=False),
    Column("account", String(64), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("plan_hash", String(64), nullable=False),
    Column("request", Text, nullable=False),
    Column("request_hash", String(64), nullable=False),
    Column("idempotency_key", String(255), nullable=False, unique=True),
    # What a person is shown.
    Column("says", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Column("warnings", JSON, nullable=False),
    Column("undo", Text, nullable=True),
    Column("moves_minor", BigInteger, nullable=True),
    Column("moves_currency", String(3), nullable=True),
    Column("shown_hash", String(64), nullable=False),
    # What the policy demanded when it was made, and what the plan read.
    Column("demand", JSON, nullable=False),
    Column("relies_on", JSON, nullable=False),
    # Its life.
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime, nullable=True),
    Column("decided_by", String(255), nullable=True),
    Column("decided_via", String(32), nullable=True),
    Column("taken_at", UtcDateTime, nullable=True),
    Column("taken_at_stripe", UtcDateTime, nullable=True),
    Column("lease_owner", String(255), nullable=True),
    Column("lease_until", UtcDateTime, nullable=True),
    Column("tries", Integer, nullable=False),
    Column("settled_at", UtcDateTime, nullable=True),
    # What came of it.
    Column("answer_id", String(255), nullable=True),
    Column("done_says", Text, nullable=True),
    _json("result"),
    _json("error"),
    # The call that made it, so that it can be planned again; what is sent before `request`; the call that undoes it.
    _json("arguments"),
    _json("prepares"),
    Column("customer", String(64), nullable=True),
    _json("opposite"),
    _json("undo_call"),
    Column("replaced_by", String(32), nullable=True),
    Column("look_again_at", UtcDateTime, nullable=True),
    CheckConstraint("state IN ({})".format(", ".join(f"'{state}'" for state in STATES)), name="state"),
    Index(None, "principal", "plan_hash"),
    Index(None, "state", "expires_at"),
    Index(None, "account", "created_at"),
)

# What is sent before a proposal's own request; a row each, from the moment when the write is taken for sending.
preparations = Table(
    "preparations",
    metadata,
    Column("proposal_id", String(32), primary_key=True),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("idempotency_key", String(255), nullable=False, unique=True),
    Column("answer_id", String(255), nullable=True),
    _json("answer"),
)

# Who said yes: one row a person, so that the same person twice is one.
approvals = Table(
    "approvals",
    metadata,
    Column("proposal_id", String(32), primary_key=True),
    Column("person", String(255), primary_key=True),
    Column("approver", String(255), nullable=False),
    Column("via", String(32), nullable=False),
    Column("approved_at", UtcDateTime, nullable=False),
)

pins = Table(
    "pins",
    metadata,
    Column("person", String(255), primary_key=True),
    Column("hash", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", UtcDateTime, nullable=True),
    Column("set_at", UtcDateTime, nullable=False),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    # Given by the writer, not by the database: a sequence may leave gaps, and a gap means removal.
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("proposal_id", String(32), nullable=True, index=True),
    Column("entry", Text, nullable=False),
    Column("hash", String(64), nullable=False),
)

# What an endpoint's deliveries are signed with: encrypted, as whoever has it can forge what Stripe tells.
webhook_secrets = Table(
    "webhook_secrets",
    metadata,
    Column("endpoint", String(255), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("kept_at", UtcDateTime, nullable=False),
)
