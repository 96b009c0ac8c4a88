"""Whether a command speaks of the desk at all, and whether a guessed name leaves nothing strange around it."""

import re
from typing import Final

from paydesk.intents import gates, lexicon
from paydesk.intents.entities import quantities
from paydesk.intents.patterns import lazy, worded
from paydesk.intents.sentence import Sentence
from paydesk.intents.words import words
from paydesk.intents.writes import residue
from paydesk.intents.writes.commands import Command
from paydesk.intents.writes.filling import Filled

#: Writes that move or hold money: each of their words must be accounted for.
MONEY: Final = frozenset({"refund_payment", "create_payment", "capture_payment"})
_FOREIGN = worded(
    r"\bmy (?:subscription (?:to|with|at)|membership (?:to|at|with)|name|email|e-mail|address"
    r"|phone number|mobile|details|personal|profile|pin|shopping|list)\b|\b(?:sign|subscribe|enroll?"
    r"|add|charge|refund|put|get) me\b|\b(?:my|your) (?:phone|laptop|battery|car|computer|flight|hotel"
    r"|reservation|order|ticket|appointment|card|bill|bills|rent|mortgage|loan|alarm|meeting|password"
    r"|pin|account|policy|insurance|tablet|watch|headphones|device|ipad|iphone|airpods)\b|\b(?:netflix"
    r"|spotify|hulu|hbo|gym|magazine|amazon prime|alarm|reservation|flight|hotel|appointment|battery"
    r"|meeting|reminder|playlist|timer|shopping list|to-?do|calendar|uber|restaurant)\b"
)


_SOMEONE = lazy(
    r"(?:refund|reimburse|charge|bill|unsubscribe) (?:that|this|the|our) "
    r"(?:guy|customer|client|lady|woman|man|person|user|one|payment|bloke|fella|chap|dude|lad|gal)\b"
)


def is_ours(command: Command, sentence: Sentence) -> bool:
    """Whether a command without any slot still speaks of the desk: "refund", "cancel the subscription"."""
    if _FOREIGN.search(sentence.gist):
        return False
    tail = sentence.gist[command.start :]
    if _SOMEONE.match(tail):
        return True
    known = re.sub(r"[^\w' -]", " ", tail).split()
    strange = [word for word in known if not _is_desk_word(word)]
    return len(strange) <= (0 if command.skill in ("create_payment", "update_customer") else 1)


def _is_desk_word(word: str) -> bool:
    return (
        word in lexicon.SMALL
        or word in lexicon.THINGS
        or word in lexicon.QUERY_WORDS
        or re.fullmatch(gates.WRITE_VERBS, word) is not None
        or word in _DESK_WORDS
        or not quantities.NUMBER_WORDS.isdisjoint(word.split("-"))
    )


_DESK_WORDS: Final = words(
    """
    fix another extra half third quarter percent email e-mail phone name description language locale address contact
    payment's
    customer's partial partially fully customer card refund back stop preferred terminate discontinue onboard grab
    from effective straight away once at auto-renew autorenew renewing renewal refunding process request immediately
    instantly possible money hold holds held capture authorization authorisation release pause unpause resume reactivate
    upgrade downgrade switch move seats seat licenses trial extend collection billing collecting cancellation uncancel
    quantity proration
    """
)


def is_supported(command: Command, sentence: Sentence, filled: Filled, allowed: int = 0) -> bool:
    """A name that is only guessed from lower-case words must fill the command, with nothing strange around it."""
    customer = filled.entities.get("customer")
    rest = sentence.gist.replace(f" {customer.lower()} ", " ") if isinstance(customer, str) else sentence.gist
    if _FOREIGN.search(rest) and not sentence.of("id") and not sentence.of("email"):
        return False
    certain = filled.entities.keys() & {
        "email",
        "customer_id",
        "payment_intent_id",
        "charge_id",
        "subscription_id",
        "amount",
        "interval",
        "price_id",
    }
    if certain or not isinstance(customer, str) or any(t.kind in ("name", "quote") for t in sentence.tokens):
        return True
    known = {part for word in customer.lower().split() for part in (word, word.removesuffix("'s"))}
    product = set(str(filled.entities.get("product", "")).lower().split()) | set(
        str(filled.entities.get("reason", "")).lower().split()
    )
    product |= set(str(filled.entities.get("new_name", "")).lower().split()) | set(
        str(filled.entities.get("description", "")).lower().split()
    )
    product |= set(str(filled.entities.get("preferred_locale", "")).lower().split())
    stop = residue.talk_begins(sentence, command, filled.entities) if command.skill in MONEY else len(sentence.tokens)
    words = [t.lex for t in sentence.tokens[sentence.index_at(command.start) : stop] if t.kind == "word"]
    strange = [w for w in words if w not in known and w not in product and not _is_desk_word(w)]
    return len(strange) <= allowed
