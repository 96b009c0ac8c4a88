"""`paydesk customers`: the index that tells who is meant."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import click

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.commands.output import OK
from paydesk.server.commands.running import with_desk
from paydesk.server.settings import load_settings

if TYPE_CHECKING:
    from paydesk.server.directory.directory import Directory
    from paydesk.server.directory.filling import Standing

_TOLD_EVERY = 1_000


@click.group()
def customers() -> None:
    """Fill, show or forget the index of customers.

    It tells who is meant by a name, however it is spelt. It fills itself a little with each question; an account of
    many thousand customers is better filled at once.
    """


@customers.command()
def index() -> int:
    """Read every customer of the account into the index, or what changed since."""

    async def work(directory: "Directory") -> int:
        click.echo(_told(await directory.fill(_progress)))
        return OK

    return _with_directory(work)


@customers.command()
def status() -> int:
    """Say how many customers the index holds, and when it last heard of changes."""

    async def work(directory: "Directory") -> int:
        click.echo(_told(await directory.standing()))
        return OK

    return _with_directory(work)


@customers.command()
def forget() -> int:
    """Take everybody out of the index; it fills anew when it is next used."""

    async def work(directory: "Directory") -> int:
        await directory.forget()
        click.echo("The index of customers is empty.")
        return OK

    return _with_directory(work)


def _with_directory(work: "Callable[[Directory], Awaitable[int]]") -> int:
    from paydesk.server.wiring import directory_of

    settings = load_settings()

    async def run(desk: PayDesk, _: Caller) -> int:
        directory = await directory_of(settings, await desk.door())
        try:
            return await work(directory)
        finally:
            await directory.aclose()

    return with_desk(run, settings=settings)


def _progress(count: int) -> None:
    if count % _TOLD_EVERY == 0:
        click.echo(f"{count:,} customers so far", err=True)


def _told(standing: "Standing") -> str:
    if standing.filled_at is None:
        return f"{standing.customers:,} customers, not all of them yet."
    fresh = f"; changes known until {standing.fresh_at:%Y-%m-%d %H:%M:%S} UTC" if standing.fresh_at else ""
    return f"{standing.customers:,} customers{fresh}."
