"""The desk's database: tables, migrations, transactions."""

from paydesk.server.store.database import Store, open_store

__all__ = ["Store", "open_store"]
