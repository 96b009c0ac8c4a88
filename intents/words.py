"""Word lists and small tables written as text, and the words of a text."""

import re
from functools import lru_cache
from typing import Final


def words(text: str) -> frozenset[str]:
    """The words of `text`, separated by white space, as a set."""
    return frozenset(text.split())


_LETTERS: Final = re.compile(r"[^\W\d_]+")
_PLAIN_LETTERS: Final = re.compile(r"[a-z]+")  # takes half the time


@lru_cache(maxsize=64)
def said_in(low: str) -> frozenset[str]:
    """The runs of letters of a lower-case text: what is not among them, no pattern that wants a whole word can find."""
    return frozenset((_PLAIN_LETTERS if low.isascii() else _LETTERS).findall(low))


@lru_cache(maxsize=64)
def lexes_in(gist: str) -> frozenset[str]:
    """What stands between the blanks of a gist: its words, marks and punctuation."""
    return frozenset(gist.split(" "))


def pairs(text: str) -> dict[str, str]:
    """ "ca:cad hong_kong:hkd" as a dict; an underscore stands for a space within a key."""
    table = {}
    for pair in text.split():
        key, _, value = pair.rpartition(":")
        table[key.replace("_", " ")] = value
    return table
