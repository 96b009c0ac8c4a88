"""Dates in a sentence as half-open ranges [start, end) of UTC dates; None is open on that side.

Atoms (a day, a week, a quarter) come from date_calendar and date_relative; here they are joined ("from ... to",
"between ... and") and opened ("since", "before", "until"). What a bare "March" means depends on where the speaker
looks: back on reads, ahead on what is due or starts.
"""

import re
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise, zip_longest
from typing import Final, NamedTuple

from paydesk.intents.entities import clock_times, date_calendar, date_eras, date_relative, periods
from paydesk.intents.entities.date_hints import bits_of, hints
from paydesk.intents.entities.date_words import COUNT, UNIT, Atom, Context, Form, count_number, said
from paydesk.intents.entities.periods import DAY, Period
from paydesk.intents.patterns import lazy, worded


class DateMention(NamedTuple):
    """A range of dates said at `start_pos`..`end_pos` (with its "from" or "since"); `doubtful` must be asked: 03/04.

    `grain` tells what was said: day, week, since, ...; "time" where a time of day was, which the range leaves out.
    """

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


# Forms that begin alike are tried longest first: "week before last" before "last week".
_FORMS: Final = date_eras.FORMS + date_calendar.FORMS[:-3] + date_relative.FORMS + date_calendar.FORMS[-3:]
_LINK = lazy(r"(?: ?(?:-|–|—|\.\.|→) ?|,? (?:to|until|till|through|thru|up to|up until|and) )(?:the |on )?$")
_BETWEEN = worded(r"\bbetween (?:the )?(?:year )?$")
_FROM = worded(r"\b(?:from|starting|beginning)(?: on)? (?:the )?$")
_SINCE = worded(
    r"(?:\b(?:ever )?since|\b(?:starting|beginning|as of|as from|effective)(?: from| on)?"
    r"|\b(?:on or after|no earlier than|not before|from and including)) (?:the |on )?(?:year |month of )?$",
)
_AFTER = worded(
    r"\b(?:after|(?<!no )(?<!not )later than|following|past|newer than|post) (?:the )?(?:year |month of )?$",
)
_BEFORE = worded(
    r"\b(?:(?<!on or )before|prior to|earlier than|older than|preceding|ahead of) (?:the )?"
    r"(?:year |month of |beginning of |start of )?$",
)
_UNTIL = worded(
    r"(?<!go )(?<!went )(?<!gone )(?<!going )(?<!goes )(?<!come )(?<!came )\b(?:until|till|through|thru"
    r"|(?:up )?(?:to|until|through) and including|up to|up until|up till|by"
    r"|no later than|not later than|on or before|before or on"
    r"|as late as)(?: the)?(?: end of)? (?:the )?$",
)
_ONWARDS = lazy(
    r" (?:onwards?|and (?:after|later|onwards?)|or later|forward|on(?=\s*$|[.?!,])|until now|till now"
    r"|to now|to date|up to now|to present)",
)
_OR_EARLIER = lazy(r" (?:or|and) (?:earlier|before)\b")


def may_hold_dates(low: str) -> bool:
    """Whether a lower-case text has a word or digits that some date is written with."""
    present = hints(low)
    return bool(_worth_trying(present)) or clock_times.may_hold(low, digit=present & _DIGIT != 0)


def find_dates(text: str, today: date, *, ahead: bool = False) -> list[DateMention]:
    """Every date or range of dates in `text`, in order.

    `ahead` reads a bare weekday, day or month as the next one instead of the last that has begun.
    """
    low = text.lower()
    if len(low) != len(text):  # a letter that is longer in lower case would shift every place
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    context = Context(today, ahead, date_calendar.shows_day_first(text) if "/" in text or "." in text else None)
    atoms = clock_times.settled(text, _atoms(text, low, context), today)
    mentions = []
    index = 0
    while index < len(atoms):
        atom = atoms[index]
        joined = _joined(low, atom, atoms[index + 1]) if index + 1 < len(atoms) else None
        index += 2 if joined else 1
        mention = joined or _opened(low, atom, context)
        mentions.append(_timed(mention, atoms[index - 2 : index] if joined else [atom]))
    return mentions


def _timed(mention: DateMention, atoms: list[Atom]) -> DateMention:
    """The mention with what its times say: whole days that hold them, to be asked about where a zone was said."""
    if not atoms[0].clock and not (len(atoms) > 1 and atoms[1].clock):
        return mention
    day = atoms[0].period
    start, end = mention.start, mention.end
    if mention.grain == "after":
        start = day.start
    elif mention.grain == "before":
        end = day.end
    return mention._replace(start=start, end=end, grain="time", doubtful=any(atom.zoned for atom in atoms))


#: More dates than this in one text are no question for a pay desk; the rest of them are left unread.
_MOST: Final = 48


_NEEDS: Final = tuple((bits_of(shape.needs), shape) for shape in _FORMS)


_DIGIT: Final = bits_of("digit")


@lru_cache(maxsize=1024)
def _worth_trying(present: int) -> tuple[tuple[int, Form], ...]:
    """The forms whose needs are all met, in their order, each after its needs."""
    return tuple([(needs, shape) for needs, shape in _NEEDS if needs & present == needs])


def _before(pattern: re.Pattern[str], text: str, end: int) -> re.Match[str] | None:
    """Where `pattern`, which ends in $, stands just before `end`; only near it, so that long texts take no longer."""
    return pattern.search(text, max(0, end - 64), end)


def _atoms(text: str, low: str, context: Context) -> list[Atom]:
    found: list[Atom] = []
    rest = low
    present = hints(low)
    for needs, shape in _worth_trying(present):
        if needs & present != needs:
            continue  # what it needs is part of a date that was found
        before = len(found)
        for match in shape.pattern.finditer(rest):
            try:
                atom = shape.read(match, context)
            except (ValueError, OverflowError):  # a year or a count beyond what a calendar holds
                continue
            if atom is None or _is_a_word(text, low, atom):
                continue
            found.append(atom)
            if len(found) >= _MOST:
                break
            rest = rest[: atom.start] + "\x00" * (atom.end - atom.start) + rest[atom.end :]
        if len(found) > before:
            present = hints(rest)
    if len(found) > 1:
        found.sort(key=lambda atom: atom.start)
        for weekday, atom in pairwise(found):
            _settle(low, weekday, atom)
        found = [atom for atom, after in zip_longest(found, found[1:]) if not _names_only(low, atom, after)]
    taken = 0
    for atom in found:
        _moved(low, atom, taken)
        taken = atom.end
    for earlier, later in pairwise(found):
        _lean(later, earlier.period)
    return _counted_back(low, found) if len(found) > 1 else found


_SO_LONG = lazy(r"(?:in |.* (?:ago|from now|from today|hence|back))")


def _settle(text: str, weekday: Atom, atom: Atom) -> None:
    """ "Sunday 12/7/2014": the weekday says which reading is meant, if it is that of only one."""
    if not atom.doubtful or atom.other is None or not text[weekday.start : weekday.end].endswith(_DAY_NAMES):
        return
    day, first, second = weekday.period.start, atom.period.start, atom.other.start
    if day and first and second and text[weekday.end : atom.start] in (" ", ", "):
        fits = [at.weekday() == day.weekday() for at in (first, second)]
        if fits[0] != fits[1]:
            atom.period = atom.period if fits[0] else atom.other
            atom.doubtful, atom.in_year = False, None


def _counted_back(text: str, found: list[Atom]) -> list[Atom]:
    """ "Black Friday two years ago": the second only says which year's the first is."""
    kept: list[Atom] = []
    for atom in found:
        last = kept[-1] if kept else None
        counted = last and last.in_year and text[last.end : atom.start] == " " and atom.period.start
        if last and last.in_year and counted and atom.period.start and _SO_LONG.match(text[atom.start : atom.end]):
            last.period = last.in_year(atom.period.start.year) or last.period
            last.end, last.in_year = atom.end, None
        else:
            kept.append(atom)
    return kept


def _lean(atom: Atom, on: Period) -> None:
    """Fills in "the week before" and "the same period last year" from the period said before them."""
    if on.start is None or on.end is None:
        return
    if atom.before:
        atom.period = periods.containing(periods.moved(on.start, atom.before, -1), atom.before)
    if atom.same:
        if atom.same == "week":
            week = timedelta(days=7)
            atom.period = Period(on.start - week, on.end - week, on.grain)
            return
        back = {"year": -12, "quarter": -3, "month": -1}[atom.same]
        atom.period = Period(periods.shift_months(on.start, back), periods.shift_months(on.end, back), "range")


_OFFSET = worded(rf"\b{COUNT} {UNIT}s? (?P<way>from|after|before) (?:the )?$")
_WEEK_OF = worded(
    r"\b(?:the )?(?P<unit>week|wk|weekend) (?:of|starting|commencing|beginning|from|around)(?: on)? (?:the )?$",
)
_ITS_WEEKEND = lazy(r"(?:'s)? weekend\b")


def _names_only(low: str, atom: Atom, after: Atom | None) -> bool:
    """The weekday of "Thursday 20/10/2017" only names the day that follows."""
    if after is None or after.doubtful or not low[atom.start : atom.end].rstrip(".").endswith(_DAY_NAMES):
        return False
    if low[after.start : after.start + 3] in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
        return False  # "mon-wed"
    return after.period.grain == "day" and low[atom.end : after.start] in (" ", ", ", " the ", "-")


_DAY_NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "day", "tues", "thurs", "thur", "weds")
_LASTING = worded(rf"\bfor {COUNT} {UNIT}s?,? (?:(?:starting|beginning)(?: from| on)?|from) (?:the )?$")


#: What each pattern of words that move a date ends with.
_LEADS: Final = (
    "from ", "after ", "before ", "the ", "starting ", "beginning ", "commencing ", "of ", "around ", "on ",
)  # fmt: skip


def _moved(text: str, atom: Atom, taken: int) -> None:
    """ "two weeks after Jan 15" and "the week of Nov 2" take the atom elsewhere; `taken` ends the one before."""
    period = atom.period
    if period.start is None:
        return
    led = text.endswith(_LEADS, max(0, atom.start - 12), atom.start)
    lasting = _before(_LASTING, text, atom.start) if led and period.grain == "day" else None
    offset = _before(_OFFSET, text, atom.start) if led and not lasting else None
    if (lasting and lasting.start() < taken) or (offset and offset.start() < taken):
        return  # its words say another date already
    if offset:
        count = count_number(said(offset, "count")) * (-1 if said(offset, "way") == "before" else 1)
        atom.period = periods.day(periods.moved(period.start, said(offset, "unit"), count))
        atom.start, atom.in_year = offset.start(), None
    elif lasting:
        end = periods.moved(period.start, said(lasting, "unit"), count_number(said(lasting, "count")))
        atom.period, atom.start, atom.in_year = Period(period.start, end, "range"), lasting.start(), None
    elif led and period.grain == "day" and (week := _before(_WEEK_OF, text, atom.start)) and week.start() >= taken:
        unit = periods.weekend if said(week, "unit") == "weekend" else periods.week
        atom.period, atom.start, atom.in_year = unit(period.start), week.start(), None
    elif period.grain == "day" and (its := _ITS_WEEKEND.match(text, atom.end)):
        atom.period, atom.end, atom.in_year = periods.weekend(period.start), its.end(), None


_VERB_MAY = lazy(r"(?:\b(?:i|we|you|he|she|it|they|this|that|there|who|which) )$|^$")
_OTHER_WORDS: Final = frozenset({"march", "mar", "sun", "sat", "mon", "wed", "jan", "dec"})
_NO_SUCH_DAY = lazy(r"\b(?:29|[3-9][0-9]) (?:of )?$")
_MONTH_CONTEXT = lazy(
    r"\b(?:in|of|for|during|since|from|until|till|before|after|by|through|between|and|to|vs|versus"
    r"|last|this|next|early|late|mid|on|than|whole|all|entire|the|month|over)[ -]?$",
)


def _is_a_word(text: str, low: str, atom: Atom) -> bool:
    """May, march, mar, sun, sat, wed, mon, second and the like are words first and dates only in a date's company."""
    named = low[atom.start : atom.end].rstrip(".")
    if atom.period.grain == "month" and _before(_NO_SUCH_DAY, low, atom.start):
        return True
    if named.endswith("may") and re.match(
        r" (?:not|be|or|take|have|need|go|require|get|still|also|want|well|i|we|you)\b|,",
        low[atom.end : atom.end + 16],
    ):
        return True
    if named != "may" and named not in _OTHER_WORDS:
        return False
    before = low[max(0, atom.start - 32) : atom.start]
    if named == "may":
        lower = text[atom.start].islower()
        return not _MONTH_CONTEXT.search(before) and (lower or _VERB_MAY.search(before) is not None)
    if before.endswith("the "):
        return True
    in_context = _MONTH_CONTEXT.search(before) or _DAY_DASH.search(before)
    short = len(named) == 3 or text[atom.start].islower()
    return not in_context and short and not _payment_next(low, atom.end)


def _payment_next(text: str, end: int) -> bool:
    return (
        re.match(
            r"(?:'s)? (?:payments|sales|revenue|payouts|invoices|refunds|volume|charges|disputes|mrr|churn"
            r"|numbers|transactions|fees|vs)\b|$|[?.!]|[ ]?[-–]|(?: to| through| until) \w",
            text[end : end + 24],
        )
        is not None
    )


_DAY_DASH = lazy(r"\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]* ?[-–] ?$")
_COMPARING = lazy(r"\bcompar|\bvs\b|\bversus\b|\bagainst\b")


_DIFFERENCE = lazy(r"\b(?:differences?|compar(?:e|ed|ing|ison)) (?:\S+ ){0,5}$", re.IGNORECASE)


def _joined(text: str, first: Atom, second: Atom) -> DateMention | None:
    between = text[first.end : second.start]
    link = _LINK.fullmatch(between)
    if link is None:
        return None
    opened = _before(_BETWEEN, text, first.start)
    if opened is None and link[0].strip() != "and":
        opened = _before(_FROM, text, first.start)
    adjoining = first.period.end == second.period.start and first.period.grain == second.period.grain
    if (
        link[0].strip(" ,").startswith("and")
        and not opened
        and (not adjoining or _COMPARING.search(text, max(0, first.start - 200), second.end + 60))
    ):
        return None
    if opened and opened[0].lower().startswith("between") and _DIFFERENCE.search(text, 0, opened.start()):
        return None  # "compare revenue between October and November"
    start, end = _aligned(first, second)
    while second.weekly and start is not None and end is not None and end <= start:
        end += timedelta(days=7)  # "next Monday to Friday"
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


#: What the patterns of words that open a range end with.
_OPENING: Final = (
    "since ", "starting ", "beginning ", "of ", "from ", "effective ", "on ", "after ", "than ", "before ",
    "including ", "following ", "past ", "post ", "to ", "preceding ", "until ", "till ", "through ", "thru ", "by ",
    "the ", "year ", "as ",
)  # fmt: skip


def _opened(text: str, atom: Atom, context: Context) -> DateMention:
    period = atom.period
    goes_on = text[atom.end : atom.end + 1] == " "
    tail = _ONWARDS.match(text, atom.end) if goes_on else None
    if tail:
        begin = _before(_FROM, text, atom.start) or _before(_SINCE, text, atom.start)
        return DateMention(
            period.start, None, begin.start() if begin else atom.start, tail.end(), "since", atom.doubtful
        )
    if period.start and period.start <= context.today and text.startswith(" so far", atom.end):
        return DateMention(period.start, context.today + DAY, atom.start, atom.end + 7, "to_date")
    earlier = _OR_EARLIER.match(text, atom.end) if goes_on else None
    if earlier:
        return DateMention(None, period.end, atom.start, earlier.end(), "until", atom.doubtful)
    if not text.endswith(_OPENING, max(0, atom.start - 16), atom.start):
        return DateMention(period.start, period.end, atom.start, atom.end, period.grain, atom.doubtful)
    for opener, start, end, grain in (
        (_SINCE, period.start, None, "since"),
        (_AFTER, period.end, None, "after"),
        (_BEFORE, None, period.end if period.grain == "end" else period.start, "before"),
        (_UNTIL, None, period.end, "until"),
    ):
        match = _before(opener, text, atom.start)
        if match:
            return DateMention(start, end, match.start(), atom.end, grain, atom.doubtful)
    return DateMention(period.start, period.end, atom.start, atom.end, period.grain, atom.doubtful)


def following(mention: DateMention, today: date) -> date | None:
    """The first day of a mention, for what starts then; a day already past moves to the same day of a later year.

    None where a time of day was said: nothing starts at one.
    """
    start = mention.start or mention.end
    if start is None or mention.grain == "time":
        return None
    while start < today and mention.grain == "day":
        start = periods.shift_months(start, 12)
    return start


__all__ = ["DAY", "DateMention", "Period", "find_dates", "following"]
