"""`paydesk report`: reports on a period, as a PDF, a CSV or Markdown."""

import re
import sys
from datetime import date
from pathlib import Path

import anyio
import click

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.commands.output import OK
from paydesk.server.commands.running import with_desk
from paydesk.server.commands.saving import save
from paydesk.server.errors import PaydeskError
from paydesk.server.limits import REPORT_READ_TIMEOUT_S

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


@click.group()
def report() -> None:
    """Make a report on a period."""


@report.command()
@click.argument("month", metavar="YYYY-MM", required=False)
@click.option("--pdf", "form", flag_value="pdf", help="As a PDF.")
@click.option("--csv", "form", flag_value="csv", help="As a CSV table.")
@click.option("--md", "form", flag_value="md", default="md", help="As Markdown (what it is without any of these).")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write it there.")
def month(month: str | None, form: str, out: Path | None) -> int:
    """Month-end: volume, fees, net, payouts, refunds, disputes, MRR, and whether it all reconciles.

    Without YYYY-MM it is the last month that is over. Markdown and CSV go to standard output without --out; a PDF goes
    to paydesk-YYYY-MM.pdf here.
    """

    async def work(desk: PayDesk, _: Caller) -> int:
        from paydesk.server.reports.gathering import gather_month

        door = await desk.door()
        first = _first_day(month) if month else _last_month(door.now().date())
        try:
            with anyio.fail_after(REPORT_READ_TIMEOUT_S):
                made = await gather_month(
                    door,
                    first,
                    mode=desk.mode,
                    now=door.now(),
                    progress=_progress(),
                    remembered=getattr(desk.figures, "bridges", None),
                )
        except TimeoutError:
            raise PaydeskError(
                f"Reading took longer than {REPORT_READ_TIMEOUT_S:.0f} s and was stopped.", code="timed_out"
            ) from None
        if form == "pdf":
            from paydesk.server.reports.pdf import as_pdf

            content = await as_pdf(made)
        elif form == "csv":
            from paydesk.server.reports.csv_table import as_csv

            content = as_csv(made).encode()
        else:
            from paydesk.server.reports.markdown import as_markdown

            content = as_markdown(made).encode()
        _deliver(content, out or (Path(f"paydesk-{first:%Y-%m}.pdf") if form == "pdf" else None))
        return OK

    return with_desk(work)


def _deliver(content: bytes, path: Path | None) -> None:
    if path is None:
        click.echo(content, nl=False)
        return
    save(path, content)
    click.echo(f"The report is in {path}.", err=True)


def _first_day(text: str) -> date:
    found = _MONTH.fullmatch(text)
    try:
        if found:
            return date(int(found[1]), int(found[2]), 1)
    except ValueError:
        pass
    raise click.BadParameter("must be a month such as 2026-10", param_hint="YYYY-MM")


def _last_month(today: date) -> date:
    months = today.year * 12 + today.month - 2
    return date(months // 12, months % 12 + 1, 1)


class _progress:  # noqa: N801 - reads as a phrase at its use
    """Tells a person at a terminal how much was read, a few times a second at most."""

    def __init__(self) -> None:
        self._count = 0
        self._shows = sys.stderr.isatty()

    def __call__(self) -> None:
        self._count += 1
        if self._shows and self._count % 500 == 0:
            click.echo(f"\rRead {self._count:,} objects ...", err=True, nl=False)
