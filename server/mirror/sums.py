"""Sums by the day, kept in the transaction that changes a row: the old row's share goes, the new row's comes."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Table, and_, or_

from paydesk.server.store.mirror_schema import daily_balance, daily_charges, daily_customers
from paydesk.server.store.upserts import add_up

Row = Mapping[str, Any]
Share = tuple[tuple[Any, ...], tuple[int, ...]]
_DAY_S: Final = 24 * 60 * 60


def _short(value: str | None, characters: int) -> str:
    return (value or "")[:characters]


def share_of_balance(row: Row) -> Share:
    """A balance transaction's key and values in daily_balance."""
    key = (
        row["created"] // _DAY_S,
        _short(row["currency"], 3),
        _short(row["type"], 64),
        _short(row["reporting_category"], 64),
    )
    return key, (1, row["amount_minor"] or 0, row["fee_minor"] or 0, row["net_minor"] or 0)


def share_of_charge(row: Row) -> Share:
    """A charge's key and values in daily_charges. Refunded and disputed count where it had succeeded."""
    key = (
        row["created"] // _DAY_S,
        _short(row["currency"], 3),
        _short(row["status"], 16),
        _short(row["failure_reason"], 64),
        _short(row["card_brand"], 32),
        _short(row["billing_country"] or row["card_country"], 2),
    )
    succeeded = row["status"] == "succeeded"
    refunded = row["amount_refunded_minor"] or 0
    return key, (
        1,
        row["amount_minor"] or 0,
        row["amount_captured_minor"] or 0,
        refunded,
        int(succeeded and refunded > 0),
        int(succeeded and bool(row["disputed"])),
    )


def share_of_customer(row: Row) -> Share:
    """A customer's key and values in daily_customers."""
    return (row["created"] // _DAY_S,), (1,)


_SUMMED: Final = {
    "balance_transaction": (daily_balance, share_of_balance),
    "charge": (daily_charges, share_of_charge),
    "customer": (daily_customers, share_of_customer),
}
SUMMED_KINDS: Final = frozenset(_SUMMED)


class DailySums:
    """What one transaction changes in the sums; `write` it before the end."""

    def __init__(self) -> None:
        self._changes: dict[Table, dict[tuple[Any, ...], list[int]]] = {}

    def replace(self, kind: str, old: Row | None, new: Row | None) -> None:
        """One row's share goes, the other's comes; None and deleted rows have none."""
        if kind not in _SUMMED:
            return
        table, share = _SUMMED[kind]
        for row, sign in ((old, -1), (new, 1)):
            if row is None or row["deleted"]:
                continue
            key, values = share(row)
            summed = self._changes.setdefault(table, {}).setdefault(key, [0] * len(values))
            for place, value in enumerate(values):
                summed[place] += sign * value

    def write(self, connection: Connection) -> None:
        """Add the changes to the tables; days without anything leave no row behind."""
        for table, changes in self._changes.items():
            names = [column.name for column in table.columns]
            changed = {key: values for key, values in changes.items() if any(values)}
            add_up(
                connection, table, [dict(zip(names, (*key, *values), strict=True)) for key, values in changed.items()]
            )
            _clear(connection, table, [key for key, values in changed.items() if values[0] < 0])
        self._changes = {}


def _clear(connection: Connection, table: Table, keys: list[tuple[Any, ...]]) -> None:
    if not keys:
        return
    columns = list(table.primary_key)
    these = or_(*(and_(*(column == value for column, value in zip(columns, key, strict=True))) for key in keys[:200]))
    connection.execute(table.delete().where(these, table.c.count == 0))
    _clear(connection, table, keys[200:])
