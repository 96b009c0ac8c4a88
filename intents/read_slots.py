"""The filters of a question: customer, status, amounts, dates, currency, limit, order, and what each skill may take."""

import re
from typing import Final

from paydesk.intents import amounts, lexicon, targets
from paydesk.intents.entities.dates import DateMention
from paydesk.intents.entities.ids import IdMention
from paydesk.intents.entities.quantities import Interval
from paydesk.intents.entities.statuses import find_status
from paydesk.intents.sentence import Sentence
from paydesk.intents.targets import Entities

_COMMON: Final = frozenset("customer email customer_id start end limit sort".split())
_AMOUNTS: Final = frozenset("amount amount_gt amount_gte amount_lt amount_lte currency".split())
#: What each skill can be asked to filter by; anything else said stays out of its entities.
_TAKES: Final = {
    "list_payments": _COMMON | _AMOUNTS | {"status", "last4", "card_brand", "payment_intent_id", "charge_id", "subscription_id", "invoice_id", "product_id", "description"},
    "get_payment": frozenset("payment_intent_id charge_id payment_ref customer email customer_id status start end".split()),
    "get_balance": frozenset({"currency", "balance_type"}),
    "get_account": frozenset(),
    "find_customers": _COMMON | {"email_domain", "phone", "status", "currency"},
    "list_subscriptions": _COMMON | {"status", "subscription_id", "product", "product_id", "price_id", "interval", "interval_count"},
    "list_invoices": _COMMON | _AMOUNTS | {"status", "invoice_id", "subscription_id"},
    "list_refunds": _COMMON | _AMOUNTS | {"status", "payment_intent_id", "charge_id", "reason"},
    "list_disputes": _COMMON | _AMOUNTS | {"status", "dispute_id", "charge_id", "payment_intent_id", "reason"},
    "list_payouts": (_COMMON | _AMOUNTS | {"status", "payout_id", "method"}) - {"customer", "email", "customer_id"},
    "list_products": frozenset("status product product_id price_id limit sort currency interval interval_count".split()),
    "get_analytics": frozenset("metric customer email customer_id start end compare_start compare_end currency limit product product_id group_by status card_brand".split()),
}  # fmt: skip

_LIMIT = re.compile(
    r"\b(?:last|latest|first|top|next|newest|oldest|earliest|largest|biggest|highest|smallest|lowest|recent|previous|past|only|just|max(?:imum)?|limit(?: of| to)?|up to|show|list|give me|get|see|best|worst|bottom) (?:me |the |us |my |our )*(?:last |first |top |latest |most recent |next )?(?P<n><n>)(?! (?:days?|weeks?|months?|years?|percent|<cur>))"
    r"|(?P<n2><n>) (?:\w+ ){0,3}?(?:payments|transactions|charges|customers|clients|subscriptions|subs|invoices|disputes|chargebacks|payouts|refunds|products|prices|plans|results|rows|items|entries|records|most recent|latest|newest|oldest|largest|biggest|purchases|spenders|buyers)\b"
)
_SORTS: Final = (
    ("largest", re.compile(r"\b(?:largest|biggest|highest|most expensive|largest first|biggest first|greatest|highest-value|by (?:amount|size|value)|top <n> (?:payments|charges|transactions|invoices|payouts|refunds|disputes)|top (?:payments|charges|transactions))\b")),
    ("smallest", re.compile(r"\b(?:smallest|lowest|cheapest|least expensive|tiniest)\b")),
    ("oldest", re.compile(r"\b(?:oldest|earliest|oldest first|least recent)\b")),
    ("newest", re.compile(r"\b(?:newest|most recent|latest|newest first|most recently)\b")),
)  # fmt: skip
_LAST4 = re.compile(
    r"(?:\b(?:ending|ends|end|ended|last ?(?:4|four)(?: digits)?|last4|card(?: number)?|x+|terminating)(?: (?:in|with|on|of|is|are|number|digits|:))*|[*•·.]+) ?(?P<n><n>)"
)
_BRAND = re.compile(r"\b(visa|master ?card|amex|american express|discover|diners(?: club)?|jcb|union ?pay)\b")
_BRANDS: Final = {
    "american express": "amex",
    "master card": "mastercard",
    "diners club": "diners",
    "union pay": "unionpay",
}
_LATEST_ONE = re.compile(
    r"\b(?:last|latest|most recent|newest) (?:\w+ ){0,2}?(?:payment|charge|transaction|purchase)\b(?! (?:methods?|links?))|\bwhen did .+ last (?:pay|buy|purchase)\b|\blast time .+ paid\b"
)
_PAYMENT_THINGS: Final = frozenset(
    word
    for word, thing in lexicon.THINGS.items()
    if thing in ("payment", "charge", "refund", "invoice", "bill", "subscription", "dispute", "balance", "order")
)


def is_latest_payment(gist: str) -> bool:
    """ "the last payment from jane", in the singular, or "when did jane last pay"."""
    return _LATEST_ONE.search(gist) is not None


def fill(skill: str, sentence: Sentence, metric: str | None) -> tuple[Entities, set[int]]:
    """The entities `skill` takes from the sentence, and the indexes of the tokens they explain."""
    said: Entities = {}
    used: set[int] = set()
    if metric:
        said["metric"] = metric
    _ids(sentence, said)
    used |= _customer(skill, sentence, said)
    bounds, amount_tokens = amounts.find_bounds(sentence)
    said |= bounds
    used |= amount_tokens
    if not bounds:
        _exact_amount(sentence, said)
    currency = amounts.said_currency(sentence)
    if currency and "currency" not in said:
        said["currency"] = currency
    _dates(skill, sentence, said)
    _status(skill, sentence, said)
    _limit(sentence, said, amount_tokens)
    used |= amount_tokens
    _details(skill, sentence, said, used)
    taken = _TAKES[skill]
    if not taken & {"amount"} and not amounts.said_currency(sentence):
        said.pop("currency", None)  # it belongs to an amount that this skill does not take
    return {key: value for key, value in said.items() if key in taken or key == "metric"}, used


def _ids(sentence: Sentence, said: Entities) -> None:
    for token in sentence.of("id"):
        if isinstance(token.value, IdMention) and token.value.key:
            said.setdefault(token.value.key, token.value.value)


def _customer(skill: str, sentence: Sentence, said: Entities) -> set[int]:
    if "customer_id" in said or "customer" not in _TAKES[skill]:
        return set()
    emails = sentence.of("email")
    if emails:
        said["email"] = emails[0].value
        return set()
    found = targets.possessor(sentence) or (targets.after_preposition(sentence, "plan is|plan does") if skill == "list_subscriptions" else None)
    if not found and skill == "find_customers":
        found = targets.after_naming(sentence) or _sought(sentence)
    found = found or targets.after_preposition(sentence) or _subject(sentence)
    if not found:
        masked = targets.anywhere(sentence)
        found = (
            masked
            or targets.before_thing(sentence, _PAYMENT_THINGS)
            or targets.after_naming(sentence)
            or _trailing(sentence)
        )
    if found is None or "product" in _around(sentence, found[2]):
        return set()
    said.update(found[0])
    return set(range(found[1], found[2]))


def _around(sentence: Sentence, end: int) -> str:
    after = sentence.tokens[end].lex if end < len(sentence.tokens) else ""
    return (
        "product"
        if after in ("plan", "product", "tier", "subscription", "plans", "subscriptions")
        and sentence.tokens[end].kind == "word"
        else after
    )


_SUBJECT = re.compile(
    r"\b(?:did|does|has|have|is|was|do|had|will|hasn't|didn't|isn't) (?:customer |client |the )*(?=\S)|^(?=\S+(?: \S+){0,3} (?:paid|bought|owes?|purchased|spent)\b)"
)
_SOUGHT = re.compile(
    r"^(?:please |can you |could you |hey |ok )*(?:find|search(?: for)?|look ?up|look for|pull up|show|show me|get|fetch|who is|who's|do we (?:know|have)(?: a| any)?|is there an?|any|lookup|open|tell me about|check)(?: me| us)?(?: the| a| our| any)?(?: customers?| clients?)?(?: for| named| called| with(?: the)? name| :)* (?=\S)"
)


def _subject(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """ "has jane doe paid", "did acme pay", "does bob have"."""
    for match in _SUBJECT.finditer(sentence.gist):
        if match.end() < len(sentence.gist):
            found = targets.at(sentence, sentence.index_at(match.end()), quotes=False)
            if found:
                return found
    return None


def _sought(sentence: Sentence) -> tuple[Entities, int, int] | None:
    match = _SOUGHT.match(sentence.gist)
    if match and match.end() < len(sentence.gist):
        return targets.at(sentence, sentence.index_at(match.end()))
    return None


def _trailing(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """A name put last without a preposition: "payments jane doe"."""
    for index, token in enumerate(sentence.tokens[1:], start=1):
        before = sentence.tokens[index - 1].lex
        if token.kind == "word" and before in _PAYMENT_THINGS and before.endswith("s"):
            found = targets.at(sentence, index)
            if found and found[1] == index and found[2] == len(sentence.tokens):
                return found
    return None


def _exact_amount(sentence: Sentence, said: Entities) -> None:
    if len(sentence.money) != 1:
        return
    mention = amounts.with_currency(sentence, sentence.money[0])
    minor = mention.minor()
    if minor is not None and mention.doubt in (None, "country"):
        said["amount"], said["currency"] = minor, mention.currency


def _dates(skill: str, sentence: Sentence, said: Entities) -> None:
    found = [mention for mention in sentence.dates if not mention.doubtful]
    if not found:
        return
    first = _merged(found)
    said["start"], said["end"] = _iso(first)
    if skill != "get_analytics":
        return
    if len(found) == 2 and first is found[0]:
        said["compare_start"], said["compare_end"] = _iso(found[1])
    elif len(found) == 1 and re.search(r"\b(?:vs|versus|compared? (?:to|with)|against) (?:the )?<date>", sentence.gist):
        said["compare_start"], said["compare_end"] = said.pop("start"), said.pop("end")


def _merged(found: list[DateMention]) -> DateMention:
    """ "after March 1 and before April 1" is one range."""
    if (
        len(found) == 2
        and {found[0].start is None, found[1].start is None} == {True, False}
        and {found[0].end is None, found[1].end is None} == {True, False}
    ):
        start, end = found[0].start or found[1].start, found[0].end or found[1].end
        return DateMention(start, end, found[0].start_pos, found[1].end_pos, "range")
    return found[0]


def _iso(mention: DateMention) -> tuple[str | None, str | None]:
    return mention.start.isoformat() if mention.start else None, mention.end.isoformat() if mention.end else None


def _status(skill: str, sentence: Sentence, said: Entities) -> None:
    if skill == "get_analytics":
        if said.get("metric") != "payment_count":
            return
        skill = "list_payments"
    if skill == "list_invoices" and _OWING.search(sentence.gist):
        said["status"] = "open"
        return
    found = find_status(skill, sentence.gist)
    if found is None:
        return
    status, start, _ = found
    if skill in ("list_payments", "get_payment") and status == "succeeded":
        word = sentence.tokens[sentence.index_at(start)].lex
        if word in ("paid", "captured", "good", "complete", "completed") and not re.search(
            rf"\b(?:{word}) (?:payments?|charges?|transactions?)\b|\b(?:that|which) (?:were|was|are|is|have|has) ",
            sentence.gist,
        ):
            return  # "who paid", "has it been captured"
    if skill == "get_payment" and "payment_ref" not in said and not is_latest_payment(sentence.gist):
        return
    if (
        skill in ("list_invoices", "list_payouts")
        and status in ("paid", "pending")
        and (re.match(r"(?:has|have|did|was|is|when|will|do|does)\b", sentence.gist))
    ):
        return
    if skill == "list_subscriptions" and "subscription_id" in said:
        return
    said["status"] = status


def _limit(sentence: Sentence, said: Entities, amount_tokens: set[int]) -> None:
    for match in _LIMIT.finditer(sentence.gist):
        group = "n" if match["n"] else "n2"
        index = sentence.index_at(match.start(group))
        token = sentence.tokens[index]
        value = getattr(token.value, "value", None)
        if index in amount_tokens or value is None or value != int(value) or not 1 <= value <= 1000:
            continue
        said["limit"] = int(value)
        amount_tokens.add(index)
        break
    for sort, pattern in _SORTS:
        if pattern.search(sentence.gist):
            said["sort"] = sort
            return


_BALANCES: Final = (
    ("instant_available", re.compile(r"\binstant(?:ly)?[ _-]available\b|\binstant (?:balance|payout balance)\b|\bavailable (?:for )?instant(?:ly)?\b|\bavailable (?:for|to pay out) instant")),
    ("pending", re.compile(r"\bpending\b|\bon (?:its|the) way\b|\bnot (?:yet )?available\b")),
    ("available", re.compile(r"\bavailable\b|\bready to pay out\b|\bavailable for payout\b")),
    ("reserved", re.compile(r"\breserved?\b")),
)  # fmt: skip
_GROUP = re.compile(
    r"\b(?:by|per|each|for each|grouped by|broken down by|split by) (?:the )?(day|week|month|quarter|year|customer|product|plan|currency|country|card brand|brand|status|reason|interval|weekday|region|price)s?\b"
)
_PRODUCT = re.compile(
    r"(?P<plan>(?:<who>|<quote>|[\w'+.-]+)) (?:plan|tier|product|package|subscriptions?|subs|subscribers)\b"
)
_OF_PRODUCT = re.compile(
    r"\b(?:price of|prices for|prices of|price for|details of|details for|cost of|subscribed to|on|to|of) (?:the |our )?(?P<plan>(?!<)[\w'+.-]+(?: [\w'+.-]+)??)(?: plan| tier| product)?(?= <date>|[ ?.!]*$)"
)


def _details(skill: str, sentence: Sentence, said: Entities, used: set[int]) -> None:
    gist = sentence.gist
    card = _LAST4.search(gist)
    if card:
        token = sentence.tokens[sentence.index_at(card.start("n"))]
        digits = sentence.text[token.start : token.end]
        if re.fullmatch(r"[0-9]{4}", digits):
            said["last4"] = digits
            used.add(sentence.index_at(card.start("n")))
            said.pop("limit", None)
    brand = _BRAND.search(gist)
    if brand:
        said["card_brand"] = _BRANDS.get(brand[1], brand[1])
    if skill == "get_payment" and is_latest_payment(gist):
        said["payment_ref"] = "latest"
    if skill == "get_balance":
        kind = next((kind for kind, pattern in _BALANCES if pattern.search(gist)), None)
        if kind:
            said["balance_type"] = kind
    if skill == "list_payouts" and (method := re.search(r"\b(instant|standard)\b", gist)):
        said["method"] = method[1]
    if skill == "find_customers":
        _contact_filters(sentence, said)
    if skill in ("list_subscriptions", "list_products", "get_analytics"):
        _product(skill, sentence, said, used)
    _grouping(skill, sentence, said)
    for match in _GROUP.finditer(gist):
        used.add(sentence.index_at(match.start(1)))


def _contact_filters(sentence: Sentence, said: Entities) -> None:
    domains, phones = sentence.of("domain"), sentence.of("phone")
    if domains:
        said["email_domain"] = domains[0].value
    elif match := re.search(
        r"\b(gmail|yahoo|hotmail|outlook|icloud|proton(?:mail)?) (?:e-?mails?|addresses|accounts|address|customers|users)\b|\b(?:using|with|on|at|use) (gmail|yahoo|hotmail|outlook|icloud|protonmail)\b",
        sentence.gist,
    ):
        said["email_domain"] = match[1] or match[2]
    if phones:
        said["phone"] = phones[0].value


def _product(skill: str, sentence: Sentence, said: Entities, used: set[int]) -> None:
    gist = sentence.gist
    for pattern in (_PRODUCT, _OF_PRODUCT):
        for match in pattern.finditer(gist):
            name = match["plan"]
            if pattern is _OF_PRODUCT and skill == "get_analytics":
                continue
            index = sentence.index_at(match.start("plan"))
            token = sentence.tokens[index]
            plain = lexicon.is_common(token.lex) and not sentence.is_capital(index) and token.kind == "word"
            if plain or token.kind not in ("word", "name", "quote") or str(said.get("customer", "")).endswith(name):
                continue
            if (
                pattern is _PRODUCT
                and "subs" in match[0].split()[-1]
                and not sentence.is_capital(index)
                and token.kind == "word"
                and index
                and sentence.tokens[index - 1].lex not in ("on", "the", "for", "our")
            ):
                continue
            said["product"] = (
                token.value
                if token.kind == "quote"
                else sentence.raw(index, sentence.index_at(match.end("plan") - 1) + 1)
            )
            used |= set(range(index, sentence.index_at(match.end("plan") - 1) + 1))
            return


def _grouping(skill: str, sentence: Sentence, said: Entities) -> None:
    intervals = [token.value for token in sentence.of("every") if isinstance(token.value, Interval)]
    if skill == "get_analytics":
        grouped = _GROUP.search(sentence.gist)
        if grouped:
            said["group_by"] = grouped[1].replace("card brand", "card_brand")
        elif intervals and said.get("metric") not in ("mrr", "arr"):
            said["group_by"] = (
                "quarter" if (intervals[0].unit, intervals[0].count) == ("month", 3) else intervals[0].unit
            )
        if said.get("metric") == "mrr" and intervals and intervals[0].unit == "year" and "mrr" not in sentence.gist:
            said["metric"] = "arr"
    elif intervals and skill in ("list_subscriptions", "list_products"):
        said["interval"] = intervals[0].unit
        if intervals[0].count != 1:
            said["interval_count"] = intervals[0].count


# ---- search and sentences that name no thing

_SEARCH = re.compile(
    r"\b(?:search|look|find|query|grep|show|get|list|any|anything|everything|records?|payments?|charges?|customers?|invoices?|subscriptions?|transactions?|which)\b"
)
_SEARCH_FIELD = re.compile(
    r"\b(?:with|where|whose|having|by|for|has|have|that have|the|in)? ?(?:the |a )?(?:metadata|description|statement descriptor)(?: key| field| value| is| has| of| equals?| set to| containing| contains?| that says| says| saying| mentions?| mentioning| includes?| including| matching| matches| like| =| :| starting with| named)* (?P<query>.+?)[ ?.!]*$"
)
_NUMBERED = re.compile(r"\b(?:invoice|order|receipt|reference|ticket|po|case|booking|tracking) (?:number |no\.? |# ?|id |ref )?(?P<query>[a-z]{1,6}-?[0-9][\w-]*|[0-9]+-[\w-]+)(?=[ ?.!]*$)")
_RELATED = re.compile(
    r"\b(?:records?|anything|everything|objects?|entries|stuff|something|items) (?:that (?:is|are) )?(?:related to|mentioning|about|matching|containing|with|that mentions?|for|linked to|associated with|tagged(?: with)?|referencing|regarding|concerning|that matches|that contains?|where) (?P<query>.+?)[ ?.!]*$"
)
_MENTIONING = re.compile(
    r"\b(?:payments?|charges?|customers?|invoices?|subscriptions?|transactions?) (?:that )?(?:mentioning|mentions?|containing|contains?|matching|matches|referencing|tagged(?: with)?|labell?ed|described as|about|related to|where) (?P<query>.+?)[ ?.!]*$"
)
_SEARCH_VERB = re.compile(
    r"^(?:please |can you |could you |hey |ok )*(?:search|query|run a search|do a search|grep|full[- ]text search)\b(?: (?:stripe|everything|everywhere|all|the|records|our|my|data|books|account|through|across|in))*(?: for| :)? (?P<query>.+?)[ ?.!]*$"
)
_FIND_QUOTED = re.compile(r"^(?:please |can you |could you |hey |ok )*(?:look (?:for|up)|find|search(?: for)?) (?P<query><quote>)[ ?.!]*$")
_LABEL = re.compile(
    r"^(?:the |an? |any |our |my )?(?:invoice|order|reference|ref|receipt|tracking|ticket|po|purchase order|case|metadata|booking|transaction)(?: (?:number|no|id|code|#|ref|reference))+ (?:= |: |is )?(?=\S*(?:\d|<n>|-))|^(?:the |a )?metadata |^(?:with |for |the word |the phrase |the term )+"
)


def search_request(sentence: Sentence) -> Entities | None:
    """The words to search for, where a sentence asks for a search by metadata, description or free words."""
    gist = sentence.gist
    for pattern in (_SEARCH_FIELD, _NUMBERED, _RELATED, _MENTIONING, _FIND_QUOTED, _SEARCH_VERB):
        match = pattern.search(gist)
        if match is None or not _SEARCH.search(gist):
            continue
        start = match.start("query")
        label = _LABEL.match(gist[start:])
        start += label.end() if label else 0
        if pattern is _SEARCH_VERB and _is_a_list(sentence, start):
            return None
        if pattern is not _SEARCH_FIELD and not _is_exact(sentence, match.start("query")):
            continue
        query = _query(sentence, start, match.end("query"))
        return {"query": query} if query else None
    return None


def _is_a_list(sentence: Sentence, start: int) -> bool:
    """ "search payments from jane" and "search for jane@example.com" have skills of their own."""
    index = sentence.index_at(start)
    while index + 1 < len(sentence.tokens) and sentence.tokens[index].lex in ("a", "the", "our", "all", "any", "my", "an"):
        index += 1
    first = sentence.tokens[index]
    if first.kind in ("id", "email", "phone", "domain"):
        return True
    return (
        first.kind == "word"
        and first.lex in lexicon.THINGS
        and "<quote>" not in sentence.gist
        and lexicon.THINGS[first.lex] not in ("order",)
    )


def _is_exact(sentence: Sentence, start: int) -> bool:
    """Free words are searched for only where the sentence speaks of records, or quotes them, or gives a number."""
    records = re.search(r"\b(?:records?|payments?|charges?|customers?|invoices?|subscriptions?|transactions?|metadata|orders?)\b", sentence.gist)
    coded = re.search(r"\d", sentence.text[sentence.tokens[sentence.index_at(start)].start :])
    return bool(records or sentence.of("quote") or coded)


def _query(sentence: Sentence, start: int, end: int) -> str | None:
    first, last = sentence.index_at(start), sentence.index_at(end - 1) + 1
    quotes = [token for token in sentence.tokens[first:last] if token.kind == "quote"]
    if len(quotes) == 1 and last - first <= 2:
        return str(quotes[0].value)
    return sentence.raw(first, last).strip() or None


_WHO_PAID = re.compile(
    r"\b(?:who|who's|what|which people|how many people|anyone|anybody|what all)\b.*\b(?:paid|pays|bought|purchased|pay)\b|\b(?:did|has|have|does|hasn't|didn't) .+ (?:paid|pay|bought|buy|purchased|purchase)\b|\bwhat (?:came|has come|is coming|comes|did we (?:get|receive)|money came) (?:in|through)\b|\b(?:paid|pays) (?:us )?(?:with|by|using|via)\b|\bwhat went through\b|\bmoney (?:that )?came in\b"
)
_STATUS_ALONE = re.compile(
    r"^(?:please |show |show me |list |get |give me |any |all |the |see |what |which |find |how about |what about |only |just |and )*(?:last |latest |recent |<n> |<date> |<cur> |ones? |that |we |got |have |has |had |been |did |were |was )*(?:failed|fail|failures?|declined|declines|refunded|disputed|pending|unsuccessful|uncaptured|succeeded|successful|incomplete)\b(?: (?:ones?|<date>|<n>|<money>|over|above|under|more|than|from|for|in|by|on|of|to|at|least|most|up|between|and|last|<who>|<mail>|<cus>|<cur>|only|please|now|ago|yet))*[ ?.!]*$"
)
_ANYTHING = re.compile(
    r"^(?:show |show me |list |find |is there |was there |were there |are there |did we (?:get|have|receive) |do we have )?(?:anything|everything|something|what|all|any|stuff)\b"
)
_FUNDS = re.compile(
    r"\b(?:how much|what (?:money|cash|funds|amount|do we have|do i have|is|'s)) ?.*\b(?:in (?:my |our |the )?(?:stripe(?: account)?|account)|available|on hand|to pay out|pay out|can be paid out)\b|\b(?:available|pending|current|stripe|our) funds\b|\bfunds (?:available|pending|do|are)\b|\bhow much (?:money )?do (?:we|i) have\b(?! (?:in )?(?:refund|spend|pay))|\bmoney (?:do|is|in) (?:we|i|our|my|there)\b"
)
_NOT_FUNDS = re.compile(r"\b(?:made?|earn|earned|revenue|sales|spent|refund(?:ed)?|volume|fees?|paid (?:in|us)|lost)\b")
_PAID_OUT = re.compile(
    r"\bwhen (?:do|will|did|are|am|is) (?:we|i|the money|my money|our money|it)\b.*\b(?:paid(?: out)?|hit|arrive|land|reach|get to)\b|\bpay ?day\b|\bmoney .*\b(?:hit|reach|land|arrive)\b.*\bbank\b|\b(?:sent|transferred|deposited) to (?:my|our|the) bank\b"
)
_ON_TRIAL = re.compile(
    r"\b(?:who|who's|is|anyone|which|how many)\b.*\b(?:on|in) (?:a |the |their )?(?:free )?trial\b|\b(?:is|who's|who is|are) .*\bsubscribed\b|\btrials? (?:ending|expiring)\b|\bwho (?:has |have )?(?:cancell?ed|unsubscribed|churned)\b"
)
_OWING = re.compile(r"\bwho (?:hasn't|haven't|has not|have not|didn't|did not|still hasn't|has yet to|hasn't yet|still owes|owes)(?: us)?\b")
_TRIALS = re.compile(r"\btrials?\b")
_CONTACT_OF = re.compile(r"\b(?:e-?mail(?: address)?|phone(?: number)?|contact (?:details|info|information)|details|info|address|customer id|id)\b")
_PLAN_OF = re.compile(r"\b(?:is|are|was) .+ on (?:the |a |our )?.*\bplan\b|\b(?:what|which) plan (?:is|are|was|does|did) ")
_ACCOUNT = re.compile(
    r"\b(?:which|what|whose) (?:stripe )?account (?:is this|am i|are we|is connected|is it)\b|\b(?:my|our|the|this) stripe account\b|\bstripe account (?:details|info|information|settings|status|id|name)\b|\baccount (?:id|capabilities|country)\b|\bwhich mode\b|\bare payouts enabled\b|\bcan we accept (?:charges|payments)\b"
)
_PERSON = re.compile(
    r"^(?:please |can you |could you |hey |ok |i need to |i want to )*(?:who is|who's|find|look ?up|look for|search for|pull up|lookup|do we (?:know|have)|do you have|is there an?(?:yone| customer)? (?:named|called)|tell me about|show me|show|get|fetch|contact (?:info|details) (?:for|of)|info (?:on|about|for)|details (?:on|about|for|of))(?: me| us)? (?P<who>\S.*?)[ ?.!]*$"
)


def asks_for_plan_of(gist: str) -> bool:
    """ "is acme on the pro plan", "what plan is jane on": subscriptions, not the catalogue."""
    return _PLAN_OF.search(gist) is not None


def asks_for_funds(gist: str) -> bool:
    """ "how much is available", "how much money do we have in stripe"."""
    return _FUNDS.search(gist) is not None and _NOT_FUNDS.search(gist) is None


def elliptical(sentence: Sentence) -> str | None:
    """The skill of a sentence that names no thing: "last 25 failed", "who paid yesterday", "anything over 10 grand"."""
    gist = sentence.gist
    if _ACCOUNT.search(gist):
        return "get_account"
    if _OWING.search(gist):
        return "list_invoices"
    if _PAID_OUT.search(gist):
        return "list_payouts"
    if _ON_TRIAL.search(gist) or _TRIALS.search(gist):
        return "list_subscriptions"
    if is_latest_payment(gist):
        return "get_payment"
    if _WHO_PAID.search(gist):
        return "list_payments"
    if _STATUS_ALONE.match(gist) and (
        sentence.of("number") or sentence.of("date") or sentence.of("money") or len(sentence.tokens) <= 3
    ):
        return "list_payments"
    bounds, _ = amounts.find_bounds(sentence)
    if bounds and _ANYTHING.match(gist):
        return "list_payments"
    if _LAST4.search(gist) and re.search(r"\bcard\b", gist):
        return "list_payments"
    if asks_for_funds(gist):
        return "get_balance"
    if _CONTACT_OF.search(gist) and (targets.all_of(sentence) or targets.possessor(sentence) or targets.after_preposition(sentence, "of|for")):
        return "find_customers"
    return "find_customers" if _is_person(sentence) else None


def _is_person(sentence: Sentence) -> bool:
    """ "look up jane@example.com", "who is Jane Doe": only an address, an id or a capitalised name, nothing else."""
    match = _PERSON.match(sentence.gist)
    if match is None:
        return False
    first = sentence.index_at(match.start("who"))
    found = targets.at(sentence, first)
    rest = sentence.tokens[found[2] :] if found else []
    sure = found is not None and (
        sentence.tokens[found[1]].kind in ("email", "name") or sentence.tokens[first].kind in ("phone", "domain")
    )
    asked = not match[0].startswith("who") or (found is not None and "email" in found[0])
    return (
        sure
        and asked
        and not [t for t in rest if t.kind == "word" and t.lex not in ("please", "in", "our", "customers")]
    ) or sentence.tokens[first].kind in ("phone", "domain")
