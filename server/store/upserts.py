"""Insert-or-ignore and insert-or-update, the same on SQLite and PostgreSQL."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Rows = Sequence[Mapping[str, Any]]
_ROWS_AT_ONCE = 256  # of a dozen columns: far from SQLite's 32,766 parameters


def insert_new(connection: Connection, table: Table, rows: Rows) -> int:
    """Insert the rows whose primary key is not there yet; how many those were."""
    if not rows:
        return 0
    statement = _ignoring(connection.dialect.name, table)
    if connection.dialect.name == "postgresql":  # which does not count the rows of several statements
        first = next(iter(table.primary_key))
        return len(connection.execute(statement.returning(first), list(rows)).all())
    return connection.execute(statement, list(rows)).rowcount


def insert_new_at_once(connection: Connection, table: Table, rows: Rows) -> int:
    """As `insert_new`, for rows of plain values under all the same columns, quickest on SQLite.

    Python's driver leaves and enters the interpreter for each step of a statement. A statement for each row has another
    thread, busy with requests, in between every two of them; one statement for many runs beside it.
    """
    if not rows or connection.dialect.name != "sqlite":
        return insert_new(connection, table, rows)
    names = tuple(rows[0])
    inserted = 0
    for size, some in _by_size(rows):
        values = tuple([row[name] for row in some for name in names])
        inserted += connection.exec_driver_sql(_of_size(table.name, names, size), values).rowcount
    return inserted


def _by_size(rows: Rows) -> Iterator[tuple[int, Rows]]:
    """Rows by powers of four, so that few statements are ever prepared."""
    at, size = 0, _ROWS_AT_ONCE
    while at < len(rows):
        while size > len(rows) - at:
            size //= 4
        yield size, rows[at : at + size]
        at += size


@cache
def _of_size(table: str, names: tuple[str, ...], size: int) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    row = f"({', '.join('?' * len(names))})"
    return f'INSERT INTO "{table}" ({columns}) VALUES {", ".join([row] * size)} ON CONFLICT DO NOTHING'  # noqa: S608 - our own names


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
