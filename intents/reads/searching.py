"""Searches by metadata, description or free words, and the words they search for."""

import re
from typing import Final

from paydesk.intents import lexicon
from paydesk.intents.patterns import Ordered, lazy
from paydesk.intents.sentence import Sentence
from paydesk.intents.targets import Entities

_SEARCH = lazy(
    r"\b(?:search|look|find|query|grep|show|get|list|any|anything|everything|records?|payments?"
    r"|charges?|customers?|invoices?|subscriptions?|transactions?|which)\b"
)
_SEARCH_FIELD: Final = (
    r"\b(?:with|where|whose|having|by|for|has|have|that have|the|in)? ?(?:the |a )?(?:metadata"
    r"|description|statement descriptor)\b(?: key| field| value| is| has| of| equals?| set to"
    r"| containing| contains?| that says| says| saying| mentions?| mentioning| includes?| including"
    r"| matching| matches| like| =| :| starting with| named)* (?P<query>.+?)[ ?.!]*$"
)
_NUMBERED: Final = (
    r"\b(?:invoice|orders?|receipt|reference|ticket|po|case|booking|tracking) (?:number |no\.? |# ?|id "
    r"|ref )?(?P<query>[a-z]{1,6}-?[0-9][\w-]*|[0-9]+-[\w-]+|<n>)(?=[ ?.!]*$)"
)
_RELATED: Final = (
    r"\b(?:records?|anything|everything|whatever|objects?|entries|stuff|something|items) (?:that (?:is"
    r"|are) )?(?:related to|relating to|mentioning|mentions?|mentioned|bearing|about|matching|containing|with"
    r"|that mentions?"
    r"|for|linked to"
    r"|associated with|tagged(?: with)?|referencing|regarding|concerning|that matches|that contains?"
    r"|where) (?P<query>.+?)[ ?.!]*$"
)
_MENTIONING: Final = (
    r"\b(?:payments?|charges?|customers?|invoices?|subscriptions?"
    r"|transactions?) (?:that )?(?:mentioning|mentions?|containing|contains?|matching(?! the name)|matches"
    r"|referencing|tagged(?: with)?|labell?ed|described as|about|related to"
    r"|where) (?P<query>.+?)[ ?.!]*$"
)
_IN_A_FIELD: Final = (
    r"\b(?:has|have|having|with|contain(?:s|ing)?|says?|saying|showing|mention(?:s|ing)?) (?P<query><quote>"
    r"|(?=[a-z-]*[0-9])[a-z0-9]+(?:[-/_.=][a-z0-9]+)*) (?:in|as|under|for) (?:its |the |their |a |our )?(?:metadata"
    r"|descriptions?|statement descriptor|notes?|memo)[ ?.!]*$"
)
_QUOTED_THINGS: Final = (
    r"^(?:please |can you |could you |hey |ok )*(?:find|search(?: for)?|look (?:for|up))(?: me)?(?: all| any| the)? "
    r"(?P<query><quote>) (?:payments?|charges?|invoices?|transactions?|orders?|records?)\b"
)
_IN_RECORDS = (
    r"(?:(?: (?:in|inside|within|across|among|throughout|anywhere|everywhere|somewhere|all over)(?: in)?(?: (?:all"
    r"|any|our"
    r"|the|my|of))* (?:records?|books|data|system|stripe|account|database|descriptions?|metadata|notes))| anywhere"
    r"| everywhere| somewhere)?"
)
# A code of letters and digits is looked for as it stands.
_CODED: Final = (
    r"^(?:please |can you |could you |hey |ok )*(?:find|locate|look (?:for|up)|lookup|search(?: for)?)(?: me)? "
    r"(?P<query>(?=[a-z]*[-/]?[a-z]*[0-9])[a-z]+[-/]?[a-z0-9]*[a-z0-9-]*"
    rf"|[a-z]{{1,6}} - <n>){_IN_RECORDS}(?: (?:please|pls|now|thanks|for (?:me|us)))*[ ?.!]*$"
)
_SEARCH_VERB: Final = (
    r"^(?:please |can you |could you |hey |ok )*(?:search|query|run a search|do a search|grep"
    r"|full[- ]text search)\b(?: (?:stripe|everything|everywhere|all|the|records|our|my|data|books"
    r"|account|through|across|in))*(?:(?: payments| charges| customers| invoices| transactions| orders"
    rf"| subscriptions| descriptions| notes| memos| references| names)? for| :)? (?P<query>.+?){_IN_RECORDS}[ ?.!]*$"
)
_FIND_QUOTED: Final = (
    r"^(?:please |can you |could you |hey |ok )*(?:look (?:for|up)|find|locate"
    r"|search(?: for)?) (?:the (?:exact )?(?:words?|phrase|term|text|string|reference|ref|code|note|memo) "
    r"|(?:anything|everything|whatever|all|any records?) (?:(?:that (?:is|are|was)|is|that's) )?(?:marked|tagged"
    r"|labell?ed|called|named|noted)(?: as| with)? )?(?P<query><quote>)(?: (?:across|throughout) (?:all |our |the )*"
    r"records)?(?: (?:in|inside|within|among|across) (?:the |our |all |any |all the )?"
    r"(?:payment |customer |invoice |charge )?(?:descriptions?|metadata|records|notes?|names|payments|charges|invoices"
    r"|everything|stripe))?[ ?.!]*$"
)
_LABEL = lazy(
    r"^(?:the |an? |any |our |my )?(?:invoice|order|reference|ref|receipt|tracking|ticket|po"
    r"|purchase order|case|metadata|booking|transaction)(?: (?:number|no\.?|id|code|#|ref"
    r"|reference))+ (?:= |: |is )?(?=\S*(?:\d|<n>|-))|^(?:the |an? )reference (?=\S*(?:\d|<n>|-))|^(?:the "
    r"|a )?purchase order (?=po-?\d)|^(?:the "
    r"|a )?metadata |^(?:with |for |the (?:exact )?(?:word|words|phrase|term|text|string|reference|ref|code|note"
    r"|memo) (?=<))+|^(?:the )?(?:metadata )?entry (?=\S+ ?=)"
    r"|^(?:the (?:word|phrase|term) )"
)

#: The ways to ask for a search, in the order in which they are tried.
_HAS_IN_IT: Final = (
    r"^(?:please |can you |could you |hey |ok )*(?:find|look for|search(?: for)?|show)(?: me)? (?:anything"
    r"|whatever|everything"
    r"|all|what|any records?|records?|something) (?:that )?(?:has|have|with|contains?|containing"
    r"|says?) (?P<query><quote>)"
    r"(?: (?:in|on|anywhere in) (?:it|them|there))?[ ?.!]*$"
)
_WAYS: Final = Ordered(
    (
        ("in a field", _IN_A_FIELD),
        ("has in it", _HAS_IN_IT),
        ("field", _SEARCH_FIELD),
        ("numbered", _NUMBERED),
        ("related", _RELATED),
        ("mentioning", _MENTIONING),
        ("quoted things", _QUOTED_THINGS),
        ("quoted", _FIND_QUOTED),
        ("coded", _CODED),
        ("verb", _SEARCH_VERB),
    )
)


# "..., for ticket #70031": the asker's own number.
_LABELLED_BY = lazy(
    r"(?:<date>|<money>|<who>|\b(?:payments?|invoices|refunds|disputes|subscriptions|customers)\b).*\b(?:for|re) $"
)


def search_request(sentence: Sentence) -> Entities | None:
    """The words to search for, where a sentence asks for a search by metadata, description or free words."""
    gist = sentence.gist
    for way, pattern in _WAYS.likely(gist):
        match = pattern.search(gist)
        if match is None or not _SEARCH.search(gist):
            continue
        start = match.start("query")
        label = _LABEL.match(gist[start:])
        start += label.end() if label else 0
        if way == "numbered" and _LABELLED_BY.search(gist[: match.start()]):
            continue
        if way == "verb" and _is_a_list(sentence, start):
            return None
        if way != "field" and not _is_exact(sentence, match.start("query")):
            continue
        if way == "related" and _is_someone(sentence, start):
            return None
        query = _query(sentence, start, match.end("query"))
        return {"query": query} if query else None
    return None


_EVERYWHERE = lazy(
    r"^(?:please |can you |could you |hey |ok )*(?:search|run a search|do a search)"
    r"(?: (?:stripe|everything|everywhere|all|the|records|our|my|data|books|account|through|across|in))* for "
    r"(?P<query>.+?)[ ?.!]*$"
)


def everywhere(sentence: Sentence) -> str | None:
    """What "search for ..." is to look for in everything there is; for whoever knows that the account is meant."""
    match = _EVERYWHERE.search(sentence.gist)
    if match is None:
        return None
    first = sentence.index_at(match.start("query"))
    if any(token.lex in lexicon.THINGS for token in sentence.tokens[first:]) and not sentence.of("quote"):
        return None  # "failed payments" is a list, and has a skill of its own
    return _query(sentence, match.start("query"), match.end("query"))


def _is_someone(sentence: Sentence, start: int) -> bool:
    """ "the record for Initech", "everything about jane@example.com": a customer is looked for."""
    index = sentence.index_at(start)
    token = sentence.tokens[index]
    coded = any(letter.isdigit() for letter in token.lex)
    found = token.kind in ("email", "name", "phone") or (
        token.kind == "word" and sentence.is_capital(index) and not coded
    )
    return found and all(t.kind == "punct" for t in sentence.tokens[index + 1 :])


def _is_a_list(sentence: Sentence, start: int) -> bool:
    """ "search payments from jane" and "search for jane@example.com" have skills of their own."""
    index = sentence.index_at(start)
    while index + 1 < len(sentence.tokens) and sentence.tokens[index].lex in (
        "please",
        "a",
        "the",
        "our",
        "all",
        "any",
        "my",
        "an",
    ):
        index += 1
    first = sentence.tokens[index]
    if first.kind in ("id", "email", "phone", "domain"):
        return True
    return (
        first.kind == "word"
        and first.lex in lexicon.THINGS
        and "<quote>" not in sentence.gist
        and lexicon.THINGS[first.lex] != "order"
    )


def _is_exact(sentence: Sentence, start: int) -> bool:
    """Free words are searched for only where the sentence speaks of records, or quotes them, or gives a number."""
    records = re.search(
        r"\b(?:records?|payments?|charges?|customers?|invoices?|subscriptions?|transactions?|tagged|metadata"
        r"|orders?)\b",
        sentence.gist,
    )
    coded = re.search(r"\d", sentence.text[sentence.tokens[sentence.index_at(start)].start :])
    return bool(records or sentence.of("quote") or coded)


def _query(sentence: Sentence, start: int, end: int) -> str | None:
    first, last = sentence.index_at(start), sentence.index_at(end - 1) + 1
    quotes = [token for token in sentence.tokens[first:last] if token.kind == "quote"]
    if len(quotes) == 1 and (
        last - first <= 2
        or re.search(r"\b(?:contains?|mentions?|containing" r"|mentioning|says|with) <quote>", sentence.gist)
    ):
        return str(quotes[0].value)
    return sentence.raw(first, last).strip() or None
