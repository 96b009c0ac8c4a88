"""Regular expressions that are compiled when first used: all of them at once would cost an importer 150 ms."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar, cast

from paydesk.intents.words import said_in

_MADE: list["_Lazy"] = []
_ORDERED: list["Ordered[Any]"] = []
_Meaning = TypeVar("_Meaning")


class _Lazy:
    """Stands for a pattern; the first use of a method compiles it and keeps the compiled methods."""

    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags
        _MADE.append(self)

    # What `prepare` and the first use put here; declared for who reads the types.
    search: Callable[..., object]
    match: Callable[..., object]
    finditer: Callable[..., object]
    sub: Callable[..., str]

    def __getattr__(self, name: str) -> object:
        compiled = re.compile(_factored(self._text), self._flags)
        for method in ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "pattern"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)

    def prepare(self) -> None:
        """Compile it now."""
        self.__getattr__("pattern")


def lazy(text: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern of `text`, compiled at its first use. A broken one raises re.error there, which the tests meet."""
    return cast(re.Pattern[str], _Lazy(text, flags))


class _Worded(_Lazy):
    """Once prepared it looks for the words that its pattern cannot match without before it searches."""

    def prepare(self) -> None:
        from paydesk.intents.needed_words import needed_words

        super().prepare()
        needed = needed_words(self._text)
        if needed is not None:
            for method in ("search", "match"):
                setattr(self, method, _unless_without(needed, getattr(self, method), None))
            self.finditer = _unless_without(needed, self.finditer, ())
            self.sub = _unchanged_without(needed, self.sub)


def _unless_without(needed: frozenset[str], look: Callable[..., object], nothing: object) -> Callable[..., object]:
    has_none = needed.isdisjoint

    def looked(text: str, start: int = 0, end: int = sys.maxsize) -> object:
        return nothing if has_none(said_in(text)) else look(text, start, end)

    return looked


def _unchanged_without(needed: frozenset[str], substitute: Callable[..., str]) -> Callable[..., str]:
    has_none = needed.isdisjoint

    def substituted(by: str, text: str) -> str:
        return text if has_none(said_in(text)) else substitute(by, text)

    return substituted


def worded(text: str) -> re.Pattern[str]:
    """As `lazy`, for a pattern that is searched for in whole gists and seldom found.

    After `compile_all` it is not tried where none of the words that it needs is in the text. Those are read off the
    pattern, and the words of a text are kept while it is looked at; for a piece cut out of a text, `lazy` is faster.
    """
    return cast(re.Pattern[str], _Worded(text, 0))


class Ordered(Generic[_Meaning]):
    """Patterns in the order in which they are tried, each with what it means.

    After `compile_all`, `likely` leaves out those of which no needed word is in the text.
    """

    def __init__(self, ways: Iterable[tuple[_Meaning, str]]) -> None:
        self._texts = tuple(ways)
        self._ways = [(meaning, lazy(text)) for meaning, text in self._texts]
        self._by_word: dict[str, frozenset[int]] | None = None
        self._always = frozenset[int]()
        self._always_tried = self._ways
        _ORDERED.append(self)

    def __iter__(self) -> Iterator[tuple[_Meaning, re.Pattern[str]]]:
        return iter(self._ways)

    def likely(self, gist: str) -> list[tuple[_Meaning, re.Pattern[str]]]:
        """Those that may be found in the text, in their order."""
        if self._by_word is None:
            return self._ways
        words = self._by_word.keys() & said_in(gist)
        if not words:
            return self._always_tried
        places = self._always.union(*[self._by_word[word] for word in words])
        return [self._ways[place] for place in sorted(places)]

    def prepare(self) -> None:
        from paydesk.intents.needed_words import needed_words

        needs = [needed_words(text) for _, text in self._texts]
        self._always = frozenset(place for place, needed in enumerate(needs) if needed is None)
        self._always_tried = [self._ways[place] for place in sorted(self._always)]
        self._by_word = {
            word: frozenset(place for place, needed in enumerate(needs) if word in (needed or ()))
            for word in frozenset().union(*filter(None, needs))
        }


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
    """Compile every pattern and read off the words it needs, for who reads many sentences and times each."""
    for pattern in tuple(_MADE):
        pattern.prepare()
    for ordered in tuple(_ORDERED):
        ordered.prepare()
