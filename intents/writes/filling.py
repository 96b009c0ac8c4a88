"""What every write's slots share: its target, its amount, and the rule that only what is certain becomes an entity.

A doubtful amount, a second candidate or a plural target leaves its slot empty and sets `doubt`; the sentence then
becomes a question.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from paydesk.intents import amounts, gates, lexicon, name_spans, targets
from paydesk.intents.entities.ids import IdMention
from paydesk.intents.entities.money import MoneyMention
from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence
from paydesk.intents.targets import Entities
from paydesk.intents.words import words
from paydesk.intents.writes.commands import Command


@dataclass(slots=True)
class Filled:
    """What a write's words give: entities, required slots that were not said, and why it must be asked about, if so."""

    entities: Entities = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    doubt: str | None = None


_TARGET_IDS: Final = (
    "payment_intent_id",
    "charge_id",
    "subscription_id",
    "invoice_id",
    "price_id",
    "product_id",
    "dispute_id",
    "payout_id",
)


def take_ids(sentence: Sentence, filled: Filled) -> None:
    """Every Stripe id under its key; two of one kind are a question."""
    by_key: dict[str, set[str]] = {}
    for token in sentence.of("id"):
        if isinstance(token.value, IdMention) and token.value.key:
            by_key.setdefault(token.value.key, set()).add(token.value.value)
    for key, values in by_key.items():
        if len(values) > 1:
            filled.doubt = "several"
        elif key in _TARGET_IDS or key == "customer_id":
            filled.entities[key] = next(iter(values))
    if filled.doubt:
        filled.entities.clear()
    elif "subscription_id" in filled.entities and filled.entities.keys() & {"charge_id", "payment_intent_id"}:
        filled.doubt = "several_writes"


_STRONG_IDS: Final = frozenset({"payment_intent_id", "charge_id", "subscription_id"})


def take_customer(sentence: Sentence, command: Command, filled: Filled, *, prepositions: str) -> None:
    """The customer: an owner ("jane's"), the verb's object, or after a preposition; two of them is a question."""
    masked = _people(sentence)
    if (
        filled.entities.keys() & _STRONG_IDS
        and not masked
        and not any(sentence.is_capital(i) for i in range(len(sentence.tokens)))
    ):
        owner = targets.possessor(sentence)
        filled.entities.update(owner[0] if owner else {})
        return  # "refund pi_... if the customer agrees" names nobody
    if len({str(entity) for entity in masked}) > 1 and not any("email" in e for e in masked):
        filled.doubt = filled.doubt or "several"
        return
    found = (
        targets.possessor(sentence)
        or object_of(sentence, command)
        or _told_of_first(sentence, command)
        or targets.after_preposition(sentence, prepositions)
        or targets.after_naming(sentence)
        or targets.after_preposition(sentence, "that|which|when|where|what")
        or _maker(sentence)
        or targets.after_sum(sentence)
        or after_thing(sentence)
        or targets.before_thing(sentence, _PAYMENT_WORDS)
        or targets.anywhere(sentence)
    )
    if found:
        filled.entities.update(found[0])
        if _joined_to_another(sentence, found[2]):
            filled.doubt = filled.doubt or "several"
    elif "email" not in filled.entities and masked:
        filled.entities.update(masked[0])
    elif command.start and re.search(r"\b(?:his|her|their|him|them)\b", sentence.gist[command.start :]):
        opening = targets.at(sentence, 0)  # "Kate wants her money back, refund her last payment"
        if opening and opening[1] == 0:
            filled.entities.update(opening[0])


_SOMEBODYS: Final = lazy(r"\b(?:his|her|their|him|them)\b")


def _told_of_first(sentence: Sentence, command: Command) -> tuple[Entities, int, int] | None:
    """ "Sadly Zsófia moves to Pécs; stop her subscription": who the sentence begins with, not where they go."""
    if not command.start or not _SOMEBODYS.search(sentence.gist, command.start):
        return None
    last = sentence.index_at(command.start)
    masked = [index for index in range(last) if sentence.tokens[index].kind == "name"]
    if len(masked) == 1:
        return targets.at(sentence, masked[0])
    for index in range(min(3, last)):
        found = targets.at(sentence, index)
        if found and found[1] == index and found[2] <= last:
            return found
        if sentence.tokens[index].lex not in lexicon.SMALL and not sentence.tokens[index].lex.endswith("ly"):
            return None
    return None


def _people(sentence: Sentence) -> list[Entities]:
    """Every target that is one by itself, without names of plans: "the Coffee Club plan"."""
    tokens = sentence.tokens
    return [
        entity
        for index, token in enumerate(tokens)
        if (entity := targets.of_token(token))
        and not (token.kind == "name" and index + 1 < len(tokens) and tokens[index + 1].lex in _PLAN_WORDS)
    ]


_MADE = lazy(
    r"\b(?:payment|charge|transaction|purchase|order|one|thing|whatever|what"
    r"|everything) (?=\S+(?: \S+){0,3}? (?:made|paid|sent|did|placed)\b)"
)


def _maker(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """ "the payment jane made yesterday"."""
    match = _MADE.search(sentence.gist)
    return targets.at(sentence, sentence.index_at(match.end())) if match else None


_PAYMENT_WORDS: Final = words("payment payments charge charges transaction transactions purchase order")
_THING_BEFORE = lazy(r"\b(?:sub|subscription|membership|phone|e-?mail|mobile)(?: number| address)? (?:: )?(?=[\w<])")


def after_thing(sentence: Sentence) -> tuple[Entities, int, int] | None:
    """ "start sub pied piper $20/wk", "change phone hooli +1 ...": a name right after the thing."""
    for match in _THING_BEFORE.finditer(sentence.gist):
        index = sentence.index_at(match.end())
        found = targets.at(sentence, index)
        if found and found[1] == index:
            return found
    return None


def object_of(sentence: Sentence, command: Command) -> tuple[Entities, int, int] | None:
    """The target right after the verb: "charge acme corp"."""
    index = sentence.index_at(command.object_at) if command.object_at < len(sentence.gist) else len(sentence.tokens)
    card = _CARD_OF.match(sentence.gist, command.object_at)
    if card and card.end() < len(sentence.gist):
        index = sentence.index_at(card.end())
    while index < len(sentence.tokens) and sentence.tokens[index].lex in (
        "up",
        "out",
        "back",
        "to",
        "for",
        ":",
        "another",
        "money",
        "charging",
        "billing",
    ):
        index += 1
    if index < len(sentence.tokens) and sentence.tokens[index].kind == "date":
        return _named_like_a_date(sentence, index)
    found = targets.at(sentence, index) or _common_name(sentence, index)
    if found and found[1] > index and found[2] < len(sentence.tokens) and sentence.tokens[found[2]].lex in _PLAN_WORDS:
        return None  # "the pro subscription" says which plan, not whose
    return found


# "charge the saved card of Ocean Supply 50": whose card it is, is who is charged.
_CARD_OF = lazy(
    r"(?:the |a )?(?:saved |stored |default |usual |existing |main |current )*"
    r"(?:cards?|payment methods?|bank account)(?: on file)? (?:of|from|belonging to|that belongs to) "
)
# What stands right after the verb and before the amount without being anyone.
_NOBODY: Final = words(
    """
    shipping tax taxes fee fees deposit deposits tip tips cash delivery postage interest extra double twice both half
    everything nothing money battery phone laptop car late rent only just about around less more between over under
    exactly precisely another additional initial monthly weekly yearly annual daily first last next full partial
    """
)

_NO_COMMON_NAME: Final = lexicon.SMALL | lexicon.QUERY_WORDS | lexicon.THINGS.keys() | _NOBODY


def _common_name(sentence: Sentence, index: int) -> tuple[Entities, int, int] | None:
    """ "charge umbrella 65.00 gbp": a plain word can only be a name between the verb and the amount."""
    if index + 1 >= len(sentence.tokens):
        return None
    several = _plain_words_before_a_sum(sentence, index)
    if several:
        return {"customer": sentence.raw(index, several)}, index, several
    token, after = sentence.tokens[index], sentence.tokens[index + 1]
    plain = token.kind == "word" and token.lex.isalpha() and token.lex not in _NO_COMMON_NAME
    follows = after.kind == "money" and len([t for t in sentence.tokens[index + 2 :] if t.kind == "word"]) <= 4
    if plain and follows and len(token.lex) >= 4:
        return {"customer": sentence.raw(index, index + 1)}, index, index + 1
    return None


def _plain_words_before_a_sum(sentence: Sentence, index: int) -> int:
    """One past two to four plain words between the verb and the amount: "debit rich o'dell $45"; 0 if it is not so."""
    tokens, end = sentence.tokens, index
    first = tokens[index].lex
    if first not in name_spans.CALLED_SO and lexicon.is_common(first):
        return 0
    while end < len(tokens) and end - index < 5 and tokens[end].kind == "word":
        word = tokens[end].lex
        if word in _NO_COMMON_NAME or word.endswith("ly") or not word.replace("'", "").replace("-", "").isalnum():
            return 0
        end += 1
    follows = end < len(tokens) and tokens[end].kind == "money" and end - index in (2, 3, 4)
    return end if follows and len([t for t in tokens[end + 1 :] if t.kind == "word"]) <= 4 else 0


_PLAN_WORDS: Final = words("subscription sub plan tier membership package")


def _named_like_a_date(sentence: Sentence, index: int) -> tuple[Entities, int, int] | None:
    """ "charge April $10": a person called like a month, where a person must stand."""
    token = sentence.tokens[index]
    name = sentence.text[token.start : token.end]
    if (
        not name.isalpha()
        or not name[0].isupper()
        or not sentence.cased
        or name.lower() in ("today", "tomorrow", "yesterday")
    ):
        return None
    sentence.dates = [said for said in sentence.dates if said.start_pos != token.start]
    return {"customer": name}, index, index + 1


def _joined_to_another(sentence: Sentence, end: int) -> bool:
    tokens = sentence.tokens
    if end + 1 >= len(tokens) or tokens[end].lex not in ("and", ",", "&", "or"):
        return False
    after = targets.at(sentence, end + 1)
    return after is not None and after[1] == end + 1 and re.fullmatch(gates.WRITE_VERBS, tokens[end + 1].lex) is None


def take_amount(sentence: Sentence, filled: Filled, mentions: list[MoneyMention], *, key: str = "amount") -> None:
    """One certain amount; otherwise the reason to ask."""
    distinct = {(mention.amount, mention.currency) for mention in mentions}
    if not mentions:
        return
    if len(distinct) > 1:
        filled.doubt = filled.doubt or "amounts"
        return
    mention = amounts.with_currency(sentence, mentions[0])
    others = {str(token.value) for token in sentence.of("currency")} - {mention.currency}
    minor = mention.minor()
    if mention.doubt or minor is None or (others and mention.currency) or len(others) > 1:
        filled.doubt = filled.doubt or (
            f"amount_{mention.doubt}" if mention.doubt else "amount_conflict" if others else "amount_decimals"
        )
        return
    if minor <= 0:
        filled.doubt = filled.doubt or "amount_sign"
        return
    filled.entities[key] = minor
    filled.entities["currency"] = mention.currency


_CLAUSE_ENDS: Final = frozenset(",.;!?(–—")


def _clause_of(sentence: Sentence, command: Command) -> tuple[int, int]:
    """The tokens first..last-1 of the commanding clause, with numbers that follow its comma at once."""
    first = sentence.index_at(command.start)
    for index, token in enumerate(sentence.tokens[first:], first):
        if token.kind == "punct" and token.lex in _CLAUSE_ENDS:
            after = sentence.tokens[index + 1] if index + 1 < len(sentence.tokens) else None
            if after is None or (after.kind not in ("number", "money", "share") and after.lex not in _LEADS_TO_A_SUM):
                return first, index
    return first, len(sentence.tokens)


_LEADS_TO_A_SUM: Final = words("amount for at in total sum usd eur gbp : = about exactly the only just")
_SUM_KEYS: Final = ("amount", "currency", "percent", "payment_amount")


def ask_for_sums_elsewhere(sentence: Sentence, command: Command, filled: Filled) -> None:
    """A sum or share outside the commanding clause may be of a story, "half the town was here": it is asked about."""
    first, last = _clause_of(sentence, command)
    outside = [t for t in (*sentence.tokens[:first], *sentence.tokens[last:]) if t.kind in ("money", "share")]
    if outside:
        filled.doubt = filled.doubt or "amounts"
        for key in _SUM_KEYS:
            filled.entities.pop(key, None)


def _may_be_of_a_name(sentence: Sentence, index: int) -> bool:
    """ "refund the last payment from Maroon 5": behind a name that a preposition leads to, at the end."""
    tokens = sentence.tokens
    if any(token.kind == "word" for token in tokens[index + 1 :]) or not index:
        return False
    place = index - 1
    while place and (tokens[place].kind == "name" or sentence.is_capital(place)):
        place -= 1
    return place < index - 1 and tokens[place].lex in ("from", "by", "of")


_COUNTS_BEFORE: Final = words(
    "last first latest # card in order number no ending room table seat gate flat unit row line"
)
_COUNTED: Final = words(
    """
    day days week weeks month months year years hour hours times time percent payments charges transactions
    customers invoices subscriptions refunds items units seats people
    """
)


def sums_of(sentence: Sentence, bare_in: Command | None = None) -> list[tuple[int, MoneyMention]]:
    """Amounts with their token index; numbers alone only where nothing says money and they count nothing.

    A number alone is an amount only in the clause of the command `bare_in`, or at the beginning of the next (", 20").
    """
    found = [
        (i, t.value) for i, t in enumerate(sentence.tokens) if t.kind == "money" and isinstance(t.value, MoneyMention)
    ]
    if found or bare_in is None:
        return found
    first, last = _clause_of(sentence, bare_in)
    for index, token in enumerate(sentence.tokens[:last]):
        if index < first:
            continue
        mention = amounts.mention_of(token) if token.kind == "number" else None
        before = sentence.tokens[index - 1].lex if index else ""
        after = sentence.tokens[index + 1].lex if index + 1 < len(sentence.tokens) else ""
        if (
            mention
            and not sentence.is_capital(min(index + 1, len(sentence.tokens) - 1))
            and before not in _COUNTS_BEFORE
            and after not in _COUNTED
        ):
            if _may_be_of_a_name(sentence, index):
                mention = mention._replace(doubt="unread")
            found.append((index, mention))
    return found
