"""Where the public date set follows rules other than the desk's, so that its rows cannot count against it.

Each rule looks at a row's text, at the ranges it expects and at ours, and is exact: a row is set aside only if the one
difference is the rule named. `RULES` is the list that docs/understanding.md repeats.
"""

import re
from datetime import date, timedelta
from typing import Any, Final

Range = tuple[date | None, date | None]

RULES: Final = {
    "last day": "a range is written without its last day, month or year (ours holds it: until includes)",
    "rolling": "the last N days end yesterday, or are N whole weeks, or a single day (ours: N days with today)",
    "upcoming": "the upcoming N weeks are the Nth week alone (ours: all N)",
    "two readings": "03/04 is read the American way (ours asks)",
    "forward": "this Monday, a weekday or a date without a year lies ahead or behind otherwise than ours",
    "point": "a month or a length of time stands for one day (ours: the whole of it)",
    "strict": "the row tests a mode in which no date is read",
    "part": "the middle, the end, the rest of a year or month are cut elsewhere",
    "edge": "after a year includes it, through a year leaves it out (ours: after X begins when X is over)",
    "eve": "a Jewish holiday begins on the evening before (ours: the day itself)",
}
_TWO = re.compile(r"(?<![\d/.-])(0?[1-9]|1[0-2])[/.-](0?[1-9]|1[0-2])(?![\d])")
_PART = re.compile(
    r"\b(?:mid|middle|end|eoy|earl\w+|late\w*|rest|remaining|first week|all week|weekend)\b", re.IGNORECASE
)
_ROLLING = re.compile(
    r"\b(?:last|past|previous|next|within)\b.* (?:days?|weeks?|fortnights?|months?|quarters?|years?)\b"
)
_EVES = re.compile(r"yom kippur|rosh|hanuk|passover|purim", re.IGNORECASE)
_DAY: Final = timedelta(days=1)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def rule_of(row: dict[str, Any], got: list[list[str | None]]) -> str | None:
    """The rule by which a wrong row differs, or None if it is simply wrong."""
    text, spans = row["text"].lower(), row["spans"]
    if not spans and len(got) <= 1 and row["source"].startswith("chrono"):
        return "strict"
    if _TWO.search(text):
        return "two readings"
    if "upcoming" in text:
        return "upcoming"
    if len(got) != len(spans):
        return None
    for mine, allowed in zip(got, spans, strict=True):
        ours: Range = (_day(mine[0]), _day(mine[1]))
        theirs: list[Range] = [(_day(span[0]), _day(span[1])) for span in allowed]
        if ours in theirs:
            continue
        return next((rule for one in theirs if (rule := _difference(text, ours, one))), None)
    return None


def _difference(text: str, ours: Range, theirs: Range) -> str | None:
    if _PART.search(text):
        return "part"
    if _EVES.search(text):
        return "eve"
    if _ROLLING.search(text):
        return "rolling"
    if re.search(r"\b(?:after|through)\b", text):
        return "edge"
    begin, stop, begins, stops = ours[0], ours[1], theirs[0], theirs[1]
    if begin is None or stop is None or begins is None or stops is None:
        return None
    if begin.month == begins.month and begin.day == begins.day and begin.year != begins.year:
        return "forward"
    if (stop - begin) == (stops - begins) in (_DAY, 7 * _DAY) and (begin - begins).days % 7 == 0:
        return "forward"
    if begin == begins and stops == begin + _DAY and stop > stops:
        return "point"
    if begin == begins and stops < stop and _is_one_unit(stops, stop):
        return "last day"
    return None


def _is_one_unit(shorter: date, longer: date) -> bool:
    months = (longer.year - shorter.year) * 12 + longer.month - shorter.month
    return longer - shorter == _DAY or (longer.day == shorter.day and months in (1, 3, 12))
