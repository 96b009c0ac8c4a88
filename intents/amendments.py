"""Sentences that mend the one before: "make it $10", "refund the rest", "no, the other Jane", "the one before that".

They are recognised here and carried out by the desk; each has to be the whole sentence.
"""

from dataclasses import dataclass
from typing import Final

from paydesk.intents.entities.dates import DateMention
from paydesk.intents.entities.money import MoneyMention, Number
from paydesk.intents.entities.quantities import Interval
from paydesk.intents.entities.shares import UNREAD
from paydesk.intents.mentions import Shown
from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence, Token

_TALK: Final = (
    r"(?:(?:no|nope|actually|wait|sorry|oh|ok|okay|please|pls|hmm|well|and|but|so|then|on second thought|my mistake"
    r"|can you|could you|let's|just|,|\.|-|–|!) )*"
)
_END: Final = r"(?: (?:please|then|instead|rather|only|now|thanks|of it|of that|after all))*[ .!]*"
_MENDING: Final = (
    r"(?:make|change|set|turn|switch) (?:it|that|this|the amount|the sum|the refund|the charge)(?: only| just)?"
    r"(?: to(?: be)?| into| a| an)*|(?:it|that|the amount) (?:should|must|has to|ought to) (?:only |just )?be"
    r"|i (?:meant?|said)(?: only)?|make that|only|just|rather|let it be"
)
_VALUE: Final = (
    r"(?P<value><money>|<n>|<share>|(?:in )?<cur>|<recurs>|(?:a |the |in |it )?(?:full|whole)"
    r"(?: amount| refund| sum| thing)?|everything|all of it"
    r"|at (?:the )?(?:end of (?:the )?(?:period|month|cycle|term)|period end)"
    r"|immediately|right away|straight away|at once)"
)
# Without "make it" the sentence has to say otherwise that something is mended.
_CHANGES: Final = (
    lazy(rf"{_TALK}(?:{_MENDING}) (?:to )?{_VALUE}{_END}"),
    lazy(rf"(?:no|nope|actually|wait|sorry|rather) {_TALK}(?:to )?{_VALUE}{_END}"),
    lazy(rf"{_TALK}{_VALUE} (?:instead|rather|after all)(?: please)?[ .!]*"),
)
_AT_END = lazy(r"at (?:the )?(?:end|period)")
_NOW = lazy(r"immediately|right away|straight away|at once")


@dataclass(frozen=True)
class Change:
    """What a write is to have instead: an amount, a share, the whole, a currency, an interval, or when it ends."""

    money: MoneyMention | None = None
    number: Number | None = None
    percent: str | None = None
    full: bool = False
    currency: str | None = None
    interval: Interval | None = None
    at_period_end: bool | None = None


def change(sentence: Sentence) -> Change | None:
    """ "make it $10", "no, half", "monthly instead": what is to be different in the write that was commanded last."""
    match = next((match for pattern in _CHANGES if (match := pattern.fullmatch(sentence.gist))), None)
    if match is None:
        return None
    said = match["value"]
    token = sentence.tokens[sentence.index_at(match.end("value") - 1)]
    return _of_token(token) or (
        Change(at_period_end=True)
        if _AT_END.match(said)
        else Change(at_period_end=False)
        if _NOW.match(said)
        else Change(full=True)
    )


def _of_token(token: Token) -> Change | None:
    value = token.value
    if isinstance(value, MoneyMention):
        return Change(money=value)
    if isinstance(value, Number):
        return Change(number=value)
    if isinstance(value, Interval):
        return Change(interval=value)
    if value == UNREAD and token.kind == "share":
        return None
    if token.kind == "share":
        return Change(full=True) if value == 100 else Change(percent=f"{value:f}")
    return Change(currency=str(value)) if token.kind == "currency" else None


_REST = lazy(
    r"(?:(?:and|then|now|please|ok|okay|also|so|can you|could you|just|,) )*(?:refund|give back|return|reimburse"
    r"|pay back|send back|give|send|refund also) (?:(?:him|her|them|<cus>|<mail>|<who>) )?(?:the |what's |what is )"
    r"(?:rest|remainder|remaining(?: amount| part| balance| money| sum)?|other half|balance|left|outstanding amount)"
    r"(?: (?:of|on|from) (?:it|that|this|(?:the|that|this) (?:payment|charge|one)|<pi>|<ch>))?"
    r"(?: (?:back|too|as well|to (?:him|her|them)|please|now|then))*[ .!]*"
)


def refunds_the_rest(sentence: Sentence) -> bool:
    """ "refund the rest", "give her what's left back": all that was not given back yet."""
    return _REST.fullmatch(sentence.gist) is not None


_BEFORE = lazy(
    r"(?:(?:and|then|what about|how about|what was|what's|what is|show|show me|give me|get|see|open|now|ok|okay|,) )*"
    r"(?:(?:the|his|her|their|that) )?(?:(?:one|payment|charge|transaction|invoice|payout|refund|dispute) )?"
    r"(?:(?P<before>(?:just |right |directly )?(?:before|prior to|preceding)(?: (?:that|it|this|that one|this one))?)"
    r"|(?P<after>(?:just |right |directly )?(?:after|following)(?: (?:that|it|this|that one|this one))?)"
    r"|(?:the )?(?P<previous>previous|preceding|prior|next older)"
    r"(?: (?:one|payment|charge|transaction|invoice|payout))?)"
    r"[ .!?]*"
)


def step(sentence: Sentence) -> int | None:
    """1 for "and the one before that?", -1 for "the one after it"; None where it is no such sentence."""
    match = _BEFORE.fullmatch(sentence.gist)
    return None if match is None else -1 if match["after"] else 1


_CHECKS = lazy(
    r"(?:(?:and|but|so|wait|ok|,) )*(?:was|is|were|wasn't|isn't) (?:that|it|this|(?:that|this|the) (?:one|payment"
    r"|charge|transaction|invoice|payout|refund))(?: (?:one|payment|made|paid|created|taken|dated|worth))*"
    r" (?:(?:from |on |of |in |for |at |by )?(?:the )?(?P<found><date>|<money>|<mail>)"
    r"|(?:from|by|for) (?P<by><who>|(?!the |a |an |us |my |our )[\w'-]+(?: [\w'-]+)?)|(?P<whose><who>|[\w'-]+) 's)"
    r"[ .?!]*"
)


def checked(sentence: Sentence) -> Token | str | None:
    """The date, amount or name of "was that from yesterday?", "is it Bob's?"; None where it is no such question."""
    match = _CHECKS.fullmatch(sentence.gist)
    if match is None:
        return None
    group = next(name for name in ("found", "by", "whose") if match[name])
    first, last = sentence.index_at(match.start(group)), sentence.index_at(match.end(group) - 1) + 1
    return sentence.tokens[first] if group == "found" else sentence.raw(first, last)


def fits(trait: Token | str, item: Shown) -> bool | None:
    """Whether a thing that was shown is of that date, amount or person; None where it does not tell."""
    value = trait if isinstance(trait, str) else trait.value
    if isinstance(value, DateMention):
        if item.day is None or value.doubtful:
            return None
        after = value.start is None or value.start.isoformat() <= item.day
        return after and (value.end is None or item.day < value.end.isoformat())
    if isinstance(value, MoneyMention):
        known = item.amount_minor is not None and not value.doubt
        return value.minor() == item.amount_minor and value.currency in (None, item.currency) if known else None
    if not item.owner and not item.email:
        return None
    whole = f"{item.owner or ''} {item.email or ''}".casefold()
    return all(word in whole for word in str(value).casefold().split())


_OTHER = lazy(
    r"(?:(?:no|nope|not (?:that|this|him|her|them)(?: one)?|wrong (?:one|person|customer|[\w'-]+)|sorry|actually|wait|i"
    r" meant?|i mean|it's|show|show me|,|\.|!|-) )*(?:for |from )?the other "
    r"(?P<who>(?:one|customer|client|person)|<who>|[\w'-]+(?: [\w'-]+){0,2}?)(?: one)?(?: (?:please|instead))*[ .!]*"
)
_NOBODY: Final = frozenset({"one", "customer", "client", "person", "payment", "charge", "day", "week", "way", "half"})


def other(sentence: Sentence) -> str | None:
    """Who is meant by "no, the other Jane"; "" for "the other one", None where it is no such sentence."""
    match = _OTHER.fullmatch(sentence.gist)
    if match is None:
        return None
    if match["who"] in _NOBODY:
        return "" if match["who"] in ("one", "customer", "client", "person") else None
    return sentence.raw(sentence.index_at(match.start("who")), sentence.index_at(match.end("who") - 1) + 1)
