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
    """One proposal: `says` is what it is about, or what it did; get_proposal shows the rest.

    `approve`, where and how a person approves it, stands here with detail `full` only.
    """

    proposal_id: str
    state: ProposalState
    says: str
    approve: str | None = None
    expires_at: datetime | None = None

    def line(self) -> str:
        """The proposal in words."""
        until = f" until {self.expires_at:%Y-%m-%d %H:%M} UTC" if self.expires_at else ""
        how = f" {self.approve}." if self.approve else ""
        return f"{self.proposal_id} {self.state}{until}: {self.says}{how}"


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
    in_full = reading.wants(params.detail, "approve")
    kept = [_row(one, in_full=in_full) for one in known if params.state in (None, one.state)]
    shown = kept[: params.limit]
    counts = Counter(row.state for row in kept)
    return Proposals(
        proposals=shown,
        has_more=len(kept) > params.limit,
        counts=dict(counts),
        looked_at=len(known),
        says=_sentence(params.state, counts, shown),
    )


def _sentence(state: ProposalState | None, counts: Counter[ProposalState], shown: list[ProposalRow]) -> str:
    """How many are in which state, and what a person does about those that wait."""
    total = sum(counts.values())
    if not total:
        return f"No {state} proposals." if state else "No proposals."
    known = f"{total} {f'{state} ' if state else ''}proposal{'' if total == 1 else 's'}"
    states = "" if state else ": " + ", ".join(f"{count} {name}" for name, count in counts.items())
    newest = f"{len(shown)} are" if len(shown) != 1 else "is"
    more = f" The newest {newest} shown." if total > len(shown) else ""
    how = " A person approves one with `paydesk approve ID`." if any(row.state == "waiting" for row in shown) else ""
    return f"{known}{states}.{more}{how}"


def _row(outcome: Outcome, *, in_full: bool) -> ProposalRow:
    done = outcome.state == "succeeded"
    return ProposalRow(
        proposal_id=outcome.proposal_id,
        state=outcome.state,
        says=outcome.says if done else outcome.what or outcome.says,
        approve=outcome.approve if in_full else None,
        expires_at=outcome.expires_at,
    )
