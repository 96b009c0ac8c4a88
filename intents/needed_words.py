"""Which words a pattern cannot match without, read off the pattern itself.

`\\b(?:refund(?:ed|s)?|credit note)\\b` finds nothing in a text that has none of "refund", "refunded", "refunds" and
"credit". Looking for words in a set is many times cheaper than the search, and a set that comes from the pattern cannot
fall behind it. Whatever cannot be said for certain is left out; then there is no such set.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from paydesk.intents.words import words

#: A path through a pattern: the rarest whole word on it so far, and the run of letters that it ends in; a run is None
#: where it may be part of a longer one.
_State = tuple[str | None, str | None]
_States = frozenset[_State]
#: What one piece of a pattern makes of the run before it.
_Node = Callable[[str | None], _States]

_STATES_MOST: Final = 600
#: Words of every second sentence: they rule nothing out, so any other word serves better.
_FREQUENT: Final = words(
    """
    a an the i we you he she it they me us my our your is are was of in on at to for from by with and or not any all
    do does did have has how much many what which who when if that this show list give get last payment payments
    customer customers t s d m ll ve re n money date
    """
)
_QUANTIFIER: Final = re.compile(r"(?:[*+?]|\{(\d*)(?:,(\d*))?\})\??")
#: But for a last one that a quantifier is of.
_LETTERS: Final = re.compile(r"[a-z]+(?![*+?{])")
_LOOK: Final = re.compile(r"\(\?<?[=!]")
_GROUP: Final = re.compile(r"\((?:\?:|\?P<\w+>)?(?!\?)")
_CLASS: Final = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_SAME_AGAIN: Final = re.compile(r"\(\?P=\w+\)")
_NOT_BESIDE: Final = re.compile(r"\(\?<?!(?:\\[wS]|\[\\w[^\]]*\])\)")


class _Unsure(Exception):
    """The pattern holds something that this does not read."""


def needed_words(pattern: str) -> frozenset[str] | None:
    """Words, as `said_in` gives them, one of which stands in every lower-case text that `pattern` finds anything in.

    None where there is no such set: a way through the pattern holds no whole word, or it is not understood.
    """
    try:
        node, end = _choice(pattern, 0)
        found = node(None)
    except _Unsure:
        return None
    needed = frozenset(word for word, _ in found if word is not None)
    return needed if end == len(pattern) and all(word for word, _ in found) else None


def _rarer(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return one or other
    return min(one, other, key=_cost)


def _cost(word: str) -> tuple[bool, int]:
    return word in _FREQUENT, -len(word)


def _letters(letters: str) -> _Node:
    return lambda run: frozenset({(None, None if run is None else run + letters)})


def _edge(run: str | None) -> _States:
    """No run of letters goes on over this place."""
    return frozenset({(run or None, "")})


def _anything(_: str | None) -> _States:
    return frozenset({(None, None)})


def _nothing(run: str | None) -> _States:
    return frozenset({(None, run)})


def _of_character(character: str) -> _Node:
    if character.isalpha():
        return _letters(character)
    return _anything if character.isalnum() and not character.isdecimal() else _edge


def _after(states: _States, node: _Node) -> _States:
    following = {run: node(run) for run in {run for _, run in states}}
    found = frozenset((_rarer(word, more), end) for word, run in states for more, end in following[run])
    if len(found) > _STATES_MOST:  # how each way ends is forgotten, and if need be what was on it
        found = frozenset((word, None) for word, _ in found)
    return found if len(found) <= _STATES_MOST else frozenset({(None, None)})


def _either(nodes: list[_Node]) -> _Node:
    return nodes[0] if len(nodes) == 1 else cache(lambda run: frozenset().union(*(node(run) for node in nodes)))


def _sequence(nodes: list[_Node]) -> _Node:
    """One piece after the other; of the words on the way those are kept that are fewest and rarest together."""

    @cache
    def follow(run: str | None) -> _States:
        states: _States = frozenset({(None, run)})
        best: frozenset[str] | None = None
        for node in nodes:
            states = _after(states, node)
            met = frozenset(word for word, _ in states if word is not None)
            if all(word for word, _ in states):
                best = met if best is None else min(best, met, key=_cost_together)
                states = frozenset((None, end) for _, end in states)
        if best is None:
            return states
        return frozenset((word, end) for word in best for _, end in states)

    return follow


def _cost_together(found: frozenset[str]) -> int:
    return sum(100 if word in _FREQUENT else 1 for word in found)


def _repeated(node: _Node, *, least: int) -> _Node:
    """Any number of times: what the first time brings is certain, of further times only how they end."""

    def follow(run: str | None) -> _States:
        once = node(run)
        ends = {end for _, end in once}
        twice = {end for start in ends for _, end in node(start)}
        known = frozenset((word, end) for word, _ in once for end in (ends | twice if twice <= ends else {None}))
        return known | once | (frozenset() if least else _nothing(run))

    return follow


def _choice(pattern: str, place: int) -> tuple[_Node, int]:
    """The alternatives from `place` to the end of their group."""
    ways, nodes = [], list[_Node]()
    while place < len(pattern) and pattern[place] != ")":
        if pattern[place] == "|":
            ways.append(_sequence(nodes))
            nodes = []
            place += 1
            continue
        letters = _LETTERS.match(pattern, place)
        if letters:
            nodes.append(_letters(letters[0]))
            place = letters.end()
            continue
        node, place = _atom(pattern, place)
        counted = _QUANTIFIER.match(pattern, place)
        if counted:
            node, place = _counted(node, counted), counted.end()
        nodes.append(node)
    return _either([*ways, _sequence(nodes)]), place


def _counted(node: _Node, counted: re.Match[str]) -> _Node:
    sign = counted[0][0]
    if sign == "?" or (counted[1], counted[2]) == ("0", "1"):
        return _either([_nothing, node])
    return _repeated(node, least=1 if sign == "+" or (sign == "{" and counted[1] not in ("", "0")) else 0)


def _atom(pattern: str, place: int) -> tuple[_Node, int]:
    character = pattern[place]
    if character == "\\":
        return _escaped(pattern[place + 1]), place + 2
    if character == "[":
        found = _CLASS.match(pattern, place)
        if found is None:
            raise _Unsure
        return _of_class(found[0][1:-1]), found.end()
    if character == "(":
        return _group(pattern, place)
    if character in "^$":
        return _edge, place + 1
    return _anything if character == "." else _of_character(character), place + 1


def _group(pattern: str, place: int) -> tuple[_Node, int]:
    beside = _NOT_BESIDE.match(pattern, place)
    if beside:
        return _edge, beside.end()
    same = _SAME_AGAIN.match(pattern, place)
    if same:
        return _anything, same.end()
    look = _LOOK.match(pattern, place)
    opened = look or _GROUP.match(pattern, place)
    if opened is None:
        raise _Unsure
    node, end = _choice(pattern, opened.end())
    if end >= len(pattern):
        raise _Unsure
    if look:  # where a blank stands before, no run of letters goes on
        after_blank = look[0] == "(?<=" and pattern[end - 1] == " " and "|" not in pattern[opened.end() : end]
        return _edge if after_blank else _nothing, end + 1
    return node, end + 1


def _escaped(letter: str) -> _Node:
    if letter in "wSD":
        return _anything
    if letter in "bWsd":
        return _edge
    if letter.isalnum():
        raise _Unsure
    return _of_character(letter)


def _of_class(inside: str) -> _Node:
    plain = re.sub(r"\\([^\w])", r"\1", inside)
    if not inside.startswith("^") and not _LETTER.search(re.sub(r"\\[ds]", "", inside)):
        return _edge
    if inside.startswith("^") or "\\" in plain or re.search(r"\w-\w", plain):
        return _edge if inside in ("0-9", r"\d", r"\s") else _anything
    nodes = [_of_character(character) for character in sorted(set(plain))]
    return _edge if all(node is _edge for node in nodes) else _either(nodes)
