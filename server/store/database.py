"""Opens the desk's database, and runs short transactions on it, each in a worker thread from its begin to its commit.

SQLite by default, other databases by URL. All writes are serialised: in one process by a lock, between processes by
SQLite's own (BEGIN IMMEDIATE) or PostgreSQL's advisory lock. So a transaction sees the truth and may compare and set.
"""

import os
import re
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import anyio
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from paydesk.server.errors import StoreError
from paydesk.server.limits import STORE_BUSY_S, STORE_LOCK_S, STORE_READERS
from paydesk.server.store.failures import store_error
from paydesk.server.store.rewriting import rewrite
from paydesk.server.store.tables import JOURNAL, Tables

__all__ = ["Store", "open_store"]

T = TypeVar("T")

_DRIVERS = {
    **dict.fromkeys(("sqlite", "sqlite+aiosqlite", "sqlite+pysqlite"), "sqlite"),
    **dict.fromkeys(("postgres", "postgresql", "postgresql+asyncpg"), "postgresql+psycopg"),
}
_FAILURES = (SQLAlchemyError, sqlite3.Error, OSError)
_SCHEMA = re.compile(r"[A-Za-z0-9_]{1,60}")


class Store:
    """The desk's database. Close it with `aclose`, or use it as an async context manager."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # SQLite's transactions read one snapshot anyway; elsewhere it has to be asked for.
        sqlite = engine.dialect.name == "sqlite"
        self._reader = engine if sqlite else engine.execution_options(isolation_level="REPEATABLE READ")
        self._writer = engine.execution_options(paydesk_write=True)
        self._quick_writer = engine.execution_options(paydesk_write=True, paydesk_quick=True)
        # SQLite's own waiting is polling and unfair; tasks of one process queue here instead.
        self._turn = anyio.Lock()
        self._writers = anyio.CapacityLimiter(1)
        self._readers = anyio.CapacityLimiter(STORE_READERS)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one consistent snapshot. Raises StoreError."""
        with _told_as_store_error():
            return await anyio.to_thread.run_sync(self._look, work, limiter=self._readers)

    def _look(self, work: Callable[[Connection], T]) -> T:
        with self._reader.connect() as connection:
            return work(connection)

    async def write(self, work: Callable[[Connection], T], *, durable: bool = True) -> T:
        """Run `work` as the only writer and commit durably; any exception of `work` rolls back and passes through.

        Not interrupted by cancellation, so that a caller always knows which side of the commit it is on; `work` does
        only database work and therefore ends soon. Raises StoreError, and then nothing was written.

        Without `durable` a power cut may undo it and what follows it, always as a whole: for what can be read again.
        """
        with _told_as_store_error(), anyio.fail_after(STORE_LOCK_S):
            await self._turn.acquire()
        try:
            with _told_as_store_error(), anyio.CancelScope(shield=True):
                done = await self._commit(work, durable)
            return done  # noqa: RET504 - as mypy sees it, a scope may swallow
        finally:
            self._turn.release()

    async def _commit(self, work: Callable[[Connection], T], durable: bool) -> T:
        return await anyio.to_thread.run_sync(self._begin_and_commit, work, durable, limiter=self._writers)

    def _begin_and_commit(self, work: Callable[[Connection], T], durable: bool = True) -> T:
        with (self._writer if durable else self._quick_writer).begin() as connection:
            return work(connection)

    async def leave_no_trace(self) -> None:
        """Write the database anew without what was deleted from it, and empty its log; takes as long as copying it.

        Raises StoreError; `store_traces` where others were reading and the log could not be emptied.
        """
        await self._turn.acquire()
        try:
            with _told_as_store_error(), anyio.CancelScope(shield=True):
                emptied = await anyio.to_thread.run_sync(rewrite, self._engine, limiter=self._writers)
        finally:
            self._turn.release()
        if not emptied:
            raise StoreError(
                "What was erased may still stand in the database's log, as somebody is reading it.",
                code="store_traces",
                next_step="Do it again in a moment, or stop the other paydesk processes first.",
            )

    async def aclose(self) -> None:
        """Close every connection."""
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self._engine.dispose, limiter=self._writers)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.aclose()


@contextmanager
def _told_as_store_error() -> Generator[None]:
    try:
        yield
    except _FAILURES as error:
        raise store_error(error) from error


async def open_store(where: str | Path, tables: Tables = JOURNAL, *, schema: str | None = None) -> Store:
    """Open the database at a path or URL, and bring its tables up to date. Raises StoreError.

    `tables` says which of paydesk's databases it is; `schema` is the PostgreSQL schema to live in, made where it is
    missing (SQLite has a file each instead, and takes no notice). A new SQLite file can be read by its owner only: it
    holds what customers are called and what was asked about them.
    """
    from paydesk.server.store.migration import migrate

    url = _url(where)
    try:
        if url.get_backend_name() == "sqlite":
            _make_private_file(Path(str(url.database)))
        engine = _engine(url, tables, schema)
    except (*_FAILURES, ImportError) as error:
        raise _cannot_open(url, error) from error
    store = Store(engine)
    try:
        await migrate(store, tables)
    except BaseException:
        await store.aclose()
        raise
    return store


def _url(where: str | Path) -> URL:
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(Path(where).expanduser()))
    try:
        url = make_url(where)
    except SQLAlchemyError as error:
        raise StoreError(
            "The database URL cannot be read.",
            field="PAYDESK_DATABASE_URL",
            next_step="Write it as sqlite:///path or postgresql://user@host/name.",
        ) from error
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        raise StoreError(
            "The journal must outlive the process, so it needs a file.",
            field="PAYDESK_DATABASE_URL",
            next_step="Write it as sqlite:///path.",
        )
    return url


def _make_private_file(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _engine(url: URL, tables: Tables, schema: str | None) -> Engine:
    # hide_parameters: an exception of SQLAlchemy must never carry customers' data into a log.
    if url.get_backend_name() != "sqlite":
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True)
        if schema is not None:
            event.listen(engine, "connect", partial(_enter_schema, schema))
        event.listen(engine, "begin", partial(_begin_elsewhere, tables.turn))
        return engine
    engine = create_engine(url, hide_parameters=True, connect_args={"isolation_level": None, "timeout": STORE_BUSY_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA journal_mode=WAL")
        # With NORMAL, a power cut may undo the last commits. The row that says "sending" would be gone while the
        # request has left, and nobody would look for its answer. FULL syncs the log at each commit.
        cursor.execute("PRAGMA synchronous=FULL")
        # Erased is erased: what customers are called must not stay in the file's free space.
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.execute("PRAGMA fullfsync=ON")  # on macOS an fsync alone stops at the disk's cache
    finally:
        cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    writes = options.get("paydesk_write")
    if writes:
        connection.exec_driver_sql(f"PRAGMA synchronous={'NORMAL' if options.get('paydesk_quick') else 'FULL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _enter_schema(schema: str, connection: Any, _record: object) -> None:
    if not _SCHEMA.fullmatch(schema):
        raise ValueError("a schema's name is letters, digits and underscores")
    with connection.cursor() as cursor:
        # Two first starts at once: the one that comes second waits here, then finds it made.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (schema,))
        cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        cursor.execute(f'SET search_path TO "{schema}"')
    connection.commit()


def _begin_elsewhere(turn: int, connection: Connection) -> None:
    if connection.get_execution_options().get("paydesk_write"):
        connection.execute(text(f"SELECT pg_advisory_xact_lock({turn}, hashtext(current_schema()))"))
        if connection.get_execution_options().get("paydesk_quick"):
            connection.execute(text("SET LOCAL synchronous_commit = off"))


def _cannot_open(url: URL, error: BaseException) -> StoreError:
    if isinstance(error, ImportError) or "plugin" in str(error).lower():
        return StoreError(
            f"The driver for {url.get_backend_name()} databases is not installed.",
            field="PAYDESK_DATABASE_URL",
            next_step="Install it beside paydesk (paydesk[postgresql] brings it), or use the SQLite default.",
        )
    return store_error(error)
