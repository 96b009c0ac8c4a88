"""Figures that stand beside the usual ones where the desk works them out: retention, movements, forecasts and the rest.

Where it does not offer them, their words mean what they mean in `metrics` ("customer churn" is churn there).
"""

from collections.abc import Mapping
from typing import Final

from paydesk.intents.patterns import Ordered
from paydesk.intents.targets import Entities
from paydesk.intents.words import said_in, words

_CUSTOMERS: Final = r"(?:customers?|clients?|subscribers?|payers?)"
_REVENUE: Final = r"(?:revenue|sales|income|turnover|takings)"
_BIGGEST: Final = r"(?:biggest|top|largest|best|main) (?:<n> )?(?:customers?|clients?|payers?)"
_TABLE: Final[Mapping[str, str]] = {
    "nrr": r"nrr|net (?:revenue |dollar |mrr )?retention(?: rate)?",
    "quick_ratio": r"(?:saas )?quick ratio",
    "movements": (
        r"mrr (?:movements?|bridge|waterfall|changes)|(?:movements?|bridge|waterfall) of (?:the |our )?mrr"
        r"|(?:net )?new mrr|(?:expansion|contraction|reactivation) mrr|why did (?:the |our )?mrr (?:change|grow|shrink"
        r"|drop|fall|rise)"
    ),
    "revenue_churn": (
        r"(?:gross |net )?(?:revenue|mrr|dollar) churn(?: rate)?|churned (?:revenue|mrr)|lost mrr"
        r"|churn (?:of|in) (?:revenue|mrr)"
    ),
    "customer_churn": (
        r"(?:customer|logo|subscriber|client) churn(?: rate)?|churn (?:of|in) (?:customers|logos|subscribers)"
    ),
    "arpu": (
        r"arpu|arpa|(?:average |avg )?(?:<recurs> )?(?:revenue|mrr) per (?:user|subscriber|account)"
        r"|(?:average|avg) (?:<recurs> )?(?:revenue|mrr) per (?:customer|client)"
    ),
    "cohorts": (
        rf"(?:{_CUSTOMERS} |retention )?cohorts?(?: analysis| retention| table)?|(?:{_CUSTOMERS} )?retention (?:curves?"
        rf"|table|by (?:cohort|month)|over time)|retention of {_CUSTOMERS} by month"
        rf"|how long do (?:our )?{_CUSTOMERS} stay"
    ),
    "success_rate": (
        r"(?:payments? )?(?:success|acceptance|approval|authori[sz]ation) rate|(?:share|percent|percentage|%) of "
        r"(?:all |our )?(?:payments|charges) (?:that |which )?(?:succeed(?:ed)?|go through|went through|(?:are|were) "
        r"accepted)"
    ),
    "payout_forecast": (
        r"payouts? forecast|forecast(?:ed)? (?:of )?(?:the |our )?payouts?|(?:upcoming|expected|future) payouts"
        r"|when (?:does|will|do|is|are) (?:the|our|my) (?:pending )?(?:money|funds|balance) (?:come|coming|arrive"
        r"|arriving|(?:become|be|becomes) available|get here|reach us)(?: in)?"
    ),
    "forecast": (
        rf"{_REVENUE} (?:forecast|projection|outlook)|forecast (?:of |for )?(?:the |our )?(?:{_REVENUE}|business)"
        rf"|(?:expected|projected|predicted|forecast(?:ed)?) {_REVENUE}"
        rf"|how much (?:{_REVENUE} |money )?(?:will|can|are) we (?:likely |going |expect )*(?:to )?"
        r"(?:make|earn|expect|take)"
        r"|^(?:show |give )?(?:me |us )?(?:the |our |a )?forecast(?= <date>| for <date>|[ ?.!]*$)"
    ),
    "anomalies": (
        rf"{_REVENUE} anomal(?:y|ies)|anomal(?:y|ies)(?: in (?:the |our )?{_REVENUE})?"
        rf"|(?:unusual|odd|strange|abnormal) (?:days?|{_REVENUE})|(?:{_REVENUE} )?outliers"
        rf"|days (?:with|of) (?:unusual|odd|strange) {_REVENUE}"
    ),
    "concentration": (
        rf"(?:customer|revenue|client) concentration|how concentrated (?:is|are) our (?:{_REVENUE}|customers)"
        rf"|how (?:dependent|reliant) (?:are|is) (?:we|our {_REVENUE}|the business) (?:on|upon) "
        rf"(?:our |the )?{_BIGGEST}|how (?:much|strongly|heavily) do we depend on (?:our |the )?{_BIGGEST}"
        rf"|(?:share|percent|percentage|%|how much) of (?:the |our )?{_REVENUE} (?:comes |is |that comes )?"
        rf"(?:from|by|of) (?:our |the )?{_BIGGEST}"
    ),
}
_FIGURES: Final = Ordered((metric, rf"(?<![\w-])(?:{words})(?![\w-])") for metric, words in _TABLE.items())
# Each way of the patterns above holds one of these words.
_HINTS: Final = words(
    """
    nrr retention ratio mrr churn churned arpu arpa per cohort cohorts stay rate go went through succeed succeeded
    accepted payout payouts money funds balance forecast forecasted projection outlook expected projected predicted will
    can are anomaly anomalies unusual odd strange abnormal outliers concentration dependent reliant depend concentrated
    biggest top largest best main
    """
)
#: Figures that every desk tells, as no other figure is said with their words.
_ALWAYS: Final = frozenset({"nrr", "quick_ratio", "cohorts"})
_HINTS_OF_ALWAYS: Final = words("nrr retention quick cohort cohorts stay")
_NOT_IN_PARTS: Final = frozenset(
    {"customer_churn", "arpu", "cohorts", "payout_forecast", "anomalies", "concentration", "churn"}
)
_PARTS: Final = words("day week month quarter year")
_GROUPS: Final = {"plan": "product", "price": "product", "brand": "card_brand", "region": "country"}

#: A figure and where its words begin and end in the gist.
Figure = tuple[str, int, int]


def find(gist: str, offered: frozenset[str]) -> Figure | None:
    """The figure that a lower-case sentence asks for, among those that are offered beside the usual ones."""
    every = "get_analytics" in offered
    if (_HINTS if every else _HINTS_OF_ALWAYS).isdisjoint(said_in(gist)):
        return None
    for metric, pattern in _FIGURES.likely(gist):
        match = pattern.search(gist) if every or metric in _ALWAYS else None
        if match:
            return metric, match.start(), match.end()
    return None


def fitted(entities: Entities) -> Entities:
    """What was said of a figure in the terms in which the desk can split it."""
    group = entities.get("group_by")
    if group in _PARTS and entities.get("metric") in _NOT_IN_PARTS:
        return {key: value for key, value in entities.items() if key != "group_by"}
    return entities | {"group_by": _GROUPS[group]} if isinstance(group, str) and group in _GROUPS else entities
