"""What in a command no slot took and yet changes it: put-offs, parts, exceptions, refusals behind it, offers, bounds.

The words of money are judged in `residue`. Here stand the other writes, whose words are fewer, and what neither a word
nor a number tells: days, intervals, signs.
"""

from typing import Final

from paydesk.intents.patterns import lazy, worded
from paydesk.intents.sentence import Sentence
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
    r"\b(?:off|discount(?:ed)?|coupon|half price|setup fee|set-up fee|one-?off fee|free month|times a|twice a"
    r"|for (?:the )?(?:first |next )?(?:<n>|two|three|four|six|twelve) (?:months?|weeks?|years?|times?|payments?"
    r"|cycles?)"
    r"|(?:month|week|year)s? free)\b"
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
_GIVES_BACK: Final = words("back refund refunded reimburse reimbursement repay undo reverse revert")
_UNDOES = worded(
    r"\b(?:reverse|undo|return|revert|repay|take back|refund|reimburse) (?:(?:the|a|an|this|that|his|her|their"
    r"|last|full"
    r"|partial|<money>|<who>|<mail>|'s|[\w'-]+) ){0,4}?refunds?\b"
)


def changed_by(sentence: Sentence, command: Command, entities: Entities) -> str | None:
    """The doubt about what stands in the command beside its slots: "words", "later", "hedged"; None without any."""
    skill = command.skill
    last = residue.talk_begins(sentence, command, entities)
    end = sentence.starts[last] if last < len(sentence.tokens) else len(sentence.gist)
    clause = sentence.gist[command.start : end]
    if skill in _MAY_DENY and _DENIES.search(_NOT_DENIED.sub(" ", sentence.gist[command.start :])):
        return "words"
    if _TAKEN_BACK.search(sentence.gist, command.start):
        return "words"
    if skill in _CANCELS and (_PARTLY.search(clause) or sentence.of("share") or sentence.of("number")):
        return "words"
    if skill in _STRICT and set(residue.unexplained(sentence, command, entities)) - _STRICT[skill]:
        return "words"
    if skill == "create_subscription":
        return _of_subscription(sentence, clause)
    return _of_sums(sentence, skill, clause, entities) if skill in _MONEY else None


def undoes_a_refund(gist: str) -> bool:
    """ "reverse the $20 refund": what was given back cannot be taken back, and is not given twice."""
    found = _UNDOES.search(gist)
    return found is not None and not gist[found.start() :].startswith(("refund full", "refund partial"))


def _of_subscription(sentence: Sentence, clause: str) -> str | None:
    if sentence.of("share") or _OFFERED.search(clause):
        return "words"
    if _ENDS_THEN.search(clause):
        return "later"
    intervals = {str(token.value) for token in sentence.of("every")}
    return "words" if len(intervals) > 1 else None


def _of_sums(sentence: Sentence, skill: str, clause: str, entities: Entities) -> str | None:
    if _BOUND.search(clause) or _AGAIN.search(clause):
        return "hedged"
    if skill != "create_payment" and (_LEFT_OVER.search(clause) or _DOWN_TO.search(clause)):
        return "hedged"
    if skill == "create_payment" and not _GIVES_BACK.isdisjoint(clause.split()):
        return "residue"
    if skill == "refund_payment" and sentence.of("every") and "percent" not in entities and "amount" in entities:
        return "residue"
    return None
