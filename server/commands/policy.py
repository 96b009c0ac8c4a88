"""`paydesk policy`: hold the policy file against its rules, and say which rule decides."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import click

from paydesk.intents.entities.currencies import exponent, is_currency
from paydesk.server.commands.output import OK
from paydesk.server.errors import ArgumentError
from paydesk.server.gate.policy import Subject
from paydesk.server.settings import load_settings
from paydesk.server.wiring import open_policy
from paydesk.skills.base import Mode, Stake
from paydesk.skills.catalogue import catalogue
from paydesk.skills.money import iso_to_stripe, money


@click.group()
def policy() -> None:
    """Check the policy for writes, or explain what it decides. Neither reads Stripe nor the journal."""


@policy.command()
def check() -> int:
    """Say whether the policy file can be used, and where its mistake is where not."""
    source = open_policy(load_settings())
    rules = source.rules()
    if not source.path.exists():
        click.echo(f"There is no policy at {source.path}: every write asks a person, in live mode out of band.")
        return OK
    quiet = ", and quiet hours" if rules.quiet else ""
    click.echo(f"{source.path} is fine: {len(rules.rules)} rules, {len(rules.caps_written)} caps{quiet}.")
    return OK


@policy.command()
@click.argument("skill")
@click.option("--amount", metavar="MAJOR", help="In major units, such as 49.99; needs --currency.")
@click.option("--currency", metavar="CODE", help="Such as usd.")
@click.option("--mode", type=click.Choice(["sandbox", "test", "live"]), help="The desk's own mode without it.")
@click.option("--account", default="acct_unknown", help="The Stripe account (acct_...).")
@click.option("--customer", help="The customer (cus_...), for caps per customer.")
@click.option("--at", "at", metavar="ISO", help="At this time instead of now, for quiet hours.")
def explain(  # noqa: PLR0917 - click passes options by name
    skill: str,
    amount: str | None,
    currency: str | None,
    mode: Mode | None,
    account: str,
    customer: str | None,
    at: str | None,
) -> int:
    """Say which rule decides when SKILL writes, and why."""
    settings = load_settings()
    known = {name: one for name, one in catalogue().items() if one.writes}
    if skill not in known:
        raise ArgumentError("There is no write of that name.", field="skill", choices=sorted(known))
    now = _moment(at)
    subject = Subject(skill, known[skill].effect, account, mode or settings.mode, _stake(amount, currency), customer)
    rules = open_policy(settings).rules()
    decision = rules.decide(subject, now)
    click.echo(f"{decision.level.word}: rule '{decision.rule}', because {decision.why}.")
    for other in decision.others:
        click.echo(f"  fits too, and is not stricter: {other}")
    for cap in rules.caps(subject, now):
        whose = "each customer's" if cap.per == "customer" else "all"
        click.echo(
            f"  counts towards cap '{cap.name}': {money(cap.most_minor, cap.currency).text} a day of {whose} writes"
        )
    return OK


def _stake(amount: str | None, currency: str | None) -> Stake | None:
    if amount is None and currency is None:
        return None
    code = (currency or "").lower()
    if not is_currency(code):
        raise ArgumentError("An amount needs a currency, such as usd.", field="currency")
    minor = (
        Decimal(amount or "0").scaleb(exponent(code)) if re.fullmatch(r"\d{1,12}(\.\d{1,4})?", amount or "0") else None
    )
    if minor is None or minor != int(minor):
        raise ArgumentError("The amount must be in major units, such as 49.99.", field="amount")
    return Stake(iso_to_stripe(int(minor), code), code)


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentError("The time must be ISO 8601, such as 2026-11-21T23:00:00Z.", field="at") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
