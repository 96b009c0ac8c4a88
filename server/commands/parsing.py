"""`paydesk parse`: what a sentence means. It calls nothing: no network, no Stripe, no database."""

import gc
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import click

from paydesk.intents.parse import Parsed, warm
from paydesk.intents.parse import parse as parse_sentence
from paydesk.server.errors import ArgumentError


@click.command()
@click.argument("text", required=False)
@click.option("--jsonl", is_flag=True, help='Read {"id", "text"} lines on standard input, write one line each.')
@click.option("--now", "now_text", metavar="ISO", help="What is taken as the present, such as 2026-11-21T12:00:00Z.")
@click.option("--tz", "zone_name", default="UTC", metavar="ZONE", help="Whose days are meant, such as Europe/Berlin.")
@click.option("--explain", is_flag=True, help="Tell which words led to what, before the answer.")
@click.option(
    "--after", "before", multiple=True, metavar="TEXT", help="What was said before, oldest first; may be repeated."
)
@click.option("--names", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Known customers' names.")
def parse(
    text: str | None,
    *,
    jsonl: bool,
    now_text: str | None,
    zone_name: str,
    explain: bool,
    before: tuple[str, ...],
    names: Path | None,
) -> int:
    """Show what TEXT means: the skill, its entities, what is missing and what to ask.

    Nothing is looked up, so of what was said --after only the ids that stand in it can be referred to.
    """
    from paydesk.skills.catalogue import catalogue

    zone = _zone(zone_name)
    now = _instant(now_text).astimezone(zone)
    known = [line.strip() for line in names.read_text("utf-8").splitlines() if line.strip()] if names else []
    phrases = {skill.name: skill.says for skill in catalogue().values()}
    if jsonl:
        # Each line is timed: none should pay for the first use of a pattern or for a walk through all that was loaded.
        warm()
        gc.freeze()
        for number, line in enumerate(click.open_file("-", encoding="utf-8"), 1):
            if line.strip():
                row = _row(line, number)
                parsed = parse_sentence(row["text"], now=now, names=known, phrases=phrases, zone=zone)
                click.echo(json.dumps({"id": row["id"], **parsed.as_json()}, ensure_ascii=False))
        return 0
    if text is None:
        raise click.UsageError("Give a TEXT, or --jsonl with lines on standard input.")
    if before:
        text = _referred(text, before, now, known, explain=explain)
    if explain:
        parsed = _explained(text, now, known, phrases, zone)
    else:
        parsed = parse_sentence(text, now=now, names=known, phrases=phrases, zone=zone)
    click.echo(json.dumps(parsed.as_json(), indent=2, ensure_ascii=False))
    return 0


def _referred(text: str, before: tuple[str, ...], now: datetime, known: list[str], *, explain: bool) -> str:
    """The sentence with ids in place of what refers to the sentences before it; each referent is told."""
    from paydesk.intents import sentence
    from paydesk.intents.conversation import Memory, resolve

    memory = Memory()
    for said in before:
        read = sentence.read(said, now.date(), known)
        found = resolve(read, memory)
        memory = memory.having_said(sentence.read(found.text, now.date(), known))
    found = resolve(sentence.read(text, now.date(), known), memory)
    for referent in found.referents if explain else ():
        click.echo(f"{referent.words!r}: taken for {referent.item.id}, said before")
    if found.question and explain:
        click.echo(f"so a question: {found.question}")
    return found.text


def _explained(
    text: str, now: datetime, known: list[str], phrases: Mapping[str, Sequence[str]], zone: tzinfo
) -> Parsed:
    """Print each step that led to the answer; returns the answer."""
    from paydesk.intents.explain import explain

    parsed, steps = explain(text, now=now, names=known, phrases=phrases, zone=zone)
    for step in steps:
        click.echo(f"{step.words!r}: {step.means}" if step.words else step.means)
    return parsed


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    try:
        return UTC if name.upper() == "UTC" else ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise click.BadParameter("must be a time zone such as Europe/Berlin or UTC", param_hint="--tz") from None


def _instant(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("must be an ISO 8601 time, such as 2026-11-21T12:00:00Z", param_hint="--now") from None
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


def _row(line: str, number: int) -> dict[str, str]:
    try:
        row = json.loads(line)
        return {"id": row["id"], "text": row["text"]}
    except (ValueError, KeyError, TypeError):
        raise ArgumentError(
            f"Line {number} is not a JSON object with id and text.",
            next_step='Write one object a line: {"id": "1", "text": "..."}.',
        ) from None
