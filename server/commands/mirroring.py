"""`paydesk sync`, `paydesk mirror`, `paydesk forget`: the mirror that figures are counted from."""

import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.commands.output import FAILED, OK, as_json_option, prefix
from paydesk.server.commands.running import with_desk
from paydesk.server.errors import ArgumentError, PaydeskError, SettingsError
from paydesk.server.settings import load_settings

if TYPE_CHECKING:
    from paydesk.server.mirror.filling import Progress, Told
    from paydesk.server.mirror.mirror import Mirror
    from paydesk.server.mirror.standing import Standing
    from paydesk.server.mirror.verifying import Verified

_TOLD_EVERY_S = 5.0
_CUSTOMER = re.compile(r"[A-Za-z0-9_-]{1,255}")
Work = Callable[["Mirror", PayDesk], Awaitable[int]]


def _account_option(command: Callable[..., int]) -> Callable[..., int]:
    return click.option("--account", metavar="ACCT", help="A connected account's mirror instead of your own.")(command)


@click.command()
@_account_option
@as_json_option
def sync(account: str | None, as_json: bool) -> int:
    """Read the whole account into the mirror; later, what changed since.

    It may be ended at any time and goes on where it was. The speed is bounded by Stripe's rate limit.
    """

    async def work(mirror: "Mirror", desk: PayDesk) -> int:
        with _shown_progress() as told:
            standing = await mirror.sync(told)
        if not as_json:
            click.echo("Copying columns for figures ...", err=True)
        await _copy_columns(mirror, desk)
        return _show(standing, desk, account=mirror.account, as_json=as_json)

    return _with_mirror(work, account)


async def _copy_columns(mirror: "Mirror", desk: PayDesk) -> None:
    """So that the first question need not wait for it. A copy that fails is made when it is needed."""
    from paydesk.server.analytics.figures import MirrorFigures, columns_folder

    async def its() -> "Mirror":
        return mirror

    async def folder() -> Path:
        return columns_folder(load_settings().home, mirror.account, mirror.mode)

    figures = MirrorFigures(its, folder, tell=lambda said: click.echo(f"{said[0].upper()}{said[1:]} ...", err=True))
    try:
        rows = await figures.copy()
        click.echo(f"{rows:,} rows are in columns.", err=True)
    except PaydeskError as problem:
        click.echo(f"The columns will be copied at the first question: {problem.message}", err=True)
    finally:
        await figures.aclose()


@click.group()
def mirror() -> None:
    """Say how far the mirror is, or hold it against Stripe."""


@mirror.command()
@_account_option
@as_json_option
def status(account: str | None, as_json: bool) -> int:
    """Say what the mirror holds, how old it is, and what waits to be handled."""

    async def work(mirror: "Mirror", desk: PayDesk) -> int:
        return _show(await mirror.standing(), desk, account=mirror.account, as_json=as_json)

    return _with_mirror(work, account)


@mirror.command()
@click.option("--days", type=click.IntRange(1), help="List only so many days; older objects are sampled.")
@click.option("--sample", type=click.IntRange(0, 100_000), default=100, show_default=True, help="Of each kind.")
@_account_option
@as_json_option
def verify(days: int | None, sample: int, account: str | None, as_json: bool) -> int:
    """Compare the mirror with Stripe, object by object; what differs is told, and read anew.

    Stripe tells no totals, so everything is listed, or the last --days and a random sample of what is older.
    """

    async def work(mirror: "Mirror", desk: PayDesk) -> int:
        await mirror.sync()
        since = mirror.now() - int(timedelta(days=days).total_seconds()) if days else 0
        found = await mirror.verify(since=since, sample=sample, told=_comparing if not as_json else None)
        return _show_verified(found, desk, as_json=as_json)

    return _with_mirror(work, account)


@click.command()
@click.argument("customer")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_account_option
def forget(customer: str, yes: bool, account: str | None) -> int:
    """Erase the name, e-mail, address and all else that is personal about CUSTOMER (cus_...) from the desk's files.

    Figures stay as they are. Stripe itself is not changed: delete the customer there as well.
    """
    if not _CUSTOMER.fullmatch(customer):
        raise ArgumentError("A customer is named by the id, such as cus_123.", field="customer")
    if not yes:
        click.confirm(f"Erase what is personal about {customer} from the mirror and the index?", abort=True)

    async def work(mirror: "Mirror", desk: PayDesk) -> int:
        from paydesk.server.wiring import directory_of

        changed = await mirror.forget(customer)
        directory = await directory_of(load_settings(), await desk.door())
        try:
            await directory.forget_customer(customer)
        finally:
            await directory.aclose()
        writes, waiting = await (await desk.gate()).forget(customer, account=mirror.account)
        told = f"{changed:,} objects and events" + (f", and {writes:,} of your proposals," if writes else "")
        click.echo(f"{prefix(desk.mode)}Forgotten: {told} hold nothing personal any more.")
        if waiting:
            said = (
                f"{waiting:,} proposals about {customer} are not over (`paydesk proposals`). Decide, then forget again."
            )
            click.echo(said)
        return FAILED if waiting else OK

    return _with_mirror(work, account)


def _with_mirror(work: Work, account: str | None) -> int:
    from paydesk.server.wiring import mirror_of

    settings = load_settings()
    if settings.mirror == "off":
        raise SettingsError(
            "The mirror is off.", field="PAYDESK_MIRROR", next_step="Unset PAYDESK_MIRROR, or set it to auto."
        )
    if account is not None and not re.fullmatch(r"acct_[A-Za-z0-9]{1,64}", account):
        raise ArgumentError("An account is named by its id, such as acct_123.", field="account")

    async def run(desk: PayDesk, _: Caller) -> int:
        mirror = await mirror_of(settings, await desk.door(), account)
        try:
            return await work(mirror, desk)
        finally:
            await mirror.aclose()

    return with_desk(run, settings=settings)


@contextmanager
def _shown_progress() -> "Iterator[Told]":
    """A bar with rate and time left on a terminal, else a plain line every few seconds."""
    import sys

    if not sys.stderr.isatty():
        yield _Lines().told
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.fields[count]:,} objects"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task, rate = bar.add_task("", total=1.0, count=0, rate=0.0), _Rate()

        def told(progress: "Progress_") -> None:
            count = sum(progress.counts.values())
            bar.update(task, completed=progress.share, count=count, rate=rate.of(count))

        yield told


class _Rate:
    """Objects a second since the first that was told."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._first: int | None = None

    def of(self, count: int) -> float:
        if self._first is None:
            self._first = count
        return (count - self._first) / max(time.monotonic() - self._since, 0.001)


class _Lines:
    """A line now and then, for logs."""

    def __init__(self) -> None:
        self._at = time.monotonic()
        self._rate = _Rate()

    def told(self, progress: "Progress_") -> None:
        count = sum(progress.counts.values())
        rate = self._rate.of(count)
        if time.monotonic() - self._at < _TOLD_EVERY_S:
            return
        self._at = time.monotonic()
        click.echo(f"{count:,} objects, {rate:,.0f} a second, about {progress.share:.0%} of the time read", err=True)


if TYPE_CHECKING:
    Progress_ = Progress


def _show(standing: "Standing", desk: PayDesk, *, account: str, as_json: bool) -> int:
    if as_json:
        told = {
            "mode": desk.mode,
            "account": account,
            "counts": dict(standing.counts),
            "rows": standing.rows,
            "filled_at": _iso(standing.filled_at),
            "fresh_at": _iso(standing.fresh_at),
            "pending": standing.pending,
            "oldest_pending_at": _iso(standing.oldest_pending_at),
            "set_aside": standing.set_aside,
        }
        click.echo(json.dumps(told, indent=2))
        return OK
    click.echo(prefix(desk.mode) + _sentence(standing))
    for kind, count in standing.counts.items():
        click.echo(f"  {count:>12,}  {kind.replace('_', ' ')}")
    if standing.pending and standing.oldest_pending_at is not None:
        click.echo(f"  {standing.pending:,} events wait since {standing.oldest_pending_at:%Y-%m-%d %H:%M:%S} UTC")
    if standing.set_aside:
        click.echo(f"  {standing.set_aside:,} events could not be handled: `paydesk events list --state set_aside`")
    return OK


def _sentence(standing: "Standing") -> str:
    if standing.filled_at is None:
        return f"The mirror is not filled yet ({standing.rows:,} objects so far); `paydesk sync` goes on."
    fresh = standing.fresh_at or standing.filled_at
    return f"The mirror holds {standing.rows:,} objects; changes are known until {fresh:%Y-%m-%d %H:%M:%S} UTC."


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _comparing(kind: str) -> None:
    click.echo(f"comparing {kind.replace('_', ' ')}s", err=True)


def _show_verified(found: "Verified", desk: PayDesk, *, as_json: bool) -> int:
    if as_json:
        told = {
            "mode": desk.mode,
            "agrees": found.agrees,
            "compared": found.compared,
            "totals": [{**vars(total), "agrees": total.agrees} for total in found.totals],
            "differences": [vars(one) for one in found.differences],
        }
        click.echo(json.dumps(told, indent=2))
        return OK if found.agrees else FAILED
    from paydesk.skills.money import money

    said = "is as Stripe has it" if found.agrees else "differed from Stripe; what differed was read anew"
    click.echo(f"{prefix(desk.mode)}The mirror {said} ({found.compared:,} objects compared).")
    for total in found.totals:
        told_sums = ", ".join(money(amount, currency).text for currency, amount in sorted(total.sums_there.items()))
        verdict = "agrees" if total.agrees else f"here {total.here:,}"
        click.echo(
            f"  {total.there:>12,}  {total.kind.replace('_', ' ')}: {verdict}{'; ' if told_sums else ''}{told_sums}"
        )
    for one in found.differences:
        click.echo(f"  {one.kind.replace('_', ' ')} {one.id} {one.what}")
    return OK if found.agrees else FAILED
