"""Forgetting a customer: what is personal goes from every row and every kept event; figures stay as they are.

Who is forgotten is remembered by id alone, so that what Stripe goes on to tell of them is kept without it too.
"""

import json
from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, Table, func, select, update

from paydesk.server.mirror.looking import chunks
from paydesk.server.mirror.scrubbing import scrubbed, scrubbed_event
from paydesk.server.store import mirror_schema as tables
from paydesk.server.store.upserts import insert_new

_OF_CUSTOMER: Final = (tables.charges, tables.payment_intents, tables.subscriptions, tables.invoices)


def forget_in(connection: Connection, customer: str, now: int, seq: int) -> int:
    """Erase what is personal about this customer, in the caller's transaction; how many rows and events changed."""
    insert_new(connection, tables.forgotten, [{"customer": customer, "at": now}])
    changed = _scrub_rows(connection, tables.customers, [customer], seq)
    empty = {"name": None, "email": None, "seq": seq}
    connection.execute(update(tables.customers).where(tables.customers.c.id == customer).values(empty))
    ids = {table: _ids(connection, table, "customer", [customer]) for table in _OF_CUSTOMER}
    for table, its in ids.items():
        changed += _scrub_rows(connection, table, its, seq)
    for table, column, parents in (
        (tables.refunds, "charge", ids[tables.charges]),
        (tables.disputes, "charge", ids[tables.charges]),
        (tables.subscription_items, "subscription", ids[tables.subscriptions]),
        (tables.invoice_lines, "invoice", ids[tables.invoices]),
    ):
        changed += _scrub_rows(connection, table, _ids(connection, table, column, parents), seq)
    return changed + _scrub_ledger(connection, ids[tables.charges], seq) + _scrub_events(connection, customer)


def _ids(connection: Connection, table: Table, column: str, values: Iterable[str]) -> list[str]:
    return [
        one
        for some in chunks(values)
        for one in connection.scalars(select(table.c.id).where(table.c[column].in_(some)))
    ]


def _scrub_rows(connection: Connection, table: Table, ids: Iterable[str], seq: int) -> int:
    changed = 0
    for some in chunks(ids):
        rows = connection.execute(select(table.c.id, table.c.whole).where(table.c.id.in_(some), table.c.whole != ""))
        for row in rows.all():
            whole = json.dumps(scrubbed(json.loads(row.whole)), separators=(",", ":"))
            connection.execute(update(table).where(table.c.id == row.id).values(whole=whole, seq=seq))
            changed += 1
    return changed


def _scrub_ledger(connection: Connection, charges: list[str], seq: int) -> int:
    """Balance transactions repeat the description of what they are about."""
    refunds = _ids(connection, tables.refunds, "charge", charges)
    disputes = _ids(connection, tables.disputes, "charge", charges)
    rows = _ids(connection, tables.balance_transactions, "source", [*charges, *refunds, *disputes])
    return _scrub_rows(connection, tables.balance_transactions, rows, seq)


def _scrub_events(connection: Connection, customer: str) -> int:
    """Handled events say whose they are. Those that wait lose what is personal when they are handled; those that were
    set aside may never be, so they are searched for the id.
    """
    row = tables.events.c
    mentions = row.payload.contains(customer, autoescape=True)
    # One question for each index: together they would read the whole table.
    for theirs in ((row.customer == customer,), (row.object_id == customer,), (row.state == "set_aside", mentions)):
        found = connection.execute(select(row.id, row.payload).where(*theirs, row.payload != "")).all()
        for event in found:
            clean = json.dumps(scrubbed_event(json.loads(event.payload)), separators=(",", ":"))
            connection.execute(update(tables.events).where(row.id == event.id).values(payload=clean))
    return connection.scalar(select(func.count()).where(row.customer == customer)) or 0
