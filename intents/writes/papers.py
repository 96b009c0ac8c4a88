"""Commands about invoices, quotes, disputes, payouts, tax rates and card readers, where the desk offers them.

Each has to be its whole clause in one of a few plain forms: a word more, and nobody is understood to have commanded it.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from paydesk.intents import amounts
from paydesk.intents.entities.quantities import Interval
from paydesk.intents.entities.shares import UNREAD
from paydesk.intents.patterns import Likely
from paydesk.intents.sentence import Sentence
from paydesk.intents.writes.commands import Command
from paydesk.intents.writes.filling import Filled, sums_of, take_amount
from paydesk.intents.writes.heads import frame
from paydesk.intents.writes.plain_names import WORDS

_END: Final = (
    r"(?: (?:please|now|today|for me|thanks|on (?:the |my |our )?(?:\w+ 's )?behalf(?: of (?:the |our )?\w+)?"
    r"|as (?:instructed|agreed|discussed)))*(?: [.!?])*$"
)
#: An invoice by its id or its number.
_NUMBER: Final = r"(?P<number>[a-z0-9]{3,12}-[0-9]{4,6}|(?=[a-z]*[0-9])[a-z0-9]{6,12} - <n>)"
_INVOICE: Final = rf"(?:the )?(?:draft |open |unpaid )?(?:invoice )?(?:no |number |# )?(?:<in>|{_NUMBER})"
_WHO: Final = r"(?P<who>(?:<who>|<mail>|<cus>|<quote>|[^<>\s]+(?: [^<>\s]+){0,3}?))"
_AGAIN: Final = (
    r"(?: again| out| once more)?(?: by e-?mail)?(?: to (?:the |its |their )?(?:customer|client))?(?: once more)?"
)
_WHOSE: Final = rf"(?:the )?(?:draft |open |unpaid |last |latest )?invoice (?:of|for) {_WHO}"
_DISPUTE: Final = r"(?:the )?(?:dispute |chargeback )?<du>"
_BANK: Final = r"(?: (?:in)?to (?:the|my|our) bank(?: account)?)?"
_READER: Final = (
    r"(?:the )?(?:(?:card )?(?:reader|terminal) (?P<reader><quote>|<who>|<tmr>|(?!(?:please|now|today|for|is)\b)"
    r"[a-z][\w-]*)|(?P<before><quote>|<who>|<tmr>)"
    r" (?:card )?(?:reader|terminal)|(?P<alone><tmr>))"
)
_WHAT: Final = rf"(?: for (?P<what><quote>|{WORDS}))?"
_DRAW_UP: Final = "(?:create|make|draft|send|issue|raise)"
_NAME: Final = r"(?P<name><quote>|<who>|[a-z]{2,12})"
_FRAMES: Final = tuple(
    frame(skill, pattern, _END)
    for skill, pattern in (
        ("finalize_invoice", rf"(?:finali[sz]e) (?:{_INVOICE}|{_WHOSE})"),
        (
            "send_invoice",
            rf"(?:send|e-?mail|resend) (?:{_INVOICE}{_AGAIN}|{_WHOSE})",
        ),
        ("void_invoice", rf"void (?:{_INVOICE}|{_WHOSE})"),
        ("mark_uncollectible", rf"write off {_INVOICE}(?: as (?:an? )?(?:bad debt|uncollectible))?"),
        ("mark_uncollectible", rf"mark {_INVOICE} (?:as )?(?:uncollectible|bad debt)"),
        ("mark_uncollectible", rf"write off {_INVOICE}"),
        (
            "pay_invoice",
            rf"mark {_INVOICE} (?:as )?(?P<outside>paid)(?: out of band| by (?:cash|transfer|check|cheque))?",
        ),
        ("pay_invoice", rf"(?:pay|charge|collect) {_INVOICE}"),
        ("create_credit_note", rf"credit <money> (?:of|on|for) {_INVOICE}"),
        (
            "create_credit_note",
            rf"(?:create|issue|make) (?:a |the )?credit note (?:of|over|for) <money> (?:of|on|for) {_INVOICE}",
        ),
        ("create_invoice", rf"invoice {_WHO} for <money>{_WHAT}"),
        (
            "create_invoice",
            rf"{_DRAW_UP} (?:an |a )?(?:new )?invoice (?:to|for) (?:customer |client )?{_WHO}"
            r" (?:for|of|over|at|totall?ing|with (?:an? )?amount(?: of)?|in the amount of) <money>"
            r"(?: for (?P<what><quote>))?",
        ),
        (
            "create_invoice",
            rf"{_DRAW_UP} (?:an |a )?(?:new )?invoice (?:of|for|over) <money> (?:to|for) {_WHO}",
        ),
        (
            "create_invoice",
            rf"{_DRAW_UP} (?:an? )?(?:new )?<money> invoice (?:to|for) {_WHO}",
        ),
        ("create_invoice", rf"{_DRAW_UP} (?:an? )(?:new )?invoice (?:to|for) {_WHO}"),
        ("create_invoice", rf"issue {_WHO} with an invoice (?:for|of|over) <money>"),
        ("create_quote", rf"(?:create|make|draft) (?:a )?quote of <money> (?:to|for) {_WHO}"),
        (
            "create_invoice",
            rf"(?:send|make|write) {_WHO} an invoice (?:for|of|over) <money>(?: for (?P<what><quote>))?",
        ),
        (
            "create_quote",
            rf"(?:create|make|draft) (?:a )?quote (?:to|for) {_WHO} (?:for|of) <money>{_WHAT}",
        ),
        ("create_quote", rf"quote {_WHO} <money>(?: for (?P<what><quote>))?"),
        ("accept_quote", r"accept (?:the )?(?:quote )?<qt>"),
        (
            "submit_dispute_evidence",
            rf"(?:submit|give|add) (?:the )?evidence (?:for|to|on) {_DISPUTE} ?[:,]? (?P<evidence><quote>)",
        ),
        (
            "submit_dispute_evidence",
            rf"(?:submit|give|add) (?:the )?evidence (?:for|to|on) {_DISPUTE} ?: (?P<written>\S.*?)",
        ),
        (
            "submit_dispute_evidence",
            rf"(?:respond|reply|answer) (?:to )?{_DISPUTE} ?[:,]? (?:with |: )?(?P<evidence><quote>)",
        ),
        ("close_dispute", rf"(?:close|accept|concede|give in to) {_DISPUTE}"),
        ("create_payout", rf"(?:pay out|payout) <money>{_BANK}"),
        (
            "create_payout",
            rf"(?:create|make|send|initiate) (?:a |an )?(?P<instant>instant )?payout (?:of|over) <money>{_BANK}",
        ),
        ("cancel_payout", r"(?:cancel|stop) (?:the )?(?:payout )?<po>"),
        (
            "update_payout_schedule",
            r"(?:set|change|switch) (?:the |our |my )?payout schedule to (?P<often><recurs>|manual)"
            r"(?: on (?P<day><date>|<recurs>))?",
        ),
        (
            "update_payout_schedule",
            r"(?:make|change|set|switch) (?:the |our |my )?payouts (?:to )?(?P<often><recurs>|manual)"
            r"(?: on (?P<day><date>|<recurs>))?",
        ),
        (
            "create_tax_rate",
            rf"(?:create|add|make) (?:a |an )?(?:new )?tax rate of <share> (?:called|named) {_NAME}",
        ),
        (
            "create_tax_rate",
            rf"(?:create|add|make) (?:a |an )?(?:new )?<share> tax rate (?:called|named) {_NAME}",
        ),
        ("process_on_reader", rf"(?:take|charge|collect) <money> (?:on|at|with) {_READER}"),
        ("cancel_reader_action", rf"(?:stop|cancel) (?:what )?{_READER}(?: is doing)?"),
    )
)
SKILLS: Final = frozenset(skill for skill, _, _ in _FRAMES)
_MOVES_A_SUM: Final = frozenset(
    {"create_credit_note", "create_invoice", "create_quote", "create_payout", "process_on_reader"}
)
_NEEDS_CURRENCY: Final = _MOVES_A_SUM
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_OFTEN: Final = {("day", 1): "daily", ("week", 1): "weekly", ("month", 1): "monthly"}


_HEADS: Final = frozenset().union(*[first for _, first, _ in _FRAMES if first is not None])


@lru_cache(maxsize=4096)
def _frames_for(word: str, offered: frozenset[str]) -> Likely[str]:
    """The forms, of what is offered, that a clause beginning with `word` can have."""
    return Likely(
        (skill, pattern) for skill, first, pattern in _FRAMES if skill in offered and (first is None or word in first)
    )


def command_at(gist: str, word: str, start: int, stop: int, offered: frozenset[str]) -> Command | None:
    """The command that the clause at `start` is, wholly, among the skills offered; it begins with `word`."""
    for skill, pattern in _frames_for(word if word in _HEADS else "", offered)(gist):
        if pattern.match(gist, start, stop):
            verb_end = gist.find(" ", start)
            return Command(skill, start, len(gist) if verb_end < 0 else verb_end + 1)
    return None


def fill(sentence: Sentence, command: Command, filled: Filled) -> None:
    """The slots of the form that was met; ids are taken already."""
    match = _matched(sentence, command)
    if match is None:
        filled.doubt = filled.doubt or "residue"  # more follows than its clause
        return
    said = {name: text for name, text in match.groupdict().items() if text is not None}
    for name, text in said.items():
        taker = _TAKERS.get(name)
        if taker is not None:
            taker(sentence, match, text, filled)
    for token in sentence.of("id"):
        if token.lex == "<qt>":
            filled.entities["quote"] = _raw(sentence, token.start, token.end)
    if command.skill in _MOVES_A_SUM:
        take_amount(sentence, filled, [mention for _, mention in sums_of(sentence)])
        if command.skill == "create_invoice" and "amount" not in filled.entities and filled.doubt is None:
            filled.missing.append("amount")
        if "amount" in filled.entities and not filled.entities.get("currency"):
            filled.missing.append("currency")
    for token in sentence.of("share"):
        if token.value == UNREAD:
            filled.doubt = filled.doubt or "percent"
        else:
            filled.entities["percent"] = amounts.as_percent(token.value)  # type: ignore[arg-type]  # a share is a Decimal


def _matched(sentence: Sentence, command: Command) -> "re.Match[str] | None":
    stop = len(sentence.gist)
    found = (
        pattern.match(sentence.gist, command.start, stop) for skill, _, pattern in _FRAMES if skill == command.skill
    )
    return next((match for match in found if match), None)


def _raw(sentence: Sentence, start: int, end: int) -> str:
    return sentence.text[start:end]


def _text(sentence: Sentence, match: "re.Match[str]", group: str) -> str:
    """What was typed there; of something in quotes what stands between them."""
    first, last = sentence.index_at(match.start(group)), sentence.index_at(match.end(group) - 1)
    token = sentence.tokens[first]
    return str(token.value) if token.kind == "quote" and first == last else sentence.raw(first, last + 1)


def _who(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    if text not in ("<mail>", "<cus>"):
        filled.entities["customer"] = _text(sentence, match, "who")
    elif text == "<mail>":
        filled.entities["email"] = _text(sentence, match, "who")
    if " and " in f" {text} " or text in ("me", "us", "him", "her", "them", "it", "everyone", "all", "everybody"):
        filled.entities.pop("customer", None)
        filled.doubt = "referent" if " and " not in text else "several"


def _number(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    del text
    filled.entities["invoice"] = _text(sentence, match, "number").replace(" ", "").upper()


def _reader(group: str) -> Callable[[Sentence, "re.Match[str]", str, Filled], None]:
    def take(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
        del text
        filled.entities["reader"] = _text(sentence, match, group)

    return take


def _what(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    del text
    filled.entities["description"] = _text(sentence, match, "what")


def _evidence(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    del text
    filled.entities["evidence"] = {"uncategorized_text": _text(sentence, match, "evidence")}


def _written(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    del text
    first, last = sentence.index_at(match.start("written")), sentence.index_at(match.end("written") - 1)
    said = sentence.text[sentence.tokens[first].start : sentence.tokens[last].end]
    filled.entities["evidence"] = {"uncategorized_text": said}


def _name(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    del text
    filled.entities["name"] = _text(sentence, match, "name")


def _outside(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    del sentence, match, text
    filled.entities["out_of_band"] = True


def _instant(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    del sentence, match, text
    filled.entities["method"] = "instant"


def _often(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    if text == "manual":
        filled.entities["schedule"] = text
        return
    value = sentence.tokens[sentence.index_at(match.start("often"))].value
    found = _OFTEN.get((value.unit, value.count)) if isinstance(value, Interval) else None
    if found is None:
        filled.missing.append("schedule")
    else:
        filled.entities["schedule"] = found


def _day(sentence: Sentence, match: "re.Match[str]", text: str, filled: Filled) -> None:
    del text
    said = _text(sentence, match, "day").lower()
    named = [day for day in _WEEKDAYS if day in said]
    numbered = re.findall(r"\b([1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)?\b", said)
    if named or numbered:
        filled.entities["days"] = named or numbered
    else:
        filled.doubt = "date"


_TAKERS: Final[dict[str, Callable[[Sentence, "re.Match[str]", str, Filled], None]]] = {
    "who": _who,
    "number": _number,
    "reader": _reader("reader"),
    "before": _reader("before"),
    "alone": _reader("alone"),
    "what": _what,
    "evidence": _evidence,
    "written": _written,
    "name": _name,
    "outside": _outside,
    "instant": _instant,
    "often": _often,
    "day": _day,
}
