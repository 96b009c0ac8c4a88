"""Sentences about the conversation: approving, withdrawing, undoing, asking why; and commands cut out of talk."""

import re
from typing import Final, Literal

from paydesk.intents import gates
from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence
from paydesk.intents.writes import commands

_POLITE: Final = r"(?:(?:please|pls|can you|could you|ok|okay|so|and|then|now|yes|yeah|i|just|,) )*"
_END: Final = r"(?: (?:please|now|yet|already|then|again))*[ .!?]*"
_IT: Final = r"(?:it|that|this|the (?:proposal|refund|payment|charge|change|write|request)|that one|that proposal)"
_APPROVE = lazy(
    rf"{_POLITE}(?:approve|confirm|authori[sz]e|accept|sign off(?: on)?)(?: (?:{_IT}|them|all|everything"
    rf"|<(?!(?:qt|du)>)\w+>|prop_?\w*)"  # a quote and a dispute are accepted themselves
    rf"(?: (?:proposals?|of them))?)?{_END}|{_POLITE}(?:i (?:hereby )?approve|approved)(?: {_IT})?{_END}"
)
_STATE = lazy(
    rf"{_POLITE}(?:(?:was|is|has|did|has been) {_IT} (?:been )?(?:approved|done|sent|go through|gone through|happen"
    rf"|happened|rejected|finished|through|waiting|pending|still waiting)|what (?:became|happened) (?:of|to|with) {_IT}"
    rf"|what(?: is|'s) the (?:state|status) of {_IT}|what happened|(?:show|check) (?:me )?(?:the |that "
    rf"|this )?proposal)"
    rf"{_END}"
)
_WITHDRAW = lazy(rf"{_POLITE}(?:withdraw|retract|take back|drop) (?:{_IT}|<\w+>){_END}|{_POLITE}take {_IT} back{_END}")
_UNDO = lazy(rf"{_POLITE}(?:undo|revert|reverse) (?:it|that|this){_END}")
_CANCEL = lazy(
    rf"{_POLITE}cancel (?:it|that|this|that one"
    rf"|(?:the|that|this) (?:proposal|request|refund|charge|change|write)){_END}"
)
_OF_ONE = lazy(rf"{_POLITE}(?:withdraw|retract|cancel|take back)(?: the)?(?: proposal)? \S+{_END}")
_ABOUT_ONE = lazy(
    rf"{_POLITE}(?:what (?:became|happened) (?:of|to|with)|(?:show|check|get)(?: me)?(?: the)?(?: proposal)?|status of"
    rf"|what(?: is|'s) the (?:state|status) of|was|is|has) \S+(?: (?:been )?(?:approved|done|waiting|sent))?{_END}"
)
_WHY = lazy(
    r"(?:but |and |so |ok )*(?:why(?: (?:that|this|him|her|them|it)(?: one| payment| customer)?)?"
    r"|why (?:did|do|have|are|were)"
    r" you\b.*|why (?:was|is) (?:that|this|it) .*|how did you (?:get|understand|read|know|come|choose|pick)\b.*"
    r"|what made you\b.*|explain(?: (?:that|this|it|yourself|your (?:answer|choice)))?)[ .?!]*"
)
_SHOWS_ONE = lazy(
    r"(?:(?:please|show|open|see|view|get|display|pull up|give|what about|how about|and|me|us|to|i mean"
    r"|let's|let me|the|ok|,) )*"
    r"<\w+>(?: (?:please|again|in detail))*[ .!?]*"
)
_PROPOSAL_ID = re.compile(r"\bprop_[A-Za-z0-9]{1,60}\b")
_ADVISED = lazy(
    r"(?:so |well |hey |and |but |, )*(?:(?:should|shall|can|could|may|might|must) (?:i|we)"
    r"|do you (?:think|recommend|suggest)"
    r" (?:that )?(?:i|we)(?: should| could)?|would it be (?:ok|okay|fine) (?:if (?:i|we)|to)|is it (?:ok|okay|fine) to"
    r"|what (?:would|will) happen if (?:i|we|you)|what happens if (?:i|we|you)|what if (?:i|we|you)|maybe|perhaps"
    r"|i think|i guess)(?: (?:also|just|now|should|could|to))* "
)
_CONDITION = lazy(r" (?:,? ?)(?:if|unless|once|whenever|when|as soon as|provided|assuming|in case)(?!\S).*$")
_IF_FIRST = lazy(r"(?:if|unless|once|when|as soon as|provided|assuming|in case)(?!\S)[^,]* , (?:then |please )*")

About = Literal["state", "withdraw", "undo", "cancel"]


def approves(sentence: Sentence) -> bool:
    """ "approve it", "I approve", "confirm": words that approve nothing here."""
    return _APPROVE.fullmatch(sentence.gist) is not None


_WAITS = lazy(
    rf"{_POLITE}(?:what(?: is|'s|'re| are)?|anything|is anything|is there anything|what(?: do i| should i)?"
    r" (?:have|need))(?: still)?(?: left)?(?: waiting(?: for (?:me|us|approval|my approval|my yes|a yes))?| to approve)"
    rf"{_END}"
)


def asks_what_waits(sentence: Sentence) -> bool:
    """ "what's waiting?", "anything to approve?"."""
    return _WAITS.fullmatch(sentence.gist) is not None


def proposal_in(sentence: Sentence) -> str | None:
    """The one proposal that the sentence names."""
    found = set(_PROPOSAL_ID.findall(sentence.clean))
    return found.pop() if len(found) == 1 else None


def about_proposal(sentence: Sentence, *, named: bool) -> About | None:
    """What is wanted of a proposal: "was it approved?", "withdraw it", "undo it"; `named` says that its id is given."""
    gist = sentence.gist
    if gates.is_negated(gist):
        return None
    if named:
        return "withdraw" if _OF_ONE.fullmatch(gist) else "state" if _ABOUT_ONE.fullmatch(gist) else None
    ways: tuple[tuple[About, re.Pattern[str]], ...] = (
        ("state", _STATE),
        ("withdraw", _WITHDRAW),
        ("undo", _UNDO),
        ("cancel", _CANCEL),
    )
    return next((about for about, pattern in ways if pattern.fullmatch(gist)), None)


def asks_why(sentence: Sentence) -> bool:
    """ "why did you take that one?", "explain that"."""
    return _WHY.fullmatch(sentence.gist) is not None


def shows_one(sentence: Sentence) -> bool:
    """Nothing but one thing, perhaps with "show me"."""
    return _SHOWS_ONE.fullmatch(sentence.gist) is not None


def commanded(sentence: Sentence) -> tuple[str, ...]:
    """The commands of a sentence, each as it was typed, where it holds several."""
    found = commands.find_commands(sentence.gist)
    if len(found) < 2:
        return ()
    starts = [sentence.tokens[sentence.index_at(command.start)].start for command in found]
    texts = [sentence.text[start:end] for start, end in zip(starts, [*starts[1:], len(sentence.text)], strict=True)]
    return tuple(_TRAILING.sub("", text).strip() for text in texts)


_TRAILING = re.compile(r"(?:[\s,;.]|\b(?:and|then|also|plus|please))+$", re.IGNORECASE)


def as_command(sentence: Sentence) -> str | None:
    """The plain command inside "should I refund ...?", "what if we cancel ...", "... if the balance allows"."""
    gist, begin, end = sentence.gist, 0, len(sentence.gist)
    for pattern in (_ADVISED, _IF_FIRST):
        match = pattern.match(gist)
        begin = match.end() if match else begin
    condition = _CONDITION.search(gist, begin)
    end = condition.start() if condition else end
    if begin >= end or (begin == 0 and end == len(gist)):
        return None
    first, last = sentence.index_at(begin), sentence.index_at(end - 1) + 1
    return sentence.text[sentence.tokens[first].start : sentence.tokens[last - 1].end].rstrip(" ?!.,")
