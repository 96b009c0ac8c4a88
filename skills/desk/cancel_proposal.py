"""Withdraw a write that still waits for a person."""

from typing import Annotated

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Outcome, Strict, skill


class Params(Strict):
    proposal: Annotated[str, Field(min_length=1, max_length=64)]


@skill(
    effect=Effect.DESK,
    toolset="desk",
    says=("withdraw {proposal}", "cancel {proposal}", "take proposal {proposal} back"),
    examples=({"proposal": "prop_7h2kq0v9m3xd"},),
)
async def cancel_proposal(params: Params, desk: Desk) -> Outcome:
    """Withdraw a proposed write that still waits; nothing is sent, and nothing needs a yes."""
    return await desk.cancel_proposal(params.proposal)
