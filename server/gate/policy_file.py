"""Reads `policy.toml`, strictly: a mistake is told with its line and key, and nothing is written until it is mended.

version = 1
time_zone = "Europe/Berlin"              # of caps and quiet hours; UTC without it

[[rule]]
name = "large refunds"
then = "two_people"                      # allow, ask, ask_out_of_band, two_people, forbid
skills = ["refund_payment"]              # every condition may be left out: effects, accounts, modes, currencies
currencies = ["usd"]
over = "500.00"                          # or up_to; in major units of the one currency named
why = "refunds above $500 need two people"

[[cap]]
name = "refunds a day"
per = "day"                              # or "customer": each customer's, a day
currency = "usd"
most = "5000.00"
skills = ["refund_payment"]

[quiet_hours]
from = "22:00"
to = "07:00"
days = ["mon", "tue", "wed", "thu", "fri"]
then = "forbid"
"""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, time, tzinfo
from decimal import Decimal
from typing import Any

from paydesk.intents.entities.currencies import exponent, is_currency
from paydesk.server.errors import SettingsError
from paydesk.server.gate.policy import Level
from paydesk.server.gate.policy_lines import line_of
from paydesk.server.gate.policy_rules import CapRule, QuietHours, Rule, Rules
from paydesk.skills.base import Effect
from paydesk.skills.money import iso_to_stripe

_LEVELS = {level.word: level for level in Level}
_EFFECTS = {"write": Effect.WRITE, "money": Effect.MONEY}
_MODES = ("sandbox", "test", "live")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RULE_KEYS = ("name", "then", "why", "skills", "effects", "currencies", "accounts", "modes", "over", "up_to")
_CAP_KEYS = ("name", "per", "currency", "most", "skills", "modes")
_QUIET_KEYS = ("from", "to", "days", "then")
_Table = Mapping[str, Any]


class PolicyMistake(SettingsError):
    """A policy that cannot be used: nothing is written until it is mended, reads go on."""

    code = "policy_mistake"


class _At(Exception):
    """A mistake, and the table and key at which it is."""

    def __init__(self, says: str, table: str, number: int, key: str | None) -> None:
        super().__init__(says)
        self.says, self.table, self.number, self.key = says, table, number, key


def read_policy(text: str, *, file: str, skills: Collection[str]) -> Rules:
    """The rules that a file's text holds; `skills` are the names of those that write. Raises PolicyMistake."""
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise _mistake(file, f"{str(wrong)[:1].lower()}{str(wrong)[1:]}") from None
    try:
        return _rules(whole, skills)
    except _At as wrong:
        line = line_of(text, wrong.table, wrong.number, wrong.key)
        where = f"line {line}, key '{wrong.key}'" if wrong.key else f"line {line}"
        raise _mistake(file, f"{where}: {wrong.says}") from None


def _mistake(file: str, says: str) -> PolicyMistake:
    return PolicyMistake(
        f"The policy has a mistake, so nothing is written until it is mended: {file}, {says}.",
        field="PAYDESK_POLICY",
        next_step="Mend it, then run `paydesk policy check`.",
    )


def _rules(whole: _Table, skills: Collection[str]) -> Rules:
    top = _Reader(whole, "", 0, ("version", "time_zone", "rule", "cap", "quiet_hours"))
    if whole.get("version") != 1 or isinstance(whole.get("version"), bool):
        raise top.at("version", "must be there and be 1")
    zone = _zone(top)
    rules = [_rule(_Reader(one, "rule", n, _RULE_KEYS), skills) for n, one in enumerate(top.tables("rule"))]
    caps = [_cap(_Reader(one, "cap", n, _CAP_KEYS), skills) for n, one in enumerate(top.tables("cap"))]
    for kind, named in (("rule", rules), ("cap", caps)):
        names = [one.name for one in named]
        for number, name in enumerate(names):
            if name in names[:number]:
                raise _At("two of them have this name", kind, number, "name")
    quiet = whole.get("quiet_hours")
    if quiet is not None and not isinstance(quiet, dict):
        raise top.at("quiet_hours", "must be a table")
    return Rules(
        rules, caps, _quiet(_Reader(quiet, "quiet_hours", 0, _QUIET_KEYS)) if quiet is not None else None, zone
    )


def _rule(one: "_Reader", skills: Collection[str]) -> Rule:
    then: Level = one.choice("then", _LEVELS, needed=True)
    currencies = one.names("currencies", check=_currency)
    amounts = {key: one.amount(key, currencies) for key in ("over", "up_to")}
    name = one.text("name", needed=True)
    effects = one.names("effects", known=_EFFECTS)
    only_writes = effects is not None and set(effects) == {"write"}
    if then is Level.ALLOW and amounts["up_to"] is None and not only_writes:
        raise one.at("then", 'to allow without asking needs up_to and one currency, or effects = ["write"]')
    over, up_to = amounts["over"], amounts["up_to"]
    if over is not None and up_to is not None and over >= up_to:
        raise one.at("up_to", "must be more than over")
    return Rule(
        name=str(name),
        then=then,
        why=one.text("why") or f"the rule '{name}' says {then.word.replace('_', ' ')}",
        skills=one.names("skills", known=skills),
        effects=frozenset(_EFFECTS[effect] for effect in effects) if effects is not None else None,
        currencies=currencies,
        accounts=one.names("accounts", check=_account),
        modes=one.names("modes", known=_MODES),  # type: ignore[arg-type] # they were just held against the modes
        over_minor=over,
        up_to_minor=up_to,
    )


def _cap(one: "_Reader", skills: Collection[str]) -> CapRule:
    currency = one.text("currency", needed=True, check=_currency)
    per = one.choice("per", {"day": "day", "customer": "customer"}, needed=True)
    most = one.amount("most", frozenset({currency}), needed=True)
    return CapRule(
        name=one.text("name", needed=True),
        per=per,
        currency=currency,
        most_minor=int(most or 0),
        skills=one.names("skills", known=skills),
        modes=one.names("modes", known=_MODES),  # type: ignore[arg-type] # they were just held against the modes
    )


def _quiet(one: "_Reader") -> QuietHours:
    begins, ends = one.clock("from"), one.clock("to")
    if begins == ends:
        raise one.at("to", "must differ from 'from'")
    then = one.choice("then", {word: level for word, level in _LEVELS.items() if level > Level.ASK}, needed=True)
    days = one.names("days", known=_DAYS)
    chosen = frozenset(_DAYS.index(day) for day in (_DAYS if days is None else days))
    return QuietHours(begins, ends, then, chosen)


def _zone(top: "_Reader") -> tzinfo:
    from zoneinfo import ZoneInfo

    name = top.text("time_zone")
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise top.at("time_zone", "must be a name such as Europe/Berlin") from None


def _currency(text: str) -> str | None:
    known = re.fullmatch(r"[a-z]{3}", text) and is_currency(text)
    return None if known else "must be a currency's code in small letters, such as usd"


def _account(text: str) -> str | None:
    return None if re.fullmatch(r"acct_[A-Za-z0-9_]+", text) else "must be an account's id (acct_...)"


class _Reader:
    """One table of the file; every reading says what would be right where it is not."""

    def __init__(self, table: _Table, name: str, number: int, keys: tuple[str, ...]) -> None:
        self._table, self._name, self._number = table, name, number
        for key in table:
            if key not in keys:
                raise self.at(key, f"there is no such key here; known are {', '.join(keys)}")

    def at(self, key: str, says: str) -> _At:
        """The mistake at this key."""
        return _At(says, self._name, self._number, key if key in self._table else None if self._name else key)

    def missing(self, key: str) -> _At:
        """The mistake of leaving a key out."""
        return _At(f"'{key}' is missing", self._name, self._number, None)

    def tables(self, key: str) -> list[_Table]:
        """An array of tables, such as [[rule]]."""
        found = self._table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise self.at(key, f"must be written as [[{key}]]")
        return found

    def text(self, key: str, *, needed: bool = False, check: Callable[[str], str | None] | None = None) -> str:
        """A line of text, empty where it was left out."""
        value = self._table.get(key)
        if value is None:
            if needed:
                raise self.missing(key)
            return ""
        if not isinstance(value, str) or not 0 < len(value) <= 200 or not value.isprintable():
            raise self.at(key, "must be a line of text")
        if check is not None and (says := check(value)):
            raise self.at(key, says)
        return value

    def choice(self, key: str, of: Mapping[str, Any], *, needed: bool = False) -> Any:
        """One of the words given."""
        word = self.text(key, needed=needed)
        if word not in of:
            raise self.at(key, f"must be one of {', '.join(of)}")
        return of[word]

    def names(
        self, key: str, *, known: Collection[str] | None = None, check: Callable[[str], str | None] | None = None
    ) -> frozenset[str] | None:
        """A list of names, or None where it was left out. An empty list fits nothing, so it is a mistake."""
        value = self._table.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
            raise self.at(key, "must be a list of names that is not empty")
        for name in value:
            if known is not None and name not in known:
                raise self.at(key, f"'{name[:64]}' is not known; known are {', '.join(sorted(known))}")
            if check is not None and (says := check(name)):
                raise self.at(key, says)
        return frozenset(value)

    def amount(self, key: str, currencies: frozenset[str] | None, *, needed: bool = False) -> int | None:
        """An amount in major units of the one currency, as minor units."""
        text = self.text(key, needed=needed)
        if not text:
            return None
        if currencies is None or len(currencies) != 1:
            raise self.at(key, "an amount needs exactly one currency beside it")
        (currency,) = currencies
        minor = Decimal(text).scaleb(exponent(currency)) if re.fullmatch(r"\d{1,12}(\.\d{1,4})?", text) else None
        if minor is None or minor != int(minor):
            raise self.at(key, 'must be an amount in major units as text, such as "500.00"')
        return iso_to_stripe(int(minor), currency)

    def clock(self, key: str) -> time:
        """A time of day."""
        text = self.text(key, needed=True)
        match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", text)
        if match is None:
            raise self.at(key, 'must be a time of day, such as "22:00"')
        return time(int(match[1]), int(match[2]))
