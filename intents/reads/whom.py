"""Whom a question is about: an owner, the subject of "has ... paid", who is sought, or who stands after "from"."""

from typing import Final

from paydesk.intents import lexicon, name_spans, targets
from paydesk.intents.patterns import lazy
from paydesk.intents.reads import elliptical
from paydesk.intents.sentence import Sentence
from paydesk.intents.targets import Entities
from paydesk.intents.words import said_in, words

_PAYMENT_THINGS: Final = frozenset(
    word
    for word, thing in lexicon.THINGS.items()
    if thing in ("payment", "charge", "refund", "invoice", "bill", "subscription", "dispute", "balance", "order")
)


def take_customer(skill: str, sentence: Sentence, said: Entities) -> set[int]:
    """Put the customer that a question of `skill` is about into `said`; returns the tokens that this explains."""
    if "customer_id" in said:
        return set()
    emails = sentence.of("email")
    if emails:
        said["email"] = emails[0].value
        return set()
    if name_spans.names_nobody(sentence):
        return set()
    found = targets.possessor(sentence) or (
        targets.after_preposition(sentence, "plan is|plan does") if skill == "list_subscriptions" else None
    )
    if not found and skill == "find_customers":
        found = targets.after_naming(sentence) or _sought(sentence)
    found = found or targets.after_preposition(sentence) or _topic(sentence) or subject(sentence)
    if not found:
        masked = targets.anywhere(sentence)
        found = (
            masked
            or targets.before_thing(sentence, _PAYMENT_THINGS)
            or (targets.before_thing(sentence, elliptical.CONTACT_WORDS) if skill == "find_customers" else None)
            or targets.after_naming(sentence)
            or _trailing(sentence)
            or targets.after_sum(sentence)
        )
    if found and skill == "list_subscriptions" and _ON_A_PLAN.search(sentence.gist[: sentence.starts[found[1]]]):
        return set()
    if found and skill == "find_customers" and sentence.tokens[found[1]].kind == "domain":
        return set()
    if found and str(found[0].get("customer", "")).lower() in _BRANDS:
        return set()
    if found and sentence.tokens[found[1]].lex in _NO_NAMES and not sentence.is_capital(found[1]):
        return set()
    if found and sentence.tokens[found[1]].lex.startswith(KINDS) and not sentence.is_capital(found[1]):
        return set()
    if found and _is_ourselves(sentence, found[1]):
        return set()
    if found is None or "product" in _around(sentence, found[2]):
        return set()
    end = _numbered_end(sentence, found)
    said.update(found[0] if end == found[2] else {"customer": sentence.raw(found[1], end)})
    return set(range(found[1], end))


def _is_ourselves(sentence: Sentence, first: int) -> bool:
    """ "what did the salon make": the asker's own place, not a customer."""
    before = sentence.tokens[first - 1].lex if first else ""
    return (
        before in ("the", "our", "my") and sentence.tokens[first].lex in _OWN_PLACES and not sentence.is_capital(first)
    )


_OWN_PLACES: Final = words(
    "salon studio cafe café practice firm gym club restaurant bar bakery agency clinic school stall gallery kiosk"
)
_LEADS_TO_SOMEBODY: Final = words(
    "of from by for has did does customer company client firm to with at against on called named"
)


def _numbered_end(sentence: Sentence, found: tuple[Entities, int, int]) -> int:
    """ "the LTV of Globex 360": after a name in capitals that somebody is, a number at the end is part of it."""
    entity, first, end = found
    tokens = sentence.tokens
    if "customer" not in entity or end >= len(tokens) or tokens[end].kind != "number":
        return end
    called = first > 0 and tokens[first - 1].lex in ("called", "named")
    named = called or tokens[end - 1].kind == "name" or sentence.is_capital(end - 1)
    follows = tokens[end + 1].kind if end + 1 < len(tokens) else "punct"
    whose = first > 0 and tokens[first - 1].lex in _LEADS_TO_SOMEBODY
    return end + 1 if named and whose and follows in ("punct", "date", "possessive") else end


def _around(sentence: Sentence, end: int) -> str:
    after = sentence.tokens[end].lex if end < len(sentence.tokens) else ""
    return (
        "product"
        if after in ("plan", "product", "tier", "subscription", "plans", "subscriptions")
        and sentence.tokens[end].kind == "word"
        else after
    )


# "subscribers on Pro": a plan stands there, not a customer.
_BRANDS: Final = words("visa mastercard amex discover diners jcb unionpay stripe")
# "non-visa payments", "new-customer revenue": kinds of things.
KINDS: Final = ("non-", "new-customer", "repeat-customer", "returning-customer")
# Typed without a capital they are no names.
_NO_NAMES: Final = words("ji na lah leh lor liao meh abi sef upwards upward downwards screen duplicates excl")
_ON_A_PLAN = lazy(r"\b(?:subscribers|subscriptions|subs|customers|people|anyone|users|members)\b.* on (?:the )?$")
_SUBJECT = lazy(
    r"\b(?:did|have|has|do) (?:we|i) (?:already |ever )?(?:refund(?:ed)?|charge(?:d)?|pay|paid"
    r"|bill(?:ed)?|reimburse(?:d)?) (?=\S)|\b(?:did|does|has|have|is|was|do|had|will|hasn't|didn't"
    r"|isn't) (?:customer |client |the )*(?=\S)"
    r"|\b(?:if|whether) (?:customer |client )?(?=\S+(?: \S+){0,3} (?:has |have )?(?:paid|bought|purchased)\b)"
    r"|\b(?:payments?|charges?|invoices?|transactions?|refunds?|subscriptions?|purchases?) (?:that |which )?"
    r"(?=\S+(?: \S+){0,3}? (?:hasn't|has|made|paid"
    r"|got|received|still|didn't|have|haven't)\b)|\bhow much (?:has|have|did) (?:spent|paid|bought|spend|pay) (?=\S)"
    r"|^(?=\S+(?: \S+){0,3} (?:(?:has|have) )?(?:paid|bought|owes?|purchased|spent)\b)"
    r"|\b(?:everything|anything|whatever) (?:that )?(?=\S+(?: \S+){0,3} (?:has |have )?(?:paid|bought|purchased)\b)"
)
# Each way of the pattern above holds one of these words.
_DOES: Final = words(
    """
    did have has do does is was had will hasn didn isn haven if whether how made paid got received still bought owe owes
    purchased spent
    """
)
_SOUGHT = lazy(
    r"^(?:please |can you |could you |hey |ok )*(?:find|search(?: for)?|look ?up|look for|pull up|show"
    r"|show me|get|fetch|who is|who's|do we (?:know|have)(?: an?| any)?|is there an?|any|lookup|open"
    r"|tell me about|check)(?: me| us)?(?: the| a| our| any)?(?: customers?| clients?)?(?: for| named"
    r"| called| with(?: the)? name| :)* (?=\S)"
)


_TOPIC = r"regarding|concerning|as for|when it comes to|in the case of|re|re :"


def _topic(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """ "regarding Lindqvist, which payments came in"."""
    return targets.after_preposition(sentence, _TOPIC) if _TOPIC_WORDS & said_in(sentence.gist) else None


_TOPIC_WORDS: Final = words("regarding concerning as comes case re")


def subject(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """Who did something: "has jane doe paid", "did acme pay", "does bob have"."""
    for match in _SUBJECT.finditer(sentence.gist) if not _DOES.isdisjoint(said_in(sentence.gist)) else ():
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


_STATES: Final = words(
    "unpaid open failed overdue paid pending draft drafts active canceled cancelled trialing refunded please"
)


def _trailing(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """A name put last without a preposition: "payments jane doe"."""
    for index, token in enumerate(sentence.tokens[1:], start=1):
        before = sentence.tokens[index - 1].lex
        if token.kind == "word" and before in _PAYMENT_THINGS and before.endswith("s"):
            found = targets.at(sentence, index)
            rest = sentence.tokens[found[2] :] if found else []
            known = all(t.kind != "word" or t.lex in _STATES for t in rest)
            if found and found[1] == index and known:
                return found
    return None
