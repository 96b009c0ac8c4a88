"""`paydesk ask`, `paydesk call`, `paydesk skills`."""

import json
import secrets
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import click

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.commands.approving import decide_here
from paydesk.server.commands.output import OK, as_json_option, show, show_error
from paydesk.server.commands.running import with_desk
from paydesk.server.commands.saving import chart_option, save_chart
from paydesk.server.commands.tabulating import Table, table_options, tabulate
from paydesk.server.errors import ArgumentError, PaydeskError
from paydesk.skills.answer import Answer
from paydesk.skills.base import Result


@click.command()
@click.argument("text", nargs=-1)
@click.option("-i", "--interactive", is_flag=True, help="Go on talking, a sentence a line; Ctrl-D ends it.")
@chart_option
@as_json_option
def ask(text: tuple[str, ...], interactive: bool, chart_file: Path | None, as_json: bool) -> int:
    """Ask the desk in plain words, such as: paydesk ask "what's my balance?"

    A write stops and asks you here; without a terminal it waits for `paydesk approve`. With -i the desk remembers what
    was talked about: "show jane's last payment", then "refund half of it".
    """
    said = " ".join(text)
    if interactive:
        return _converse(said, as_json=as_json)
    if not said:
        raise click.UsageError("Give a TEXT, or -i to talk.")
    return _answer("ask", {"text": said}, as_json=as_json, chart_file=chart_file)


def _converse(first: str, *, as_json: bool) -> int:
    async def work(desk: PayDesk, caller: Caller) -> int:
        person_is_here = sys.stdin.isatty() and not as_json
        asker = replace(caller, asked_in_client=person_is_here)
        conversation = f"terminal:{secrets.token_hex(6)}"
        said = first or await _line(prompt=person_is_here)
        while said is not None:
            if said:
                await _say(desk, asker, {"text": said, "conversation": conversation}, as_json=as_json)
            said = await _line(prompt=person_is_here)
        return OK

    return with_desk(work)


async def _say(desk: PayDesk, caller: Caller, arguments: dict[str, Any], *, as_json: bool) -> None:
    """One sentence and its answer; what goes wrong with it ends the sentence and not the talk."""
    try:
        result = await desk.call("ask", arguments, caller)
        status = show(result, desk.mode, as_json=as_json)
        if isinstance(result, Answer) and not as_json:
            for told in result.referents or ():
                click.echo(f"  ({told})")
            if result.next:
                click.echo(f"  Next, perhaps: {'; '.join(result.next)}.")
        if caller.asked_in_client:
            await decide_here(desk, caller, result, status)
    except PaydeskError as wrong:
        show_error(wrong, as_json=as_json)


async def _line(*, prompt: bool) -> str | None:
    """The next line that is typed, without blanks around it; None at the end."""
    if prompt:
        click.echo("> ", nl=False)
    line = await anyio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)
    return line.strip() if line else None


@click.command()
@click.argument("skill")
@click.argument("arguments", default="{}", metavar="[JSON]")
@chart_option
@as_json_option
@table_options
def call(skill: str, arguments: str, chart_file: Path | None, as_json: bool, table: Table | None) -> int:
    """Call one SKILL with JSON arguments ("-" reads them from standard input).

    Example: paydesk call list_payments '{"status": "failed", "limit": 5}'
    """
    if table is not None and (as_json or chart_file):
        raise click.UsageError("--csv prints a table and nothing else.")
    text = click.open_file("-", encoding="utf-8").read() if arguments == "-" else arguments
    try:
        given = json.loads(text)
    except ValueError:
        raise ArgumentError("The arguments are not valid JSON.", next_step="Quote the whole object: '{...}'.") from None
    if not isinstance(given, dict):
        raise ArgumentError("The arguments must be a JSON object, such as '{\"limit\": 5}'.")
    if chart_file is not None:
        given["chart"] = True
    if table is not None:
        return tabulate(skill, given, table)
    return _answer(skill, given, as_json=as_json, chart_file=chart_file)


def _answer(skill: str, arguments: dict[str, Any], *, as_json: bool, chart_file: Path | None = None) -> int:
    async def work(desk: PayDesk, caller: Caller) -> int:
        person_is_here = sys.stdin.isatty() and not as_json
        asker = replace(caller, asked_in_client=person_is_here)
        result: Result = await desk.call(skill, arguments, asker)
        status = show(result, desk.mode, as_json=as_json)
        if chart_file is not None:
            await save_chart(result, chart_file, desk.mode)
        return await decide_here(desk, caller, result, status) if person_is_here else status

    return with_desk(work)


@click.command()
@click.argument("name", required=False)
@as_json_option
def skills(name: str | None, as_json: bool) -> int:
    """List the skills, or show one with its schemas and examples."""

    async def work(desk: PayDesk, caller: Caller) -> int:
        from paydesk.server.manifest import manifest

        if name is not None:
            click.echo(json.dumps(manifest(desk.skill(name, caller)), indent=2, ensure_ascii=False))
            return 0
        offered = desk.offered(caller)
        if as_json:
            click.echo(json.dumps([manifest(skill) for skill in offered], indent=2, ensure_ascii=False))
            return 0
        for skill in sorted(offered, key=lambda one: (one.toolset, one.name)):
            mark = {"read": " ", "desk": " ", "write": "*", "money": "$"}[skill.effect]
            click.echo(f"{mark} {skill.name:<22}{skill.toolset:<15}{skill.description}")
        click.echo("* writes, $ moves money: both wait for a person's yes.")
        return 0

    return with_desk(work)
