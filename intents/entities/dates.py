"""Dates in a sentence as half-open ranges [start, end) of UTC dates; None is open on that side.

Atoms (a day, a week, a quarter) come from date_calendar and date_relative; here they are joined ("from ... to",
"between ... and") and opened ("since", "before", "until"). What a bare "March" means depends on where the speaker
looks: back on reads, ahead on what is due or starts.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from paydesk.intents.entities import date_calendar, date_relative, periods
from paydesk.intents.entities.date_words import Atom, Context
from paydesk.intents.entities.periods import DAY, Period


@dataclass(frozen=True, slots=True)
class DateMention:
    """A range of dates said at `start_pos`..`end_pos` (with its "from" or "since"); `doubtful` must be asked: 03/04."""

    start: date | None
    end: date | None
    start_pos: int
    end_pos: int
    grain: str = "day"
    doubtful: bool = False

    def as_json(self) -> dict[str, object]:
        """`{"start", "end", "start_pos", "end_pos"}` with ISO dates or null."""
        return {
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "start_pos": self.start_pos,
            "end_pos": self.end_pos,
        }


# Forms that begin alike are tried longest first: a quarter of a year before a month, "week before last" before "last week".
_FORMS: Final = date_calendar.FORMS[:-2] + date_relative.FORMS + date_calendar.FORMS[-2:]
_NEEDS: Final = {
    "digit": re.compile(r"[0-9]"),
    "month": re.compile(
        r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|[0-9](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    ),
    "weekday": re.compile(r"\b(?:mon|tue|wed|thu|fri|sat|sun)"),
    "unit": re.compile(r"day|week|fortnight|month|quarter|year"),
    "hour": re.compile(r"\bhours?\b"),
    "named": re.compile(r"today|tonight|yesterday|tomorrow|tmrw|yday"),
    "half": re.compile(r"\bhalf\b"),
    "part": re.compile(r"early|begin|start|mid|end|late"),
    "td": re.compile(r"\b[ymqw]td\b"),
    "holiday": re.compile("|".join(sorted({re.escape(name.split()[0]) for name in periods.HOLIDAYS}))),
}
_LINK = re.compile(
    r"(?: ?(?:-|–|—|\.\.|→) ?|,? (?:to|until|till|through|thru|up to|up until|and) )(?:the |on )?$", re.IGNORECASE
)
_BETWEEN = re.compile(r"\bbetween (?:the )?$", re.IGNORECASE)
_FROM = re.compile(r"\b(?:from|starting|beginning)(?: on)? (?:the )?$", re.IGNORECASE)
_SINCE = re.compile(
    r"(?:\b(?:ever )?since|\b(?:starting|beginning|as of|as from|effective)(?: from| on)?|\b(?:on or after|no earlier than|not before|from and including)) (?:the |on )?$",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\b(?:after|later than|following|past|newer than|post) (?:the )?$", re.IGNORECASE)
_BEFORE = re.compile(r"\b(?:before|prior to|earlier than|older than|preceding|ahead of) (?:the )?$", re.IGNORECASE)
_UNTIL = re.compile(
    r"\b(?:until|till|through|thru|up to|up until|up till|by|no later than|not later than|on or before|as late as)(?: the)?(?: end of)? (?:the )?$",
    re.IGNORECASE,
)
_ONWARDS = re.compile(
    r" (?:onwards?|and (?:after|later|onwards?)|or later|forward|on(?=\s*$|[.?!,])|until now|till now|to now|to date|up to now|to present)",
    re.IGNORECASE,
)
_OR_EARLIER = re.compile(r" (?:or|and) (?:earlier|before)\b", re.IGNORECASE)


def find_dates(text: str, today: date, *, ahead: bool = False) -> list[DateMention]:
    """Every date or range of dates in `text`, in order.

    `ahead` reads a bare weekday, day or month as the next one instead of the last that has begun.
    """
    context = Context(today, ahead, date_calendar.shows_day_first(text) if "/" in text or "." in text else None)
    atoms = _atoms(text, context)
    mentions = []
    index = 0
    while index < len(atoms):
        atom = atoms[index]
        joined = _joined(text, atom, atoms[index + 1]) if index + 1 < len(atoms) else None
        index += 2 if joined else 1
        mentions.append(joined or _opened(text, atom, context))
    return mentions


def _atoms(text: str, context: Context) -> list[Atom]:
    low = text.lower()
    present = {name for name, need in _NEEDS.items() if need.search(low)}
    found: list[Atom] = []
    rest = text
    if not present:
        return found
    for shape in _FORMS:
        if not present.issuperset(shape.needs.split()):
            continue
        for match in shape.pattern.finditer(rest):
            try:
                atom = shape.read(match, context)
            except (ValueError, OverflowError):  # a year or a count beyond what a calendar holds
                continue
            if atom is None or _is_a_word(text, atom):
                continue
            found.append(atom)
            rest = rest[: atom.start] + "\x00" * (atom.end - atom.start) + rest[atom.end :]
    found.sort(key=lambda atom: atom.start)
    for earlier, later in pairwise(found):
        _lean(later, earlier.period)
    return found


def _lean(atom: Atom, on: Period) -> None:
    """Fills in "the week before" and "the same period last year" from the period said before them."""
    if on.start is None or on.end is None:
        return
    if atom.before:
        atom.period = periods.containing(periods.moved(on.start, atom.before, -1), atom.before)
    if atom.same:
        back = {"year": -12, "quarter": -3, "month": -1}[atom.same]
        atom.period = Period(periods.shift_months(on.start, back), periods.shift_months(on.end, back), "range")


_VERB_MAY = re.compile(r"(?:\b(?:i|we|you|he|she|it|they|this|that|there|who|which) )$|^$", re.IGNORECASE)
_MONTH_CONTEXT = re.compile(
    r"\b(?:in|of|for|during|since|from|until|till|before|after|by|through|between|and|to|vs|versus|last|this|next|early|late|mid|on|than|whole|all|entire|the|month|over)[ -]?$",
    re.IGNORECASE,
)


def _is_a_word(text: str, atom: Atom) -> bool:
    """May, march, mar, sun, sat, wed, mon, second and the like are words first and dates only in a date's company."""
    words = text[atom.start : atom.end].lower().rstrip(".")
    if words in (
        "may",
        "march",
        "mar",
        "sun",
        "sat",
        "mon",
        "wed",
        "dec",
        "jan",
        "jun",
        "fri",
        "aug",
        "sep",
        "oct",
        "nov",
        "apr",
        "feb",
        "jul",
        "thu",
        "tue",
    ):
        before = text[: atom.start]
        if words == "may" and text[atom.start].islower() and not _MONTH_CONTEXT.search(before):
            return True
        if words == "may":
            return not _MONTH_CONTEXT.search(before) and bool(_VERB_MAY.search(before))
        if words in ("march", "mar", "sun", "sat", "mon", "wed", "jan", "dec"):
            return (
                not _MONTH_CONTEXT.search(before)
                and (len(words) == 3 or text[atom.start].islower())
                and not _payment_next(text, atom.end)
            )
    return False


def _payment_next(text: str, end: int) -> bool:
    return (
        re.match(
            r"(?:'s)? (?:payments|sales|revenue|payouts|invoices|refunds|volume|charges|disputes|mrr|churn|numbers|transactions|fees|vs)\b|$|[?.!]",
            text[end:],
            re.IGNORECASE,
        )
        is not None
    )


def _joined(text: str, first: Atom, second: Atom) -> DateMention | None:
    between = text[first.end : second.start]
    link = _LINK.fullmatch(between)
    if link is None:
        return None
    head = text[: first.start]
    opened = _BETWEEN.search(head) or (_FROM.search(head) if link[0].strip().lower() != "and" else None)
    if link[0].strip(" ,").lower().startswith("and") and not opened:
        return None
    start, end = _aligned(first, second)
    if start is None or end is None or start >= end:
        return None
    begin = opened.start() if opened else first.start
    return DateMention(start, end, begin, second.end, "range", first.doubtful or second.doubtful)


def _aligned(first: Atom, second: Atom) -> tuple[date | None, date | None]:
    """Start and end of "first to second", a missing year taken from the side that has one."""
    start, end = first.period.start, second.period.end
    if first.in_year and end and not second.in_year:
        for year in (end.year, end.year - 1):
            moved = first.in_year(year)
            if moved and moved.start and moved.start < end:
                return moved.start, end
    if second.in_year and start and not first.in_year:
        for year in (start.year, start.year + 1):
            moved = second.in_year(year)
            if moved and moved.end and moved.end > start:
                return start, moved.end
    if first.in_year and second.in_year and start and end:
        # "November to February" crosses a new year.
        for year in (end.year, end.year - 1):
            moved = first.in_year(year)
            if moved and moved.start and moved.start < end and (end - moved.start) <= timedelta(days=366):
                return moved.start, end
    return start, end


def _opened(text: str, atom: Atom, context: Context) -> DateMention:
    head, period = text[: atom.start], atom.period
    tail = _ONWARDS.match(text, atom.end)
    if tail:
        begin = _FROM.search(head) or _SINCE.search(head)
        return DateMention(
            period.start, None, begin.start() if begin else atom.start, tail.end(), "since", atom.doubtful
        )
    earlier = _OR_EARLIER.match(text, atom.end)
    if earlier:
        return DateMention(None, period.end, atom.start, earlier.end(), "until", atom.doubtful)
    for opener, start, end, grain in (
        (_SINCE, period.start, None, "since"),
        (_AFTER, period.end, None, "after"),
        (_BEFORE, None, period.start, "before"),
        (_UNTIL, None, period.end, "until"),
    ):
        match = opener.search(head)
        if match:
            return DateMention(start, end, match.start(), atom.end, grain, atom.doubtful)
    return DateMention(
        period.start, period.end, atom.start, atom.end, period.grain, atom.doubtful
    )


def following(mention: DateMention, today: date) -> date | None:
    """The first day of a mention, for what starts then; a day already past moves to the same day of a later year."""
    start = mention.start or mention.end
    if start is None:
        return None
    while start < today and mention.grain == "day":
        start = periods.shift_months(start, 12)
    return start


__all__ = ["DAY", "DateMention", "Period", "find_dates", "following"]
