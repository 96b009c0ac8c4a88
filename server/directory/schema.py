"""The index's file: SQLite, one for each account and mode, thrown away and filled again where its layout changed."""

import os
import sqlite3
from pathlib import Path

LAYOUT = 2
_BUSY_S = 5.0

_TABLES = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS people (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT, email TEXT, created INTEGER NOT NULL,
    folded TEXT NOT NULL, core TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS people_by_core ON people (core);
CREATE VIRTUAL TABLE IF NOT EXISTS names USING fts5 (
    words, tokenize = 'ascii', detail = none, columnsize = 0, prefix = '3'
);
CREATE VIRTUAL TABLE IF NOT EXISTS handles USING fts5 (words, tokenize = 'ascii', detail = none, columnsize = 0);
CREATE TABLE IF NOT EXISTS vocabulary (word TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS slips (slip TEXT, word TEXT, PRIMARY KEY (slip, word)) WITHOUT ROWID;
CREATE VIRTUAL TABLE IF NOT EXISTS pieces USING fts5 (word, tokenize = 'trigram', detail = none, columnsize = 0);
"""


def open_file(path: Path) -> sqlite3.Connection:
    """Open or make the file, readable by its owner only. What is damaged or of another layout is made anew.

    Raises sqlite3.Error or OSError where the place cannot be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return _open(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # locked, or no room: the file itself may be sound
            raise
    for part in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        part.unlink(missing_ok=True)
    return _open(path)


def _open(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    # One worker thread at a time uses it, though not always the same one.
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA secure_delete=ON")  # nobody's name in the file's free space
        connection.execute("PRAGMA synchronous=NORMAL")  # what a power cut undoes is read from Stripe again
        _lay_out(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _lay_out(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA user_version").fetchone()[0] == LAYOUT:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0] != LAYOUT:
            for table in ("state", "people", "names", "handles", "vocabulary", "slips", "pieces"):
                connection.execute(f"DROP TABLE IF EXISTS {table}")
            for statement in filter(str.strip, _TABLES.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {LAYOUT:d}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
