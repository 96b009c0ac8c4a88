"""The mirror's migrations make the tables that its code knows."""

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from paydesk.server.store import MIRROR, open_store


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
