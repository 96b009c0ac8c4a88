"""Insert-or-ignore and insert-or-update, the same on SQLite and PostgreSQL."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Rows = Sequence[Mapping[str, Any]]


def insert_new(connection: Connection, table: Table, rows: Rows) -> int:
    """Insert the rows whose primary key is not there yet; how many those were."""
    if not rows:
        return 0
    statement = _ignoring(connection.dialect.name, table)
    if connection.dialect.name == "postgresql":  # which does not count the rows of several statements
        first = next(iter(table.primary_key))
        return len(connection.execute(statement.returning(first), list(rows)).all())
    return connection.execute(statement, list(rows)).rowcount


def upsert(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert the rows, each in place of the one with its primary key. All rows have the same columns."""
    if rows:
        connection.execute(_replacing(connection.dialect.name, table, tuple(rows[0])), list(rows))


def add_up(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert the rows, or add their values to the row with their primary key."""
    if rows:
        connection.execute(_adding(connection.dialect.name, table), list(rows))


def _insert(dialect: str, table: Table) -> Any:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


# The same statement object each time, so that it is compiled once.
@cache
def _ignoring(dialect: str, table: Table) -> Any:
    return _insert(dialect, table).on_conflict_do_nothing()


@cache
def _replacing(dialect: str, table: Table, columns: tuple[str, ...]) -> Any:
    statement = _insert(dialect, table)
    keys = {column.name for column in table.primary_key}
    changed = {name: statement.excluded[name] for name in columns if name not in keys}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)


@cache
def _adding(dialect: str, table: Table) -> Any:
    statement = _insert(dialect, table)
    values = [column for column in table.columns if not column.primary_key]
    summed = {column.name: column + statement.excluded[column.name] for column in values}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=summed)
