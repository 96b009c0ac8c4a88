"""Questions about the account: which reading skill answers, and with which filters.

A figure ("revenue", "how many payments") is analytics; an id names what it is an id of; otherwise the first thing named
decides. A sentence with words that neither the desk nor a name explains is left alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from paydesk.intents import gates, lexicon, targets
from paydesk.intents.entities.ids import IdMention
from paydesk.intents.patterns import lazy, worded
from paydesk.intents.reads import desk, elliptical, elsewhere, frames, joined, kept, metrics, searching, slots, whom
from paydesk.intents.reads.figures import Figure
from paydesk.intents.sentence import Sentence, part
from paydesk.intents.targets import Entities
from paydesk.intents.words import lexes_in, words

_SKILL_OF_THING: Final = {
    "payment": "list_payments",
    "charge": "list_payments",
    "refund": "list_refunds",
    "customer": "find_customers",
    "subscription": "list_subscriptions",
    "invoice": "list_invoices",
    "dispute": "list_disputes",
    "payout": "list_payouts",
    "product": "list_products",
    "price": "list_products",
    "plan": "list_products",
    "balance": "get_balance",
}
_SKILL_OF_ID: Final = {
    "payment_intent_id": "get_payment",
    "charge_id": "get_payment",
    "customer_id": "find_customers",
    "subscription_id": "list_subscriptions",
    "invoice_id": "list_invoices",
    "dispute_id": "list_disputes",
    "payout_id": "list_payouts",
    "product_id": "list_products",
    "price_id": "list_products",
}

_ASKING = lazy(
    r"^(?:please |can you |could you |would you |can i |could i |can we |may i |i want to |i need to |i'd like to "
    r"|i'd love to |i would like to |we would like to |we need to |we want to |the user would like to "
    r"|the user wants to |the user needs to |i want |let me |lets |let's |hey |hi |hello |ok |okay |so |and |now "
    r"|just |also |quickly "
    r"|kindly |to |help me |paydesk |, )*"
    r"(?:i look for|i search|looking for|calculate|compute|determine|summari[sz]e|work out|break down"
    r"|send me|send us|retrieve|obtain|provide|enumerate|produce|supply|present|remind|say|who|there"
    r"|show|list|get|give|display|find|fetch|pull|view|see|which|what|what's|whats|who|who's|how"
    r"|when|when's|where|where's|any|are|is|did|do|does|has|have|was|were|tell|check|look|search|count"
    r"|i require|we require|compare|status|open|bring|report|read|print|return|need|want|all|latest|last|recent"
    r"|total|top"
    r"|exists?|know|learn|hear|ls|identify|see|review|lookup|confirm|advise|share|intimate|showing|finding|sharing"
    r"|checking|suss out"
    r"|(?:chuck|flick|sling|shoot|throw|ping|giving|telling) (?:me|us|over)|"
    r"<date>|<n>|<recurs>|<cur>)\b"
)


@dataclass(slots=True)
class Reading:
    """A reading skill with its filters and how sure the words make it (0 to 1)."""

    skill: str
    entities: Entities = field(default_factory=dict)
    confidence: float = 0.8
    #: What "clarify" is about.
    doubt: str = "left_out"
    #: What would be shown if part of what was said were left out.
    instead: Entities = field(default_factory=dict)


def is_asking(gist: str) -> bool:
    """Whether it begins as questions and requests to see do: "show ...", "which ..."."""
    return _ASKING.match(gist) is not None


def route(sentence: Sentence, figure: Figure | None = None) -> Reading | None:
    """The question that a sentence asks about the account, or None; `figure` is one that it asks for in any case."""
    because = _BECAUSE.search(sentence.gist)
    if because and (first := sentence.index_at(because.start() + 1)) > 2:
        sentence = part(sentence, 0, first)
    reading = _asked(sentence, figure)
    if reading is None and _OPEN_IT.search(sentence.gist):
        return _pointed_at(sentence)
    bare = frames.unframed(sentence) if reading is None else None
    if bare is None:
        return reading
    return _asked(bare, figure, strange_most=0) if not _is_refused_before(sentence, bare) else None


# Why somebody asks says nothing of what is asked.
_BECAUSE = worded(
    r" (?:, )?(?:because (?!of <)|(?:as|since) (?:the user|he|she|they|we|i|i'm|we're|it|it's)(?: is| are| am| was| has"
    r"| have| needs?| wants?| will|)\b)"
)
# "an agent flagged pi_..., open it for me"
_OPEN_IT = worded(
    r" [,.;:–—-] what (?:became of|(?:has )?happened (?:to|with)|is up with|'s up with|is (?:the )?(?:status|state) of)"
    r" (?:it|that|this)(?: one)?[ .!?]*$| [,.;:–—-] (?:(?:please|can you|could you|and|so|just|kindly|pls"
    r"|then) )*(?:open|show|pull|bring|look|check|get"
    r"|find|display|view|see|fetch|read)(?: (?:me|us|up|at|into))* (?:it|that|this)(?: (?:one|payment|invoice|dispute"
    r"|payout|up|out|for me|to me|for us|please|now|pls))*[ .!?]*$"
)


def _pointed_at(sentence: Sentence) -> Reading | None:
    """The one thing with an id that is told about and then asked for."""
    skill = _skill_of_ids(sentence)
    if skill is None or len(sentence.of("id")) != 1:
        return None
    entities = {key: said for key, said in slots.fill(skill, sentence, None)[0].items() if key.endswith("_id")}
    return Reading(skill, entities, 0.8) if entities else None


def _is_refused_before(sentence: Sentence, bare: Sentence) -> bool:
    """Whether what nobody here answers is said in the words around the question."""
    if gates.wants_refund(sentence.gist):
        return True
    return elsewhere.is_not_ours(sentence.gist) and not elsewhere.is_not_ours(bare.gist)


def _asked(sentence: Sentence, figure: Figure | None, strange_most: int = 2) -> Reading | None:
    """The question that a sentence asks as it stands."""
    gist = sentence.gist
    itself = desk.about_the_desk(gist)
    if itself is not None:
        return Reading(itself, {}, 0.9)
    if elsewhere.leaves_out(gist):
        return Reading("clarify", {}, 0.7)
    if elsewhere.is_not_ours(gist, _named(sentence)) or gates.wants_refund(gist) or elsewhere.is_told(gist):
        return None
    alone = len(sentence.tokens) == len(sentence.of("punct")) + 1
    said = [token for token in sentence.tokens if token.kind != "punct"] if alone else []
    if said and said[0].lex in lexicon.THINGS and not said[0].lex.endswith("s") and said[0].lex != "balance":
        return None
    found = searching.search_request(sentence)
    if found is not None:
        return Reading("clarify", {}, 0.7) if kept.denies_in_search(gist) else Reading("search", found, 0.8)
    return _whole(sentence, strange_most, figure) or _clause(sentence)


def _named(sentence: Sentence) -> tuple[int, int]:
    """Where in the gist the name of several words stands that "from" and the like lead to; (0, 0) where none does."""
    found = targets.after_preposition(sentence, "from|by|for|of")
    if found is None or found[2] - found[1] < 2 or "customer" not in found[0]:
        return (0, 0)
    last = found[2] - 1
    return sentence.starts[found[1]], sentence.starts[last] + len(sentence.tokens[last].lex)


def within_talk(forms: Sequence[Sentence], whole: Sentence) -> Reading | None:
    """The question that one of the `forms` of a request is, wholly and about the desk; the longest form counts.

    What the `whole` sentence takes out of it or adds to it behind makes a question of it.
    """
    for form in forms:
        if elsewhere.is_not_ours(form.gist) or elsewhere.leaves_out(form.gist) or _LEANS.search(form.gist):
            continue
        searched = searching.search_request(form)
        reading = Reading("search", searched, 0.8) if searched is not None else _whole(form, strange_most=0)
        if reading is not None and reading.skill == "clarify" and (_has_thing(form) or "metric" in reading.instead):
            return reading
        if reading is None or reading.skill == "clarify" or not (reading.entities or _OURS.search(form.gist)):
            continue
        if reading.skill != "find_customers" or _has_thing(form) or form.of("email") or form.of("phone"):
            doubt = kept.lost_behind(whole, form)
            return Reading("clarify", {}, 0.7, doubt, reading.entities) if doubt else reading
    return None


_OURS = lazy(r"\b(?:our|we|us)\b")


# Where one thought ends and another begins.
_STOPS: Final = frozenset(".?!;,…-–—")


def _clause(sentence: Sentence) -> Reading | None:
    """The one clause that asks, where the rest of the sentence is talk: "..., show declined payments"."""
    breaks = [i for i, token in enumerate(sentence.tokens) if token.kind == "punct" and token.lex in _STOPS]
    if not breaks or len(breaks) > 6:
        return None
    found: list[Reading] = []
    first = 0
    setting: Entities = {}
    for stop in (*breaks, len(sentence.tokens)):
        if stop > first and frames.is_setting(sentence, first, stop):
            setting |= slots.fill("list_payments", part(sentence, first, stop), None)[0]
        elif stop - first >= 2:
            clause = part(sentence, first, stop)
            reading = None if _LEANS.search(clause.gist) or elsewhere.is_told(clause.gist) else _whole(clause)
            if reading is not None and (_ASKING.match(clause.gist) or reading.entities):
                if doubt := kept.lost_behind(sentence, clause):
                    return Reading("clarify", {}, 0.7, doubt, reading.entities)
                reading.entities = slots.taken(reading.skill, setting) | reading.entities
                found.append(reading)
        first = stop + 1
    return found[-1] if len(found) == 1 or (found and len({one.skill for one in found}) == 1) else None


# A clause that cannot be understood without the one before it.
_LEANS = lazy(r"\b(?:it|them|those|these|ones?|that|him|her|they)\b")


def _whole(sentence: Sentence, strange_most: int = 2, figure: Figure | None = None) -> Reading | None:
    """The question of a sentence all of whose words can be accounted for, but for a few at most."""
    gist = sentence.gist
    skill, metric = ("get_analytics", figure[0]) if figure else _skill(sentence)
    if skill is None:
        return None
    said, used = slots.fill_all(skill, sentence, metric)
    entities = slots.taken(skill, said)
    found_metric = figure or (metrics.find_metric(gist) if metric else None)
    if found_metric and metric not in _LOOSE_METRICS:
        if str(entities.get("customer", "")).lower() in gist[found_metric[1] : found_metric[2]]:
            entities.pop("customer", None)  # "customer concentration", "the ARR figure"
        used |= set(range(sentence.index_at(found_metric[1]), sentence.index_at(found_metric[2] - 1) + 1))
    asked = _ASKING.match(gist)
    if asked:
        used |= set(range(sentence.index_at(asked.end() - 1) + 1))
    strange = _unexplained(sentence, used)
    sure = _has_thing(sentence) or sentence.of("id") or "balance_type" in entities
    if strange and metric is None and not sure:
        return None
    asking = asked is not None
    if sentence.of("every") and "amount" in entities and not asking:
        return None  # "recurring charge of $20 monthly for bob" is half a command
    if len(strange) > min(strange_most, _allowed(sentence, entities, asking=asking)):
        return None
    confidence = 0.95 - 0.2 * len(strange) - (0.0 if asking else 0.1)
    meant = slots.without_denied_status(skill, gist, entities) if "status" in entities else entities
    if meant is None:
        return Reading("clarify", {}, 0.7)
    if skill == "get_balance" and "balance_type" in meant and joined.joins_balances(gist):
        del meant["balance_type"]
    doubt = kept.lost(skill, sentence, said, meant)
    return Reading("clarify", {}, 0.7, doubt, meant) if doubt else Reading(skill, meant, confidence)


def _allowed(sentence: Sentence, entities: Entities, *, asking: bool) -> int:
    """How many words may stay unexplained: the more of the sentence is understood, the more talk it may hold."""
    size, thing = len(sentence.tokens), _has_thing(sentence)
    if asking and entities and thing and size >= 5:
        return 2
    return 1 if asking and (entities or thing) and size >= 4 else 0


# Their patterns span other people's words, which must still be explained.
_LOOSE_METRICS: Final = frozenset({"revenue", "fees", "refunds", "top_customers"})


def _has_thing(sentence: Sentence) -> bool:
    return not _STRONG.isdisjoint(lexes_in(sentence.gist))


_STRONG: Final = frozenset(
    word
    for word, thing in lexicon.THINGS.items()
    if thing in ("payout", "dispute", "subscription", "customer", "invoice", "payment", "refund", "product")
)


def _skill(sentence: Sentence) -> tuple[str | None, str | None]:
    gist = sentence.gist
    id_skill = _skill_of_ids(sentence)
    metric = metrics.find_metric(gist)
    thing = _first_thing(sentence)
    if id_skill == "find_customers" and thing is None and not metric and (other := elliptical.elliptical(sentence)):
        return other, None
    if thing in (None, "payment", "charge", "customer") and elliptical.DISPUTED.search(gist):
        return "list_disputes", None
    if _COVER.search(gist):
        return "get_balance", None
    if _CHARGED_FOR.search(gist):
        return "list_products", None
    if elliptical.asks_for_funds(gist) and thing in (None, "balance", "payout"):
        return "get_balance", None
    if metric and metric[0] == "revenue" and thing and (thing == "balance" or _HOW_ARE_WE.search(gist)):
        metric = None
    if metric and not (id_skill and id_skill != "find_customers"):
        return "get_analytics", metric[0]
    if id_skill == "get_payment" and thing in (None, "payment", "charge", "customer", "card", "balance"):
        return id_skill, None
    if thing is not None and thing in _SKILL_OF_THING:
        return _refined(_SKILL_OF_THING[thing], sentence, id_skill), None
    if id_skill:
        return id_skill, None
    return elliptical.elliptical(sentence), None


# "enough balance to cover a payout", "how much can be paid out instantly": the payout is not what is asked for.
_COVER = worded(
    r"\b(?:cover|enough)\b.*\bbalance\b|\bbalance\b.*\b(?:cover|enough)\b"
    r"|\b(?:what|how much) (?:money )?can (?:we |i |be )(?:paid|pay) out instantly\b"
)
_CHARGED_FOR = worded(r"\b(?:what|how much) (?:do|are|would) we (?:charge|charging|ask|asking) for\b")
_HOW_ARE_WE = lazy(r"^(?:\w+ ){0,2}how (?:are|is) (?:we|our|the|things|it)\b")


def _skill_of_ids(sentence: Sentence) -> str | None:
    for token in sentence.of("id"):
        if isinstance(token.value, IdMention) and token.value.key:
            return _SKILL_OF_ID[token.value.key]
    return None


_THINGS: Final = frozenset(lexicon.THINGS)


def _first_thing(sentence: Sentence) -> str | None:
    """The first thing named; of things in a row ("subscription invoices") the last."""
    tokens = sentence.tokens
    if _THINGS.isdisjoint(lexes_in(sentence.gist)):
        return None
    for index, token in enumerate(tokens):
        thing = lexicon.THINGS.get(token.lex) if token.kind == "word" and not sentence.is_capital(index) else None
        if thing in (None, "account", "card", "order"):
            continue
        if token.lex == "sub" and index + 1 < len(tokens) and tokens[index + 1].lex == "-":
            continue  # "sub-$10 payments"
        for later in tokens[index + 1 :]:
            after = lexicon.THINGS.get(later.lex) if later.kind == "word" else None
            if after in (None, "account", "card", "order"):
                break
            thing = after
        return thing
    return None


_HAVING = worded(
    r"\b(?:customers?|clients?|who|people) (?:(?:subscribed to|signed up for|with|who|that|have|has|had"
    r"|having|whose|on|in|are|is"
    r"|got|still) )+(?:an? |any |the |their |more than |over )?(?:(?:[\w-]+|<who>|<quote>) ){0,3}?(subscriptions?|subs?"
    r"|invoices?|disputes?|chargebacks?|refunds?|plan|trial|payments?)\b"
)


_ON_PLAN = worded(
    r"\b(?:who|who's|customers?|people|subscribers?|anyone|clients?|members?|users?|ladies|women|men|guys|folks|students"
    r"|patients|companies|businesses) .*\bplan\b"
)


def _refined(skill: str, sentence: Sentence, id_skill: str | None) -> str:
    gist = sentence.gist
    if skill == "find_customers":
        if elliptical.OWING.search(gist):
            return "list_invoices"
        having = _HAVING.search(gist)
        if having:
            thing = lexicon.THINGS.get(having[1], "subscription")
            return {"plan": "list_subscriptions", "product": "list_subscriptions"}.get(thing, _SKILL_OF_THING[thing])
    if (
        skill == "find_customers"
        and re.search(r"\b(?:paid|pays|spent|charged)\b", gist)
        and (sentence.money or sentence.of("number"))
    ):
        return "list_payments"
    if skill == "list_products" and (elliptical.asks_for_plan_of(gist) or _ON_PLAN.search(gist)):
        return "list_subscriptions"
    if skill == "list_payments" and (id_skill == "get_payment" or elliptical.is_latest_payment(gist)):
        return "get_payment"
    if (
        skill == "find_customers"
        and id_skill
        and id_skill != "find_customers"
        and not re.search(r"\bcustomers\b", gist)
    ):
        return id_skill
    return skill


def _unexplained(sentence: Sentence, used: set[int]) -> list[str]:
    """Words that neither the desk's vocabulary nor a slot accounts for."""
    strange = []
    for index, token in enumerate(sentence.tokens):
        if index in used or token.kind not in ("word", "number") or token.lex.startswith(whom.KINDS):
            continue
        if token.lex not in _EXPLAINED and not token.lex.isdigit():
            strange.append(token.lex)
    return strange


# Words that say nothing more where somebody asks; elsewhere they may be a name or another matter.
_PLAIN: Final = words(
    """
    even selling left given gave remaining till whoever happening quite roughly handed altogether arrive charged sitting
    reach wrote hand turn duplicates succeed among amongst ladies require requires reconciling auditing
    bookkeeping difference marked bearing lady guy man woman gentleman bloke chap lad lass girl fella sweet dear
    big large healthy
    """
)
_EXPLAINED: Final = lexicon.SMALL | _THINGS | lexicon.QUERY_WORDS | _PLAIN
