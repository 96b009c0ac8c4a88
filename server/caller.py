"""Who calls, and how far their words reach."""

from dataclasses import dataclass, field, replace

from paydesk.skills.base import Effect, Skill


@dataclass(frozen=True)
class Bound:
    """One limit on which skills may be seen and used. None means no limit of that kind.

    `toolsets` and `tools` add up; `excluded` wins over both; `read_only` leaves nothing but reads.
    """

    toolsets: frozenset[str] | None = None
    tools: frozenset[str] | None = None
    excluded: frozenset[str] = frozenset()
    read_only: bool = False
    unlisted: frozenset[str] = frozenset()

    def names(self, skill: Skill) -> bool:
        """Whether the skill, or its toolset, is asked for by name."""
        return skill.toolset in (self.toolsets or ()) or skill.name in (self.tools or ())

    def allows(self, skill: Skill) -> bool:
        """Whether the skill lies within this bound."""
        if skill.name in self.excluded or (self.read_only and skill.effect is not Effect.READ):
            return False
        if self.toolsets is None and self.tools is None:
            return True
        return self.names(skill)


@dataclass(frozen=True)
class Scope:
    """All bounds at once: the operator's flags first, then what a request asks. Bounds are only ever added."""

    bounds: tuple[Bound, ...] = ()

    def allows(self, skill: Skill) -> bool:
        """Whether every bound allows it."""
        return all(bound.allows(skill) for bound in self.bounds)

    def lists(self, skill: Skill) -> bool:
        """Whether it stands on the list of tools, which every model pays for: allowed, and not left off it."""
        left_off = any(skill.name in bound.unlisted for bound in self.bounds)
        return self.allows(skill) and (not left_off or any(bound.names(skill) for bound in self.bounds))

    def may_list(self, name: str) -> bool:
        """False where the name alone tells that `lists` would be, so that the skill need not be loaded."""
        by_name = any(name in bound.unlisted for bound in self.bounds)
        return not by_name or any(bound.toolsets or bound.tools for bound in self.bounds)

    def within(self, bound: Bound) -> "Scope":
        """This scope, narrowed by one more bound."""
        return Scope((*self.bounds, bound))


@dataclass(frozen=True)
class Caller:
    """The principal of a call (`local`, `token:3f9a...`), the skills they may use, and whether their client can ask.

    A write that only an approval out of band can end is given more time.
    """

    principal: str
    scope: Scope = field(default_factory=Scope)
    asked_in_client: bool = True

    def within(self, bound: Bound) -> "Caller":
        """The same principal with a narrower scope."""
        return replace(self, scope=self.scope.within(bound))
