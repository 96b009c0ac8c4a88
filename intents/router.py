"""From a masked sentence to a skill, a question or nothing.

The order is what keeps money safe: refusals and hearsay end the matter before any verb is looked at, advice and
conditions turn a command into a question, and only a plain imperative with one target and one certain amount writes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Final

from paydesk.intents import documentation, gates, questions, talk
from paydesk.intents.entities.ids import IdMention
from paydesk.intents.introductions import in_order, without_introduction
from paydesk.intents.patterns import lazy, worded
from paydesk.intents.reads import figures, kept
from paydesk.intents.reads import papers as paper_questions
from paydesk.intents.reads import selling as sold_questions
from paydesk.intents.reads.route import is_asking, within_talk
from paydesk.intents.reads.route import route as route_question
from paydesk.intents.sentence import Sentence, part
from paydesk.intents.targets import Entities, all_of, at, of_condition, possessor
from paydesk.intents.words import lexes_in
from paydesk.intents.writes import (
    bulk,
    command_forms,
    commands,
    fillers,
    papers,
    preview,
    residue,
    selling,
    support,
    together,
    words_left,
)
from paydesk.intents.writes.commands import Command
from paydesk.intents.writes.filling import Filled, take_customer, take_ids
from paydesk.intents.writes.heads import word_at
from paydesk.intents.writes.turned import in_command_order

#: Skills that change something; an example phrase alone never selects one.
WRITES: Final = frozenset(fillers.FILLERS) | papers.SKILLS | selling.SKILLS
CLARIFY: Final = "clarify"


@dataclass(slots=True)
class Route:
    """The router's decision, in the terms of the parser's answer; `doubt` names what a question is about."""

    skill: str | None
    entities: Entities = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    question: str | None = None
    confidence: float = 0.0
    doubt: str | None = None


_NOTHING: Final = Route(None, confidence=0.9)


def route(
    sentence: Sentence,
    phrases: Mapping[str, Sequence[str]] | None = None,
    offered: frozenset[str] = frozenset(),
) -> Route:
    """Decide what a sentence asks for; what nobody offers is no more than a sentence about it."""
    if not sentence.gist or gates.is_injected(sentence.gist):
        return Route(None, confidence=0.95)
    sentence = in_command_order(in_order(without_introduction(sentence)))
    previewed = preview.request(sentence) if preview.SKILL in offered else None
    if previewed is not None:
        found = _route(previewed, phrases, offered)
        if found.skill == preview.SKILL and not found.missing:
            found.entities["dry_run"] = True
            return found
    if talk.is_one_clause(sentence):
        return _route(sentence, phrases, offered)  # nothing stands around the request
    request = None if gates.is_noted(sentence.gist) else talk.without_talk(sentence, _more(offered))
    if request is not None and _is_denied_around(sentence, request, offered):
        request = None
    if request is not None and not (_OWNED.search(request.gist) and not _names(request)):
        alone = _route(request, phrases, offered)
        lost = None if alone.skill in WRITES | {None, CLARIFY} else kept.lost_behind(sentence, request)
        if lost:
            return _ask(lost, {})
        if alone.skill is not None and not (
            alone.missing and _NEEDS_A_TARGET & set(alone.missing) and _names(sentence)
        ):
            return alone
    return _asked_in_talk(sentence, offered) or _route(sentence, phrases, offered)


def _is_denied_around(sentence: Sentence, request: Sentence, offered: frozenset[str]) -> bool:
    """Whether the words around a request take it back: "that payment: don't refund it", "cancel it but keep Pro"."""
    before, _, after = sentence.gist.partition(request.gist)
    if _BUT_KEEP.match(after):
        return True
    if not gates.is_negated(sentence.gist):
        return False
    return before.endswith(" to ") or not _asks_or_commands(request, offered)


_BUT_KEEP = lazy(r" (?:[,;] )?(?:but (?:keep|leave|not|no)|except|not (?:yet|now))\b")


def _asks_or_commands(request: Sentence, offered: frozenset[str]) -> bool:
    return is_asking(request.gist) or bool(commands.find_commands(request.gist, _more(offered)))


# "Kate wants her money back, refund her last payment": whose it is stands in what would be cut off.
_OWNED = lazy(r"\b(?:his|her|their|him|them)\b")
# Someone who speaks so is a bank's customer.
_BANKING = worded(r"\b(?:bank app|withdrawals?|withdr[ae]w|atm|top(?:ped)?[- ]?up|(?:debit|credit) card|overdraft)\b")


def _asked_in_talk(sentence: Sentence, offered: frozenset[str]) -> Route | None:
    """The one question in a story that commands nothing of the desk."""
    gist = sentence.gist
    if any(
        command.skill != command_forms.UNSUPPORTED for command in commands.find_commands(gist, _more(offered))
    ) or _BANKING.search(gist):
        return None
    if gates.is_negated(gist) or gates.is_hypothetical(gist) or (bulk.mentions_write(gist) and gates.asks_advice(gist)):
        return None
    if documentation.is_about_documentation(gist) and not documentation.is_figure(gist):
        return None
    found = [reading for forms in talk.questions_in(sentence) if (reading := within_talk(forms, sentence)) is not None]
    if not found or len({one.skill for one in found}) > 1 or any(one.doubtful for one in sentence.dates):
        return None
    last = found[-1]
    return _ask(last.doubt, {}) if last.skill == CLARIFY else Route(last.skill, last.entities, confidence=0.85)


_NEEDS_A_TARGET: Final = frozenset({"payment", "customer", "subscription"})


def _names(sentence: Sentence) -> bool:
    """Whether somebody or something is named that a command without a target could be about."""
    return bool(all_of(sentence) or sentence.of("id") or possessor(sentence))


def _route(sentence: Sentence, phrases: Mapping[str, Sequence[str]] | None, offered: frozenset[str]) -> Route:
    gist = sentence.gist
    found = commands.find_commands(gist, _more(offered))
    wanted = [command for command in found if command.skill != command_forms.UNSUPPORTED]
    error = sold_questions.explained(sentence, offered)
    if error:
        return Route(error[0], error[1], confidence=0.9)
    refused = _refused(sentence, wanted, found)
    if refused is not None:
        return refused
    if any(isinstance(t.value, IdMention) and t.value.damaged for t in sentence.of("id")):
        return _ask("damaged_id", {})
    if wanted and _BILL_NAMES.match(gist[wanted[0].start :]) and not sentence.of("money") and not sentence.of("number"):
        return Route(None, confidence=0.5)
    if wanted and sentence.of("card"):
        return _ask("card_number", _without_sums(fillers.filled(sentence, wanted[0]).entities))
    if wanted and wanted[0].skill == "refund_payment" and words_left.undoes_a_refund(gist[wanted[0].start :]):
        return Route(None, confidence=0.7)
    if wanted:
        return _write(sentence, wanted, found)
    asked = paper_questions.read(sentence, offered) or sold_questions.read(sentence, offered)
    if asked:
        return Route(asked[0], asked[1], confidence=0.9)
    if found:
        return Route(None, confidence=0.8)
    new = _NEW_ONE.match(gist)
    if new and (all_of(sentence) or sentence.of("quote") or _is_named(sentence, new.end())):
        return _ask("referent", {})
    if bulk.mentions_write(gist):
        return _about_a_write(sentence) or _read(sentence, phrases, offered)
    return _read(sentence, phrases, offered)


@lru_cache(maxsize=16)
def _more(offered: frozenset[str]) -> commands.More | None:
    return partial(_whole_clause, offered=offered) if offered else None


def _whole_clause(gist: str, start: int, stop: int, offered: frozenset[str]) -> Command | None:
    """What a clause commands that is understood only where the desk offers it."""
    word = word_at(gist, start)
    return papers.command_at(gist, word, start, stop, offered) or selling.command_at(gist, word, start, stop, offered)


def _refused(sentence: Sentence, wanted: list[Command], found: list[Command]) -> Route | None:
    """Refusals, documentation, hearsay: nothing is to be done; None if the sentence may go on."""
    gist = sentence.gist
    if gates.stops_by_cancelling(gist) is None and gates.is_negated(gist):
        return _ask("contrast", {}) if wanted and gates.is_contrast(gist) else Route(None, confidence=0.9)
    if (gates.is_noted(gist) or gates.is_wished(gist)) or (wanted and gates.is_outcome(gist[wanted[0].start :])):
        return Route(None, confidence=0.8)
    about = documentation.is_about_documentation(gist) and not documentation.is_figure(gist)
    if about and not _is_specific_request(sentence, wanted):
        return Route(None, confidence=0.85)
    if wanted and gates.is_reported(gist[: wanted[0].start]) and not _after_break(gist, wanted[0]):
        return Route(None, confidence=0.8)
    return None


def _is_specific_request(sentence: Sentence, wanted: list[Command]) -> bool:
    """Whether what reads like a question of how things work is about a certain sum, thing or customer."""
    if wanted and (sentence.money or sentence.of("number") or _names_its_object(sentence, wanted[0])):
        return True
    if sentence.money and gates.asks_advice(sentence.gist):
        return True
    return bool(all_of(sentence) or sentence.of("id") or possessor(sentence))


def _names_its_object(sentence: Sentence, command: Command) -> bool:
    """ "could you charge Rosie please" asks for a charge, not for what can be done."""
    if command.object_at >= len(sentence.gist):
        return False
    index = sentence.index_at(command.object_at)
    return sentence.is_capital(index) and at(sentence, index) is not None


_LEADS_ON = lazy(
    r"(?: (?:so|please|then|now|and|can you|could you|would you|will you|go ahead|kindly|just|anyway|anyhow|well))+$"
)


def _after_break(gist: str, command: Command) -> bool:
    """Whether a comma or stop that ends a thought, not "she said:", stands before the command."""
    head = gist[: command.start].rstrip()
    head = _LEADS_ON.sub("", head).rstrip()
    return head.endswith((",", ".", ";", "!", "-", "–", "—")) and not re.search(
        r"\b(?:said|says|told (?:me|us)|wrote|writes|reads|asked|asks) ?[,:.-]*$", head
    )


# A record named without a verb is not yet a command.
_NEW_ONE = worded(r"(?:please |a |one )*new (?:customer|client|subscription|sub|payment|charge|refund)\b")


def _is_named(sentence: Sentence, position: int) -> bool:
    """Whether a name stands at a place of the gist: "new customer jane doe"."""
    return position + 1 < len(sentence.gist) and at(sentence, sentence.index_at(position + 1)) is not None


# "bill gates net worth": Bill is a name oftener than a verb, unless an amount says otherwise.
_BILL_NAMES = lazy(r"bill \w+ \w+")


def _about_a_write(sentence: Sentence) -> Route | None:
    """Advice and hypotheses about a certain target are questions to ask back; statements are nothing."""
    gist = sentence.gist
    if bulk.wants_all_done(gist):
        return _ask("bulk", {})
    doubt = "hypothetical" if gates.is_hypothetical(gist) else "advice" if gates.asks_advice(gist) else None
    if doubt:
        filled = _fill_loosely(sentence)
        return _ask(doubt, filled.entities) if _is_specific(filled.entities) else Route(None, confidence=0.7)
    if (
        gates.has_condition(gist)
        and re.search(r"\b(?:refund|charge|cancel|capture|pause|resume|upgrade|downgrade) (?:<|\w)", gist)
        and re.match(r"(?:if|when|once|unless|as soon as)\b(?! (?:did|do|does|was|were|will|is|has|have|are)\b)", gist)
    ):
        filled = _fill_loosely(sentence)
        return _ask("condition", _without_sums(filled.entities))
    asked = re.match(
        r"(?:\W|<)*(?:(?:please|kindly|can|could|would|will|you|i|we|tell|me|us|let|know|may|need|want|to|see"
        r"|check|say) )*"
        r"(?:has|have|did|was|were|is|are|when|which|what|who|how|show|list|any|why|do|does|find"
        r"|get|all|<n>|count|<date>)\b",
        gist,
    )
    if (
        gates.is_statement(gist)
        and not asked
        and re.search(
            r"\b(?:i|we|he|she|they|you|<who>|<mail>|customer|client|<cus>|my|someone)\b|<pi>|<ch>|<sub>", gist
        )
    ):
        return Route(None, confidence=0.7)
    return None


def _is_specific(entities: Entities) -> bool:
    """Whether a question of advice is about something that exists, not about how things work."""
    return bool(
        entities.keys() - {"full", "currency", "percent", "interval", "reason", "at_period_end", "start", "end"}
    )


def _fill_loosely(sentence: Sentence) -> Filled:
    """The slots of a write that is only talked about."""
    for skill, pattern in bulk.VERBS:
        match = pattern.search(sentence.gist)
        if match:
            return fillers.filled(sentence, Command(skill, match.start(), match.end()))
    filled = Filled()
    take_ids(sentence, filled)
    return filled


def _write(sentence: Sentence, wanted: list[Command], found: list[Command]) -> Route:
    gist, command = sentence.gist, wanted[0]
    if gates.is_hypothetical(gist) or gates.asks_advice(gist) or gates.is_queried(gist):
        doubt = "hypothetical" if gates.is_hypothetical(gist) else "advice"
        entities = fillers.filled(sentence, command).entities
        return _ask(doubt, entities) if _is_specific(entities) else Route(None, confidence=0.7)
    apart = len(found) > 1 and together.are_apart(wanted, found) and not together.is_one_change(sentence, found)
    if apart and gates.stops_by_cancelling(gist) is None:
        return _ask("several_writes", together.certain_of_all(sentence, found))
    if command.skill == "create_payment" and sentence.of("share") and not sentence.money:
        return Route(None, confidence=0.6)  # "charge battery 80%"
    filled = fillers.filled(sentence, command)
    if together.TWO_SUMS.search(gist) or gates.is_either(gist[command.start :]):
        return _ask("several_writes", together.certain_of_either(sentence, filled.entities))
    asked = together.ASKED_FIRST.match(gist)
    if asked and asked.end() < command.start:
        return _ask("several_writes", {k: v for k, v in filled.entities.items() if k not in _SUMS})
    if gates.has_condition(gist):
        return _under_condition(sentence, command, filled)
    unclear = _unclear_money(gist, command, filled) if command.skill in support.MONEY else None
    if unclear:
        return unclear
    if command.skill != "create_customer" and gates.is_bulk(gist[command.start :]) and not _is_single(filled, gist):
        return _ask("bulk", bulk.entities_of(sentence, filled))
    if gates.is_hedged(gist):
        certain = {key: value for key, value in _without_sums(filled.entities).items() if key != "percent"}
        return _ask("hedged" if sentence.money or sentence.of("number") else "unsure", certain)
    if filled.doubt is None and command.skill != "create_customer" and _has_namesakes(sentence, filled):
        filled.doubt = "namesakes"
    if filled.doubt:
        return _ask(filled.doubt, filled.entities)
    complete = _complete(sentence, command, filled)
    return _unless_words_are_left(sentence, command, filled, complete)


def _unless_words_are_left(sentence: Sentence, command: Command, filled: Filled, complete: Route) -> Route:
    """The write, unless words of the command say something that nobody understood."""
    if complete.skill in support.MONEY and residue.unexplained(sentence, command, filled.entities):
        certain = {key: value for key, value in filled.entities.items() if key not in _SUMS | {"percent", "full"}}
        return _ask("residue", certain)
    changed = words_left.changed_by(sentence, command, filled.entities) if complete.skill in WRITES else None
    if changed is None:
        return complete
    return _ask(changed, _without_sums(filled.entities) if changed == "hedged" else filled.entities)


def _under_condition(sentence: Sentence, command: Command, filled: Filled) -> Route:
    """A command that waits for something; of "if Tom paid, refund Maria" only what follows the condition is certain."""
    if command.start and gates.has_condition(sentence.gist[: command.start]):
        alone = part(sentence, sentence.index_at(command.start), len(sentence.tokens))
        whole, filled = filled, fillers.filled(alone, Command(command.skill, 0, command.object_at - command.start))
        if re.search(r"\b(?:his|her|their|him|them)\b", alone.gist) and "customer" in whole.entities:
            filled.entities.setdefault("customer", whole.entities["customer"])
        elif re.search(r"\b(?:his|her|their|him|them)\b", alone.gist) and (who := of_condition(sentence)):
            filled.entities.setdefault("customer", who)
        if whole.doubt is None:
            filled.entities |= {key: said for key, said in whole.entities.items() if key.endswith("_id")}
    return _ask("condition", _without_sums(filled.entities) if _sum_in_condition(sentence.gist) else filled.entities)


def _unclear_money(gist: str, command: Command, filled: Filled) -> Route | None:
    """Another way of paying, an exception, a vague share, the same again: asked about before money moves."""
    if gates.is_otherwise(gist):
        return _ask("otherwise", filled.entities)
    vague = gates.is_vague(gist) and not filled.entities.keys() & {"amount", "percent"}
    if vague or gates.has_exception(gist):
        return _ask("hedged", _without_sums(filled.entities))
    return _ask("several", filled.entities) if gates.is_repeated(gist[command.start :]) else None


def _has_namesakes(sentence: Sentence, filled: Filled) -> bool:
    """Whether two known customers match the name equally well."""
    customer = filled.entities.get("customer")
    if sentence.known_names is None or not isinstance(customer, str):
        return False
    return sentence.known_names.namesakes(customer) > 1


def _complete(sentence: Sentence, command: Command, filled: Filled) -> Route:
    """A write with its slots: proposed, asked about, or nothing where its object is not the desk's."""
    if (
        command.skill in papers.SKILLS | selling.SKILLS
    ):  # its form was met wholly: nothing is left that could be strange
        question = questions.for_missing(command.skill, filled.missing)
        return Route(CLARIFY if question else command.skill, filled.entities, filled.missing, question, 0.9)
    only_currency = filled.missing == ["currency"]
    if filled.missing and not only_currency:
        guessed = "customer" in filled.entities and not all_of(sentence) and not sentence.of("quote")
        strange = 1 if command.skill in support.MONEY and len(sentence.tokens) <= 8 else 0
        if (not filled.entities and not support.is_ours(command, sentence)) or (
            guessed and not support.is_supported(command, sentence, filled, strange)
        ):
            return Route(None, confidence=0.6)
        question = questions.for_missing(command.skill, filled.missing)
        return Route(CLARIFY, filled.entities, filled.missing, question, 0.7)
    if not support.is_supported(command, sentence, filled):
        of_ours = filled.entities.keys() & {"product", "payment_ref"}
        one_word_off = of_ours and support.is_supported(command, sentence, filled, 1)
        return _ask("referent", filled.entities) if one_word_off else Route(None, confidence=0.5)
    question = questions.for_missing(command.skill, filled.missing)
    return Route(command.skill, filled.entities, filled.missing, question, 0.9 if not filled.missing else 0.75)


_SUMS: Final = frozenset({"amount", "currency", "payment_amount"})


def _is_single(filled: Filled, gist: str) -> bool:
    """One id or one latest payment is one thing, whatever plural words stand around it."""
    return bool(filled.entities.keys() & {"payment_intent_id", "charge_id", "subscription_id"}) and not re.search(
        r"\b(?:all|every|each|both)\b", gates.without_singles(gist)
    )


def _without_sums(entities: Entities) -> Entities:
    return {key: value for key, value in entities.items() if key not in _SUMS}


def _sum_in_condition(gist: str) -> bool:
    return re.search(r"\b(?:if|when|once|unless)\b[^,]*(?:<money>|<n>)", gist) is not None


def _read(sentence: Sentence, phrases: Mapping[str, Sequence[str]] | None, offered: frozenset[str]) -> Route:
    reading = route_question(sentence, figures.find(sentence.gist, offered))
    if reading is None or reading.skill == CLARIFY:
        return _ask(reading.doubt, {}) if reading else _NOTHING
    if any(mention.doubtful for mention in sentence.dates):
        entities = {k: v for k, v in reading.entities.items() if k not in ("start", "end")}
        return _ask("date", entities)
    if reading.skill == "get_analytics" and reading.skill in offered:
        reading.entities = figures.fitted(reading.entities)
    support = _phrase_support(sentence.gist, (phrases or {}).get(reading.skill, ()))
    return Route(reading.skill, reading.entities, [], None, min(0.99, reading.confidence + support))


def _phrase_support(gist: str, phrases: Sequence[str]) -> float:
    """A little more confidence where the sentence shares its words with one of the skill's own examples."""
    said = lexes_in(gist)
    shared = max([len(said & words) for words in _words_of(tuple(phrases))], default=0)
    return 0.02 * min(shared, 3)


@lru_cache(maxsize=512)
def _words_of(phrases: tuple[str, ...]) -> list[frozenset[str]]:
    return [frozenset(re.sub(r"\{\w+\}", "", phrase.lower()).split()) for phrase in phrases]


def _ask(doubt: str, entities: Entities) -> Route:
    return Route(CLARIFY, entities, [], questions.for_doubt(doubt, entities), 0.75, doubt)


__all__ = ["CLARIFY", "WRITES", "Route", "route", "take_customer"]
