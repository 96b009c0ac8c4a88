"""`paydesk proposals`, `approve`, `reject`: where a person says yes, or no."""

import getpass
import sys

import click

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.commands.output import FAILED, OK, as_json_option, prefix, show
from paydesk.server.commands.running import with_desk
from paydesk.skills.answer import Answer
from paydesk.skills.base import Outcome, Result

# The operator at the terminal sees and decides the proposals of every principal.
EVERYONE = None


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also those that have ended.")
@as_json_option
def proposals(everything: bool, as_json: bool) -> int:
    """List what waits for a person's yes, newest first."""

    async def work(desk: PayDesk, _: Caller) -> int:
        gate = await desk.gate()
        found = await gate.list(principal=EVERYONE, state=None if everything else "waiting")
        if as_json:
            import json

            click.echo(json.dumps([one.structured() for one in found], indent=2, ensure_ascii=False))
            return OK
        for one in found:
            plan = (await gate.question(one.proposal_id, principal=EVERYONE)).partition("\n")[0]
            click.echo(f"{one.proposal_id}  {one.state:<10} {plan}")
        if not found:
            click.echo(prefix(desk.mode) + ("There are no proposals." if everything else "Nothing waits."))
        return OK

    return with_desk(work)


_as_option = click.option("--as", "name", metavar="NAME", help="Who approves; your login name without it.")


@click.command()
@click.argument("proposal_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask again; needed where there is no terminal.")
@_as_option
@as_json_option
def approve(proposal_id: str, yes: bool, name: str | None, as_json: bool) -> int:
    """Approve proposal ID after showing exactly what will be sent; the desk then sends it, once.

    Where people have PINs, yours is asked for; without a terminal it is read from standard input.
    """

    async def work(desk: PayDesk, _: Caller) -> int:
        gate = await desk.gate()
        if not yes:
            if not sys.stdin.isatty():
                raise click.UsageError("There is no terminal to ask on; look at the proposal, then add --yes.")
            click.echo(prefix(desk.mode) + await gate.question(proposal_id, principal=EVERYONE))
            if not click.confirm("Approve?", default=False):
                click.echo("Nothing was sent; it still waits. `paydesk reject` ends it.")
                return FAILED
        pin = await ask_pin(desk)
        outcome = await gate.approve(proposal_id, approver=_who(name), via="terminal", principal=EVERYONE, pin=pin)
        status = show(outcome, desk.mode, as_json=as_json)
        if outcome.replaced_by is None or yes:
            return status
        # The person is here, so the plan that took its place is asked about at once.
        click.echo("\n" + prefix(desk.mode) + await gate.question(outcome.replaced_by, principal=EVERYONE))
        if not click.confirm("Approve this instead?", default=False):
            return status
        outcome = await gate.approve(
            outcome.replaced_by, approver=_who(name), via="terminal", principal=EVERYONE, pin=await ask_pin(desk)
        )
        return show(outcome, desk.mode, as_json=as_json)

    return with_desk(work)


async def ask_pin(desk: PayDesk) -> str | None:
    """The PIN that the person here types, or None while nobody has one."""
    gate = await desk.gate()
    return read_pin("PIN") if await gate.pins.people() else None


def read_pin(prompt: str) -> str:
    """A PIN from the terminal, unseen, or a line of standard input where there is none."""
    if sys.stdin.isatty():
        return str(click.prompt(prompt, hide_input=True))
    return sys.stdin.readline().rstrip("\n")


@click.command()
@click.argument("proposal_id", metavar="ID")
@as_json_option
def reject(proposal_id: str, as_json: bool) -> int:
    """Reject proposal ID; nothing is sent, and it cannot be approved any more."""

    async def work(desk: PayDesk, _: Caller) -> int:
        gate = await desk.gate()
        outcome = await gate.reject(proposal_id, approver=_who(None), via="terminal", principal=EVERYONE)
        show(outcome, desk.mode, as_json=as_json)
        return OK

    return with_desk(work)


async def decide_here(desk: PayDesk, caller: Caller, result: Result, status: int) -> int:
    """Ask the person at this terminal about the write that `result` says is waiting, if it does."""
    proposal_id = waiting_proposal(result)
    if proposal_id is None:
        return status
    gate = await desk.gate()
    click.echo("\n" + await gate.question(proposal_id, principal=caller.principal))
    yes = click.confirm("Approve?", default=False)
    pin = await ask_pin(desk) if yes else None
    outcome = await desk.decide(proposal_id, approve=yes, approver=_who(None), via="terminal", caller=caller, pin=pin)
    return show(outcome, desk.mode, as_json=False)


def waiting_proposal(result: Result) -> str | None:
    """The id of the proposal that this answer says is waiting, or None."""
    if isinstance(result, Outcome):
        return result.proposal_id if result.state == "waiting" else None
    inner = result.result if isinstance(result, Answer) else None
    if inner and inner.get("state") == "waiting" and "proposal_id" in inner:
        return str(inner["proposal_id"])
    return None


def _who(name: str | None) -> str:
    return f"terminal:{name or login_name()}"


def login_name() -> str:
    """The name of whoever is logged in here."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"
