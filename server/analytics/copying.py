"""Rows of the mirror into files that DuckDB reads, in one consistent look at the mirror.

CSV, as the quickest way that needs nothing else: 0.3 million rows a second and more, where binding rows one by one
makes some thousands.
"""

import csv
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from paydesk.server.analytics.layout import COPIED, Copied
from paydesk.server.limits import ANALYTICS_TOLD_EVERY_S

_MADE = "snapshot_of"


@dataclass(frozen=True)
class State:
    """Which mirror it is (a rebuilt one has another `made`), and how far its counter stands."""

    made: str
    seq: int


@dataclass(frozen=True)
class Batch:
    """Rows of one table that were written out, and the keys whose rows they replace; a whole table has no keys."""

    table: Copied
    rows: int
    file: Path
    keys_file: Path | None


class Progress:
    """Says now and then how many rows were written out, once that takes more than a few seconds."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._rows = 0
        self._next = time.monotonic() + ANALYTICS_TOLD_EVERY_S

    def count(self, rows: int) -> None:
        """So many more rows are written out."""
        self._rows += rows
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + ANALYTICS_TOLD_EVERY_S
            self._tell(f"copying the mirror into columns for figures: {self._rows:,} rows so far")


def state_of(connection: Connection) -> State | None:
    """The mirror's state; None while nobody has named it."""
    query = text("SELECT name, value FROM facts WHERE name IN ('seq', :made)")
    facts = {str(row.name): str(row.value) for row in connection.execute(query, {"made": _MADE})}
    return State(facts[_MADE], int(facts.get("seq", 0))) if _MADE in facts else None


def name_it(connection: Connection) -> None:
    """Give the mirror a name of its own, so that no copy of another is taken for its."""
    if state_of(connection) is None:
        connection.execute(
            text("INSERT INTO facts (name, value) VALUES (:made, :name)"),
            {"made": _MADE, "name": secrets.token_hex(16)},
        )


def copy_newer(connection: Connection, since: int, folder: Path, progress: Progress) -> tuple[State, list[Batch]]:
    """Write out what changed after `since` (all of it where that is 0), in one look; and the state of that look."""
    state = state_of(connection)
    if state is None:
        raise LookupError("the mirror has no name yet")
    return state, [_copy(connection, table, since, folder, progress) for table in COPIED]


def _copy(connection: Connection, table: Copied, since: int, folder: Path, progress: Progress) -> Batch:
    file, keys = folder / f"{table.name}.csv", folder / f"{table.name}.keys.csv"
    select = f"SELECT {table.names} FROM {table.name}"
    if not since:
        return Batch(table, _write_out(connection, select, file, progress), file, None)
    changed = table.changed().format(seq=int(since))
    _write_out(connection, changed, keys, progress)
    rows = _write_out(connection, f'{select} WHERE "{table.key}" IN ({changed})', file, progress)
    return Batch(table, rows, file, keys)


def _write_out(connection: Connection, select: str, file: Path, progress: Progress) -> int:
    """The rows of a SELECT as CSV; how many there were."""
    if connection.dialect.name == "postgresql":
        return _by_copy(connection.connection.cursor(), select, file, progress)
    cursor = connection.connection.cursor()
    try:
        cursor.execute(select)
        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out, lineterminator="\n")
            rows = 0
            while batch := cursor.fetchmany(10_000):
                writer.writerows(batch)
                rows += len(batch)
                progress.count(len(batch))
        return rows
    finally:
        cursor.close()


def _by_copy(cursor: Any, select: str, file: Path, progress: Progress) -> int:
    with cursor, file.open("wb") as out, cursor.copy(f"COPY ({select}) TO STDOUT (FORMAT csv)") as copy:
        for block in copy:
            out.write(block)
            progress.count(bytes(block).count(b"\n"))
    return int(cursor.rowcount)
