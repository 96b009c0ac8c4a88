"""Writing a database anew, so that nothing of what was deleted from it stays in its files."""

from contextlib import closing
from typing import Any

from sqlalchemy import Engine


def rewrite(engine: Engine) -> bool:
    """Rewrite a SQLite file and empty its log, or clear PostgreSQL's tables of old rows; False where readers hinder it.

    PostgreSQL's own log and the backups of either are whoever runs them's to clear.
    """
    with closing(engine.raw_connection()) as connection:
        if engine.dialect.name != "sqlite":
            return _clear(connection)
        # Not through SQLAlchemy's connection: it begins a transaction, and neither can be done within one.
        connection.execute("VACUUM")
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy


def _clear(connection: Any) -> bool:
    driver = connection.driver_connection
    driver.rollback()
    driver.autocommit = True
    try:
        for (table,) in driver.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        ).fetchall():
            driver.execute(f'VACUUM "{table}"')
    finally:
        driver.autocommit = False
    return True
