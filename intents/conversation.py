"""What was talked about, and what "it", "her", "the second one" refer to. Pure: memory goes in and comes back.

A referent is put into the sentence as an id, and the sentence then takes the usual path through every gate; names and
descriptions are never put in, since customers write them. Where more than one thing could be meant, a question is
asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from paydesk.intents import mentions
from paydesk.intents.entities.ids import IdMention
from paydesk.intents.mentions import Mention
from paydesk.intents.readings import Unclear
from paydesk.intents.sentence import Sentence

#: Turns that can still be referred to, and things remembered of each.
TURNS_MOST: Final = 6
ITEMS_MOST: Final = 20
OPTIONS_MOST: Final = 8

_KIND_OF: Final = {
    "cus": "customer",
    "pi": "payment",
    "ch": "payment",
    "py": "payment",
    "sub": "subscription",
    "in": "invoice",
    "du": "dispute",
    "dp": "dispute",
    "po": "payout",
    "re": "refund",
    "prod": "product",
    "prop": "proposal",
}


@dataclass(frozen=True)
class Item:
    """A thing that was shown. Only `id` ever becomes part of a sentence; `label` is for a reader's eyes.

    `owner_id` is the customer it belongs to, `owner` how they are called. A customer of whom only a name is known has
    an empty `id`: `said` is what the user called them, `of` the id of a payment of theirs.
    """

    kind: str
    id: str
    label: str = ""
    owner_id: str | None = None
    owner: str | None = None
    email: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    status: str | None = None
    day: str | None = None
    said: str | None = None
    of: str | None = None

    def person(self) -> "Item | None":
        """The customer it is, or belongs to."""
        if self.kind == "customer":
            return self
        if self.owner_id or self.owner:
            of = self.id if self.kind in ("payment", "subscription", "invoice") else None
            return Item("customer", self.owner_id or "", self.owner or self.owner_id or "", of=of)
        return None

    def is_same(self, other: "Item") -> bool:
        """Whether both are one thing, as far as is known."""
        if self.id and other.id:
            return self.id == other.id
        if self.said or other.said:
            return self.said == other.said
        return self.kind == other.kind and bool(self.of) and self.of == other.of


def kind_of(object_id: str) -> str | None:
    """What an id is an id of: "payment" for pi_, ch_ and py_; None for what cannot be referred to."""
    return _KIND_OF.get(object_id.partition("_")[0])


@dataclass(frozen=True)
class Asked:
    """A question that is open.

    `how`: "which" (one of `options`; it takes the place of a mention in `text`), "argument" (one of `options` for
    `argument` of the call), "slot" (`text` lacks something), "yes" (`text` is meant on a yes), "first" (one of
    `texts` is meant), "who" (`text` refers to somebody or something that is not known), "reading" (`text` holds words
    that are `unclear`).
    """

    how: Literal["which", "argument", "slot", "yes", "first", "who", "reading"]
    text: str
    options: tuple[Item, ...] = ()
    texts: tuple[str, ...] = ()
    skill: str | None = None
    arguments: tuple[tuple[str, object], ...] = ()
    argument: str | None = None
    missing: tuple[str, ...] = ()
    question: str = ""
    unclear: Unclear | None = None


@dataclass(frozen=True)
class Turn:
    """What one sentence was about: the skill with what it was asked.

    `about` is what it singled out (the customer asked for, the one payment shown, a proposal), `items` what it listed;
    `more`: the list goes on. `lists` tells an empty list from none. `arguments` are those of the call.
    """

    skill: str | None = None
    entities: tuple[tuple[str, object], ...] = ()
    about: tuple[Item, ...] = ()
    items: tuple[Item, ...] = ()
    more: bool = False
    lists: bool = False
    arguments: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class Referent:
    """Words of a sentence and the thing they were taken for."""

    words: str
    item: Item

    def told(self) -> str:
        """`her: Jane Doe (cus_...)`."""
        label = self.item.label.replace(self.item.id, "").strip(" ,") if self.item.id else self.item.label
        return f"{self.words}: {f'{label} ({self.item.id})' if label and self.item.id else self.item.id or label}"


@dataclass(frozen=True)
class Memory:
    """A conversation so far, newest turn last, and the question that is open. `she` is how its person was spoken of.

    `picked` is the question that the last turn answered with one of its options, and that option.
    """

    turns: tuple[Turn, ...] = ()
    asked: Asked | None = None
    text: str = ""
    referents: tuple[Referent, ...] = ()
    she: str | None = None
    picked: tuple[Asked, Item] | None = None

    def with_turn(self, turn: Turn) -> "Memory":
        """One turn later; the oldest is forgotten, and long lists are cut."""
        kept = replace(turn, items=turn.items[:ITEMS_MOST], more=turn.more or len(turn.items) > ITEMS_MOST)
        return replace(self, turns=(*self.turns, kept)[-TURNS_MOST:], asked=None, picked=None)

    def having_said(self, sentence: Sentence) -> "Memory":
        """One turn later, of which only the ids that stand in the sentence are known."""
        ids = [token.value.value for token in sentence.of("id") if isinstance(token.value, IdMention)]
        items = tuple(Item(kind, one, one) for one in ids if (kind := kind_of(one)))
        return self.with_turn(Turn(about=items))

    def knowing(self, item: Item, customer_id: str, label: str) -> "Memory":
        """The same, with the id of a customer who was only known by name, or by a payment of theirs."""
        return replace(self, turns=tuple(_known(turn, item, customer_id, label) for turn in self.turns))


def _known(turn: Turn, item: Item, customer_id: str, label: str) -> Turn:
    def better(one: Item) -> Item:
        if one.is_same(item):
            return replace(one, id=customer_id, label=label, said=None, of=None)
        return replace(one, owner_id=customer_id) if item.of and one.id == item.of else one

    return replace(turn, about=tuple(better(one) for one in turn.about), items=tuple(better(one) for one in turn.items))


@dataclass(frozen=True)
class Resolved:
    """A sentence with ids in place of what referred, or the question that has to be asked first.

    `needs` is a customer whose id has to be found before anything can be put in place.
    """

    text: str
    referents: tuple[Referent, ...] = ()
    question: str | None = None
    options: tuple[Item, ...] = ()
    needs: Item | None = None
    she: str | None = None


@dataclass(frozen=True)
class _Choice:
    items: tuple[Item, ...] = ()
    vague: bool = field(default=False)


def resolve(sentence: Sentence, memory: Memory, *, chosen: Item | None = None, writing: bool = False) -> Resolved:
    """Put ids in place of the words that refer to what was talked about.

    `chosen` is what a person picked when they were asked which one is meant. `writing`: the sentence commands a change,
    so nothing is taken that could be something else.
    """
    found = mentions.find(sentence)
    text = sentence.text
    referents: list[Referent] = []
    pieces: list[tuple[int, int, str]] = []
    she = memory.she
    for mention in found:
        words = sentence.raw(mention.first, mention.last)
        choice = _choose(sentence, mention, memory, chosen, writing=writing)
        if mention.wants == "customer" and mention.she and choice.items:
            if she and mention.she != "they" and she not in (mention.she, "they") and chosen is None:
                choice = _Choice(choice.items, vague=True)
            she = mention.she
        if not choice.items:
            if mention.firm:
                return Resolved(text, question=_unknown(mention), she=memory.she)
            continue
        if len(choice.items) > 1 or choice.vague:
            options = choice.items[:OPTIONS_MOST]
            return Resolved(text, question=which(words, options), options=options, she=memory.she)
        item = choice.items[0]
        if not item.id:
            return Resolved(text, needs=item, she=memory.she)
        referents.append(Referent(words, item))
        start, end = sentence.tokens[mention.first].start, sentence.tokens[mention.last - 1].end
        pieces.append((start, end, item.id + ("'s" if mention.owner else "")))
    for start, end, piece in reversed(pieces):
        text = text[:start] + piece + text[end:]
    return Resolved(text, tuple(referents), she=she)


def _choose(sentence: Sentence, mention: Mention, memory: Memory, chosen: Item | None, *, writing: bool) -> _Choice:
    if chosen is not None and mention.fits(chosen.kind):
        return _Choice((chosen,))
    if mention.wants == "customer" and mention.place is None:
        return _Choice() if mention.may_be_many and _lists_things(memory) else _Choice(people(memory))
    if mention.place is not None or mention.traits:
        return _of_a_list(sentence, mention, memory, writing=writing)
    for turn in reversed(memory.turns):
        items = tuple(item for item in turn.about if mention.fits(item.kind)) or tuple(
            item for item in turn.items if mention.fits(item.kind)
        )
        if items:
            return _Choice(items, vague=turn.more and len(items) == 1 and items[0] in turn.items)
        if mention.pronoun and _shows_things(turn):
            break  # "it" reaches no further back than to the newest thing
    return _Choice()


def _lists_things(memory: Memory) -> bool:
    """Whether "them" may be the payments that were just listed, and no person."""
    newest = memory.turns[-1] if memory.turns else Turn()
    return sum(item.kind != "customer" for item in newest.items) > 1


def _shows_things(turn: Turn) -> bool:
    return any(item.kind not in ("customer", "proposal") for item in (*turn.about, *turn.items))


def _of_a_list(sentence: Sentence, mention: Mention, memory: Memory, *, writing: bool) -> _Choice:
    """ "the second one" of the newest list, and of no older one; none where that list holds nothing of the kind."""
    turn = next((turn for turn in reversed(memory.turns) if turn.lists), None)
    items = tuple(item for item in turn.items if mention.fits(item.kind)) if turn else ()
    if turn is None or not items:
        return _Choice()
    if mention.traits:
        found = mentions.fitting(sentence, mention.traits, items)
        # What the shown part of a list describes may stand in the rest of it as well.
        return _Choice(found or items, vague=not found or (turn.more and writing))
    place = mention.place or 0
    if place == 0 or abs(place) > len(items):
        return _Choice(items, vague=True)
    # "the last one" of a list that goes on, or that is newest first, may be its top or its end.
    unclear = place < 0 and len(items) > 1 and (writing or turn.more)
    return _Choice(items, vague=True) if unclear else _Choice((items[place - 1 if place > 0 else place],))


def people(memory: Memory) -> tuple[Item, ...]:
    """The customers of the newest turn that was about any; one where it is clear."""
    for turn in reversed(memory.turns):
        found = _persons(turn.about) or _persons(turn.items)
        if found:
            return found
    return ()


def _persons(items: Iterable[Item]) -> tuple[Item, ...]:
    found: list[Item] = []
    for item in items:
        person = item.person()
        if person and not any(person.is_same(other) or _same_owner(person, other) for other in found):
            found.append(person)
    return tuple(found)


def _same_owner(one: Item, other: Item) -> bool:
    """A payment's owner and the customer who was asked for: the row tells the name only."""
    return not one.id and not other.id and bool(one.label) and one.label == other.label and not (one.of and other.of)


def which(words: str, options: Iterable[Item]) -> str:
    """The question which of several things is meant, each with its id."""
    told = "; ".join(f"{number}. {option.label or option.id}" for number, option in enumerate(options, 1))
    return f'Which one is "{words}"? {told}.'


def _unknown(mention: Mention) -> str:
    if mention.wants == "customer":
        return "Who is meant? Please give a name, an e-mail address or a customer id."
    return "Which one do you mean? Please give its id or the customer's name."
