"""The writes that wait for a person, and those that ended lately."""

from collections import Counter
from datetime import datetime

from paydesk.skills.base import Desk, Effect, Outcome, ProposalState, Result, Strict, skill
from paydesk.skills.reading import Limit


class Params(Strict):
    state: ProposalState | None = None
    limit: Limit = 10


class ProposalRow(Result):
    """One proposal, without the result that get_proposal shows."""

    proposal_id: str
    state: ProposalState
    says: str
    approve: str | None = None
    expires_at: datetime | None = None

    def line(self) -> str:
        """The proposal in words."""
        return f"{self.proposal_id} {self.state}: {self.says}"


class Proposals(Result):
    """Proposals of this caller and account, newest first; `counts` by state are of those looked at."""

    proposals: list[ProposalRow]
    has_more: bool
    counts: dict[ProposalState, int]
    looked_at: int
    asked_for: ProposalState | None = None

    def sentence(self) -> str:
        """How many are in which state."""
        if not self.counts:
            return f"No {self.asked_for} proposals." if self.asked_for else "No proposals."
        total = sum(self.counts.values())
        states = ", ".join(f"{count} {state}" for state, count in self.counts.items())
        shown = f" The newest {len(self.proposals)} are shown." if self.has_more else ""
        return f"{total} proposal{'' if total == 1 else 's'}: {states}.{shown}"

    def lines(self) -> list[str]:
        """One line a proposal."""
        return [proposal.line() for proposal in self.proposals]


@skill(
    effect=Effect.READ,
    toolset="desk",
    says=("what waits for approval", "show {state} proposals", "list proposals", "what is still to be approved"),
    examples=({}, {"state": "waiting"}),
)
async def list_proposals(params: Params, desk: Desk) -> Proposals:
    """List the newest proposed writes and what became of them."""
    known = await desk.proposals()
    kept = [one for one in known if params.state in (None, one.state)]
    return Proposals(
        proposals=[_row(outcome) for outcome in kept[: params.limit]],
        has_more=len(kept) > params.limit,
        counts=dict(Counter(outcome.state for outcome in kept)),
        looked_at=len(known),
        asked_for=params.state,
    )


def _row(outcome: Outcome) -> ProposalRow:
    return ProposalRow(
        proposal_id=outcome.proposal_id,
        state=outcome.state,
        says=outcome.says,
        approve=outcome.approve,
        expires_at=outcome.expires_at,
    )
