"""How a proposed write stands."""

from typing import Annotated

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Outcome, Strict, skill


class Params(Strict):
    proposal: Annotated[str, Field(min_length=4, max_length=64)]


@skill(
    effect=Effect.READ,
    toolset="desk",
    says=("what became of {proposal}", "was the refund approved"),
    examples=({"proposal": "prop_0123456789ab"},),
)
async def get_proposal(params: Params, desk: Desk) -> Outcome:
    """Get a proposed write: waiting for a person, done with its result, or not done and why."""
    return await desk.proposal(params.proposal)
