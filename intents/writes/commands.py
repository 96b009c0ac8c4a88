"""Imperatives: which write a clause commands, if it truly commands one.

A command begins its clause (after "please", "can you", "I want to" and the like) with a verb in its base form and has
an object or a target. Nouns ("the refund failed"), past forms and third persons never match.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from paydesk.intents.patterns import Likely, lazy
from paydesk.intents.words import lexes_in, said_in, words
from paydesk.intents.writes.command_forms import FRAMES
from paydesk.intents.writes.openers import opener_end

_STOP = lazy(r"[,;:.!?+&/–—-]")
_JOINS: Final = words("and then also so plus afterwards after but")
_CLAUSE = lazy(r"(?:^|[,;:.!?–—-](?: \()?| [+&/] |\b(?:and|then|also|so|plus|afterwards|after that|but)\b) ?")


class Command(NamedTuple):
    """A write commanded at `start` of the gist; `object_at` is where its object begins."""

    skill: str
    start: int
    object_at: int


#: Finds a command in the clause of a gist that begins and ends at two places.
More = Callable[[str, int, int], Command | None]
_BARE_VERB = lazy(r"(?:please )?(?P<verb>refund|charge|subscribe|unsubscribe|cancel)(?: please)?[ .!?]*")
_BARE: Final = {"refund": "refund_payment", "charge": "create_payment", "subscribe": "create_subscription"}


def find_commands(gist: str, more: More | None = None) -> list[Command]:
    """The commands of a sentence, one a clause at most, in order; `more` knows further ones, and is asked first."""
    return list(_found(gist, more))


@lru_cache(maxsize=64)
def _found(gist: str, more: More | None) -> tuple[Command, ...]:
    return tuple(_find(gist, more))


def _clause_starts(gist: str) -> list[int]:
    # Most sentences are one clause, with at most a stop as their last token.
    if _STOP.search(gist, 0, len(gist) - 1) is None and _JOINS.isdisjoint(said_in(gist)):
        return [0]
    return [clause.end() for clause in _CLAUSE.finditer(gist)]


def _find(gist: str, more: More | None) -> list[Command]:
    found: list[Command] = []
    bare = _BARE_VERB.fullmatch(gist) if len(said_in(gist)) <= 2 else None
    if bare:
        return [Command(_BARE.get(bare["verb"], "cancel_subscription"), bare.start("verb"), len(gist))]
    for clause_start in _clause_starts(gist):
        start = opener_end(gist, clause_start)
        if found and start <= found[-1].object_at:
            continue
        if gist.startswith("<n>", start) or not (gist[start : start + 1].isalpha() or gist.startswith("<", start)):
            continue  # no command begins so, and a text of dashes has a thousand clauses
        command = _command_at(gist, start, more)
        if command:
            found.append(command)
    return found


_BEGINS = lazy(r"[a-z]+")


_HEADS: Final = frozenset().union(*[first for _, first, _ in FRAMES if first is not None])


def _frames_for(word: str) -> Likely[str]:
    """The frames that a clause beginning with `word` can match, in their order."""
    if word not in _HEADS:
        letters = _BEGINS.match(word)  # "refund-please"
        word = letters[0] if letters and letters[0] in _HEADS else ""
    return _frames_of(word)


@lru_cache(maxsize=512)
def _frames_of(word: str) -> Likely[str]:
    letters = _BEGINS.match(word)
    said = {word, letters[0] if letters else word}
    return Likely((skill, pattern) for skill, first, pattern in FRAMES if first is None or not said.isdisjoint(first))


def _command_at(gist: str, start: int, more: More | None) -> Command | None:
    stop = _clause_end(gist, start)
    further = more(gist, start, stop) if more else None
    if further:
        return further
    verb_end = gist.find(" ", start)
    for skill, pattern in _frames_for(gist[start:verb_end] if verb_end > 0 else gist[start:])(gist):
        match = pattern.match(gist, start, stop)
        if match:
            return Command(skill, start, len(gist) if verb_end < 0 else verb_end + 1)
    return None


_BREAK = lazy(r" (?:[;.!?]|and then|then|because|since|as (?:it|he|she|they|we|this)|due to)(?: |$)")


_BREAKS: Final = words("; . ! ? and then because since as due")


def _clause_end(gist: str, start: int) -> int:
    if _BREAKS.isdisjoint(lexes_in(gist)):
        return len(gist)
    match = _BREAK.search(gist, start)
    return match.start() if match else len(gist)
