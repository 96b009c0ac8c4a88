"""A large made-up business without Stripe: its columns straight into Parquet by DuckDB, its daily sums into a mirror.

Rows come from hashes of their numbers, so the same size gives the same business; no row is made in Python.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from paydesk.server.analytics.generations import Generation, Generations
from paydesk.server.store import MIRROR, open_store
from paydesk.server.store import mirror_schema as tables

MADE, SEQ, DAY = "a made-up business", 1, 86_400
NOW = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp())
DAYS = 1_096  # three years, as MRR over 36 months asks for

_CHARGES = """
    SELECT printf('ch_%024d', n) AS id, {now} - (hash(n) % {seconds})::BIGINT AS created,
           printf('cus_%014d', hash(n, 1) % {people}) AS customer,
           CASE WHEN hash(n, 2) % 10 < 7 THEN 'usd' ELSE 'eur' END AS currency,
           CASE WHEN hash(n, 3) % 20 = 0 THEN 'failed' ELSE 'succeeded' END AS status,
           CASE WHEN hash(n, 3) % 20 = 0 THEN 0 ELSE 500 + (hash(n, 4) % 20000)::BIGINT END AS amount_captured_minor,
           CASE WHEN hash(n, 3) % 20 <> 0 AND hash(n, 5) % 50 = 0 THEN 500 ELSE 0 END::BIGINT AS amount_refunded_minor,
           hash(n, 3) % 20 <> 0 AS paid, hash(n, 3) % 20 <> 0 AS captured, false AS deleted
    FROM range({payments}) AS numbers(n)
"""
# A third change their plan, a third leave; each in a month of its own.
_CHANGES = """
    WITH subs AS (
        SELECT n, {now} - {seconds} + (hash(n, 6) % ({seconds} * 9 // 10))::BIGINT AS begun,
               900 + hash(n, 7) % 9000 AS amount
        FROM range({subscriptions}) AS numbers(n)
    ), steps AS (
        SELECT n, begun AS "at", amount FROM subs
        UNION ALL
        SELECT n, least(begun + 40 * {day} + (hash(n, 8) % (300 * {day}))::BIGINT, {now} - 1),
               CASE WHEN n % 3 = 1 THEN amount + 1000 ELSE 0 END FROM subs WHERE n % 3 > 0
    )
    SELECT printf('sub_%020d', n) AS subscription, "at", printf('cus_%014d', n) AS customer,
           CASE WHEN hash(n, 9) % 10 < 7 THEN 'usd' ELSE 'eur' END AS currency, amount::BIGINT AS a_month_minor
    FROM steps
"""
_MONTH = "strftime(make_timestamp({moment} * 1000000), '%Y-%m')"


def write_columns(root: Path, payments: int, subscriptions: int, memory_mb: int = 400) -> Path:
    """The columns as one generation under `root`; its folder."""
    import duckdb

    generations = Generations(root)
    connection = duckdb.connect(config={"threads": 2, "memory_limit": f"{memory_mb}MB", "temp_directory": str(root)})
    sizes = {"payments": payments, "subscriptions": subscriptions, "people": max(payments // 10, 1)}
    shape = {**sizes, "now": NOW, "seconds": DAYS * DAY, "day": DAY}
    with generations.writing() as alone:
        assert alone, "somebody else writes here"
        folder = generations.begin()
        rows = {"invoices": 0, "invoice_lines": 0}
        for name, select, moment in (("charges", _CHARGES, "created"), ("revenue_changes", _CHANGES, '"at"')):
            month = _MONTH.format(moment=moment)
            out = f"TO '{folder / name}' (FORMAT parquet, PARTITION_BY (month), COMPRESSION zstd)"
            connection.execute(f"COPY (SELECT *, {month} AS month FROM ({select.format(**shape)})) {out}")
            rows[name] = payments
        generations.publish(Generation(folder.name, MADE, SEQ, rows))
    connection.close()
    return folder


def daily_rows(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the daily sums of these charges are: of the ledger, and of charges."""
    import duckdb

    files = f"read_parquet('{folder / 'charges'}/*/*.parquet', hive_partitioning = false)"
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "400MB", "temp_directory": str(folder.parent)})
    found = connection.execute(f"""
        SELECT created // {DAY} AS day, currency, status, count(*) AS count, sum(amount_captured_minor) AS captured,
               sum(amount_refunded_minor) AS refunded, count(*) FILTER (amount_refunded_minor > 0) AS refunded_count
        FROM {files} GROUP BY ALL
    """).fetchall()
    connection.close()
    ledger: list[dict[str, Any]] = []
    charges: list[dict[str, Any]] = []
    for day, currency, status, count, captured, refunded, refunded_count in found:
        key = {"day": day, "currency": currency}
        charges.append({**key, "status": status, "failure_reason": "", "card_brand": "visa", "country": "US",
                        "count": count, "amount_minor": int(captured), "amount_captured_minor": int(captured),
                        "amount_refunded_minor": int(refunded), "refunded_count": refunded_count,
                        "disputed_count": 0})  # fmt: skip
        if status == "succeeded":
            for kind, number, amount in (("charge", count, captured), ("refund", refunded_count, -refunded)):
                if number:
                    ledger.append({**key, "type": kind, "reporting_category": kind, "count": number,
                                   "amount_minor": int(amount), "fee_minor": 0, "net_minor": int(amount)})  # fmt: skip
    return ledger, charges


async def write_mirror(file: Path, folder: Path) -> None:
    """A mirror whose daily sums are those of the columns in `folder`, and whose rows they stand for."""
    ledger, charges = daily_rows(folder)

    def write(connection: Connection) -> None:
        connection.execute(insert(tables.daily_balance), ledger)
        connection.execute(insert(tables.daily_charges), charges)
        facts = {"seq": str(SEQ), "snapshot_of": MADE, "filled_at": str(NOW), "fresh_at": str(NOW)}
        connection.execute(insert(tables.facts), [{"name": name, "value": value} for name, value in facts.items()])

    async with await open_store(file, MIRROR) as store:
        await store.write(write)
