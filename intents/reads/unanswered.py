"""What a question may narrow a list down to that no filter of the desk holds: counts, totals, ranks, deadlines."""

from typing import Final

from paydesk.intents.patterns import lazy, worded
from paydesk.intents.targets import Entities

AMOUNTS: Final = frozenset({"amount", "amount_gt", "amount_gte", "amount_lt", "amount_lte"})
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


def not_this(skill: str, text: str, gist: str, taken: Entities) -> str | None:
    """The doubt about what none of the skill's filters could hold; None where nothing is."""
    if skill in ("find_customers", "list_subscriptions", "list_payments", "list_invoices") and _COUNTED.search(gist):
        return "by_count"
    if skill in ("get_payment", "list_payments") and (_NOT_LATEST.search(gist) or _ORDINAL.search(text)):
        return "which_payment"
    two = _TWO_THINGS.search(gist)
    if two and two["one"].rstrip("s") != two["other"].rstrip("s"):
        return "several"
    if skill == "list_payments" and taken.keys() & AMOUNTS and _IN_TOTAL.search(gist):
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
