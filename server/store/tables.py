"""The two sets of tables that the store knows: the journal, and the mirror of an account; each with its history."""

from dataclasses import dataclass

from sqlalchemy import MetaData

from paydesk.server.store import mirror_schema, schema


@dataclass(frozen=True)
class Tables:
    """`versions` is the folder of their migrations, `turn` any number of theirs: it names their one writer's turn."""

    metadata: MetaData
    versions: str
    head_revision: str
    revision_table: str
    turn: int


JOURNAL = Tables(schema.metadata, "versions", schema.HEAD_REVISION, schema.REVISION_TABLE, 7_236_115)
MIRROR = Tables(mirror_schema.metadata, "mirror", mirror_schema.HEAD_REVISION, mirror_schema.REVISION_TABLE, 7_236_116)
