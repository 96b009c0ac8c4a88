"""The columnar copy: the same answers as without it, whatever changed since, who else is at it, and who was killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import Connection, insert, text

from paydesk.server.analytics import copying
from paydesk.server.analytics import lake as lake_module
from paydesk.server.analytics.generations import Generation, Generations
from paydesk.server.analytics.lake import Lake
from paydesk.server.analytics.layout import COPIED
from paydesk.server.errors import StoreError
from paydesk.server.store.mirror_schema import subscriptions
from paydesk.skills.books import Span

ALL = """
    SELECT (SELECT sum(hash(c)) FROM charges AS c), (SELECT sum(hash(i)) FROM invoices AS i),
           (SELECT sum(hash(l)) FROM invoice_lines AS l), (SELECT sum(hash(r)) FROM revenue_changes AS r)
"""


def everything(connection: Any) -> tuple[Any, ...]:
    """A fingerprint of all rows."""
    return tuple(connection.execute(ALL).fetchone())


@pytest.fixture
def by_copies(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets how many rows may stand beside a copy before a new one is made."""
    return lambda most: monkeypatch.setattr(lake_module, "ANALYTICS_NEWER_MOST", most)


async def fresh(desk: Any, folder: Path) -> tuple[Any, ...]:
    """The fingerprint without any copy."""
    lake = Lake(folder, desk.mirror.store)
    found = await lake.ask(everything)
    await lake.aclose()
    return found


def change(number: int) -> Callable[[Connection], None]:
    """Some change of the mirror, as events bring it, of which some leave no row behind."""
    statements = (
        "UPDATE charges SET amount_refunded_minor = 1, seq = :seq WHERE id = 'ch_3'",
        "UPDATE charges SET deleted = 1, paid = NULL, seq = :seq WHERE id = 'ch_4'",
        "DELETE FROM revenue_changes WHERE subscription = 'sub_1'",
        "DELETE FROM invoice_lines WHERE invoice = 'in_5'",
        "UPDATE charges SET created = created - 40 * 86400, seq = :seq WHERE id = 'ch_6'",
        "INSERT INTO revenue_changes SELECT 'sub_new', 1790000000, 'cus_1', 'usd', 700, :seq",
    )

    def apply(connection: Connection) -> None:
        seq = 100 + number
        values = {"seq": seq}
        statement = statements[number % len(statements)]
        connection.execute(text(statement), values if ":seq" in statement else {})
        connection.execute(text("UPDATE subscriptions SET seq = :seq WHERE id = 'sub_1'"), values)
        connection.execute(text("UPDATE invoices SET seq = :seq WHERE id = 'in_5'"), values)
        connection.execute(text("UPDATE facts SET value = :seq WHERE name = 'seq'"), values)

    return apply


@pytest.mark.parametrize("most", [0, 10, 1_000_000])
async def test_rows_changed_moved_and_gone_are_seen_at_once(
    analyst: Any, tmp_path: Path, by_copies: Callable[[int], None], most: int
) -> None:
    """Ours: a copy is never a reason to answer with what was; what leaves no row is seen by what it belonged to."""
    async with analyst(4, 10, 80) as desk:
        row = {"id": "sub_1", "created": 1, "as_of": 1, "fetched": True, "seq": 1, "whole": "", "deleted": False}
        await desk.mirror.store.write(lambda connection: connection.execute(insert(subscriptions), row))
        by_copies(most)
        lake = Lake(tmp_path / "columns", desk.mirror.store)
        before = await lake.ask(everything)
        for number in range(6):
            await desk.mirror.store.write(change(number))
            after = await lake.ask(everything)
            assert after != before, number
            by_copies(1_000_000)
            assert after == await fresh(desk, tmp_path / f"fresh{number}"), number
            by_copies(most)
            before = after
        folders = [path.name for path in (tmp_path / "columns").glob("gen-*")]
        assert len(folders) <= (0 if most == 1_000_000 else 2)  # the last but one was held until the last was there
        await lake.aclose()


async def test_months_that_did_not_change_are_linked(
    analyst: Any, tmp_path: Path, by_copies: Callable[[int], None]
) -> None:
    """Ours: ten years are not written again for what happened today."""
    async with analyst(6, 10, 120) as desk:
        by_copies(0)
        lake, generations = Lake(tmp_path / "columns", desk.mirror.store), Generations(tmp_path / "columns")
        await lake.ask(everything)
        old = generations.current()
        assert old is not None
        files = {path.relative_to(tmp_path / "columns" / old.folder): path.stat().st_ino
                 for path in (tmp_path / "columns" / old.folder).rglob("*.parquet")}  # fmt: skip
        await desk.mirror.store.write(change(0))
        await lake.ask(everything)
        new = generations.current()
        assert new is not None
        assert new.folder != old.folder
        same = [path for path, inode in files.items()
                if (tmp_path / "columns" / new.folder / path).stat().st_ino == inode]  # fmt: skip
        assert len(files) - 3 <= len(same) < len(files)
        await lake.aclose()


async def test_a_copy_of_another_mirror_is_never_used(analyst: Any, tmp_path: Path, by_copies: Any) -> None:
    """Ours: a mirror that was rebuilt counts anew; its numbers say nothing about a copy of the old one."""
    by_copies(0)
    found = []
    for seed in (1, 2):
        async with analyst(seed, 8, 40) as desk:
            lake = Lake(tmp_path / "columns", desk.mirror.store)
            found.append(await lake.ask(everything))
            await lake.aclose()
            assert found[-1] == await fresh(desk, tmp_path / f"fresh{seed}")
    assert found[0] != found[1]


async def test_a_copy_that_cannot_be_read_is_made_anew(analyst: Any, tmp_path: Path, by_copies: Any) -> None:
    """Ours: a damaged file is no answer and no end either."""
    async with analyst(8, 8, 40) as desk:
        by_copies(0)
        lake = Lake(tmp_path / "columns", desk.mirror.store)
        before = await lake.ask(everything)
        await lake.aclose()
        for file in (tmp_path / "columns").rglob("*.parquet"):
            file.write_bytes(b"PAR1 this is no parquet file PAR1")
        lake = Lake(tmp_path / "columns", desk.mirror.store)
        assert await lake.ask(everything) == before
        await lake.aclose()


async def test_a_generation_stays_while_it_is_read(tmp_path: Path) -> None:
    """Ours: who reads is never robbed of the files; afterwards they go."""
    generations = Generations(tmp_path)

    def publish() -> Generation:
        with generations.writing() as alone:
            assert alone
            folder = generations.begin()
            made = Generation(folder.name, "m", 1, {})
            generations.publish(made)
            return made

    first = publish()
    reading = generations.read()
    assert reading is not None
    assert reading[0] == first
    second = publish()
    assert (tmp_path / first.folder).is_dir()
    reading[1].close()
    third = publish()
    assert not (tmp_path / first.folder).exists()
    assert not (tmp_path / second.folder).exists()
    assert generations.current() == third


async def test_two_writers_do_not_wait_for_each_other_for_long(tmp_path: Path) -> None:
    """Ours: every wait has a bound; who comes second learns that another is at it."""
    one, other = Generations(tmp_path), Generations(tmp_path)
    with one.writing() as first, other.writing(0.05) as second:
        assert first
        assert not second


async def test_the_engine_reads_nothing_but_its_folder(analyst: Any, tmp_path: Path) -> None:
    """Ours: no file of the machine, no address, no extension can be reached by a query; and none may last for ever."""
    async with analyst(9, 4, 10) as desk:
        lake = Lake(tmp_path / "columns", desk.mirror.store)
        for query in (
            "SELECT * FROM read_csv('/etc/passwd')",
            "SELECT * FROM 'https://example.com/x.parquet'",
            "INSTALL httpfs",
            "SET enable_external_access = true",
        ):
            with pytest.raises(StoreError) as caught:
                await lake.ask(lambda connection, query=query: connection.execute(query))
            assert "passwd" not in caught.value.as_text()
        endless = "SELECT count(*) FROM range(1000000000) AS a, range(1000000000) AS b"
        with pytest.raises(StoreError) as late:
            await lake._engine.run(lambda connection: connection.execute(endless), timeout_s=0.2)
        assert late.value.code == "analytics_timed_out"
        assert await lake.ask(everything)
        with anyio.move_on_after(0.2) as gone:
            await lake.ask(lambda connection: connection.execute(endless))
        assert gone.cancelled_caught
        assert await lake.ask(everything)
        await lake.aclose()


ASKING = """
import anyio, sys
from pathlib import Path
from paydesk.server.analytics import lake as lake_module
from paydesk.server.analytics.lake import Lake
from paydesk.server.store import MIRROR, open_store
lake_module.ANALYTICS_NEWER_MOST = 0
async def main():
    async with await open_store(Path(sys.argv[1]), MIRROR) as store:
        while True:
            lake = Lake(Path(sys.argv[2]), store)
            query = "SELECT count(*), sum(amount_captured_minor) FROM charges"
            print(await lake.ask(lambda connection: connection.execute(query).fetchone()), flush=True)
            await lake.aclose()
            Path(sys.argv[2], "current.json").unlink(missing_ok=True)
anyio.run(main)
"""


def start_and_kill(command: list[str], wait_s: float) -> list[str]:
    """Two processes that ask and copy without end, killed a moment after their first answers; those answers."""
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [one.stdout.readline() for one in running if one.stdout is not None]
    time.sleep(wait_s)
    for one in running:
        os.kill(one.pid, signal.SIGKILL)
        one.communicate()
    assert all(answer.strip() for answer in answers)
    return answers


async def test_processes_killed_at_work_leave_no_wrong_copy_and_no_rubbish(analyst: Any, tmp_path: Path) -> None:
    """Ours: kill -9 anywhere; the next question is answered right, and what was left is cleared away."""
    async with analyst(12, 8, 60) as desk:
        columns = tmp_path / "columns"
        file = tmp_path / "0" / "mirror.sqlite3"
        truth = await Lake(tmp_path / "fresh", desk.mirror.store).ask(everything)
        command = [sys.executable, "-c", ASKING, str(file), str(columns)]
        for wait_s in (0.0, 0.021):
            assert len(set(await anyio.to_thread.run_sync(start_and_kill, command, wait_s))) == 1
            lake = Lake(columns, desk.mirror.store)
            assert await lake.ask(everything) == truth
            await lake.aclose()
        generations = Generations(columns)
        with generations.writing() as alone:
            assert alone
            made = Generation(generations.begin().name, "m", 1, {})
            generations.publish(made)
        assert [path.name for path in columns.glob("gen-*")] == [made.folder]


async def test_figures_are_the_same_with_and_without_a_copy(analyst: Any, by_copies: Any) -> None:
    """Ours: every figure of the columns, through Parquet and without it."""
    answers = []
    for most in (0, 1_000_000):
        by_copies(most)
        async with analyst(15, 20, 200) as desk:
            span = Span(date(2026, 3, 1), date(2026, 11, 22))
            metrics = ("top_customers", "concentration", "mrr", "movements", "churn", "nrr", "cohorts", "ltv", "arpu")
            found = [(await desk.ask(metric, span)).figures for metric in metrics]
            found.append((await desk.ask("revenue", span, group_by="product")).figures)
            answers.append(found)
    assert answers[0] == answers[1]


async def test_what_a_killed_process_left_aside_is_cleared_away(analyst: Any, tmp_path: Path) -> None:
    """Ours: a first copy of a large account is a gigabyte of rows on their way; killed, they must not stay."""
    import os

    async with analyst(4, 3, 10) as desk:
        await desk.ask("top_customers")
        columns = tmp_path / "0" / "analytics"
        old, new = columns / "aside" / "old", columns / "aside" / "new"
        for one in (old, new):
            one.mkdir(parents=True)
            (one / "charges.csv").write_text("x")
        os.utime(old, (0, 0))
        await desk.mirror.store.write(lambda c: c.exec_driver_sql("UPDATE facts SET value = '9' WHERE name = 'seq'"))
        await desk.ask("top_customers")
        assert not old.exists()
        assert new.exists()


async def test_a_copy_that_takes_long_says_how_far_it_is(
    analyst: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: whoever waits a minute for a first question is told why, and a short copy says nothing."""
    async with analyst(4) as desk:
        said: list[str] = []
        for every_s in (60.0, 0.0):
            assert said == []
            monkeypatch.setattr(copying, "ANALYTICS_TOLD_EVERY_S", every_s)
            lake = Lake(tmp_path / f"columns-{every_s}", desk.mirror.store, said.append)
            await lake.ask(everything)
            await lake.aclose()
        counts = [int(one.rpartition(":")[2].split()[0].replace(",", "")) for one in said]
        assert counts == sorted(counts)
        assert counts[-1] == await desk.mirror.store.read(
            lambda c: sum(c.scalar(text(f"SELECT count(*) FROM {table.name}")) for table in COPIED)  # noqa: S608 - ours
        )
