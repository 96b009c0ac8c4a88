"""A DuckDB of bounded threads, memory and time, which can read our own folder and nothing else."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import anyio

from paydesk.server.errors import StoreError
from paydesk.server.limits import ANALYTICS_MEMORY_MB, ANALYTICS_QUERY_S, ANALYTICS_THREADS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")


class Engine:
    """One connection, opened at the first question; its work runs in a worker thread, one piece at a time.

    `folder` is all that it may read and write; what does not fit into memory spills there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._connection: DuckDBPyConnection | None = None
        self._turn = anyio.Lock()
        self._thread = anyio.CapacityLimiter(1)

    async def run(self, work: "Callable[[DuckDBPyConnection], T]", *, timeout_s: float = ANALYTICS_QUERY_S) -> T:
        """Run `work`; interrupted when its time is over or the caller is gone.

        Raises StoreError (analytics_timed_out, or analytics_failed for anything that DuckDB says).
        """
        async with self._turn:
            try:
                with anyio.fail_after(timeout_s):
                    return await self._in_thread(work)
            except TimeoutError as late:
                raise StoreError(
                    f"Counting took longer than {timeout_s:.0f} s and was stopped.",
                    code="analytics_timed_out",
                    next_step="Ask for a shorter period.",
                ) from late

    async def _in_thread(self, work: "Callable[[DuckDBPyConnection], T]") -> T:
        ended = threading.Event()

        def watched() -> T:
            try:
                return self._work(work)
            finally:
                ended.set()

        try:
            return await anyio.to_thread.run_sync(watched, abandon_on_cancel=True, limiter=self._thread)
        except anyio.get_cancelled_exc_class():
            if self._connection is not None:
                self._connection.interrupt()
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(ended.wait, 5.0)
            raise

    def _work(self, work: "Callable[[DuckDBPyConnection], T]") -> T:
        import duckdb

        try:
            if self._connection is None:
                self._connection = _connect(self._folder)
            return work(self._connection)
        except duckdb.Error as wrong:
            # DuckDB's own words may quote a row of a file: the kind says enough.
            raise StoreError(
                f"The copy of the mirror could not be counted ({type(wrong).__name__}).",
                code="analytics_failed",
                next_step="Ask again; the copy is made anew.",
            ) from wrong

    async def aclose(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(connection.close)


def _connect(folder: Path) -> "DuckDBPyConnection":
    import duckdb

    scratch = folder / "spill"
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": ANALYTICS_THREADS,
            "memory_limit": f"{ANALYTICS_MEMORY_MB}MB",
            "temp_directory": str(scratch),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
            "allow_community_extensions": False,
        },
    )
    connection.execute(f"SET allowed_directories = [{quoted(folder)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def quoted(path: Path | str) -> str:
    """A path as a literal of SQL."""
    return "'" + str(path).replace("'", "''") + "'"
