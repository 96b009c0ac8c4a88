"""The sandbox's own SQLite file: objects, the postings that lists run on, ledger totals, saved answers, what is due.

Every request is one transaction; a write takes the file's one write lock at its start, so several processes may share
a file. Nothing is ever rewritten whole.

A posting is a line (term, created, seq) for each thing an object can be listed by: its kind, and each indexed field's
value. A list is a range of one term's postings, newest first, so its cost does not grow with the number of objects.
"""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from paydesk.server.sandbox.kinds import KINDS, Object, dig
from paydesk.server.sandbox.settlement import Settlement

FORMAT: Final = 1
BUSY_TIMEOUT_MS: Final = 5_000
# Another process may be building a business into the same new file.
OPENING_TIMEOUT_MS: Final = 60_000
CACHE_KB: Final = 16_000
MAX_INT64: Final = 2**63 - 1

_SCHEMA: Final = f"""
CREATE TABLE IF NOT EXISTS objects (
  seq INTEGER PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  created INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (account, kind, id));
CREATE TABLE IF NOT EXISTS postings (
  term TEXT NOT NULL, created INTEGER NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (term, created, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS totals (
  account TEXT NOT NULL, currency TEXT NOT NULL, available_on INTEGER NOT NULL, net INTEGER NOT NULL,
  PRIMARY KEY (account, currency, available_on)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
  account TEXT NOT NULL, key TEXT NOT NULL, created INTEGER NOT NULL, path TEXT NOT NULL, fingerprint TEXT NOT NULL,
  request TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (account, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS answers_by_age ON answers (created);
CREATE TABLE IF NOT EXISTS due (
  seq INTEGER PRIMARY KEY, account TEXT NOT NULL, at INTEGER NOT NULL, action TEXT NOT NULL, argument TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS due_by_time ON due (at);
CREATE TABLE IF NOT EXISTS faults (seq INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version = {FORMAT};
"""


# Files of the same format that were made before there were test clocks get it when they are opened.
_CLOCK_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS clock_due (
  seq INTEGER PRIMARY KEY, account TEXT NOT NULL, clock TEXT NOT NULL, at INTEGER NOT NULL, action TEXT NOT NULL,
  argument TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS clock_due_by_time ON clock_due (clock, at);
"""
# The same for deliveries to webhook endpoints (deliveries.py).
_DELIVERY_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS deliveries (
  seq INTEGER PRIMARY KEY, account TEXT NOT NULL, endpoint TEXT NOT NULL, kind TEXT NOT NULL, books TEXT NOT NULL,
  event TEXT NOT NULL, type TEXT NOT NULL, created INTEGER NOT NULL, status TEXT NOT NULL, next_at INTEGER,
  held_until REAL NOT NULL DEFAULT 0, attempts TEXT NOT NULL DEFAULT '[]');
CREATE INDEX IF NOT EXISTS deliveries_by_time ON deliveries (next_at, endpoint) WHERE next_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event, status);
"""

# A condition on `o.body` and its values.
Sql = tuple[str, list[Any]]


def dumps(value: Any) -> str:
    """Compact JSON, as stored and as sent."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def term(account: str, kind: str, field: str = "", value: Any = None) -> str:
    """The posting term of a kind, or of one value of one of its indexed fields."""
    return f"{account} {kind} {field}={value}" if field else f"{account} {kind}"


def terms(account: str, body: Object) -> set[str]:
    """Every term that an object is listed under; none for a deleted object's stub."""
    if body.get("deleted"):
        return set()
    name = body["object"]
    found = {term(account, name)}
    for field in KINDS[name].indexed:
        value = dig(body, field)
        for one in value if isinstance(value, list) else (value,):
            if one is not None:
                found.add(term(account, name, field, _plain(one)))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


@dataclass(frozen=True, slots=True)
class Row:
    """A stored object: its place in the order of its kind, and its JSON text."""

    created: int
    seq: int
    body: str


@dataclass(frozen=True, slots=True)
class Span:
    """Which part of a list is wanted: seconds since 1970 (inclusive), and the rows before or after a cursor's place."""

    since: int = -MAX_INT64
    until: int = MAX_INT64
    older_than: tuple[int, int] | None = None
    newer_than: tuple[int, int] | None = None


class Store:
    """One open file (for path None one that ends with it). Not for use from two threads at a time."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        # Without a file it is one of SQLite's own temporary ones: in memory while small, out of it when it grows.
        self._db = sqlite3.connect(str(path or ""), isolation_level=None, check_same_thread=False)
        self._db.execute(f"PRAGMA busy_timeout = {OPENING_TIMEOUT_MS}")
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found not in (0, FORMAT):
            self._db.close()
            message = (
                f"{path} is a sandbox file of format {found}; this version reads format {FORMAT}. Name a new file."
            )
            raise ValueError(message)
        # An object is some 2.5 kB: on SQLite's pages of 4 kB a third of the file would be air.
        self._db.execute("PRAGMA page_size = 8192")
        self._db.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        self._set_journal("WAL" if path else "MEMORY")
        self._db.execute("PRAGMA synchronous = NORMAL")
        if not found:
            self._db.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}COMMIT;")
        self._db.executescript(_CLOCK_SCHEMA + _DELIVERY_SCHEMA)
        self._db.create_function("fold", 1, _fold, deterministic=True)
        self._db.create_function("noted", 2, _noted, deterministic=True)
        self._settlement: Settlement | None = None
        # Set when a delivery was queued, so that the one who delivers need not ask the file after each request.
        self.has_news = False

    def _set_journal(self, mode: str) -> None:
        # Switching a new file needs it exclusively, and SQLite does not wait for that by itself.
        until = time.monotonic() + OPENING_TIMEOUT_MS / 1_000
        while True:
            try:
                self._db.execute(f"PRAGMA journal_mode = {mode}")
            except sqlite3.OperationalError as wrong:
                if "locked" not in str(wrong) or time.monotonic() > until:
                    raise
                time.sleep(0.01)
            else:
                return

    def opened(self) -> None:
        """The file has its first content: from now on nothing holds its lock for long."""
        self._db.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")

    def close(self) -> None:
        self._db.close()

    def check(self) -> None:
        """Read the whole file for damage; sqlite3.DatabaseError where there is any. Some 2 ms a megabyte."""
        if self._db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            message = "it is damaged"
            raise sqlite3.DatabaseError(message)

    def copy_to(self, place: sqlite3.Connection) -> None:
        """Copy the whole content into another database."""
        self._db.backup(place)

    def copy_from(self, place: sqlite3.Connection) -> None:
        """Replace the whole content by another database's."""
        place.backup(self._db)
        self._db.executescript(_CLOCK_SCHEMA + _DELIVERY_SCHEMA)
        self._settlement = None

    def clear(self) -> None:
        """Take everything out but what the file was made with."""
        for (table,) in self._db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            if table != "facts":
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - only our own names
        self._db.execute(
            "DELETE FROM facts WHERE name NOT IN ('account', 'seed', 'ids', 'settlement', 'wall_clock',"
            " 'webhook_retries')"
        )

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[None]:
        """One request: all of it or nothing. A write waits for other processes at most BUSY_TIMEOUT_MS."""
        self._db.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of a transaction that an error undoes alone."""
        self._db.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK TO part")
            self._db.execute("RELEASE part")
            raise
        self._db.execute("RELEASE part")

    def execute(self, sql: str, parameters: tuple[Any, ...] | list[Any] = ()) -> sqlite3.Cursor:
        """One statement, for the modules that own a table of this file (answers, due, faults, facts)."""
        return self._db.execute(sql, parameters)

    def get(self, account: str, kind: str, identifier: str) -> Row | None:
        row = self._db.execute(
            "SELECT created, seq, body FROM objects WHERE account = ? AND kind = ? AND id = ?",
            (account, kind, identifier),
        ).fetchone()
        return Row(*row) if row else None

    def insert(self, account: str, body: Object) -> None:
        created = int(body.get("created") or 0)
        cursor = self._db.execute(
            "INSERT INTO objects (account, kind, id, created, body) VALUES (?, ?, ?, ?, ?)",
            (account, body["object"], body["id"], created, dumps(body)),
        )
        postings = [(one, created, cursor.lastrowid) for one in terms(account, body)]
        self._db.executemany("INSERT INTO postings VALUES (?, ?, ?)", postings)
        if body["object"] == "balance_transaction":
            self._add_total(account, body)

    def update(self, account: str, body: Object, before: Object) -> None:
        """Write an object anew; `before` is what it was, so that its old postings can go."""
        row = self.get(account, body["object"], body["id"])
        if row is None:
            raise KeyError(body["id"])
        self._db.execute("UPDATE objects SET body = ? WHERE seq = ?", (dumps(body), row.seq))
        old, new = terms(account, before), terms(account, body)
        gone = [(one, row.created, row.seq) for one in old - new]
        if gone:
            self._db.executemany("DELETE FROM postings WHERE term = ? AND created = ? AND seq = ?", gone)
        fresh = [(one, row.created, row.seq) for one in new - old]
        if fresh:
            self._db.executemany("INSERT INTO postings VALUES (?, ?, ?)", fresh)

    def bulk(self, account: str, objects: Iterable[Object]) -> int:
        """Insert many objects at once, oldest first for equal `created`; the number inserted. Emits no events.

        Runs inside the caller's transaction.
        """
        seq = self.newest_seq()
        rows: list[tuple[Any, ...]] = []
        postings: list[tuple[str, int, int]] = []
        for body in objects:
            seq += 1
            created = int(body.get("created") or 0)
            rows.append((seq, account, body["object"], body["id"], created, dumps(body)))
            postings += [(one, created, seq) for one in terms(account, body)]
            if body["object"] == "balance_transaction":
                self._add_total(account, body)
        # Sorted, the b-tree is filled from left to right: several times faster than in random order.
        postings.sort()
        self._db.executemany("INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?)", rows)
        self._db.executemany("INSERT INTO postings VALUES (?, ?, ?)", postings)
        return len(rows)

    def page(
        self, account: str, kind: str, where: dict[str, Any], span: Span, limit: int, *, matching: Sql | None = None
    ) -> list[Row]:
        """At most `limit` objects that match every field of `where` (and `matching`), newest first."""
        driver, *others = [term(account, kind, field, _plain(value)) for field, value in where.items()] or [
            term(account, kind)
        ]
        sql = ["SELECT p.created, p.seq, o.body FROM postings p JOIN objects o ON o.seq = p.seq"]
        sql.append("WHERE p.term = ? AND p.created BETWEEN ? AND ?")
        parameters: list[Any] = [driver, span.since, span.until]
        if span.older_than:
            sql.append("AND (p.created, p.seq) < (?, ?)")
            parameters += span.older_than
        if span.newer_than:
            sql.append("AND (p.created, p.seq) > (?, ?)")
            parameters += span.newer_than
        for other in others:
            sql.append("AND EXISTS (SELECT 1 FROM postings x WHERE x.term = ?")
            sql.append("AND x.created = p.created AND x.seq = p.seq)")
            parameters.append(other)
        if matching:
            sql.append(f"AND ({matching[0]})")
            parameters += matching[1]
        # A page before a cursor is the nearest newer rows, so it is read upwards and turned round.
        upwards = span.newer_than is not None
        sql.append("ORDER BY p.created, p.seq" if upwards else "ORDER BY p.created DESC, p.seq DESC")
        sql.append("LIMIT ?")
        parameters.append(limit)
        rows = [Row(*row) for row in self._db.execute(" ".join(sql), parameters)]
        return rows[::-1] if upwards else rows

    def count(self, account: str, kind: str, field: str = "", value: Any = None) -> int:
        """How many objects stand under one term."""
        counted = self._db.execute("SELECT count(*) FROM postings WHERE term = ?", (term(account, kind, field, value),))
        return int(counted.fetchone()[0])

    def bodies_under(self, terms: list[str]) -> list[tuple[str, str]]:
        """Account and JSON text of what stands under any of a few terms, oldest first."""
        marks = ", ".join("?" * len(terms))
        found = "SELECT o.account, o.body FROM postings p JOIN objects o ON o.seq = p.seq WHERE p.term IN "
        return self._db.execute(f"{found} ({marks}) ORDER BY o.seq", terms).fetchall()

    def _add_total(self, account: str, entry: Object) -> None:
        self._db.execute(
            "INSERT INTO totals VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET net = net + excluded.net",
            (account, entry["currency"], entry["available_on"], entry["net"]),
        )

    def totals(self, account: str, now: int) -> dict[str, tuple[int, int]]:
        """Per currency (available, pending) in minor units: the sum of the ledger's rows, kept as they are written."""
        rows = self._db.execute(
            "SELECT currency, sum(CASE WHEN available_on <= ?2 THEN net ELSE 0 END),"
            " sum(CASE WHEN available_on > ?2 THEN net ELSE 0 END) FROM totals WHERE account = ?1 GROUP BY currency",
            (account, now),
        )
        return {currency: (available, pending) for currency, available, pending in rows}

    def fact(self, name: str) -> str | None:
        """A fact about the file itself, e.g. its platform account."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    @property
    def settlement(self) -> Settlement:
        """How the account of this file settles."""
        if self._settlement is None:
            kept = self.fact("settlement")
            self._settlement = Settlement.of(kept) if kept else Settlement()
        return self._settlement

    def set_settlement(self, settlement: Settlement) -> None:
        """For a new file only: what is booked already stays as it was."""
        self.set_fact("settlement", settlement.written())
        self._settlement = settlement

    def newest_seq(self) -> int:
        """The number of the newest object; 0 for none."""
        return int(self._db.execute("SELECT coalesce(max(seq), 0) FROM objects").fetchone()[0])

    def set_fact(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


def _noted(body: str, key: str) -> Any:
    """A metadata value whose key SQLite's JSON paths cannot spell."""
    return json.loads(body).get("metadata", {}).get(key)


def _fold(text: Any) -> Any:
    return text.casefold() if isinstance(text, str) else text
