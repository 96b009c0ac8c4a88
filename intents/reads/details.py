"""The filters that belong to one thing: cards, balances, contacts, products, groupings."""

import re
from typing import Final

from paydesk.intents import lexicon
from paydesk.intents.entities.quantities import Interval
from paydesk.intents.patterns import lazy, worded
from paydesk.intents.reads import elliptical
from paydesk.intents.sentence import Sentence
from paydesk.intents.targets import Entities

_LAST4 = lazy(
    r"(?:\b(?:ending|ends|end|ended|last ?(?:4|four)(?: digits)?|last4|card(?: number)?|x+"
    r"|terminating|finish(?:es|ing)?)(?: (?:in|by|with|on|of|is|are|number|digits|:))*|[*•·.]+|visa"
    r"|mastercard|amex|discover) ?(?P<n><n>)"
)
BRAND = worded(r"\b(visa|master ?card|amex|american express|discover|diners(?: club)?|jcb|union ?pay)\b")
BRAND_WORD = lazy(r"visa|master|card|mastercard|american|express|amex|discover|diners|club|jcb|union|pay|unionpay")
# "pix" and "ideal" are other words too, and stand where a way of paying stands.
_METHOD = worded(
    r"\b(?:grabpay|paynow|promptpay|alipay|wechat ?pay|klarna|afterpay|bancontact|giropay|przelewy24|blik|twint|sepa"
    r"|bacs|fpx|boleto|oxxo|konbini|apple pay|google pay|paypal|mobilepay|multibanco)\b|\b(?:ideal|pix|swish|upi|ach"
    r"|affirm)\b(?= (?:payments?|charges?|transactions?)\b)|(?<=\bby )(?:ideal|pix|swish|upi|ach|affirm)\b"
)
_BRANDS: Final = {
    "american express": "amex",
    "master card": "mastercard",
    "diners club": "diners",
    "union pay": "unionpay",
}
REASON = lazy(
    r"\b(?:fraud(?:ulent)?|duplicates?|requested[ _]by[ _]customer|product[ _]not[ _]received"
    r"|product[ _]unacceptable)\b"
)
_BALANCES: Final = (
    (
        "instant_available",
        lazy(
            r"\binstant(?:ly)?[ _-]available\b|\binstant (?:balance|payout balance)\b"
            r"|\b(?:paid|pay) out (?:instantly|right away)\b"
            r"|\bavailable (?:for )?instant(?:ly)?\b|\bavailable (?:for|to pay out) instant"
        ),
    ),
    ("pending", lazy(r"\bpending\b|\bon (?:its|the) way\b|\bnot (?:yet )?available\b")),
    ("available", lazy(r"\bavailable\b|\bready to pay out\b|\bavailable for payout\b")),
    ("reserved", lazy(r"\breserved?\b")),
)
_GROUP = worded(
    r"\b(?:by|per|each|for each|grouped by|broken down by|split by) (?:the )?(?:(?:decline|failure|error) )?"
    r"(day|week|month|quarter|year|customer|product|plan|currency|country|card brand|brand|status|reason|interval"
    r"|weekday|region|price)s?\b"
)
_PRODUCT = worded(
    r"(?P<plan>(?:<who>|<quote>|[\w'+.-]+)) (?:plan|tier|product|package|subscriptions?|subs|subscribers)\b"
)
_CHARGED_FOR = worded(
    r"\b(?:what|how much) (?:do|are|would) we (?:charge|charging|ask|asking) for (?:the |our )?(?P<plan>\S+)"
)
_PLAN_NAMED = worded(
    r"\b(?:plan|tier|product|package) (?:called |named |with (?:the )?name |by the name of )?(?P<plan><who>|<quote>"
    r"|[\w'+.-]+)(?! plan)(?= |$)"
)
_COSTS = worded(
    r"\b(?:how much (?:does|is|do|are)|what (?:does|do)) (?:the |our )?(?P<plan>\S+)(?: plan| tier)? (?:<recurs>"
    r"|(?:cost|costs)\b)"
)
_OF_PRODUCT = worded(
    r"\b(?:price of|prices for|prices of|price for|details of|details for|cost of|subscribed to|on|to"
    r"|of) (?:the |our )?(?P<plan>(?!<)[\w'+.-]+(?: [\w'+.-]+)??)(?: plan| tier| product)?(?= <date>|[ ?.!]*$)"
)


def take_details(skill: str, sentence: Sentence, said: Entities, used: set[int]) -> None:
    """Put what only some skills take into `said`, and the tokens that it explains into `used`."""
    gist = sentence.gist
    _last4(sentence, said, used)
    brand = BRAND.search(gist)
    if brand:
        said["card_brand"] = brand_of(brand[1])
    if skill in ("list_refunds", "list_disputes") and (reason := REASON.search(gist)):
        said["reason"] = reason_of(reason[0])
    if skill == "get_payment" and elliptical.is_latest_payment(gist):
        said["payment_ref"] = "latest"
    if skill == "list_payments" and (way := _METHOD.search(gist)):
        said["method"] = way[0]
        used |= set(range(sentence.index_at(way.start()), sentence.index_at(way.end() - 1) + 1))
        if str(said.get("customer", "")).lower() == way[0]:
            del said["customer"]
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


def brand_of(said: str) -> str:
    """The brand as Stripe names it: "mastercard" for "master card"."""
    return _BRANDS.get(said, said)


def reason_of(said: str) -> str:
    """The reason as Stripe names it."""
    if said.startswith(("fraud", "dup")):
        return "fraudulent" if said[0] == "f" else "duplicate"
    return said.replace(" ", "_")


def _last4(sentence: Sentence, said: Entities, used: set[int]) -> None:
    card = _LAST4.search(sentence.gist) if "<n>" in sentence.gist else None
    if card:
        token = sentence.tokens[sentence.index_at(card.start("n"))]
        digits = sentence.text[token.start : token.end]
        if re.fullmatch(r"[0-9]{4}", digits):
            said["last4"] = digits
            used.add(sentence.index_at(card.start("n")))
            if said.get("limit") == int(digits):
                del said["limit"]
    for token in sentence.of("card"):
        said["last4"] = token.value


_MAIL_AT = lazy(
    r"\b(?:with|have|has|using) (?:an? )?([a-z0-9-]+(?:\.[a-z0-9-]+)+) (?:e-?mails?|addresse?s?)\b"
    r"|\be-?mails?(?: address(?:es)?| domain)? (?:at|from|on|@|under|ending in|is|="
    r"|:) ([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?![\w.])"
)


def _contact_filters(sentence: Sentence, said: Entities) -> None:
    domains, phones = sentence.of("domain"), sentence.of("phone")
    if domains:
        called = re.search(r"\b(?:called|named) <dom>", sentence.gist)
        said["customer" if called else "email_domain"] = domains[0].value
    elif match := _MAIL_AT.search(sentence.gist):
        said["email_domain"] = match[1] or match[2]
        said.pop("customer", None)
    elif match := re.search(
        r"\b(gmail|yahoo|hotmail|outlook|icloud|proton(?:mail)?) (?:e-?mails?|addresses|accounts|address"
        r"|customers|users)\b|\b(?:using|with|on|at|use) (gmail|yahoo|hotmail|outlook|icloud|protonmail)\b",
        sentence.gist,
    ):
        said["email_domain"] = match[1] or match[2]
    if phones:
        said["phone"] = phones[0].value


def _product(skill: str, sentence: Sentence, said: Entities, used: set[int]) -> None:
    gist = sentence.gist
    for pattern in (_PRODUCT, _OF_PRODUCT, _COSTS, _CHARGED_FOR, _PLAN_NAMED):
        for match in pattern.finditer(gist):
            name = match["plan"]
            if pattern is _OF_PRODUCT and (
                skill == "get_analytics" or (skill == "list_subscriptions" and match[0].startswith("of "))
            ):
                continue
            index = sentence.index_at(match.start("plan"))
            token = sentence.tokens[index]
            if pattern is _PLAN_NAMED and token.kind == "word" and not sentence.is_capital(index):
                continue
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
