"""What has to happen before a write may be sent: the words of it. The rules themselves stand in policy_rules.py.

From the loosest to the strictest: allow, ask, ask_out_of_band, two_people, forbid. An answer given inside the client
comes from the client, which may answer by itself (MCP leaves that to the host), so what matters is asked outside of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Literal, Protocol, Self

from paydesk.skills.base import Effect, Json, Mode, Stake


class Way(StrEnum):
    """Where a person is asked."""

    IN_CLIENT = "in_client"
    OUT_OF_BAND = "out_of_band"


Via = Literal["form elicitation", "page", "terminal"]

# Which way each means of answering is. An URL elicitation ends on our page, so its answer comes from there.
WAY_OF: Mapping[str, Way] = {
    "form elicitation": Way.IN_CLIENT,
    "page": Way.OUT_OF_BAND,
    "terminal": Way.OUT_OF_BAND,
}


class Level(IntEnum):
    """What a rule says, in order of strictness."""

    ALLOW = 0
    ASK = 1
    ASK_OUT_OF_BAND = 2
    TWO_PEOPLE = 3
    FORBID = 4

    @property
    def word(self) -> str:
        """As it is written in policy.toml."""
        return self.name.lower()


@dataclass(frozen=True)
class Subject:
    """What a policy decides on: one write, as far as rules may tell writes apart."""

    skill: str
    effect: Effect
    account: str
    mode: Mode
    moves: Stake | None = None
    customer: str | None = None


@dataclass(frozen=True)
class Demand:
    """What the policy asks for one write: the ways that count as a yes, from how many people, and the reason in words.

    `people` is 0 where the operator allowed it without asking. It is stored with the proposal, so that a change of
    policy never loosens what already waits.
    """

    ways: frozenset[Way]
    why: str
    people: int = 1
    rule: str = "every write asks"

    @property
    def only_out_of_band(self) -> bool:
        """Whether an answer from inside the client does not count."""
        return Way.IN_CLIENT not in self.ways

    def and_also(self, other: "Demand") -> "Demand":
        """The stricter of both, in each respect."""
        stricter = other if (other.people, -len(other.ways)) > (self.people, -len(self.ways)) else self
        ways = self.ways & other.ways
        return Demand(ways, stricter.why, max(self.people, other.people), stricter.rule)

    def as_json(self) -> Json:
        """The demand as it is stored."""
        return {"ways": sorted(self.ways), "why": self.why, "people": self.people, "rule": self.rule}

    @classmethod
    def from_json(cls, stored: Json) -> Self:
        """The demand as it was stored; rows of older versions ask one person."""
        return cls(
            ways=frozenset(Way(way) for way in stored["ways"]),
            why=str(stored["why"]),
            people=int(stored.get("people", 1)),
            rule=str(stored.get("rule", "every write asks")),
        )


def demand_of(level: Level, why: str, rule: str) -> Demand:
    """What a level below FORBID asks for."""
    ways = frozenset(Way) if level <= Level.ASK else frozenset({Way.OUT_OF_BAND})
    people = {Level.ALLOW: 0, Level.TWO_PEOPLE: 2}.get(level, 1)
    return Demand(ways, why, people, rule)


@dataclass(frozen=True)
class Cap:
    """At most so much within a day: of all writes it is about, or of each customer's."""

    name: str
    per: Literal["day", "customer"]
    currency: str
    most_minor: int
    since: datetime  # when this day began
    skills: frozenset[str] | None = None


class Policy(Protocol):
    """Decides what one write demands."""

    def demand(self, subject: Subject, now: datetime) -> Demand:
        """What has to happen before it may be sent. Raises NotAllowed where it is forbidden, SettingsError where the
        policy cannot be read."""
        ...

    def caps(self, subject: Subject, now: datetime) -> tuple[Cap, ...]:
        """The caps that this write counts towards. Raises SettingsError where the policy cannot be read."""
        ...
