"""The words that a pattern of commands can begin with, so that most patterns need not be tried on most clauses."""

import re
from typing import Final

from paydesk.intents.patterns import worded

# A group of plain alternatives at the very beginning, not optional and not repeated.
_GROUP: Final = re.compile(r"\((?:\?:|\?P<\w+>)((?:[^()\\]|\\.)*)\)(?![?*{])")
_PLAIN: Final = re.compile(r"[a-z<>' -]+")
# What may stand before it says nothing of the first word; after it, words that may be left out begin with a blank.
_LOOKS: Final = re.compile(r"(?:\(\?[!=](?:[^()\\]|\\.|\((?:[^()\\]|\\.|\([^()]*\))*\))*\))+")
_LEFT_OUT: Final = re.compile(r"(?:\(\?:(?: [a-z ]+\|?)+\)\?)+(?= )")


def heads(pattern: str) -> frozenset[str] | None:
    """The first words of texts that `pattern` can match, or None where they cannot be told from its beginning."""
    return _headed(pattern)[0]


def _headed(pattern: str) -> tuple[frozenset[str] | None, str]:
    """The first words of texts that `pattern` can match, and the pattern of what follows them."""
    looks = _LOOKS.match(pattern)
    pattern = pattern[looks.end() :] if looks else pattern
    group = _GROUP.match(pattern)
    if group:
        choices = group[1].split("|")
        left_out = _LEFT_OUT.match(pattern, group.end())
        after = pattern[left_out.end() if left_out else group.end() :][:1]
    else:
        plain = _PLAIN.match(pattern)
        if not plain or " " not in plain[0]:
            return None, pattern
        choices, after = [plain[0]], " "
    found: set[str] = set()
    for choice in choices:
        for said in _spelled(choice):
            first, gap, _ = said.partition(" ")
            # Without a blank after it the word may go on: "subscri(?:be|bing)".
            if not first or not _PLAIN.fullmatch(first) or not (gap or after in (" ", "\\")):
                return None, pattern
            found.add(first)
    return frozenset(found), pattern[group.end() :] if group else pattern.partition(" ")[2]


def frame(skill: str, pattern: str, end: str = "") -> tuple[str, frozenset[str] | None, re.Pattern[str]]:
    """What a pattern of commands says, the words that it can begin with, and the pattern.

    It stands behind the words that it needs besides those that it can begin with.
    """
    first, rest = _headed(pattern)
    return skill, first, worded(pattern + end, rest + end)


def word_at(gist: str, start: int) -> str:
    """The word of a gist that begins at `start`."""
    end = gist.find(" ", start)
    return gist[start:] if end < 0 else gist[start:end]


def _spelled(choice: str) -> list[str]:
    """Every spelling of a word with optional letters and letters to choose: "enroll?", "finali[sz]e"."""
    optional = re.search(r"([a-z-])\?", choice)
    if optional:
        head, tail = choice[: optional.start()], choice[optional.end() :]
        return _spelled(head + tail) + _spelled(head + optional[1] + tail)
    either = re.search(r"\[([a-z]+)\]", choice)
    if either:
        head, tail = choice[: either.start()], choice[either.end() :]
        return [said for letter in either[1] for said in _spelled(head + letter + tail)]
    return [choice]
