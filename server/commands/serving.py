"""`paydesk stdio`, `sse`, `http` and `sandbox`: the servers."""

import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click

if TYPE_CHECKING:
    from paydesk.server.sandbox.app import Sandbox
    from paydesk.server.settings import Settings

LOOPBACK = "127.0.0.1"
BACKLOG = 2_048


def _tool_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What a server offers at most: a request can narrow it, never widen it."""
    for option in (
        click.option("--exclude-tools", metavar="NAMES", help="Tools never to offer, comma-separated."),
        click.option(
            "--tools", metavar="NAMES", help="Only these tools, or besides toolsets that are named; comma-separated."
        ),
        click.option("--toolsets", metavar="NAMES", help="default, all, or toolsets, comma-separated."),
        click.option("--read-only", is_flag=True, default=None, help="Offer no tool that writes."),
    ):
        command = option(command)
    return command


def _http_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--new-token", is_flag=True, help="Make a new bearer token, show it once, and go on."),
        click.option("--allow-host", "hosts", multiple=True, metavar="HOST", help="A Host header to accept."),
        click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True),
        click.option("--host", default=LOOPBACK, show_default=True, help="Any other than loopback needs a token."),
    ):
        command = option(command)
    return command


def _ready(**given: Any) -> "Settings":
    from paydesk.server.logs import set_up_logs
    from paydesk.server.settings import load_settings

    settings = load_settings(**given)
    set_up_logs(settings.log_level)
    return settings


def _ended(by: int | None) -> int:
    """The exit code of a server that a signal ended after it had closed all it had open."""
    if by == signal.SIGINT:
        raise KeyboardInterrupt
    return 0


@click.command()
@_tool_options
def stdio(**given: Any) -> int:
    """Serve MCP on standard input and output: what an assistant's host starts."""
    from paydesk.server.mcp.transports import serve_stdio

    anyio.run(serve_stdio, _ready(**given))
    return 0


@click.command()
@_tool_options
@_http_options
def sse(host: str, port: int, hosts: tuple[str, ...], new_token: bool, **given: Any) -> int:
    """Serve MCP over HTTP with server-sent events, at /sse (for older clients)."""
    from paydesk.server.mcp.transports import HttpPlace, serve_sse

    return _ended(anyio.run(serve_sse, _ready(**given), HttpPlace(host, port, hosts, new_token)))


@click.command()
@_tool_options
@_http_options
def http(host: str, port: int, hosts: tuple[str, ...], new_token: bool, **given: Any) -> int:
    """Serve MCP over streamable HTTP, at /mcp."""
    from paydesk.server.mcp.transports import HttpPlace, serve_http

    return _ended(anyio.run(serve_http, _ready(**given), HttpPlace(host, port, hosts, new_token)))


def _account_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What the sandbox's account is, how it settles, and what time it is there."""
    for option in (
        click.option(
            "--rate-limit",
            type=click.IntRange(1),
            metavar="N",
            help="Answer 429 beyond N reads or N writes a second; test mode allows 25.",
        ),
        click.option("--frozen", is_flag=True, help="Hold the clock; POST /_sandbox/clock moves it."),
        click.option(
            "--clock", metavar="TIME", help="Start the clock there, e.g. 2026-09-21T12:00:00Z; it goes on from there."
        ),
        click.option(
            "--rate",
            "rates",
            multiple=True,
            metavar="CUR=N",
            help="What one US dollar is, e.g. cad=1.39; may be repeated.",
        ),
        click.option("--fees", metavar="TABLE", help="standard, none, or a JSON file; see docs/sandbox.md."),
        click.option("--currency", metavar="CUR", help="The account's currency; the country's by default."),
        click.option("--country", metavar="CC", help="An account there, which settles all in its own currency."),
    ):
        command = option(command)
    return command


@click.command()
@click.option("--host", default=LOOPBACK, show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=12111, show_default=True)
@click.option(
    "--seed", type=click.IntRange(0), default=7, show_default=True, help="The same seed and day make the same business."
)
@click.option(
    "--webhook-retries",
    metavar="SECONDS",
    help="When a failed delivery is tried again, e.g. 1,5,60, or none; by default after 5 minutes, 30 and 2 hours.",
)
@click.option("--empty", is_flag=True, help="An account without any business in it; the seed then makes the ids.")
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the books in this file; without it they end with the server.",
)
@_account_options
def sandbox(host: str, port: int, state: Path | None, **asked: Any) -> int:
    """Serve the sandbox, a Stripe that runs here, to any Stripe library."""
    from paydesk.server.logs import set_up_logs

    set_up_logs("warning")
    with closing(_opened_sandbox(state, **asked)) as box, closing(_listen(host, port)) as listening:
        import uvicorn

        from paydesk.server.http_lines import http_lines

        # With --port 0 the system chose one.
        address = f"http://{host}:{listening.getsockname()[1]}"
        click.echo(f"The sandbox answers at {address} with any sk_test_ key. Stop it with Ctrl-C.")
        config = uvicorn.Config(box, http=http_lines(), log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listening])
    return 0


def _listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections already, so that whoever reads the address may use it at once."""
    with ExitStack() as undo:
        try:
            family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            # Named as TCP, so that asyncio turns Nagle's delay off: an answer of two packets would wait 40 ms.
            listening = undo.enter_context(closing(socket.socket(family, kind, socket.IPPROTO_TCP)))
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(BACKLOG)
        except OSError as wrong:
            message = f"cannot listen at {host}:{port}: {wrong.strerror}"
            raise click.BadParameter(message, param_hint="--port") from wrong
        undo.pop_all()
    return listening


def _opened_sandbox(state: Path | None, **asked: Any) -> "Sandbox":
    from paydesk.server.sandbox import deliveries, wall_clock
    from paydesk.server.sandbox.app import create_sandbox
    from paydesk.server.sandbox.sending import http_sender
    from paydesk.server.sandbox.settlement import settlement_for

    try:
        clock_at = wall_clock.moment(asked["clock"]) if asked["clock"] else None
    except ValueError as wrong:
        raise click.BadParameter(str(wrong), param_hint="--clock") from wrong
    try:
        rates = dict(_rate(one) for one in asked["rates"])
        settlement = settlement_for(asked["country"], asked["currency"], asked["fees"], rates)
    except ValueError as wrong:
        raise click.BadParameter(str(wrong), param_hint="--country, --currency, --fees, --rate") from wrong
    try:
        retries = deliveries.read_retries(asked["webhook_retries"]) if asked["webhook_retries"] else None
    except ValueError as wrong:
        raise click.BadParameter(str(wrong), param_hint="--webhook-retries") from wrong
    try:
        box = create_sandbox(
            state,
            seed=asked["seed"],
            is_empty=asked["empty"],
            settlement=settlement,
            clock_at=clock_at,
            is_clock_held=asked["frozen"],
            rate_limit_per_s=asked["rate_limit"],
            checks_file=True,
            sender=http_sender(),
        )
    except (OSError, ValueError) as wrong:
        raise click.BadParameter(str(wrong), param_hint="--state") from wrong
    if retries is not None:
        with box.store.transaction(writes=True):
            deliveries.set_retries_s(box.store, retries)
    return box


def _rate(text: str) -> tuple[str, str]:
    currency, equals, rate = text.partition("=")
    if not equals:
        message = f"a rate is written as cad=1.39, not {text[:40]!r}"
        raise ValueError(message)
    return currency.strip().lower(), rate.strip()
