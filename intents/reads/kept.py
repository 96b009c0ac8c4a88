"""Whether every filter that a question says is kept in its reading; what is not is asked about, never left out.

An answer to "payments not from last week" that shows those of last week is worse than none. So wherever a negation, an
alternative, a second value of one filter, or a filter that the skill does not take is left over, the reading becomes a
question that says what cannot be shown.
"""

import re
from datetime import date
from typing import Final

from paydesk.intents import lexicon, targets
from paydesk.intents.entities.statuses import find_all_statuses
from paydesk.intents.patterns import lazy, worded
from paydesk.intents.reads import details, elliptical, slots, whom
from paydesk.intents.sentence import Sentence
from paydesk.intents.targets import Entities

_DENIALS = worded(
    r"(?<![\w.])(?:not|never|no|without|except|excepting|excluding|excludes?|excl|minus|neither|nor|none|besides|unless|ignoring"
    r"|nothing(?! but)"
    r"|omitting|omit|lacking|apart from|aside from|other than|leaving out|leave out|instead of|cannot|minus"
    r"|less(?! than| did| do| have| was| is| were|$)"
    r"|(?:any|all|every|each|everyone|everybody|everything|anyone|anything)(?: \w+){0,2} but|but (?:for|not|no))\b"
    r"|n't\b|\bnon(?: ?-|\b)|! ?=|≠|< ?>"
)
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


_ADDED_VALUE = lazy(r"^ (?:, (?:<date>|<money>|<cur>) )?(?:, )?(?:and|or) (?:<date>|<money>|<cur>)")
_ADDED_FILTER = worded(
    r"^(?: |[,;:–—-])*(?:but|and)? ?(?:only|just) (?:the|those|show|<|\w+ed\b|if|from|in|over|under)"
)


def is_denied_after(text: str) -> bool:
    """Whether what is added to a question takes something out of it: ", excluding trials", ". Not the failed ones"."""
    return _ADDED_DENIAL.match(_HARMLESS.sub(" , ", text)) is not None


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
    return "either_name" if goes_on and _is_somebody(whole, index + 1) else None


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
        or _several_values(skill, sentence, gist, taken)
        or _not_this(skill, sentence.text.lower(), gist, taken)
        or ("either" if _ALTERNATIVE.search(_HARMLESS.sub(" , ", _TWO_BALANCES.sub(" ", gist))) else None)
    )


def _without_names(gist: str, taken: Entities) -> str:
    """The gist without the words of whom and what it names, which say nothing of their own."""
    for key in ("customer", "product", "query"):
        name = taken.get(key)
        if isinstance(name, str) and len(name) > 2:
            gist = re.sub(rf"(?<!\w){re.escape(name.lower())}(?!\w)", "<who>", gist)
    return gist


def _denies(skill: str, gist: str, taken: Entities) -> bool:
    """Whether a denial is left that neither a status, a bound nor a turn of speech accounts for."""
    if not _DENIALS.search(gist):
        return False
    plain = _accounted(skill, gist, taken)
    if taken.keys() & {"amount_lte", "amount_gte"}:
        plain = _BOUND.sub(" ", plain)
    if "customer" in taken and _YES_OR_NO.match(plain):
        plain = re.sub(r"n't\b|\b(?:not|never)\b", " ", plain, count=1)
    return _DENIALS.search(_HARMLESS.sub(" , ", plain)) is not None


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


_AMOUNTS: Final = frozenset({"amount", "amount_gt", "amount_gte", "amount_lt", "amount_lte"})
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
    sums = [taken[key] for key in _AMOUNTS & taken.keys()]
    if skill != "get_balance" and len(sums) < len({mention.minor() for mention in sentence.money}):
        return "by_amount"
    low, high = (max_of(taken, keys) for keys in (("amount_gt", "amount_gte"), ("amount_lt", "amount_lte")))
    if low is not None and high is not None and low > high:
        return "either"
    dropped = said.keys() - taken.keys()
    if dropped & {"start", "end"} and not _is_today(sentence):
        return "by_date"
    return next((doubt for key, doubt in _UNTAKEN.items() if key in dropped), None)


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


_JOIN: Final = r"(?:(?:or|and|nor|vs|versus|plus|but|&|/|,|than|as well as|against) )+"
_STATUS_JOIN = lazy(
    rf"^ {_JOIN}(?:(?:also|even|that|which|were|was|are|is|have|has|had|been|got|the|those|ones|payments|charges"
    r"|invoices|subscriptions|payouts|disputes|refunds|either|currently|still) )*$"
)
_TWO_CARDS = worded(rf"<n> {_JOIN}(?:in |with )?<n>")
_TWO_BALANCES = worded(
    rf"\b(?:pending|available|reserved|instant)(?: balance| funds| money)? {_JOIN}(?:\w+ )?(?:pending|available"
    rf"|reserved)\b"
)


_ORDER: Final = r"(?:largest|biggest|highest|smallest|lowest|newest|latest|oldest|earliest|first|last|most recent)"
_TWO_ORDERS = worded(rf"\b{_ORDER} (?:and|or|&) (?:the )?{_ORDER}\b")
# An "or" that belongs to no bound ("or more", "equal to or") joins what one list cannot show.
_ALTERNATIVE = worded(
    r"(?<!\bon )(?<!equal to )\bor (?!(?:more|less|fewer|above|over|under|below|higher|lower|greater|larger|up|equal"
    r"|after|before|on|later|earlier|newer|older|so|something|whatever|anything|thereabouts|else|better)\b|[,.?!])"
)


def joins_balances(gist: str) -> bool:
    """Whether two parts of the balance are asked for at once, which the whole of it shows."""
    return _TWO_BALANCES.search(gist) is not None


def _several_values(skill: str, sentence: Sentence, gist: str, taken: Entities) -> str | None:
    """Two values of one filter, of which a list takes one."""
    brands = {details.brand_of(match[1]) for match in details.BRAND.finditer(gist)}
    currencies = {token.value for token in sentence.of("currency")}
    intervals = {str(token.value) for token in sentence.of("every")} if "interval" in taken else set()
    mails = {token.value for token in sentence.of("email")} if "email" in taken else set()
    if any(len(said) > 1 for said in (brands, currencies, mails)) or len(sentence.of("every")) > 1 < len(intervals):
        return "either"
    reasons = {details.reason_of(match[0]) for match in details.REASON.finditer(gist)} if "reason" in taken else set()
    if len(reasons) > 1:
        return "either"
    if _TWO_ORDERS.search(gist):
        return "either"
    if "last4" in taken and _TWO_CARDS.search(gist):
        return "either"
    if _joined_statuses(skill, gist, taken):
        return "either_status"
    if any(_has_companion(sentence, str(taken[key])) for key in ("customer", "product") if key in taken):
        return "either_name"
    return "unkept_name" if _unkept_names(sentence, taken) else None


def _unkept_names(sentence: Sentence, taken: Entities) -> bool:
    """Whether somebody is named who is nowhere in the reading: "how much did Anna pay for Pro"."""
    values = " ".join(str(value) for value in taken.values())
    paying = whom.subject(sentence) if "customer" in taken else None
    if paying and str(paying[0].get("customer", "")) not in values:
        return True
    return any(
        sentence.text[token.start : token.end] not in values
        for index, token in enumerate(sentence.tokens)
        if token.kind == "name" or (token.kind == "word" and _is_strange_name(sentence, index))
    )


def _is_strange_name(sentence: Sentence, index: int) -> bool:
    lex = sentence.tokens[index].lex
    return sentence.is_capital(index) and not lexicon.is_common(lex) and not details.BRAND_WORD.fullmatch(lex)


def _joined_statuses(skill: str, gist: str, taken: Entities) -> bool:
    """ "failed or disputed"; an invoice that is open and overdue has one status."""
    if "status" not in taken and skill != "get_analytics":
        return False
    found = find_all_statuses("list_payments" if skill == "get_analytics" else skill, gist)
    for one, start, stop in found:
        for other, begin, end in found:
            if one == other or begin < stop or end == start:
                continue
            between = gist[stop:begin]
            if re.search(r"\b(?:just|only) ", gist[end:]):
                continue  # "failed & pending? just failed payments"
            if _STATUS_JOIN.match(between) and not ({one, other} == {"open", "past_due"} and " or " not in between):
                return True
    return False


_COMPANIONS: Final = frozenset({"and", "or", "&", "/", "vs", "versus", "nor", "than"})


def _has_companion(sentence: Sentence, name: str) -> bool:
    """Whether another name is joined to this one: "Anna and Bob", "more than Bob"."""
    place = sentence.text.find(name)
    if place < 0:
        return False
    tokens = sentence.tokens
    after = next((i for i, token in enumerate(tokens) if token.start >= place + len(name)), len(tokens))
    if after + 2 < len(tokens) and tokens[after].lex == "," and tokens[after + 2].lex in ("and", "or", "&"):
        return _is_somebody(sentence, after + 1)  # "Anna, Bob and Carol"
    while after < len(tokens) and (
        tokens[after].kind == "possessive" or tokens[after].lex in ("pay", "paid", "more", ",")
    ):
        after += 1
    if after + 1 < len(tokens) and tokens[after].lex in _COMPANIONS and _is_somebody(sentence, after + 1):
        return True
    before = next((i for i, token in enumerate(tokens) if token.start >= place), 0) - 1
    return before > 0 and tokens[before].lex in _COMPANIONS and _is_somebody(sentence, before - 1, behind=True)


def _is_somebody(sentence: Sentence, index: int, *, behind: bool = False) -> bool:
    token = sentence.tokens[index]
    if token.kind in ("name", "email") or token.lex == "<cus>":
        return True
    if sentence.is_capital(index) and token.lex not in lexicon.THINGS:
        return True
    if token.kind != "word" or lexicon.is_common(token.lex):
        return False
    return sentence.is_capital(index) if behind else targets.at(sentence, index) is not None


_COUNTED = worded(
    r"\b(?:customers?|clients?|who|anyone|anybody|people|subscribers?|buyers?|someone|users?|members?)\b(?: \w+){0,3}? "
    r"?\b(?:with|have|has|having|had|made|got|hold|holding|paid|bought|placed)"
    r"(?: (?:more|fewer|less|at|least|most|than|over|under|exactly|only|just|the|up to))* <n>(?: or (?:more|less"
    r"|fewer))? "
    r"(?:\w+ )?(?:payments?|charges?|subscriptions?|subs|invoices?|disputes?|chargebacks?|refunds?|purchases"
    r"|orders|plans"
    r"|times)\b"
)
_PART_OF_REVENUE = worded(
    r"\b(?:from|of|on|through|via|by|with|in) (?:our |the |all |any )?(?:(?:failed|declined|refunded|disputed|pending"
    r"|cancell?ed|incomplete|uncaptured|card|bank|debit|credit|wallet|cash|sepa|ach|online|offline|recurring|one - off"
    r"|one - time) (?:cards? )?(?:payments?|charges?|transactions?|transfers?|orders?)|cards?(?! brand)"
    r"|(?:new|returning|repeat|existing|first - time|old)(?: ?- ?| )(?:customers?|clients?|buyers?)"
    r"|(?:new|returning|repeat|existing) - customer)\b|\b(?:new|returning|repeat) - customer (?:payments|revenue"
    r"|sales)\b"
)
_SUMS_OF_MONEY: Final = frozenset({"revenue", "volume", "net_volume", "average_payment", "mrr", "arr", "fees", "ltv"})
_RANKED_OTHERWISE = worded(
    r"\b(?:by|in|for|with(?: the)?(?: most| highest| largest| fewest)?|per) (?:the "
    r"|their )?(?:most )?(?:number of|count"
    r"|refunds?|refunded|disputes?|chargebacks?|failed|failures?|fees|payments|payment count|orders|transactions"
    r"|frequency"
    r"|mrr|ltv|lifetime value)\b"
)
_DEADLINE = worded(
    r"\b(?:respon(?:se|d|ding)|reply(?:ing)?|evidence|answer(?:ed|ing)?|due|deadline)\b(?: \w+){0,2}? (?:due )?<date>"
)
_OVERDUE_BY = worded(
    r"\b(?:overdue|past due|late|unpaid)(?: by| for| since)? (?:more|over|at|less|longer|least|than|about|exactly"
    r"|<date>|<n>)"
    r".{0,20}(?:<recurs>|days?|weeks?|months?|<date>|<n>)|(?<!\w)<n> (?:days?|weeks?|months?) (?:overdue"
    r"|past due|late)\b"
)
_IN_TOTAL = worded(r"\b(?:in total|altogether|all together|overall|in all|per (?:customer|client|person)|each)\b")
_BANK_PAID = worded(
    r"\b(?:bank|cash|wire|cheque)(?: transfers?| cards?)?(?: (?:and|or) card)? (?:payments?|charges|transfers?)\b"
    r"|\b(?:paid|payments?|made|pay) (?:by|via|in|with|through) (?:bank|cash|wire|cheque|check|transfer)\b"
)
_THINGS: Final = (
    r"(?:payments?|refunds?|disputes?|chargebacks?|invoices?|payouts?|subscriptions?|customers?|charges|products?|revenue"
    r"|churn|mrr|arr|fees|ltv)"
)
_TWO_THINGS = worded(
    rf"\b(?P<one>{_THINGS}) (?:(?:and|or|&|,|plus|vs|versus|as well as) )+(?:(?:the|our|all|any|new|\w+ed) )*"
    rf"(?P<other>{_THINGS})\b(?! rate)"
)
_NOT_LATEST = worded(
    r"\b(?:last|latest|first) but (?:one|two|<n>)(?!\w)|\bpenultimate\b|\bbefore (?:the |her |his |their )?last\b"
    r"|\bone before\b|\bbut (?:one|two|<n>)(?!\w)"
)
# Read in the text itself, where "third" is not yet a share nor "3rd" a number.
_ORDINAL = lazy(
    r"\b(?:(?:\d+)(?:st|nd|rd|th)|next|second|third|fourth|fifth|sixth|seventh|tenth)[ -]+"
    r"(?:(?:to|from)[ -]+(?:the[ -]+)?)?(?:last|latest|most recent|newest|oldest|largest|biggest)\b"
    r"|\b(?:\d+(?:st|nd|rd|th)|second|third|fourth|fifth) (?:payment|charge|purchase|transaction|invoice)\b"
)


def _not_this(skill: str, text: str, gist: str, taken: Entities) -> str | None:
    """What none of the skill's filters could hold."""
    if skill in ("find_customers", "list_subscriptions", "list_payments", "list_invoices") and _COUNTED.search(gist):
        return "by_count"
    if skill in ("get_payment", "list_payments") and (_NOT_LATEST.search(gist) or _ORDINAL.search(text)):
        return "which_payment"
    two = _TWO_THINGS.search(gist)
    if two and two["one"].rstrip("s") != two["other"].rstrip("s"):
        return "several"
    if skill == "list_payments" and taken.keys() & _AMOUNTS and _IN_TOTAL.search(gist):
        return "by_total"
    if skill == "list_payments" and _BANK_PAID.search(gist):
        return "by_method"
    metric = taken.get("metric")
    if metric in _SUMS_OF_MONEY and _PART_OF_REVENUE.search(gist):
        return "part_of_figure"
    if metric == "top_customers" and _RANKED_OTHERWISE.search(gist):
        return "ranking"
    by = skill == "list_disputes" and taken.get("end") and not taken.get("start")
    if by and taken.get("status") == "needs_response" and _DEADLINE.search(gist):
        return "deadline"
    return "overdue_by" if skill == "list_invoices" and _OVERDUE_BY.search(gist) else None
