"""`paydesk events`: what Stripe told this desk, what became of it, and a second try for what was set aside."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.commands.output import FAILED, OK, as_json_option, prefix
from paydesk.server.commands.running import with_desk
from paydesk.server.settings import load_settings

if TYPE_CHECKING:
    from paydesk.server.mirror.inbox import KeptEvent
    from paydesk.server.mirror.mirror import Mirror

_account_option = click.option("--account", metavar="ACCT", help="A connected account's events (acct_...).")


@click.group()
def events() -> None:
    """See what Stripe told this desk, and try again what could not be handled."""


@events.command("list")
@click.option("--state", type=click.Choice(["pending", "handled", "set_aside"]), help="Only those.")
@click.option("--type", "kind", metavar="TYPE", help="Only those, e.g. charge.refunded.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=20, show_default=True)
@_account_option
@as_json_option
def list_events(state: str | None, kind: str | None, limit: int, account: str | None, as_json: bool) -> int:
    """List the newest events of the inbox, and how many wait or were set aside."""

    async def work(desk: PayDesk, mirror: "Mirror") -> int:
        from paydesk.server.mirror import inbox

        found = await inbox.listed(mirror.store, state=state, kind=kind, limit=limit)  # type: ignore[arg-type]  # one of click's choices
        if as_json:
            click.echo(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False))
            return OK
        for one in found:
            click.echo(_line(one))
        standing = await mirror.standing()
        click.echo(
            f"{prefix(desk.mode)}{len(found)} shown; {standing.pending} wait, {standing.set_aside} were set aside."
        )
        return OK

    return _with_inbox(work, account)


@events.command()
@click.argument("event", metavar="EVENT")
@_account_option
@as_json_option
def show(event: str, account: str | None, as_json: bool) -> int:
    """Show EVENT (evt_...): what became of it, and what Stripe sent."""

    async def work(_: PayDesk, mirror: "Mirror") -> int:
        from paydesk.server.mirror import inbox

        kept, payload = await inbox.shown(mirror.store, event)
        if as_json:
            click.echo(json.dumps({**asdict(kept), "payload": payload}, indent=2, ensure_ascii=False))
            return OK
        click.echo(_line(kept))
        click.echo(f"  came by {kept.source} at {_moment(kept.received_at)}, tried {kept.tries} times")
        if kept.handled_at is not None:
            click.echo(f"  handled at {_moment(kept.handled_at)}")
        if kept.error is not None:
            click.echo(f"  {kept.error['message']} [{kept.error['code']}]")
        # ASCII only: customers' text must not steer a terminal.
        click.echo(json.dumps(payload, indent=2))
        return OK

    return _with_inbox(work, account)


@events.command()
@click.argument("chosen", metavar="[EVENT]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that were set aside.")
@_account_option
def replay(chosen: tuple[str, ...], everything: bool, account: str | None) -> int:
    """Try events again that were set aside. What was handled is never handled twice."""
    if bool(chosen) == everything:
        raise click.UsageError("Name events, or say --all.")

    async def work(desk: PayDesk, mirror: "Mirror") -> int:
        from paydesk.server.mirror import inbox

        for one in chosen:
            await inbox.shown(mirror.store, one)
        count = await inbox.replay(mirror.store, None if everything else chosen)
        done = await inbox.handle_pending(mirror)
        again = (await mirror.standing()).pending
        click.echo(f"{prefix(desk.mode)}{count} tried again: {len(done)} handled, {again} wait.")
        return OK if not again else FAILED

    return _with_inbox(work, account)


def _with_inbox(work: "Callable[[PayDesk, Mirror], Awaitable[int]]", account: str | None) -> int:
    """Do the work on the inbox of the desk's own account, or of a connected one."""
    settings = load_settings()

    async def on_desk(desk: PayDesk, _: Caller) -> int:
        from paydesk.server.mirror.mirror import open_mirror

        door = await desk.door()
        async with await open_mirror(settings, account or await door.account_id(), desk.mode, door) as mirror:
            return await work(desk, mirror)

    return with_desk(on_desk, settings=settings)


def _line(one: "KeptEvent") -> str:
    about = f"  {one.object_id}" if one.object_id else ""
    return f"{_moment(one.created)}  {one.state:<9}  {one.id}  {one.type}{about}"


def _moment(seconds: Any) -> str:
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%d %H:%M:%S}"
