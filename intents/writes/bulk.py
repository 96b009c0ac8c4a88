"""Writes that are only talked about, or meant for many at once: what of them is certain, to ask about."""

import re
from typing import Final

from paydesk.intents.amounts import find_bounds
from paydesk.intents.entities.money import Number
from paydesk.intents.entities.statuses import find_status
from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence
from paydesk.intents.targets import Entities
from paydesk.intents.words import said_in, words
from paydesk.intents.writes.filling import Filled

_SUMS: Final = frozenset({"amount", "currency", "payment_amount"})
#: The write that a verb in any form speaks of, where it is not commanded.
VERBS: Final = (
    ("refund_payment", lazy(r"\bgive (?=.* (?:refund|back)\b)")),
    ("refund_payment", lazy(r"\b(?:refund(?:ed|ing)?|reimburs(?:e|ed|ing)|give .+ back)\b ?")),
    (
        "cancel_payment",
        lazy(r"\bcancel(?:l?ed|l?ing)? (?=(?:the |a |his |her |their )?(?:\w+ )?(?:payment|charge|<pi>|<ch>))"),
    ),
    ("cancel_subscription", lazy(r"\b(?:cancel(?:l?ed|l?ing)?|unsubscrib(?:e|ed|ing))\b ?")),
    ("capture_payment", lazy(r"\bcaptur(?:e|ed|ing)\b ?")),
    ("pause_subscription", lazy(r"\bpaus(?:e|ed|ing)\b ?")),
    ("resume_subscription", lazy(r"\b(?:resum(?:e|ed|ing)|reactivat(?:e|ed|ing))\b ?")),
    ("update_subscription", lazy(r"\b(?:(?:up|down)grad(?:e|ed|ing)|switch(?:ed|ing)?)\b ?")),
    ("create_payment", lazy(r"\b(?:charg(?:e|ed|ing)|bill(?:ed|ing)?)\b ?")),
    ("create_subscription", lazy(r"\b(?:subscrib(?:e|ed|ing))\b ?")),
    ("update_customer", lazy(r"\b(?:updat(?:e|ed|ing)|renam(?:e|ed|ing)|chang(?:e|ed|ing))\b ?")),
    ("create_customer", lazy(r"\b(?:creat(?:e|ed|ing)|add(?:ed|ing)?)\b ?")),
)


_WRITE_WORD = lazy(
    r"\bgive .+ back\b|\b(?:refund|reimburse|charge|bill|cancel|subscribe|unsubscribe|create|update"
    r"|rename|capture|pause|resume|upgrade"
    r"|downgrade|switch|refunded|captur(?:ed|ing)|paus(?:ed|ing)|resum(?:ed|ing)|(?:up|down)grad(?:ed|ing)"
    r"|charged|cancell?ed|subscribed|refunding|cancell?ing|charging|reimbursed|billed)\b"
)

_WRITE_WORDS: Final = words(
    """
    give refund reimburse charge bill cancel subscribe unsubscribe create update rename capture pause resume upgrade
    downgrade switch refunded captured capturing paused pausing resumed resuming upgraded upgrading downgraded
    downgrading charged canceled cancelled subscribed refunding canceling cancelling charging reimbursed billed
    """
)


def mentions_write(gist: str) -> bool:
    """Whether a verb of a write stands in the gist, in any form."""
    return not _WRITE_WORDS.isdisjoint(said_in(gist)) and _WRITE_WORD.search(gist) is not None


# "I'd like all of my patients' subscriptions cancelled"
_ALL_DONE = lazy(
    r"(?:please )?(?:i|we|i'd|we'd)(?: would)? (?:like|want|need) (?:all|every|each|any|both)\b[^?]*"
    r" (?:refunded|cancell?ed|charged|paused|resumed|billed|reimbursed)[ .!]*$"
)


def wants_all_done(gist: str) -> bool:
    """Whether something is wished for all of many."""
    return _ALL_DONE.match(gist) is not None


def entities_of(sentence: Sentence, filled: Filled) -> Entities:
    """What is certain of a write to many: whose, since when, over which amount, how many and in which state."""
    bounds, _ = find_bounds(sentence)
    kept = {key: value for key, value in filled.entities.items() if key not in ("payment_ref", "full", "limit")}
    past = [said for said in sentence.dates if not said.doubtful and said.start and said.start <= sentence.today]
    if len(past) == 1 and "start" not in kept:
        kept |= {"start": past[0].as_json()["start"], "end": past[0].as_json()["end"]}
    if re.search(r"\b(?:everyone|everybody|anyone|all|customers|people|subscribers) on (?:the )?\S+", sentence.gist):
        kept.pop("customer", None)  # "everyone on Pro" names a plan
    if bounds:
        kept = {key: value for key, value in kept.items() if key not in _SUMS} | bounds
    return kept | _which_of_them(sentence)


_COUNTED = lazy(r"\b(?:last|latest|first|newest|oldest|most recent) (?P<n><n>) (?!days|weeks|months|years|hours)")
_LISTED = lazy(r" (?:<\w+> )?(?P<thing>payments?|charges?|transactions?|subscriptions?|subs?|memberships?)\b")


def _which_of_them(sentence: Sentence) -> Entities:
    """How many, and in which state, of what would be written in bulk: "the last 10 payments", "past_due subs"."""
    said: Entities = {}
    counted = _COUNTED.search(sentence.gist)
    number = sentence.tokens[sentence.index_at(counted.start("n"))].value if counted else None
    if isinstance(number, Number) and not number.doubtful and number.value == int(number.value):
        said["limit"] = int(number.value)
    listed = _LISTED.search(sentence.gist)
    if listed:
        of = "list_subscriptions" if listed["thing"].startswith(("sub", "mem")) else "list_payments"
        status = find_status(of, sentence.gist)
        if status and status[2] == listed.start():
            said["status"] = status[0]
    return said
