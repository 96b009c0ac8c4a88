"""The mirror's migrations make the tables that its code knows."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, select, text

from paydesk.server.mirror.discounts import of_subscription
from paydesk.server.store import MIRROR, open_store
from paydesk.server.store.migration import alembic_config
from paydesk.server.store.mirror_schema import events, revenue_changes, subscriptions


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_the_migrations_make_the_tables_as_they_are_declared(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Ours: a mirror that was migrated and one that is declared are the same, on both databases."""
    url = tmp_path / "mirror.sqlite3"
    where = url if engine == "sqlite" else request.getfixturevalue("postgresql").new_database()

    def differences(connection: Any) -> list[Any]:
        options = {"version_table": MIRROR.revision_table, "compare_type": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), MIRROR.metadata))

    async with await open_store(where, MIRROR) as store:
        assert await store.read(differences) == []


def _discount(identity: str, coupon: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": identity, "object": "discount", "start": 100, "end": None, "subscription": "sub_1",
        "source": {"type": "coupon", "coupon": coupon}, **more,
    }  # fmt: skip


def _first_mirror(connection: Connection) -> None:
    """A mirror of the first revision, with a subscription that has one discount and had another."""
    config = alembic_config(MIRROR)
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")
    coupon = {"id": "TENTH", "object": "coupon", "percent_off": 10.0, "duration": "forever"}
    whole = json.dumps({"id": "sub_1", "discounts": [_discount("di_now", coupon)]}, separators=(",", ":"))
    ours = {"created": 50, "deleted": False, "as_of": 900, "fetched": True, "seq": 1}
    connection.execute(subscriptions.insert().values(id="sub_1", whole=whole, **ours))
    gone = json.dumps({"data": {"object": _discount("di_then", "TENTH", end=700)}})
    told = {"object": "discount", "object_id": "di_then", "created": 300, "payload": gone, "state": "handled"}
    kept = {"received_at": 300, "source": "list", "tries": 1, "next_try_at": 0}
    connection.execute(events.insert().values(id="evt_1", type="customer.discount.deleted", **told, **kept))
    connection.execute(
        revenue_changes.insert().values(subscription="sub_1", at=50, currency="usd", a_month_minor=900, seq=1)
    )


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_a_mirror_of_the_first_revision_is_brought_forward_with_what_it_holds(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Ours: nothing is read again for an upgrade, and discounts are known from what Stripe told before it."""
    where = tmp_path / "mirror.sqlite3"
    url = f"sqlite:///{where}"
    if engine == "postgresql":
        where = request.getfixturevalue("postgresql").new_database()
        url = str(where).replace("postgresql://", "postgresql+psycopg://")
    first = create_engine(url)
    with first.begin() as connection:
        _first_mirror(connection)
    first.dispose()
    async with await open_store(where, MIRROR) as store:
        found = await store.read(partial(of_subscription, subscription="sub_1"))
        amounts = await store.read(lambda connection: connection.scalars(select(revenue_changes.c.a_month_minor)).all())
        at = await store.read(
            lambda connection: connection.scalar(text("SELECT version_num FROM paydesk_mirror_revision"))
        )
    assert {one: (it["start"], it["end"]) for one, it in found.items()} == {
        "di_now": (100, None),
        "di_then": (100, 300),
    }
    assert all(it["source"]["coupon"]["percent_off"] == 10.0 for it in found.values())
    assert (amounts, at) == ([900], MIRROR.head_revision)
