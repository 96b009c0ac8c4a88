"""`paydesk pin`: the PINs of the people who approve."""

import click

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.commands.approving import login_name, read_pin
from paydesk.server.commands.output import OK
from paydesk.server.commands.running import with_desk
from paydesk.server.gate.pins import person_of

_as_option = click.option("--as", "name", metavar="NAME", help="Whose PIN; yours, by login name, without it.")


@click.group()
def pin() -> None:
    """Set, clear or list the PINs of the people who approve.

    As soon as one person has a PIN, nobody approves in the terminal or on the approval page without their own. A new
    person's PIN is vouched for with the PIN of somebody who has one.
    """


@pin.command("set")
@_as_option
def set_pin(name: str | None) -> int:
    """Set or change a PIN."""

    async def work(desk: PayDesk, _: Caller) -> int:
        gate = await desk.gate()
        person = person_of(name or login_name())
        people = await gate.pins.people()
        voucher = voucher_pin = None
        if person in people:
            voucher_pin = read_pin(f"Present PIN of {person}")
        elif people:
            voucher = click.prompt(f"Who vouches ({', '.join(people)})")
            voucher_pin = read_pin(f"PIN of {voucher}")
        new = read_pin(f"New PIN of {person}")
        if read_pin("The same once more") != new:
            raise click.UsageError("The two differ; nothing was changed.")
        await gate.pins.set(person, new, voucher=voucher, voucher_pin=voucher_pin)
        click.echo(f"{person} has a PIN now; approving out of band asks for it.")
        return OK

    return with_desk(work)


@pin.command("clear")
@_as_option
def clear_pin(name: str | None) -> int:
    """Take a PIN away, given that PIN."""

    async def work(desk: PayDesk, _: Caller) -> int:
        gate = await desk.gate()
        person = person_of(name or login_name())
        await gate.pins.clear(person, read_pin(f"PIN of {person}"))
        click.echo(f"{person} has no PIN any more.")
        return OK

    return with_desk(work)


@pin.command("list")
def list_pins() -> int:
    """List who has a PIN."""

    async def work(desk: PayDesk, _: Caller) -> int:
        gate = await desk.gate()
        people = await gate.pins.people()
        click.echo(
            "\n".join(people)
            if people
            else "Nobody has a PIN; the terminal asks for none, and nobody can approve on the approval page."
        )
        return OK

    return with_desk(work)
