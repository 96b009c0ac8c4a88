"""Whether every filter that a question says is kept in its reading; what is not is asked about, never left out.

An answer to "payments not from last week" that shows those of last week is worse than none. So wherever a negation, an
alternative, a second value of one filter, or a filter that the skill does not take is left over, the reading becomes a
question that says what cannot be shown.
"""

import re
from datetime import date
from typing import Final

from paydesk.intents.entities.statuses import find_all_statuses
from paydesk.intents.patterns import lazy, may_be_found, worded
from paydesk.intents.reads import elliptical, slots
from paydesk.intents.reads.joined import ALTERNATIVE, TWO_BALANCES, is_somebody, several_values
from paydesk.intents.reads.unanswered import AMOUNTS, not_this
from paydesk.intents.sentence import Sentence
from paydesk.intents.targets import Entities

_DENIALS = worded(
    r"(?<![\w.])(?:not|never|no|without|except|excepting|excluding|excludes?|excl|minus|neither|nor|none|besides|unless|ignoring"
    r"|nothing(?! but)"
    r"|omitting|omit|lacking|apart from|aside from|other than|leaving out|leave out|instead of|cannot|minus"
    r"|less(?! than| did| do| have| was| is| were|$)"
    r"|(?:any|all|every|each|everyone|everybody|everything|anyone|anything)(?: \w+){0,2} but|but (?:for|not|no))\b"
    r"|n't\b|\bnon(?: ?-|\b)"
)
_DENYING_SIGNS = lazy(r"! ?=|≠|< ?>")
# A question of yes or no, a bound, politeness and doubt of oneself deny nothing of what is to be shown.
_HARMLESS = worded(
    r"\b(?:or|if|whether|whether or) (?:not|no|nah)\b|\bno (?:,|wait|just|i mean|rush|hurry|worries|problem"
    r"|matter|trouble"
    r"|idea|doubt|stress|pressure|longer than)|\bno ?\. ?<|\bno ?[:#]|^no\b|^not (?:sure|urgent)\b"
    r"|\b(?:i|we|you|he|she|they)(?: do| am| are| is| did| ca| can| could| would| have| was| were)?(?: not|n't| never"
    r"|'m not|'re not)"
    r"|\b(?:i|we|you) (?:don't|can't|didn't|couldn't|cannot|wouldn't|haven't|won't|aren't)\b"
    r"|\b(?:i'm|we're|you're|it's|that's) (?:not|no)\b|\bwhy (?:\w+n't|not)\b|\bnot (?:sure|certain|urgent|bad"
    r"|just|only)\b"
    r"|^(?:\w+ )?(?:\w+n't) (?:we|i|you|there|it|they|the)\b|, (?:\w+n't) (?:it|we|i|you|there|they|he|she)\b"
    r"|\b(?:is|are|was|were|did|do|does|has|have) (?:there|we|it) not\b|\bmore or less\b|\bnone the less\b"
)
_BOUND = lazy(
    r"\b(?:no|not|never|n't) (?:more|less|fewer|greater|bigger|smaller|lower|higher|larger|over|above|under|below"
    r"|exceeding)(?: than)? (?=<money>|<n>)"
)
_YES_OR_NO = lazy(r"^(?:\w+ )?(?:did|has|have|had|does)(?:n't)? (?=(?:<who>|<mail>|\S+) )")


_ADDED_DENIAL = worded(
    r"^(?: |[,.;:!–—-])*(?:(?:but|and|only|just|please|though) )*(?:not|without|except|excluding|minus|other than"
    r"|apart from|leaving out|leave out|skip|skipping|ignore|ignoring|never|besides|no) (?!,)"
)


_DENIED_IN_SEARCH = lazy(
    r"\b(?:is|are|was|were|does|do|did) not\b"
    r"|\b(?:isn|aren|wasn|weren|doesn|didn|hasn|haven)'t\b|\b(?:except|excluding|without|other than)\b"
)
_ADDED_VALUE = lazy(r"^ (?:, (?:<date>|<money>|<cur>) )?(?:, )?(?:and|or) (?:<date>|<money>|<cur>)")
_ADDED_FILTER = worded(
    r"^(?: |[,;:–—-])*(?:but|and)? ?(?:only|just) (?:the|those|show|<|\w+ed\b|if|from|in|over|under)"
)


def is_denied_after(text: str) -> bool:
    """Whether what is added to a question takes something out of it: ", excluding trials", ". Not the failed ones"."""
    return may_be_found(_ADDED_DENIAL, text) and _ADDED_DENIAL.match(_HARMLESS.sub(" , ", text)) is not None


def denies_in_search(gist: str) -> bool:
    """Whether what is to be searched for is all but something: a search finds words, and "isn't Anna" finds Anna."""
    return _DENIED_IN_SEARCH.search(gist) is not None


def lost_behind(whole: Sentence, form: Sentence) -> str | None:
    """The doubt that what follows a question in the whole sentence casts on it: ", excluding trials", ", Bob and I"."""
    behind = whole.gist.partition(form.gist)[2]
    if not behind:
        return None
    if is_denied_after(behind):
        return "left_out"
    index = whole.index_at(len(whole.gist) - len(behind)) + 1
    tokens = whole.tokens[index : index + 3]
    if _ADDED_VALUE.match(behind):
        return "either"
    if _ADDED_FILTER.match(behind):
        return "narrowed"
    goes_on = len(tokens) == 3 and tokens[0].lex == "," and tokens[2].lex in ("and", "or", "&", ",")
    return "either_name" if goes_on and is_somebody(whole, index + 1) else None


def lost(skill: str, sentence: Sentence, said: Entities, taken: Entities) -> str | None:
    """The doubt about what a reading of `skill` leaves out of the sentence; None where nothing is.

    `said` holds every filter that was read, `taken` those of them that the skill takes.
    """
    gist = _without_names(sentence.gist, taken)
    if _denies(skill, gist, taken):
        return "left_out"
    return (
        _not_taken(skill, sentence, said, taken)
        or _several_periods(skill, sentence, gist, taken)
        or several_values(skill, sentence, gist, taken)
        or not_this(skill, sentence.text.lower(), gist, taken)
        or (
            "either"
            if not taken.keys() & _OF_ONE
            and may_be_found(ALTERNATIVE, gist)
            and ALTERNATIVE.search(_HARMLESS.sub(" , ", TWO_BALANCES.sub(" ", gist)))
            else None
        )
    )


def _without_names(gist: str, taken: Entities) -> str:
    """The gist without the words of whom and what it names, which say nothing of their own."""
    for key in ("customer", "product", "query"):
        name = taken.get(key)
        if isinstance(name, str) and len(name) > 2:
            gist = _without_name(gist, name.lower())
    return gist


def _without_name(gist: str, name: str) -> str:
    """The gist with a mark wherever the name stands as words of its own; a pattern for each name would take longer."""
    pieces, last, place = [], 0, gist.find(name)
    while place >= 0:
        end = place + len(name)
        if not (_is_of_a_word(gist[place - 1 : place]) or _is_of_a_word(gist[end : end + 1])):
            pieces.append(gist[last:place])
            last = end
        place = gist.find(name, max(place + 1, last))
    return "<who>".join((*pieces, gist[last:]))


def _is_of_a_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _denies(skill: str, gist: str, taken: Entities) -> bool:
    """Whether a denial is left that neither a status, a bound nor a turn of speech accounts for."""
    if not _holds_a_denial(gist):
        return False
    plain = _accounted(skill, gist, taken)
    if taken.keys() & {"amount_lte", "amount_gte"}:
        plain = _BOUND.sub(" ", plain)
    if "customer" in taken and _YES_OR_NO.match(plain):
        plain = re.sub(r"n't\b|\b(?:not|never)\b", " ", plain, count=1)
    return _holds_a_denial(_HARMLESS.sub(" , ", plain))


def _holds_a_denial(gist: str) -> bool:
    return _DENIALS.search(gist) is not None or _DENYING_SIGNS.search(gist) is not None


def _accounted(skill: str, gist: str, taken: Entities) -> str:
    """The gist without the denial that its status is made of: "not paid" is what open invoices are."""
    status = taken.get("status")
    if status is None:
        return gist
    if status == "open" and (owing := elliptical.OWING.search(gist)):
        return gist[: owing.start()] + " " + gist[owing.end() :]
    for one, start, stop in reversed(find_all_statuses("list_payments" if skill == "get_analytics" else skill, gist)):
        before = gist[:start]
        if one == status:
            gist = f"{before} {gist[stop:]}"
        elif slots.THE_OTHER.get((skill, one)) == status and (denied := slots.DENIED.search(before)):
            gist = f"{before[: denied.start()]} {gist[stop:]}"
    return gist


# Of one thing it may be asked whether it is this or that.
_OF_ONE: Final = frozenset({"payment_intent_id", "charge_id", "payment_ref", "invoice_id", "payout_id", "dispute_id"})
_UNTAKEN: Final = {
    "last4": "by_card",
    "card_brand": "by_card",
    "method": "by_method",
    "reason": "by_reason",
    "description": "by_description",
    "product": "by_product",
    "interval": "by_interval",
}


def _not_taken(skill: str, sentence: Sentence, said: Entities, taken: Entities) -> str | None:
    """A filter that was read but that the skill does not take."""
    sums = [taken[key] for key in AMOUNTS & taken.keys()]
    if sentence.money and skill != "get_balance" and len(sums) < len({mention.minor() for mention in sentence.money}):
        return "by_amount"
    low, high = (max_of(taken, keys) for keys in (("amount_gt", "amount_gte"), ("amount_lt", "amount_lte")))
    if low is not None and high is not None and low > high:
        return "either"
    dropped = said.keys() - taken.keys()
    if dropped & {"start", "end"} and not _is_today(sentence):
        return "by_date"
    return next((doubt for key, doubt in _UNTAKEN.items() if key in dropped), None) if dropped else None


def max_of(taken: Entities, keys: tuple[str, ...]) -> int | None:
    """The first of the whole numbers under `keys`."""
    return next((value for key in keys if isinstance(value := taken.get(key), int)), None)


def _is_today(sentence: Sentence) -> bool:
    """Whether every date said is today's or a running one: a balance is always as of now."""
    return all(day.start == sentence.today for day in sentence.dates if not day.doubtful)


_SAME_TIME = worded(r"\bsame (?:day|week|month|quarter|period|time)\b(?! (?:last|as) <)")
_EVERY_SUCH_DAY = lazy(r"\b(?:every|each) <date>")
_THAN_LAST = worded(r"\b(?:than|vs|versus) (?:the |in |we did )*(?:last|previous|prior|before)\b(?! <)(?! \w)")
_DAYS_OF_WEEK = worded(
    r"\b(?:mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays|weekends|on (?:a )?weekdays)\b"
)


def _several_periods(skill: str, sentence: Sentence, gist: str, taken: Entities) -> str | None:
    """More dates than the reading holds, or ones that cannot be reckoned."""
    whole = " ".join(str(taken[key]) for key in ("customer", "product") if key in taken)
    days = {
        (day.start, day.end)
        for day in sentence.dates
        if not day.doubtful and sentence.text[day.start_pos : day.end_pos] not in whole
    }
    start, end = taken.get("start"), taken.get("end")
    if isinstance(start, str) and isinstance(end, str) and start >= end:
        return "periods"
    if _SAME_TIME.search(gist):
        return "date"
    if skill == "get_analytics":
        if _THAN_LAST.search(gist) and "compare_start" not in taken:
            return "compared_periods"
        begin = re.search(r"\bcompar(?:e|ing)\b", sentence.text.lower())
        after = {(day.start, day.end) for day in sentence.dates if begin and day.start_pos > begin.start()}
        return "compared_periods" if len(after or days) > 2 else None
    if _DAYS_OF_WEEK.search(sentence.gist) or _EVERY_SUCH_DAY.search(gist):
        return "weekdays"
    return "periods" if len(days) > 1 and not _is_one_range(days) else None


def _is_one_range(days: set[tuple[date | None, date | None]]) -> bool:
    """ "after 1 March and before 1 April" are two dates and one range."""
    return len(days) == 2 and sorted((start is None, end is None) for start, end in days) == [
        (False, True),
        (True, False),
    ]
