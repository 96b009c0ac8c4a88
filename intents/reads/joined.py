"""Two values of one filter joined in a question ("failed or disputed", "Anna and Bob"), of which a list takes one."""

import re
from typing import Final

from paydesk.intents import lexicon, targets
from paydesk.intents.entities.statuses import find_all_statuses
from paydesk.intents.patterns import lazy, worded
from paydesk.intents.reads import details, whom
from paydesk.intents.sentence import Sentence
from paydesk.intents.targets import Entities

_JOIN: Final = r"(?:(?:or|and|nor|vs|versus|plus|but|&|/|,|than|as well as|against) )+"
_STATUS_JOIN = lazy(
    rf"^ {_JOIN}(?:(?:also|even|that|which|were|was|are|is|have|has|had|been|got|the|those|ones|payments|charges"
    r"|invoices|subscriptions|payouts|disputes|refunds|either|currently|still) )*$"
)
_TWO_CARDS = worded(rf"<n> {_JOIN}(?:in |with )?<n>")
TWO_BALANCES = worded(
    rf"\b(?:pending|available|reserved|instant)(?: balance| funds| money)? {_JOIN}(?:\w+ )?(?:pending|available"
    rf"|reserved)\b"
)


_ORDER: Final = r"(?:largest|biggest|highest|smallest|lowest|newest|latest|oldest|earliest|first|last|most recent)"
_TWO_ORDERS = worded(rf"\b{_ORDER} (?:and|or|&) (?:the )?{_ORDER}\b")
# An "or" that belongs to no bound ("or more", "equal to or") joins what one list cannot show.
ALTERNATIVE = worded(
    r"(?<!\bon )(?<!equal to )\bor (?!(?:more|less|fewer|above|over|under|below|higher|lower|greater|larger|up|equal"
    r"|after|before|on|later|earlier|newer|older|so|something|whatever|anything|thereabouts|else|better|is|are|was"
    r"|were|has|have|did|does|do)\b|[,.?!])"
)


def joins_balances(gist: str) -> bool:
    """Whether two parts of the balance are asked for at once, which the whole of it shows."""
    return TWO_BALANCES.search(gist) is not None


def several_values(skill: str, sentence: Sentence, gist: str, taken: Entities) -> str | None:
    """Two values of one filter, of which a list takes one."""
    brands = {details.brand_of(match[1]) for match in details.BRAND.finditer(gist)}
    currencies = {token.value for token in sentence.of("currency")}
    intervals = {str(token.value) for token in sentence.of("every")} if "interval" in taken else set()
    mails = {token.value for token in sentence.of("email")} if "email" in taken else set()
    if any(len(said) > 1 for said in (brands, currencies, mails)) or len(sentence.of("every")) > 1 < len(intervals):
        return "either"
    reasons = {details.reason_of(match[0]) for match in details.REASON.finditer(gist)} if "reason" in taken else set()
    if len(reasons) > 1:
        return "either"
    if _TWO_ORDERS.search(gist):
        return "either"
    if "last4" in taken and _TWO_CARDS.search(gist):
        return "either"
    if _joined_statuses(skill, gist, taken):
        return "either_status"
    if any(_has_companion(sentence, str(taken[key])) for key in ("customer", "product") if key in taken):
        return "either_name"
    return "unkept_name" if _unkept_names(sentence, taken) else None


def _unkept_names(sentence: Sentence, taken: Entities) -> bool:
    """Whether somebody is named who is nowhere in the reading: "how much did Anna pay for Pro"."""
    values = " ".join(str(value) for value in taken.values())
    paying = whom.subject(sentence) if "customer" in taken else None
    if paying and str(paying[0].get("customer", "")) not in values:
        return True
    return any(
        sentence.text[token.start : token.end] not in values
        for index, token in enumerate(sentence.tokens)
        if token.kind == "name" or (sentence.cased and token.kind == "word" and _is_strange_name(sentence, index))
    )


def _is_strange_name(sentence: Sentence, index: int) -> bool:
    lex = sentence.tokens[index].lex
    return not lexicon.is_common(lex) and sentence.is_capital(index) and not details.BRAND_WORD.fullmatch(lex)


def _joined_statuses(skill: str, gist: str, taken: Entities) -> bool:
    """ "failed or disputed"; an invoice that is open and overdue has one status."""
    if "status" not in taken and skill != "get_analytics":
        return False
    found = find_all_statuses("list_payments" if skill == "get_analytics" else skill, gist)
    for one, start, stop in found:
        for other, begin, end in found:
            if one == other or begin < stop or end == start:
                continue
            between = gist[stop:begin]
            if re.search(r"\b(?:just|only) ", gist[end:]):
                continue  # "failed & pending? just failed payments"
            if _STATUS_JOIN.match(between) and not ({one, other} == {"open", "past_due"} and " or " not in between):
                return True
    return False


_COMPANIONS: Final = frozenset({"and", "or", "&", "/", "vs", "versus", "nor", "than"})


def _has_companion(sentence: Sentence, name: str) -> bool:
    """Whether another name is joined to this one: "Anna and Bob", "more than Bob"."""
    place = sentence.text.find(name)
    if place < 0:
        return False
    tokens = sentence.tokens
    after = next((i for i, token in enumerate(tokens) if token.start >= place + len(name)), len(tokens))
    if after + 2 < len(tokens) and tokens[after].lex == "," and tokens[after + 2].lex in ("and", "or", "&"):
        return is_somebody(sentence, after + 1)  # "Anna, Bob and Carol"
    while after < len(tokens) and (
        tokens[after].kind == "possessive" or tokens[after].lex in ("pay", "paid", "more", ",")
    ):
        after += 1
    if after + 1 < len(tokens) and tokens[after].lex in _COMPANIONS and is_somebody(sentence, after + 1):
        return True
    before = next((i for i, token in enumerate(tokens) if token.start >= place), 0) - 1
    return before > 0 and tokens[before].lex in _COMPANIONS and is_somebody(sentence, before - 1, behind=True)


def is_somebody(sentence: Sentence, index: int, *, behind: bool = False) -> bool:
    """Whether the token at `index` begins a name, or ends one that stands `behind` the place looked from."""
    token = sentence.tokens[index]
    if token.kind in ("name", "email") or token.lex == "<cus>":
        return True
    if sentence.is_capital(index) and token.lex not in lexicon.THINGS:
        return True
    if token.kind != "word" or lexicon.is_common(token.lex):
        return False
    return sentence.is_capital(index) if behind else targets.at(sentence, index) is not None
