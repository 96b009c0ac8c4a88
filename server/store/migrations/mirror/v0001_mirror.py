"""A mirror's first tables."""

from alembic import op

from paydesk.server.store.mirror_schema import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    """Not offered: a mirror is built anew instead."""
    raise RuntimeError("a mirror only moves forward")
