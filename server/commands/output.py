"""How commands speak: a sentence and lines for a person, JSON for a program, an exit code for both."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

from paydesk.server.errors import ArgumentError, PaydeskError, SettingsError, StripeProblem, UnknownSkill
from paydesk.skills.answer import Answer
from paydesk.skills.base import Mode, Outcome, Result

OK, FAILED, USAGE, STRIPE, QUESTION, WAITING, REJECTED = range(7)

_OF_STATE = {
    "planned": OK,
    "waiting": WAITING,
    "approved": WAITING,
    "sending": WAITING,
    "succeeded": OK,
    "rejected": REJECTED,
    "canceled": REJECTED,
    "expired": FAILED,
    "stale": FAILED,
    "failed": FAILED,
    "unknown": FAILED,
}

F = TypeVar("F", bound=Callable[..., Any])


def as_json_option(command: F) -> F:
    """`--json`, for programs."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(command)


def prefix(mode: Mode) -> str:
    """What precedes every answer that is not about real money."""
    return "" if mode == "live" else f"[{mode}] "


def show(result: Result, mode: Mode, *, as_json: bool) -> int:
    """Print a result and return its exit code."""
    if as_json:
        click.echo(json.dumps({"mode": mode, "says": result.sentence(), "result": result.structured()}, indent=2))
    else:
        click.echo(prefix(mode) + result.sentence())
        for line in result.lines():
            click.echo(f"  {line}")
    return exit_code_of_result(result)


def exit_code_of_result(result: Result) -> int:
    """0, or what the outcome of a write or of a sentence means to a script."""
    if isinstance(result, Outcome):
        return _OF_STATE[result.state]
    if isinstance(result, Answer):
        if result.question or result.skill is None:
            return QUESTION
        state = (result.result or {}).get("state")
        return _OF_STATE.get(str(state), OK) if "proposal_id" in (result.result or {}) else OK
    return OK


def show_error(wrong: PaydeskError, *, as_json: bool) -> None:
    """An error on standard error: words, or JSON where the command was asked for JSON."""
    if as_json:
        click.echo(json.dumps({"error": wrong.as_dict()}, indent=2), err=True)
        return
    click.echo(f"{wrong.as_text()} [{wrong.code}]", err=True)


def exit_code_of(wrong: PaydeskError) -> int:
    """The exit code of an error."""
    if isinstance(wrong, ArgumentError | SettingsError | UnknownSkill):
        return USAGE
    return STRIPE if isinstance(wrong, StripeProblem) else FAILED
