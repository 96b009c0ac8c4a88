"""Questions about one invoice or dispute, credit notes, quotes, the ledger, bank accounts, taxes, rates and readers.

Each has to be the whole sentence in one of a few plain forms, and is only read so where the desk offers the skill.
"""

import re
from collections.abc import Callable
from typing import Final

from paydesk.intents import amounts
from paydesk.intents.entities.ids import IdMention
from paydesk.intents.reads.forms import ASK, WHEN, forms, matching
from paydesk.intents.sentence import Sentence
from paydesk.intents.targets import Entities

_WHO: Final = r"(?P<who>(?:<who>|<mail>|<cus>|<quote>|[^<>\s]+(?: [^<>\s]+){0,3}?))"
_INVOICE: Final = r"(?:invoice )?(?:<in>|(?P<number>[a-z0-9]{3,12}-[0-9]{4,6}|(?=[a-z]*[0-9])[a-z0-9]{6,12} - <n>))"
_ACCOUNTS: Final = r"bank accounts?"
_PAID_TO: Final = (
    r"(?:go(?:es|ing)?|paid(?: out)?|sent|land(?:ing)?|arrive|transferred|deposited|end up)(?: to| into| in| at| on)?"
)
_BANK_ACCOUNTS: Final = (
    rf"{ASK}{_ACCOUNTS}(?: (?:where|that|which|to which) (?:our |the |my )?payouts (?:are |is )?{_PAID_TO})?",
    rf"(?:to |into )?(?:which|what) {_ACCOUNTS} (?:(?:do|are|is|does|will) )?(?:our |the |my )?payouts? (?:are "
    rf"|is )?{_PAID_TO}",
    rf"(?:to |into )?(?:which|what) {_ACCOUNTS} (?:do|are) we (?:get |being )?(?:paid(?: out)?|receive (?:our "
    rf"|the )?payouts)(?: to| into| in| on)?",
    rf"where (?:(?:do|are) )?(?:our|the|my) payouts (?:are )?{_PAID_TO}",
)
_WAYS: Final = (
    ("list_credit_notes", rf"{ASK}credit notes(?: (?:of|for|to) (?:<in>|{_WHO}))?"),
    ("list_credit_notes", r"which credit notes (?:did|have) we (?:issued?|made|make)"),
    (
        "list_quotes",
        rf"{ASK}(?P<status>draft|open|accepted|canceled|cancelled )?\s?quotes(?: (?:of|for|to) {_WHO})?",
    ),
    ("list_quotes", r"which quotes are (?P<status>draft|open|accepted|canceled|cancelled)"),
    ("list_quotes", rf"{ASK}(?:quote )?<qt>"),
    ("get_invoice", rf"{ASK}(?:details|lines|items) (?:of|on) (?:the )?{_INVOICE}"),
    ("get_invoice", rf"what is (?:on|in) (?:the )?{_INVOICE}"),
    (
        "get_dispute",
        r"(?:(?:determine|find out|tell me|check|say) )?(?:what|which) evidence (?:is (?:still )?(?:missing"
        r"|needed)|do we (?:still )?need) (?:for|on) "
        r"(?:the )?(?:dispute )?<du>",
    ),
    ("get_invoice", rf"(?:show|get|view|display|open|pull up)(?: me| us)? (?:the )?(?=invoice ){_INVOICE}"),
    ("get_dispute", rf"{ASK}details of (?:the )?(?:dispute )?<du>"),
    ("get_dispute", r"when is (?:the )?(?:dispute )?<du> due"),
    ("list_transfers", rf"{ASK}transfers(?: to connected accounts?)?{WHEN}"),
    *((("list_bank_accounts"), way) for way in _BANK_ACCOUNTS),
    ("list_balance_transactions", rf"{ASK}(?:balance transactions|ledger)(?: ,)?{WHEN}"),
    (
        "list_balance_transactions",
        rf"{ASK}(?:balance transactions|ledger) (?:of|for|in|behind|from|on|making up) (?:the )?(?:payout )?<po>",
    ),
    ("list_balance_transactions", r"what (?:was|is) in (?:the )?(?:payout )?<po>"),
    ("calculate_tax", rf"(?:calculate|work out|compute) (?:the )?(?:sales )?(?:tax|vat) on <money> for {_WHO}"),
    ("calculate_tax", rf"how much (?:sales )?(?:tax|vat) is due on <money> for {_WHO}"),
    (
        "list_tax_rates",
        rf"{ASK}(?:(?:sales )?tax|vat|gst|hst|pst|iva|mwst) rates(?: (?:do|did"
        rf"|should)? ?we (?:charge|apply|set up|use))?",
    ),
    ("convert_currency", r"(?:please )?convert <money> (?:to|into) (?P<to><cur>)"),
    ("convert_currency", r"how much is <money> in (?P<to><cur>)"),
    ("list_readers", rf"{ASK}(?:(?P<status>online|offline) )?(?:card|terminal) readers"),
    ("list_readers", r"which (?:card |terminal )?readers are (?P<status>online|offline)"),
)
_FORMS: Final = forms(_WAYS)
SKILLS: Final = frozenset(skill for skill, _ in _WAYS)


def read(sentence: Sentence, offered: frozenset[str]) -> tuple[str, Entities] | None:
    """The question that the whole sentence is, among the skills that are offered."""
    found = matching(_FORMS, sentence, offered)
    return (found[0], _entities(*found)) if found else None


def _entities(skill: str, sentence: Sentence, match: "re.Match[str]") -> Entities:
    said: Entities = {}
    for name, text in match.groupdict().items():
        if text is not None:
            _TAKERS[name](sentence, match, text.strip(), said)
    for token in sentence.of("id"):
        mention = token.value
        if isinstance(mention, IdMention):
            key = "quote" if token.lex == "<qt>" else mention.key
            if key:
                said[key] = mention.value
    for date in sentence.dates:
        said |= {
            "start": date.start.isoformat() if date.start else None,
            "end": date.end.isoformat() if date.end else None,
        }
    if skill in ("convert_currency", "calculate_tax") and len(sentence.money) == 1:
        mention = amounts.with_currency(sentence, sentence.money[0]) if "to" not in said else sentence.money[0]
        minor = mention.minor()
        if minor is not None and not mention.doubt:
            said |= {"amount": minor, "currency": mention.currency}
    return said


def _text(sentence: Sentence, match: "re.Match[str]", group: str) -> str:
    first, last = sentence.index_at(match.start(group)), sentence.index_at(match.end(group) - 1)
    token = sentence.tokens[first]
    return str(token.value) if token.kind == "quote" and first == last else sentence.raw(first, last + 1)


def _who(sentence: Sentence, match: "re.Match[str]", text: str, said: Entities) -> None:
    if text != "<cus>":
        said["email" if text == "<mail>" else "customer"] = _text(sentence, match, "who")


def _number(sentence: Sentence, match: "re.Match[str]", text: str, said: Entities) -> None:
    del text
    said["invoice"] = _text(sentence, match, "number").replace(" ", "").upper()


def _status(sentence: Sentence, match: "re.Match[str]", text: str, said: Entities) -> None:
    del sentence, match
    said["status"] = "canceled" if text == "cancelled" else text


def _to(sentence: Sentence, match: "re.Match[str]", text: str, said: Entities) -> None:
    del text
    said["to"] = str(sentence.tokens[sentence.index_at(match.start("to"))].value)


_TAKERS: Final[dict[str, Callable[[Sentence, "re.Match[str]", str, Entities], None]]] = {
    "who": _who,
    "number": _number,
    "status": _status,
    "to": _to,
}
