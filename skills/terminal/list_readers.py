"""List the card readers and what they are doing."""

from typing import Literal

from paydesk.skills import reading
from paydesk.skills.base import Desk, Effect, Json, Strict, skill
from paydesk.skills.hostile_text import clean
from paydesk.skills.reader import called, doing


class Params(Strict):
    status: Literal["online", "offline"] | None = None
    limit: reading.Limit = 10
    cursor: str | None = None
    detail: reading.ListDetail = "concise"


class ReaderRow(reading.Row):
    """One reader; `action` is what it does, or did last."""

    id: str
    label: str
    device: str
    status: str | None = None
    action: str | None = None

    def line(self) -> str:
        """The reader in words."""
        return " ".join(part for part in (self.label, self.device, self.status, self.id, self.action) if part)


class Readers(reading.Listed):
    """Card readers, newest first."""

    readers: list[ReaderRow]

    def told(self) -> list[str]:
        """One line a reader."""
        return [reader.line() for reader in self.readers]


@skill(
    effect=Effect.READ,
    toolset="terminal",
    says=("show card readers", "which readers are {status}", "list terminal readers"),
    examples=({}, {"status": "online"}),
)
async def list_readers(params: Params, desk: Desk) -> Readers:
    """List card readers (Terminal) and what they are doing."""
    asked: Json = {"status": params.status} if params.status else {}
    found = await reading.read(desk.stripe, "/v1/terminal/readers", asked, limit=params.limit, cursor=params.cursor)
    rows = [_row(reader) for reader in found.items]
    kind = f"{params.status} " if params.status else ""
    noun = "card reader" if len(rows) == 1 else "card readers"
    return Readers(
        readers=rows,
        has_more=found.more,
        next_cursor=found.cursor,
        says=f"{len(rows) or 'No'} {kind}{noun}.{reading.honest(found, len(rows), 'readers')}",
    )


def _row(reader: Json) -> ReaderRow:
    return ReaderRow(
        id=str(reader["id"]),
        label=called(reader),
        device=clean(reader["device_type"], 60),
        status=reader.get("status"),
        action=doing(reader),
    )
