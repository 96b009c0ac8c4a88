"""Questions about coupons, saved cards, one subscription, what happened, signs of fraud and errors, where offered.

Each has to be the whole sentence in one of a few plain forms.
"""

import re
from typing import Final

from paydesk.intents.entities.ids import IdMention
from paydesk.intents.patterns import worded
from paydesk.intents.reads.forms import ASK, END, WHEN, forms, matching
from paydesk.intents.sentence import Sentence
from paydesk.intents.targets import Entities

_SHOW: Final = r"(?:please |can you |could you )*(?:show|get|view|display|open|pull up)(?: me| us)?"
_WHO: Final = r"(?P<who><who>|<mail>|<cus>|<quote>)"
_SAVED: Final = (
    r"(?:(?:saved |stored )?payment methods(?: on file)?|(?:saved|stored) (?:bank )?cards?|cards? (?:we have "
    r"|that we have |kept "
    r"|saved |stored )?on file)"
)
_SOMEBODY: Final = (
    r"(?P<who><who>|<mail>|<cus>|<quote>|(?!(?:the|my|our|a|i|we|you|it|they) )[^<> ]+(?: [^<> ]+){0,2}?)"
)
_COUPONS: Final = (
    r"(?:(?:discount )?coupons|(?:promotion|promo|discount|voucher) codes|coupon codes)(?: (?:and|or) (?:promotion"
    r"|promo|discount) codes)?(?: (?:can (?:people|customers|we|they) use|are (?:running|valid|live)))?"
)
_WAYS: Final = (
    ("list_coupons", rf"{ASK}{_COUPONS}"),
    ("list_payment_methods", rf"{ASK}{_SAVED} (?:of|for|from|belonging to) {_SOMEBODY}"),
    ("list_payment_methods", rf"{ASK}{_SOMEBODY} 's {_SAVED}"),
    (
        "list_payment_methods",
        rf"which (?:cards?|payment methods?) (?:does|has) {_SOMEBODY} (?:have|got)(?: saved| stored)?",
    ),
    (
        "list_payment_methods",
        rf"(?:which|what) {_SAVED} (?:does|has|did) {_SOMEBODY} (?:have|got|saved?|stored?|use)",
    ),
    (
        "list_payment_methods",
        rf"(?:which|what) (?:cards?|payment methods?) (?:does |has |did )?{_SOMEBODY} (?:(?:have|has|got) )?"
        r"(?:saved?|stored?|kept|on file)",
    ),
    ("list_payment_methods", rf"(?:does|has) {_SOMEBODY} (?:have|got) (?:any |a )?{_SAVED}"),
    ("list_payment_methods", rf"(?:does|has) {_SOMEBODY} (?:have|got) (?:any |a )?cards? (?:saved|stored|on file)"),
    ("list_payment_methods", rf"has {_SOMEBODY} (?:saved|stored) (?:any|a) cards?"),
    ("list_payment_methods", rf"what cards does {_SOMEBODY} have"),
    (
        "list_payment_methods",
        rf"{ASK}(?:the )?(?:cards?|payment methods?) (?:that |which )?{_SOMEBODY} (?:has|have|keeps?|got) "
        r"(?:on file|saved|stored)",
    ),
    ("get_customer", rf"{_SHOW} (?:the )?(?:customer|client) {_WHO}"),
    ("get_customer", rf"tell me (?:more )?about (?:the )?(?:customer |client )?{_WHO}"),
    ("get_subscription", rf"{_SHOW} (?:the )?subscription <sub>"),
    ("get_subscription", rf"{ASK}subscription (?:of|for) {_WHO}"),
    ("get_subscription", rf"{ASK}details of (?:the )?(?:subscription )?<sub>"),
    ("get_subscription", rf"what(?: is|'s) (?:the )?next invoice (?:of|for) (?:<sub>|{_WHO})"),
    ("list_events", rf"{ASK}(?:(?:account|stripe) )?events{WHEN}"),
    (
        "list_events",
        r"(?:what|which) (?:stripe |account )?events (?:happened|occurred|came in|were there|have there been)"
        rf"{WHEN}",
    ),
    ("list_events", rf"what happened (?:on|in|to) (?:the|our|my|this) (?:stripe )?account{WHEN}"),
    (
        "list_events",
        r"what happened to (?:customer |subscription |invoice )?(?P<about><sub>|<in>|<po>|<du>|<cus>|<id>)",
    ),
    ("get_fraud_signals", rf"{ASK}(?:fraud signals|signs of fraud|suspicious (?:charges|payments)){WHEN}"),
    (
        "get_fraud_signals",
        r"(?:is there )?anything (?:that )?looks? (?:like fraud|suspicious|fraudulent)(?: lately| recently)?"
        rf"{WHEN}",
    ),
)
_FORMS: Final = forms(_WAYS)
# An error is named as Stripe writes it: "explain error handling" asks about something else.
_ERROR: Final = worded(
    r"(?:(?:please )?explain (?:the |this )?(?:(?:stripe )?error(?: code)?|decline code) "
    r"(?P<code><quote>|<id>|(?=\w*_)[a-z0-9_]{2,80})|what does (?:the )?(?:(?:stripe )?error(?: code)? |decline code )?"
    r"(?P<meant><quote>|<id>|(?!requires_|in_|past_due|needs_)(?=\w*_)[a-z0-9_]{2,80}) mean)" + END
)
SKILLS: Final = frozenset(skill for skill, _ in _WAYS) | {"explain_error"}


def explained(sentence: Sentence, offered: frozenset[str]) -> tuple[str, Entities] | None:
    """ "explain error insufficient_funds": how things work in general is not asked there."""
    match = _ERROR.match(sentence.gist) if "explain_error" in offered else None
    if match is None:
        return None
    code = _text(sentence, match, "code" if match["code"] else "meant")
    return ("explain_error", {"code": code}) if re.fullmatch(r"\w{2,80}", code) else None


def read(sentence: Sentence, offered: frozenset[str]) -> tuple[str, Entities] | None:
    """The question that the whole sentence is, among the skills that are offered."""
    found = matching(_FORMS, sentence, offered)
    return (found[0], _entities(*found[1:])) if found else None


def _entities(sentence: Sentence, match: "re.Match[str]") -> Entities:
    groups = match.groupdict()
    if groups.get("about"):
        return {"about": _text(sentence, match, "about")}
    said: Entities = {}
    who = groups.get("who")
    if who and who != "<cus>":
        said["email" if who == "<mail>" else "customer"] = _text(sentence, match, "who")
    for token in sentence.of("id"):
        if isinstance(token.value, IdMention) and token.value.key:
            said[token.value.key] = token.value.value
    for date in sentence.dates:
        said |= {
            "start": date.start.isoformat() if date.start else None,
            "end": date.end.isoformat() if date.end else None,
        }
    return said


def _text(sentence: Sentence, match: "re.Match[str]", group: str) -> str:
    first, last = sentence.index_at(match.start(group)), sentence.index_at(match.end(group) - 1)
    token = sentence.tokens[first]
    return str(token.value) if token.kind == "quote" and first == last else sentence.raw(first, last + 1)
