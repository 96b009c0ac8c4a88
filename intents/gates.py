"""What must be seen before any skill is chosen: refusals, hearsay, questions of advice, conditions, plurals.

Every gate reads the gist, in which quotes, names and ids are already marks, so that nothing inside them can open or
close one. A gate only ever takes a write away; none can make one.
"""

from typing import Final

from paydesk.intents.patterns import lazy, may_be_found, worded
from paydesk.intents.words import lexes_in, said_in, words

#: Base forms of the verbs that could change something.
WRITE_VERBS: Final = (
    r"(?:refund|reimburse|repay|reverse|undo|charge|bill|debit|collect|cancel|terminate|unsubscribe"
    r"|subscribe|enroll?|create|add|register|make|"
    r"update|change|set|edit|modify|rename|delete|remove|give|send|return|take|sign|start|issue"
    r"|process|pay|renew|void|capture|kill|end|credit|put|pause|unpause|resume|reactivate|reinstate|suspend|freeze"
    r"|unfreeze"
    r"|upgrade|downgrade|switch|move|migrate|extend|shorten|release|hold|authori[sz]e|increase|decrease|raise|lower"
    r"|reduce|adjust|bump|restart|uncancel|settle|abort)"
)
_GERUNDS = (
    r"(?:refunding|charging|billing|cancell?ing|subscribing|creating|updating|changing|adding|issuing"
    r"|giving|taking|sending|renaming|reimbursing|pausing|resuming|capturing|upgrading|downgrading|switching|moving"
    r"|releasing|suspending|extending|reactivating|voiding|holding|authori[sz]ing)"
)

_INJECTION = worded(
    r"\b(?:ignore|disregard|forget|override|bypass|skip) (?:\w+ ){0,4}(?:instructions?|rules?|prompts?"
    r"|guidelines|policy|policies|safety|approval|confirmation|everything above|above)\b"
    r"|\bsystem prompt\b|\byou are (?:now|no longer)\b|\bnew instructions?\b|\bdeveloper mode\b"
    r"|\bjailbreak\b|\bpretend (?:to be|you)\b"
    r"|\bact as\b|< ?/? ?(?:system|assistant|user|instructions?) ?>|\b(?:system|assistant) :"
    r"|\bwithout (?:asking|approval|confirmation|confirming)\b"
    r"|\bas an? (?:ai|admin|administrator)\b|\bi am (?:the |an? )?(?:admin|administrator|developer"
    r"|ceo)\b|\bsudo\b|\bdrop table\b"
)
# Cheap to look at before the patterns: each of their ways holds one of these words.
_INJECTION_WORDS: Final = words(
    """
    ignore disregard forget override bypass skip prompt you instruction instructions developer jailbreak pretend act <
    system assistant without admin administrator i sudo drop as
    """
)
_NEGATION_WORDS: Final = words(
    """
    it's its it is forbidden dangerous prohibited illegal impossible pointless unwise risky unfair allowed early
    late soon
    yet don't dont do doesn't didn't isn't aren't never must mustn't should shouldn't shall
    can't cannot can won't will
    wouldn't not no rather please need needn't stop avoid without hold refrain quit instead against pause no, nope nah
    mind nevermind forget wait actually hmm leave scratch second kidding
    """
)


_NEGATED = worded(
    r"\b(?:don't|dont|do not|doesn't|didn't|never|must not|mustn't|should not|shouldn't|shall not"
    r"|can't|cannot|can not|won't|will not|wouldn't|not to|no need to|"
    r"don't want to|not going to|rather not|please not|no longer|need not"
    rf"|needn't)(?: (?!but\b)[\w'<>]+){{0,4}}? {WRITE_VERBS}\b"
    rf"|\b(?:don't|do not|never|must not|please not)(?: (?!but\b)[\w'<>]+){{0,3}} {_GERUNDS}\b"
    r"|\b(?:stop|avoid|without|hold off(?: on)?|refrain from|quit|instead of|no more|not|against"
    rf"|pause(?! (?:\w+ )?(?:billing|charging)\b)) (?:\w+ )?{_GERUNDS}\b"
    r"|\b(?:not|never|don't|mustn't|shouldn't|can't|cannot|won't|isn't to|aren't to) (?:ever )?(?:be|get) (?:\w+ )?"
    r"(?:refunded|reimbursed|repaid|charged|billed|debited|cancell?ed|terminated|paused|resumed|captured|released"
    r"|upgraded|downgraded|changed|updated)\b"
    r"|\b(?:it's|it is|it 's|its|would be|is) (?:strictly |absolutely )?(?:forbidden|prohibited|dangerous|illegal"
    r"|impossible"
    r"|pointless|unwise|not allowed|unfair|risky|wrong|too (?:early|late|soon)) to\b"
    r"|^(?:no|nope|nah)\b,?(?! problem)|\bnever ?mind\b|\bforget (?:it|about it|that)\b"
    r"|\bnot (?:refund|charge|cancel|bill)\b|\bno (?:refunds?|charges?) for\b|\bhold the refund\b"
    r"|\b(?:no|nope|wait|actually|hmm) ,? ?(?:leave|don't|no|stop|never|forget|scratch|ignore|not)\b"
    r"|\bleave (?:it|that|her|him|them)(?: alone| be)?\b|\bscratch that\b|\bon second thought\b"
    r"|\bjust kidding\b"
)
# "if they don't pay" refuses nothing.
_SUBORDINATE = worded(r"\b(?:if|unless|when|because|since|until|in case|who|(?<=\w )that|which) .*?(?:,|$)")
_CONTRAST = lazy(rf"(?:\b(?:but|instead|rather)|[,;.]) (?:please )?(?:just )?{WRITE_VERBS}\b")
_ADVICE_WORDS: Final = words(
    """
    should shall may might must ought can could is would do you am are have need want wonder wondering thinking
    considering debating sense recommend suggest advise not did time why how whether i we does need
    """
)
_ADVICE = worded(
    r"^(?:so |and |but |ok |hey |well |,)*(?:should|shall|may|might|must|ought) (?!you (?:please|kindly)\b)"
    r"(?:i|we|you|one|they|he"
    r"|she|the|our|<who>|<mail>|<cus>)(?!\w)(?! (?:kindly |please )?(?:ask|request|trouble))"
    r"|\b(?:should|shall) (?:i|we)\b|^(?:can|could|may|might) (?:i|we)\b(?! (?:kindly |please )?(?:ask|request"
    r"|trouble))(?!.*\bplease\b)|\b(?:is|would) it (?:be )?"
    r"(?:ok|mad|crazy|foolish|silly|a bad idea"
    r"|too much|fair|cheeky|premature|risky|unfair"
    r"|okay|advisable|appropriate|sensible|reasonable|smart|acceptable|prudent|fine|possible|better|worth"
    r"|safe|wise|best|a good idea|allowed|legal|right|alright)\b"
    r"|\b(?:does|would|do|will) (?:it|that|you think it) make (?:more )?sense\b"
    r"|\bdo you (?:think|recommend|suggest|advise)\b|\bam i (?:allowed|able|supposed)\b"
    r"|\bare we (?:allowed|able|supposed)\b|\bdo (?:i|we) (?:have to|need to|want to)\b"
    r"|\bi wonder\b|\bwondering (?:if|whether)\b|\b(?:thinking (?:of|about)|considering|debating)\b"
    r"|\bwhat do you think\b|\bwould you (?:recommend|suggest|advise)\b|\bnot sure (?:if|whether)\b"
    r"|\bdid (?:i|we) (?:need|have) to\b|\bis it time to\b|\bwhy (?:don't|not)\b"
    r"|\b(?:should|shall|ought|must|could|can|may) (?:[^ ]+ ){1,5}?(?:to )?be (?:refunded|cancell?ed|reimbursed"
    r"|charged|billed"
    r"|paused|resumed|captured|upgraded|downgraded|voided|released|deleted)\b|\b(?:does|do) (?:[^ ]+ ){1,5}?(?:need"
    r"|have) to be "
    r"(?:refunded|cancell?ed|reimbursed|charged|billed|paused|resumed|captured|upgraded|downgraded|voided|released)\b"
    rf"|\bhow about {_GERUNDS}\b|\bwhether (?:to|(?:i|we)(?! (?:had|have|did|were|already)))\b"
)
_HYPOTHETICAL = worded(
    r"\bwhat (?:would|will|happens?|might|could) (?:happen )?(?:if|when)\b|\bwhat (?:would|will|might"
    r"|could) happen\b|\bwhat if\b|\bwhat happens\b|\bsuppose\b|\bsupposing\b|\bimagine\b"
    r"|\bhypothetically\b|\bif (?:i|we|you) (?:were to|was to|refund(?:ed)?|cancel(?:l?ed)?|charged?"
    r"|billed?|chang|updat|paused?|captured?|upgraded?|downgraded?|switch(?:ed)?|resumed?|did|had)\b"
    r"|\bin theory\b|\bhow much would\b|\bwhat would\b"
    rf"|(?:^|[,.;:] )(?:\w+ )?(?:is|would|does|will) {_GERUNDS}\b"
)
_HYPOTHETICAL_WORDS: Final = words("what suppose supposing imagine hypothetically if theory how is would does will")
_REPORTED = lazy(
    r"\b(?:said|says|say|told|tells|asked|asks|wants|wanted|want|requested|requests|claims|claimed"
    r"|mentioned|reported|demands|demanded|thinks|thought|emailed|wrote|writes|written|texted|messaged|noted|typed|posted"
    r"|replied|answered|commented|"
    r"ordered|instructed|insists|insisted|wishes|needs|hopes|complained|asking|reads|suggested|tried"
    r"|decided|refused|agreed|promised|forgot)\b"
)
_FIRST_PERSON = lazy(
    r"\b(?:i|we|i'd|we'd) (?:would |really |also |just |now |do )*(?:want|wanted|like|need|needed|wish"
    r"|love)\b|\bneeds to be\b"
)
_STATEMENT = lazy(
    r"\b(?:i|we|he|she|they|it|you|someone|somebody|<who>|<mail>|<pi>|<ch>|<cus>|customer|client"
    r"|stripe|who|bank|team|boss|manager|support|sales) (?:\w+ly |just |already |also |has |have |had "
    r"|was |were |got |been |'ve |is |are |being |never )*"
    r"(?:refunded|charged|cancell?ed|billed|subscribed|created|updated|changed|paid|reimbursed|signed"
    r"|added|registered|refunding|charging|cancell?ing|unsubscribed|paused|resumed|captured|upgraded|downgraded"
    r"|switched|reactivated|suspended|released|extended)\b"
    r"|\b(?:has|have|had|was|were|got|been|being|is|are) (?:already |just |recently |never |not "
    r"|fully |partially |been |wrongly |double )*(?:refunded|charged|cancell?ed|billed|subscribed"
    r"|created|updated|reimbursed|unsubscribed|paused|resumed|captured|upgraded|downgraded|switched|reactivated"
    r"|suspended|released|extended)\b"
    r"|\b(?:i've|we've|he's|she's|they've) (?:already |just )?(?:refunded|charged|cancell?ed|billed"
    r"|subscribed|created|updated|paid|paused|resumed|captured|upgraded|downgraded|switched|reactivated)\b"
)
_CONDITION = worded(
    r"\b(?:if|unless|whenever|once|when|in case|as soon as|provided|providing|only after|assuming"
    r"|until|while|as long as|in the event)\b"
)
_NOT_A_CONDITION = worded(
    r"\bwhen(?:ever)? (?:you've|you 've|(?:you|u) (?:get|have|can|could))\b|\bif you (?:would|will|could|can|may"
    r"|wish|wouldn't mind)\b"
    r"|\bif (?:possible|you can|you could|you please"
    r"|that's ok|that 's (?:ok|okay|all right|alright|fine|possible|good)|that's (?:okay|all right|alright|fine"
    r"|possible|good)|you don't mind|necessary|needed|applicable)\b"
    r"|\b(?:once|twice) (?:a|per|every|each)\b|\b(?:when|once|after|until) (?:the |his |her |their "
    r"|its |this |it's )?(?:current |billing |paid |subscription )*(?:period|cycle|term|month"
    r"|year)(?: (?:ends?|(?:is|'s) (?:over|up|done|finished)|finishes|expires|runs out|closes|has ended))?\b"
    r"|\b(?:when|once) (?:it|they|this) (?:ends?|expires?|renews?|runs out|(?:is|'s) (?:up|over))\b"
    r"|\buntil (?:the )?end\b"
)
_HEDGE = worded(
    r"\b(?:maybe|perhaps|possibly|probably|i think|i guess|i suppose|might(?! you)|(?:i|we) (?:should(?! be | like )"
    r"|could"
    r"|may)|or so|or something|ish|not sure|somewhere|kind of|sort of|or thereabouts|whatever)\b"
    r"|(?<!would )(?<!'d )(?<!you )(?<!i )(?<!looks )(?<!look )(?<!feel )(?<!just )\blike <(?:money|n)>"
)
_ABOUT = lazy(
    r"(?:\b(?:about|around|roughly|approximately|approx|nearly|almost|some|circa|close to|at least"
    r"|at most|up to|more than|less than|over|under|no more than|minimum|maximum|max|min)|~"
    r"|≈) (?:of )?(?:<money>|<n>|<share>)|(?:<money>|<n>) (?:or so|ish|or more|or less|at most|at least|max"
    r"|- <money>|to <money>|or <money>|- <n>)|\bbetween (?:<money>|<n>) and\b"
)
_BULK = worded(
    r"\b(?:everyone|everybody|all|every|each|both|any|anyone|anybody|several|multiple|many|a few"
    r"|a couple of|a bunch of|lots of|whoever|these|those|them|other|others)\b"
    r"|\b(?:customers|clients|subscribers|users|people|payments|charges|transactions|subscriptions"
    r"|subs|purchases|orders|memberships|chargebacks|invoices|accounts)\b(?! record)"
    r"|\bwho(?:ever)? (?:paid|bought|has|have|is|are|was|were)\b"
)
_NOT_BULK = worded(
    r"\b(?:everything|all|every (?:cent|penny|bit)) (?:of )?(?:on|for|of|from|in) (?:<pi>|<ch>|it"
    r"|that payment|the (?:payment|charge))|\ball (?:of )?(?:it|<money>|the money|her money|his money"
    r"|their money)\b"
    r"|\bmany thanks\b|\b(?:in|at|after|for) all\b|\ball the way\b|\bit all\b|\b(?:each|every|any|all) (?:<recurs>"
    r"|time|other|month|week|year|day)\b|\bthese days\b|\bif any\b|\bat any\b"
    r"|\b(?:to|in|into|from|of|on|as|among|with) (?:a |the |our |my |their )?(?:new )?(?:customers"
    r"|clients)(?: list| record)?\b|\bone of\b|\b(?:payments?|charges|invoices) (?:page|list|table)\b"
    r"|\b(?:latest|last|most recent|newest) (?:payments?|charges?|transactions?) of\b|\bfor all\b"
    r"|\b(?:him|her) and everyone\b"
)
_TOLD = worded(
    r"^(?:(?:hi|hello|hey|ok|so|well|yes|no|but|and|because|sorry|actually|also|oh|hmm|please help|help) ?,? )*(?:"
    r"i (?!(?:\w+ )?(?:look|search|want|need|like|wish|love|require)\b|would (?:like|love)|'d like|wanna)\w+"
    r"|i'm (?!looking|trying|searching|after|interested)|i've|i'd (?!like|love)|im |ive |"
    r"there (?:is|was|are|were|has|have|had|will|should|must)\b(?!.*\?)|(?:he|she|they|it|this"
    r"|that) (?:is|was|are|were|has|had|have|did|does|paid|said|seems"
    r"|looks|will|isn't|wasn't|won't|should|must|can't|doesn't|didn't)\b|there's|it's|that's|"
    r"(?:<who>|<mail>|<cus>|<pi>|<ch>|payment|refund|invoice|charge|customer|subscription)(?: \w+){0,2}? (?:was|were"
    r"|has been|have been|got|had been) (?:\w+ly |already )?\w+(?:ed|id|nt)\b(?!.*\?)|"
    r"(?:customer|client|user)s? (?:is|are|was|has|keeps?|says?|said|asked|wants?)\b(?!.*\?)|"
    r"(?:my|our|the(?! user (?:wants|wishes|asks|would))|this|that|some|your)(?: (?!that\b|which\b|who\b|where\b"
    r"|whose\b)[\w'<>-]+){1,6}? (?:is|was|has|have|had|are|were|isn't|wasn't|hasn't|haven't|didn't"
    r"|doesn't|don't|won't|did|does|got|went|keeps|seems|says?|said|wants?|tells?|asks?|claims?|thinks?|shows?|must"
    r"|should|can't|cannot"
    r"|will|would|looks)\b(?!.*\?)|(?:the|my|our) (?:(?!that\b|which\b|who\b)[\w'<>-]+ ){1,6}(?:failed"
    r"|bounced|succeeded|declined)[ .!]*$)"
)


# "I'm curious, who paid us most?" asks after all.
_THEN_ASK = lazy(
    r"[,.;?!] (?:so |and |please |but )*(?:who|what|which|how (?:much|many)|any|list|show"
    r"|give me) .*\b(?:paid us|us|we|our)\b"
)


def is_told(gist: str) -> bool:
    """A statement, not a question: "I made a transaction", "my balance is wrong"."""
    return _TOLD.match(gist) is not None and _THEN_ASK.search(gist) is None


_VAGUE = worded(
    r"\b(?:a few|some|a couple of|several|many|a bit of) (?:<cur>|dollars|bucks|euros|pounds|money"
    r"|cash|cents)(?!\w)|\b(?:some|part|a part|a portion|a bit|most|a little|little) (?:of|to)\b"
    r"|\bpartial(?:ly)?\b|\bthe (?:usual|same)\b|\bpart of\b"
)
_OTHERWISE = worded(
    r"\b(?:instal?lments?|store credit|as credit|gift card|voucher|bitcoin|crypto"
    r"|by (?:check|cheque|wire|bank transfer|invoice)|(?:via|with|through|on) (?:an )?invoice|via paypal|to (?:his"
    r"|her|their|the) bank"
    r"|to (?:another|a different|his other|her other|their other|a new) (?:card|account))\b"
)


def is_otherwise(gist: str) -> bool:
    """ "as store credit", "in 3 installments": a way of paying that no skill has, which must not be dropped."""
    return _OTHERWISE.search(gist) is not None


_REPEATED = worded(
    r"\b(?:twice|thrice|two times|three times|<n> times|again and again|repeatedly|each|apiece"
    r"|x ?<n>)\b"
)
_NOTED = worded(
    r"^(?:forbidden|declined|denied|done|log|false|was|not (?:approved|allowed)|prohibited|rejected|refused|later"
    r"|someday"
    r"|note to self|archive|history|old|cancelled|canceled) ?: |^/ ?/ |^(?:re|fwd?|to-?do|e\.?g\.?|for (?:example"
    r"|instance)|example|test|draft|template|reminder|title) ?[:,.]+ "
    r"|^e\.?g\.? |^(?:[\w'<>-]+ ){0,4}?(?:note|notes|description|memo|message|comment|subject|text|e-?mail|letter"
    r"|ticket|name|instructions?|metadata|body|reply|quote)(?<!new email)(?<!new e-mail)(?<!new name)"
    r"(?: (?:from|by|of) (?:the |a |our )?[\w'<>-]+){0,2} ?: "
)


_OUTCOME = lazy(
    # Nothing that explains may stand before it: "..., it was a duplicate", "because it failed".
    r"^(?:(?! [,;.:(–-] |\b(?:because|since|as|due|who|that|which|whose|when|it|they|he|she)\b).)*?"
    r" (?:failed|fails|bounced|errored|timed out|didn't|doesn't|did not|isn't|wasn't|never|keeps? failing|succeeded"
    r"|went through|worked|(?:was|is|were|has been|had been|seems) (?:a |an |the |not |what |already |wrong|by mistake"
    r"|done|broken|stuck|rejected|declined))\b"
)
_OUTCOME_WORDS: Final = words(
    """
    failed fails bounced errored timed didn doesn did isn wasn never keep keeps succeeded went worked was is were has
    had seems
    """
)
_EITHER = lazy(
    rf"^(?:{WRITE_VERBS}) (?:or|/) |\bor (?:to |else |just |maybe |perhaps |rather |instead )*{WRITE_VERBS} "
    r"|\bor (?:<(?:pi|ch|sub|cus|mail|who|price|prod|date)>|(?:the )?\w+ (?:plan|tier)\b|<n>)"
    r"|(?<!\S)(?:to|onto) (?:the )?[^ <]+ or [^ <]+[ .!]*$"
)
_POLITE = lazy(
    r"\b(?:can|could|would|will|won't|may) (?:you|u|ya|we|i)\b|\b(?:please|pls|plz|ok|okay|help|mind|thanks|right)\b"
)


def is_outcome(tail: str) -> bool:
    """ "capture pi_... failed", "pause sub_... didn't work": what became of it is told, and nothing is commanded."""
    return not _OUTCOME_WORDS.isdisjoint(said_in(tail)) and _OUTCOME.search(tail) is not None


def is_either(tail: str) -> bool:
    """ "pause or cancel it", "to Pro or Basic": one of two, and which was not said."""
    return (" or " in tail or "/" in tail) and _EITHER.search(tail) is not None


def is_queried(gist: str) -> bool:
    """ "capture pi_...?": an imperative in doubt, unless it is a polite request."""
    return gist.rstrip().endswith("?") and _POLITE.search(gist) is None and ("<" in gist or "'s" in gist)


def is_vague(gist: str) -> bool:
    """ "some of it", "a few dollars", "part of": how much was not said."""
    return _VAGUE.search(gist) is not None


_EXCEPTION = worded(r"\b(?:except|excluding|all but|everything but|but keep|minus|less the|without the)\b")


def has_exception(gist: str) -> bool:
    """ "all but $5", "except the fee": the amount is what is left."""
    return _EXCEPTION.search(gist) is not None


def is_repeated(gist: str) -> bool:
    """ "twice", "three times", "each": the same write more than once."""
    return _REPEATED.search(gist) is not None


_QUOTED_WORDS = lazy(
    r"\b(?:wrote|writes|said|says|states?|stated|reads?|reported|asked|tells?|told (?:me|us)|replied"
    r"|emailed) ?[:,]? ?<quote>"
)


def is_noted(gist: str) -> bool:
    """ "customer note: ..." and "he wrote: "...": what follows was written by someone else."""
    marked = ":" in gist or "," in gist or "." in gist or gist.startswith(("eg", "/"))
    return (marked and _NOTED.match(gist) is not None) or ("<quote>" in gist and _QUOTED_WORDS.search(gist) is not None)


_WANTS_REFUND = worded(
    r"\b(?:wants?|needs?|like|get|demands?|have|give me|deserves?) (?:to (?:get|have|request|receive) )?"
    r"(?:a|my|the|an item|an) (?:full |partial )?refund(?:ed)?\b(?! (?:rate|total|report|list|history))"
)


def wants_refund(gist: str) -> bool:
    """ "I want a refund": a customer's words, not a question about the books."""
    return _WANTS_REFUND.search(gist) is not None


def is_injected(gist: str) -> bool:
    """ "Ignore previous instructions", "you are now": words that speak to the machine instead of asking the desk."""
    return not _INJECTION_WORDS.isdisjoint(lexes_in(gist)) and _INJECTION.search(gist) is not None


_WISHED = lazy(r"\b(?:i|we) wish (?:i|we|you) (?:could|had|would)\b|\bif only\b")


def is_wished(gist: str) -> bool:
    """ "I wish I could refund everyone": nothing is asked for."""
    return ("wish" in gist or "if only" in gist) and _WISHED.search(gist) is not None


def is_negated(gist: str) -> bool:
    """A write that must not happen: "don't refund", "stop charging", "never mind"."""
    if _NEGATION_WORDS.isdisjoint(lexes_in(gist)) or not may_be_found(_NEGATED, gist):
        return False
    return _NEGATED.search(_SUBORDINATE.sub(" ", gist)) is not None


_STOP_AND_CANCEL = worded(
    r"^(?:please |pls |ok |hey |, )*stop (?:billing|charging) (?P<who>.+?) (?:, |and |- |; )+(?:and |please )*"
    r"cancel (?:his|her|their|the)"
    r" (?:subscription|sub|plan|membership)[ .!]*$"
)


def stops_by_cancelling(gist: str) -> int | None:
    """ "stop billing Initech, cancel their plan" says one thing twice; where the one who is billed stands, or None."""
    found = _STOP_AND_CANCEL.match(gist)
    return found.start("who") if found else None


def is_contrast(gist: str) -> bool:
    """ "don't cancel it, refund it instead": a refusal and a command in one breath."""
    return _CONTRAST.search(gist) is not None


def asks_advice(gist: str) -> bool:
    """ "should I refund ...": an answer is wanted, not a deed."""
    return not _ADVICE_WORDS.isdisjoint(lexes_in(gist)) and _ADVICE.search(gist) is not None


def is_hypothetical(gist: str) -> bool:
    """ "what would happen if I cancelled ..."."""
    return not _HYPOTHETICAL_WORDS.isdisjoint(said_in(gist)) and _HYPOTHETICAL.search(gist) is not None


def is_reported(head: str) -> bool:
    """Whether what stands before a write verb reports someone's words or wishes: "bob said to", "jane wants us to"."""
    return head != "" and _REPORTED.search(head) is not None and _FIRST_PERSON.search(head) is None


def is_statement(gist: str) -> bool:
    """ "we already refunded jane", "bob was charged twice": told, not asked for."""
    return _STATEMENT.search(gist) is not None


def has_condition(gist: str) -> bool:
    """ "if the balance is over 1000", "unless", "once it clears"; the end of the period is no condition."""
    return may_be_found(_CONDITION, gist) and _CONDITION.search(_NOT_A_CONDITION.sub(" ", gist)) is not None


def is_hedged(gist: str) -> bool:
    """ "maybe", "I think", or an amount that is "about" or "between"."""
    sums = "<money>" in gist or "<n>" in gist or "<share>" in gist
    return _HEDGE.search(gist) is not None or (sums and _ABOUT.search(gist) is not None)


def is_bulk(gist: str) -> bool:
    """More than one thing would be written: "everyone", "all payments", "every charge"."""
    return may_be_found(_BULK, gist) and _BULK.search(_NOT_BULK.sub(" ", gist)) is not None


def without_singles(gist: str) -> str:
    """The gist without plural words that mean one thing: "everything on pi_...", "all of it"."""
    return _NOT_BULK.sub(" ", gist)
