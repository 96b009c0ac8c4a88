"""Several commands in one sentence: which are one after all, and what is certain of those that are not."""

import re

from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence, part
from paydesk.intents.targets import Entities, all_of, possessor
from paydesk.intents.writes.commands import Command
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
