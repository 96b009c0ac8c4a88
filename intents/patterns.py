"""Regular expressions that are compiled when first used: all of them at once would cost an importer 150 ms."""

import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, reduce
from operator import or_
from typing import Any, Final, Generic, TypeVar, cast

from paydesk.intents.words import said_in

_MADE: list["_Lazy"] = []
_ORDERED: list["Ordered[Any]"] = []
_Meaning = TypeVar("_Meaning")
#: Finds in a lower-case text the bits of all the patterns of which a needed word is there.
_Possible = Callable[[str], int]

#: Sets of words of which an `Ordered` keeps what is likely with them; they are few, as people say much the same.
_KEPT_MOST = 1024
#: The bit of a pattern that can be found in any text, or of which it is not known yet.
_ALWAYS = -1


class _Lazy:
    """Stands for a pattern; the first use of a method compiles it and keeps the compiled methods."""

    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags
        _MADE.append(self)

    # What `prepare` and the first use put here; declared for who reads the types.
    search: Callable[..., object]
    match: Callable[..., object]
    fullmatch: Callable[..., object]
    finditer: Callable[..., object]
    sub: Callable[..., str]
    compiled: re.Pattern[str]

    def __getattr__(self, name: str) -> object:
        compiled = re.compile(_factored(self._text), self._flags)
        for method in ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "pattern"):
            setattr(self, method, getattr(compiled, method))
        self.compiled = compiled
        return getattr(compiled, name)

    def prepare(self) -> None:
        """Compile it now, if that was not done."""
        if "pattern" not in self.__dict__:
            self.__getattr__("pattern")


def lazy(text: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern of `text`, compiled at its first use. A broken one raises re.error there, which the tests meet."""
    return cast(re.Pattern[str], _Lazy(text, flags))


class _Worded(_Lazy):
    """Once guarded it looks for the words that its pattern cannot match without before it searches."""

    guard: tuple[_Possible, int] | None = None

    def __init__(self, text: str, part: str) -> None:
        super().__init__(text, 0)
        self.part = part

    def stand_behind(self, possible: _Possible, bit: int) -> None:
        """Search from now on only where `possible` tells the `bit` of this pattern."""
        self.guard = possible, bit
        if bit == _ALWAYS:
            return
        ways = _Ways(self._text) if self.compiled.groups == 0 else None
        if ways is not None and ways.are_many:
            self.search = ways.search
        for method in ("search", "match", "fullmatch"):
            setattr(self, method, _unless_without(possible, bit, getattr(self, method), None))
        self.finditer = _unless_without(possible, bit, self.finditer, ())
        self.sub = _unchanged_without(possible, bit, self.sub)


class _Words:
    """For each word the bits of the patterns that can be found where it is.

    One look at one table for each word of a text rules out most patterns; a set of words for each pattern would be
    looked at for each of them, and lie all over the memory.
    """

    def __init__(self) -> None:
        self._bits: dict[str, int] = {}
        self._given = 0
        self.possible: _Possible = lru_cache(maxsize=64)(self._possible)

    def bit_of(self, pattern: str) -> int:
        """The bit of a pattern; all are given out before `possible` is first called, which keeps what it found."""
        from paydesk.intents.needed_words import needed_words

        needed = needed_words(pattern)
        if needed is None:
            return _ALWAYS
        bit = 1 << self._given
        self._given += 1
        for word in needed:
            self._bits[word] = self._bits.get(word, 0) | bit
        return bit

    def _possible(self, text: str) -> int:
        return reduce(or_, filter(None, map(self._bits.get, said_in(text))), 0)


#: Fewer alternatives than this are looked for together.
_MANY: Final = 6


class _Ways:
    """The alternatives of a pattern without groups, of which only those are looked for that have a word in the text."""

    def __init__(self, text: str) -> None:
        from paydesk.intents.needed_words import needed_words

        self._ways: list[tuple[int, re.Pattern[str]]] = []
        self._bits: dict[str, int] = {}
        self._kept: dict[int, list[re.Pattern[str]]] = {}
        alternatives = _alternatives(text)
        self.are_many = len(alternatives) >= _MANY
        for place, way in enumerate(alternatives if self.are_many else ()):
            needed = needed_words(way)
            bit = _ALWAYS if needed is None else 1 << place
            for word in needed or ():
                self._bits[word] = self._bits.get(word, 0) | bit
            self._ways.append((bit, re.compile(way)))

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """What the pattern finds: the first in the text, and of several at one place that of the first alternative."""
        found, bits = None, reduce(or_, filter(None, map(self._bits.get, said_in(text))), 0)
        kept = self._kept.get(bits)
        if kept is None:
            kept = [way for bit, way in self._ways if bit & bits or bit == _ALWAYS]
            if len(self._kept) < _KEPT_MOST:
                self._kept[bits] = kept
        for way in kept:
            match = way.search(text, start, end)
            if match and (found is None or match.start() < found.start()):
                found = match
        return found


def _unless_without(
    possible: _Possible, bit: int, look: Callable[..., object], nothing: object
) -> Callable[..., object]:
    def looked(text: str, start: int = 0, end: int = sys.maxsize) -> object:
        return look(text, start, end) if possible(text) & bit else nothing

    return looked


def _unchanged_without(possible: _Possible, bit: int, substitute: Callable[..., str]) -> Callable[..., str]:
    def substituted(by: str, text: str) -> str:
        return substitute(by, text) if possible(text) & bit else text

    return substituted


def worded(text: str, part: str = "") -> re.Pattern[str]:
    """As `lazy`, for a pattern that is searched for in whole gists and seldom found.

    After `compile_all` it is not tried where none of the words that it needs is in the text. Those are read off the
    pattern, and the words of a text are kept while it is looked at; for a piece cut out of a text, `lazy` is faster.
    They are read off `part` where the rest of the pattern is known to be met.
    """
    return cast(re.Pattern[str], _Worded(text, part or text))


def may_be_found(pattern: re.Pattern[str], gist: str) -> bool:
    """Whether a pattern made by `worded` could be found in the gist or in what is left of it, by its words alone."""
    guard = cast(_Worded, pattern).guard
    return guard is None or guard[0](gist) & guard[1] != 0 or guard[1] == _ALWAYS


class Ordered(Generic[_Meaning]):
    """Patterns in the order in which they are tried, each with what it means.

    After `compile_all`, `likely` leaves out those of which no needed word is in the text.
    """

    def __init__(self, ways: Iterable[tuple[_Meaning, str]]) -> None:
        self._texts = tuple(ways)
        self._ways = [(meaning, lazy(text)) for meaning, text in self._texts]
        self._guard: tuple[_Possible, int] | None = None
        self._bits: list[int] = []
        self._kept: dict[int, list[tuple[_Meaning, re.Pattern[str]]]] = {}
        _ORDERED.append(self)

    def __iter__(self) -> Iterator[tuple[_Meaning, re.Pattern[str]]]:
        return iter(self._ways)

    def likely(self, gist: str) -> list[tuple[_Meaning, re.Pattern[str]]]:
        """Those that may be found in the text, in their order."""
        if self._guard is None:
            return self._ways
        possible, every = self._guard
        bits = possible(gist) & every
        kept = self._kept.get(bits)
        if kept is None:
            kept = [way for way, bit in zip(self._ways, self._bits, strict=True) if bit == _ALWAYS or bit & bits]
            if len(self._kept) < _KEPT_MOST:
                self._kept[bits] = kept
        return kept

    def bits(self, words: _Words) -> list[int]:
        """The bits of its patterns in their order."""
        return [words.bit_of(text) for _, text in self._texts]

    def stand_behind(self, possible: _Possible, bits: list[int]) -> None:
        """Leave out from now on what `possible` does not tell the bit of."""
        self._bits = bits
        self._guard = possible, sum(bit for bit in bits if bit != _ALWAYS)

    @property
    def is_guarded(self) -> bool:
        """Whether its words are known."""
        return self._guard is not None


class Likely(Generic[_Meaning]):
    """Some of the patterns made by `worded`, each with what it means, in the order in which they are tried.

    As `Ordered.likely`; a pattern may be in several of these.
    """

    def __init__(self, ways: Iterable[tuple[_Meaning, re.Pattern[str]]]) -> None:
        self._ways = list(ways)
        self._guard: tuple[_Possible, int] | None = None
        self._kept: dict[int, list[tuple[_Meaning, re.Pattern[str]]]] = {}

    def __call__(self, gist: str) -> list[tuple[_Meaning, re.Pattern[str]]]:
        """Those that may be found in the text, in their order."""
        guard = self._guard or self._guarded()
        if guard is None:
            return self._ways
        bits = guard[0](gist) & guard[1]
        kept = self._kept.get(bits)
        return self._keep(bits) if kept is None else kept

    def _guarded(self) -> tuple[_Possible, int] | None:
        guards = [cast(_Worded, pattern).guard for _, pattern in self._ways]
        known = [guard for guard in guards if guard is not None]
        if not known or len(known) < len(guards) or any(guard[0] is not known[0][0] for guard in known):
            return None  # bits of two tables say nothing together
        self._guard = known[0][0], reduce(or_, (bit for _, bit in known if bit != _ALWAYS), 0)
        return self._guard

    def _keep(self, bits: int) -> list[tuple[_Meaning, re.Pattern[str]]]:
        found = []
        for meaning, pattern in self._ways:
            one = cast(_Worded, pattern)
            if one.guard is None or one.guard[1] == _ALWAYS or one.guard[1] & bits:
                found.append((meaning, one.compiled))
        if len(self._kept) < _KEPT_MOST:
            self._kept[bits] = found
        return found


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


def compile_all(stopped: Callable[[], bool] = lambda: False) -> None:
    """Compile every pattern and read off the words it needs, for who reads many sentences and times each.

    It may run in a thread beside others that parse: no pattern stands behind its words before all words are known.
    Of several threads one does it, and the others find it done. Once `stopped` says so, what is left is left undone.
    """
    while not _COMPILING.acquire(timeout=_LOOK_AGAIN_S):
        if stopped():
            return
    try:
        _compile_all(stopped)
    finally:
        _COMPILING.release()


_COMPILING: Final = threading.Lock()
_LOOK_AGAIN_S: Final = 0.1


def _compile_all(stopped: Callable[[], bool]) -> None:
    words = _Words()
    worded: list[_Worded] = []
    bits: list[int] = []
    for pattern in tuple(_MADE):
        if stopped():
            return
        pattern.prepare()
        if isinstance(pattern, _Worded) and pattern.guard is None:
            worded.append(pattern)
            bits.append(words.bit_of(pattern.part))
    ordered = [(one, one.bits(words)) for one in tuple(_ORDERED) if not (stopped() or one.is_guarded)]
    for one, bit in zip(worded, bits, strict=True):
        one.stand_behind(words.possible, bit)
    for several, theirs in ordered:
        several.stand_behind(words.possible, theirs)
