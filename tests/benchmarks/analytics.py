"""Figures of a large business beside hand-written DuckDB on the same files, within one run; and the usual question.

`N=10000000` payments (a tenth as many subscriptions) for the full size; 500,000 by default. Can fail: on ratios, on
memory (each side in a process of its own), and where both sides do not say the same.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio

sys.path.insert(0, str(Path(__file__).resolve().parent))
from large.business import NOW, write_columns, write_mirror

PAYMENTS = int(os.environ.get("N") or os.environ.get("PAYMENTS") or 500_000)  # noqa: TID251 - the benchmark's own switch
TIMES = 5
RATIO_MOST, MEMORY_MOST_MB, USUAL_MOST, EVENT_RATIO_MOST = 1.5, 1024, 1.0, 2.0
ANALYSES = ("volume", "mrr", "cohorts")
MONTH = "strftime(make_timestamp({0} * 1000000), '%Y-%m')"
BY_HAND = {
    "volume": f"""
        SELECT {MONTH.format("created")} AS month, currency, sum(amount_captured_minor) FROM charges
        WHERE paid AND captured GROUP BY ALL ORDER BY ALL
    """,
    "mrr": """
        WITH ends AS (
            SELECT epoch(make_date(2023 + (m + 10) // 12, (m + 10) % 12 + 1, 1) + INTERVAL 1 MONTH)::BIGINT AS until
            FROM range(1, 37) AS months(m)
        ), steps AS (
            SELECT currency, "at", a_month_minor
                   - coalesce(lag(a_month_minor) OVER (PARTITION BY subscription ORDER BY "at"), 0) AS change
            FROM revenue_changes
        ), by_month AS (
            SELECT currency, until, sum(change) AS change FROM steps ASOF JOIN ends ON "at" < until GROUP BY ALL
        )
        SELECT currency, until, sum(change) OVER (PARTITION BY currency ORDER BY until) FROM by_month ORDER BY ALL
    """,
    "cohorts": f"""
        WITH spans AS (
            SELECT customer, "at", lead("at", 1, {NOW + 1}) OVER (PARTITION BY subscription ORDER BY "at") AS until,
                   a_month_minor
            FROM revenue_changes
        ), paying AS (
            SELECT customer, date_trunc('month', make_timestamp("at" * 1000000))::DATE AS first,
                   date_trunc('month', make_timestamp(until * 1000000))::DATE AS last
            FROM spans WHERE a_month_minor > 0
        ), born AS (SELECT customer, min(first) AS cohort FROM paying GROUP BY customer)
        SELECT cohort, datediff('month', cohort, month) AS age, count(*)
        FROM (SELECT customer, cohort, unnest(generate_series(first, last - INTERVAL 1 DAY, INTERVAL 1 MONTH)) AS month
              FROM paying JOIN born USING (customer))
        GROUP BY ALL ORDER BY ALL
    """,
}


def timed(work: Callable[[], Any]) -> float:
    """The best of several, in seconds."""
    took = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return min(took)


def by_hand(folder: Path) -> dict[str, Any]:
    """Hand-written SQL on the same files, with the same threads and memory."""
    import duckdb

    config = {"threads": 2, "memory_limit": "400MB", "temp_directory": str(folder / "hand")}
    connection = duckdb.connect(config=config)
    columns = next(folder.glob("columns/gen-*"))
    for name in ("charges", "revenue_changes"):
        files = f"read_parquet('{columns / name}/*/*.parquet', hive_partitioning = false)"
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {files}")
    found = {name: timed(lambda sql=sql: connection.execute(sql).fetchall()) for name, sql in BY_HAND.items()}
    volume = connection.execute("SELECT sum(amount_captured_minor) FROM charges WHERE paid AND captured").fetchone()
    latest = 'SELECT arg_max(a_month_minor, "at") AS amount FROM revenue_changes GROUP BY subscription'
    mrr = connection.execute(f"SELECT sum(amount) FROM ({latest})").fetchone()
    return {**found, "checks": [int(volume[0]), int(mrr[0])]}


async def ours(folder: Path) -> dict[str, Any]:
    """The same through the desk's own figures."""
    from datetime import UTC, date, datetime

    from paydesk.server.analytics.figures import MirrorFigures
    from paydesk.server.mirror.standing import Standing
    from paydesk.server.store import MIRROR, Store, open_store
    from paydesk.skills.books import Span
    from paydesk.skills.figures import Asked

    class Filled:
        def __init__(self, store: Store) -> None:
            self.store = store

        async def ready(self, budget_s: float) -> bool:
            return True

        async def freshen(self, older_than_s: float) -> bool:
            return True

        async def standing(self) -> Standing:
            fresh = datetime.fromtimestamp(NOW, UTC)
            return Standing({}, fresh, fresh, 0, None, 0)

    async def mirror() -> Any:
        return filled

    filled = Filled(await open_store(folder / "mirror.sqlite3", MIRROR))

    async def columns() -> Path:
        return folder / "columns"

    figures = MirrorFigures(mirror, columns)

    async def ask(metric: Any, start: date | None, end: date | None, by: Any = None) -> Any:
        found = await figures.counted(Asked(metric, None, NOW, group_by=by), Span(start, end))  # type: ignore[arg-type]
        assert found is not None
        return found.figures

    async def best(*asked: Any) -> float:
        took = []
        for _ in range(TIMES):
            begun = time.perf_counter()
            await ask(*asked)
            took.append(time.perf_counter() - begun)
        return min(took)

    first, last = date(2023, 12, 1), date(2026, 12, 1)
    volume = await ask("volume", None, None)
    mrr = await ask("mrr", None, None)
    told = {
        "volume": await best("volume", first, last, "month"),
        "mrr": await best("mrr", first, last, "month"),
        "cohorts": await best("cohorts", first, last),
        "top_customers": await best("top_customers", date(2026, 11, 1), last),
        "this month": await best("revenue", date(2026, 11, 1), last),
        "checks": [sum(one.amount.amount_minor for one in some) for some in (volume, mrr)],
    }
    await figures.aclose()
    await filled.store.aclose()
    return told


def cost_of_an_event(file: Path, history: int) -> float:
    """Seconds that taking a changed charge into the daily sums takes, with so many charges there before."""
    from sqlalchemy import text

    from paydesk.server.mirror.sums import DailySums
    from paydesk.server.store import MIRROR, open_store

    fill = f"""
        WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {history})
        INSERT INTO charges (id, created, currency, status, amount_minor, amount_captured_minor, amount_refunded_minor,
                             card_brand, billing_country, deleted, as_of, fetched, seq, whole)
        SELECT 'ch_' || n, {NOW} - (n * 7919) % 94608000, 'usd', 'succeeded', 100, 100, 0, 'visa', 'US', 0, 0, 1, 1, ''
        FROM numbers
    """
    sums = """
        INSERT INTO daily_charges
        SELECT created / 86400, currency, status, '', card_brand, billing_country, count(*), sum(amount_minor),
               sum(amount_captured_minor), 0, 0, 0 FROM charges GROUP BY 1, 2, 3, 4, 5, 6
    """

    async def run() -> float:
        async with await open_store(file, MIRROR) as store:
            for statement in (fill, sums):
                await store.write(lambda connection, statement=statement: connection.execute(text(statement)))

            def events(connection: Any) -> None:
                for number in range(0, history, max(1, history // 200)):
                    row = connection.execute(text(f"SELECT * FROM charges WHERE id = 'ch_{number}'")).mappings().one()
                    changed = DailySums()
                    changed.replace("charge", row, {**row, "amount_refunded_minor": 40})
                    changed.write(connection)

            took = []
            for _ in range(TIMES):
                begun = time.perf_counter()
                await store.write(events)
                took.append((time.perf_counter() - begun) / 200)
            return min(took)

    return anyio.run(run)


def measure(side: str, folder: Path) -> dict[str, Any]:
    """One side in a process of its own: its times, and the most memory that it held, in MB."""
    done = subprocess.run(
        [sys.executable, __file__, side, str(folder)], capture_output=True, text=True, check=False, timeout=1_800
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def main() -> int:
    """Print the ratios; 1 where a limit is broken."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        begun = time.perf_counter()
        columns = write_columns(folder / "columns", PAYMENTS, PAYMENTS // 10)
        anyio.run(write_mirror, folder / "mirror.sqlite3", columns)
        size = sum(file.stat().st_size for file in columns.rglob("*.parquet"))
        took = time.perf_counter() - begun
        print(f"{PAYMENTS:,} payments, {PAYMENTS // 10:,} subscriptions: made in {took:.1f} s, {size / 1e6:.0f} MB")
        hand, own = measure("hand", folder), measure("ours", folder)
        short, long = (cost_of_an_event(folder / f"{n}.sqlite3", n) for n in (1_000, min(PAYMENTS * 2, 1_000_000)))
    failed = hand["checks"] != own["checks"]
    print(f"  volume and MRR as by hand: {not failed}")
    for name in ANALYSES:
        ratio = own[name] / hand[name]
        failed |= ratio > RATIO_MOST
        print(f"  {name}: {own[name] * 1e3:.0f} ms, by hand {hand[name] * 1e3:.0f} ms, ratio {ratio:.2f} "
              f"(at most {RATIO_MOST})")  # fmt: skip
    usual = 2 * own["this month"] / hand["volume"]
    failed |= usual > USUAL_MOST or own["memory_mb"] > MEMORY_MOST_MB
    print(f"  this month against last: {2e3 * own['this month']:.1f} ms, {usual:.3f} of the volume by hand")
    print(f"  top customers of a month: {own['top_customers'] * 1e3:.0f} ms")
    failed |= long / short > EVENT_RATIO_MOST
    print(f"  an event into the daily sums: {short * 1e6:.0f} us after 1,000 charges, {long * 1e6:.0f} us after "
          f"{min(PAYMENTS * 2, 1_000_000):,}, ratio {long / short:.2f} (at most {EVENT_RATIO_MOST})")  # fmt: skip
    print(f"  memory: {own['memory_mb']:.0f} MB (at most {MEMORY_MOST_MB}), by hand {hand['memory_mb']:.0f} MB")
    return int(failed)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        answer = by_hand(Path(sys.argv[2])) if sys.argv[1] == "hand" else anyio.run(ours, Path(sys.argv[2]))
        answer["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(answer))
    else:
        sys.exit(main())
