"""The one entrance: a sentence in, its meaning out. Pure: the time is an argument, and nothing is called."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Final

from paydesk.intents import lexicon, questions, readings, router, sentence
from paydesk.intents.entities.dates import DateMention
from paydesk.intents.entities.money import MoneyMention
from paydesk.intents.patterns import compile_all
from paydesk.intents.readings import Unclear
from paydesk.intents.words import words

#: Longer texts are not sentences for a pay desk, and reading them could take long.
MAX_CHARACTERS: Final = 2_000
#: Skills that every desk has besides those that the router always knows.
USUALLY_OFFERED: Final = words(
    """
    finalize_invoice send_invoice create_invoice create_payment_link list_coupons list_payment_methods list_tax_rates
    list_bank_accounts list_credit_notes
    """
)


@dataclass(frozen=True)
class Parsed:
    """What a sentence means.

    `skill` is a skill's name, "clarify" (`question` says what to ask first) or None (not for the desk, or nothing may
    be done). `entities` holds amounts in minor units and ISO dates, only what was said. `missing` names required slots
    that were not said. `confidence` is 0 to 1. `us` is the time taken in microseconds. `unclear` holds the words that
    the question is about with their readings, where it offers some.
    """

    skill: str | None
    entities: dict[str, object] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    question: str | None = None
    confidence: float = 0.0
    money: list[MoneyMention] = field(default_factory=list)
    dates: list[DateMention] = field(default_factory=list)
    us: int = 0
    unclear: Unclear | None = None

    def as_json(self) -> dict[str, object]:
        """The answer of `paydesk parse` without the caller's `id`; the same keys, in the same order."""
        return {
            "skill": self.skill,
            "entities": self.entities,
            "missing": self.missing,
            "question": self.question,
            "confidence": self.confidence,
            "money": [mention.as_json() for mention in self.money],
            "dates": [mention.as_json() for mention in self.dates],
            "us": self.us,
        }


def parse(
    text: str,
    *,
    now: datetime,
    names: Sequence[str] = (),
    phrases: Mapping[str, Sequence[str]] | None = None,
    offered: frozenset[str] = USUALLY_OFFERED,
    zone: tzinfo = UTC,
) -> Parsed:
    """What `text` asks for, said at `now` (a naive time is taken as one of `zone`), where it is the time of `zone`.

    `names` are customers' names, masked before anything is read into them. `phrases` are the skills' example phrases;
    they support a choice and never make one. `offered` names skills beyond the usual ones (`void_invoice`): without
    one, a sentence about such a thing is one that no skill answers. Raises nothing for any text.
    """
    begun = time.perf_counter_ns()
    today = (now.astimezone(zone) if now.tzinfo else now).date()
    if len(text) > MAX_CHARACTERS:
        return Parsed(None, question=questions.for_doubt("too_long", {}), us=_since(begun))
    read = sentence.read(text, today, names)
    route = router.route(read, phrases, offered)
    unclear = readings.unclear(read, route.doubt) if route.doubt else None
    if unclear:
        route.question = questions.told_to(route.entities, unclear.question())
    if read.origin:
        _point_back(read, read.origin)
    return Parsed(
        route.skill,
        route.entities,
        route.missing,
        route.question,
        round(route.confidence, 2),
        read.money,
        [mention for mention in read.dates if not mention.doubtful],
        _since(begun),
        unclear,
    )


def warm() -> None:
    """Do now what the first sentences would pay for: compile every pattern and load the repair of slips."""
    compile_all()
    lexicon.repaired("paymnts")


def _point_back(read: sentence.Sentence, origin: Callable[[int], int]) -> None:
    """Spans lead into the text as it was typed, not as it was mended."""
    read.money = [replace(one, start=origin(one.start), end=origin(one.end)) for one in read.money]
    read.dates = [replace(one, start_pos=origin(one.start_pos), end_pos=origin(one.end_pos)) for one in read.dates]


def _since(begun: int) -> int:
    return (time.perf_counter_ns() - begun) // 1_000
