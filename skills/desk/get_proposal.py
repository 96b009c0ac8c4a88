"""What became of one proposed write."""

from typing import Annotated

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Outcome, Strict, skill


class Params(Strict):
    proposal: Annotated[str, Field(min_length=1, max_length=64)]


@skill(
    effect=Effect.READ,
    toolset="desk",
    says=("what became of {proposal}", "show proposal {proposal}", "was {proposal} approved"),
    examples=({"proposal": "prop_7h2kq0v9m3xd"},),
)
async def get_proposal(params: Params, desk: Desk) -> Outcome:
    """Show whether a proposed write waits, was done, failed or was rejected."""
    return await desk.proposal(params.proposal)
