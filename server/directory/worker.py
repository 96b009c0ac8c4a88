"""Runs the index's short pieces of work in a thread, one at a time, so that the loop never waits for the disk."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import anyio
from anyio import CapacityLimiter, to_thread

from paydesk.server.directory.index import Index
from paydesk.server.directory.schema import open_file
from paydesk.server.errors import StoreError

T = TypeVar("T")


class Worker:
    """The file of one index, opened when first needed. Errors of the disk are StoreError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._one = CapacityLimiter(1)
        self._connection: sqlite3.Connection | None = None

    async def read(self, work: Callable[[Index], T]) -> T:
        """Run `work`, which only looks."""
        return await to_thread.run_sync(self._run, work, limiter=self._one)

    async def write(self, work: Callable[[Index], None]) -> None:
        """Run `work` in one transaction."""

        def within(index: Index) -> None:
            with index.writing():
                work(index)

        await to_thread.run_sync(self._run, within, limiter=self._one)

    def _run(self, work: Callable[[Index], T]) -> T:
        try:
            if self._connection is None:
                self._connection = open_file(self._path)
            return work(Index(self._connection))
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                "The index of customers cannot be read or written.",
                code="directory_failed",
                next_step=f"See whether there is room and permission for {self._path.name}; it may be deleted.",
            ) from error

    async def aclose(self) -> None:
        """Close the file."""
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(self._close, limiter=self._one)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
