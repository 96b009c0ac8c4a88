"""`paydesk approvals`: the approval page by itself, for what any desk on this store proposed."""

import click

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.commands.output import OK
from paydesk.server.commands.running import with_desk
from paydesk.server.settings import load_settings


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0 for any free one.")
def approvals(port: int) -> int:
    """Serve the approval page on this machine until Ctrl-C: what waits, and a person's yes or no.

    A server on standard input and output brings the page up by itself, and takes it along when it ends; this one stays.
    """
    settings = load_settings()

    async def work(desk: PayDesk, _: Caller) -> int:
        from paydesk.server.approval.serving import LOOPBACK, LOOPBACK_NAMES, page_app
        from paydesk.server.mcp.listening import Listening
        from paydesk.server.mcp.transports import HttpPlace, listen

        gate = await desk.gate()
        with listen(HttpPlace(LOOPBACK, port)) as listening:
            address = f"http://{LOOPBACK}:{listening.getsockname()[1]}/approve"
            app = page_app(desk.gate, desk.mode, settings.home, hosts=LOOPBACK_NAMES, is_local=True)
            if not await gate.pins.people():
                click.echo(
                    "Nobody has a PIN yet, so nobody can approve there: `paydesk pin set` gives you one.", err=True
                )
            await Listening(app, f"paydesk's approval page ({desk.mode}) is at {address} (Ctrl-C stops it)").serve(
                sockets=[listening]
            )
        return OK

    return with_desk(work, settings=settings)
