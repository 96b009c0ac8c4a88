"""Requests whose verb does not come first, turned into commands: "pi_1 must be refunded", "that payment: refund it".

A sentence is only put in another order, and its verb in the base form; whatever asks, denies, reports or doubts is left
as it is, and the gates read the turned sentence like any other.
"""

import re
from functools import lru_cache
from typing import Final

from paydesk.intents import lexicon
from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence, arranged
from paydesk.intents.words import pairs, said_in, words

_BASE: Final = pairs(
    """
    refunded:refund reimbursed:reimburse charged:charge billed:charge debited:charge collected:collect taken:take
    canceled:cancel cancelled:cancel stopped:cancel ended:cancel terminated:cancel discontinued:cancel paused:pause
    suspended:pause resumed:resume reactivated:resume captured:capture released:release voided:void changed:change
    updated:update upgraded:upgrade downgraded:downgrade switched:switch moved:move put:put subscribed:subscribe
    deducted:take drawn:take
    """
)
_DONE: Final = "|".join(_BASE)
_VERBS: Final = (
    "take|collect|change|update|refund|reimburse|cancel|charge|capture|pause|resume|reactivate|void|release|debit|bill"
    "|stop|end"
)
_GERUNDS: Final = pairs(
    """
    cancelling:cancel canceling:cancel charging:charge refunding:refund billing:charge pausing:pause resuming:resume
    capturing:capture reimbursing:refund debiting:charge cancellation:cancel
    """
)
_DOING: Final = "|".join(word for word in _GERUNDS if word.endswith("ing"))
_POLITE: Final = (
    r"(?:(?:please|kindly|ok|okay|so|hi|hey|hello|yes|now|then|and|also|oh|man|ugh|argh|oops|sorry|listen|look) ?,? )*"
)
_PHRASE: Final = r"[^ ,;:.!?]+(?: (?:[^ ,;:.!?]+|'s)){0,11}?"
_END: Final = r"(?P<rest>(?: [^?]*)?)$"

# "pi_1 must be refunded", "18 750 SEK is to be collected from Klintberg"
_PASSIVE = lazy(
    rf"(?:(?:(?:[\w]+ ){{1,6}}, )?(?P<asks>(?:i|we) (?:request|ask|require|want|need) that ))?"
    rf"{_POLITE}(?P<what>{_PHRASE}) (?(asks)|(?:must|has to|have to|needs to|need to|is to|are to|ought to|shall)"
    rf"(?: please| now)? )be (?P<verb>{_DONE})(?: now| please)?{_END}"
)
# "please have 20 dollars charged to Jane", "need 2 grand collected from Drew", "i want pi_1 refunded in full"
_CAUSATIVE = lazy(
    rf"{_POLITE}(?:(?:can|could|would|will) you (?:please |kindly )?)?"
    r"(?:(?:i |we )?(?:need|want|would like|'d like|must have)|(?:i'd|we'd) like|have|get)"
    rf"(?: to have| to get)? (?P<what>(?!you\b|to\b|been\b|a\b|any\b|all\b){_PHRASE}) (?:to be )?"
    rf"(?P<verb>{_DONE}){_END}"
)
# Of a payment named first, with its verb behind it: "that $45 payment by May Lim: refund it in full".
_FRONTED = lazy(
    rf"{_POLITE}(?P<what>{_PHRASE})(?P<said> (?:can go|is (?:wrong|outdated|out of date|not right|old|done|over"
    r"|finished|no longer (?:needed|wanted))|should go back to (?:her|him|them)))?"
    r"(?P<why> (?:is|was) (?:an? |clearly |obviously )?(?:duplicate|fraudulent|fraud|mistake|double charge))?"
    rf"(?: ?[,;:–—→-]+ | (?=(?:please|pls|kindly) )){_POLITE}(?:(?:can|could|would"
    rf"|will) you (?:please )?)?(?P<verb>{_VERBS})"
    rf"(?P<it> (?:it|that|this|them|that one|this one|him"
    rf"|her(?= (?:in|for|back|now|please|at|from|off|fully|entirely|today|asap|immediately)\b|[ ,.!]*$)))?{_END}"
)
# "the email of cus_1 must be changed to a@b.c" is passive; "preferred locale of cus_1 set to bg" is this.
_FIELD = lazy(
    rf"{_POLITE}(?P<what>(?:the |their |our )?(?:new )?(?:e-?mail|phone|mobile|hp|name|description"
    rf"|preferred locale|locale|language|telephone)(?: number| address)? (?:of|for) {_PHRASE}) (?:please |to be "
    r"|is to be |should now be )?(?P<verb>set|changed|updated|update|change)(?P<rest> to .+)$"
)
# "a debit of NOK 500 on Nordlys, please", "half of Omar's latest payment back to him please"
_NOMINAL = lazy(
    rf"{_POLITE}(?:(?:a|one|another|the) )?(?P<verb>debit|charge|refund|reimbursement) of (?P<what>{_PHRASE})"
    r"(?P<rest>(?: ,)? (?:please|thanks|thank you))[ .!]*$"
)
_GIVEN_BACK = lazy(
    rf"{_POLITE}(?P<what>(?:half|<share>|<money>|a third|a quarter|all|the rest)(?: of| from) {_PHRASE}) (?P<verb>back)"
    r"(?: to (?:him|her|them|the customer))?(?P<rest>(?: ,)? (?:please|thanks))[ .!]*$"
)
# "20 pounds back to Chantelle off her last payment", "half back on pi_1"
_SUM_BACK = lazy(
    rf"{_POLITE}(?P<what><money>|<share>|half|all|everything|a (?:third|quarter|half)) (?P<verb>back)"
    r"(?P<rest> (?:(?:on|for|of|from)|to(?! the (?!customer|client|buyer|payer|card|guest|owner|holder|member|tenant"
    r"|patient|student|user|company|person|lady|guy|man|woman|account)\b)) [^?]+)$"
)
# "new email for Zephyr Analytics is ap@zephyr.ai, please change"
_NEW_FIELD = lazy(
    rf"{_POLITE}(?:the )?(?P<verb>new) (?P<what>(?:e-?mail|phone|mobile|telephone)(?: number| address)? "
    rf"(?:of|for) {_PHRASE})"
    r" (?P<to>is)(?P<rest> (?:<mail>|<tel>))(?: [,;:–—.!-])*"
    r"(?: (?:please |can you |and )*(?:update|change|save|note|set|store|record)(?: (?:it|that|this))?)?"
    r"(?: please| thanks)?[ .!]*$"
)
# "I want Lumen Agency on a subscription, 800 euros every month"
_PUT_ON = lazy(
    rf"{_POLITE}(?:(?:i|we) (?P<verb>want|need|would like|'d like)) (?P<what><who>|<mail>|<cus>)"
    r"(?P<rest> on (?:a |an |the |our )?[^?]*(?:subscription|sub|plan|tier|<recurs>)(?: .*)?)$"
)
# "I need 22.50 from Anna's card"
_FROM_A_CARD = lazy(
    rf"{_POLITE}(?:(?:i|we) (?P<verb>need|want|would like|'d like)) (?P<what><money>)"
    r"(?P<rest> (?:from|off|out of|on) [^?,;]+ 's (?:saved |default )?(?P<card>card|visa|mastercard|amex)[^?,;]*)$"
)
# "weekly subscription for Blessing, set it up"
_MADE_LAST = lazy(
    rf"{_POLITE}(?P<what>(?:(?:an?|one|new|<recurs>|<money>) )*(?:\w+ )?(?:subscription|sub|customer|payment link"
    rf"|coupon)"
    rf"(?: [^?,;]+)?) ?[,;:–—-]+ {_POLITE}(?P<verb>create|set|make|start|add)(?: (?:it|this|that))?(?: up)?"
    r"(?P<made>)(?P<rest>(?: (?:please|pls|now|thanks|thx|thank you|for (?:me|us)))*)[ .!]*$"
)
# "for old@a.b the new email should be new@a.b"
_NEW_FIELD_FOR = lazy(
    rf"{_POLITE}for (?P<who>{_PHRASE}) (?:the |a )?(?P<verb>new) (?P<what>(?:e-?mail|phone|mobile|telephone)"
    r"(?: number| address)?) (?P<to>is|should be|will be|must be)(?P<rest> (?:<mail>|<tel>))(?: [,;:–—.!-])*"
    r"(?: (?:please |can you |and )*(?:update|change|save|note|set|store|record)(?: (?:it|that|this))?)?"
    r"(?: please| thanks)?[ .!]*$"
)
# "pi_1 needs refunding in full, it's a duplicate"
_NEEDS = lazy(rf"{_POLITE}(?P<what>{_PHRASE}) (?:needs?|wants|requires?) (?P<verb>{_DOING}){_END}")
# "from Ditlev von Hohenberg take 75 CHF", "for cus_1 please change the language to de"
_PREPOSED = lazy(
    rf"{_POLITE}(?P<prep>for|from|of|on|to) (?:customer |client )?(?P<what><who>|<mail>|<cus>|<sub>)(?: ,)? {_POLITE}"
    rf"(?P<verb>take|collect|charge|debit|bill|change|update|set|create|add|open|refund|cancel|pause|resume|make)"
    r"(?P<rest> [^?]+)$"
)
# "proceed with charging cus_1 20 dollars"
_PROCEED = lazy(
    rf"{_POLITE}(?:proceed|go ahead|continue|carry on) with (?:the |a )?"
    rf"(?P<verb>{_DOING}|(?:cancellation|reimbursement|refund|charge)(?= (?:of|for) )) (?:of |for )?"
    r"(?P<what>[^?]+?)(?P<rest>)[ .!]*$"
)
_MEANT: Final = (
    _BASE
    | _GERUNDS
    | pairs("new:update debit:charge reimbursement:refund back:refund want:put need:put would:put 'd:put")
)
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


_WAYS: Final = (
    (words("be"), _PASSIVE),
    (words("set update change changed updated"), _FIELD),
    (frozenset(_BASE), _CAUSATIVE),
    (words("please thanks"), _NOMINAL),
    (words("back"), _GIVEN_BACK),
    (words("back"), _SUM_BACK),
    (words("want need like"), _PUT_ON),
    (words("card visa mastercard amex"), _FROM_A_CARD),
    (words("create set make start add"), _MADE_LAST),
    (words("new"), _NEW_FIELD),
    (words("new"), _NEW_FIELD_FOR),
    (words("with"), _PROCEED),
    (words("needs need wants require requires"), _NEEDS),
    (words("for from of on to"), _PREPOSED),
    (frozenset(_VERBS.split("|")), _FRONTED),
)
_NEEDED: Final = frozenset().union(*(needed for needed, _ in _WAYS))
# What stands between what is named first and its verb; looking for it is many times cheaper than the whole form.
_THEN_VERB = lazy(
    rf"(?:[,;:–—→-]|\b(?:please|pls|kindly)) {_POLITE}(?:(?:can|could|would|will) you (?:please )?)?(?:{_VERBS})(?: |$)"
)


#: What a form that begins with a preposition begins with, politely or not.
_BEFORE_SOMEBODY: Final = tuple(
    word + end for word in re.findall("[a-z]+", f"{_POLITE} for from of on to") for end in (" ", ",")
)


@lru_cache(maxsize=1024)
def _ways_for(present: frozenset[str]) -> tuple[re.Pattern[str], ...]:
    """The ways, in their order, that can be met where these of the needed words are said."""
    return tuple(way for needed, way in _WAYS if not needed.isdisjoint(present))


def in_command_order(sentence: Sentence) -> Sentence:
    """The sentence as a command where it is one in another order; else as it is."""
    gist = sentence.gist
    said = said_in(gist)
    if _NEEDED.isdisjoint(said) or gist.endswith("?") or len(sentence.tokens) < 3:
        return sentence
    for way in _ways_for(_NEEDED & said):
        if (way is _PREPOSED and not gist.startswith(_BEFORE_SOMEBODY)) or (
            way is _FRONTED and not _THEN_VERB.search(gist)
        ):
            continue
        found = way.match(gist)
        if found and _is_meant(sentence, found):
            return _turned(sentence, found)
    return sentence


def _is_meant(sentence: Sentence, found: re.Match[str]) -> bool:
    what, parts = found["what"].split(), found.groupdict()
    if not _NOT_SO.isdisjoint(what) or what[0] in _ITSELF or not _is_somebodys(sentence, found):
        return False
    if "it" not in parts or parts["it"]:
        return True
    return found["verb"] not in ("change", "update", "take", "collect") and not _OWN_OBJECT.search(found["rest"])


def _turned(sentence: Sentence, found: re.Match[str]) -> Sentence:
    parts = found.groupdict()
    verb = sentence.tokens[sentence.index_at(found.start("verb"))]
    first, last = _span(sentence, found, "what")
    rest = found["rest"]
    begin = found.start("rest") + len(rest) - len(rest.lstrip())
    tail = sentence.tokens[sentence.index_at(begin) :] if rest.strip() else []
    why = parts.get("why")
    if why:
        first_why, last_why = _span(sentence, found, "why")
        tail = [*tail, *sentence.tokens[first_why + 1 : last_why]]
    if parts.get("to"):
        tail = [sentence.tokens[sentence.index_at(found.start("to"))]._replace(lex="to"), tail[0]]
    meant = "take" if parts.get("card") else "create" if "made" in parts else _MEANT.get(verb.lex, verb.lex)
    command = verb._replace(lex=meant)
    if parts.get("prep"):
        before = sentence.tokens[sentence.index_at(found.start("prep"))]
        return arranged(sentence, [command, *tail, before, *sentence.tokens[first:last]])
    return arranged(sentence, [command, *sentence.tokens[first:last], *tail])


def _span(sentence: Sentence, found: re.Match[str], group: str) -> tuple[int, int]:
    return sentence.index_at(found.start(group)), sentence.index_at(found.end(group) - 1) + 1


def _is_somebodys(sentence: Sentence, found: re.Match[str]) -> bool:
    """Whether something certain is spoken of, not how things are done: an id, a sum, an owner, a name."""
    first, last = _span(sentence, found, "what")
    return any(
        token.kind != "word" or not lexicon.is_common(token.lex) or sentence.is_capital(index)
        for index, token in enumerate(sentence.tokens[first:last], start=first)
    )
