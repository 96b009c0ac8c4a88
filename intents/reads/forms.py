"""Questions that have to be the whole sentence in one of a few plain forms, and what may stand around such a form."""

import re
from typing import Final

from paydesk.intents.patterns import Ordered
from paydesk.intents.reads import frames
from paydesk.intents.sentence import Sentence
from paydesk.intents.words import said_in, words

#: What asks for a thing that follows: "show me all our", "do we have any", "which".
ASK: Final = (
    r"(?:please |hey |hi |ok |can you |could you |(?:i|we) (?:want|need|would like|'d like)(?: to)? "
    r"|i'd like(?: to)? )*"
    r"(?:(?:show|list|give|get|find|see|view|tell|pull up|display|obtain|provide|retrieve|fetch|determine"
    r"|find out|which|what|what are|what's|are there|is there|do we"
    r" have|have we(?: got)?|got)(?: me| us)? )?(?:all |the |our |my |any |last |latest |recent |of |kind of "
    r"|sort of )*"
)
#: What may stand behind it: "do we have", "in our account".
END: Final = (
    r"(?: (?:please|now|do (?:we|i) have(?: got)?|have (?:we|i)(?: got)?|(?:which |that )?(?:we|i)(?:'ve| have)?"
    r" (?:got|have|use|offer)|(?:which |that )?(?:are|is) (?:there|set up|in use|active|on offer)|there(?: are)?|exist"
    r"|(?:currently )?(?:defined|configured)|set up|in use|on file|currently|so far|(?:are )?(?:in|on) (?:our|the"
    r"|my) (?:account|books|system|stripe account"
    r")|in stripe|with us|do (?:we|i) (?:use|offer|run)))*(?: [.!?])*$"
)
WHEN: Final = r"(?: (?:from |in |since |for |of |on )?<date>)?"

#: Each form with the skill that it asks for and its number.
Forms = Ordered[tuple[str, int]]


def forms(ways: tuple[tuple[str, str], ...]) -> Forms:
    """The forms of skills, each a pattern for the sentence up to its end."""
    return Ordered(((skill, number), f"^(?:{pattern}){END}") for number, (skill, pattern) in enumerate(ways))


def matching(table: Forms, sentence: Sentence, offered: frozenset[str]) -> tuple[str, Sentence, "re.Match[str]"] | None:
    """The skill whose form the sentence is, among those that are offered, with the sentence that is it.

    That is the sentence itself or the question in it, without what leads up to one.
    """
    found = _matching(table, sentence, offered)
    if found is not None or _HINTS.isdisjoint(said_in(sentence.gist)):
        return found
    bare = frames.unframed(sentence)
    return _matching(table, bare, offered) if bare is not None else None


# What leads up to a question is looked for only where it may be about one of these.
_HINTS: Final = words(
    """
    coupon coupons codes card cards methods credit quote quotes bank where rates reader readers transfers events
    happened fraud suspicious evidence tax convert
    """
)


def _matching(
    table: Forms, sentence: Sentence, offered: frozenset[str]
) -> tuple[str, Sentence, "re.Match[str]"] | None:
    for (skill, _), pattern in table.likely(sentence.gist):
        match = pattern.match(sentence.gist) if skill in offered else None
        if match:
            return skill, sentence, match
    return None
