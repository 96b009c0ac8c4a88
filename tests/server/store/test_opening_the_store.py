"""Opening the database: made where it is new, brought up to date once, refused in words where it cannot be used."""

import asyncio
import sqlite3
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from paydesk.server.errors import StoreError
from paydesk.server.store import open_store
from paydesk.server.store.migration import alembic_config, stored_revision
from paydesk.server.store.schema import HEAD_REVISION, REVISION_TABLE, metadata
from paydesk.server.store.tables import JOURNAL

OPEN_AND_CLOSE = """
import asyncio, sys
from paydesk.server.store import open_store
async def main():
    sys.stdin.readline()
    await (await open_store(sys.argv[1])).aclose()
    print("alembic" in sys.modules)
asyncio.run(main())
"""


def _child(path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", OPEN_AND_CLOSE, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _permissions(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def _damage(path: Path) -> None:
    damaged = bytearray(path.read_bytes())
    damaged[100:4096] = b"\xff" * 3996
    path.write_bytes(damaged)


def _leave_a_diary(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("Dear diary, " * 500)


async def test_a_new_store_is_made_for_its_owner_only(path: Path) -> None:
    """Ours: it holds what customers are called, so other users of the machine cannot read it."""
    async with await open_store(path) as store:
        assert await store.read(partial(stored_revision, JOURNAL)) == HEAD_REVISION
        assert set(_permissions(path.parent).values()) == {0o600}
        assert _permissions(path.parent.parent)["home"] == 0o700


async def test_commits_are_on_the_disk_before_they_are_believed(path: Path) -> None:
    """SQLite: in WAL mode only synchronous=FULL (2) keeps the last commits over a power cut."""
    async with await open_store(path) as store:
        for query, value in (("PRAGMA journal_mode", "wal"), ("PRAGMA synchronous", 2)):
            assert await store.read(lambda connection, query=query: connection.execute(text(query)).scalar()) == value


async def test_what_was_written_is_there_when_it_is_opened_again(path: Path) -> None:
    """Ours: the journal outlives the process."""

    def write(connection: Connection) -> None:
        connection.execute(text("INSERT INTO audit_entries VALUES (1, NULL, '{}', 'x')"))

    def count(connection: Connection) -> int:
        return int(connection.execute(text("SELECT count(*) FROM audit_entries")).scalar_one())

    async with await open_store(path) as store:
        await store.write(write)
    async with await open_store(f"sqlite:///{path}") as store:
        assert await store.read(count) == 1


async def test_a_failed_write_leaves_nothing(path: Path) -> None:
    """Ours: both rows or neither, and the error of the work passes through as it is."""

    def half(connection: Connection) -> None:
        connection.execute(text("INSERT INTO audit_entries VALUES (1, NULL, '{}', 'x')"))
        raise KeyError("half way")

    def count(connection: Connection) -> int:
        return int(connection.execute(text("SELECT count(*) FROM audit_entries")).scalar_one())

    async with await open_store(path) as store:
        with pytest.raises(KeyError):
            await store.write(half)
        assert await store.read(count) == 0


def test_first_starts_at_the_same_moment_all_succeed(path: Path) -> None:
    """Ours: a host may start two servers on a fresh home at once."""
    children = [_child(path) for _ in range(4)]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        _, errors = child.communicate(timeout=60)
        assert child.returncode == 0, errors[-1500:]
    with sqlite3.connect(path) as connection:
        assert connection.execute(f"SELECT version_num FROM {REVISION_TABLE}").fetchall() == [(HEAD_REVISION,)]  # noqa: S608
    connection.close()


async def test_an_up_to_date_store_opens_without_alembic(path: Path) -> None:
    """Ours: start-up is part of the product; alembic takes a quarter of a second to import."""
    await (await open_store(path)).aclose()
    child = await asyncio.to_thread(lambda: _child(path).communicate("go\n", timeout=60))
    assert child[0].strip() == "False"


async def test_the_newest_migration_is_the_one_the_store_knows() -> None:
    """Ours: a migration that is added without renewing HEAD_REVISION would never be applied."""
    from alembic.script import ScriptDirectory

    assert ScriptDirectory.from_config(alembic_config(JOURNAL)).get_current_head() == HEAD_REVISION


async def test_migrations_make_exactly_the_tables_that_the_code_uses(path: Path) -> None:
    """Ours: the schema is written twice, once as it is and once as it came about; both must agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, parents: name != REVISION_TABLE,
            },
        )
        return list(compare_metadata(context, metadata))

    async with await open_store(path) as store:
        assert await store.read(differences) == []


async def test_a_store_of_a_newer_paydesk_is_left_alone(path: Path) -> None:
    """Ours: an older paydesk does not guess what newer tables mean."""
    await (await open_store(path)).aclose()
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE {REVISION_TABLE} SET version_num = '9999'")  # noqa: S608
    connection.close()
    with pytest.raises(StoreError) as refused:
        await open_store(path)
    assert refused.value.code == "store_newer"


async def test_a_file_that_is_no_database_is_named_and_kept(path: Path) -> None:
    """Ours: somebody's file at our path is not overwritten."""
    _leave_a_diary(path)
    with pytest.raises(StoreError) as refused:
        await open_store(path)
    assert refused.value.code == "store_damaged"
    assert refused.value.next_step
    assert b"Dear diary" in await asyncio.to_thread(path.read_bytes)


async def test_a_damaged_database_is_named(path: Path) -> None:
    """Ours: damage is said to be damage, not a missing table or a traceback."""
    await (await open_store(path)).aclose()
    _damage(path)
    with pytest.raises(StoreError) as refused:
        await open_store(path)
    assert refused.value.code == "store_damaged"


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """Ours: a home under a file is a mistake that can be mended."""
    await asyncio.to_thread((tmp_path / "file").write_text, "")
    with pytest.raises(StoreError):
        await open_store(tmp_path / "file" / "desk.sqlite3")


async def test_a_locked_database_is_an_error_in_words_and_writes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: another program's lock is waited for a while, then told; nothing half is left."""
    from paydesk.server.store import database

    monkeypatch.setattr(database, "STORE_BUSY_S", 0.05)
    async with await open_store(path) as store:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as refused:
            await store.write(lambda connection: connection.execute(text("DELETE FROM proposals")) and None)
        assert refused.value.code == "store_locked"
        assert await store.read(partial(stored_revision, JOURNAL)) == HEAD_REVISION  # readers are not held up
        holder.execute("ROLLBACK")
        holder.close()
        await store.write(lambda connection: connection.execute(text("DELETE FROM proposals")) and None)


async def test_a_full_disk_is_an_error_in_words(path: Path) -> None:
    """Ours: SQLite's own limit on pages stands in for a disk that is full."""

    def fill(connection: Connection) -> None:
        connection.execute(text("PRAGMA max_page_count = 1"))
        entry = {"entry": "x" * 1_000_000}
        connection.execute(text("INSERT INTO audit_entries VALUES (1, NULL, :entry, 'x')"), entry)

    async with await open_store(path) as store:
        with pytest.raises(StoreError) as refused:
            await store.write(fill)
        assert refused.value.code == "store_full"
        assert refused.value.next_step


async def test_an_error_of_the_database_carries_no_values(path: Path) -> None:
    """Ours: what customers are called does not get into an error, not even as its cause."""

    def break_a_rule(connection: Connection) -> None:
        values = {"entry": "Rosalind Unusual"}
        for _ in range(2):
            connection.execute(text("INSERT INTO audit_entries VALUES (1, NULL, :entry, 'x')"), values)

    async with await open_store(path) as store:
        with pytest.raises(StoreError) as refused:
            await store.write(break_a_rule)
    told = f"{refused.value.as_dict()} {refused.value.__cause__}"
    assert "Unusual" not in told


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "nonsense://x", "postgresql://nobody@127.0.0.1:9/x"]
)
async def test_a_url_that_cannot_be_used_says_why(url: str) -> None:
    """Ours: a journal in memory would forget, and a missing driver or server is named without the URL's secrets."""
    with pytest.raises(StoreError) as refused:
        await open_store(url)
    assert refused.value.message
    assert refused.value.next_step


async def test_many_writers_of_one_process_take_turns(path: Path) -> None:
    """Ours: a chain has one end, so every writer sees the one before."""
    import anyio

    def append(connection: Connection) -> None:
        last = connection.execute(text("SELECT coalesce(max(seq), 0) FROM audit_entries")).scalar_one()
        connection.execute(text("INSERT INTO audit_entries VALUES (:seq, NULL, '{}', 'x')"), {"seq": last + 1})

    async with await open_store(path) as first, await open_store(path) as second:
        async with anyio.create_task_group() as tasks:
            for store in (first, second) * 10:
                tasks.start_soon(store.write, append)
        count = text("SELECT count(*) FROM audit_entries")
        assert await first.read(lambda connection: connection.execute(count).scalar_one()) == 20
