"""Alembic's entrance. It is only ever called by the store, with an open connection inside a transaction."""

from alembic import context

tables = context.config.attributes["tables"]
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    version_table=tables.revision_table,
    # SQLite's DDL is transactional too, once the driver leaves BEGIN to us: two first starts cannot meet halfway.
    transactional_ddl=True,
)
context.run_migrations()
