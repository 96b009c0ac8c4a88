"""The mirror's columns as DuckDB sees them: the current copy, with what changed since in its place.

Every question is asked of one state of the mirror. Where much has changed since the copy, or there is none, a new one
is made: only the months that changed are written, the others are linked.
"""

import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol, TypeVar

import anyio

from paydesk.server.analytics.copying import Batch, Progress, State, copy_newer, name_it, state_of
from paydesk.server.analytics.engine import Engine, quoted
from paydesk.server.analytics.generations import Generation, Generations
from paydesk.server.analytics.layout import COPIED, Copied
from paydesk.server.errors import StoreError
from paydesk.server.limits import ANALYTICS_COPY_S, ANALYTICS_NEWER_MOST

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Connection

T = TypeVar("T")
Tell = Callable[[str], None]
_log = logging.getLogger("paydesk.analytics")
_ROWS_TOLD = 1_000_000  # some seconds
_LEFT_S = 60 * 60.0  # longer than any copy takes
_MONTH = "strftime(make_timestamp({moment} * 1000000), '%Y-%m')"


class MirrorStore(Protocol):
    """A mirror's database: `server/store`, or what guards one."""

    async def read(self, work: "Callable[[Connection], T]") -> T: ...

    async def write(self, work: "Callable[[Connection], T]") -> T: ...


class Lake:
    """One account's columns under `root`. Close it with `aclose`. `tell` hears how far a copy is that takes long."""

    def __init__(self, root: Path, store: MirrorStore, tell: Tell | None = None) -> None:
        self._tell: Tell = tell or _log.warning
        self._root = root
        self._store = store
        self._generations = Generations(root)
        self._engine = Engine(root)
        self._turn = anyio.Lock()
        self._shown: tuple[str, State] | None = None
        self._held: IO[bytes] | None = None

    async def ask(self, work: "Callable[[DuckDBPyConnection], T]") -> T:
        """Run `work` over the tables of layout.py as they are in the mirror now. Raises StoreError.

        A copy that cannot be read is forgotten and made anew, once.
        """
        async with self._turn:
            try:
                return await self._ask(work)
            except StoreError as broken:
                if broken.code != "analytics_failed":
                    raise
            await anyio.to_thread.run_sync(self._generations.discard)
            self._let_go()
            return await self._ask(work)

    async def _ask(self, work: "Callable[[DuckDBPyConnection], T]") -> T:
        state = await self._state()
        current = self._generations.current()
        if self._shown != (current.folder if current else "", state):
            await self._show()
        return await self._engine.run(work)

    async def _state(self) -> State:
        state = await self._store.read(state_of)
        if state is None:
            await self._store.write(name_it)
            state = await self._store.read(state_of)
        if state is None:
            raise StoreError("The mirror keeps no name.", code="store_damaged")
        return state

    async def _show(self) -> None:
        """Bring the views up to what the mirror holds now; make a new copy where too much is beside the old one."""
        self._let_go()
        with ExitStack() as stack:
            folder = Path(stack.enter_context(self._scratch()))
            found = await anyio.to_thread.run_sync(self._generations.read)
            base = await self._fitting(found)
            copied = partial(copy_newer, since=base.seq if base else 0, folder=folder, progress=Progress(self._tell))
            state, batches = await self._store.read(copied)
            rows = sum(batch.rows for batch in batches)
            if rows > ANALYTICS_NEWER_MOST:
                if rows > _ROWS_TOLD:
                    self._tell(f"writing {rows:,} rows into columns by month")
                base = await self._renew(base, state, batches)
                batches = []
            await self._engine.run(partial(_show, self._root, base, batches), timeout_s=ANALYTICS_COPY_S)
            self._shown = (base.folder if base else "", state)

    async def _fitting(self, found: "tuple[Generation, IO[bytes]] | None") -> Generation | None:
        """The current copy, held from now on, where it is one of this mirror and not ahead of it."""
        if found is None:
            return None
        current, held = found
        state = await self._state()
        if current.made != state.made or current.seq > state.seq:
            held.close()
            return None
        self._held = held
        return current

    def _scratch(self) -> "tempfile.TemporaryDirectory[str]":
        aside = self._root / "aside"
        aside.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in aside.iterdir():  # of a process that was killed while it copied
            with suppress(OSError):
                if time.time() - left.stat().st_mtime > _LEFT_S:
                    shutil.rmtree(left)
        return tempfile.TemporaryDirectory(dir=aside, ignore_cleanup_errors=True)

    async def _renew(self, base: Generation | None, state: State, batches: list[Batch]) -> Generation:
        """Write a new copy. Where another process is at it, this one writes one all the same, after a while."""
        make = partial(self._write_generation, base, state, batches)
        made, held = await self._engine.run(make, timeout_s=ANALYTICS_COPY_S)
        self._let_go()
        self._held = held
        return made

    def _write_generation(
        self, base: Generation | None, state: State, batches: list[Batch], connection: "DuckDBPyConnection"
    ) -> tuple[Generation, IO[bytes]]:
        with self._generations.writing() as alone:
            folder = self._generations.begin()
            # Held from its beginning, so that nobody who clears away takes it for a left one.
            held = (folder / "reading.lock").open("rb+")
            self._generations.hold(held)
            rows = {batch.table.name: _write_table(connection, self._root, base, batch, folder) for batch in batches}
            made = Generation(folder.name, state.made, state.seq, rows)
            newest = self._generations.current()
            if alone and (newest is None or newest.made != state.made or newest.seq <= state.seq):
                self._generations.publish(made)
            return made, held

    def _let_go(self) -> None:
        self._shown = None
        held, self._held = self._held, None
        if held is not None:
            held.close()

    async def aclose(self) -> None:
        """Close the connection, and let go of the copy."""
        await self._engine.aclose()
        self._let_go()


def _columns(table: Copied) -> str:
    return "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in table.columns) + "}"


def _csv(table: Copied, file: Path) -> str:
    return (
        f"read_csv({quoted(file)}, header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
        f"nullstr = '', columns = {_columns(table)})"
    )


def _parquet(table: Copied, root: Path, generation: Generation | None) -> str:
    """The copy's rows of a table; an empty table of the same columns where it has none."""
    if generation is None or not generation.rows.get(table.name):
        nothing = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in table.columns)
        return f"(SELECT {nothing} WHERE false)"
    return f"read_parquet({quoted(root / generation.folder / table.name)} || '/*/*.parquet', hive_partitioning = false)"


def _show(root: Path, generation: Generation | None, batches: list[Batch], connection: "DuckDBPyConnection") -> None:
    """A view for every table: the copy's rows but for the keys that changed, and those from the mirror."""
    newer = {batch.table.name: batch for batch in batches}
    for table in COPIED:
        kept = f"SELECT {table.names} FROM {_parquet(table, root, generation)}"
        batch = newer.get(table.name)
        connection.execute(f"DROP VIEW IF EXISTS {table.name}")
        if batch is not None:
            _load(connection, batch)
            if batch.keys_file is not None:
                kept += f' WHERE "{table.key}" NOT IN (SELECT key FROM {table.name}_keys)'
            kept += f" UNION ALL SELECT {table.names} FROM {table.name}_newer"
        connection.execute(f"CREATE VIEW {table.name} AS {kept}")


def _load(connection: "DuckDBPyConnection", batch: Batch) -> None:
    name = batch.table.name
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name}_newer AS FROM {_csv(batch.table, batch.file)}")
    _load_keys(connection, batch)


def _load_keys(connection: "DuckDBPyConnection", batch: Batch) -> None:
    if batch.keys_file is not None:
        keys = (
            f"read_csv({quoted(batch.keys_file)}, header = false, auto_detect = false, delim = ',', "
            "columns = {'key': 'VARCHAR'})"
        )
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {batch.table.name}_keys AS FROM {keys} WHERE key IS NOT NULL")


def _write_table(
    connection: "DuckDBPyConnection", root: Path, base: Generation | None, batch: Batch, folder: Path
) -> int:
    """Write one table's months: what changed is written, what did not is linked. How many rows it has now."""
    table, out = batch.table, folder / batch.table.name
    out.mkdir()
    month = _MONTH.format(moment=f'"{table.moment}"')
    old = _parquet(table, root, base)
    source = _csv(table, batch.file)
    gone = "false"
    if batch.keys_file is not None:
        _load_keys(connection, batch)
        gone = f'"{table.key}" IN (SELECT key FROM {table.name}_keys)'
    touched = connection.execute(
        f"SELECT DISTINCT {month} FROM {source} UNION SELECT DISTINCT {month} FROM {old} WHERE {gone}"
    ).fetchall()
    months = {str(one) for (one,) in touched}
    linked = _link_months(root, base, table, out, months)
    connection.execute(
        f"COPY (SELECT {table.names}, {month} AS month FROM {source} "
        f"UNION ALL SELECT {table.names}, {month} FROM {old} "
        f"WHERE NOT ({gone}) AND {month} NOT IN (SELECT unnest(?::VARCHAR[]))) "
        f"TO {quoted(out)} (FORMAT parquet, PARTITION_BY (month), COMPRESSION zstd, OVERWRITE_OR_IGNORE true)",
        [linked],
    )
    if not any(out.iterdir()):
        return 0
    pattern = quoted(out) + " || '/*/*.parquet'"
    found = connection.execute(f"SELECT count(*) FROM read_parquet({pattern})").fetchone()
    return int(found[0]) if found else 0


def _link_months(root: Path, base: Generation | None, table: Copied, out: Path, touched: set[str]) -> list[str]:
    """Take over the months of the old copy that did not change; which those are."""
    if base is None:
        return []
    linked = []
    for month in (root / base.folder / table.name).glob("month=*"):
        name = month.name.removeprefix("month=")
        if name in touched:
            continue
        (out / month.name).mkdir()
        for file in month.iterdir():
            _link(file, out / month.name / file.name)
        linked.append(name)
    return linked


def _link(file: Path, to: Path) -> None:
    try:
        os.link(file, to)
    except OSError:  # a disk without links
        shutil.copyfile(file, to)
