"""Questions about coupons, saved cards, one subscription, what happened, signs of fraud and errors, where offered.

Each has to be the whole sentence in one of a few plain forms.
"""

import re
from typing import Final

from paydesk.intents.entities.ids import IdMention
from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence
from paydesk.intents.targets import Entities

_ASK: Final = (
    r"(?:please |hey |hi |ok |can you |could you )*"
    r"(?:(?:show|list|give|get|find|see|view|display|what are|are there(?: any)?)(?: me| us)? )?"
    r"(?:all |the |our |my |any |recent |latest )*"
)
_END: Final = r"(?: (?:please|now|do we have|are there))*(?: [.!?])*$"
_SHOW: Final = r"(?:please |can you |could you )*(?:show|get|view|display|open|pull up)(?: me| us)?"
_WHO: Final = r"(?P<who><who>|<mail>|<cus>|<quote>)"
_WHEN: Final = r"(?: (?:from |in |since |for |of |on )?<date>)?"
_SAVED: Final = r"(?:(?:saved )?payment methods|saved cards|cards on file)"
_FORMS: Final = tuple(
    (skill, lazy(pattern + _END))
    for skill, pattern in (
        ("list_coupons", rf"{_ASK}(?:coupons|(?:promotion|promo) codes)(?: and (?:promotion|promo) codes)?"),
        ("list_coupons", r"which (?:coupons|(?:promotion|promo) codes) (?:are there|do we have)"),
        ("list_payment_methods", rf"{_ASK}{_SAVED} (?:of|for) {_WHO}"),
        ("list_payment_methods", rf"{_ASK}{_WHO} 's {_SAVED}"),
        ("list_payment_methods", rf"which (?:cards|payment methods) does {_WHO} have(?: saved)?"),
        ("get_customer", rf"what cards does {_WHO} have"),
        ("get_customer", rf"{_SHOW} (?:the )?(?:customer|client) {_WHO}"),
        ("get_customer", rf"tell me (?:more )?about (?:the )?(?:customer |client )?{_WHO}"),
        ("get_subscription", rf"{_SHOW} (?:the )?subscription <sub>"),
        ("get_subscription", rf"{_ASK}subscription (?:of|for) {_WHO}"),
        ("get_subscription", rf"{_ASK}details of (?:the )?(?:subscription )?<sub>"),
        ("get_subscription", rf"what(?: is|'s) (?:the )?next invoice (?:of|for) (?:<sub>|{_WHO})"),
        ("list_events", rf"{_ASK}(?:(?:account|stripe) )?events{_WHEN}"),
        (
            "list_events",
            r"(?:what|which) (?:stripe |account )?events (?:happened|occurred|came in|were there|have there been)"
            rf"{_WHEN}",
        ),
        ("list_events", rf"what happened (?:on|in|to) (?:the|our|my|this) (?:stripe )?account{_WHEN}"),
        (
            "list_events",
            r"what happened to (?:customer |subscription |invoice )?(?P<about><sub>|<in>|<po>|<du>|<cus>|<id>)",
        ),
        ("get_fraud_signals", rf"{_ASK}(?:fraud signals|signs of fraud|suspicious (?:charges|payments)){_WHEN}"),
        (
            "get_fraud_signals",
            r"(?:is there )?anything (?:that )?looks? (?:like fraud|suspicious|fraudulent)(?: lately| recently)?"
            rf"{_WHEN}",
        ),
    )
)
# An error is named as Stripe writes it: "explain error handling" asks about something else.
_ERROR: Final = lazy(
    r"(?:(?:please )?explain (?:the |this )?(?:(?:stripe )?error(?: code)?|decline code) "
    r"(?P<code><quote>|<id>|(?=\w*_)[a-z0-9_]{2,80})|what does (?:the )?(?:(?:stripe )?error(?: code)? |decline code )?"
    r"(?P<meant><quote>|<id>|(?!requires_|in_|past_due|needs_)(?=\w*_)[a-z0-9_]{2,80}) mean)" + _END
)
SKILLS: Final = frozenset(skill for skill, _ in _FORMS) | {"explain_error"}


def explained(sentence: Sentence, offered: frozenset[str]) -> tuple[str, Entities] | None:
    """ "explain error insufficient_funds": how things work in general is not asked there."""
    match = _ERROR.match(sentence.gist) if "explain_error" in offered else None
    code = _text(sentence, match, "code" if match["code"] else "meant") if match else ""
    return ("explain_error", {"code": code}) if re.fullmatch(r"\w{2,80}", code) else None


def read(sentence: Sentence, offered: frozenset[str]) -> tuple[str, Entities] | None:
    """The question that the whole sentence is, among the skills that are offered."""
    for skill, pattern in _FORMS:
        match = pattern.match(sentence.gist) if skill in offered else None
        if match:
            return skill, _entities(sentence, match)
    return None


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
