"""The question behind the words that lead up to one and trail after it: "hmm, I'm after ...", "..., read me those".

What is cut off says only that something is asked, never what. The rest has to be a question wholly, without a word
that nobody understood, so that a story which begins in the same way stays a story.
"""

from typing import Final

from paydesk.intents import lexicon
from paydesk.intents.patterns import lazy, worded
from paydesk.intents.sentence import Sentence, part
from paydesk.intents.words import said_in, words

# Sounds, forms of address and excuses before a question.
_OPENER = lazy(
    r"(?:(?:yo+|bruh+|bruv|bro|fam|omg|omfg|hm+|idk|ngl|tbh|lol|oh|ooh|ah|aha|um+|uh+|er+m?|well|alright"
    r"|right(?: then)?"
    r"|listen|look|btw|oi|ay|aye|psst|ahem|gosh|man|dude|abeg|oya|biko|wah|aiyo|aiyah|eh|yaar|arre|achha|boss|guys|team"
    r"|folks|hiya|howdy|g'day|greetings|excuse me|pardon(?: me)?|sorry(?: (?:to (?:bother|disturb|trouble|bug) (?:you"
    r"|ya)|for the bother|again))?|(?:one |a |just |just a |just one |real |super )?(?:quickie|quick|question"
    r"|query)(?: (?:one"
    r"|question|q|query|thing|check|favou?r))?(?: for (?:you|ya))?|one (?:more|last|small) (?:thing|question|one)"
    r"|tell you what|(?:my|o|oh) dear|dear (?:team|all|sir|madam|desk|friend|colleague)s?|good (?:morning|afternoon"
    r"|evening|day)|(?:hi|hey|hello|morning|afternoon|evening)(?: (?:there|all|again|everyone))?|ok(?:ay)?|so|and|but"
    r"|also|now|then|again|next|first|firstly|finally|lastly|actually|honestly|basically|mate|pal|buddy|friend|love"
    r"|honey|hon|sir|madam|ma'am|sis|please|pls|plz|kindly|just|in short|by the way|(?:i )?(?:forgot|forget"
    r"|can't remember|don't remember|can't recall)(?= [,:;-])|no idea|not to be a pain|if (?:you (?:can|could|would"
    r"|don't mind|please)|possible|i may)(?= [,:])|when you (?:can|could|(?:get|have) (?:a|the) (?:chance|minute"
    r"|moment|sec))"
    r"|(?:may|might|could|can) (?:i|we) (?:kindly |please )?(?:ask|inquire|enquire|know)"
    r"(?= (?:what|which|who|how|where|when|whether|if)\b)|(?:may|might|could|can) (?:i|we) (?:trouble|bother"
    r"|ask) (?:you|u) (?:for|to (?:show|list|tell me|give me))"
    r"|(?:the |my |our )?(?:finance|sales|accounting|accounts|legal|support|marketing|ops|operations"
    r"|account manager|controller"
    r"|owner|user|boss|manager|ceo|cfo|founder|team)(?: lead| team| department| manager)?(?: 's)? (?:asks?"
    r"|requests?|wants?"
    r"|needs?|wonders?|questions?|inquir(?:y|es)|query)(?: to (?:know|see|have))?(?: (?:for|about|whether|if))?"
    r"|requested(?= :)|(?:the|my|our) (?:user|boss|manager|owner) (?:is asking(?: me)?|asks|wonders|is wondering"
    r"|would like(?: to (?:see|know))?"
    r"|wants(?: to (?:see|know))?|needs(?: to (?:see|know))?)(?: (?:about|for))?|for (?:reconciliation"
    r"|bookkeeping|accounting)"
    r"|for (?:my|our|the) (?:report|records|books|files|accountant|boss|bookkeeper|auditor|tax return|meeting))"
    r"(?: [,.!:;–—-])*(?: |$)(?!(?:about|for|to|that|of) ))+"
)
_ADVERBS: Final = r"(?: (?:just|still|also|really|currently|only|actually|very|so|quickly|kindly|possibly|now))*"
_LIST: Final = (
    r"(?:(?:a|an|the|any|some|your|one|me) )?(?:(?:quick|short|brief|full|complete|little|nice|detailed|fresh|clear"
    r"|simple|good|wee|proper|up-to-date|current|latest|exhaustive) )*(?:list(?:ing)?|rundown|run-down|roundup|round-up"
    r"|overview|summary|printout|table|report|look|peek|view|glimpse|glance|gander|squint|readout|inventory|update"
    r"|recap|breakdown|sheet|extract|run down)s? (?:of|on|about|at|over|through|showing|with)"
)
_TO_SEE: Final = (
    r"(?:see|hear(?: about)?|know(?: about)?|view|read|look (?:at|up|through|into|over)|check(?: on)?|find(?: out)?"
    r"(?: about)?|learn(?: about)?|be (?:told|shown)|go (?:over|through)|inspect|review|pull up|understand|work out"
    r"|figure out|track down|hunt down|dig up|see about|ask(?: you)? (?:about|for)|(?:in|en)quire about|talk about)"
)
_SEEING: Final = (
    r"(?:seeing|hearing(?: about)?|showing(?: (?:me|us))?|listing|getting|giving (?:me|us)|pulling up|checking"
    r"|telling (?:me|us)|sharing|looking up|knowing)"
)
_SEEKING: Final = (
    rf"(?:chasing(?: (?:up|down))?|after|hunting(?: (?:for|down))?|looking (?:at|into|for|to {_TO_SEE})|searching for"
    rf"|seeking|interested (?:in(?: {_SEEING})?|to {_TO_SEE})|curious(?: (?:about|as to|to {_TO_SEE}))?|wondering"
    rf"(?: about)?|keen (?:on(?: {_SEEING})?|to {_TO_SEE})|(?:dying|itching|trying|eager|hoping|anxious|here|aching)"
    rf" to {_TO_SEE}|hoping for|in need of|asking (?:about|for)|(?:en|in)quiring about|in search of|going to need)"
)
_BRING: Final = (
    r"(?:(?:have )?(?:ye|you|ya|u|y'all)(?: (?:guys|all|folks|lads))? got|dig (?:up|out)|round up|fish out|drum up"
    r"|scare up|rustle up|whip up|run (?:me )?through|go (?:through|over)"
    r"|(?:walk|talk|take|run|guide) (?:me|us) through|(?:take|bring) (?:me|us) to|(?:go|jump|switch"
    r"|head) (?:over )?to|fill (?:me|us) in on|(?:bring|get) (?:me|us) up to (?:speed|date)"
    r" on|update (?:me|us) on|brief (?:me|us) on|catch (?:me|us) up on|enlighten (?:me|us) (?:on|about|as to)"
    r"|read (?:me|us|out|off|aloud)(?: out)?|hit (?:me|us) with|call up|spit out|print(?: out)?|put up|lay out|set out"
    r"|furnish(?: (?:me|us) with)?|hand (?:me|us|over)|(?:point|direct) (?:me|us) (?:to|at|towards?)|serve up|name"
    r"|itemi[sz]e|outline|specify|identify|locate|track down|single out|pick out|isolate|filter(?: (?:for|out))?"
    r"|peruse|browse(?: through)?|scan|gather(?: up)?|pull (?:up|out|together)|bring up|tell (?:me|us)(?: (?:about"
    r"|of))?|remind (?:me|us)(?: (?:of|about|again))*|refresh my memory(?: (?:of|on|about|as to))?|inform (?:me|us)"
    r" (?:of|about|on)|let (?:me|us) (?:know|see|have|hear)(?: (?:of|about))?|show (?:me|us|to me)|list out|give (?:me"
    r"|us)|send (?:me|us)|check (?:on|out|up on|for)|look (?:at|into|through|over)|report (?:on|back on)"
    r"|(?:have|take|grab|get) (?:a |another )?(?:quick |good |little |wee |proper )?(?:look|peek|glance|gander|squint"
    r"|read) (?:at|over|through)|(?:make|compile|prepare|draw up|put together|assemble|run|generate|pull|export)"
    rf"(?: (?:me|us))?(?= {_LIST}))"
)
_MAY: Final = (
    r"(?:(?:can|could|may|might|would|will) (?:i|we|you|u|ya|ye)(?: (?:please|kindly|possibly|perhaps|just|quickly"
    r"|be so kind as to|be (?:kind|good) enough to|help me|maybe|also|happen to))*(?: (?:have|get|know|mind))?|do you"
    r" (?:happen to )?(?:have|know)|would it be possible|is it possible|any chance (?:of|(?:i|you|we) (?:can|could))"
    r"|mind|do we(?: happen to)? (?:know|have)(?= (?:what|how|which|who|where|when)\b)|let's|let us|let me|help (?:me"
    r"|us)"
    r"|i (?:must|have to|got to|gotta))"
)
_LIKE: Final = (
    rf"(?:i|we|i'd|we'd)(?: would| do| did| should)?{_ADVERBS} (?:(?:like|love|want|wants|wanted|need|needed|wish|hope"
    rf"|require|prefer|appreciate|enjoy)(?: to)? (?:{_TO_SEE}|have(?= {_LIST})|{_SEEING})|(?:like|love|want|need"
    rf"|could use|could do with"
    rf"|fancy|appreciate|require)(?= {_LIST})|wonder(?:ed)?|be (?:grateful|obliged|glad|thankful) (?:for|to {_TO_SEE}))"
)
_STANDS: Final = (
    r"(?:what(?:'s| is| are) (?:the )?(?:latest|news|story|state of play|situation|score|deal|word|craic) (?:on|with|of"
    r"|about)|(?:what(?:'s| is) )(?:new|up|happening|going on|cooking) with|how far with|any (?:news|updates?|word)"
    r" (?:on|about|of|from)|on the (?:subject|topic) of|(?:when|where) it comes to|in terms of|as (?:for|to|regards)"
    r"|regarding|concerning|with regard to|where (?:do|are) we(?: stand)? (?:on|with|at))"
)
_BE: Final = r"(?:i'm|i am|we're|we are|i was|we were|i've been|we've been)"
_LEAD = lazy(
    rf"(?:(?:please|pls|kindly|just|also|{_MAY}) )*(?:(?:(?:{_BE}{_ADVERBS} )?{_SEEKING}|{_LIKE}|{_BRING}|{_SEEING}"
    rf"|{_STANDS}|exists?(?: there)?|to {_TO_SEE})(?![\w'])|(?={_LIST}))(?: (?:please|again|quickly|just|me|us|of|on))*"
    rf"(?: {_LIST})? ?"
)
_LIST_ALONE = lazy(rf"{_LIST} ")

#: Words at the end that only colour what was asked.
_LAST_WORDS: Final = words(
    """
    ah ahh leh liao la lah lor meh hor mah sia can na nah o oo abi sef eh yaar ji omg lol haha bruh bro bruv fam mate
    sweetheart darling hun babe dearie tho tbh asap though perchance like ever man dude boss love dear sir madam
    ma'am please pls plz thanks thank you thx
    ty ta cheers k kk rn innit idk then so x xx there handy alright yeah yes now folks guys team friend buddy pal kindly
    urgently quickly quick again saying lads lasses peeps everyone all listed wanted needed requested
    required ? ! . , ; : - – —
    """
)
_THOSE: Final = r"(?:those|them|these|that|this|it|all of (?:those|them|these)|the lot|all)"
_TAIL = lazy(
    r"(?:(?: [,.;:!?–—-])+(?: (?:and|please|just|kindly|now|pls|can you|could you|would you))* (?:"
    r"(?:show|read|give|list|tell|pull|bring|fetch|get|find|display|open|print|send|look|let)(?: (?:me|us|to|out|up"
    rf"|see"
    rf"|have|know|at|through))* {_THOSE}|(?:can|could|may) (?:i|we|you) (?:see|have|get|list|show|look at|check|pull up"
    rf"|read)(?: (?:me|us))? {_THOSE}|(?:i|we|i'd|we'd)(?: would)? (?:want|need|like)(?: to (?:see|have"
    rf"|know))? {_THOSE}|let's (?:see|have) {_THOSE}|show me|list|show|what (?:are they|is it|have we got)|(?:are|is"
    rf"|were) there(?: (?:any"
    r"|some|one))?|(?:do|have) we (?:have|got)(?: any)?|any|which ones(?: are there)?|which are they|who are they"
    r"|(?:just|only) (?:the )?payments|payments only|one by one|summari[sz]ed|itemi[sz]ed|all of (?:them|it|those)"
    r"|the (?:full )?list|the lot)(?: (?:up|out|to me|for me|for us|here))*"
    r"|(?: [,;:–—-])? (?:(?:as|in) (?:a |an |one )?(?:(?:full|nice|short|simple|neat) )?(?:list|table|full|spreadsheet"
    r"|list form|go|order|detail|bullet points)|if (?:there (?:are|is|were|was|be)(?: (?:any|some|one))?|any(?: exist)?"
    r"|we have (?:any|some)|you have (?:it|them|that)|you (?:can|could|would|don't mind)|possible|at all possible"
    r"|i may)"
    r"|when(?:ever)? you (?:can|could|(?:get|have) (?:a|the) (?:chance|minute|moment|second|time|sec))|by any chance"
    r"|by way of a list|(?:or not|or no|or what|is it)|on (?:our|my) (?:side|end)|who(?:'s| is) (?:that|this|it|she"
    r"|he)|(?:coming|going|getting) (?:along|on)|holding up|on (?:the |my )?screen|is (?:what"
    r"|how much)|for (?:me|us|my boss|my report|my"
    r" accountant)|to me|out loud|at all|these days|at the moment|right now|at present|in advance|for (?:the |my "
    r"|our |a )?(?:\w+ )?(?:file|report|deck|meeting|records|audit|accountant|board|tax return"
    r"|standup|review|bookkeeper)|lying (?:around|about)|a (?:mill|lot"
    r"|million)|or anything|, need (?:it|this|them|that|these) (?:for|by|before|asap|now).*|\( [a-z -]+ \)"
    r"|(?:, )?(?:for|re|regarding|see) "
    r"(?:support )?(?:ticket|case) (?:# )?(?:<n>|[a-z]{0,4}-?[0-9]+)|as (?:instructed|requested|discussed|agreed"
    r"|asked|usual)|(?: ,)? because [^<>]*))$"
)
_LOVELY = lazy(
    rf"(?:(?:to )?{_TO_SEE}|{_SEEING}|{_LIST}).* (?:(?:would|will|'d) (?P<praise>be (?:(?:so|really|very|most|just) )?"
    r"(?:lovely|great|nice|good|helpful|brilliant|grand|perfect|super|cool|handy|wonderful|appreciated|fab|fantastic"
    r"|excellent|useful|ideal|awesome|sweet|fine|welcome)|help(?: (?:me|us|a lot))?|do|suffice|make my day)"
    r"|(?:is|are) (?:all|what) (?:i|we)(?:'m| am|'re| are)? (?:need|want|after|looking for))$"
)
_PRAISED = lazy(r" (?:would|will|'d|is|are)(?= (?:be|help|do|suffice|make|all|what)\b)")
# "omg so many refunds" asks for none.
_EXCLAIMS = worded(
    r"\b(?:so|too) (?:many|much|few)\b|\bsuch an?\b|\bwhat an?\b|^(?:lol|omg) (?:our|the|my|those|these)\b(?!.*\?)"
)
# "Yesterday: which payments failed?": what stands before names the day, whom it is about or how it is reckoned.
_SETTING: Final = words(
    """
    <date> <who> <mail> <cus> <cur> for in on about from regarding concerning with as re of at since until the our and
    so ok okay now hey customer client average total all overall altogether
    """
)
#: Without one of these words nothing of the desk can be asked for.
_OURS: Final = (
    frozenset(lexicon.THINGS)
    | lexicon.QUERY_WORDS
    | words("coupon coupons codes credit notes rates quotes readers transfers events vouchers")
)
_ROUNDS_MOST: Final = 5


def unframed(sentence: Sentence) -> Sentence | None:
    """The sentence without what only says that something is asked; None where there is no such thing around it."""
    if (_OURS.isdisjoint(said_in(sentence.gist)) and not sentence.of("id")) or _EXCLAIMS.search(sentence.gist):
        return None
    stop = _end(sentence, len(sentence.tokens))
    if stop == 0:
        return None
    gist = sentence.gist[: sentence.starts[stop - 1] + len(sentence.tokens[stop - 1].lex)]
    opener = _OPENER.match(gist)
    begin = opener.end() if opener else 0
    if _LOVELY.match(gist, begin) and (praised := list(_PRAISED.finditer(gist))):
        gist = gist[: praised[-1].start()]
        stop = sentence.index_at(len(gist) - 1) + 1
    for lead in (_LEAD, _LIST_ALONE):
        found = lead.match(gist, begin)
        begin = found.end() if found else begin
    if begin >= len(gist) or (begin == 0 and stop == len(sentence.tokens)):
        return None
    return part(sentence, sentence.index_at(begin), stop)


def is_setting(sentence: Sentence, first: int, stop: int) -> bool:
    """Whether tokens first..stop-1 only say when, of whom or how something is asked.

    A first name and a comma ("Anna, which payments failed?") speak to somebody.
    """
    said = sentence.tokens[first:stop]
    if any(token.lex not in _SETTING for token in said):
        return False
    called = len(said) == 1 and said[0].kind == "name" and " " not in sentence.raw(first, stop)
    return not (called and stop < len(sentence.tokens) and sentence.tokens[stop].lex == ",")


def _end(sentence: Sentence, stop: int) -> int:
    """Where the sentence ends before what trails after a question."""
    tokens = sentence.tokens
    for _ in range(_ROUNDS_MOST):
        while stop and tokens[stop - 1].lex in _LAST_WORDS:
            stop -= 1
        if not stop:
            return 0
        tail = _TAIL.search(sentence.gist[: sentence.starts[stop - 1] + len(tokens[stop - 1].lex)])
        if tail is None or tail.start() == 0:
            return stop
        stop = sentence.index_at(tail.start() - 1) + 1
    return stop
