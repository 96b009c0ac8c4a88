"""Words for business figures -> the metric they ask for, the more special first."""

from typing import Final

from paydesk.intents.patterns import Ordered

_ONE_PAYMENT: Final = (
    r"(?:(?:one|a|an|each|our|the|single|my) )*(?:payments?|orders?|sales?|charges?|transactions?|purchases?|tickets?"
    r"|baskets?)"
)
_COME_TO: Final = (
    r"(?:add(?:ed)? up to|sum(?:med)? up to|c[oa]me to|amount(?:ed)? to|run to|ran to|total(?:led)?(?: up)?(?: to)?)"
)
_ADD_UP: Final = r"(?:add|sum|tot|total|count|tally|reckon) up (?:all |the |our |my |of |every )*"
_US: Final = (
    r"(?:we|i|(?:our|my|the) (?:business|company|shop|store|salon|studio|caf[eé]|practice|firm|gym|club|restaurant|bar"
    r"|bakery|agency|clinic|school|team|place|site|website|webshop|stall|market|gallery|kiosk|truck))"
)
_TABLE: Final = {
    "dispute_rate": (
        r"(?:disputes?|chargebacks?) (?:rate|ratio|percentage|percent|share)|rate of (?:disputes"
        r"|chargebacks)|(?:percent|percentage|share|fraction|proportion|%) of (?:all |our "
        r"|my )?(?:payments|charges|transactions|sales) (?:are |is |was |get |got |were |that are "
        r"|being )?(?:disputed|charged back)"
    ),
    "refund_rate": (
        r"how often (?:do|did|have) (?:we|i) (?:refund(?:ed)?|give (?:money )?back)|"
        r"refunds? as a (?:share|percentage|percent|%|proportion) of|refunds? (?:rate|ratio|percentage"
        r"|percent|share)|rate of refunds?|(?:percent|percentage|share|fraction|proportion|%) of (?:all "
        r"|our |my )?(?:payments|charges|transactions|sales|revenue|orders) (?:are |is |was |get |got |were "
        r"|that are |being |we |did we |do we |have we )?refund(?:ed)?"
    ),
    "failure_rate": (
        r"(?:failure|decline|fail|failed payments?|payment failure|payments? fail|rejection) (?:rate|ratio"
        r"|percentage|percent)|(?:success|acceptance|approval|authori[sz]ation) rate|(?:percent|percentage"
        r"|share|fraction|proportion|%) of (?:declined|failed|unsuccessful|failing) |(?:percent|percentage"
        r"|share|fraction|proportion|%) of (?:all |our |my )?(?:payments|charges|transactions) (?:are |is "
        r"|get |got |were |that |that are |being )?(?:fail|failed|failing|declined?|unsuccessful)"
        r"|how many (?:payments|charges|transactions) (?:have |were |are |got )?(?:failed|fail|declined|bounced)\b"
        r".*\b(?:in|as an?) (?:percent|percentage|%)"
        r"|how often (?:do|are|did) (?:our |my )?(?:payments|charges|cards) (?:fail|get declined|declined)"
    ),
    "churn": (
        r"(?<!who )(?<!who has )(?<!who have )(?<!subs that )(?<!subscriptions that )(?<!subscribers that )"
        r"churn(?:ed|ing)?(?! (?:customers|subscriptions|subs|subscribers))|(?:cancellation|retention"
        r"|attrition) rate|attrition|(?:how many|number of) (?:customers|subscribers|subscriptions|subs"
        r"|clients|people) (?:did|have|do|has) (?:we|i) (?:lose|lost|losing)|(?:how many"
        r"|number of) (?:customers|subscribers|subs|subscriptions|people) (?:left|cancell?ed|churned|quit)"
        r"|lost (?:customers|subscribers)"
    ),
    "mrr": r"mrr|<recurs> recurring revenue|(?:month(?:'s)?|current) recurring revenue|recurring revenue",
    "arr": r"arr|annuali[sz]ed? (?:recurring )?revenue|run[- ]rate",
    "ltv": (
        r"c?ltv|clv|life ?time (?:value|spend|revenue)|life-time value|customer value|(?:total"
        r"|all[- ]time) value of|(?:what(?:'s| is| are)|how much (?:is|are)) (?:a|an|one|each|our"
        r"|the average) (?:customers?|clients?|subscribers?) worth"
    ),
    "average_payment": (
        r"(?:average|avg|mean|median|typical) (?:\w+ )?(?:payments?|orders?|transactions?|charges?|sales?"
        r"|tickets?|purchases?|basket|amount|spend)(?: (?:value|size|amount))?|aov|(?:payment|order"
        r"|transaction|ticket|basket) (?:average|size)|how (?:big|large|much) is (?:the |our "
        r"|an? )?average (?:\w+ )?(?:payment|order|charge|transaction|sale)"
        r"|(?:on|in the|what is on) average (?:, )?(?:how (?:big|large|high|much)|what) (?:is|are|was"
        rf"|were) {_ONE_PAYMENT}"
        rf"|how (?:big|large|high|much|small) (?:is|are|was|were) {_ONE_PAYMENT} (?:, )?(?:on average|typically"
        rf"|usually)|{_ONE_PAYMENT} (?:is |are |was )?(?:how (?:big|much|large) )?(?:on|in the) average"
        rf"|what(?:'s| is| was) {_ONE_PAYMENT} (?:worth )?on average"
        r"|(?:average|avg|typical) (?:customer|client|buyer|person|shopper) (?:pays?|spends?|orders?|buys?)"
    ),
    "net_volume": (
        r"net (?:payments? |sales? |processing )?(?:volume|sales|revenue|income|takings)|(?:revenue|sales"
        r"|volume) (?:net of|after|minus|less) (?:refunds|fees|refunds and fees)"
    ),
    "fees": (
        rf"fees? {_COME_TO}|{_ADD_UP}(?:<date> )?(?:'s )?(?:\w+ )?fees|"
        r"(?:what|how much) (?:did|does|has|do|is|will)? ?stripe (?:charg(?:e|ed|ing)(?: us)|t[ao]ken?"
        r"|cost(?:ing)?(?: us)?|cut"
        r"|keep|kept|deduct(?:ed)?)|stripe's (?:cut|share)|"
        r"(?:how much|what|total|sum of|amount of) .{0,40}\bfees?|(?:stripe|processing|transaction|card"
        r"|payment|our|my|total) (?:processing )?fees?|fees? (?:we |i )?(?:paid|pay|cost)|^fees"
        r"|fees <date>|processing costs?"
    ),
    "refunds": (
        r"(?:how much|total|sum of|amount|value|volume|how many) (?:\w+ ){0,4}?(?:refunds?|refunded)"
        r"|los[te]e? (?:to|on|in) refunds|refunds? (?:total|volume|amount|value|count)|(?:total|money"
        r"|amount) refunded|refunded (?:amount"
        r"|total|in total)|refund totals?|(?<=compare )(?:the |our )?refunds"
        r"|how much (?:did|have) (?:we|i) (?:give|given|gave|pay|paid|hand|handed|send|sent) back"
        r"|(?:what|how much) (?:do|did|have|will|does)? ?(?:(?:all|the|our|my|<date>"
        rf"|'s) )*refunds? (?:<date> )?(?:from <date> |in"
        rf" <date> |for <date> |of <date> )?{_COME_TO}|{_ADD_UP}(?:<date> )?(?:'s )?refunds"
        rf"|refunds? {_COME_TO} (?:what|how much)"
        r"|how much (?:money )?(?:went|has gone|goes) (?:back|out) (?:to (?:our )?(?:customers|clients"
        r"|people) )?(?:in|as) refunds"
    ),
    "top_customers": (
        r"(?:top|best|biggest|largest|highest[- ](?:paying|spending|value)|most valuable|vip"
        r"|most profitable|leading) (?:<n> )?(?:customers?|clients?|spenders?|buyers?|accounts?|payers?)"
        r"|customers? (?:ranked |sorted |ordered )?by (?:revenue|spend(?:ing)?|value|sales|amount|volume"
        r"|total|lifetime value)|who (?:spends|spent|pays|paid|buys|bought|has spent|has paid)(?: us"
        r"| with us)? (?:the )?most|which (?:customers?|clients?) (?:spend|spent|pay|paid|bring|brought"
        r"|generate|generated|bought|buy|have spent|has spent|made us)(?: us| in"
        r"| with us)? (?:the )?(?:most|best)|who (?:is|are|were|was) (?:the )?(?:<n> )?(?:people |customers "
        r"|ones )?(?:who|that) (?:pays?|paid"
        r"|spends?|spent|buys?|bought)(?: us| with us| from us)?(?: the)? most|who (?:is|are|were|was) (?:our"
        r"|my) (?:top|best|biggest|largest|most valuable)|who (?:brings|brought) in the most"
    ),
    "new_customers": (
        r"(?:how many|number of|count(?: of)?) (?:new (?:customers|clients|users|buyers|patients|donors|pupils"
        r"|students|members)|signups|sign-ups)"
        r"|new (?:customers|clients|users|subscribers)(?=.*\b(?:vs|versus|compared|against)\b)"
        r"|new (?:customers|clients|users|subscribers)(?=.* (?:, )?how many(?: (?:are|were"
        r"|did) \w+(?: \w+)?)?[ ?.!]*$)|new (?:customers|clients|users"
        r"|subscribers) (?:(?:by|per|each) (?:day|week|month|quarter|year)|<recurs>)"
        r"|(?<=compare )new customers|how many (?:customers?|clients?|users?)(?: new)? (?:signed up"
        r"|joined|registered|we have|have we|we had)"
        r"|(?:new )?(?:customers?|clients?) (?:growth|count|acquisition|gained|acquired)"
        r"|(?:new )?sign-?ups|how many (?:people|users|customers|clients|patients|folks) (?:signed up|joined"
        r"|registered|did we (?:gain|get|add|acquire|win)|were (?:added|created))|growth in customers|customer numbers"
    ),
    "payment_count": (
        r"(?:how many|(?:number|nr|no)\.? of|# of|count(?: of)?|total number of|amount of) (?:\w+ |<cur> "
        r"|<recurs> ){0,3}?(?:payments|transactions|charges|orders|purchases|sales)\b|(?:payment"
        r"|transaction|charge|order|sales|payments|transactions|charges|orders) (?:count|counts|numbers)"
        r"|how many times (?:did|has|have)"
        r"|(?:payments|transactions|charges|orders|purchases)(?=.* , how many(?: (?:are|were|is|was) (?:there|it"
        r"|they))?[ ?.!]*$)|count (?:the |our |my |all )?(?:\w+ )?(?:payments|transactions|charges)"
    ),
    "volume": (
        r"(?:gross |payments? |processing |processed |total |transaction |sales |charge |our |my "
        r"|net )*volume|gmv|tpv|gpv|how much (?:money )?(?:did|have|has|do|are|were|was) (?:we|i|been|it"
        r"|stripe)? ?(?:process|processed|processing)|how much (?:money )?(?:went|has gone|goes|passed|ran"
        r"|flowed) through"
        r" (?:the |our )?(?:till|tills|books|account|stripe|system|shop|business|checkout)|turned over|money processed"
    ),
    "revenue": (
        rf"what (?:did|do|have|has|does) {_US} turn(?:ed)? over|"
        r"how (?:many|much) <cur> (?:did|have|has) (?:we"
        r"|i)(?! (?:got )?(?:still )?(?:available|pending|left|on hand"
        r"|reserved))|how's (?:business|sales|revenue)|revenues?"
        r"|sales|turnover|income|earnings|takings|proceeds|gross|grossed|how much (?:money "
        r"|cash )?(?:did|have|has|do|are|were|was|came|comes?|is|'ve) "
        rf"{_US}? ?(?:already |been )?(?:make|made|making|earn"
        r"|earned|earning|bring|brought|take|taken|took|sold|sell|collect|collected|come|coming|in\b"
        r"|receive|received|gross|cash|get paid|charge|charged|bill|billed|invoiced)"
        r"|how much (?:money )?(?:came|comes|has come|is coming)(?: in)?|(?:money|cash) (?:made|earned"
        rf"|coming in|that came in)|(?:what|how much) (?:did|have|has|does) {_US} (?:earn|earned|make|made|gross"
        rf"|grossed"
        r"|take in|bring in|brought in)|how (?:did|are|is|was|were|do) (?:we|business|sales|things"
        r"|the business) (?:do|doing|going)|total (?:payments|spend|spent|paid|sales|income)"
        r"|how much (?:money )?(?:did|has|have|does|do|is|was) .{1,60}? (?:spend|spent|paid|pay|spending"
        r"|paying|worth|bought|buy|brought|contribute|contributed|generate|generated|bring in|bring|given us|give us"
        r"|ordered)\b|how much (?:money )?(?:we|i) (?:have |had |did )?(?:earn|earned|make|made|take|took"
        r"|receive|received|sold)\b"
        r"|how much (?:<who>|[^<> ]+) (?:has|have) (?:spent|paid|bought|ordered)(?: to us| us| with us)?\b"
        r"|how much (?:has|have|did|does) (?:spent|spend|paid|pay|bought)\b|(?:total"
        r"|sum of) (?:all |our |my )?payments|total (?:\w+ )?(?:spend|spending)"
        r"|(?:spent|paid|bought|ordered|spends|pays|given us|brought in|brought us)(?: us| with us| for)? how much"
        r"|(?:what|how much) (?:do|did|have|does)? ?(?:(?:all|the|our|my|<date>|'s) )*(?:sales|takings"
        rf"|payments) (?:<date> )?"
        rf"(?:in <date> |for <date> |of <date> )?{_COME_TO}|{_ADD_UP}(?:<date> )?(?:'s )?(?:sales|takings|payments)"
        r"|spend(?:ing)? (?:of|by|from)|what (?:has|did) .{1,40} (?:spent|spend)(?: with us)?|'s (?:total "
        r"|lifetime )?(?:spend|spending|revenue)"
    ),
}
_METRICS: Final = Ordered((metric, rf"(?<![\w-])(?:{words})(?![\w-])") for metric, words in _TABLE.items())


def find_metric(gist: str) -> tuple[str, int, int] | None:
    """The metric a lower-case sentence asks for, with its place; None if it asks for no figure."""
    for metric, pattern in _METRICS.likely(gist):
        match = pattern.search(gist)
        if match:
            return metric, match.start(), match.end()
    return None
