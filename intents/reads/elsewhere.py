"""Sentences that ask nothing of this desk: another till's matters, remarks, refusals to see, and what is left out."""

from paydesk.intents import gates
from paydesk.intents.patterns import worded

_NOT_OURS = worded(
    r"\bwhat (?:will|would|is going to) happen\b|\bmy (?:\w+ )?(?:visa|mastercard|amex|discover|card)\b"
    r"|\b(?<!when )(?:do|did|will"
    r"|can) i (?:\w+ )?(?:get paid|pay)\b"
    r"(?!.*\bfees?\b)|\bdo i owe\b|\bcredited to me\b|\bmy current account\b|\bcard payment (?:work"
    r"|not)\b|\bsource of my\b|\bpay ?day\b(?! for (?:us|the business))"
    r"|\bbank (?:balance|app)\b|\b(?:exchange|atm|transfer) fees?\b"
    r"|\bi (?:did not|didn't|don't) (?:\w+ )?(?:make|do|recogni[sz]e|authori[sz]e)\b|\bprime numbers?\b"
    r"|\b(?:extra|hidden) fees?\b|\bfees? (?:for|to|apply|when|in) (?!(?:the )?(?:<date>|<n>|<who>|card payments|us\b))"
    r"|\bwaiting (?:on|for) (?:a|my|the) (?:refund|payment)\b|\bnew card\b|\bi can do payments\b"
    r"|\b(?:payment|payments|transaction|transactions) to (?:the )?(?!us\b|me\b|our\b|my\b|date\b|see\b"
    r"|<date>|<n>|<money>)"
    r"|\b(?:i|we) (?:\w+ )?(?:spend|spent|spending|withdrew|withdraw|deposited|transferred|topped)\b"
    r"|\bi (?:\w+ )?(?:buy|bought)\b|\bsales on (?!<date>)|\bvolume (?:to|up|down|at)\b"
    r"|\bmy (?!(?:average|avg|mean|median|typical) |(?:payment|transaction|order) (?:volume|count|value)\b)(?:\w+ )?"
    r"(?:payment|transaction|purchase|refund|transfer|deposit|income|salary|paycheck"
    r"|order|bills?|money back)\b|\b(?:disposable|contactless|fiat|physical card|virtual card"
    r"|suspicious|(?<!our )friends?)\b"
    r"|\b(?:balance (?:sheet|transfer|bike|beam|board)|account number|credit card|debit card|gift card"
    r"|my card|checking|savings|direct debit|standing order|top[- ]?up|topped|atm|overdraft|mortgage|loan|rent|salary|"
    r"payment methods?|payment links?|balance transactions?|ledger|bank statement|bank account|exchange rates?"
    r"|pin|cheque"
    r"|electric(?:ity)?|water|gas|internet|phone bill|cable|tax(?:es)?|credit (?:score|limit)|"
    r"work[- ]life|chemical|flight|hotel|gym|netflix|spotify|hulu|hbo|magazine|amazon|wifi"
    r"|cash withdrawal|withdrawals?|cash machine|interest|minimum payment|car|insurance|medical|income tax|atm)\b"
)
# "don't show me the payments" asks for nothing.
_NOT_TO_SEE = worded(
    r"(?<!why )\b(?:don't|do not|never|needn't|need not|no need to|not|stop|without) (?:(?:want|need|have|wish|bother"
    r"|try|like|care|to|you|us|me|any|ever|just|also) ){0,4}(?:show|showing|list|listing|see|seeing|tell|telling|give"
    r"|giving|find"
    r"|finding|send|sending|display|search|searching|pull|pulling|fetch|look|read|hear)\b(?! (?:if|whether|why))"
    r"|\bfewer (?:\w+ )?\w+s\b(?! than)|\bmore (?:\w+ ){1,2}would\b|^(?:many )?thank(?:s"
    r"| you)(?: \w+)? for (?!listing|showing|telling)"
)
# "payments not from acme": what is left out cannot be asked of Stripe, and must not be shown instead.
_LEFT_OUT = worded(
    r"\b(?:payments?|charges|transactions?|refunds?|invoices?|subscriptions?|customers?|disputes?|payouts?|revenue"
    r"|sales)\b.*\b(?:not (?:from|by|to|in|on|with)|except|excluding|other than|apart from|but not|besides"
    r"|(?:anyone|anybody|everyone|everybody|anything|everything|all) but"
    r"|without (?:an? |any |the )?(?:refunds?|disputes?|invoices?|trials?|subscriptions?|e-?mails?|phones?|customers?"
    r"|descriptions?|receipts?|discounts?|payments?|failures?|failed|addresse?s?))\b"
)
_REMARK = worded(
    r"^(?!.*\?)(?!(?:has|have|did|is|are|was|were|do|does|will|when|where|how)\b)(?!.*\b(?:which|what|who|that|show"
    r"|list|give|find|get|any|if|whether)\b).*\b(?:payments?|refunds?|invoices?"
    r"|disputes?|chargebacks?|payouts?|subscriptions?|customers?|sales|products?) (?:(?:(?:all|both|now|just|really"
    r"|already"
    r"|finally|still) )*(?:are|is|was|were|look|looks|seems?|went|came) (?:\w+ ){0,2}?(?:good|great|fine|ok|okay|well"
    r"|better|sorted|right|done|happy|helpful|through)|(?:have |has )?(?:arrived|landed|came))\b(?! <)"
)


def is_told(gist: str) -> bool:
    """A statement or a remark: "the disputes are sorted"."""
    return gates.is_told(gist) or _REMARK.match(gist) is not None


def is_not_ours(gist: str, named: tuple[int, int] = (0, 0)) -> bool:
    """Another till's matter ("my bank balance"), or a refusal to see: "don't show me the payments".

    What lies between the two places `named` is part of somebody's name: "payments from harbor hotel".
    """
    found = _NOT_OURS.search(gist)
    if found and named[0] <= found.start() and found.end() <= named[1]:
        found = _NOT_OURS.search(gist, named[1])
    return found is not None or _NOT_TO_SEE.search(gist) is not None


def leaves_out(gist: str) -> bool:
    """ "payments not from acme": all but some of what there is."""
    return _LEFT_OUT.search(gist) is not None
