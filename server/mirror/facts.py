"""Single values that a mirror remembers: the counter behind `seq`, cursors, moments, counts."""

from sqlalchemy import Connection, select

from paydesk.server.store.mirror_schema import facts
from paydesk.server.store.upserts import upsert

ACCOUNT, SEQ, FILLED, FRESH, BEGUN, CURSOR, LEDGER, CLEANED, FOUNDED = (
    "account",
    "seq",
    "filled_at",
    "fresh_at",
    "begun_at",
    "events_cursor",
    "ledger_read_at",
    "cleaned_at",
    "founded_at",
)
COUNT = "count:"


def get(connection: Connection, name: str) -> str | None:
    """A value, or None."""
    return connection.scalar(select(facts.c.value).where(facts.c.name == name))


def get_int(connection: Connection, name: str) -> int | None:
    """A whole number, or None."""
    value = get(connection, name)
    return None if value is None else int(value)


def remember(connection: Connection, **values: str | int | None) -> None:
    """Keep these values; None forgets."""
    gone = [name for name, value in values.items() if value is None]
    if gone:
        connection.execute(facts.delete().where(facts.c.name.in_(gone)))
    upsert(
        connection, facts, [{"name": name, "value": str(value)} for name, value in values.items() if value is not None]
    )


def next_seq(connection: Connection) -> int:
    """Raise the counter and return it: once in a transaction that changes rows."""
    seq = (get_int(connection, SEQ) or 0) + 1
    remember(connection, **{SEQ: seq})
    return seq


def count_up(connection: Connection, changes: dict[str, int]) -> None:
    """Add to the counts of kinds, so that telling them needs no counting."""
    for kind, change in changes.items():
        if change:
            remember(connection, **{COUNT + kind: (get_int(connection, COUNT + kind) or 0) + change})
