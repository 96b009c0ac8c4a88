"""Plain words in, an answer, a proposal or a question out."""

from typing import Annotated

from pydantic import Field

from paydesk.skills.answer import Answer
from paydesk.skills.base import Desk, Effect, Strict, skill


class Params(Strict):
    text: Annotated[str, Field(min_length=1, max_length=2_000)]
    conversation: Annotated[str | None, Field(max_length=64, description="From the last answer")] = None


@skill(
    effect=Effect.READ,
    toolset="desk",
    examples=({"text": "show failed payments over 50 dollars from last month"},),
    title="Ask the desk",
)
async def ask(params: Params, desk: Desk) -> Answer:
    """Ask in plain words; a write becomes a proposal that a person must approve."""
    return await desk.ask(params.text, params.conversation)
