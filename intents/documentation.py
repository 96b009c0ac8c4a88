"""Questions about how things work, which the books do not answer: "how do refunds work", "is there a limit on ..."."""

import re
from typing import Final

from paydesk.intents.patterns import lazy, worded
from paydesk.intents.words import said_in, words

_DOCS = worded(
    r"^(?:so |and |hey |ok |please |, )*(?:can you |could you )?(?:how (?:do|does|did|can|could|would"
    r"|should|to|long|come|is|are|often|soon|fast|many days|far)\b|what (?:is|are|does|do|'s)? ?(?:a"
    r"|an|the (?:difference|meaning|definition|fee|fees|limit|policy|process|maximum|minimum|rule"
    r"|rules|deadline|best|point|purpose|cost|steps?|procedure))\b"
    r"|what's (?:a|an|the (?:difference|meaning|definition|fee|limit|policy|process|maximum|minimum"
    r"|deadline|best|point|max|min|cost))\b|what does .{1,40}\bmean\b|define\b|explain\b|describe\b"
    r"|why (?:do|does|would|can't|is there|are there)\b|is there (?:a|an|any) (?:limit|fee|way|minimum"
    r"|maximum|cost|charge|deadline|penalty|time|cap|difference|option|setting|api|webhook|cut-?off)\b"
    r"|are there (?:any )?(?:limits?|fees?|costs?|charges?|restrictions?|rules?)\b|(?:can|could|does"
    r"|do|will|would|is|are|may) (?:stripe|paydesk|the api|this|a|an|the|customers?|users?|people"
    r"|refunds?|payments?|payouts?|subscriptions?|merchants?|it|one|someone|anyone"
    r"|you)(?: \w+){0,3} (?:support|cost|take|allow|accept|work(?! out)|handle|expire|include|automatically"
    r"|possible|reversible|charge|need|require|get|be|count|affect|have to)\b"
    r"|tell me (?:about )?how\b|show me how\b|where (?:do|can|should) (?:i|we)\b|who (?:do|can|should"
    r"|decides|pays for)\b|which (?:countries|currencies|cards|payment methods|webhooks?|events?)\b"
    r"|when (?:do|does|will|are|is) (?:refunds?|disputes?|customers?|subscriptions?|stripe"
    r"|the refund)\b|do (?:refunds?|payments?|payouts?|disputes?|customers?|subscriptions?|i|we"
    r"|you) (?:\w+ )?(?:cost|take|expire|work|get|need|have to|support|accept|charge|offer)\b"
    r"|what happens (?:to|when|after|if)\b"
    r"|what (?:currencies|cards|countries|payment methods)\b|what's (?:stripe|paydesk)\b"
    r"|what counts as\b|what do (?:you|i need|we need)\b|what can (?:you|i|we)\b(?! pay out)|why (?:should"
    r"|did stripe)\b|who (?:is|are) you\b|is it (?:possible|free)\b|documentation\b|docs\b)"
)
_DOCS_ANYWHERE = worded(
    r"\bwhat(?:'s| is) the [\w ]*\b(?:period|deadline|limit|law|requirement)s? for\b|\bwhat (?:means"
    r"|mean)\b|\b(?:refund|dispute|payout|chargeback|payment|cancellation) (?:window"
    r"|policy|period|deadline"
    r"|process|rules?|terms)\b|\bin (?:the )?(?:docs|documentation)\b|\bmeaning of\b|\bdefinition of\b"
    r"|\bdifference between\b|\bformula\b|\bhow (?:is|are|do you|does one|would you|to) (?:\w+ ){1,4}?(?:calculated?"
    r"|computed?|worked out|defined?|derived?)\b"
    r"|\bhow (?:refunds?|disputes?|payouts?|payments?|subscriptions?|chargebacks?) work\b|\bteach me\b"
    r"|\btutorial\b|\bwhat does\b.*\bmean\b"
)

# Each way of the pattern above holds one of these words.
_DOCS_WORDS: Final = words(
    """
    period periods deadline deadlines limit limits law laws requirement requirements means mean formula calculate
    calculated compute computed worked define defined derive derived window policy process rule rules terms docs
    documentation meaning definition difference work teach tutorial
    """
)
# "how can I see the payments of yesterday" wants to see them.
_ASKS_TO_SEE = worded(
    r"how (?:can|do) (?:i|we) (?:see|view|list|get|check) (?!my (?:\w+ )?balance).*<(?:date|who|mail|money|cus|pi|ch)>"
)
# "how are our subscriptions doing, show me the ones past due" asks to see something after all.
_THEN_SHOW = lazy(r"[,.;?!] (?:please |just |can you |could you |so |then )*(?:show|list|give|find|get|pull|tell) ")


# "how does this month's revenue compare with last month's" wants both.
_COMPARES = worded(r"how (?:do|does|did) .*<date>.*\b(?:compare|stack up|measure up|stand)\b")


# "how is our balance in yen" asks for the figure.
_HOW_IS_OURS = worded(r"how (?:is|are) (?:our|my|the) (?:<cur> )?(?:balance|sales|revenue|numbers|takings|business)\b")


def is_about_documentation(gist: str) -> bool:
    """ "how do refunds work", "is there a limit on ...", "define chargeback"."""
    if gist.startswith("how ") and (_HOW_IS_OURS.match(gist) or _ASKS_TO_SEE.match(gist) or _COMPARES.match(gist)):
        return False
    found = _DOCS.match(gist)
    if found is None and "difference" in gist and "<date>" in gist:
        return False
    if found is None and not _DOCS_WORDS.isdisjoint(said_in(gist)):
        found = _DOCS_ANYWHERE.search(gist)
    return found is not None and _THEN_SHOW.search(gist) is None


# "the difference between MRR and ARR": of words, not of months.
_TELLS_APART = lazy(r"^(?!.*<date>).*\bdifference between\b")


_TAKES_DAYS = lazy(r"\bhow many (?:business |working )?(?:days|weeks|hours) (?:does|do|will|would)\b")


def is_figure(gist: str) -> bool:
    """ "how much did we make": a figure of the books is asked for in words that also ask how things work."""
    if _TELLS_APART.search(gist) or _TAKES_DAYS.search(gist):
        return False
    return re.search(
        r"\bhow (?:much|many)\b|\bhow (?:did|are|is|was|were) (?:we|sales|business|things)\b|\b(?:revenue"
        r"|mrr|arr|churn|volume|rate)\b",
        gist,
    ) is not None and not re.match(
        r".*\b(?:means?|meaning|define|definition|explain|formula|calculated|computed|worked out|defined)\b"
        r"|(?:how (?:do|to|does|is)|what (?:is"
        r"|does) (?:a|an)\b|define|explain|is there|what's (?:a|an) )",
        gist,
    )
