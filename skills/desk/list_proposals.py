"""The writes that wait for a person, and those that ended lately."""

from collections import Counter
from datetime import datetime

from paydesk.skills import reading
from paydesk.skills.base import Desk, Effect, Outcome, ProposalState, Strict, skill


class Params(Strict):
    state: ProposalState | None = None
    limit: reading.Limit = 10
    detail: reading.ListDetail = "concise"


class ProposalRow(reading.Row):
    """One proposal, without the result that get_proposal shows."""

    proposal_id: str
    state: ProposalState
    says: str
    approve: str | None = None
    expires_at: datetime | None = None

    def line(self) -> str:
        """The proposal in words."""
        return f"{self.proposal_id} {self.state}: {self.says}"


class Proposals(reading.Listed):
    """Proposals of this caller and account, newest first; `counts` by state are of those looked at."""

    proposals: list[ProposalRow]
    counts: dict[ProposalState, int]

    def told(self) -> list[str]:
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
    kept = [_row(one) for one in known if params.state in (None, one.state)]
    shown = kept[: params.limit]
    counts = Counter(row.state for row in kept)
    return Proposals(
        proposals=shown,
        has_more=len(kept) > params.limit,
        counts=dict(counts),
        looked_at=len(known),
        says=_sentence(params.state, counts, len(shown)),
    )


def _sentence(state: ProposalState | None, counts: Counter[ProposalState], shown: int) -> str:
    """How many are in which state."""
    total = sum(counts.values())
    if not total:
        return f"No {state} proposals." if state else "No proposals."
    states = ", ".join(f"{count} {name}" for name, count in counts.items())
    more = f" The newest {shown} are shown." if total > shown else ""
    return f"{total} proposal{'' if total == 1 else 's'}: {states}.{more}"


def _row(outcome: Outcome) -> ProposalRow:
    return ProposalRow(
        proposal_id=outcome.proposal_id,
        state=outcome.state,
        says=outcome.says,
        approve=outcome.approve,
        expires_at=outcome.expires_at,
    )
