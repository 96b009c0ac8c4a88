"""Looking at what a mirror holds: rows by their ids, and which objects are about customers who are forgotten."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from paydesk.server.mirror.kinds import Kind, id_of
from paydesk.server.store import mirror_schema as tables
from paydesk.skills.base import Json

Row = Mapping[str, Any]
_MARKS_MOST: Final = 500  # an older SQLite takes no more than 999


def chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    """The ids in lists short enough for one statement."""
    these = list(ids)
    for place in range(0, len(these), _MARKS_MOST):
        yield these[place : place + _MARKS_MOST]


def known(connection: Connection, table: Table, ids: Iterable[str], *columns: str) -> dict[str, Row]:
    """The rows of these ids, with these columns or all but the whole object."""
    chosen = [table.c[name] for name in columns] if columns else [one for one in table.columns if one.name != "whole"]
    found: dict[str, Row] = {}
    for some in chunks(ids):
        query = select(*dict.fromkeys((table.c.id, *chosen))).where(table.c.id.in_(some))
        found |= {row["id"]: row for row in connection.execute(query).mappings()}
    return found


def forgotten_among(connection: Connection, customers: Iterable[str | None]) -> set[str]:
    """Those of these customers that are forgotten."""
    found: set[str] = set()
    for some in chunks({one for one in customers if one}):
        found |= set(
            connection.scalars(select(tables.forgotten.c.customer).where(tables.forgotten.c.customer.in_(some)))
        )
    return found


def hidden_of(connection: Connection, kind: Kind, objects: Sequence[Json]) -> set[str]:
    """The ids of those objects that are about forgotten customers."""
    if connection.execute(select(tables.forgotten.c.customer).limit(1)).first() is None:
        return set()
    whose = {str(it["id"]): str(it["id"]) if kind.name == "customer" else id_of(it.get("customer")) for it in objects}
    if kind.name in {"refund", "dispute", "balance_transaction"}:
        charges = _charges_of(connection, kind, objects)
        found = known(connection, tables.charges, filter(None, charges.values()), "customer")
        whose |= {one: found[charge]["customer"] for one, charge in charges.items() if charge in found}
    forgotten = forgotten_among(connection, whose.values())
    return {one for one, customer in whose.items() if customer in forgotten}


def _charges_of(connection: Connection, kind: Kind, objects: Sequence[Json]) -> dict[str, str | None]:
    """The charge that each of these refunds, disputes or balance transactions is about, where there is one."""
    if kind.name != "balance_transaction":
        return {str(it["id"]): id_of(it.get("charge")) for it in objects}
    sources = {str(it["id"]): id_of(it.get("source")) for it in objects}
    about: dict[str | None, str | None] = {source: source for source in sources.values()}
    for table in (tables.refunds, tables.disputes):
        rows = known(connection, table, filter(None, sources.values()), "charge")
        about |= {one: row["charge"] for one, row in rows.items()}
    return {one: about[source] for one, source in sources.items()}
