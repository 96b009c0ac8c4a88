"""`paydesk manifests`: the lists that hosts read, written or checked."""

from pathlib import Path

import click

from paydesk.server.commands.output import FAILED, OK


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail where a file is stale.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("manifests"),
    show_default=True,
    help="The folder to write to.",
)
def manifests(check: bool, out: Path) -> int:
    """Write one JSON per skill, the registry's server.json, the bundle's manifest and tool lists, or check them."""
    from paydesk.server.manifest import stale_files, write_files

    if not check:
        changed = write_files(out)
        click.echo(f"{len(changed)} files written below {out}." if changed else f"{out} is current.")
        return OK
    stale = stale_files(out)
    for path in stale:
        click.echo(f"stale: {out / path}", err=True)
    click.echo(f"{out} is current." if not stale else "Run `make agree` to renew them.", err=bool(stale))
    return FAILED if stale else OK
