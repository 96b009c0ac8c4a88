"""What in a command no slot took and yet changes it: put-offs, parts, exceptions, refusals behind it, offers, bounds.

The words of money are judged in `residue`. Here stand the other writes, whose words are fewer, and what neither a word
nor a number tells: days, intervals, signs.
"""

from typing import Final

from paydesk.intents.entities.dates import DateMention
from paydesk.intents.patterns import lazy, worded
from paydesk.intents.sentence import Sentence, part
from paydesk.intents.targets import Entities
from paydesk.intents.words import words
from paydesk.intents.writes import residue
from paydesk.intents.writes.commands import Command

#: Of these every word has to be accounted for; each has words of its own beside those of all commands.
_STRICT: Final = {
    "cancel_subscription": words(
        """
        cancel end period current stop terminate when kill unsubscribe over effective effect cycle eop term belonging
        immediate finishes gets renewing renews renew paid billing runs expires ends finish finished up once done
        completes complete discontinue nix axe close auto-renew renewal sub subs membership plan held next month year
        instruction line but so deactivate drop scrap goes until after expiry close very
        """
    ),
    "cancel_payment": words("cancel release void hold abort drop lift remove let go uncaptured held open"),
    "pause_subscription": words("pause collection suspend billing hold freeze invoices subs collecting until resume"),
    "resume_subscription": words(
        "resume pause unpause reactivate cancellation cancel reinstate restart uncancel lift billing unfreeze renewing"
        " keep"
    ),
}
_DENIES = worded(
    r"(?:\bnot|n't|\bnever|\bexcept|\bunless|\bwithout(?! prorat)|\bbut keep|\bsomeday|\bnot yet|\brather)\b"
)
_TAKEN_BACK = worded(
    r"\? ?(?:no|nah|nope|not|better not|or not|rather not)\b|\b(?:but|or|better|rather) not(?: yet| now"
    r"| today)?[ .!?]*$"
    r"|\bnot (?:yet|now|today)[ .!?]*$|\b(?:i'd|i would|we'd|we would) rather not\b|\bor rather (?:don't|not)\b"
)
# What is added behind a command and only talks: why, how soon, thanks.
_CHAT = lazy(
    r" (?:[,;.!–—-]|thx|thanks|thank you|cheers|pls|please|ta|ty) (?:[,.!] )?(?=(?:they|he|she|it|it's|he's|she's"
    r"|they're|his|her"
    r"|their|i|i'm|i'll|we|we're|no|bless|many|much|love|kind|because|boss|sorry|the (?:client|customer|old|poor"
    r"|boss|lady)"
    r"|as|since|long|told|po|good|great|happy|sad|poor|what|nice)\b)(?!no (?:earlier|later|more|less))"
)
_NOT_DENIED = worded(r"\bnot at (?:the )?(?:end|period)|\bdon't hesitate\b|\bnot urgent\b|\bdon't renew\b")
_MAY_DENY: Final = frozenset(
    {"update_customer", "create_customer", "update_subscription", "create_subscription", *_STRICT}
)
_PARTLY = worded(
    r"\b(?:partial(?:ly)?|partly|half|seats?|items?|add-?ons?|discounts?|coupons?|reason|policy|date|status|requests?"
    r"|upgrade|downgrade|change|e-?mail|reminders?)\b"
)
_MONEY: Final = frozenset({"refund_payment", "create_payment", "capture_payment"})
_CANCELS: Final = frozenset({"cancel_subscription", "cancel_payment"})
_OFFERED = worded(
    r"\b(?:off|discount(?:ed)?|coupon|half price|setup fee|set-up fee|one-?off fee|free month"
    r"|for (?:the )?(?:first |next )?(?:<n>|two|three|four|six|twelve) (?:months?|weeks?|years?|times?|payments?"
    r"|cycles?)"
    r"|(?:month|week|year)s? free|one free|first free)\b"
)
_ENDS_THEN = worded(
    r"\b(?:until|till|through|thru|ends?|ending|expires?|expiring|except|but not|but) (?:on |in |the |for )*<date>"
    r"|\bby (?:the )?(?:end of )?<date>"
)
_BOUND = lazy(r"(?:^| )(?:[<>≤≥] |> = |< = |= > )<(?:money|n)>|<(?:money|n|share)> (?:\+|tops)(?= |$)")
_LEFT_OVER = worded(r"\b(?:remains?|remaining|is left|are left|left over|stays?)\b")
_DOWN_TO = lazy(
    r"(?:<(?:pi|ch|who|mail|cus)>|\bpayment|\bcharge)(?: down| back)? (?:to|from) <money>(?! (?:payment|charge))"
)
_AGAIN = worded(r"\bdouble (?=<money>|<n>|of |that|the (?:amount|sum|money)|it\b|<pi>|<ch>)")
_NO_CHARGE = lazy(r"charge (?:ids?|attempts?|status|history|date|amount|reason)\b")
_FOR_NOW = worded(r"\bfor now\b")
_NEXT_PERIOD = worded(r"\bnext (?:billing )?(?:period|cycle|term)\b|\b(?:two|three) periods\b")
_TWO_VALUES = worded(r"<(?:mail|tel|quote)> or <(?:mail|tel|quote)>")
_PUT_OFF = worded(
    r"\b(?:after|soon|later|earlier|someday|before)\b|\bfor (?:now|a while|<n>|one|two|three|four|six|twelve"
    r"|the (?:next"
    r"|first|time))\b"
)
_OFTEN = worded(r"\b(?:twice|thrice|(?:<n>|two|three|four|six|twelve) times) (?:a|an|per|each|every|<recurs>)")
_LAST_DAY = lazy(
    r"\b(?:until|till|through|thru|by|ends?|ending|except|but|not|expires?)(?: (?:on|in|the|for))* ?\||\|(?:until"
    r"|till|through"
    r"|thru|by|before|up to)\b"
)
_SOMEBODY_ELSE = worded(
    r"'s (?:company|business|firm|boss|friend|wife|husband|mother|father|brother|sister|son|daughter|partner"
    r"|agency|client"
    r"|customer|assistant|neighbou?r)\b|\b(?:friend|boss|partner|client|wife|husband|mother|father|brother|sister|son"
    r"|daughter|assistant) of (?!<(?:pi|ch)>)|\banother (?!<|payment|charge|refund|one|time|go|\d)"
    r"|\b(?:client|customer) from\b"
)
_NEXT_TIME = worded(r"\b(?:next time|another time|later on|some other time)\b")
_BRAND = worded(r"\b(?:visa|mastercard|amex|discover|paypal|sepa|ideal|klarna)\b")
_GIVES_BACK: Final = words("back refund refunded reimburse reimbursement repay undo reverse revert")
_UNDOES = worded(
    r"\b(?:reverse|undo|return|revert|repay|take back|refund|reimburse) (?:(?:the|a|an|this|that|his|her|their"
    r"|last|full"
    r"|partial|<money>|<who>|<mail>|'s|[\w'-]+) ){0,4}?refunds?\b"
)


def changed_by(sentence: Sentence, command: Command, entities: Entities) -> str | None:
    """The doubt about what stands in the command beside its slots: "words", "later", "hedged"; None without any."""
    skill, tail = command.skill, sentence.gist[command.start :]
    if skill not in _MONEY and (chat := _CHAT.search(tail)):
        tail = tail[: chat.start()]  # "cancel sub_..., they went to a competitor"
    last = residue.talk_begins(sentence, command, entities)
    end = sentence.starts[last] if last < len(sentence.tokens) else len(sentence.gist)
    clause = sentence.gist[command.start : end][: len(tail)]
    if (skill in _MAY_DENY and _DENIES.search(_NOT_DENIED.sub(" ", tail))) or _TAKEN_BACK.search(tail):
        return "words"
    if skill in _MONEY:
        return _of_sums(sentence, skill, clause, tail, entities)
    if skill in _STRICT and _unexplained(sentence, command, entities, len(tail)) - _STRICT[skill]:
        return "words"
    if skill in _CANCELS:
        return _of_cancellation(sentence, skill, tail, entities)
    if skill in ("create_subscription", "update_subscription"):
        return _of_subscription(sentence, skill, tail, entities)
    if skill == "update_customer":
        return _of_change(sentence, tail)
    return None


def _unexplained(sentence: Sentence, command: Command, entities: Entities, size: int) -> set[str]:
    """The words that nobody understood in so many characters of the command."""
    stop = sentence.index_at(command.start + size - 1) + 1
    own = part(sentence, 0, stop) if stop < len(sentence.tokens) else sentence
    return set(residue.unexplained(own, command, entities))


def _of_cancellation(sentence: Sentence, skill: str, clause: str, entities: Entities) -> str | None:
    named = str(entities.get("customer", "")).lower()
    numbers = [t for t in sentence.of("number") if sentence.text[t.start : t.end].lower() not in named.split()]
    if numbers or sentence.of("share") or sentence.of("every") or _PARTLY.search(clause) or _FOR_NOW.search(clause):
        return "words"
    if sentence.of("money") and (skill == "cancel_subscription" or "payment_intent_id" in entities):
        return "words"
    return "later" if _NEXT_PERIOD.search(clause) else None


def _of_change(sentence: Sentence, tail: str) -> str | None:
    """Of a customer: a day to come, or two values of which one is meant."""
    if any(said.start != sentence.today for said in sentence.dates):
        return "later"
    return "words" if _TWO_VALUES.search(tail) else None


def undoes_a_refund(gist: str) -> bool:
    """ "reverse the $20 refund": what was given back cannot be taken back, and is not given twice."""
    found = _UNDOES.search(gist)
    return found is not None and not gist[found.start() :].startswith(("refund full", "refund partial"))


def _of_subscription(sentence: Sentence, skill: str, clause: str, entities: Entities) -> str | None:
    if _OFFERED.search(clause) or sentence.of("share"):
        return "words"
    if skill == "update_subscription":
        return "later" if _PUT_OFF.search(clause) else None
    if _ENDS_THEN.search(clause) or any(_ends_with(sentence, said) for said in sentence.dates):
        return "later"
    intervals = {str(token.value) for token in sentence.of("every")}
    return "words" if len(intervals) > 1 or _OFTEN.search(clause) else None


def _ends_with(sentence: Sentence, said: DateMention) -> bool:
    """Whether a day is the last one: "until March", "by March"."""
    before = sentence.text[max(0, said.start_pos - 14) : said.start_pos].lower()
    return _LAST_DAY.search(f"{before}|{sentence.text[said.start_pos : said.end_pos].lower()}") is not None


def _of_sums(sentence: Sentence, skill: str, clause: str, tail: str, entities: Entities) -> str | None:
    if _BOUND.search(clause) or _AGAIN.search(clause):
        return "hedged"
    if skill != "create_payment" and (_LEFT_OVER.search(tail) or _DOWN_TO.search(clause)):
        return "hedged"
    if _SOMEBODY_ELSE.search(clause):
        return "words"
    if skill == "create_payment" and _NO_CHARGE.match(tail):
        return "residue"
    if skill == "create_payment":
        return "residue" if not _GIVES_BACK.isdisjoint(tail.split()) else "later" if _NEXT_TIME.search(tail) else None
    if sentence.of("every") and "percent" not in entities and "amount" in entities:
        return "residue"
    filtered = sentence.of("currency") and "amount" not in entities and "payment_amount" not in entities
    if entities.get("payment_ref") and (filtered or _BRAND.search(clause)):
        return "which_payment"
    return "residue" if filtered else None
