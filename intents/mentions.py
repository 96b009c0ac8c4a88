"""Words that refer to something said before: "it", "her", "that payment", "the second one", "the one from Bob".

They are looked for in the gist only, so nothing in a quote, a name or an address refers to anything.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from paydesk.intents import lexicon, targets
from paydesk.intents.entities.money import MoneyMention, Number
from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence, Token
from paydesk.intents.words import pairs, words

_PAYMENT: Final = "payment|charge|transaction|purchase|txn"
_NOUNS: Final = (
    f"{_PAYMENT}|subscription|sub|membership|invoice|bill|dispute|chargeback|payout|refund|product|customer|client"
    r"|person|guy|man|woman|lady|buyer|proposal"
)
_KINDS: Final = pairs(
    """
    payment:payment charge:payment transaction:payment purchase:payment txn:payment subscription:subscription
    sub:subscription membership:subscription invoice:invoice bill:invoice dispute:dispute chargeback:dispute
    payout:payout refund:refund product:product customer:customer client:customer person:customer guy:customer
    man:customer woman:customer lady:customer buyer:customer proposal:proposal
    """
)
_PLACES: Final = {
    word: place
    for place, spelt in enumerate(
        (
            "first 1st",
            "second 2nd",
            "third 3rd",
            "fourth 4th",
            "fifth 5th",
            "sixth 6th",
            "seventh 7th",
            "eighth 8th",
            "ninth 9th",
            "tenth 10th",
        ),
        start=1,
    )
    for word in spelt.split()
} | {"last": -1, "final": -1, "bottom": -1, "top": 1}
_ORDINAL: Final = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final|bottom|top|<date>|<n>"
_OWNED: Final = words(
    """
    last latest recent most first open unpaid failed pending email e-mail phone name address number details account card
    cards paid active monthly yearly annual pro new current previous balance money trial plan plans description language
    locale record profile spending spend history default overdue biggest largest visa mastercard amex whole full newest
    oldest running latest, subscription's paused second other
    """
) | frozenset(lexicon.THINGS)
_ENDS: Final = (
    r"(?= (?:[.!?,;:]|please|pls|in full|fully|now|today|too|instead|for|because|since|as|at"
    r"|and|immediately|to|by|from|with|on|<\w+>)(?!\S)|$)"
)

_PERSON = lazy(r"(?<!\S)(?P<word>her|his|their|him|them|she|he|they)(?!\S)")
_THE_CUSTOMER = lazy(
    r"(?<!\S)(?:that|this|the same|said) (?P<who>customer|client|person|guy|man|woman|lady|buyer)(?P<own> 's)?(?!\S)"
    r"|(?<!\S)the (?P<the>customer|client)(?P<owns> 's(?= \S)| (?=[.!?]*$)|$)"
)
_NOUN = lazy(
    rf"(?<!\S)(?:that|this|the same|said) (?:same |last |very )?(?P<noun>{_NOUNS})(?!\S)(?! (?:of|from|by) )"
    rf"|(?<!\S)the (?P<the>{_PAYMENT}|subscription|sub|membership|invoice|dispute|payout)(?! (?:to|for|from|by|with|on"
    rf"|<\w+>)(?!\S)){_ENDS}"
)
_IT = lazy(rf"(?<!\S)(?:it(?!\S)|(?:that|this)(?: one(?!\S)|{_ENDS})|the same one(?!\S))")
_SEVERAL = lazy(r"(?<!\S)(?:both|(?:all|any|some|most|each|every one|which|one|two) of (?:them|those|these))(?!\S)")
_PLACE = lazy(
    rf"(?<!\S)(?:(?:the|that|this|his|her|their) )?(?P<place>{_ORDINAL}) (?P<noun>one"
    rf"|{_NOUNS})(?!\S)(?! (?:of|from|by|that"
    r"|which|<who>|<mail>|<cus>)(?!\S))"
    r"|(?<!\S)(?:number|no \.|no|item|#|option) (?P<n><n>)(?!\S)"
    rf"|(?:^|(?<=\brefund )|(?<=\bshow )|(?<=\bopen )|(?<=\bcancel )|(?<=\bcapture )|(?<=\bpause )|(?<=\bresume )"
    r"|(?<=\bof )|(?<=\bme ))(?:the )?(?P<bare>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|<date>)"
    r"(?=[ .!?]*$| please(?!\S)| in full(?!\S))"
)
_ONE = lazy(
    r"(?<!\S)the (?P<trait>(?:\S+ ){1,2})one(?!\S)"
    r"|(?<!\S)(?:the|that) one (?:from|of|by|for|with|to|at|on|in|who|that|which|called|named|worth|dated)(?: (?:is|was"
    r"|has|are|from))? (?P<traits>(?:(?!(?:please|because|at|and|in full)(?!\S))[^\s,.!?]+ ?){1,5})"
)
# "the customers and their cards": whoever is meant stands in the same sentence.
_WITHIN = lazy(
    r"\b(?:customers|clients|people|who|anyone|someone|everyone|somebody|users|subscribers" r"|buyers|those who)\b"
)
_THEY: Final = {"her": "she", "she": "she", "his": "he", "him": "he", "he": "he"}


class Shown(Protocol):
    """What a description is compared with."""

    @property
    def kind(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def email(self) -> str | None: ...
    @property
    def owner(self) -> str | None: ...
    @property
    def amount_minor(self) -> int | None: ...
    @property
    def currency(self) -> str | None: ...
    @property
    def status(self) -> str | None: ...
    @property
    def day(self) -> str | None: ...


S = TypeVar("S", bound=Shown)


@dataclass(frozen=True)
class Mention:
    """Tokens first..last-1 that refer to something.

    `wants` is a kind, or "any"; `owner` says that what is owned follows; `place` counts in a list, from 1, or -1 for
    the last; `traits` are tokens that describe it; `firm` means that nothing can be done without knowing it;
    `may_be_many` that it can as well stand for all that was listed.
    """

    first: int
    last: int
    wants: str
    owner: bool = False
    place: int | None = None
    traits: tuple[int, int] | None = None
    she: str | None = None
    pronoun: bool = False
    firm: bool = False
    may_be_many: bool = False

    def fits(self, kind: str) -> bool:
        """Whether a thing of this kind can be meant."""
        if self.wants == "any":
            return kind != "proposal" and (kind != "customer" or self.place is not None or self.traits is not None)
        return kind == self.wants


def find(sentence: Sentence) -> list[Mention]:
    """The mentions of a sentence in order, none inside another; of each person and of "it" only the first."""
    found: list[Mention] = []

    def add(mention: Mention) -> None:
        if all(mention.last <= other.first or mention.first >= other.last for other in found):
            found.append(mention)

    for places in (_placed, _described, _customers, _things, _persons, _its):
        for mention in places(sentence):
            add(mention)
    return sorted(found, key=lambda mention: mention.first)


def _span(sentence: Sentence, match: re.Match[str], group: str | int = 0) -> tuple[int, int]:
    end = match.end(group)
    while end > match.start(group) and sentence.gist[end - 1] == " ":
        end -= 1
    return sentence.index_at(match.start(group)), sentence.index_at(end - 1) + 1


def _placed(sentence: Sentence) -> list[Mention]:
    found = []
    for match in _PLACE.finditer(sentence.gist):
        group = next(name for name in ("place", "n", "bare") if match[name])
        token = sentence.tokens[sentence.index_at(match.start(group))]
        place = _place(sentence, token, counted=group == "n")
        noun = match["noun"]
        if place is None or (noun in _KINDS and (place < 0 or match[0].split()[0] in ("his", "her", "their"))):
            continue  # "her last payment" is the newest of all, not of those shown
        first, last = _span(sentence, match)
        found.append(Mention(first, last, _KINDS.get(noun or "", "any"), place=place, firm=True))
    return found


def _place(sentence: Sentence, token: Token, *, counted: bool) -> int | None:
    if counted:
        value = token.value.value if isinstance(token.value, Number) else None
        return int(value) if value is not None and value == int(value) and 1 <= value <= 100 else None
    return place_of(sentence.text[token.start : token.end])


def place_of(written: str) -> int | None:
    """The place that a word tells: 2 for "second" and "the 2nd", -1 for "last"."""
    return _PLACES.get(written.lower().removeprefix("the ").strip())


def _described(sentence: Sentence) -> list[Mention]:
    found = []
    for match in _ONE.finditer(sentence.gist):
        group = "trait" if match["trait"] else "traits"
        traits = _span(sentence, match, group)
        if match[group].strip() in ("same", "right", "only", "other", "new", "whole", "last", "latest"):
            continue
        first, last = _span(sentence, match)
        found.append(Mention(first, last, "any", traits=traits, firm=True))
    return found


def _customers(sentence: Sentence) -> list[Mention]:
    found = []
    for match in _THE_CUSTOMER.finditer(sentence.gist):
        first, last = _span(sentence, match)
        owner = bool(match["own"] or (match["owns"] or "").strip())
        found.append(Mention(first, last, "customer", owner=owner, firm=match["who"] is not None))
    return found


def _things(sentence: Sentence) -> list[Mention]:
    if sentence.of("id") or (sentence.of("email") and not sentence.of("quote")):
        return []
    found = []
    for match in _NOUN.finditer(sentence.gist):
        first, last = _span(sentence, match)
        kind = _KINDS[match["noun"] or match["the"]]
        if kind != "customer":
            found.append(Mention(first, last, kind, firm=match["noun"] is not None))
    return found[:1]


def _persons(sentence: Sentence) -> list[Mention]:
    """Pronouns for a person whom this sentence does not name itself."""
    named = _names_somebody(sentence)
    because = _BECAUSE.search(sentence.gist)
    if _WITHIN.search(sentence.gist) or _SEVERAL.search(sentence.gist):
        return []
    found: list[Mention] = []
    for match in _PERSON.finditer(sentence.gist, 0, because.start() if because else len(sentence.gist)):
        index = sentence.index_at(match.start())
        word = match["word"]
        after = sentence.tokens[index + 1] if index + 1 < len(sentence.tokens) else None
        owner = word in ("his", "their") or (word == "her" and after is not None and _is_owned(after))
        if (owner and (after is None or after.kind == "punct")) or (found and (word in ("she", "he", "they"))):
            continue
        if named and not owner and word not in ("him", "her"):
            continue
        new_address = named and any(token.kind == "email" for token in sentence.tokens[index:])
        if named and not new_address:
            continue
        she = _THEY.get(word, "they")
        if found and she != found[0].she and "they" not in (she, found[0].she):
            return []  # two people: the parser asks
        several = word in ("them", "they")
        found.append(Mention(index, index + 1, "customer", owner=owner, she=she, firm=not several, may_be_many=several))
    return [one for one in found if one.owner or one is found[0]][:2]


_BECAUSE = lazy(r"\b(?:because|since|due to|as (?:s?he|they)|reason)\b")


def _names_somebody(sentence: Sentence) -> bool:
    if any(token.kind in ("email", "name") or token.lex == "<cus>" for token in sentence.tokens):
        return True
    return targets.possessor(sentence) is not None or any(
        token.kind == "word" and sentence.is_capital(index) and token.lex not in _NOT_NAMES
        for index, token in enumerate(sentence.tokens)
    )


_NOT_NAMES: Final = words("i i'm i'd i've i'll pro basic starter team business enterprise premium plus stripe ok")


def _is_owned(token: Token) -> bool:
    return token.kind in ("word", "name") and token.lex in _OWNED


def _its(sentence: Sentence) -> list[Mention]:
    if sentence.of("id"):
        return []
    for match in _IT.finditer(sentence.gist):
        if _NOTHING_SAID.search(sentence.gist[: match.start()]):
            continue
        first, last = _span(sentence, match)
        wants = "payment" if _MONEY_BACK.search(sentence.gist[: match.start()]) else "any"
        return [Mention(first, last, wants, pronoun=True)]
    return []


# "make it $10", "think it is": nothing that was shown.
_NOTHING_SAID = lazy(r"(?:^|\b)(?:make|made|think|thinks|how is|how's|who is|is) $")
_MONEY_BACK = lazy(r"\b(?:refund|reimburse|capture)\b")


_PART_LETTERS: Final = 4


def fitting(sentence: Sentence, traits: tuple[int, int], items: Sequence[S]) -> tuple[S, ...]:
    """Those of the items that the tokens describe; all tokens that say something have to fit."""
    kept = list(items)
    for token in sentence.tokens[traits[0] : traits[1]]:
        if token.kind == "punct" or (token.kind == "word" and token.lex in lexicon.SMALL):
            continue
        kept = [item for item in kept if _fits(sentence, token, item)]
    return tuple(kept)


def _fits(sentence: Sentence, token: Token, item: Shown) -> bool:
    value = token.value
    if isinstance(value, MoneyMention):
        minor = value.minor()
        return minor == item.amount_minor and value.currency in (None, item.currency)
    if token.kind == "date":
        start, end = getattr(value, "start", None), getattr(value, "end", None)
        return bool(item.day and start and start.isoformat() <= item.day and (not end or item.day < end.isoformat()))
    written = sentence.text[token.start : token.end].casefold()
    # A domain that is none of the usual ones is a word with dots in it.
    part = token.kind != "word" or (len(written) >= _PART_LETTERS and not written.isalnum())
    return token.lex == item.status or any(
        written in _words_of(text) or (part and written in text.casefold())
        for text in (item.label, item.owner or "", item.email or "")
    )


def _words_of(text: str) -> set[str]:
    low = text.casefold()
    return set(re.findall(r"[^\W_]+", low)) | set(low.split())


__all__ = ["Mention", "find", "fitting", "place_of"]
