"""The writes that wait for a person, and those that ended lately."""

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Outcome, ProposalState, Result, Strict, skill
from paydesk.skills.reading import Limit


class Params(Strict):
    state: ProposalState | None = None
    limit: Limit = 10


class Proposals(Result):
    """Proposals of this principal, newest first."""

    proposals: list[Outcome]
    has_more: bool
    says: str = Field(exclude=True)

    def sentence(self) -> str:
        """How many there are, and how many wait."""
        return self.says

    def lines(self) -> list[str]:
        """One line a proposal."""
        return [f"{one.proposal_id} {one.state}: {one.says}" for one in self.proposals]


@skill(
    effect=Effect.READ,
    toolset="desk",
    says=("what waits for approval", "show my proposals", "pending approvals"),
    examples=({"state": "waiting"},),
)
async def list_proposals(params: Params, desk: Desk) -> Proposals:
    """List proposed writes and their states, newest first."""
    found = [one for one in await desk.proposals() if params.state in (None, one.state)]
    waiting = sum(one.state == "waiting" for one in found)
    shown = found[: params.limit]
    many = f"{len(found)} proposal{'' if len(found) == 1 else 's'}"
    return Proposals(
        proposals=shown,
        has_more=len(found) > len(shown),
        says=f"{many}, {waiting} of them waiting for a person." if found else "There are no proposals.",
    )
