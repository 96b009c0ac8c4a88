"""Alembic's entrance. It is only ever called by the store, with an open connection inside a transaction."""

from alembic import context

from paydesk.server.store.schema import REVISION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=REVISION_TABLE,
    # SQLite's DDL is transactional too, once the driver leaves BEGIN to us: two first starts cannot meet halfway.
    transactional_ddl=True,
)
context.run_migrations()
