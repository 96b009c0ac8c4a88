"""Sentences that name no thing: "last 25 failed", "who paid yesterday", "anything over 10 grand"."""

from typing import Final

from paydesk.intents import amounts, lexicon, targets
from paydesk.intents.patterns import Ordered, lazy, worded
from paydesk.intents.sentence import Sentence
from paydesk.intents.words import said_in, words

_SAYS_LATEST_ONE: Final = (
    r"\bwhat (?:did|has) .+ (?:pay|paid|buy|bought)(?: us)? last\b(?! <)|^who (?:was it that |has )?(?:paid"
    r"|bought)(?: us)?"
    r" last[ ?.!]*$"
    r"|\b(?:last|latest|most recent) (?:thing|item|stuff) .+ (?:bought|paid(?: for)?|ordered|purchased)\b|"
    r"\b(?:last|latest|most recent|newest) (?:\w+ ){0,2}?(?:payment|charge|transaction"
    r"|purchase)\b(?! (?:methods?|links?))|\bwhen did .+ last (?:pay|buy|purchase)\b|\blast time .+ paid\b"
)
_LATEST_ONE = worded(_SAYS_LATEST_ONE)


def is_latest_payment(gist: str) -> bool:
    """ "the last payment from jane", in the singular, or "when did jane last pay"."""
    return _LATEST_ONE.search(gist) is not None


_WHO_PAID: Final = (
    r"\b(?:everything|anything|whatever) (?:that )?(?:\S+ ){1,4}?(?:has |have )?(?:paid|bought|purchased)\b"
    r"|\b(?:check|see|tell me|know) (?:if|whether) .+ (?:paid|bought|purchased)\b|\b(?:who|who's|what"
    r"|which people|how many people|anyone|anybody|what all)\b.*\b(?:paid|pays"
    r"|payed|bought|purchased|pay)\b|\b(?:did|has|have|does|hasn't|didn't) .+ (?:paid|pay|bought|buy"
    r"|purchased|purchase)\b|\bwhat(?:'s come|'s coming| came| has come| is coming| comes| did we (?:get|receive)"
    r"| money came) (?:in|through)\b|\b(?:paid|pays) (?:us )?(?:with|by|using|via)\b"
    r"|\b(?:anything|anyone|whatever|everything) (?:that )?(?:was |has |have |got )?(?:paid|come in|came in|bought"
    r"|sold)\b|\bwhat went through\b|\bmoney (?:that )?(?:came in|received|coming in)\b"
)
_PAID_YET: Final = (
    r"^(?!(?:nobody|none|no|not|never|they|he|she|it|we|i|you|everyone"
    r"|everybody) )(?:\S+ ){1,4}paid(?: us)?(?: (?:yet|already|or not|at last|up|in full))*(?: yet| or not| \?)[ ?]*$"
)
DISPUTED = worded(
    r"\b(?:who|whoever|anyone|anybody|someone|somebody|customers?|clients?|people) (?:has |have |had |is |are |did )?"
    r"(?:disput(?:ed?|ing)|contest(?:ed|ing)?|charged back)\b"
    r"|^(?:has|did|have|does) (?:(?!<(?:ch|pi)>)\S+ ){1,4}?(?:disputed?|contest(?:ed)?|charged back)\b"
)
_STATUS_ALONE = worded(
    r"^(?:please |show |show me |list |get |give me |everything |anything |whatever |stuff |any |all |the |see "
    r"|what |which |find |how about "
    r"|what about |only |just |and )*(?:last |first |latest |newest |oldest |biggest |largest |recent "
    r"|top |<n> |<date> |<cur> |ones? |that |we "
    r"|got |have |has |had |been |did |were |was )*(?:failed|fail|failures?|declined|declines|refunded"
    r"|disputed|pending|unsuccessful|uncaptured|succeeded|successful|incomplete)\b(?: pis?| intents?)?(?: (?:,|>=?"
    r"|<=?|=|ones?|<date>|<n>|<money>|over|above|under|more|than|from|for|in|by|on|of|to|at|least|most|up|between|and"
    r"|last|<who>|<mail>|<cus>|<cur>|only|please|now|ago|yet))*[ ?.!]*$"
)
_ANYTHING = lazy(
    r"^(?:please |let me |i want to |i'd like to |can you |could you )*(?:see |pull |get |give me |show "
    r"|show me |list |find |is there |was there |were there |are there |did we (?:get|have"
    r"|receive) |do we have )?(?:anything|everything|something|what|all|any|stuff)\b"
)
_FUNDS = worded(
    r"^how(?: is|'s| 's) (?:the |our |my )?(?:<cur> )?balance\b|"
    r"^(?:<cur> |money |cash |funds |anything )?(?:available|pending|reserved)(?: funds"
    r"| money)?(?: in)?(?: <cur>)?[ ?.!]*$"
    r"|^how (?:much|many)(?: (?:money|cash|funds|<cur>|do|have|has|we|i|is|are|there|got|hold|holding|in|the|our|of"
    r"|that"
    r"|which|still|currently|now|stripe|account|sitting|waiting|being)){1,10} (?:pending|available|reserved|on hold"
    r"|held|left)(?: (?:in )?(?:<cur>|now|for us|in stripe|in (?:the|our) account|there))?[ ?.!]*$"
    r"|\b(?:what's|what is|show) (?:in )?(?:our|my|the) reserves?\b|\bdo (?:we|i) have any (?:money|funds|cash)\b"
    r"|^what can we pay out\b|\bwhat(?:'s|s| is)(?: currently| left| still| sitting| lying| parked)* (?:in|on) "
    r"(?:the|our) (?:stripe )?account\b(?! (?:of|for|name))"
    r"|^how much (?:money )?(?:is |do we have )(?:still )?pending\b|\b(?:how much|what(?:'s| is)?(?= .*(?:money|cash"
    r"|funds|amount|have|available for"
    r"|available balance|on hand))) ?.*\b(?:in (?:my "
    r"|our |the )?(?:stripe(?: account)?|account)|available|on hand|to pay out|pay out"
    r"|can be paid out)\b|\b(?:available|pending|current|stripe|our) funds\b|\bfunds (?:available"
    r"|pending|do|are)\b|^how much (?:money |cash )?(?:have (?:we|i) got|is there)(?: left| now| in <cur>| in stripe"
    r"| in (?:the|our) account)*[ ?.!]*$"
    r"|\bhow much (?:money )?do (?:we|i) have\b(?! (?:in )?(?:refund|spend|pay))"
    r"|\bmoney (?:do|is|in) (?:we|i|our|my|there)\b"
)
# Each way of the pattern above holds one of these words.
_FUNDS_WORDS: Final = words(
    "available pending reserved reserve reserves there money funds cash out account stripe hand have"
)
_NOT_FUNDS = lazy(r"\b(?:made?|earn|earned|revenue|sales|spent|refund(?:ed)?|volume|fees?|paid (?:in|us)|lost)\b")
_PAID_OUT: Final = (
    r"\b(?:get|got|were we|was) paid out\b|\bwhen (?:do|will|did|are|am|is) (?:we|i|the money|my money"
    r"|our money|it)\b.*\b(?:paid(?: out)?"
    r"|hit|arrive|land|reach|get to)\b|\bpay ?day\b|\bmoney .*\b(?:hit|reach|land|arrive)\b.*\bbank\b"
    r"|\b(?:sent|transferred|deposited|moved|paid)(?: \w+){0,3} (?:in)?to (?:my|our|the) bank\b"
    r"|\bmoney (?:\w+ )?(?:on (?:its|the) way|in transit)"
    r" to (?:our|the) (?:bank|account)\b"
)
_WHO_SUBSCRIBED: Final = (
    r"\b(?:who(?:'s| has| have| is)?|people|everyone|everybody|anyone|those) (?:subscribed|signed up for|upgraded"
    r"|downgraded|joined the)\b"
)
_SIGNED_UP: Final = r"\bwho (?:signed up|joined|registered|was added|were added)\b(?! (?:for|to) )"
_RENEWALS: Final = r"\b(?:renewals?|renewing)\b"
_UNSETTLED: Final = (
    r"^(?:is there |are there |what's |what is |do we have |show |list "
    r"|any )*(?:me )?(?:anything |all |everything )?"
    r"(?:still )?(?:outstanding|unpaid|overdue|past due)\b(?! (?:subs|subscriptions?))"
)
_ON_TRIAL: Final = (
    r"\b(?:who|who's|is|anyone|which|how many)\b.*\b(?:on|in) (?:a |the |their )?(?:free )?trial\b"
    r"|\b(?:is|who's|who is|are) .*\bsubscribed\b|\btrials? (?:ending|expiring)\b|\bwho (?:has "
    r"|have )?(?:cancell?ed|unsubscribed|churned)\b"
)
_SAYS_OWING: Final = (
    r"\b(?:who|which (?:customers|clients|people|companies)) (?:hasn't|haven't|has not|have not|didn't"
    r"|did not|still hasn't|has yet to|hasn't yet"
    r"|still owes|owes)(?: us)?\b|\b(?:what|how much) (?:does|do) .+ owe\b|^(?:do|does) .+ (?:still )?owe(?: us)?\b"
    r"|\b(?:what|how much|does|do) .+ (?:still )?(?:have|has) to pay(?: us)?[ ?.!]*$|\bowes? us (?:money|anything"
    r"|how much)"
)
OWING = worded(_SAYS_OWING)
_TRIALS: Final = r"\btrials?\b"
_CONTACT_OF = worded(
    r"\b(?:e-?mail(?: address)?|phone(?: number)?|contact (?:details|info|information)|details|info"
    r"|address|customer id|id)\b"
)
_PLAN_OF = worded(r"\b(?:is|are|was) .+ on (?:the |a |our )?.*\bplan\b|\b(?:what|which) plan (?:is|are|was|does|did) ")
_CATALOGUE: Final = (
    r"\bcatalog(?:ue)?\b|\b(?:what|which) (?:all |things |else |items )?(?:do|are) we (?:(?:even|actually|currently"
    r"|really|still|now"
    r"|all) )*(?:sell|selling|offer|offering)\b|\b(?:everything|all|anything|things|stuff"
    r"|products)(?: that)? we (?:sell|offer)\b|\bwhat (?:is|'s)?(?: there)? (?:for sale|on sale|on offer)\b"
    r"|\bprice ?list\b"
)
_PRICE_OF = worded(
    r"\b(?:how much (?:does|is|do|are)|what (?:does|do)) (?:the |our )?(?P<plan>\S+)(?: plan"
    r"| tier)? (?:<recurs>(?!\w)|cost|costs|plan"
    r"|tier|package|product)(?!\w)"
)
_ACCOUNT: Final = (
    r"\b(?:which|what|whose) (?:stripe )?account (?:is this|am i|are we|is connected|is it)\b|\b(?:my"
    r"|our|the|this) stripe account\b|\bstripe account (?:details|info|information|settings|status|id"
    r"|name)\b|\baccount (?:id|capabilities|country)\b|\bstripe account\b.*\b(?:country|live mode|test mode"
    r"|currency)\b|\bwhat account (?:am|are)\b|\bwhich mode\b|\bare payouts enabled\b"
    r"|\bcan we accept (?:charges|payments)\b"
)
_PERSON = lazy(
    r"^(?:please |can you |could you |hey |ok |i need to |i want to )*(?:who is|who's|find|look ?up|bring up"
    r"|how (?:can|do|could) (?:i|we) (?:reach|contact|get hold of|get in touch with)"
    r"|look for|search(?: for)?|pull up|lookup|do we (?:know|have)|have we(?: got)?|(?:do )?you know|do you have"
    r"|is there an?(?:yone"
    r"| customer)? (?:named|called)|any(?:one|body) (?:named|called)|is there (?:some(?:one|body)|anybody|a person"
    r"|people|a client|a company) (?:named"
    r"|called)|tell me about|show me|show|get|fetch|contact (?:info"
    r"|details) (?:for|of)|info (?:on|about|for)|details (?:on|about|for|of))(?: me"
    r"| us)? (?:the )?(?:(?:record|file|profile|account|details|info)s? (?:for|of|on) )?(?P<who>\S.*?)[ ?.!]*$"
)


def asks_for_plan_of(gist: str) -> bool:
    """ "is acme on the pro plan", "what plan is jane on": subscriptions, not the catalogue."""
    return _PLAN_OF.search(gist) is not None


def asks_for_price(sentence: Sentence) -> bool:
    """ "how much does Pro cost", where the name is capitalised."""
    match = _PRICE_OF.search(sentence.gist)
    if match is None:
        return False
    index = sentence.index_at(match.start("plan"))
    return sentence.tokens[index].kind in ("who", "name", "quote") or sentence.is_capital(index)


def asks_for_funds(gist: str) -> bool:
    """ "how much is available", "how much money do we have in stripe"."""
    if _FUNDS_WORDS.isdisjoint(said_in(gist)):
        return False
    return _FUNDS.search(gist) is not None and _NOT_FUNDS.search(gist) is None


def elliptical(sentence: Sentence) -> str | None:
    """The skill of a sentence that names no thing: "last 25 failed", "who paid yesterday", "anything over 10 grand"."""
    gist = sentence.gist
    for skill, pattern in _BY_WORDS.likely(gist):
        if pattern.search(gist):
            return skill
    if _STATUS_ALONE.match(gist) and (
        sentence.of("number") or sentence.of("date") or sentence.of("money") or len(sentence.tokens) <= 3
    ):
        return "list_payments"
    if _ANYTHING_FROM.match(gist) or (_ANYTHING.match(gist) and amounts.find_bounds(sentence)[0]):
        return "list_payments"
    if _is_bounded(sentence):
        return "list_payments"
    if _CARD.search(gist) and sentence.of("number"):
        return "list_payments"
    if asks_for_price(sentence):
        return "list_products"
    if asks_for_funds(gist):
        return "get_balance"
    if sentence.of("domain") and _EVERYONE.match(gist):
        return "find_customers"
    if _IS_KNOWN.match(gist) or _ANYONE_CALLED.match(gist):
        return "find_customers"
    if sentence.of("phone") and _WHOSE.search(gist):
        return "find_customers"
    if len(sentence.of("email")) == 1 and all(token.kind in ("email", "punct") for token in sentence.tokens):
        return "find_customers"
    return "find_customers" if _is_contact(sentence) or _is_person(sentence) else None


def _is_bounded(sentence: Sentence) -> bool:
    """ "gbp >= 1000 october": a bound, and a currency or a date, and no word that says anything else."""
    if not (sentence.of("currency") or sentence.of("date")) or not amounts.find_bounds(sentence)[0]:
        return False
    return all(
        token.kind != "word" or token.lex in lexicon.SMALL or token.lex in lexicon.QUERY_WORDS
        for token in sentence.tokens
    )


_ANYTHING_FROM = worded(
    r"^(?:did we (?:get|have|receive) |have we (?:got|had) |is there |was there |got |has )?anything (?:come in "
    r"|in |else |new )?"
    r"from (?=\S)"
)
_ANYONE_CALLED = lazy(
    r"(?:please |hey |hi )*(?:(?:do|did) (?:we|you) (?:have|know)|have (?:we|you)(?: got)?|is there"
    r"|any chance (?:we|you) have)"
    r"(?: (?:anyone|anybody|someone|somebody|a person|a customer|a client|people))(?: on (?:file|record)"
    r"| in (?:the |our )?"
    r"(?:books|system|records|database))? (?:called|named|by the name of|with the name|who goes by) "
)
_IS_KNOWN = lazy(
    r"(?:is there |does |do |there )?exists? (?:a |any |the )?(?:customer|client)s? with (?:the |an? )?(?:e-?mail"
    r"|mail|address|phone"
    r"|number)(?: address| number)? <(?:mail|tel)>[ ?.!]*$|(?:please )?(?:is|do we (?:have|know)|have we(?: got)?"
    r"|who is|who's|any) <(?:mail|cus|tel)>(?: (?:in|on|a|one"
    r"|of|with|our|us"
    r"|the|customers?|clients?|system|records|books|file|stripe|already|registered|known|account|database))*[ ?.!]*$"
)
_WHOSE = worded(r"\b(?:who|whose|who's|whoever|anyone|anybody|someone|somebody|everyone|everybody)\b")
_EVERYONE = lazy(
    r"(?:\w+ ){0,3}?(?:everyone|everybody|anyone|people|who|who's"
    r"|contacts) (?:\w+ ){0,3}?(?:from|at|with|is at|works at) "
)
_CARD = worded(r"\bcards? (?:ending|number|<n>|with)")
_REFUNDED: Final = (
    r"\b(?:was|were|did|has|is) (?:\S+ ){1,4}?(?:get |been )?(?:refunded|reimbursed)\b|\b(?:have|did"
    r"|'ve) (?:we|i) (?:already )?refund(?:ed)?\b|\b(?:been|get|got|was|were"
    r"|is) (?:already |yet )?(?:refunded|reimbursed)\b"
    r"|^(?:did|has|have|does) .+ (?:get|got|gotten|receive|received|given) (?:any |some |their |his |her |the |a )?"
    r"(?:money|cash|refund|anything|something|payment) back\b|^(?:what|whom?|did|have|any|money|anything|when"
    r"|where)\b.* (?:give|gave|given|hand|handed) (?:\S+ ){0,3}?back\b"
)
_ANY_FAILED: Final = (
    r"^(?:did|has|have|is|are|were|was) (?:there )?(?:anything|something|any|stuff) (?:go wrong|fail(?:ed|ing)?"
    r"|(?:get )?declined?|bounced?|(?:been |get )?rejected)\b"
)
_CARD_DECLINED: Final = r"\b(?:declined|failed|rejected) cards?\b|\bcards? .*\b(?:declined|failed|bounced)\b"
#: What settles a sentence without a thing by its words alone, in this order.
_BY_WORDS: Final = Ordered(
    (
        ("get_account", _ACCOUNT),
        ("list_invoices", _SAYS_OWING),
        ("list_subscriptions", _RENEWALS),
        ("find_customers", _SIGNED_UP),
        ("list_subscriptions", _WHO_SUBSCRIBED),
        ("list_invoices", _UNSETTLED),
        ("list_payouts", _PAID_OUT),
        ("list_subscriptions", _ON_TRIAL),
        ("list_subscriptions", _TRIALS),
        ("get_payment", _SAYS_LATEST_ONE),
        ("list_refunds", _REFUNDED),
        ("list_payments", _PAID_YET),
        ("list_payments", _WHO_PAID),
        ("list_products", _CATALOGUE),
        ("list_payments", _CARD_DECLINED),
        ("list_payments", _ANY_FAILED),
    )
)


CONTACT_WORDS: Final = words("contact email e-mail phone details info address")


def _is_contact(sentence: Sentence) -> bool:
    """ "acme corp's e-mail", "contact details for Jane Doe"."""
    if not _CONTACT_OF.search(sentence.gist):
        return False
    return bool(
        targets.all_of(sentence)
        or targets.possessor(sentence)
        or targets.after_preposition(sentence, "of|for")
        or targets.before_thing(sentence, CONTACT_WORDS)
    )


# "show zebra" asks for anything; these ask for someone.
_SEEKING = lazy(
    r"(?:please |can you |could you |hey |ok )*(?:who is|who's|find|search(?: for)?|look ?up|lookup"
    r"|do we (?:know|have)|is there)\b"
)


def _is_strange(sentence: Sentence, found: tuple[targets.Entities, int, int], said: str) -> bool:
    """ "find jane", "who is jane doe": one to three words that are no English, in lower case or not."""
    tokens = sentence.tokens[found[1] : found[2]]
    return (
        (_SEEKING.match(said) is not None or all(sentence.is_capital(i) for i in range(found[1], found[2])))
        and 1 <= len(tokens) <= 3
        and "customer" in found[0]
        and sentence.tokens[found[1] - 1].lex not in ("the", "any", "some")
        and all(not lexicon.is_common(token.lex) for token in tokens)
    )


_AROUND_A_NAME: Final = words(
    """
    please in our customers the system records stripe database for me on file books customer with us as a already client
    """
)


def _is_person(sentence: Sentence) -> bool:
    """ "look up jane@example.com", "who is Jane Doe": only an address, an id or a capitalised name, nothing else."""
    match = _PERSON.match(sentence.gist)
    if match is None:
        return False
    first = sentence.index_at(match.start("who"))
    while first + 1 < len(sentence.tokens) and sentence.tokens[first].lex in ("a", "an", "any"):
        first += 1
    found = targets.at(sentence, first)
    rest = sentence.tokens[found[2] :] if found else []
    sure = found is not None and (
        sentence.tokens[found[1]].kind in ("email", "name")
        or sentence.tokens[first].kind in ("phone", "domain")
        or _is_strange(sentence, found, match[0])
    )
    asked = (
        not match[0].startswith("who")
        or (found is not None and "email" in found[0])
        or (found is not None and _is_strange(sentence, found, match[0]))
    )
    return (
        sure and asked and not [t for t in rest if t.kind == "word" and t.lex not in _AROUND_A_NAME]
    ) or sentence.tokens[first].kind in ("phone", "domain")
