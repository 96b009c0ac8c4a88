"""Regular expressions that are compiled when first used: all of them at once would cost an importer 150 ms."""

import re
from typing import cast

_MADE: list["_Lazy"] = []


class _Lazy:
    """Stands for a pattern; the first use of a method compiles it and keeps the compiled methods."""

    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags
        _MADE.append(self)

    def __getattr__(self, name: str) -> object:
        compiled = re.compile(_factored(self._text), self._flags)
        for method in ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "pattern"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazy(text: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern of `text`, compiled at its first use. A broken one raises re.error there, which the tests meet."""
    return cast(re.Pattern[str], _Lazy(text, flags))


def _factored(text: str) -> str:
    """A pattern each of whose alternatives begins at a word's edge, with that edge looked for once instead of in each.

    At most places of a sentence no word begins, and there the one look is all; it finds what the original finds.
    """
    choices = _alternatives(text)
    if len(choices) < 2 or not all(choice.startswith(r"\b") for choice in choices):
        return text
    return rf"\b(?:{'|'.join(choice[2:] for choice in choices)})"


def _alternatives(text: str) -> list[str]:
    """The alternatives of a pattern that stand in no group."""
    found, depth, begin, place = [], 0, 0, 0
    while place < len(text):
        letter = text[place]
        if letter == "\\":
            place += 1
        elif letter == "[":
            place = text.index("]", place + 2)
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == "|" and not depth:
            found.append(text[begin:place])
            begin = place + 1
        place += 1
    return [*found, text[begin:]]


def compile_all() -> None:
    """Compile every pattern now, for who reads many sentences and times each."""
    for pattern in tuple(_MADE):
        pattern.__getattr__("pattern")
