"""The command `paydesk`. Each subcommand is imported when it is called: starting fast is part of the product."""

import sys
from importlib import import_module
from typing import Any

import click

# name -> (module under server/commands, one line of help); the order is the order of the help page.
_COMMANDS = {
    "ask": ("asking", "Ask the desk in plain words."),
    "call": ("asking", "Call one skill with JSON arguments."),
    "skills": ("asking", "List the skills, or show one."),
    "parse": ("parsing", "Show what a sentence means, without calling anything."),
    "proposals": ("approving", "List what waits for a person's yes."),
    "approve": ("approving", "Approve a proposal; the desk then sends it, once."),
    "reject": ("approving", "Reject a proposal; nothing is sent."),
    "approvals": ("approvals", "Serve the approval page on this machine."),
    "report": ("reporting", "Make a month-end report."),
    "sync": ("mirroring", "Read the account into the mirror, or what changed since."),
    "mirror": ("mirroring", "Say how far the mirror is, or hold it against Stripe."),
    "forget": ("mirroring", "Erase what is personal about a customer from the desk's files."),
    "customers": ("customers", "Fill, show or forget the index of customers."),
    "pin": ("pin", "Set or clear the PIN that approving asks for."),
    "policy": ("policy", "Check the policy for writes, or explain what it decides."),
    "upload": ("uploading", "Upload a file as evidence for a dispute."),
    "webhooks": ("webhooks", "Say where Stripe delivers events; forward the sandbox's."),
    "events": ("events", "List, show or replay what Stripe told."),
    "audit": ("audit", "Read, verify or export the audit log."),
    "stdio": ("serving", "Serve MCP on standard input and output."),
    "sse": ("serving", "Serve MCP over HTTP with server-sent events."),
    "http": ("serving", "Serve MCP over streamable HTTP."),
    "sandbox": ("serving", "Serve the sandbox to any Stripe library."),
    "demo": ("demo", "Show the desk at work on the sandbox."),
    "manifests": ("manifests", "Write, or check, the lists that hosts read."),
    "doctor": ("doctor", "Say what is configured, what is missing and how to mend it."),
}

_EPILOG = """\b
Exit codes:
  0  answered or done
  1  it failed; the message says what and why
  2  wrong usage, arguments or settings
  3  Stripe refused or cannot be reached
  4  a question has to be answered first, or nothing was understood
  5  a write waits for a person's yes
  6  a person said no

Without STRIPE_SECRET_KEY the desk runs on its own sandbox and says so."""


class LazyGroup(click.Group):
    """A group that knows its commands' names and help without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"paydesk.server.commands.{_COMMANDS[cmd_name][0]}")
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above is ours
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest name where there is none of that name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as wrong:
            from rapidfuzz import fuzz, process

            near = process.extractOne(args[0], list(_COMMANDS), scorer=fuzz.ratio, score_cutoff=60)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise click.UsageError(wrong.message + hint, ctx) from None


def _version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        click.echo(f"paydesk {version('paydesk')}")
        ctx.exit()


@click.group(cls=LazyGroup, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def paydesk() -> None:
    """A pay desk for AI agents, on Stripe: ask, and approve what moves money."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command; every error of ours becomes a sentence and an exit code, never a traceback."""
    from paydesk.server.errors import PaydeskError

    try:
        status: Any = paydesk.main(args=arguments, prog_name="paydesk", standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except PaydeskError as wrong:
        from paydesk.server.commands.output import exit_code_of, show_error

        show_error(wrong, as_json="--json" in (sys.argv if arguments is None else arguments))
        sys.exit(exit_code_of(wrong))
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as crash:  # the boundary: a person gets a sentence; the traceback is for debug level
        import logging

        logging.getLogger(__name__).debug("unexpected error", exc_info=crash)
        kind = type(crash).__name__
        click.echo(f"paydesk broke ({kind}). PAYDESK_LOG_LEVEL=debug shows where. [internal_error]", err=True)
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)
