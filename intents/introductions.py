"""What people say of themselves first: "hi this is monica from the front office please refund ...".

Who speaks is nobody that the desk has to find; the request behind the introduction is read alone.
"""

from typing import Final

from paydesk.intents import gates
from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence, arranged, part, without
from paydesk.intents.words import words

_GREETING: Final = (
    r"(?:(?:hi|hello|hey|hiya|yo|good (?:morning|afternoon|evening|day)|morning|ok|okay|yes|so|well|team|there|all"
    r"|everyone|everybody|paydesk) ?,? ?)*"
)
#: Words that make "this is ..." a statement about the matter instead of a name.
_NAME: Final = (
    r"(?:<who>|(?!(?:forbidden|prohibited|dangerous|illegal|impossible|pointless|unwise|risky|unfair|too|time|not|no|never|a|an|the|my|our|your|his|her|their|what|how|why|where|when|who|which|that|this|about"
    r"|for|if|wrong|right|fine|ok|okay|because|regarding|said|says|told|asked|asks|wants?|was|were|is|been|has|had)\b)"
    r"[^\W\d_<][\w'-]*)"
)
_FROM: Final = (
    r"(?: (?:from|in|at|with|of|over in|over at) (?:the |our |my )?(?:<who>|[a-z]+)(?: (?:<who>|[a-z]+)){0,2}?)?"
)
_POLITELY: Final = r"(?:(?:please|kindly|just|can|could|would|will|you|i|we|need|want|like|to|should|'d) )*"
_INTRODUCED: Final = lazy(
    rf"{_GREETING}(?:(?:this is|it's|its|it is|i'm|i am|im|my name is) {_NAME}(?: {_NAME})?|{_NAME})"
    rf"(?P<said> (?:here|speaking|calling|writing))?{_FROM}(?: (?:here|again|speaking))?(?: ?[,.!:-])? "
    rf"(?P<request>{_POLITELY}(?:{gates.WRITE_VERBS}|show|list|find|look up|pull up|how much|how many|which|what's) )"
)
_BEGIN: Final = words("this it's its it i'm i im my here speaking")


def without_introduction(sentence: Sentence) -> Sentence:
    """The sentence without the speaker's introduction; as it is where none begins it."""
    if "(" in sentence.gist:
        sentence = _without_aside(sentence)
    behalf = _ON_BEHALF.match(sentence.gist) if sentence.gist.startswith(("on ", "for ", "acting ")) else None
    if behalf and behalf.end() < len(sentence.gist):
        sentence = part(sentence, sentence.index_at(behalf.end()), len(sentence.tokens))
    labelled = _LABELLED.match(sentence.gist) if ":" in sentence.gist or sentence.gist.startswith("# ") else None
    if labelled and labelled.end() < len(sentence.gist):
        return part(sentence, sentence.index_at(labelled.end()), len(sentence.tokens))
    if _BEGIN.isdisjoint(sentence.gist.split(" ", 8)[:8]):
        return sentence
    found = _INTRODUCED.match(sentence.gist)
    if found is None or not (found["said"] or _SAYS_WHO.match(sentence.gist)):
        return sentence
    return part(sentence, sentence.index_at(found.start("request")), len(sentence.tokens))


# "Ticket #5521: refund ...": a number of the speaker's own.
_LABELLED: Final = lazy(
    r"(?:(?:(?:support |help ?desk |jira |zendesk )?(?:ticket|case|request|user request|task|next|urgent|execute|row"
    r"|line|item"
    r"|entry|perform)(?: (?:no|number))?(?: [.#])*"
    r"(?: (?:<n>|[a-z]{0,4}-?[0-9][\w-]*))?(?: (?:of|in|on) (?:my|our|the|this) (?:sheet|list|table|file))? : )"
    r"|# (?:<n>|[0-9]{3,})(?: [:,–—-])? (?=[a-z]))"
)
# "On behalf of the finance team, ..."
_ON_BEHALF: Final = lazy(
    r"(?:acting )?(?:on behalf of|for) (?:the |our |my )(?:account |finance |sales |support |accounts |office |whole )*"
    r"(?:owner|team|department|office|boss|manager|director|board|accountant|merchant|management|user)(?: ,)? (?=[a-z])"
)
# "(live chat 14:02)", "(ticket 8817)": where it was heard.
_ASIDE: Final = lazy(
    r"\( (?:live |support |see |via |from |ref |in |on |our |the |help ?desk |zendesk |intercom )*"
    r"(?:chat|ticket|case|call|thread|conversation|log|convo|message|msg|tkt)s?"
    r"(?: (?:no|number|id|ref|from|at|with|on|of|today|#|[.:]|<n>|<date>|[a-z]*[0-9][\w-]*))* \)"
)


def _without_aside(sentence: Sentence) -> Sentence:
    """The sentence without the parentheses that tell in which chat or ticket it was heard."""
    aside = _ASIDE.search(sentence.gist)
    if aside is None:
        return sentence
    first, last = sentence.index_at(aside.start()), sentence.index_at(aside.end() - 1)
    begin, stop = sentence.tokens[first].start, sentence.tokens[last].end
    left = arranged(sentence, sentence.tokens[:first] + sentence.tokens[last + 1 :])
    left.dates = [one for one in sentence.dates if not begin <= one.start_pos < stop]
    return left


_SAYS_WHO: Final = lazy(rf"{_GREETING}(?:this is|it's|its|it is|i'm|i am|im|my name is) ")


def in_order(sentence: Sentence) -> Sentence:
    """ "refund please the last payment": the courtesy between a verb and its object is left out."""
    if " please " not in sentence.gist:
        return sentence
    said = _VERB_PLEASE.match(sentence.gist)
    return without(sentence, sentence.index_at(said.start("please"))) if said else sentence


_VERB_PLEASE = lazy(rf"(?:{gates.WRITE_VERBS}|show|list|find|check|search)(?: me| us)? (?P<please>please) (?=\S)")
