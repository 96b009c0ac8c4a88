"""`paydesk audit`: the log of who asked, who approved how, what was sent and what came back."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.commands.output import FAILED, OK, as_json_option, prefix
from paydesk.server.commands.running import with_desk
from paydesk.server.errors import ArgumentError, NotFound

if TYPE_CHECKING:
    from paydesk.server.gate.audit import Head
    from paydesk.server.gate.audit_log import AuditLog, Entry

_PAGE = 1000


@click.group()
def audit() -> None:
    """Read, verify or export the audit log."""


@audit.command("list")
@click.option("--proposal", metavar="ID", help="Only this proposal's entries.")
@click.option("--limit", default=20, type=click.IntRange(1, 10_000), help="How many, the newest.")
@as_json_option
def list_entries(proposal: str | None, limit: int, as_json: bool) -> int:
    """List the newest entries, one a line."""

    async def work(log: "AuditLog", _: str) -> int:
        found = await log.entries(proposal_id=_meant(proposal), most=limit, newest=True)
        for entry in found:
            click.echo(entry.text if as_json else _line(entry))
        if not found and not as_json:
            click.echo("The audit log has no such entries.")
        return OK

    return _with_log(work)


@audit.command()
@click.argument("proposal")
def show(proposal: str) -> int:
    """Tell the whole story of PROPOSAL: who asked, what was shown, who approved how, what was sent, what came back."""

    async def work(log: "AuditLog", start: str) -> int:
        story = await log.story(_meant(proposal) or "")
        if not story.entries:
            raise NotFound("The audit log tells of no such proposal.", field="proposal")
        for entry in story.entries:
            click.echo(start + _line(entry))
            for name, fact in entry.facts.items():
                click.echo(f"    {name}: {fact}")
        click.echo(
            "\nWhat was shown, as its hash in the log proves:" if story.shown else "\nWhat was shown is not kept."
        )
        if story.shown:
            click.echo(story.shown)
        return OK

    return _with_log(work)


@audit.command()
@click.option("--anchor", "anchors", multiple=True, metavar="FILE|LINE", help="What `audit anchor` wrote or printed.")
def verify(anchors: tuple[str, ...]) -> int:
    """Verify that no entry was changed, removed or reordered, and that the journal agrees.

    Only with an anchor can it find that entries were cut off at the end.
    """
    kept = [head for text in anchors for head in _anchors(text)]

    async def work(log: "AuditLog", start: str) -> int:
        found = await log.verify(anchors=kept)
        if not found.whole:
            click.echo(f"{start}The audit log is BROKEN at entry {found.broken_at}: {found.why}.")
            return FAILED
        held = f", and holds {len(kept)} anchor{'s' if len(kept) != 1 else ''}" if kept else ""
        click.echo(f"{start}The audit log is whole: {found.entries} entries, each chained to the one before{held}.")
        return OK

    return _with_log(work)


@audit.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def anchor(file: Path | None) -> int:
    """Print the log's head, or add it to FILE: kept where the desk cannot write, it finds a tail that was cut off."""

    async def work(log: "AuditLog", _: str) -> int:
        head = await log.head()
        line = f"{head.seq}:{head.hash} {datetime.now(UTC).isoformat(timespec='seconds')}"
        if file is None:
            click.echo(line)
            return OK
        with file.open("a", encoding="utf-8") as kept:
            kept.write(line + "\n")
        click.echo(f"Entry {head.seq} is anchored in {file}.")
        return OK

    return _with_log(work)


@audit.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), default="-")
def export(file: Path) -> int:
    """Write every entry to FILE, or to standard output: one canonical JSON object a line, with its hash behind it."""

    async def work(log: "AuditLog", _: str) -> int:
        written, after = 0, 0
        with click.open_file(str(file), "w", encoding="utf-8") as out:
            while entries := await log.entries(after=after, most=_PAGE):
                for entry in entries:
                    out.write(json.dumps({"entry": entry.text, "hash": entry.hash}, ensure_ascii=False) + "\n")
                written, after = written + len(entries), entries[-1].seq
        if str(file) != "-":
            click.echo(f"{written} entries are in {file}; each `hash` is the SHA-256 of its `entry`.")
        return OK

    return _with_log(work)


def _with_log(work: "Callable[[AuditLog, str], Awaitable[int]]") -> int:
    async def with_gate(desk: PayDesk, _: Caller) -> int:
        gate = await desk.gate()
        return await work(gate.audit, prefix(desk.mode))

    return with_desk(with_gate)


def _meant(proposal: str | None) -> str | None:
    from paydesk.server.gate.proposal_ids import as_meant

    return None if proposal is None else as_meant(proposal)


def _line(entry: "Entry") -> str:
    who = entry.facts.get("approver") or entry.facts.get("principal") or entry.facts.get("person") or ""
    what = entry.facts.get("skill") or entry.facts.get("answer_id") or entry.facts.get("code") or ""
    told = " ".join(str(part) for part in (entry.proposal_id or "-", entry.event, who, what) if part)
    return f"{entry.seq:>6}  {entry.at:%Y-%m-%d %H:%M:%S}  {told}"


def _anchors(text: str) -> "list[Head]":
    from paydesk.server.gate.audit import Head

    path = Path(text)
    lines = path.read_text("utf-8").splitlines() if path.is_file() else [text]
    found = []
    for line in filter(str.strip, lines):
        number, _, rest = line.strip().partition(":")
        digest = rest.partition(" ")[0]
        if not number.isdigit() or len(digest) != 64:
            raise ArgumentError("That is no anchor.", field="anchor", next_step="`paydesk audit anchor` writes one.")
        found.append(Head(int(number), digest))
    if not found:
        raise ArgumentError(
            "That file holds no anchor.", field="anchor", next_step="`paydesk audit anchor` writes one."
        )
    return found
