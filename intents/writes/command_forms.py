"""The forms of commands: for each write the verbs that command it and what must follow, in the order of trying.

What no skill offers has forms of its own, so that "create a payout" is no payment.
"""

from typing import Final

from paydesk.intents.writes.heads import frame

#: Stands for what is commanded and no skill does.
UNSUPPORTED: Final = "unsupported"

#: "of my", "the": a command's object before its noun.
_DET = r"(?:(?:the|a|an|this|that|another|one|new|my|our|his|her|their|its|some|any|all|every|each|both) )*"
_ADJ = r"(?:[\w'-]+ ){0,3}?"
_MONEY = r"(?:<money>|<n>)"
_PAYMENT = r"(?:payments?|charges?|transactions?|purchases?|orders?)"
_SUB = r"(?:subscriptions?|subs?|plans?|memberships?|<sub>)"

#: "return the failed payments of ..." asks for a list.
_LISTED: Final = (
    r"(?:(?!back\b)[\w'<>-]+ ){0,5}?(?:payments|charges|transactions|purchases"
    r"|(?:every|each|any) (?:payment|charge|transaction))\b(?!.* to (?:<|his|her|their|the))"
)
_NO_REPORT: Final = (
    r"\b(?! (?:policy|policies|volumes?|totals|counts?|trends?|figures|numbers|stats|ratio|reasons?|list|rate|rates"
    r"|status|request|requests|history|process|amount limit|not|is|are|was|has|missing|show|please show"
    r"|amount of(?= <(?:pi|ch))|due|requested|pending)\b)"
)
_A_REFUND: Final = r"(?:a )?refund (?:(?:of|for|on|to) |(?=<(?:pi|ch)>))(?=.*(?:<|payment|charge))"
_A_CUSTOMER: Final = (
    r"(?:a |an |the |another |one |our |my |in |following |this )*(?:brand )?(?:new )?(?:stripe )?(?:customer"
    r"|client)\b(?!'s)(?! 's)"
    r"(?! (?:note|email|phone|address|description|list|survey|portal|segment|group|report|database|page|form"
    r"|feedback|review|satisfaction|journey|map|service|support|story|experience|account manager|success|loyalty"
    r"|profile page)\b)"
)
_ONE: Final = r"<(?:who|mail|cus|sub)>"
_HOLD: Final = r"(?:holds?|(?:pre-?)?authori[sz]ations?|held (?:payment|charge|funds|money|amount))"
_TO_ANOTHER: Final = (
    r"(?: 's \w+)? (?:from .+? )?(?:over )?(?:to|onto) "
    r"(?!<money>(?! ?<recurs>)|<date>|<n>|<mail>|the next|another|a different)"
)
# Payments that are open, and subscriptions that run: their verbs are nobody else's, so they come before all others.
_CHANGES: Final = (
    ("resume_subscription", rf"(?:cancel|end|lift|stop|undo|remove|finish) {_DET}{_ADJ}pauses?\b"),
    (UNSUPPORTED, rf"(?:cancel|stop|undo|reverse|revert) {_DET}(?:captures?|upgrades?|downgrades?|switch|changes?)\b"),
    (
        "capture_payment",
        rf"capture (?=.*(?:<pi>|<ch>|<money>|\b(?:payments?|charges?|transactions?|funds|{_HOLD})\b|{_ONE}))(?!.*\b"
        r"(?:screen|screenshots?|photos?|images?|leads?|attention|data|pictures?|moments?|videos?|dispute)\b)",
    ),
    ("capture_payment", rf"(?:collect|take|settle|claim) {_DET}(?:<money> )?{_HOLD}(?!\w)"),
    (
        "cancel_payment",
        r"(?:cancel|void|abort) (?!.*\b(?:refunds?|disputes?|chargebacks?|invoices?|payouts?)\b)"
        rf"{_DET}(?:<money> )?{_ADJ}(?:<money> )?"
        rf"(?:payments?(?: intents?)?|charges?|transactions?(?= (?:of|from|by|for) )|<pi>|<ch>|{_HOLD})(?!\w)"
        r"(?! (?:plans?|links?|methods?|reminders?))",
    ),
    ("cancel_payment", rf"(?:release|lift|drop|remove|void|let go of) {_DET}{_ADJ}{_HOLD}(?!\w)"),
    (
        "pause_subscription",
        rf"(?:pause|suspend|freeze|halt) (?:.*? )??{_DET}{_ADJ}(?:{_SUB}|collections?|billing|collecting|charging"
        r"|payment collection)(?!\w)",
    ),
    ("pause_subscription", rf"(?:pause|suspend|freeze) (?={_ONE})"),
    ("pause_subscription", rf"hold (?!<money>)(?:.*? )??{_DET}{_ADJ}{_SUB}(?!\w)"),
    ("pause_subscription", rf"put (?:.*? )??{_DET}{_ADJ}{_SUB} on (?:hold|pause|ice)\b"),
    (
        "resume_subscription",
        r"(?:resume|unpause|un-pause|reactivate|re-activate|reinstate|unfreeze|uncancel|un-cancel|continue|restart"
        rf"|revive) (?:.*? )??{_DET}{_ADJ}(?:{_SUB}|collections?|billing|collecting|charging)(?!\w)",
    ),
    ("resume_subscription", rf"(?:resume|unpause|reactivate|reinstate|uncancel) (?={_ONE})"),
    ("resume_subscription", rf"(?:undo|reverse|revert|take back|revoke|withdraw) {_DET}{_ADJ}cancell?ation\b"),
    (
        "update_subscription",
        r"(?:update|change|set|edit|modify|increase|decrease|raise|lower|reduce|bump|adjust|make|add|remove) "
        r"(?=.*\b(?:quantity|seats?|licen[cs]es?)\b)(?!.*\b(?:table|car|flight|driver's|dog|fishing)\b)",
    ),
    (
        "update_subscription",
        rf"(?:extend|prolong|lengthen|shorten|end|stop|finish|change|move|set) "
        rf"(?:(?!.*\b(?:start|create)\b|\S+(?: \S+)? up\b).*? )??{_DET}{_ADJ}(?:free )?"
        r"(?:trial(?: period)?|<trial>)(?!\w)",
    ),
    ("update_subscription", rf"(?:set|let|make|have) .*?{_SUB}.*? (?:end|expire|stop|cancel) (?:on|at|by) <date>"),
    (
        "update_subscription",
        r"(?:switch|upgrade|downgrade|migrate|move|change|convert|bump) (?!.*\b(?:e-?mail|phone|name|description"
        r"|address|password)\b)(?:.+? )?(?:to|onto|into) (?:.*? )?(?:plan|tier|package|<price>|<prod>)(?!\w)",
    ),
    ("update_subscription", rf"(?:migrate|move) (?:customer |client )?{_ONE}{_TO_ANOTHER}"),
    (
        "update_subscription",
        rf"(?:upgrade|downgrade|switch) (?!my\b|to\b|the\b|from\b|over\b)[^ ]+(?: [^ ]+)??{_TO_ANOTHER}",
    ),
    (
        "update_subscription",
        rf"(?:update|change|edit|modify|adjust|switch|move) (?!.*\b(?:e-?mail|phone|description|address|name)\b)"
        rf"(?:.*? )??{_SUB}(?!\w)",
    ),
    (
        "create_payment",
        r"(?:hold|authori[sz]e|pre-?authori[sz]e) (?:a |the )?(?:payment of |charge of )?<money>",
    ),
    (
        "create_payment",
        r"(?:place|put|make|create|set) (?:a |an )?(?:<money> )?(?:hold|(?:pre-?)?authori[sz]ation)(?: of <money>)? on",
    ),
)

FRAMES: Final = tuple(
    frame(skill, pattern)
    for skill, pattern in (
        *_CHANGES,
        # What no skill offers comes first, so that "create a payout" is not a payment.
        (
            UNSUPPORTED,
            r"(?:create|make|send|issue|schedule|initiate|trigger|request|start|do|cancel|reverse|retry|stop"
            rf"|pay ?out|run|set up|expedite|speed up) {_DET}{_ADJ}(?:payouts?|transfers?|withdrawals?"
            r"|top[- ]?ups?)\b",
        ),
        (UNSUPPORTED, r"(?:withdraw|transfer|wire|pay out|cash out|move) "),
        (UNSUPPORTED, r"payout (?:<money>|<n>|my|our|the|all)"),
        (
            UNSUPPORTED,
            r"(?!send (?:me|us)\b|void invoices\b)(?:void|finali[sz]e|e-?mail|resend|send|pay|create|make"
            r"|issue|generate"
            r"|raise|write off|mark"
            r"|delete|remind|cancel|close|edit|update|add|forward|download|print"
            rf"|export) {_DET}{_ADJ}(?:invoices?|<in>|receipts?|quotes?|credit notes?|reminders?"
            r"|statements?)(?!\w)",
        ),
        (
            UNSUPPORTED,
            r"(?!remind (?:me|us) (?:again )?(?:of|which|what|who|how|where|when)\b)"
            r"(?:void|finali[sz]e|capture|authori[sz]e|export|download|notify|upload|import|sync|merge|remind"
            r"|delete|remove|erase|archive|unarchive|block|ban|blacklist|approve|reject|retry|resend|duplicate"
            r"|contest|fight|accept|concede|respond|submit|dismiss|pause|resume|reactivate|renew|restart"
            r"|upgrade|downgrade|extend|migrate|schedule|confirm|freeze|unfreeze|forgive|waive|write off"
            r"|assign|publish|simulate) (?!whether\b|if\b|that\b|how\b|which\b|when\b)(?!(?:the )?(?:email"
            r"|phone|name"
            r"|description)\b)(?=.*(?:<(?!date|n>)|customer|client|payment|charge|invoice|subscription|product"
            r"|price|dispute|chargeback|payout|refund|plan|card|coupon|account|data|report|list|csv"
            r"|transaction))",
        ),
        (
            UNSUPPORTED,
            r"(?!invoice <in>(?!\w))(?!share (?:\S+ ){0,5}?(?:payments|invoices|subscriptions|customers|refunds"
            r"|disputes|payouts)\b(?!.* with (?!me\b|us\b)))(?:invoice|print|e-?mail|message|text"
            r"|phone|flag|dispute|close|switch|discount|apply|hold|tax"
            r"|tag|label|share|post|call|contact|answer) (?:(?:the|a|an|this|that|my|our|all|every|him|her"
            r"|them) (?!(?:refund|charge|payment of|payment for|payment from|<money>|one)(?!\w))|<(?:pi|ch|cus"
            r"|sub|in|po|du|name)>|to )(?!.*\bas (?:a )?(?:new )?customer)(?!(?:a|the|an) .*\b(?:payment"
            r"|charge)\b)",
        ),
        (
            UNSUPPORTED,
            r"(?!.*\bas (?:a |our )?(?:new )?customer)(?!give me (?:the |a )?list)(?:create|add|make|new"
            r"|set up|generate|give|offer|issue|apply|delete|update|change|edit|set"
            rf"|rename|archive|remove|cancel|put) {_DET}{_ADJ}(?:products?|prices?|<prod>|<price>|coupons?"
            r"|discounts?|promo(?:tion)?s?(?: codes?)?|payment links?|links?|webhooks?|tax(?: rates?)?"
            r"|api keys?|keys?|payment methods?|cards?|bank accounts?|credit(?:s)?|quotes?|reports?|exports?"
            r"|accounts?|disputes?|evidence|teams?(?! (?:plan|tier|package|sub))"
            r"|users?|passwords?|reminders?|meetings?|events?"
            r"|reservations?|alarms?|timers?|playlists?|lists?|appointments?)\b(?! \w* ?(?:customer"
            r"|holder))(?! (?:for <money>|<money>))",
        ),
        (
            UNSUPPORTED,
            r"(?:make|send|submit|initiate|schedule|do) (?:a |an |the |another )?(?:<money> )?(?:payment"
            r"|transaction)\b (?:of <money> )?to ",
        ),
        (UNSUPPORTED, r"(?:draft|invoice) (?:an?|the|this|that|my|<who>) "),
        (
            UNSUPPORTED,
            rf"cancel {_DET}{_ADJ}(?:refunds?|orders?|invoices?|<in>|<po>|<du>)(?!\w)",
        ),
        (
            UNSUPPORTED,
            rf"(?:pay|send|give|tip|lend|owe) (?!me\b|us\b)(?!{_DET}{_ADJ}(?:refunds?|back)\b)(?!.*\b(?:back|refund"
            rf"|subscription|plan|trial)\b)(?=.*{_MONEY})",
        ),
        (
            UNSUPPORTED,
            r"(?:update|change|edit|modify|pause|resume|upgrade|downgrade|switch|renew|reactivate|extend"
            rf"|move) .*?{_SUB}(?!\w)",
        ),
        (
            UNSUPPORTED,
            rf"(?:update|change|edit|modify|capture|void|confirm|set) {_DET}{_ADJ}(?:{_PAYMENT}|<pi>|<ch>"
            r"|refunds?|disputes?|<du>|payouts?|<po>)(?!\w)",
        ),
        (UNSUPPORTED, rf"(?:undo|reverse|revert|cancel) {_DET}(?:refunds?|payouts?|disputes?)\b"),
        (UNSUPPORTED, r"(?:cancel|undo|stop|revert) .*\bcancell?ation\b"),
        (UNSUPPORTED, r"(?:tell|inform|let) (?!me\b|us\b|you\b)(?:<|\w)"),
        # refund_payment
        (
            "refund_payment",
            rf"(?:refund|reimburse|repay|unchar?ge){_NO_REPORT}",
        ),
        (
            "refund_payment",
            rf"(?:fully|partially|partly|immediately) (?:refund|reimburse|repay|unchar?ge){_NO_REPORT}",
        ),
        (
            "refund_payment",
            rf"(?!return {_LISTED})(?:reverse|undo|give back|return) {_DET}{_ADJ}"
            rf"(?:{_PAYMENT}|<pi>|<ch>|<money>)(?!\w)",
        ),
        (
            "refund_payment",
            r"(?:issue|make|apply|process|send|give|do|create|initiate|arrange|raise|request|organi[sz]e|sling|chuck"
            r"|push through|run|put through|perform|execute"
            rf"|start|grant) (?:.*? )??{_DET}{_ADJ}(?:refunds?|reimbursements?)\b(?! policy)",
        ),
        (
            "refund_payment",
            r"(?:give|send|return|pay|credit|put|hand|wire|knock|sling|bung|ping|shoot|kick) "
            r"(?:(?!\b(?:and|then|if)\b).)*?\b(?:back|money back"
            r"|returned)\b(?! office)",
        ),
        ("refund_payment", r"return (?=.*<money>)(?=.* to )"),
        (
            "refund_payment",
            rf"(?!return {_LISTED})(?:reverse|undo|give back|return) (?:half|<share>|<money>|a (?:third|quarter)) "
            rf"(?:of|from|off|on) (?=.*(?:<pi>|<ch>|\b(?:{_PAYMENT})\b))",
        ),
        (
            "refund_payment",
            r"(?:return|send back|give back) (?:the |his |her |their )?(?:money|funds|full amount|whole amount)\b",
        ),
        (
            "refund_payment",
            rf"(?:full|partial|complete|total|half|<share>|<money>) {_A_REFUND}",
        ),
        (
            "refund_payment",
            rf"(?:an?|one) (?:full|partial|complete|total|half|<share>|<money>) {_A_REFUND}",
        ),
        ("refund_payment", r"money back (?:for|to|on) "),
        (
            "refund_payment",
            r"(?:full|partial|complete|total|half|<share>|<money>) refund (?=(?:(?:the |her |his |their )?"
            r"(?:last|latest|most recent) payment\b|<(?:mail|cus|who)> ))",
        ),
        # create_customer
        (
            "create_customer",
            r"(?:create|add|register|make|set up|onboard|enter|save|start|sign up|insert|put in|record) "
            rf"(?:me )?(?:up )?{_A_CUSTOMER}",
        ),
        (
            "create_customer",
            r"open (?=(?:me )?(?:up )?(?:(?:the |our )?(?:brand )?new|an?|another) )(?:me )?(?:up )?"
            rf"{_A_CUSTOMER}",
        ),
        (
            "create_customer",
            r"(?:create|add|register|make|set up|onboard|enter|save|sign up|sign|put|record"
            r"|enroll?) (?:up )?(?:(?!\b(?:subscription|plan|note)\b).)+? (?:up )?(?:as|to|in|into"
            r"|among) (?:a |an |our |the |my |your )*(?:new )?(?:customers?|clients?)(?: list| base| record"
            r"| database)?\b",
        ),
        (
            "create_customer",
            r"(?:create|add|register|make) (?:\w+ |<n> )?(?:customers|clients)\b(?! (?:list|base|for|from))",
        ),
        ("create_customer", r"new (?:customer|client) (?:: |- )?(?=<mail>)"),
        (
            "create_customer",
            r"(?:chuck|pop|stick|whack|throw|bung|slot) (?:in |on |up )?(?:us |me )?(?:a "
            r"|another )?(?:new )?(?:customer|client)\b"
            r"(?: in)?(?= ?(?:,|for|named|called|<|:))",
        ),
        (
            "create_customer",
            r"(?:one more|another|a) (?:new )?(?:customer|client) "
            r"(?:to (?:add|save|create|register|enter|set up) )?: ",
        ),
        ("create_customer", r"new (?:customer|client) (?:to (?:add|save|create|register|enter|set up) )?: "),
        ("create_customer", r"(?:customer|client) (?:to (?:add|save|create|register|enter|set up) )?: "),
        (
            "create_customer",
            r"to be (?:added|created|registered|saved) as (?:an? |our )?(?:new )?(?:customer|client) ?: ",
        ),
        (
            "create_customer",
            r"new (?:customer|client) (?:<who>|[\w'-]+(?: [\w'-]+){0,2}?) ?(?:,|-|with|and|:)*"
            r" ?(?:(?:e-?mail|phone|mobile|tel)(?: number| address)? ?:? ?)?(?:<mail>|<tel>)",
        ),
        (
            "update_customer",
            r"(?:<who>|[\w'-]+(?: [\w'-]+)?) (?:has|have|got|has got) (?:an? )?new "
            r"(?:e-?mail|phone|mobile|cell|number)(?: number| address)? ?[:,=-]? ?(?:<mail>|<tel>)",
        ),
        ("create_subscription", r"new (?:sub|subscription) ?: "),
        (
            "create_subscription",
            r"(?<!\w)(?:(?:need|want) )?(?:an? |new )*(?=[^?]*<money>)(?=[^?]*<recurs>)(?:<recurs> |<money> |/ )*"
            r"(?:subscription|sub) (?=(?:[^?]* )?for )(?!for \w+$)",
        ),
        ("create_subscription", r"start (?:charging|billing) (?=.*<recurs>)"),
        (
            "create_subscription",
            r"(?:start|get|sign up|set up|put) (?!(?:the|a|an|my|our|me|us)\b)(?=[^?,;]* on (?:a |an "
            r"|the )?(?:<money>|<recurs>))"
            r"(?=.*<recurs>(?:[ .!]*$| (?:plan|subscription|sub|tier|from|starting|as of|beginning|please|for)\b))"
            r"(?=.*<money>)",
        ),
        ("create_customer", r"register (?=<mail>|<who>)(?!.*\bfor\b)"),
        ("create_customer", r"make .+ (?:a|our) (?:new )?(?:customer|client)$"),
        ("create_customer", r"onboard (?!.*(?:subscription|plan))"),
        # update_customer
        (
            "update_customer",
            r"(?:update|change|set|edit|modify|correct|fix|replace|switch|amend|add|put|swap|make|save"
            r"|overwrite|adjust|store|record|clear) (?=.*?\b(?:e-?mails?|(?<!<)mail|email address|phone(?: number)?"
            r"|mobile|cell|telephone|name|description|note|notes|locale|language|preferred language|contact"
            r"|address|details|info|number|metadata)\b)(?!.*\b(?:as|to our"
            r"|to the) (?:a )?(?:new )?customers?\b)(?!.*\b(?:subscription|invoice|payment link|password"
            r"|reminder|alarm|timer)\b)",
        ),
        ("update_customer", r"(?:update|edit|modify|change|correct) (?:the |our |my |a )?(?:customer|client)\b"),
        ("update_customer", r"(?:update|edit|modify) (?:<mail>|<cus>|<who>)"),
        (
            "update_customer",
            r"assign (?:the |a )?(?:new |preferred )?(?:locale|language|e-?mail|phone|name|description) ",
        ),
        ("update_customer", r"(?:change|update|replace|switch) <mail> (?:to|with) <mail>"),
        ("update_customer", r"rename (?!.*\b(?:file|product|plan|playlist)\b)"),
        # create_subscription
        ("create_subscription", r"(?:subscribe|enroll?) (?!(?:to )?(?:me|us)\b)"),
        ("create_subscription", r"sign (?:(?!\b(?:out|in|off|as)\b).)*?\bup\b (?:for|to|on|with|at)\b"),
        ("create_subscription", r"sign up .+? (?:for|to|on|with|at) "),
        (
            "create_subscription",
            r"(?:create|start|set up|setup|make|do|add|open|begin|give|new|put|launch|initiate|establish|get|arrange"
            rf"|organi[sz]e|kick off) (?:.*? )??{_DET}{_ADJ}(?:subscription|sub|membership|recurring (?:payment|charge"
            r"|billing))\b(?! list)",
        ),
        (
            "create_subscription",
            r"give (?:<(?:who|mail|cus)>|(?!me\b|us\b|the\b|my\b)[\w'-]+(?: [\w'-]+)??) (?:the|a|an|our) "
            r"(?:[\w<>'+.-]+ ){1,3}?(?:plan|tier|package)(?!\w)"
            r"(?! (?:for|with) \w+ (?:discount|off)|.*\b(?:back|info|details)\b)",
        ),
        (
            "create_subscription",
            rf"(?:create|start|set up|setup|make|add|begin|give) (?:.*? )??{_DET}<recurs> (?:[\w-]+ )?plan\b",
        ),
        (
            "create_subscription",
            r"(?:put|place|move|add|start|get|set up|set|pop|stick|whack|bung) .+? (?:on|onto|to|with"
            r"|up with) (?:a |an |the "
            r"|our )?.*?(?:plan|tier|<price>|<prod>|<trial>)",
        ),
        ("create_subscription", r"(?:charge|bill) .+?<recurs>"),
        ("create_subscription", r"(?:set up|start|create|begin) <money> <recurs>"),
        (
            "update_customer",
            r"[\w'-]+(?: [\w'-]+)? (?:'s )?(?:e-?mail|phone|mobile) ?(?:- >|->|=) (?:<mail>|<tel>)",
        ),
        ("create_subscription", r"(?:put|place|move|start) .+? (?:on|onto|to|in|into) (?:the |our )?plan (?=\S)"),
        ("create_subscription", r"sub (?!- )(?=.*(?:<recurs>|<price>| to ))"),
        ("create_subscription", r"set .+? up (?:with|on|for) .*?(?:subscription|sub|membership)\b"),
        ("create_payment", r"(?:take|collect|get|receive|charge) from .+ <money>"),
        ("create_payment", r"hit (?=[^?,;]+ (?:for|with) <money>)"),
        ("create_payment", r"(?:post|ring up|key in) (?:a |the )?(?:new )?(?:charge|payment|debit) of <money>"),
        (
            "create_payment",
            r"(?:make|do|process) (?:the |a )?(?:charging|charge|debiting|debit|billing) (?:of|for) <money>",
        ),
        (
            "update_customer",
            r"(?:<mail>|<cus>|<who>) (?:'s )?(?:new )?(?:e-?mail|phone|mobile|name|description)(?: number"
            r"| address)? ?(?:- >|->|=|:|to) ",
        ),
        (
            "update_customer",
            r"(?:customer )?(?:<mail>|<cus>|<who>)(?: [:,–-])? new (?:e-?mail|phone|mobile)(?: number| address)? ?"
            r"(?:[:=] |is |(?=<mail>|<tel>))",
        ),
        # cancel_subscription
        (
            "cancel_subscription",
            r"(?:cancel|end|stop|terminate|kill|close|discontinue|drop|remove|delete|shut down|turn off"
            rf"|deactivate|wind down|finish|nix|axe) (?:.*? )??{_DET}{_ADJ}{_SUB}(?!\w)",
        ),
        ("cancel_subscription", r"(?:cancel|end|stop|terminate) (?:theirs|hers|his)\b"),
        ("cancel_subscription", r"(?:unsubscribe|unenroll?) (?!me\b|us\b)"),
        ("cancel_subscription", r"(?:cancel|terminate) (?=<|[\w]+(?: \w+)?$)"),
        # create_payment
        (
            "create_payment",
            r"(?:charge|debit|bill) (?!(?:rate|rates|account|dispute|back|list|history|up|your|of|for|is|was"
            r"|statement)\b)",
        ),
        (
            "create_payment",
            r"(?:take|collect|get|grab|pull|accept|receive|draw|claim|deduct) (?!(?:me )?(?:every|each|any) )"
            r"(?:paid )?(?:.*? )??(?:<money>"
            r"|<n>|payment)(?: \w+){0,6}? (?:from|off|by|via|on|out of) ",
        ),
        (
            "create_subscription",
            r"(?:put|get|start) .+? (?:on|onto) (?:the |our )?[\w'-]+(?: [\w'-]+)? ?,? ?<recurs>",
        ),
        ("create_payment", r"(?:take|collect|get|grab) (?:some |the |his |her |their )?money (?:from|off) "),
        (
            "create_payment",
            r"(?:take|collect|get|grab|receive) (?:a |the |another |one )?(?:payment"
            r"|<money>)(?!\w)(?! from me)(?! (?:<(?:pi|ch)>|details|info|status)(?!\w))",
        ),
        (
            "create_payment",
            r"(?:create|make|process|run|put through|set up|add|new|do|submit|initiate|issue|place|start|put"
            r"|execute|perform|record) (?:a |an |the |another |one )?(?:one[- ](?:time|off) |single |new "
            r"|manual )*(?:<money> )?(?:one[- ](?:time|off) |new |card )*(?:payment|charge"
            r"|transaction)\b(?! (?:link|method|plan|page))",
        ),
        (
            "create_payment",
            r"(?:put|run|stick|pop|whack|slap|chuck|throw|bung|lash) <money> (?:on|onto|through|against) ",
        ),
        ("create_payment", r"(?:run|hit) (?:.+ )?cards? (?:.+ )?(?:for|with) <money>"),
    )
)
