"""`paydesk upload`: a file of this machine to Stripe, for a dispute's evidence."""

from pathlib import Path

import click

from paydesk.server.commands.output import as_json_option
from paydesk.server.commands.proposing import propose_here


@click.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--purpose",
    type=click.Choice(["dispute_evidence", "business_logo", "business_icon"]),
    default="dispute_evidence",
    show_default=True,
    help="What Stripe may use it for.",
)
@as_json_option
def upload(file: str, purpose: str, as_json: bool) -> int:
    """Upload FILE to Stripe. A person approves it; the answer has its id (file_...), by which evidence names it.

    Evidence for a dispute is PDF, JPEG or PNG, up to 5 MB a file and 4.5 MB together.
    """
    from paydesk.server.uploading import upload_file

    # Its place by itself, so that it is still found when it is approved from another folder.
    whole = str(Path(file).expanduser().absolute()) if file else file
    return propose_here(upload_file, {"file": whole, "purpose": purpose}, as_json=as_json)
