"""Times of day beside dates: "since 9am", "yesterday at 3pm", "until 5pm Berlin time".

The skills take whole days in UTC. A time without a zone belongs to its day, which is then looked at as a whole and said
so; a time with a zone is a question, since the day that it falls on may be another in UTC.
"""

import re
from datetime import date
from typing import Final

from paydesk.intents.entities import periods
from paydesk.intents.entities.date_words import Atom
from paydesk.intents.patterns import lazy

_ZONE: Final = (
    r"(?: (?:in )?(?:the )?(?P<zone>(?:utc|gmt)(?: ?[+-] ?[0-9]{1,2}(?::?[0-9]{2})?)?|[cew]es?t|[ecmp][sd]?t|bst|ist"
    r"|msk|jst|kst|sgt|hkt|wib|a[ec][sd]t|nz[sd]t|akst|hst|brt"
    r"|(?:eastern|central|mountain|pacific)(?: (?:standard|daylight))?(?: time)?|[a-z]+/[a-z_]+(?:/[a-z_]+)?"
    r"|(?!the |this |that |same |any |last |first |next |each |every |some |full |my |our |your |local |which |what )"
    r"[a-z]+(?: [a-z]+)? time)(?![a-z]))?"
)
_CLOCK = lazy(
    r"(?<![\w:.$€£-])(?:(?:at|@|around|about) )?(?:"
    r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?(?: ?[ap]\.?m\b\.?)?|(?:1[0-2]|0?[1-9]) ?[ap]\.?m\b\.?"
    r"|(?:1[0-2]|[1-9]) o'clock|(?:12 )?(?:noon|midday|midnight))(?: (?:sharp|local time|my time|our time))?(?![\w:])"
    + _ZONE,
    re.IGNORECASE,
)
#: Cheap to look at first.
_MAY = lazy(r"[0-9](?: ?[ap]\.?m\b|:[0-9]{2}| o'clock)")
_TO_THE_LEFT = lazy(
    r",?(?: (?:from|between|since|until|till|before|after|by|to|and|through|,))* ?(?:-|–)? ?", re.IGNORECASE
)
_TO_THE_RIGHT = lazy(r",?(?: (?:on|of|the))* ?(?:(?:to|until|till|and) |- ?|– ?)?", re.IGNORECASE)
_BETWEEN = lazy(r"\b(?:between|from) $", re.IGNORECASE)


def may_hold(low: str, *, digit: bool = True) -> bool:
    """Whether a lower-case text has something that a time of day is written with; `digit` says if it may hold one."""
    return (digit and _MAY.search(low) is not None) or "noon" in low or "midday" in low or "midnight" in low


def settled(text: str, atoms: list[Atom], today: date) -> list[Atom]:
    """The dates with the times that stand beside them; a time alone is one of today's."""
    if not may_hold(text.lower()):
        return atoms
    found = sorted(atoms, key=lambda atom: atom.start)
    clocks = [match for match in _CLOCK.finditer(text) if not any(_overlap(match, atom) for atom in found)]
    while beside := [match for match in clocks if _joins(text, match, found)]:
        # "between 2pm and 4pm yesterday": the first stands beside the second once that is part of the day.
        clocks = [match for match in clocks if match not in beside]
    found += [Atom(periods.day(today), *match.span(), clock=True, zoned=match["zone"] is not None) for match in clocks]
    found.sort(key=lambda atom: atom.start)
    for atom in found:
        opened = _BETWEEN.search(text, max(0, atom.start - 10), atom.start) if atom.clock else None
        atom.start = opened.start() if opened else atom.start
    return found


def _overlap(match: re.Match[str], atom: Atom) -> bool:
    return atom.start < match.end() and match.start() < atom.end


def _joins(text: str, match: re.Match[str], atoms: list[Atom]) -> bool:
    """Whether the time stands beside a day, of which it then is a part."""
    start, end = match.span()
    left = next((atom for atom in reversed(atoms) if atom.end <= start), None)
    right = next((atom for atom in atoms if atom.start >= end), None)
    if left is not None and _TO_THE_LEFT.fullmatch(text, left.end, start) and _is_one_day(left):
        left.end = end
    elif right is not None and _TO_THE_RIGHT.fullmatch(text, end, right.start) and _is_one_day(right):
        left, right.start = right, start
    else:
        return False
    left.clock, left.zoned = True, left.zoned or match["zone"] is not None
    return True


def _is_one_day(atom: Atom) -> bool:
    return atom.period.grain == "day"
