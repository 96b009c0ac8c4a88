"""What has to happen before a write may be sent.

This version knows two rules: every write asks a person, and money in live mode is asked about outside of the chat,
because an answer given inside comes from the client, which may answer by itself (MCP leaves that to the host).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol, Self

from paydesk.skills.base import Effect, Json, Mode, Plan, Skill


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


@dataclass(frozen=True)
class Demand:
    """What the policy asks for one write: the ways that count as a yes, and the reason in words.

    It is stored with the proposal, so that a change of policy never loosens what already waits.
    """

    ways: frozenset[Way]
    why: str

    @property
    def only_out_of_band(self) -> bool:
        """Whether an answer from inside the client does not count."""
        return Way.IN_CLIENT not in self.ways

    def as_json(self) -> Json:
        """The demand as it is stored."""
        return {"ways": sorted(self.ways), "why": self.why}

    @classmethod
    def from_json(cls, stored: Json) -> Self:
        """The demand as it was stored."""
        return cls(ways=frozenset(Way(way) for way in stored["ways"]), why=str(stored["why"]))


class Policy(Protocol):
    """Decides what one write demands."""

    def demand(self, skill: Skill, plan: Plan[Any], *, mode: Mode) -> Demand:
        """What has to happen before this plan may be sent."""
        ...


class EveryWriteAsks:
    """The policy where the operator wrote none."""

    def demand(self, skill: Skill, plan: Plan[Any], *, mode: Mode) -> Demand:
        """In live mode money is asked about out of band only; everything else either way."""
        money = skill.effect is Effect.MONEY or plan.moves is not None
        if mode == "live" and money:
            return Demand(frozenset({Way.OUT_OF_BAND}), "money in live mode is approved outside of the chat")
        return Demand(frozenset(Way), "every write is approved by a person")
