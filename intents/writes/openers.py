"""What politely comes before a command: "please", "can you", "I should be grateful if you would"."""

import re
from typing import Final

from paydesk.intents.patterns import lazy

_OPENERS: Final = (
    r"(?:(?:"
    r"(?:i|we)(?: should|'d| would| shall)? be (?:very |most |so |ever so |really )?(?:grateful|obliged|glad|happy"
    r"|thankful"
    r"|pleased) if you (?:would|could|can)(?: please| kindly| just)?|(?:i|we)(?:'d| would| should)?(?: really"
    r"| very much"
    r"| greatly)? appreciate it if you (?:would|could|can)(?: please| kindly| just)?|(?:would|could"
    r"|will) you be (?:so kind as|so good as|so kind"
    r"|kind enough|good enough|a dear|a love|a star) (?:as to|to|and)|be (?:so kind as|so good as|good enough"
    r"|kind enough|a dear"
    r"|a love) (?:to|and)"
    r"|(?:i|we) (?:kindly |hereby |would |humbly |now )*(?:ask|request|beg)(?: that)? you(?: to| please| kindly)*"
    r"|(?:may|might|could)"
    r" (?:i|we) (?:ask|trouble|bother) you to|(?:i|we) (?:need|want|require) (?:for )?you to|kindly you"
    r"|please you|(?:can|could) (?:someone|somebody|anyone)(?: please| pls| kindly)?|be so kind (?:as )?to|(?:i"
    r"|we) ask to|it would be (?:great"
    r"|lovely|nice"
    r"|good) if you (?:could|would|can)|(?:might|may) you(?: please| kindly)?"
    r"|you might|you'd better|reckon you (?:could|can)(?: just)?"
    r"|(?:any )?chance you (?:could|can)(?: just)?|mind|shall you|"
    r"(?:please|kindly)(?: to)?|(?:need|want|have|would like|like) to|pls|plz|hey|hi|hello|hiya"
    r"|dear|yo|bruh|bro|abeg|oya|oi|hence|therefore|listen|look|ah|oh|eh|ugh|argh|oops|damn|lol|omg|mate|guys|ta|cheers"
    r"|next one|one more thing|next up|do the needful(?: and)?|ok|okay|alright|right|so|now|then|also|and"
    r"|but|just|yes|yeah|yep|sure|well|um|uh|hmm|quickly|urgent|urgently|asap|paydesk|team|"
    r"thanks|thank you|great|perfect|good|first|second|next|finally|lastly|instead|actually|simply"
    r"|go ahead(?: and)?|go|proceed to|proceed and|feel free to|make sure to|be sure to|remember to"
    r"|do(?! (?:a|an|one|the|another) )"
    r"|"
    r"(?:can|could|would|will|won't) (?:you|u|ya|ye)(?: ever)?(?: please| kindly| just| also| quickly| possibly"
    r"| help me| go ahead and| be able to)*|would you mind|"
    r"(?:maybe|perhaps|possibly|probably|i think|i guess|i suppose)(?: (?:i|we|you) (?:should|could"
    r"|might|need to|have to|must))?|(?:i|we) (?:should|could|might|may)|(?:i|we) (?:want"
    r"|need|would like) that you|(?:i|we)(?: just| really"
    r"| also)? (?:want|need|wish|have|wanna|gotta|'d like|would like|would love)(?: you"
    r"| paydesk)? (?:to )?|(?:i'd|we'd|i should|we should) (?:like|love|want)(?: you)? to|i'm (?:trying|looking|going"
    r"|ready) to|"
    r"we're (?:trying|looking|going) to|i (?:wanna|gotta)|we (?:must|gotta)|i must|let's|lets|let us"
    r"|let me|help me|help us|"
    r"it's time to|time to|you (?:can|should|must|need to|may|have to)|your (?:task|job) is to|try to"
    r"|try and|try)\b ?(?:please )?[,:!.-]* ?)+"
)


_OPENER = lazy(_OPENERS)
_LETTERS: Final = re.compile(r"[a-z]+")
#: Most clauses begin with none of the pattern's words, and one look at the first word is many times cheaper.
_WORDS: Final = frozenset(_LETTERS.findall(_OPENERS))


def opener_end(gist: str, start: int) -> int:
    """Where what is asked begins after "please", "I should be grateful if you would" and their like."""
    first = _LETTERS.match(gist, start)
    if first is None or first[0] not in _WORDS:
        return start
    opener = _OPENER.match(gist, start)
    return opener.end() if opener else start
