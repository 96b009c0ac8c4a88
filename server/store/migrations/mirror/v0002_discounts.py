"""The discounts that subscriptions had, so that their revenue of then can be told."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


_TERMS = ("id", "object", "amount_off", "currency", "duration", "percent_off")


def upgrade() -> None:
    """Make the table, and fill it from what the mirror holds."""
    op.create_table(
        "discounts",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("subscription", sa.String(255), nullable=False),
        sa.Column("coupon", sa.String(255), nullable=True),
        sa.Column("begins", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=True),
        sa.Column("gone_at", sa.BigInteger(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discounts")),
    )
    op.create_index(op.f("ix_discounts_subscription"), "discounts", ["subscription"])
    op.create_index(op.f("ix_discounts_coupon"), "discounts", ["coupon"])

    rows = _known()
    if rows:
        op.bulk_insert(sa.table("discounts", *(sa.column(name) for name in rows[0])), rows)


def _known() -> list[dict[str, Any]]:
    """Discounts that subscriptions show, and those that events told of."""
    connection, found = op.get_bind(), dict[str, dict[str, Any]]()
    shown = sa.text("SELECT whole FROM subscriptions WHERE whole LIKE :some").bindparams(some='%"discount"%')
    told = sa.text("SELECT type, created, payload FROM events WHERE object = 'discount' AND payload <> ''")
    for (whole,) in connection.execute(shown):
        it = json.loads(whole)
        for one in it.get("discounts") or ():
            _add(found, one, it["id"], None)
    for kind, created, payload in connection.execute(told):
        one = (json.loads(payload).get("data") or {}).get("object")
        if isinstance(one, dict) and isinstance(one.get("subscription"), str):
            _add(found, one, one["subscription"], created if kind.endswith(".deleted") else None)
    terms = {row["coupon"]: row["terms"] for row in found.values() if row["terms"]}
    return [{**row, "terms": terms.get(row["coupon"])} for row in found.values()]


def _add(found: dict[str, dict[str, Any]], one: Any, subscription: str, gone_at: int | None) -> None:
    if not isinstance(one, dict) or not isinstance(one.get("start"), int):
        return
    coupon = (one.get("source") or {}).get("coupon") or one.get("coupon")
    whole = coupon if isinstance(coupon, dict) else None
    before = found.get(one["id"], {})
    found[one["id"]] = {
        "id": one["id"],
        "subscription": subscription,
        "coupon": whole["id"] if whole else coupon,
        "begins": one["start"],
        "ends": one.get("end") or before.get("ends"),
        "gone_at": gone_at or before.get("gone_at"),
        "terms": json.dumps({name: whole.get(name) for name in _TERMS}) if whole else before.get("terms"),
    }


def downgrade() -> None:
    """Not offered: a mirror is built anew instead."""
    raise RuntimeError("a mirror only moves forward")
