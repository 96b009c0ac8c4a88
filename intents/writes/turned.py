"""Requests whose verb does not come first, turned into commands: "pi_1 must be refunded", "that payment: refund it".

A sentence is only put in another order, and its verb in the base form; whatever asks, denies, reports or doubts is left
as it is, and the gates read the turned sentence like any other.
"""

import re
from typing import Final

from paydesk.intents import lexicon
from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence, Token, arranged
from paydesk.intents.words import pairs, said_in, words

_BASE: Final = pairs(
    """
    refunded:refund reimbursed:reimburse charged:charge billed:charge debited:charge collected:collect taken:take
    canceled:cancel cancelled:cancel stopped:cancel ended:cancel terminated:cancel discontinued:cancel paused:pause
    suspended:pause resumed:resume reactivated:resume captured:capture released:release voided:void changed:change
    updated:update upgraded:upgrade downgraded:downgrade switched:switch moved:move put:put subscribed:subscribe
    deducted:take
    """
)
_DONE: Final = "|".join(_BASE)
_VERBS: Final = (
    "change|update|refund|reimburse|cancel|charge|capture|pause|resume|reactivate|void|release|debit|bill|stop|end"
)
_POLITE: Final = r"(?:(?:please|kindly|ok|okay|so|hi|hey|hello|yes|now|then|and|also) ?,? )*"
_PHRASE: Final = r"[^ ,;:.!?]+(?: (?:[^ ,;:.!?]+|'s)){0,11}?"
_END: Final = r"(?P<rest>(?: [^?]*)?)$"

# "pi_1 must be refunded", "18 750 SEK is to be collected from Klintberg"
_PASSIVE = lazy(
    rf"{_POLITE}(?P<what>{_PHRASE}) (?:must|has to|have to|needs to|need to|is to|are to|ought to|shall)"
    rf"(?: please| now)? be (?P<done>{_DONE})(?: now| please)?{_END}"
)
# "please have 20 dollars charged to Jane", "need 2 grand collected from Drew", "i want pi_1 refunded in full"
_CAUSATIVE = lazy(
    rf"{_POLITE}(?:(?:can|could|would|will) you (?:please |kindly )?)?"
    r"(?:(?:i |we )?(?:need|want|would like|'d like|must have)|(?:i'd|we'd) like|have|get)"
    rf"(?: to have| to get)? (?P<what>(?!you\b|to\b|been\b|a\b|any\b|all\b){_PHRASE}) (?:to be )?"
    rf"(?P<done>{_DONE}){_END}"
)
# Of a payment named first, with its verb behind it: "that $45 payment by May Lim: refund it in full".
_FRONTED = lazy(
    rf"{_POLITE}(?P<what>{_PHRASE})(?P<said> (?:can go|is (?:wrong|outdated|out of date|not right|old|done|over"
    r"|finished|no longer (?:needed|wanted))))? "
    rf"?[,:;–—-]+ {_POLITE}(?:(?:can|could|would|will) you (?:please )?)?(?P<verb>{_VERBS})"
    rf"(?P<it> (?:it|that|this|them|that one|this one|him|her))?{_END}"
)
# "the email of cus_1 must be changed to a@b.c" is passive; "preferred locale of cus_1 set to bg" is this.
_FIELD = lazy(
    rf"{_POLITE}(?P<what>(?:the |their |our )?(?:new )?(?:e-?mail|phone|mobile|hp|name|description"
    rf"|preferred locale|locale|language|telephone)(?: number| address)? (?:of|for) {_PHRASE}) (?:please |to be "
    r"|is to be |should now be )?(?P<done>set|changed|updated|update|change) to (?P<rest>.+)$"
)
_PASSIVE_WORDS: Final = words("be set update change changed updated")
_FRONTED_VERBS: Final = frozenset(_VERBS.split("|"))
_NOT_SO: Final = words(
    """
    if when unless whether why how who what which where not never don't no cannot can't won't shouldn't mustn't say says
    said tell tells told ask asks asked claims claimed thinks think wants wanted policy always usually nobody nothing
    did does do was were been had has have would could should may might i you he she they we it that's because since
    """
)
_ITSELF: Final = words(
    """
    refund reimburse cancel charge capture pause resume void release debit bill stop end please thanks thank cheers
    good morning afternoon evening sorry great perfect cool nice awesome right well done dear team urgent
    """
)
_OWN_OBJECT = lazy(r"<(?:pi|ch|sub|who|mail|cus|money)>|\b(?:payments?|charges?|subscriptions?|subs?|plan)\b")


def in_command_order(sentence: Sentence) -> Sentence:
    """The sentence as a command where it is one in another order; else as it is."""
    gist, said = sentence.gist, said_in(sentence.gist)
    if gist.endswith("?") or len(sentence.tokens) < 3:
        return sentence
    passive = not _PASSIVE_WORDS.isdisjoint(said) and (_PASSIVE.match(gist) or _FIELD.match(gist))
    if passive:
        return _turned(sentence, passive, "done")
    if not _BASE.keys().isdisjoint(said) and (found := _CAUSATIVE.match(gist)):
        return _turned(sentence, found, "done")
    found = None if _FRONTED_VERBS.isdisjoint(said) else _FRONTED.match(gist)
    if found and found["verb"] in ("change", "update") and not found["it"]:
        return sentence
    if found and (found["it"] or not _OWN_OBJECT.search(found["rest"])):
        return _turned(sentence, found, "verb")
    return sentence


def _turned(sentence: Sentence, found: re.Match[str], verb: str) -> Sentence:
    what = found["what"].split()
    if not _NOT_SO.isdisjoint(what) or what[0] in _ITSELF or not _is_somebodys(sentence, found):
        return sentence
    verb_at = sentence.index_at(found.start(verb))
    done = sentence.tokens[verb_at]
    base = done._replace(lex=_BASE.get(done.lex, "update" if found.re is _FIELD else done.lex))
    first, last = _span(sentence, found, "what")
    thing = sentence.tokens[first:last]
    rest = found["rest"].strip()
    tail: list[Token] = []
    if rest:
        begin = found.start("rest") + (len(found["rest"]) - len(found["rest"].lstrip()))
        tail = list(sentence.tokens[sentence.index_at(begin) :])
    if found.re is _FIELD:
        to = sentence.tokens[verb_at + 1]
        tail = [to, *tail]
    return arranged(sentence, [base, *thing, *tail])


def _span(sentence: Sentence, found: re.Match[str], group: str) -> tuple[int, int]:
    return sentence.index_at(found.start(group)), sentence.index_at(found.end(group) - 1) + 1


def _is_somebodys(sentence: Sentence, found: re.Match[str]) -> bool:
    """Whether something certain is spoken of, not how things are done: an id, a sum, an owner, a name."""
    first, last = _span(sentence, found, "what")
    return any(
        token.kind != "word" or not lexicon.is_common(token.lex) or sentence.is_capital(index)
        for index, token in enumerate(sentence.tokens[first:last], start=first)
    )
