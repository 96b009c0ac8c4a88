"""Brings the tables up to date when the store opens; several processes may do so at the same moment."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from sqlalchemy import Connection, inspect, text

from paydesk.server.errors import StoreError
from paydesk.server.limits import STORE_OPEN_TRIES
from paydesk.server.store.tables import Tables

if TYPE_CHECKING:
    from alembic.config import Config

    from paydesk.server.store.database import Store

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"


async def migrate(store: "Store", tables: Tables) -> None:
    """Bring the database to its newest revision. Raises StoreError, also for a database of a newer paydesk.

    Alembic is imported only where there is something to do: it costs a quarter of a second.
    """
    if await _first_look(store, tables) == tables.head_revision:
        return
    config = await anyio.to_thread.run_sync(alembic_config, tables)
    # The write transaction is the lock: whoever comes second finds the work done.
    await store.write(partial(_upgrade, config, tables))


async def _first_look(store: "Store", tables: Tables) -> str | None:
    # Switching a new file to WAL needs it exclusively, and SQLite does not wait for that by itself.
    for attempt in range(STORE_OPEN_TRIES):
        try:
            return await store.read(partial(stored_revision, tables))
        except StoreError as error:
            if error.code != "store_locked" or attempt == STORE_OPEN_TRIES - 1:
                raise
            await anyio.sleep(0.01 * (attempt + 1))
    return None


def stored_revision(tables: Tables, connection: Connection) -> str | None:
    """The revision that the database is at, or None for an empty one."""
    if not inspect(connection).has_table(tables.revision_table):
        return None
    return connection.execute(text(f"SELECT version_num FROM {tables.revision_table}")).scalar_one_or_none()  # noqa: S608 - a constant


def alembic_config(tables: Tables) -> "Config":
    """Alembic's configuration, without a file of its own."""
    from alembic import command  # noqa: F401 - loaded here, in a thread, rather than on the loop
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(_MIGRATIONS / tables.versions).replace("%", "%%"))
    config.attributes["tables"] = tables
    return config


def _upgrade(config: "Config", tables: Tables, connection: Connection) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    revision = stored_revision(tables, connection)
    if revision == tables.head_revision:
        return
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise StoreError(
            "The desk's database was written by a newer paydesk.",
            code="store_newer",
            next_step="Upgrade paydesk, or point PAYDESK_HOME at another folder.",
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
