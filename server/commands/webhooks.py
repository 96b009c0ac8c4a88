"""`paydesk webhooks`: where Stripe delivers, the secrets of those places, and the sandbox's deliveries."""

from typing import TYPE_CHECKING, Any

import anyio
import click

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.commands.output import OK, as_json_option, prefix
from paydesk.server.commands.proposing import propose_here
from paydesk.server.commands.running import with_desk
from paydesk.server.errors import SettingsError
from paydesk.server.settings import Settings, load_settings

if TYPE_CHECKING:
    from paydesk.skills.base import Json


@click.group()
def webhooks() -> None:
    """Say where Stripe delivers what happens, and see which of those places this desk can believe."""


@webhooks.command()
@click.option("--url", required=True, metavar="URL", help="https://desk.example: this desk, as Stripe reaches it.")
@click.option("--connect", is_flag=True, help="The events of connected accounts instead of the account's own.")
@as_json_option
def register(url: str, connect: bool, as_json: bool) -> int:
    """Have Stripe deliver to this desk. A person approves it; the secret is then kept here, encrypted."""
    return _proposed("register_webhook", {"url": url, "connect": connect}, as_json=as_json)


@webhooks.command()
@click.argument("endpoint", metavar="ENDPOINT")
@as_json_option
def rotate(endpoint: str, as_json: bool) -> int:
    """Replace ENDPOINT (we_...) by a new one at the same address with a new secret."""
    return _proposed("rotate_webhook", {"endpoint": endpoint}, as_json=as_json)


@webhooks.command()
@click.argument("endpoint", metavar="ENDPOINT")
@as_json_option
def remove(endpoint: str, as_json: bool) -> int:
    """Have Stripe deliver to ENDPOINT (we_...) no more."""
    return _proposed("remove_webhook", {"endpoint": endpoint}, as_json=as_json)


def _proposed(name: str, arguments: "Json", *, as_json: bool) -> int:
    """Propose it like any write, and ask the person at this terminal, where there is one."""
    from paydesk.server.webhooks.endpoints import OPERATORS

    return propose_here(OPERATORS[name], arguments, as_json=as_json)


@webhooks.command("list")
@as_json_option
def list_endpoints(as_json: bool) -> int:
    """List the endpoints at Stripe, and whether this desk has their secrets."""
    settings = load_settings()

    async def work(desk: PayDesk, _: Caller) -> int:
        import json

        found = await _endpoints(desk, settings)
        if as_json:
            click.echo(json.dumps(found, indent=2))
            return OK
        for one in found:
            has = "secret kept here" if one["secret_kept"] else "no secret here"
            click.echo(f"{one['endpoint']}  {one['status']:<8} {has}  {one['url']}")
        if not found:
            click.echo(
                prefix(desk.mode) + "Stripe delivers nowhere yet: `paydesk webhooks register --url https://...`."
            )
        given = settings.stripe_webhook_secret
        if given is not None:
            count = len([one for one in given.get_secret_value().split(",") if one.strip()])
            click.echo(f"Besides, PAYDESK_STRIPE_WEBHOOK_SECRET holds {count} secret{'s' if count != 1 else ''}.")
        return OK

    return with_desk(work, settings=settings)


async def _endpoints(desk: PayDesk, settings: Settings) -> "list[Json]":
    """Every endpoint of the account; secrets of endpoints that are gone are forgotten on the way."""
    from paydesk.server.store import open_store
    from paydesk.server.wiring import secrets_of

    door = await desk.door()
    there = {one["id"]: one async for one in door.every("/v1/webhook_endpoints", {}, most=100)}
    account = await door.account_id()
    async with await open_store(settings.store_url) as store:
        secrets = secrets_of(settings, store)
        kept = {endpoint for endpoint, (_, whose) in (await secrets.all()).items() if whose == account}
        for endpoint in kept - set(there):
            await secrets.forget(endpoint)
    return [
        {"endpoint": name, "url": one["url"], "status": one["status"], "secret_kept": name in kept}
        for name, one in there.items()
    ]


@webhooks.command()
@click.option(
    "--forward-to",
    "url",
    default="http://127.0.0.1:8000",
    show_default=True,
    metavar="URL",
    help="Where to post; this desk's path is added where the address has none.",
)
@click.option("--show-secret", is_flag=True, help="Print the secret, for a receiver that is not this desk.")
def listen(url: str, show_secret: bool) -> int:
    """Deliver what happens in the sandbox to a local address, signed as Stripe signs, until Ctrl-C."""
    from paydesk.server.logs import set_up_logs

    settings = load_settings()
    set_up_logs(settings.log_level)
    if settings.mode != "sandbox":
        raise SettingsError(
            "Only the sandbox's deliveries can be forwarded.",
            field="STRIPE_SECRET_KEY",
            next_step="Unset it for the sandbox, or have Stripe deliver: `paydesk webhooks register --url https://...`.",
        )
    anyio.run(_listen, settings, url, show_secret)
    return OK


async def _listen(settings: Settings, url: str, show_secret: bool) -> None:
    from paydesk.server.webhooks.forwarding import forwarding

    async with forwarding(settings, url) as line:

        def told(event: "dict[str, Any]") -> None:
            why = f"  ({event['why']}; it is tried again)" if event["why"] else ""
            click.echo(f"{event['status'] or 'no answer':<10} {event['type']:<40} {event['id']}{why}")

        click.echo(f"The sandbox delivers to {line.url}. Stop it with Ctrl-C.")
        if show_secret:
            click.echo(f"Its secret: {line.secret}")
        await line.run(told)
