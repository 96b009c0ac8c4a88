"""The rules of a policy, and which of them decides.

Of all rules that fit a write the strictest decides; their order means nothing. Where none fits, a person is asked. In
live mode every write is asked about out of band, unless a rule that fits names live mode itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, tzinfo
from typing import Literal

from paydesk.server.errors import NotAllowed
from paydesk.server.gate.policy import Cap, Demand, Level, Subject, demand_of
from paydesk.skills.base import Effect, Mode


@dataclass(frozen=True)
class Rule:
    """One rule. A condition that is None fits everything; amounts are minor units of the only currency named."""

    name: str
    then: Level
    why: str
    skills: frozenset[str] | None = None
    effects: frozenset[Effect] | None = None
    currencies: frozenset[str] | None = None
    accounts: frozenset[str] | None = None
    modes: frozenset[Mode] | None = None
    over_minor: int | None = None
    up_to_minor: int | None = None

    def fits(self, subject: Subject) -> bool:
        """Whether this rule is about that write."""
        given = (
            (self.skills, subject.skill),
            (self.effects, subject.effect),
            (self.accounts, subject.account),
            (self.modes, subject.mode),
        )
        if any(wanted is not None and value not in wanted for wanted, value in given):
            return False
        if self.currencies is not None and (subject.moves is None or subject.moves.currency not in self.currencies):
            return False
        return self._amount_fits(subject)

    def _amount_fits(self, subject: Subject) -> bool:
        amount = None if subject.moves is None else abs(subject.moves.amount_minor)
        if self.over_minor is not None and (amount is None or amount <= self.over_minor):
            return False
        if self.up_to_minor is not None:
            return amount is not None and amount <= self.up_to_minor
        # Allowing without a bound never covers money, also money that the plan cannot put into a figure.
        return self.then is not Level.ALLOW or (amount is None and subject.effect is Effect.WRITE)


@dataclass(frozen=True)
class QuietHours:
    """Hours of a day, and days of the week, in the policy's time zone, in which a stricter level holds."""

    begins: time
    ends: time
    then: Level
    days: frozenset[int] = frozenset(range(7))

    def hold(self, local: datetime) -> bool:
        """Whether it is quiet at this local time; a span over midnight belongs to the day on which it began."""
        at = local.time().replace(tzinfo=None)
        if self.begins < self.ends:
            return self.begins <= at < self.ends and local.weekday() in self.days
        if at >= self.begins:
            return local.weekday() in self.days
        return at < self.ends and (local.weekday() - 1) % 7 in self.days


@dataclass(frozen=True)
class CapRule:
    """A cap as it is written."""

    name: str
    per: Literal["day", "customer"]
    currency: str
    most_minor: int
    skills: frozenset[str] | None = None
    modes: frozenset[Mode] | None = None


@dataclass(frozen=True)
class Decision:
    """What holds for one write: the level, the rule that says so and its reason, and every other rule that fitted."""

    level: Level
    rule: str
    why: str
    others: tuple[str, ...] = ()


EVERY_WRITE_ASKS = Rule("every write asks", Level.ASK, "every write is approved by a person")
LIVE_OUT_OF_BAND = Rule(
    "live mode", Level.ASK_OUT_OF_BAND, "what is written in live mode is approved outside of the chat"
)


@dataclass(frozen=True)
class Rules:
    """A whole policy; without arguments the one that holds where the operator wrote none."""

    rules: Sequence[Rule] = ()
    caps_written: Sequence[CapRule] = ()
    quiet: QuietHours | None = None
    zone: tzinfo = field(default=UTC)

    def decide(self, subject: Subject, now: datetime) -> Decision:
        """Which rule decides for this write at this moment (UTC)."""
        fitting = [rule for rule in self.rules if rule.fits(subject)]
        if subject.mode == "live" and not any(rule.modes and "live" in rule.modes for rule in fitting):
            fitting.append(LIVE_OUT_OF_BAND)
        if not fitting:
            fitting = [EVERY_WRITE_ASKS]
        if self.quiet is not None and self.quiet.hold(now.astimezone(self.zone)):
            until = f"{self.quiet.begins:%H:%M} to {self.quiet.ends:%H:%M}"
            fitting.append(Rule("quiet hours", self.quiet.then, f"it is within quiet hours, {until} {self.zone}"))
        strictest = max(fitting, key=lambda rule: rule.then)
        others = tuple(f"{rule.name}: {rule.then.word}" for rule in fitting if rule is not strictest)
        return Decision(strictest.then, strictest.name, strictest.why, others)

    def demand(self, subject: Subject, now: datetime) -> Demand:
        """What has to happen before this write may be sent. Raises NotAllowed where it is forbidden."""
        decision = self.decide(subject, now)
        if decision.level is Level.FORBID:
            raise NotAllowed(
                f"The desk's policy forbids this: {decision.why} (rule '{decision.rule}').",
                code="forbidden_by_policy",
                next_step="Nothing was sent; the operator of this desk can change its policy.",
            )
        return demand_of(decision.level, decision.why, decision.rule)

    def caps(self, subject: Subject, now: datetime) -> tuple[Cap, ...]:
        """The caps that this write counts towards, for the day that it is in the policy's time zone."""
        if subject.moves is None or not subject.moves.amount_minor:
            return ()
        midnight = now.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return tuple(
            Cap(
                cap.name,
                cap.per,
                cap.currency,
                cap.most_minor,
                midnight,
                cap.skills,
            )
            for cap in self.caps_written
            if cap.currency == subject.moves.currency
            and (cap.skills is None or subject.skill in cap.skills)
            and (cap.modes is None or subject.mode in cap.modes)
        )
