"""Answers to a question that was asked: "the second", "the one with acme.com", "usd", "yes", "never mind".

An answer completes the sentence that was asked about; what comes out is read again as a whole, so that a refusal or a
condition in the answer counts as it would have counted in the sentence.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from paydesk.intents import mentions, targets
from paydesk.intents.conversation import Asked, Item, kind_of
from paydesk.intents.entities.ids import IdMention
from paydesk.intents.entities.money import MoneyMention, Number
from paydesk.intents.parse import Parsed
from paydesk.intents.patterns import lazy
from paydesk.intents.readings import Reading, Unclear
from paydesk.intents.router import WRITES
from paydesk.intents.sentence import Sentence, Token, part
from paydesk.intents.words import words
from paydesk.intents.writes import commands

_POLITE: Final = r"(?:(?:please|pls|thanks|thank you|ok|okay|then|and|well|oh|hmm|um|,|so|actually|wait|sorry) )*"
_YES = lazy(
    rf"{_POLITE}(?:yes|yeah|yep|yup|ya|sure|ok|okay|correct|right|exactly|affirmative|of course|go ahead|do it|do that"
    r"|do so|please do|prepare it|go for it|that's right|sounds good|absolutely|definitely|indeed)"
    r"(?: ?[,.!]? ?(?:please|pls|thanks|thank you|do it|do that|go ahead|do|prepare it|yes|sure))*[ .!]*"
)
_NO = lazy(
    rf"{_POLITE}(?:no|nope|nah|never ?mind|nevermind|forget (?:it|that|about it)|cancel(?: that)?|stop|leave it"
    r"|scratch that|don't|do not|neither|none(?: of (?:them|those|these))?|not now|no way|skip it)"
    r"(?: ?[,.!]? ?(?:please|pls|thanks|thank you|don't|do not|never ?mind|leave it|it's fine|it is fine|that's all"
    r"|of (?:them|those|these)))*[ .!]*"
)
_LEAD = lazy(
    r"(?:(?:i mean|i meant|it's|it is|that's|make it|take|use|the answer is|let's say|please|the customer is|for|to|in"
    r"|from|of|,|ok|okay|well|um|uh|oh|sorry) )+"
)
_ASKS = lazy(
    rf"{_POLITE}(?:what|what's|which (?!one)|who|who's|how|why|when|where|show|list|find|get|give me|tell|search|is|are"
    r"|was|were|do|does|did|has|have|can|could|any|compare|count|look)(?!\S)"
)
_ONE = lazy(
    r"(?:(?:the|that|this) )?(?:one )?(?:(?:from|of|by|for|with|to|at|on|in|who is|that is|called|named|is|worth) )*"
    r"(?P<traits>.+?)(?: one)?[ .!?]*"
)
#: Missing slot -> what may stand between the sentence and the answer.
_JOINS: Final = {
    "customer": ("for", "to", "", "from"),
    "payment": ("of", "from", "for", "on", ""),
    "subscription": ("of", "for", ""),
    "amount": ("", "for"),
    "currency": ("", "in"),
    "interval": ("", "every"),
    "price": ("", "to", "on", "for"),
    "change": ("to", "", "and"),
    "success_url": ("leading to", ""),
}
#: Missing slot -> the entities that an answer to the question may bring, and no other.
BRINGS: Final[Mapping[str, set[str]]] = {
    "customer": {"customer", "email", "customer_id"},
    "payment": {"payment_intent_id", "charge_id", "customer", "email", "customer_id", "payment_ref"},
    "subscription": {"subscription_id", "customer", "email", "customer_id", "product"},
    "amount": {"amount", "currency"},
    "currency": {"currency"},
    "interval": {"interval", "interval_count"},
    "price": {"product", "product_id", "price_id", "amount", "currency", "interval", "interval_count", "quantity"}
    | {"phases"},
    "success_url": {"success_url"},
    "change": {"product", "product_id", "price_id", "quantity", "new_email", "new_phone", "new_name", "trial_end"},
}
_LONGEST_ANSWER: Final = 120


@dataclass(frozen=True)
class Reply:
    """What an answer came to: one of the options, sentences that may be meant (the first that can be read), or no.

    `unsure`: the sentence holds the answer's own words, and answers only if it is then understood.
    """

    item: Item | None = None
    texts: tuple[str, ...] = ()
    declined: bool = False
    again: bool = False
    unsure: bool = False


def is_yes(sentence: Sentence) -> bool:
    """ "yes", "go ahead", "please do", and nothing besides."""
    return _YES.fullmatch(sentence.gist) is not None


def is_no(sentence: Sentence) -> bool:
    """ "no", "never mind", and nothing besides."""
    return _NO.fullmatch(sentence.gist) is not None


def reply(sentence: Sentence, asked: Asked) -> Reply | None:
    """What the sentence answers to the open question; None where it is no answer but something new."""
    if is_no(sentence):
        return Reply(declined=True)
    if is_yes(sentence):
        if asked.how == "which" and len(asked.options) == 1:
            return Reply(item=asked.options[0])
        if asked.unclear and len(asked.unclear.readings) == 1:
            return Reply(texts=(asked.unclear.readings[0].text,))
        return Reply(texts=(asked.text,)) if asked.how == "yes" else Reply(again=True)
    if asked.how == "yes" or _begins_anew(sentence):
        return None
    if asked.how in ("which", "argument"):
        return _pick(sentence, asked)
    if asked.how == "first":
        return _first(sentence, asked)
    if asked.how == "who":
        return _who(sentence)
    if asked.unclear:
        return _reading(sentence, asked.unclear)
    return Reply(texts=tuple(_joined(sentence, asked))) if len(sentence.text) <= _LONGEST_ANSWER else None


def _begins_anew(sentence: Sentence) -> bool:
    """A command or a question of its own answers nothing."""
    return bool(commands.find_commands(sentence.gist)) or _ASKS.match(sentence.gist) is not None


def _pick(sentence: Sentence, asked: Asked) -> Reply | None:
    ids = [token.value.value for token in sentence.of("id") if isinstance(token.value, IdMention)]
    if ids:
        by_id = [item for item in asked.options if item.id in ids]
        return Reply(item=by_id[0]) if len(by_id) == 1 else None
    place = _place(sentence)
    if place is not None:
        inside = 1 <= place <= len(asked.options) or place == -1
        return Reply(item=asked.options[place - 1 if place > 0 else place]) if inside else Reply(again=True)
    match = _ONE.fullmatch(sentence.gist)
    if match is None:
        return None
    first = sentence.index_at(match.start("traits"))
    last = sentence.index_at(match.end("traits") - 1) + 1
    found = mentions.fitting(sentence, (first, last), asked.options)
    if len(found) == 1:
        return Reply(item=found[0])
    return Reply(again=True) if found and len(sentence.tokens) <= 8 else None


def _who(sentence: Sentence) -> Reply | None:
    """Somebody by name, e-mail or id, or something by its id."""
    ids = [token.value for token in sentence.of("id") if isinstance(token.value, IdMention) and token.value.key]
    if len(ids) == 1 and not ids[0].damaged and (kind := kind_of(ids[0].value)):
        return Reply(item=Item(kind, ids[0].value, ids[0].value))
    if ids or len(sentence.text) > _LONGEST_ANSWER:
        return None
    lead = _LEAD.match(sentence.gist)
    begin = sentence.index_at(lead.end()) if lead and lead.end() < len(sentence.gist) else 0
    found = targets.anywhere(sentence) or targets.at(sentence, begin)
    rest = sentence.tokens[found[2] :] if found else ()
    if found is None or any(token.kind != "punct" for token in rest):
        return None
    said = str(next(iter(found[0].values())))
    return Reply(item=Item("customer", "", said, said=said))


def _place(sentence: Sentence) -> int | None:
    """ "2", "the second", "number 2", "the last one": a place in the list, and nothing besides."""
    said = [token for token in sentence.tokens if token.kind != "punct" and token.lex not in _AROUND_A_PLACE]
    if len(said) != 1:
        return None
    value = said[0].value
    if isinstance(value, Number):
        return int(value.value) if value.value == value.value.to_integral_value() else 0
    return mentions.place_of(sentence.text[said[0].start : said[0].end])


_AROUND_A_PLACE: Final = frozenset({"the", "one", "number", "no", "option", "item", "please", "that", "i", "mean"})


def _first(sentence: Sentence, asked: Asked) -> Reply | None:
    place = _place(sentence)
    if place is not None:
        inside = 1 <= place <= len(asked.texts) or place == -1
        return Reply(texts=(asked.texts[place - 1 if place > 0 else place],)) if inside else Reply(again=True)
    said = {token.lex for token in sentence.tokens if token.kind == "word"} - _NOT_TELLING
    fits = [text for text in asked.texts if said and all(_is_told_of(word, text.lower()) for word in said)]
    return Reply(texts=(fits[0],)) if len(fits) == 1 else None


def _is_told_of(word: str, text: str) -> bool:
    """Whether the text has the word, or one of its kin: "the cancellation" tells of "cancel her subscription"."""
    return any(other == word or (len(word) >= 5 and other[:5] == word[:5]) for other in text.split())


_NOT_TELLING: Final = frozenset({"the", "first", "one", "please", "do", "start", "with", "take"})


def choices(asked: Asked) -> tuple[str, ...]:
    """What an open question may be answered with, each as it may be said back; empty where anything may be."""
    if asked.unclear:
        return tuple(reading.label for reading in asked.unclear.readings)
    if asked.how == "yes":
        return ("yes", "no")
    return asked.texts or tuple(option.label or option.id for option in asked.options)


_LONGEST_READING: Final = 6
_AROUND_A_READING: Final = words(
    """
    the a an one ones in as of that that's it's it is i mean meant make please ok okay exactly yes option number reading
    was to for on at my its currency amount date crowns crown kr krona kronor krone kroner peso pesos dinar dinars franc
    francs riyal riyals rial rials dirham dirhams shilling shillings actually sorry no rather
    """
)
_SIZES: Final = {"bigger": max, "larger": max, "higher": max, "smaller": min, "lower": min, "lesser": min}


def _reading(sentence: Sentence, unclear: Unclear) -> Reply | None:
    """One of the readings by its amount, its words, its size or its place; else the answer in place of what is unclear.

    Every word of the answer has to be explained by the reading: "1500 if she agrees" is more than an amount.
    """
    said = [token for token in sentence.tokens if token.kind != "punct"]
    sums = [token for token in said if token.kind in ("money", "number")]
    plain = [word for token in said if token not in sums for word in _plain_words(sentence, token)]
    left = [word for word in plain if word not in _AROUND_A_READING]
    if len(sums) == 1 and not left and (by_amount := _with_amount(sums[0], unclear.readings)):
        return Reply(texts=(by_amount.text,))
    if len(left) == 1 and left[0] in _SIZES and not sums:
        sized = [reading for reading in unclear.readings if reading.amount is not None]
        if len(sized) > 1:
            return Reply(texts=(_SIZES[left[0]](sized, key=lambda one: one.amount or 0).text,))
    by_words = _with_words([*left, *(sentence.text[t.start : t.end].lower() for t in sums)], unclear.readings)
    if by_words:
        return Reply(texts=(by_words.text,))
    place = _place(sentence)
    if place is not None and (place == -1 or 1 <= place <= len(unclear.readings)):
        return Reply(texts=(unclear.readings[place - 1 if place > 0 else place].text,))
    if len(said) > _LONGEST_READING:
        return None
    lead = _LEAD.match(sentence.gist)
    begin = sentence.index_at(lead.end()) if lead and lead.end() < len(sentence.gist) else 0
    answer = sentence.raw(begin, len(sentence.tokens)).rstrip(" .!?")
    return Reply(texts=(unclear.with_words(answer),), unsure=True) if answer else None


def _plain_words(sentence: Sentence, token: Token) -> list[str]:
    return re.findall(r"[^\W_]+(?:'s)?", sentence.text[token.start : token.end].lower())


def _with_amount(token: Token, offered: Sequence[Reading]) -> Reading | None:
    value = token.value.amount if isinstance(token.value, MoneyMention) else getattr(token.value, "value", None)
    found = [reading for reading in offered if reading.amount is not None and reading.amount == value]
    doubtful = getattr(token.value, "doubtful", False) or getattr(token.value, "doubt", None)
    return found[0] if len(found) == 1 and not doubtful else None


def _with_words(said: Sequence[str], offered: Sequence[Reading]) -> Reading | None:
    """The one reading whose label holds all that was said."""
    labels = [set(re.findall(r"[^\W_]+", reading.label.lower())) for reading in offered]
    found = [reading for reading, label in zip(offered, labels, strict=True) if said and label.issuperset(said)]
    return found[0] if len(found) == 1 else None


def _joined(sentence: Sentence, asked: Asked) -> list[str]:
    """The sentence that was asked about, with the answer where it may stand."""
    answer = sentence
    lead = _LEAD.match(sentence.gist)
    if lead and lead.end() < len(sentence.gist):
        answer = part(sentence, sentence.index_at(lead.end()), len(sentence.tokens))
    said = answer.raw(0, len(answer.tokens)).rstrip(" .!?")
    begun = asked.text.rstrip(" .!?")
    if not said:
        return []
    whole = [f"{begun} {join} {said}".replace("  ", " ") for join in _JOINS.get(asked.missing[0], ("",))]
    if asked.missing[0] == "currency" and (number := _NUMBER.search(begun)):
        whole.insert(0, f"{begun[: number.end()]} {said}{begun[number.end() :]}")
    if asked.missing[0] == "price":
        whole.insert(0, f"{begun} to the {said} plan" if "plan" not in said.lower() else f"{begun} to {said}")
    return whole


_NUMBER = lazy(r"(?<![\w.,])\d[\d.,]*(?<![.,])(?![\w])")


def fills(before: Parsed, after: Parsed, slot: str) -> bool:
    """Whether the answer brought what was missing, and changed nothing that had been said."""
    said = {name: value for name, value in before.entities.items() if value is not None}
    new = {name for name, value in after.entities.items() if value is not None} - said.keys()
    if after.skill is None or any(after.entities.get(name) != value for name, value in said.items()):
        return False
    if not new or not new <= BRINGS.get(slot, set()) or slot in after.missing:
        return False
    return after.skill in WRITES or bool(after.missing and len(after.missing) < len(before.missing) + 1)
