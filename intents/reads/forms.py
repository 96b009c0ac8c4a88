"""Questions that have to be the whole sentence in one of a few plain forms, and what may stand around such a form."""

import re
from typing import Final

from paydesk.intents.patterns import Ordered
from paydesk.intents.reads import frames
from paydesk.intents.sentence import Sentence

#: What asks for a thing that follows: "show me all our", "do we have any", "which".
ASK: Final = (
    r"(?:please |hey |hi |ok |can you |could you |(?:i|we) (?:want|need) to |i'd like to )*"
    r"(?:(?:show|list|give|get|find|see|view|tell|pull up|display|which|what|what are|what's|are there|is there|do we"
    r" have|have we(?: got)?|got)(?: me| us)? )?(?:all |the |our |my |any |last |latest |recent |of |kind of "
    r"|sort of )*"
)
#: What may stand behind it: "do we have", "in our account".
END: Final = (
    r"(?: (?:please|now|do (?:we|i) have(?: got)?|have (?:we|i)(?: got)?|(?:which |that )?(?:we|i)(?:'ve| have)?"
    r" (?:got|have|use|offer)|(?:which |that )?(?:are|is) (?:there|set up|in use|active|on offer)|there(?: are)?|exist"
    r"|set up|in use|on file|currently|so far|(?:are )?(?:in|on) (?:our|the|my) (?:account|books|system|stripe account"
    r")|in stripe|with us|do (?:we|i) (?:use|offer|run)))*(?: [.!?])*$"
)
WHEN: Final = r"(?: (?:from |in |since |for |of |on )?<date>)?"

#: Each form with the skill that it asks for and its number.
Forms = Ordered[tuple[str, int]]


def forms(ways: tuple[tuple[str, str], ...]) -> Forms:
    """The forms of skills, each a pattern for the sentence up to its end."""
    return Ordered(((skill, number), pattern + END) for number, (skill, pattern) in enumerate(ways))


def matching(table: Forms, sentence: Sentence, offered: frozenset[str]) -> tuple[str, Sentence, "re.Match[str]"] | None:
    """The skill whose form the sentence is, among those that are offered, with the sentence that is it.

    That is the sentence itself or the question in it, without what leads up to one.
    """
    found = _matching(table, sentence, offered)
    bare = frames.unframed(sentence) if found is None else None
    return _matching(table, bare, offered) if bare is not None else found


def _matching(
    table: Forms, sentence: Sentence, offered: frozenset[str]
) -> tuple[str, Sentence, "re.Match[str]"] | None:
    for (skill, _), pattern in table.likely(sentence.gist):
        match = pattern.match(sentence.gist) if skill in offered else None
        if match:
            return skill, sentence, match
    return None
