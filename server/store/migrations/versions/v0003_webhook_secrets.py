"""The secrets of webhook endpoints, encrypted."""

import sqlalchemy as sa
from alembic import op

from paydesk.server.store.schema import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "webhook_secrets",
        sa.Column("endpoint", sa.String(255), primary_key=True),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("kept_at", UtcDateTime, nullable=False),
    )


def downgrade() -> None:
    """Not offered: the journal is never thrown away."""
    raise RuntimeError("the desk's database only moves forward")
