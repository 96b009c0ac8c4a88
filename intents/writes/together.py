"""Several commands in one sentence: which are one after all, and what is certain of those that are not."""

import re
from typing import Final

from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence, part
from paydesk.intents.targets import Entities, all_of, possessor
from paydesk.intents.writes.commands import Command
from paydesk.intents.writes.fillers import FILLERS, filled
from paydesk.intents.writes.filling import Filled, take_ids
from paydesk.intents.writes.openers import opener_end

TWO_SUMS = lazy(
    r"<money> (?:to|for|from) (?:\S+ ){1,4}?and <money> (?:to|for|from) |<money> and (?!<)(?:[\w'-]+ ){1,3}<money>"
)
_EITHER_CUSTOMER = lazy(r"<(?:who|mail|cus)> or <(?:who|mail|cus)>")
_EITHER_SUM = lazy(r"(?:<n>|<money>) or (?:<n>|<money>)")
# A question first and a deed after it are two things.
ASKED_FIRST = lazy(
    r"(?:please |can you |could you )*(?:show|list|find|get|check|look up|tell|what's|what|how|pull up"
    r"|search|count|see|view|display)\b"
)


def certain_of_either(sentence: Sentence, entities: Entities) -> Entities:
    """Of "charge Ann or Bob $5" the sum is certain, of "charge Ann 5 or 10" who is meant; of other choices nothing."""
    if TWO_SUMS.search(sentence.gist):
        return {}
    if _EITHER_CUSTOMER.search(sentence.gist) and len(sentence.money) == 1:
        return {key: said for key, said in entities.items() if key in ("amount", "currency")}
    if _EITHER_SUM.search(sentence.gist):
        return {key: said for key, said in entities.items() if key in ("customer", "email", "customer_id")}
    return {}


def are_apart(wanted: list[Command], found: list[Command]) -> bool:
    """Whether more than one thing is commanded, offered or not."""
    return len(wanted) > 1 or len(found) > len(wanted)


def is_one_change(sentence: Sentence, found: list[Command]) -> bool:
    """ "update customer cus_..., set email to ...": the second clause says what the first one changes."""
    if len(found) != 2 or {command.skill for command in found} != {"update_customer"}:
        return False
    head, tail = sentence.gist[: found[1].start], sentence.gist[found[1].start :]
    return _CHANGE_OF.match(head) is not None and _CHANGE_SAID.match(tail) is not None


_CHANGE_OF = lazy(
    r"(?:please )?(?:update|change|edit|modify) (?:the )?(?:customer |client )?<(?:cus|mail|who)> ?[,:;-]? ?$"
)
_CHANGE_SAID = lazy(
    r"(?:set|change|update|make) (?:the |their |his |her )?(?:e-?mail|phone|name|description|preferred locale"
    r"|locale|language)(?: number| address)? to "
    r"[^,;]+$"
)


def whose_all(sentence: Sentence, found: list[Command]) -> Entities:
    """ "cancel acme's subscription and refund their last payment": the one customer of every command."""
    if found[0].start > opener_end(sentence.gist, 0) or len(all_of(sentence)) > 1:
        return {}
    rest = sentence.gist[found[1].start :]
    if not re.search(r"\b(?:his|her|their|him|them)\b", rest) or re.search(r"<(?:who|mail|cus)>|'s\b", rest):
        return {}
    owner = possessor(part(sentence, 0, sentence.index_at(found[1].start)))
    return {"customer": owner[0]["customer"]} if owner and "customer" in owner[0] else {}


_WHOSE: Final = frozenset({"customer", "email", "customer_id"})


def certain_of_all(sentence: Sentence, found: list[Command]) -> Entities:
    """The ids of every command, whose it is where all are of one customer, and then the only sum."""
    ids = Filled()
    take_ids(sentence, ids)
    certain = ids.entities | whose_all(sentence, found)
    starts = [sentence.index_at(command.start) for command in found]
    said: list[Entities] = []
    for command, first, stop in zip(found, starts, [*starts[1:], len(sentence.tokens)], strict=True):
        if command.skill in FILLERS and stop - first > 1:
            clause = part(sentence, first, stop)
            said.append(filled(clause, Command(command.skill, 0, command.object_at - command.start)).entities)
    for key in _WHOSE:
        values = {str(its[key]) for its in said if key in its}
        if len(values) == 1:
            certain.setdefault(key, values.pop())
        elif values:
            return certain
    if certain.keys() & _WHOSE and len(sentence.money) == 1:
        for its in said:
            certain |= {key: value for key, value in its.items() if key in ("amount", "currency")}
    return certain
