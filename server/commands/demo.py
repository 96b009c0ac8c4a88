"""`paydesk demo`: the desk at work on a sandbox of its own, in a folder that is thrown away afterwards."""

import sys
import tempfile
from pathlib import Path

import click

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.commands.approving import waiting_proposal
from paydesk.server.commands.output import FAILED, OK, prefix
from paydesk.server.commands.running import with_desk
from paydesk.server.settings import Settings
from paydesk.skills.base import Result

SENTENCES = (
    "what's my balance?",
    "show failed payments over 50 dollars from last month",
    "which disputes need a response?",
    "refund the last payment of Jane Doe",
)
REFUND = "refund the last payment of Amélie Lefèvre"


@click.command()
@click.option("--yes", is_flag=True, help="Approve the refund without asking; what a person would do at the prompt.")
def demo(yes: bool) -> int:
    """Show the desk at work on the sandbox: reads, a question back, and a refund that stops for a yes."""
    with tempfile.TemporaryDirectory(prefix="paydesk-demo-") as folder:
        settings = _settings(Path(folder))

        async def work(desk: PayDesk, caller: Caller) -> int:
            return await _show(desk, caller, yes=yes)

        return with_desk(work, settings=settings)


def _settings(home: Path) -> Settings:
    """A desk that nothing in the environment reaches: a demo must not touch anybody's account or files."""
    return Settings(
        home=home,
        stripe_secret_key=None,
        stripe_api_base=None,
        stripe_account=None,
        database_url=None,
        sandbox_state=None,
        sandbox_seed=7,
        read_only=False,
        toolsets="all",
        tools=frozenset(),
        exclude_tools=frozenset(),
    )


async def _show(desk: PayDesk, caller: Caller, *, yes: bool) -> int:
    click.echo(
        "A desk on its own sandbox: a made-up business of 250 customers, 18 months of payments, no Stripe key.\n"
    )
    for sentence in SENTENCES:
        _print(desk, sentence, await desk.call("ask", {"text": sentence}, caller))
    answer = await desk.call("ask", {"text": REFUND}, caller)
    _print(desk, REFUND, answer)
    proposal_id = waiting_proposal(answer)
    if proposal_id is None:
        click.echo("The refund was not proposed; `paydesk doctor` may say why.", err=True)
        return FAILED
    return await _decide(desk, caller, proposal_id, yes=yes)


async def _decide(desk: PayDesk, caller: Caller, proposal_id: str, *, yes: bool) -> int:
    gate = await desk.gate()
    click.echo(await gate.question(proposal_id, principal=caller.principal))
    asked = not yes and sys.stdin.isatty()
    if not yes and not asked:
        click.echo("Approve? There is no terminal to ask on, so nothing moves. Try `make demo ARGS=--yes`.")
        return OK
    said = yes or click.confirm("Approve?", default=False)
    if yes:
        click.echo("Approve? [y/N]: y  (by --yes)")
    outcome = await desk.decide(proposal_id, approve=said, approver="demo", via="terminal", caller=caller)
    click.echo(prefix(desk.mode) + outcome.sentence())
    if said:
        again = await desk.decide(proposal_id, approve=True, approver="demo", via="terminal", caller=caller)
        click.echo(f"Approving it a second time: {again.state}, and nothing was sent again.")
    click.echo('\nNext: `.venv/bin/paydesk ask "..."` for questions of your own, or connect an assistant (README).')
    return OK


def _print(desk: PayDesk, sentence: str, result: Result) -> None:
    click.echo(f"> {sentence}")
    click.echo(prefix(desk.mode) + result.sentence())
    for line in result.lines():
        click.echo(f"    {line}")
    click.echo()
