"""Two things in one sentence: several questions, questions and a command, or several commands.

A sentence is cut only where each piece stands by itself: "payments from Jane and Bob" and "between March and April"
stay whole, because what follows the "and" is neither a question nor a command nor a thing of the desk.
"""

from collections.abc import Callable
from typing import Final

from paydesk.intents import gates, lexicon
from paydesk.intents.parse import Parsed
from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence
from paydesk.intents.writes import commands

PIECES_MOST: Final = 4

_CUT = lazy(
    r" (?:(?:[,;.?!] )+(?:(?:and|also|then|plus) )*|(?:(?:and|plus|also) )(?:(?:also|then|please|after that|, ) ?)*)"
)
_STANDS = lazy(
    r"(?:please |can you |could you |tell me |let me know )*(?:what|what's|which|who|who's|how|when|where"
    r"|show|list|find|get|give"
    r"|tell|search|is|are|was|were|do|does|did|has|have|any|compare|count|check|look up|pull up|display|see|view)(?!\S)"
)
_THING = lazy(
    r"(?:the |my |our |all |any |<date> |failed |open |unpaid |latest |last |recent |active |pending "
    r"|declined )*(?P<thing>[\w-]+)"
)

Understand = Callable[[str], Parsed]


def may_be_cut(sentence: Sentence) -> bool:
    """False where what stands in one part may govern the other: refusals, conditions, hearsay, notes."""
    gist = sentence.gist
    if gates.is_injected(gist) or gates.is_noted(gist) or gates.is_negated(gist):
        return False
    found = commands.find_commands(gist)
    governed = gates.has_condition(gist) or gates.is_hypothetical(gist) or gates.asks_advice(gist)
    return not found or not (governed or gates.is_reported(gist) or gates.is_statement(gist))


def pieces(sentence: Sentence, understand: Understand) -> list[str]:
    """The pieces of a sentence that asks several things, in its order; fewer than two where it is one.

    `understand` reads a piece. Every piece asks or commands something of its own; pieces that only read come first to
    no harm, and a command is never made of what was one with its neighbours.
    """
    cuts = [
        (match.start(), match.end())
        for match in _CUT.finditer(sentence.gist)
        if match.end() < len(sentence.gist) and _begins(sentence.gist, match.end())
    ]
    if not cuts or len(cuts) >= PIECES_MOST:
        return []
    texts = []
    begin = 0
    for start, end in [*cuts, (len(sentence.gist), len(sentence.gist))]:
        first, last = sentence.index_at(begin), sentence.index_at(start - 1) + 1
        # A question mark belongs to the piece it ends.
        texts.append(sentence.text[sentence.tokens[first].start : sentence.tokens[last - 1].end])
        begin = end
    texts = _with_shared_dates(texts, sentence)
    read = [understand(text) for text in texts]
    whole = all(one.skill is not None for one in read)
    return texts if whole and len({(one.skill, str(one.entities)) for one in read}) > 1 else []


def _begins(gist: str, position: int) -> bool:
    if _STANDS.match(gist, position):
        return True
    if commands.find_commands(gist[position:]):
        return True
    thing = _THING.match(gist, position)
    return (
        thing is not None
        and lexicon.THINGS.get(thing["thing"]) in _LISTED
        and thing["thing"].endswith(("s", "balance"))
    )


_LISTED: Final = frozenset(
    {"payment", "charge", "refund", "customer", "subscription", "invoice", "dispute", "payout", "product", "balance"}
)


def _with_shared_dates(texts: list[str], sentence: Sentence) -> list[str]:
    """ "refunds and disputes last month": a date at the end of things in a row is said of each."""
    if len(sentence.dates) != 1 or not sentence.of("date"):
        return texts
    token = sentence.of("date")[-1]
    date = sentence.text[token.start : token.end]
    last = texts[-1].rstrip(" ?.!")
    bare = not _STANDS.match(last.lower()) and not commands.find_commands(last.lower())
    if not last.endswith(date) or not bare:
        return texts
    return [text if date in text else f"{text} {date}" for text in texts]
