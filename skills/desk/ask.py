"""Ask the desk in plain words: it answers, proposes a write, or asks back."""

from typing import Annotated

from pydantic import Field

from paydesk.skills.base import Answer, Desk, Effect, Strict, skill


class Params(Strict):
    text: Annotated[str, Field(min_length=1, max_length=2000)]


@skill(
    effect=Effect.READ,
    toolset="desk",
    says=(),
    examples=({"text": "show failed payments over 1k from last week"}, {"text": "refund the last payment of Jane Doe"}),
)
async def ask(params: Params, desk: Desk) -> Answer:
    """Ask in plain words; answers, proposes a write for approval, or asks back."""
    return await desk.ask(params.text)
