"""`paydesk doctor`: what is configured, what is missing, and how to mend it. It never prints a secret."""

import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import anyio
import click

from paydesk.server.commands.output import FAILED, OK, as_json_option
from paydesk.server.errors import PaydeskError
from paydesk.server.settings import Settings, load_settings

Status = Literal["ok", "note", "bad"]
_SIGNS = {"ok": "ok  ", "note": "note", "bad": "BAD "}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it stands, and how to mend it where it is not well."""

    name: str
    status: Status
    says: str
    mend: str | None = None


@click.command()
@as_json_option
def doctor(as_json: bool) -> int:
    """Say what is configured, what is missing and how to mend it."""
    findings = anyio.run(examine)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in findings], indent=2))
    else:
        for one in findings:
            click.echo(
                f"{_SIGNS[one.status]} {one.name}: {one.says}" + (f"\n     mend: {one.mend}" if one.mend else "")
            )
    return FAILED if any(one.status == "bad" for one in findings) else OK


async def examine() -> list[Finding]:
    """Every finding, in the order in which things depend on each other."""
    findings = [_python(), *_packages()]
    try:
        settings = load_settings()
    except PaydeskError as wrong:
        return [*findings, _bad(wrong.field or "settings", wrong)]
    findings += [_stripe_key(settings), _home(settings), _offer(settings), _policy(settings)]
    for name, look in (("Stripe", _stripe), ("store", _store), ("customers", _customers), ("mirror", _mirror)):
        findings.append(await _guarded(name, look, settings))
    return findings


def _bad(name: str, wrong: PaydeskError) -> Finding:
    return Finding(name, "bad", wrong.message, wrong.next_step)


async def _guarded(name: str, look: Callable[[Settings], Awaitable[Finding]], settings: Settings) -> Finding:
    try:
        with anyio.fail_after(60):
            return await look(settings)
    except PaydeskError as wrong:
        return _bad(name, wrong)
    except TimeoutError:
        return Finding(name, "bad", "no answer within 60 s", "Check the network and PAYDESK_STRIPE_API_BASE.")


def _python() -> Finding:
    found = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("Python", "ok", found)


def _packages() -> list[Finding]:
    shown, missing = [], []
    for name in ("paydesk", "mcp", "stripe"):
        try:
            shown.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return [Finding("packages", "bad", f"missing: {', '.join(missing)}", "pip install paydesk")]
    return [Finding("packages", "ok", ", ".join(shown))]


def _stripe_key(settings: Settings) -> Finding:
    if settings.mode == "sandbox":
        return Finding("key", "note", "no STRIPE_SECRET_KEY: the desk runs on its own sandbox", None)
    if settings.mode == "live":
        return Finding("key", "note", "a live key, let in by PAYDESK_ALLOW_LIVE: real money")
    return Finding("key", "ok", "a test key is set (its value is never shown)")


def _home(settings: Settings) -> Finding:
    folder = settings.home
    above = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(above, os.W_OK):
        return Finding("home", "bad", f"{folder} cannot be written", "Set PAYDESK_HOME to a folder of your own.")
    return Finding("home", "ok", str(folder) if folder.exists() else f"{folder} (made at first use)")


def _offer(settings: Settings) -> Finding:
    from paydesk.server.caller import Caller
    from paydesk.server.toolsets import operator_scope
    from paydesk.skills.catalogue import catalogue

    try:
        caller = Caller("doctor", operator_scope(settings))
    except PaydeskError as wrong:
        return _bad("tools", wrong)
    offered = [skill for skill in catalogue().values() if caller.scope.allows(skill)]
    writes = sum(skill.writes for skill in offered)
    return Finding("tools", "ok", f"{len(offered)} tools offered, {writes} of them write and wait for a yes")


def _policy(settings: Settings) -> Finding:
    from paydesk.server.wiring import open_policy

    source = open_policy(settings)
    try:
        rules = source.rules()
    except PaydeskError as wrong:
        return _bad("policy", wrong)
    if not source.path.exists():
        return Finding("policy", "ok", "none written: every write asks a person, in live mode out of band")
    return Finding("policy", "ok", f"{source.path}: {len(rules.rules)} rules, {len(rules.caps_written)} caps")


async def _stripe(settings: Settings) -> Finding:
    from paydesk.server.stripe_api import open_door

    door = await open_door(settings)
    try:
        account = await door.account_id()
    finally:
        await door.aclose()
    where = settings.stripe_api_base or ("the sandbox" if settings.mode == "sandbox" else "Stripe")
    return Finding("Stripe", "ok", f"{where} answers as account {account} ({settings.mode})")


async def _customers(settings: Settings) -> Finding:
    from paydesk.server.stripe_api import open_door
    from paydesk.server.wiring import directory_of

    door = await open_door(settings)
    try:
        directory = await directory_of(settings, door)
        standing = await directory.standing()
        await directory.aclose()
    finally:
        await door.aclose()
    if standing.filled_at is None:
        said = f"{standing.customers:,} customers in the index, not all of them yet; Stripe's search answers"
        return Finding("customers", "note", said, "It fills as it is used; `paydesk customers index` fills it at once.")
    fresh = f", changes known until {standing.fresh_at:%Y-%m-%d %H:%M} UTC" if standing.fresh_at else ""
    return Finding("customers", "ok", f"{standing.customers:,} customers in the index{fresh}")


async def _mirror(settings: Settings) -> Finding:
    from paydesk.server.stripe_api import open_door
    from paydesk.server.wiring import mirror_of

    if settings.mirror == "off":
        return Finding("mirror", "note", "off (PAYDESK_MIRROR): figures are counted from Stripe each time")
    door = await open_door(settings)
    try:
        async with await mirror_of(settings, door) as mirror:
            standing = await mirror.standing()
    finally:
        await door.aclose()
    mend = "It fills while `paydesk http` runs and as figures are asked for; `paydesk sync` fills it at once."
    if standing.filled_at is None:
        return Finding("mirror", "note", f"{standing.rows:,} objects, not all of them yet; Stripe is asked", mend)
    if standing.set_aside:
        said = f"{standing.set_aside:,} events could not be taken in"
        return Finding(
            "mirror", "bad", said, "See `paydesk events list --state set_aside`, then `paydesk events replay`."
        )
    fresh = f", changes known until {standing.fresh_at:%Y-%m-%d %H:%M} UTC" if standing.fresh_at else ""
    return Finding("mirror", "ok", f"{standing.rows:,} objects{fresh}")


async def _store(settings: Settings) -> Finding:
    from paydesk.server.gate import Gate
    from paydesk.server.store import open_store
    from paydesk.server.stripe_api import open_door
    from paydesk.skills.catalogue import catalogue

    store, door = await open_store(settings.store_url), await open_door(settings)
    try:
        gate = Gate(store, door, catalogue=catalogue())
        stuck = await gate.stuck()
        waiting = await gate.list(principal=None, state="waiting")
    finally:
        await door.aclose()
        await store.aclose()
    if stuck:
        names = ", ".join(one.proposal_id for one in stuck[:5])
        mend = (
            f"Look at each at Stripe and with `paydesk audit show {stuck[0].proposal_id}`; a running desk keeps asking."
        )
        return Finding("store", "bad", f"{len(stuck)} writes have no known end: {names}", mend)
    return Finding("store", "ok", f"the journal is readable; {len(waiting)} proposals wait")
