"""`paydesk call LIST --csv`: a table on standard output, and what has to be said about it on standard error."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from typing import TYPE_CHECKING, Any

import click

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.commands.output import OK, prefix
from paydesk.server.commands.running import with_desk
from paydesk.server.errors import ArgumentError
from paydesk.server.limits import TABLE_ROWS_MOST
from paydesk.skills.base import Json, Result, Skill

if TYPE_CHECKING:
    from paydesk.skills.table import Columns


@dataclass(frozen=True)
class Table:
    """What was asked for: `fields` are columns, None for those that hold something; `whole` goes on to the end."""

    fields: tuple[str, ...] | None
    whole: bool


def table_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--csv`, `--fields` and `--all`, given to the command as one `table`, None without `--csv`."""

    def with_table(*args: Any, as_csv: bool, fields: str | None, whole: bool, **more: Any) -> Any:
        if not as_csv and (fields is not None or whole):
            raise click.UsageError("--fields and --all go with --csv.")
        names = tuple(name for part in fields.split(",") if (name := part.strip())) if fields is not None else None
        return command(*args, table=Table(names, whole) if as_csv else None, **more)

    options = (
        click.option("--csv", "as_csv", is_flag=True, help="Print a list as a table for spreadsheets."),
        click.option("--fields", help="With --csv: its columns, such as id,amount,created."),
        click.option("--all", "whole", is_flag=True, help="With --csv: page after page, to the end of the list."),
    )
    wrapped: Callable[..., Any] = update_wrapper(with_table, command)
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


def tabulate(skill: str, arguments: dict[str, Any], table: Table) -> int:
    """Print a list as CSV. Raises ArgumentError where the skill is no list, or has no such field."""
    from paydesk.skills.table import as_csv, columns_of

    async def work(desk: PayDesk, caller: Caller) -> int:
        found = desk.skill(skill, caller)
        columns = columns_of(found.answers)
        # A wrong field is said before anything is read.
        chosen = columns.chosen(table.fields or (), field="--fields")
        asked = _with_detail(found, arguments, chosen)
        answers, last = await _read(desk, caller, skill, asked, columns, whole=table.whole)
        click.echo(as_csv(columns, answers, table.fields), nl=False)
        click.echo(prefix(desk.mode) + _told(last, answers, columns), err=True)
        return OK

    return with_desk(work)


def _with_detail(skill: Skill, arguments: dict[str, Any], chosen: list[str]) -> dict[str, Any]:
    """The arguments with rows that hold what was chosen. Raises ArgumentError where they ask for another shape."""
    if "detail" not in skill.params.model_fields:
        return arguments
    if arguments.get("detail") not in (None, "concise", "full"):
        raise ArgumentError(
            "detail: --csv makes the table and --fields chooses its columns; beside them detail is concise or full.",
            field="detail",
        )
    return {"detail": ",".join(chosen), **arguments} if chosen and "list" not in chosen else arguments


async def _read(
    desk: PayDesk, caller: Caller, skill: str, arguments: dict[str, Any], columns: "Columns", *, whole: bool
) -> tuple[list[Json], Result]:
    """The answers, one or page after page until nothing follows or TABLE_ROWS_MOST rows are there."""
    params = desk.skill(skill, caller).params.model_fields
    if whole and "cursor" not in params:
        raise ArgumentError("This list has no pages.", code="no_pages", field="--all")
    answers: list[Json] = []
    asked = ({"limit": 100} | arguments) if whole else arguments
    while True:
        result = await desk.call(skill, asked, caller)
        answers.append(result.structured())
        following = answers[-1].get("next_cursor")
        if not whole or following is None or _count(answers, columns) >= TABLE_ROWS_MOST:
            return answers, result
        asked = {**asked, "cursor": following}


def _count(answers: list[Json], columns: "Columns") -> int:
    return sum(len(answer.get(part) or ()) for answer in answers for part in columns.lists)


def _told(last: Result, answers: list[Json], columns: "Columns") -> str:
    if len(answers) == 1:
        return last.sentence()
    following = answers[-1].get("next_cursor")
    more = f"; there are more (cursor {following})" if following else ""
    return f"{_count(answers, columns):,} rows{more}."
