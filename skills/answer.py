"""What a sentence in plain words is answered with."""

from collections.abc import Sequence

from pydantic import Field

from paydesk.skills.base import Json, Result
from paydesk.skills.chart import Chart


class Answer(Result):
    """What became of a sentence: the skill that answered with its result, or a question, or neither.

    `choices` are answers that the question takes; `more` holds what else was asked for, each with its own skill,
    arguments and result; `referents` tells what words such as "it" were taken for; `next` are sentences that this desk
    understands next.
    """

    says: str
    skill: str | None = None
    arguments: Json | None = None
    question: str | None = None
    choices: list[str] | None = Field(None, description="What the question may be answered with")
    result: Json | None = None
    more: list[Json] | None = Field(None, description="Further answers, where several things were asked")
    referents: list[str] | None = Field(None, description="What words such as it or her were taken for")
    next: list[str] | None = Field(None, description="What may be asked next")
    conversation: str | None = Field(None, description="Give it back to go on")
    text_lines: list[str] = Field(default_factory=list, exclude=True)
    drawn: Chart | None = Field(None, exclude=True)

    def sentence(self) -> str:
        """The answer in words."""
        return self.says

    def lines(self) -> Sequence[str]:
        """The lines of the skill that answered."""
        return self.text_lines

    def drawing(self) -> Chart | None:
        """The chart of the skill that answered."""
        return self.drawn


def together(answers: list[Answer]) -> Answer:
    """Several answers as one: the first with its result, the others after it."""
    first, others = answers[0], answers[1:]
    told = [one for one in others if one.result is not None]
    return Answer(
        says=" ".join(one.says for one in answers),
        skill=first.skill,
        arguments=first.arguments,
        result=first.result,
        question=next((one.question for one in answers if one.question), None),
        choices=next((one.choices for one in answers if one.question), None),
        referents=[word for one in answers for word in one.referents or ()] or None,
        next=list(dict.fromkeys(word for one in answers for word in one.next or ()))[:3] or None,
        more=[{"skill": one.skill, "arguments": one.arguments, "result": one.result} for one in told] or None,
        text_lines=[line for one in answers for line in one.lines()],
        drawn=next((one.drawn for one in answers if one.drawn), None),
    )
