"""Files that commands write: a chart beside an answer, a report; nothing is left half written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from paydesk.server.errors import PaydeskError
from paydesk.skills.base import Mode, Result

F = TypeVar("F", bound=Callable[..., Any])


def _picture_file(_: click.Context, __: click.Parameter, path: Path | None) -> Path | None:
    if path is not None and path.suffix.lower() not in (".png", ".svg"):
        raise click.BadParameter("must end in .png or .svg", param_hint="--chart")
    return path


def chart_option(command: F) -> F:
    """`--chart FILE`, the answer's chart as a picture."""
    return click.option(
        "--chart",
        "chart_file",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        callback=_picture_file,
        help="Draw the chart into FILE, .png or .svg.",
    )(command)


async def save_chart(result: Result, path: Path, mode: Mode) -> None:
    """Draw the result's chart into the file and say so. Raises PaydeskError (chart_failed, file_not_written)."""
    chart = result.drawing()
    if chart is None:
        click.echo(f"There is nothing to draw, so {path} was not written.", err=True)
        return
    from paydesk.server.charts import draw

    save(path, await draw(chart, "svg" if path.suffix.lower() == ".svg" else "png", mode))
    click.echo(f"The chart is in {path}.", err=True)


def save(path: Path, content: bytes) -> None:
    """Write the file whole or not at all. Raises PaydeskError (file_not_written)."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as wrong:
        beside.unlink(missing_ok=True)
        raise PaydeskError(
            f"{path} could not be written: {wrong.strerror}.",
            code="file_not_written",
            next_step="Choose a folder that exists and may be written to.",
        ) from None
