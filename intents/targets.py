"""Whom a sentence is about: the customer, e-mail or id that stands where a name must stand."""

import re
from functools import cache
from typing import Final

from paydesk.intents import lexicon, name_spans
from paydesk.intents.entities.ids import IdMention
from paydesk.intents.patterns import lazy, worded
from paydesk.intents.sentence import Sentence, Token
from paydesk.intents.words import words

Entities = dict[str, object]

_LABELS: Final = words("customer client user company buyer the mr mrs ms")
_RELATIONS: Final = words("buddy friend friends colleague partner partners pal mate neighbour neighbor boss folks guys")
_BEFORE_A_NAME: Final = _LABELS | _RELATIONS
_NOT_OURS: Final = words("a an my your his her its their this that these those")
_PLANS: Final = words("plan plans tier product package subscription subscriptions membership subs sub")
#: Prepositions before the customer of a payment, subscription or invoice.
_BY_PREPOSITION = worded(r"(?<!\S)(?:from|by|for|to|of|with|on|belonging to|sent to|made by|against|about|is|at) ")
_NAMED = worded(
    r"(?<!\S)(?:by the name of|named|called|name is|name|customer|client|calls (?:him|her|it)self) (?:is |: ?|= ?)?"
)
_POSSESSED: Final = words(
    """
    payment payments charge charges transaction transactions purchase purchases order orders refund refunds
    subscription subscriptions sub subs plan plans membership invoice invoices bill bills dispute disputes card
    cards account balance money email phone name address number description locale language details record profile
    info spend spending revenue ltv lifetime mrr history last latest recent first most failed pending open unpaid
    visa mastercard amex discover credit debit default overdue active biggest largest paid full monthly yearly annual
    pro new current previous oldest past
    """
)


def of_token(token: Token) -> Entities | None:
    """The entity of a token that is a target by itself: an e-mail, a customer id, a known or capitalised name."""
    if token.kind == "email":
        return {"email": token.value}
    if token.kind == "name":
        return {"customer": token.value}
    if token.kind == "id" and isinstance(token.value, IdMention) and token.value.key == "customer_id":
        return {"customer_id": token.value.value}
    return None


def _has_any(sentence: Sentence) -> bool:
    """Whether a token could be a target by itself."""
    return bool(sentence.of("email") or sentence.of("name") or sentence.of("id"))


def at(sentence: Sentence, index: int, *, quotes: bool = True) -> tuple[Entities, int, int] | None:
    """The target that begins at token `index` (after "the customer" and the like), with its first and last+1 token."""
    tokens = sentence.tokens
    index = _past_relation(tokens, index)
    while index < len(tokens) and tokens[index].lex in _BEFORE_A_NAME and not sentence.is_capital(index):
        index += 1
    if index >= len(tokens) or (tokens[index].lex in _NOT_OURS and not sentence.is_capital(index)):
        return None
    token = tokens[index]
    found = of_token(token)
    if found and token.kind != "name":
        return found, index, index + 1
    if token.kind == "domain" and sentence.text[token.start] != "@":
        return {"customer": sentence.raw(index, index + 1)}, index, index + 1
    if token.kind == "quote" and quotes:
        return {"customer": token.value}, index, index + 1
    end = max(name_spans.run_end(sentence, index), name_spans.traders_end(sentence, index))
    if end == index:
        return None
    end = name_spans.plain_end(sentence, index, end)
    before = tokens[index - 1].lex if index else ""
    if before in ("the", "our", "a") and end < len(tokens) and tokens[end].kind == "word" and tokens[end].lex in _PLANS:
        return None  # "the Pro plan" is no customer
    if name_spans.ends_in_s(sentence, index, end) or name_spans.ends_in_a_dot(sentence, end):
        end += 1
    return {"customer": sentence.raw(index, end)}, index, end


def _past_relation(tokens: list[Token], index: int) -> int:
    """Past "my dear neighbour", "sweet" before who is meant; `index` where nothing such stands there."""
    place = index
    if place < len(tokens) and tokens[place].lex in ("my", "our", "the", "that"):
        place += 1
    while place < len(tokens) and tokens[place].lex in _FOND:
        place += 1
    if place < len(tokens) and tokens[place].lex in _RELATIONS:
        return place
    if place == index or place >= len(tokens):
        return index
    return place if tokens[place - 1].lex in _FOND and tokens[place].kind == "name" else index


_FOND: Final = words("dear sweet lovely nice good old best poor favourite favorite kind")


def possessor(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """The owner in "jane doe's last payment" or "Subscription Box Co's subscription"."""
    tokens = sentence.tokens
    if not sentence.of("possessive") and " '" not in sentence.gist:
        return None
    for index, token in enumerate(tokens):
        plural = (
            token.lex == "'" and index and tokens[index - 1].end == token.start and tokens[index - 1].lex.endswith("s")
        )
        if token.kind != "possessive" and not plural:
            continue
        owner = _ending_at(sentence, index)
        if owner is None or index == 0 or name_spans.traders_end(sentence, owner[1]) > index:
            continue
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        if (
            token.kind == "possessive"
            and name_spans.ends_in_s(sentence, owner[1], index)
            and not _is_owner_alone(tokens, index)
        ):
            continue  # "payments from McDonald's"
        if after is None or after.kind != "word" or after.lex in _POSSESSED or of_token(tokens[index - 1]):
            return owner
    return _owner_after_verb(sentence)


def _is_owner_alone(tokens: list[Token], index: int) -> bool:
    """ "Anna's": nothing leads to a name there."""
    return all(token.kind in ("name", "possessive", "punct") for token in tokens[: index + 1])


_OWNERS_VERBS: Final = words("cancel refund reimburse pause resume charge capture stop end update change unsubscribe")
_OWNED_FOR_SURE: Final = words("sub subs subscription membership last latest card email e-mail phone plan")


def _owner_after_verb(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """ "cancel max power's sub": between a verb and what somebody has, plain words too are who has it."""
    tokens = sentence.tokens
    for index, token in enumerate(tokens[2:6], start=2):
        if token.kind == "possessive" and index + 1 < len(tokens) and tokens[index + 1].lex in _OWNED_FOR_SURE:
            first = index
            while first and tokens[first - 1].kind == "word" and tokens[first - 1].lex not in _NEVER_AN_OWNER:
                first -= 1
            said = first and first < index and tokens[first - 1].lex in _OWNERS_VERBS
            return ({"customer": sentence.raw(first, index)}, first, index) if said else None
    return None


_NEVER_AN_OWNER: Final = (
    lexicon.SMALL
    | _OWNERS_VERBS
    | frozenset(lexicon.THINGS)
    | words(
        """
        today yesterday tomorrow week month year day customer customers client clients user users everyone everybody
        nobody someone somebody anyone anybody who friend wife husband mother father mom dad son daughter brother sister
        boss person guy man woman lady people team company bank phone
        """
    )
)


def _ending_at(sentence: Sentence, index: int) -> tuple[Entities, int, int] | None:
    """The longest target whose last token is just before `index`."""
    single = of_token(sentence.tokens[index - 1]) if index else None
    best = (single, index - 1, index) if single else None
    for first in range(index - 1, max(-1, index - 6), -1):
        found = at(sentence, first)
        if found and found[1] == first and found[2] >= index:
            best = (found[0] if found[2] == index else {"customer": sentence.raw(first, index)}, first, index)
        elif sentence.tokens[first].kind not in ("word", "name", "punct", "number"):
            break
    return best


@cache
def _after(words: str) -> re.Pattern[str]:
    return lazy(rf"(?<!\S)(?:{words}) ")


def after_preposition(sentence: Sentence, words: str = "") -> tuple[Entities, int, int] | None:
    """The target after "from", "by", "for", ... (or only after `words`, a pattern)."""
    pattern = _after(words) if words else _BY_PREPOSITION
    for match in pattern.finditer(sentence.gist):
        found = at(sentence, sentence.index_at(match.end()))
        if found:
            return found
    return None


def after_naming(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """The target after "named", "called" or "customer"."""
    for match in _NAMED.finditer(sentence.gist):
        if match.end() < len(sentence.gist):
            found = at(sentence, sentence.index_at(match.end()))
            if found:
                return found
    return None


_BETWEEN_OWNER_AND_THING: Final = words("last latest recent newest first failed open unpaid overdue paid pending draft")


def before_thing(sentence: Sentence, things: frozenset[str]) -> tuple[Entities, int, int] | None:
    """The name just before the thing: "acme invoices", "show jane doe payments"."""
    for index, token in enumerate(sentence.tokens):
        if token.kind == "word" and token.lex in things and not sentence.is_capital(index):
            end = index
            while end and sentence.tokens[end - 1].lex in _BETWEEN_OWNER_AND_THING:
                end -= 1  # "jane doe last payment"
            first = end
            while (
                first
                and name_spans.belongs(sentence, max(0, first - 2), first - 1)
                and sentence.tokens[first - 1].kind in ("word", "name")
            ):
                first -= 1
            found = at(sentence, first) if first < end else None
            if found and found[2] == end and found[1] >= first:
                return found
            return None
    return None


def after_sum(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """ "refund $20 jane doe": a name after the amount and nothing after the name."""
    for index, token in enumerate(sentence.tokens[:-1]):
        if token.kind == "money":
            found = at(sentence, index + 1)
            if found and found[1] == index + 1 and all(t.kind == "punct" for t in sentence.tokens[found[2] :]):
                return found
    return None


def anywhere(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """The one e-mail, customer id or masked name of the sentence, wherever it stands; None if there are several."""
    if not _has_any(sentence):
        return None
    found = [(entity, i, i + 1) for i, token in enumerate(sentence.tokens) if (entity := of_token(token))]
    return found[0] if len(found) == 1 else None


def all_of(sentence: Sentence) -> list[Entities]:
    """Every token that is a target by itself."""
    if not _has_any(sentence):
        return []
    return [entity for token in sentence.tokens if (entity := of_token(token))]


_CONDITION = lazy(
    r"(?:if|when|once|unless|as soon as) (?:(?:the|that|this|his|her|a|an) (?:\w+ ){1,3}(?:by|from|of|with"
    r"|for) )?(?=\S)"
)


def of_condition(sentence: Sentence) -> object:
    """ "if Elaine complains again, refund her": who the condition is about."""
    said = _CONDITION.match(sentence.gist)
    found = at(sentence, sentence.index_at(said.end())) if said else None
    return found[0].get("customer") if found else None
