"""The desk's databases: tables, migrations, transactions."""

from paydesk.server.store.database import Store, open_store
from paydesk.server.store.tables import JOURNAL, MIRROR

__all__ = ["JOURNAL", "MIRROR", "Store", "open_store"]
