"""`paydesk proposals`, `approve`, `reject`, `audit`: where a person says yes, or no."""

import getpass
import sys

import click

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.commands.output import FAILED, OK, as_json_option, prefix, show
from paydesk.server.commands.running import with_desk
from paydesk.skills.base import Answer, Outcome, Result

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


@click.command()
@click.argument("proposal_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask again; needed where there is no terminal.")
@as_json_option
def approve(proposal_id: str, yes: bool, as_json: bool) -> int:
    """Approve proposal ID after showing exactly what will be sent; the desk then sends it, once."""

    async def work(desk: PayDesk, _: Caller) -> int:
        gate = await desk.gate()
        if not yes:
            if not sys.stdin.isatty():
                raise click.UsageError("There is no terminal to ask on; look at the proposal, then add --yes.")
            click.echo(prefix(desk.mode) + await gate.question(proposal_id, principal=EVERYONE))
            if not click.confirm("Approve?", default=False):
                click.echo("Nothing was sent; it still waits. `paydesk reject` ends it.")
                return FAILED
        outcome = await gate.approve(proposal_id, approver=_who(), via="terminal", principal=EVERYONE)
        return show(outcome, desk.mode, as_json=as_json)

    return with_desk(work)


@click.command()
@click.argument("proposal_id", metavar="ID")
@as_json_option
def reject(proposal_id: str, as_json: bool) -> int:
    """Reject proposal ID; nothing is sent, and it cannot be approved any more."""

    async def work(desk: PayDesk, _: Caller) -> int:
        gate = await desk.gate()
        outcome = await gate.reject(proposal_id, approver=_who(), via="terminal", principal=EVERYONE)
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
    outcome = await desk.decide(proposal_id, approve=yes, approver=_who(), via="terminal", caller=caller)
    return show(outcome, desk.mode, as_json=False)


def waiting_proposal(result: Result) -> str | None:
    """The id of the proposal that this answer says is waiting, or None."""
    if isinstance(result, Outcome):
        return result.proposal_id if result.state == "waiting" else None
    inner = result.result if isinstance(result, Answer) else None
    if inner and inner.get("state") == "waiting" and "proposal_id" in inner:
        return str(inner["proposal_id"])
    return None


def _who() -> str:
    try:
        return f"terminal:{getpass.getuser()}"
    except (KeyError, OSError):
        return "terminal"


@click.command()
@click.argument("what", type=click.Choice(["verify"]))
def audit(what: str) -> int:
    """Verify that no entry of the audit log was changed, removed or reordered."""

    async def work(desk: PayDesk, _: Caller) -> int:
        gate = await desk.gate()
        found = await gate.verify_audit()
        click.echo(f"The audit log is whole: {found.entries} entries, each chained to the one before.")
        return OK

    return with_desk(work)
