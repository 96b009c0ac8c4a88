"""The request inside a story: "my thumb's in a bandage, so refund $7.25 of ch_..., and wish me luck".

What people say around a request is cut off, clause by clause, only where it is plainly talk: it names nothing of the
desk, holds no sum and no id, sets no condition and takes nothing back. Whatever is not plainly talk stays, and then
every gate sees it.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from paydesk.intents import gates
from paydesk.intents.patterns import lazy
from paydesk.intents.reads import frames
from paydesk.intents.sentence import Sentence, part
from paydesk.intents.words import lexes_in, words
from paydesk.intents.writes import command_forms, commands
from paydesk.intents.writes.openers import opener_end

_STOPS: Final = frozenset(",.;!?…–—")
_JOINS: Final = words("and so but then anyway anyhow anyways because 'cause cuz plus also")
#: What may end a clause; where it does, its place says.
_ENDS: Final = _STOPS | _JOINS | {"-", ":"}
CLAUSES_MOST: Final = 24

_HOLDS: Final = lazy(r"<(?!who>|date>|n>)\w+>|\$|€|£")
_OF_THE_DESK = lazy(
    r"\b(?:refund\w*|reimburs\w*|chargeback\w*|(?:over|under)?charg(?:e|ed|es|ing)|cancel\w*|billed|billing"
    r"|bill (?:him|her"
    r"|them)|payments?|subscri\w+|unsubscri\w+|invoic\w+|captur\w+|disput\w+|transactions?|purchases?|renew\w*|trials?"
    r"|amounts?|fees?|tax|vat|duplicate\w*|dupe|fraud\w*|twice|stolen|requested|receipts?|credit(?:ed)?|discount\w*"
    r"|coupon\w*|void\w*|rename\w*|upgrade\w*|downgrade\w*|pause\w*|resume\w*|payouts?)\b"
)
# With one of these a number may be the sum after all, and a date the day of the payment.
_OF_SUMS = lazy(
    r"\b(?:paid|pays?|paying|owes?|owed|owing|costs?|prices?|worth|total\w*|amount\w*|sum|spent|bought|ordered|order"
    r"|dollars?|bucks|cents?|euros?|pounds?|quid|money|cash|deposit|balance|should|must|make|made|makes|needs?|wants?"
    r"|meant?|only|just|half|back|off(?! to\b)|extra|tip|more|less|rate|fare|bill|short)\b|<cur>"
)
_GOVERNS = lazy(
    r"\b(?:if|unless|provided|providing|assuming|in case|in the event|as long as|as soon as|once|until|whenever"
    r"|only after|suppos(?:e|ing|ed)|imagine|hypothetically|pretend|in theory|example|instance|wish (?:i|we)|test)\b"
    r"|^(?:when|after|before)\b"
)
_TAKES_BACK = lazy(
    r"\b(?:never ?mind|forget (?:it|that|about)|scratch that|hold on|hang on|hold off|wait|oops|kidding|joking|jokes?"
    r"|stop|instead|rather|actually|changed? (?:my|his|her|their) minds?|or not|on second thought)\b|^(?:no|nope|nah"
    r"|not|never|don't|do not|or|except|but)\b"
)
_SAYING = lazy(
    r"\b(?:said|says|say|told (?:me|us|him|her|them)|tells (?:me|us)|asked|asks|wrote|writes|reads|replied|emailed"
    r"|quote|saying|states?|stated|went|goes|like)$"
)
_NOT_SURE = lazy(r"\b(?:maybe|perhaps|possibly|probably|i think|i guess|i suppose|not sure|might|ish)\b")

# What follows a request is talk only where it has somebody of its own who does something, or is a known saying.
_FIRST_PERSON = lazy(
    r"(?:i|i'll|i'm|i'd|i've|i am|we|we'll|we're|we've|we'd|you|you're|you've|you'll|let's|let me|let us|my|our) \S"
)
_OTHERS = lazy(
    r"(?:he|she|they|he's|she's|they're|he'll|she'll|they'll|he'd|she'd|it's|it'll|that's|that'll|there's|there are"
    r"|isn't|ain't|aren't|nobody|everybody|everyone|god|lord|heaven|who) \S"
)
_NOT_TALK = lazy(
    r"\b(?:keeps?|kept|returned|sent|wants?|wanted|needs?|needed|asked|agreed|think|guess|mean|meant|said|thought"
    r"|understand|prefer|hope|believe|suppose|notify|inform|remind|e-?mail|message|sms)\b"
)
_SAYINGS = lazy(
    r"(?:(?:and|so|but|then|oh|well|just|please|now) )*(?:thanks?|thank you|thx|ta|cheers|tysm|ty|please|pls|hon|honey"
    r"|love|mate|dear|sweetie|darling|buddy|pal|bro|dude|friend|sir|madam|ma'am|boss|guys|folks|amen|sorry|ok|okay"
    r"|right"
    r"|alright|yeah|huh|eh|innit|lol|haha|bless (?:him|her|you|them|his heart|her heart)|do the needful"
    r"|much appreciated"
    r"|appreciated|appreciate it|you're a (?:star|legend|gem|lifesaver)|would you|will you|could you|can you|won't you"
    r"|real quick|quickly|rn|right now|asap|when you (?:get|have) (?:a|the|some) \w+|if you don't mind|if you would"
    r"|if you please|if possible|no rush|no hurry|no worries|as usual|as always|a million|ever so much|so much"
    r"|very much"
    r"|kindly|for me|in advance|many|best|regards|best regards|kind regards|and thank you|a lot|again"
    r"|one of the two)(?: |$)"
)
_SAYING_WORDS: Final = words(
    """
    thanks thank you thx ta cheers please pls hon honey love mate mates dear and so much very a million lot bunch in
    advance again for me now right ok okay would will could can if don't mind possible as usual always ever kindly best
    kind regards do the needful needful bless him her his heart them it no rush hurry worries real quick quickly rn asap
    when get have chance moment minute second sec star legend gem lifesaver you're appreciated appreciate your help time
    team all everyone sir madam boss bro dude buddy pal friend guys folks amen sorry alright yeah huh eh lol haha
    """
)
_ASKS_OF_OTHERS = lazy(
    r"(?:wish|pass|pour|hand|stick|save|cross|pray|hurry|fetch|grab|bring|throw|wrap|toss|say|give (?:my|him my|her my"
    r"|them my)|tell (?:him|her|them|the \w+|your \w+|my \w+|everyone) (?:to|i|we|that i|that we|not)|remember me|keep"
    r"|have a|see|talk|catch|take care|put the|put on|set the|light|might as well|may|mind|watch|look|come|go|excuse"
    r"|forgive|pardon|trust|believe|sit|stay|drive|sleep|rest|eat|drink|enjoy|smile|call me|knock|fingers|lock"
    r"|turn (?:off|on|up|down) the|close the|open the|feed|walk|clean|wash|buy|kiss|hug|then (?:i|we|he|she"
    r"|they))(?: |$)"
)
_OF_THIS = lazy(r"^\w+ (?:it|that|this|these|those|them)\b")
# What an order for something else may not hold, as it could be about the sum or the next thing to do.
_MORE_OF_IT = lazy(
    r"\b(?:another|same|again|double|half|rest|remaind?ing|remainder|more|less|extra|only|except|minus|both|each|every"
    r"|also|too|instead|if|unless|amount|link|card|plan|account|customer|client|phone|number|name|address|record"
    r"|note)\b"
)


class Clause(NamedTuple):
    """Tokens first..last-1; `hard` says that a comma or stop ends it, not just an "and"; `colon` that a colon does."""

    first: int
    last: int
    hard: bool
    colon: bool = False


def clauses(sentence: Sentence) -> list[Clause]:
    """The clauses of a sentence in order, without what stands between them."""
    if _ENDS.isdisjoint(lexes_in(sentence.gist)):
        return [Clause(0, len(sentence.tokens), True)] if sentence.tokens else []
    return list(_clauses(sentence))


def is_one_clause(sentence: Sentence) -> bool:
    """Whether nothing in a sentence parts one clause from another; marks at its end do not."""
    if _ENDS.isdisjoint(lexes_in(sentence.gist)):
        return True
    return len(list(islice(_clauses(sentence), 2))) < 2


def _clauses(sentence: Sentence) -> Iterator[Clause]:
    first, tokens = 0, sentence.tokens
    for index, token in enumerate(tokens):
        kind, lex = token[0], token[1]
        if lex not in _ENDS:
            continue
        stop = kind == "punct" and (lex in _STOPS or (lex == "-" and index + 1 < len(tokens)))
        colon = lex == ":"
        if stop or colon or (kind == "word" and lex in _JOINS):
            if index > first:
                yield Clause(first, index, stop, colon)
            first = index + 1
    if first < len(tokens):
        yield Clause(first, len(tokens), True)


def _gist(sentence: Sentence, clause: Clause) -> str:
    return " ".join(token.lex for token in sentence.tokens[clause.first : clause.last])


def is_idle_before(sentence: Sentence, clause: Clause) -> bool:
    """Whether a clause before a command is nothing but talk."""
    gist = _gist(sentence, clause)
    if clause.colon or _HOLDS.search(gist) or _OF_THE_DESK.search(gist) or _SAYING.search(gist):
        return False
    if _governs(gist) or (_TAKES_BACK.search(gist) and not _PAST_TALK.match(gist)):
        return False
    if "<n>" in gist and _OF_SUMS.search(gist):
        return False
    if "<date>" in gist and (_OF_SUMS.search(gist) or not _TELLS.search(gist)):
        return False
    if gates.asks_advice(gist) or (_NOT_SURE.search(gist) and clause.last - clause.first <= 3):
        return False
    if not clause.hard:
        return gates.is_reported(gist) is False and _TELLS.search(gist) is not None
    return not _BEGINS_A_THING.match(gist) or _TELLS.search(gist) is not None


_TELLS = lazy(
    r"\b(?:i|i'm|i'll|i've|i'd|we|we're|we've|you|he|she|they|he's|she's|they're|it's|that's|there's|is|was|are|were"
    r"|has|had|have|been|'s|did|got|came|went|just|can't|won't|isn't|aren't)\b|(?<!\S)'s(?!\S)|\b[a-z]{3,}ed\b"
    r"|^(?:oh|hey|hi|hello|god|man|well|what a|ok)\b"
)
_BEGINS_A_THING = lazy(r"(?:for|from|of|on|to|with|by|at|in|starting|beginning|against|via) ")
# "not mine, my niece's" takes nothing back.
_PAST_TALK = lazy(
    r"(?:not (?:mine|bad|that|so|to mention|a|the|my|even|much)|no (?:kidding|joke|lie|sweat|rest)|don't (?:ask"
    r"|tell|worry|mind|you (?:just|dare|love|think)|get me started|laugh|judge))\b"
)


def _governs(gist: str) -> bool:
    return _GOVERNS.search(_POLITE_IF.sub(" ", gist)) is not None


_POLITE_IF = lazy(
    r"\b(?:if (?:you (?:don't mind|would|could|can|please|wouldn't mind|get a \w+|have a \w+)|i may|possible"
    r"|it's not too"
    r" much trouble|that's ok|not too busy)|while (?:i|we|you|i'm|we're|you're|i've|we've)|when (?:i|it|we) (?:was"
    r"|were|hit|got)"
    r"|once (?:again|more|upon)|before i forget|let me know (?:if|when|once)|see if)\b"
)


def is_idle_after(sentence: Sentence, clause: Clause) -> bool:
    """Whether a clause after a command is nothing but talk, and changes nothing of what was commanded."""
    gist = _gist(sentence, clause)
    if gist in ("thanks <n>", "cheers <n>", "thanks so much <n>"):
        return True  # "thanks a million"
    if _PAST_TALK.match(gist) and "<" not in gist and not _OF_THE_DESK.search(gist):
        return True
    if all(word in _SAYING_WORDS for word in gist.split()) and _SAYINGS.match(gist):
        return True
    if clause.colon or _HOLDS.search(gist) or _OF_THE_DESK.search(gist) or _governs(gist):
        return False
    if _TAKES_BACK.search(gist) or ("<n>" in gist and _OF_SUMS.search(gist)) or _NOT_SURE.search(gist):
        return False
    if clause.last - clause.first < 2:
        return False
    if _ASKS_OF_OTHERS.match(gist):
        return "<" not in gist and not _OF_THIS.match(gist) and not _MORE_OF_IT.search(gist)
    others = _OTHERS.match(gist) or _SOMEBODY_DOES.match(gist)
    if not (_FIRST_PERSON.match(gist) or others) or _NOT_TALK.search(gist):
        return False
    return not (others and ("<n>" in gist or _ONLY.search(gist)))


_ONLY = lazy(r"\b(?:only|just|half|rest|except|both|all)\b")
_SOMEBODY_DOES = lazy(
    r"(?:the|this|these|those|that|his|her|their|some|poor|what a|such a|good old|old) (?:[\w'-]+ ){1,4}?(?:is|are"
    r"|was|were|has|have|had|will|won't"
    r"|isn't"
    r"|aren't|can|can't|'s|loves?|likes?|looks?|sounds?|feels?|hates?) "
)


def without_talk(sentence: Sentence, more: commands.More | None = None) -> Sentence | None:
    """The sentence without the talk before and after its command; None where there is none, or no command is left.

    `more` finds the commands that only some desks offer.
    """
    found = clauses(sentence)
    if not 2 <= len(found) <= CLAUSES_MOST:
        return None
    begin, end = 0, len(found)
    while begin < end and is_idle_before(sentence, found[begin]) and not _commands(sentence, found[begin], more):
        begin += 1
    while end - 1 > begin and is_idle_after(sentence, found[end - 1]):
        end -= 1
    if begin >= end or (begin == 0 and end == len(found)):
        return None
    if begin and not _commands(sentence, found[begin], more):
        return None  # the request leans on what came before it
    return part(sentence, found[begin].first, found[end - 1].last)


def _commands(sentence: Sentence, clause: Clause, more: commands.More | None) -> bool:
    """Whether a clause commands something of the desk by itself."""
    gist = _gist(sentence, clause)
    found = commands.find_commands(gist, more)
    return bool(found) and (found[0].skill != command_forms.UNSUPPORTED or _HOLDS.search(gist) is not None)


_ASK: Final = (
    r"(?:show|(?:for )?(?:a |the )?(?:full |complete )?list(?: of)?|find|search|showing|listing|finding|sharing"
    r"|checking"
    r"|(?:chuck|flick|sling|shoot|throw|ping|giving|telling) (?:me|us|over)|suss out|intimate|look up|look for"
    r"|pull up|bring up"
    r"|give (?:me|us)|get (?:me|us)|tell me|check|display"
    r"|fetch"
    r"|count|compare|which|what|what's|what're|how many|how much|how do|how does|how did|how's|how are|who|who's|when"
    r"|is there|are there|were there|was there|do we|did we|have we|has|did|any)(?!\S)"
)
_FILLERS: Final = (
    r"(?:(?:just|please|kindly|now|quick|quickly|real quick|go ahead and|first|maybe|right|here goes|like|so|and"
    r"|but|then"
    r"|well|ok|okay|hey|oh|um|say|for (?:her|his|their|my|your|the love of \w+|heaven's|god's|pete's)(?: sake)?|tell me"
    r"|confirm|advise|share|let me know|would you mind|do you mind|(?:can|could|would|will) (?:you|u)|(?:i|we)(?: would"
    r"| should)? (?:be )?grateful for|i (?:need|want|have|would like|gotta|got) to|i'd like to|let me|let's|help me"
    r"|anyway|anyhow|real quick) )*"
)
_BEGINS = lazy(rf"{_FILLERS}(?P<ask>{_ASK})")
_MIDWAY = lazy(
    rf"(?<!\S)(?:(?:can|could|would|will) (?:you|u)(?: please| just| kindly| quickly)* (?P<asked>{_ASK})"
    r"|(?<!to )(?<!i )(?<!he )(?<!she )(?<!they )(?<!you )(?<!not )(?<!don't )(?<!that )(?<!will )(?<!would )(?<!'ll )"
    r"(?P<told>(?:show me|show us|list (?:the|all|our|my)|give me (?:the|all|our)|pull up (?:the|all|our))(?!\S)))"
)


def questions_in(sentence: Sentence) -> Iterator[list[Sentence]]:
    """For each place behind some talk where a question begins: the question, the longest form first."""
    found = clauses(sentence)
    if len(found) > CLAUSES_MOST or (len(found) < 2 and len(sentence.tokens) < 8):
        return
    for number, clause in enumerate(found):
        first = _question_at(sentence, clause)
        if first is None or (number == 0 and first == clause.first and len(found) == 1):
            continue
        first = _with_setting(sentence, found, number) if first == clause.first else first
        ends = [clause.last]
        for later in found[number + 1 : number + 4]:
            if is_idle_after(sentence, later) or _question_at(sentence, later) is not None:
                break
            ends.append(later.last)
        yield [part(sentence, first, end) for end in reversed(ends)]


def _with_setting(sentence: Sentence, found: list[Clause], number: int) -> int:
    """The token at which a question begins with what only says when, of whom or how it is asked."""
    while number and frames.is_setting(sentence, found[number - 1].first, found[number - 1].last):
        number -= 1
    return found[number].first


def _question_at(sentence: Sentence, clause: Clause) -> int | None:
    """The token at which a clause begins to ask, or None."""
    start, stop = (
        sentence.starts[clause.first],
        sentence.starts[clause.last - 1] + len(sentence.tokens[clause.last - 1].lex),
    )
    asked_at = opener_end(sentence.gist, start)
    begins = _BEGINS.match(sentence.gist, asked_at if asked_at < stop else start, stop)
    if begins:
        return sentence.index_at(begins.start("ask"))
    midway = _MIDWAY.search(sentence.gist, start, stop)
    return sentence.index_at(midway.start("asked" if midway["asked"] else "told")) if midway else None
