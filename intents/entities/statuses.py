"""Words for the state of a payment, subscription, invoice, dispute, payout, product or customer, as Stripe names it."""

from typing import Final

from paydesk.intents.patterns import Ordered


def _forms(table: dict[str, str]) -> Ordered[str]:
    return Ordered((status, rf"(?<![\w-])(?:{words})(?![\w-])") for status, words in table.items())


_PAYMENTS: Final = _forms(
    {
        "partially_refunded": r"partially[- ]refunded|partial(?:ly)? refund(?:ed|s)?|partly refunded",
        "requires_capture": (
            r"requir(?:es?|ing|ed)[ _](?:a )?captur(?:e|ing)|need(?:s|ing)? (?:to be )?captur(?:e|ed|ing)|(?:have"
            r"|has) to (?:be )?captured?|uncaptured|to (?:be )?capture|(?:a)?wait(?:ing|s)? (?:for "
            r"|to be )?captured?|not (?:yet )?captured"
            r"|to be captured"
            r"|authori[sz]ed(?: but not captured| only)?|on hold"
        ),
        "disputed": r"disputed|charged back|under dispute|in dispute|contested",
        "refunded": r"(?:fully )?refunded|reimbursed|we refunded|given back",
        "failed": (
            r"not (?:been |yet )?succe(?:ed|eded|ssful)|fail(?:ed|ing|ures?|s)?|declined?|declines"
            r"|unsuccessful|bounced|did ?n[o']t go through|rejected"
            r"|blocked|didn't work|did not work|not go through"
        ),
        "incomplete": (
            r"incomplete|abandoned|unfinished|not completed|never completed|requires[ _]payment[ _]method"
            r"|requires[ _](?:action|confirmation)"
        ),
        "pending": r"pending|processing|in progress|outstanding|not (?:yet )?cleared|still clearing"
        r"|(?:haven't|hasn't|have not|has not|didn't|yet to) (?:yet )?(?:been )?(?:clear(?:ed)?|settled?|arrived?)",
        "canceled": r"cancell?ed|voided",
        "succeeded": r"succeeded|success(?:ful|fully)?|went through|completed?|paid|captured|good|cleared|succeed",
    }
)
_SUBSCRIPTIONS: Final = _forms(
    {
        "incomplete_expired": r"incomplete[_ ]expired|expired incomplete",
        "incomplete": r"incomplete",
        "trialing": r"trial(?:l?ing|ers|s)?|(?:in|on)(?: a| their| the)?(?: free)? trial|in trial|free trials?",
        "past_due": r"past[- _]due|overdue|behind on (?:their )?payments?|late|delinquent|in arrears",
        "canceled": r"cancell?ed|ended|churned|terminated|cancell?ations?",
        "unpaid": r"unpaid",
        "paused": r"paused|on hold",
        "active": r"active|live|running|current(?:ly)? subscribed",
    }
)
_INVOICES: Final = _forms(
    {
        "past_due": r"past[- _]due|overdue|late|expired|past their due date",
        "draft": r"drafts?|unsent|not (?:yet )?(?:sent|finali[sz]ed)|(?:haven't|hasn't|have"
        r" not|never|has not|isn't|aren't) (?:yet )?(?:been )?(?:sent|issued|finali[sz]ed)",
        "uncollectible": r"uncollectib?le|written off|bad debts?|write[- ]offs?|wr[oi]te off|given up on",
        "void": r"void(?:ed)?|cancell?ed",
        "open": (
            r"open|unpaid|outstanding|owed|awaiting payment|not (?:yet )?(?:been )?paid|still (?:to be paid"
            r"|due)|pending|haven't been paid|aren't paid|unsettled|waiting (?:on|to be paid|for payment)|we(?:'re"
            r"| are) (?:still )?waiting for|(?:has|have|did)(?:n't| not) (?:yet "
            r"|been )?(?:paid|pay|settled?)"
        ),
        "paid": r"paid|settled|closed",
    }
)
_DISPUTES: Final = _forms(
    {
        "needs_response": (
            r"needs?[_ ](?:a |our |my )?(?:response|reply|evidence|attention|action|answer)|need(?:ing"
            r"|s)? (?:a |an )?(?:response|reply|evidence|attention|action|answer|to be answered)"
            r"|requir(?:es?|ing) (?:a )?(?:response|reply|action"
            r"|evidence)|open|unanswered|awaiting (?:our |my |a )?(?:response|reply|evidence)|to respond to"
            r"|(?:to|must|gotta|have to|should) answer|unresolved|waiting (?:for|on) (?:us|me|my response"
            r"|our response|a response)|new"
        ),
        "under_review": r"under[_ ]review|in review|being reviewed|pending|reviewing|in progress|submitted",
        "won": r"won|wins?|in our favou?r|went our way",
        "lost": r"lost|los(?:e|t|ing|ses)|went against us",
    }
)
_REFUNDS: Final = _forms(
    {
        "failed": r"fail(?:ed|ing|s|ures?)?|bounced|returned|rejected|did ?n[o']t go through",
        "pending": r"pending|processing|in progress|outstanding|not (?:yet )?(?:arrived|completed|gone through)",
        "canceled": r"cancell?ed",
    }
)
_PAYOUTS: Final = _forms(
    {
        "failed": r"fail(?:ed|ing|s|ures?)?|bounced|returned|rejected",
        "in_transit": r"in[_ -]transit|on (?:its|their|the) way|en route|underway|still moving",
        "paid": r"paid(?: out)?|(?:(?<=that )|(?<=not )|(?<=n't )|(?<=never ))(?:arrived|landed)|completed|deposited",
        "pending": r"pending|scheduled|upcoming",
        "canceled": r"cancell?ed",
    }
)
_PRODUCTS: Final = _forms(
    {
        "archived": r"archived?|inactive|retired|discontinued|disabled|deactivated",
        "active": r"active|live|available|current",
    }
)
_CUSTOMERS: Final = _forms(
    {"delinquent": r"delinquents?|in arrears|behind on payments?|owing|who owe(?: us)?(?: money)?"}
)

_BY_SKILL: Final = {
    "list_payments": _PAYMENTS,
    "get_payment": _PAYMENTS,
    "list_subscriptions": _SUBSCRIPTIONS,
    "list_invoices": _INVOICES,
    "list_disputes": _DISPUTES,
    "list_payouts": _PAYOUTS,
    "list_refunds": _REFUNDS,
    "list_products": _PRODUCTS,
    "find_customers": _CUSTOMERS,
}


def find_status(skill: str, gist: str) -> tuple[str, int, int] | None:
    """The status said in a lower-case sentence, with its place, in the words of what `skill` lists; None if none is."""
    forms = _BY_SKILL.get(skill)
    for status, pattern in forms.likely(gist) if forms else ():
        match = pattern.search(gist)
        if match:
            return status, match.start(), match.end()
    return None


def find_all_statuses(skill: str, gist: str) -> list[tuple[str, int, int]]:
    """Every status said, each with its place, none within another; the more special where two would overlap."""
    forms = _BY_SKILL.get(skill)
    found: list[tuple[str, int, int]] = []
    for status, pattern in forms.likely(gist) if forms else ():
        for match in pattern.finditer(gist):
            if all(match.end() <= start or end <= match.start() for _, start, end in found):
                found.append((status, match.start(), match.end()))
    return found
