"""The filters of a question: status, amounts, dates, currency, limit, order, and what each skill may take."""

import re
from typing import Final

from paydesk.intents import amounts
from paydesk.intents.entities.dates import DateMention
from paydesk.intents.entities.ids import IdMention
from paydesk.intents.entities.money import MoneyMention
from paydesk.intents.entities.statuses import find_status
from paydesk.intents.patterns import Ordered, lazy, may_be_found, worded
from paydesk.intents.reads import elliptical
from paydesk.intents.reads.details import take_details
from paydesk.intents.reads.whom import take_customer
from paydesk.intents.sentence import Sentence
from paydesk.intents.targets import Entities
from paydesk.intents.words import words

_COMMON: Final = words("customer email customer_id start end limit sort")
_AMOUNTS: Final = words("amount amount_gt amount_gte amount_lt amount_lte currency")
#: What each skill can be asked to filter by; anything else said stays out of its entities.
_TAKES: Final = {
    "list_payments": _COMMON
    | _AMOUNTS
    | {
        "status",
        "last4",
        "card_brand",
        "payment_intent_id",
        "charge_id",
        "subscription_id",
        "invoice_id",
        "product_id",
        "description",
        "method",
    },
    "get_payment": words(
        """
    payment_intent_id charge_id payment_ref customer email customer_id status start end
    """
    ),
    "get_balance": frozenset({"currency", "balance_type"}),
    "get_account": frozenset(),
    "find_customers": _COMMON | {"email_domain", "phone", "status", "currency"},
    "list_subscriptions": _COMMON
    | {"status", "subscription_id", "product", "product_id", "price_id", "interval", "interval_count"},
    "list_invoices": _COMMON | _AMOUNTS | {"status", "invoice_id", "subscription_id"},
    "list_refunds": _COMMON | _AMOUNTS | {"status", "payment_intent_id", "charge_id", "reason"},
    "list_disputes": _COMMON | _AMOUNTS | {"status", "dispute_id", "charge_id", "payment_intent_id", "reason"},
    "list_payouts": (_COMMON | _AMOUNTS | {"status", "payout_id", "method"}) - {"customer", "email", "customer_id"},
    "list_products": words("status product product_id price_id limit sort currency interval interval_count"),
    "get_analytics": words(
        """
    metric amount_gt amount_gte amount_lt amount_lte customer email customer_id start end compare_start compare_end
    currency limit product product_id group_by
    status card_brand
    """
    ),
}
_LIMIT = lazy(
    r"\b(?:last|latest|first|top|next|newest|oldest|earliest|largest|biggest|highest|smallest|lowest"
    r"|recent|previous|past|only|just|max(?:imum)?|limit(?: of| to| =|ed to)?|up to|show|list|give me|get|see"
    r"|best|worst|bottom|first ,|last ,) (?:me |the |us |my |our )*(?:last |first |top |latest |most recent "
    r"|next )?(?P<n><n>)(?! (?:days?|weeks?|months?|years?|percent|<cur>))"
    r"|(?P<n2><n>) (?:[\w<>-]+ ){0,3}?(?:payments|transactions|charges|customers|clients|subscriptions|subs"
    r"|invoices|disputes|chargebacks|payouts|refunds|products|prices|plans|results|rows|items|entries"
    r"|records|most recent|latest|newest|oldest|largest|biggest|purchases|spenders|buyers)\b"
)
_SORTS: Final = Ordered(
    (
        (
            "largest",
            r"\b(?:largest|biggest|highest|costliest|priciest|most expensive|largest first|biggest first"
            r"|greatest|highest-value"
            r"|by (?:amount|size|value)|top <n> (?:payments|charges|transactions|invoices|payouts|refunds"
            r"|disputes)|top (?:payments|charges|transactions))\b",
        ),
        ("smallest", r"\b(?:smallest|lowest|cheapest|least expensive|tiniest)\b"),
        ("oldest", r"\b(?:oldest|earliest|oldest first|least recent)\b"),
        ("newest", r"\b(?:newest|most recent|latest(?! (?:on|with|news|state|word)\b)|newest first|most recently)\b"),
    )
)


def fill(skill: str, sentence: Sentence, metric: str | None) -> tuple[Entities, set[int]]:
    """The entities `skill` takes from the sentence, and the indexes of the tokens they explain."""
    said, used = fill_all(skill, sentence, metric)
    return taken(skill, said), used


def fill_all(skill: str, sentence: Sentence, metric: str | None) -> tuple[Entities, set[int]]:
    """Every filter that is said of what `skill` shows, whether it takes it or not, and the tokens they explain."""
    said: Entities = {}
    used: set[int] = set()
    if metric:
        said["metric"] = metric
    _ids(sentence, said)
    if "customer" in _TAKES[skill]:
        used |= take_customer(skill, sentence, said)
    bounds, amount_tokens = amounts.find_bounds(sentence)
    said |= _in_order(bounds)
    used |= amount_tokens
    if not bounds:
        _exact_amount(sentence, said)
        if "amount" in said and not sentence.money:
            used |= {index for index, token in enumerate(sentence.tokens) if token.kind == "number"}
    currency = amounts.said_currency(sentence)
    if currency and "currency" not in said:
        said["currency"] = currency
    _dates(skill, sentence, said)
    _status(skill, sentence, said, used)
    _limit(sentence, said, amount_tokens)
    used |= amount_tokens
    take_details(skill, sentence, said, used)
    if "product" in said and said.get("customer") == said["product"]:
        del said["customer"]  # "who subscribed to Gold"
    if "amount" not in _TAKES[skill] and not amounts.said_currency(sentence):
        said.pop("currency", None)  # it belongs to an amount that this skill does not take
    return said, used


def _in_order(bounds: Entities) -> Entities:
    """ "between 100 and 50" is what lies between 50 and 100."""
    low, high = bounds.get("amount_gte"), bounds.get("amount_lte")
    if not isinstance(low, int) or not isinstance(high, int) or low <= high:
        return bounds
    return bounds | {"amount_gte": high, "amount_lte": low}


def taken(skill: str, said: Entities) -> Entities:
    """What of the entities said beside a question of `skill` it takes."""
    return {key: value for key, value in said.items() if key == "metric" or key in _TAKES.get(skill, ())}


def _ids(sentence: Sentence, said: Entities) -> None:
    for token in sentence.of("id"):
        if isinstance(token.value, IdMention) and token.value.key:
            said.setdefault(token.value.key, token.value.value)


def _exact_amount(sentence: Sentence, said: Entities) -> None:
    mentions = sentence.money or _bare_amounts(sentence)
    if len(mentions) != 1:
        return
    mention = amounts.with_currency(sentence, mentions[0])
    minor = mention.minor()
    if minor is not None and mention.doubt in (None, "country"):
        said["amount"], said["currency"] = minor, mention.currency


_PRICED = lazy(r"\b(?:for|of|at|exactly|worth|totall?ing|equal to) (?:exactly )?(?P<n><n>)")


def _bare_amounts(sentence: Sentence) -> list[MoneyMention]:
    """ "payments for 29.99": two decimals after a word that leads to a price."""
    found: list[MoneyMention] = []
    if "<n>" not in sentence.gist:
        return found
    for match in re.finditer(
        r"\b(?:for|of|at|exactly|worth|totall?ing|equal to|=) (?:exactly )?(?P<n><n>)", sentence.gist
    ):
        token = sentence.tokens[sentence.index_at(match.start("n"))]
        mention = amounts.mention_of(token)
        if mention and getattr(token.value, "decimals", 0) == 2:
            found.append(mention)
    return found


def _dates(skill: str, sentence: Sentence, said: Entities) -> None:
    found = [mention for mention in sentence.dates if not mention.doubtful and not _is_as_of_now(sentence, mention)]
    if len(found) > 2 and (compared := re.search(r"\bcompar(?:e|ing)\b", sentence.gist)):
        begin = sentence.tokens[sentence.index_at(compared.start())].start
        found = [mention for mention in found if mention.start_pos > begin] or found
    if not found:
        return
    first = _merged(found)
    said["start"], said["end"] = _iso(first)
    if skill != "get_analytics":
        return
    if len(found) == 2 and first is found[0]:
        said["compare_start"], said["compare_end"] = _iso(found[1])
    elif len(found) == 1 and _AGAINST.search(sentence.gist):
        said["compare_start"], said["compare_end"] = said.pop("start"), said.pop("end")


_AGAINST = worded(r"\b(?:vs|versus|compared? (?:to|with)|against) (?:the )?<date>")


def _is_as_of_now(sentence: Sentence, mention: DateMention) -> bool:
    """ "as of today" leaves nothing out."""
    said = sentence.text[mention.start_pos : mention.end_pos].lower()
    return mention.start == sentence.today and said.startswith("as of")


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


_OWN_IDS: Final = frozenset({"invoice_id", "payout_id", "dispute_id", "product_id", "price_id"})


def _status(skill: str, sentence: Sentence, said: Entities, used: set[int]) -> None:
    if skill == "get_analytics":
        if said.get("metric") != "payment_count":
            return
        skill = "list_payments"
    if skill == "list_invoices" and elliptical.OWING.search(sentence.gist):
        said["status"] = "open"
        return
    found = find_status(skill, sentence.gist)
    if found is None:
        return
    status, start, stop = found
    if skill == "list_disputes" and sentence.gist.startswith("new ", start) and "start" in said:
        return  # "new chargebacks since monday": those that came since
    if skill == "list_payouts" and re.match(
        r"how much (?:was|were|got|did|has been|have we)\b.*\bpaid out\b", sentence.gist
    ):
        return
    if skill in ("list_payments", "get_payment") and status == "succeeded":
        word = sentence.tokens[sentence.index_at(start)].lex
        if word in ("paid", "captured", "good", "complete", "completed") and not re.search(
            rf"\b(?:{word}) (?:payments?|charges?|transactions?)\b|\b(?:that|which) (?:were|was|are|is|have|has) ",
            sentence.gist,
        ):
            return  # "who paid", "has it been captured"
    if said.keys() & _OWN_IDS:
        return
    if skill == "get_payment" and "payment_ref" not in said and not elliptical.is_latest_payment(sentence.gist):
        return
    if (
        skill in ("list_invoices", "list_payouts")
        and status in ("paid", "pending")
        and (
            re.match(
                r"(?:has|have|did|was|is|when|will|do|does)\b"
                r"|what(?:'s| has| have| is| was)? (?:been )?(?:landed|arrived|paid out|come)\b|.*\barrived ?\?$"
                r"|.*\b(?:get|got) paid out\b",
                sentence.gist,
            )
        )
    ):
        return
    if skill == "list_subscriptions" and "subscription_id" in said:
        return
    said["status"] = status
    used |= set(range(sentence.index_at(start), sentence.index_at(stop - 1) + 1))


DENIED = worded(
    r"(?:\b(?:not|never|cannot|without|no longer)|n't)(?: (?:yet|be|been|being|get|got|gotten|fully|even|ever|actually"
    r"|really|currently|already|all|in|on|marked(?: as)?|a|any|the))* $"
)
THE_OTHER: Final = {
    ("list_invoices", "paid"): "open",
    ("list_products", "active"): "archived",
    ("list_products", "archived"): "active",
}


def without_denied_status(skill: str, gist: str, said: Entities) -> Entities | None:
    """The entities where "that aren't refunded" is not taken for "refunded"; None where Stripe has no such status.

    Of two states that are all there are, the other one is meant.
    """
    found = find_status("list_payments" if skill == "get_analytics" else skill, gist)
    if found is None or found[0] != said["status"] or not may_be_found(DENIED, gist):
        return said
    if not DENIED.search(gist[: found[1]]):
        return said
    other = THE_OTHER.get((skill, found[0]))
    return None if other is None else said | {"status": other}


_ONE_PAYOUT = worded(
    r"^(?:please |show |me |get |see |the |our |my )*(?:last|latest|most recent|newest) payout[ ?.!]*$"
)


_FIRST_ONE = worded(
    r"(?:(?<=very )|(?<=the )|(?<='s ))first (?:ever )?(?:payment|charge|purchase|order|transaction"
    r"|invoice|refund|payout|dispute)\b|^first (?:ever )?(?:payment|charge|purchase|transaction|invoice|refund|payout"
    r"|dispute)\b"
)


def _limit(sentence: Sentence, said: Entities, amount_tokens: set[int]) -> None:
    if _ONE_PAYOUT.match(sentence.gist):
        said["limit"] = 1
        return
    for match in _LIMIT.finditer(sentence.gist) if "<n>" in sentence.gist else ():
        group = "n" if match["n"] else "n2"
        index = sentence.index_at(match.start(group))
        token = sentence.tokens[index]
        value = getattr(token.value, "value", None)
        if index in amount_tokens or value is None or value != int(value) or not 1 <= value <= 1000:
            continue
        said["limit"] = int(value)
        amount_tokens.add(index)
        break
    if "limit" not in said and _FIRST_ONE.search(sentence.gist):
        said["limit"], said["sort"] = 1, "oldest"
        return
    for sort, pattern in _SORTS.likely(sentence.gist):
        if pattern.search(sentence.gist):
            said["sort"] = sort
            return
