"""Sentences that only say what is different: "and last month?", "only the failed ones", "the same for Bob".

What is different is put behind the thing that was asked for, and that is read as a sentence of its own; what it says
replaces what was said before. Only questions are changed in this way; a command is never repeated unasked.
"""

from collections.abc import Mapping
from typing import Final

from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence, part
from paydesk.intents.words import words
from paydesk.intents.writes import commands

_PHRASES: Final = {
    "list_payments": "payments",
    "get_payment": "the last payment",
    "list_refunds": "refunds",
    "list_invoices": "invoices",
    "list_subscriptions": "subscriptions",
    "list_disputes": "disputes",
    "list_payouts": "payouts",
    "list_products": "products",
    "get_balance": "my balance",
    "find_customers": "customers",
    "get_customer": "customers",
}
_LEAD = lazy(
    r"(?:ok |okay |so |now |, )*(?:(?:and|what about|how about|only|just|also|now|then|but)(?: (?:and"
    r"|what about|how about"
    r"|only|just|the same|for|those|them))*|(?:do |show |show me |give me )?(?:the )?same(?: thing| again)?)(?!\S) ?"
)
_SAME = lazy(
    r"(?:ok |okay |so |now |and |then |please |, )*(?:do |make )?(?:the |it )?(?:exact )?same(?: thing| again)?(?!\S)"
)
# A question of its own, which only begins with "and".
_WHOLE = lazy(
    r"(?:show|list|find|get|give|tell|search|what|what's|who|who's|how|when|where|which|is|are|was|were|do|does|did|has"
    r"|have|can|could|any|compare|count|look|why)(?!\S)"
)
_WHOSE: Final = frozenset({"customer", "email", "customer_id"})
_SUMS: Final = frozenset({"amount", "amount_gt", "amount_gte", "amount_lt", "amount_lte", "currency"})
_WHEN: Final = frozenset({"start", "end"})
_ONE: Final = words("payment_intent_id charge_id subscription_id invoice_id dispute_id payout_id payment_amount reason")
_LONGEST: Final = 120


def differences(sentence: Sentence, skill: str, entities: Mapping[str, object]) -> list[str]:
    """Sentences that may say what is different from the last question; empty where it is no such sentence."""
    thing = _PHRASES.get(skill)
    if skill == "get_analytics" and "metric" in entities:
        thing = str(entities["metric"]).replace("_", " ")
    lead = _LEAD.match(sentence.gist)
    only_a_date = [token.kind for token in sentence.tokens if token.kind != "punct"] == ["date"]
    begin = lead.end() if lead else 0
    if thing is None or not (lead or only_a_date) or begin >= len(sentence.gist) or len(sentence.text) > _LONGEST:
        return []
    rest = part(sentence, sentence.index_at(begin), len(sentence.tokens))
    if commands.find_commands(rest.gist) or _WHOLE.match(rest.gist):
        return []
    said = rest.raw(0, len(rest.tokens)).strip(" .!?,")
    said = said[:-2] if said.endswith(("'s", "’s")) else said
    bare = said.removeprefix("the ").removesuffix(" ones").removesuffix(" one").strip()
    if not bare:
        return []
    plain = said if said.startswith(("for ", "from ", "in ", "by ", "over ", "under ", "since ")) else f"for {said}"
    return [f"show {thing} {said}", f"show {bare} {thing}", f"show {thing} {plain}"]


def merged(before: Mapping[str, object], said: Mapping[str, object]) -> dict[str, object]:
    """What was asked before, with what is different now; one customer, one range, one amount replaces another."""
    gone: set[str] = set()
    for group in (_WHOSE, _SUMS - {"currency"} if said.keys() & (_SUMS - {"currency"}) else _SUMS, _WHEN):
        if said.keys() & group and not (group is _SUMS and said.keys() & _SUMS == {"currency"}):
            gone |= group
    if said.keys() & {"compare_start", "compare_end"}:
        gone |= {"compare_start", "compare_end"}
    kept = {name: value for name, value in before.items() if name not in gone and name not in _ONE}
    return {**kept, **said}


def portable(entities: Mapping[str, object]) -> dict[str, object]:
    """What of a command can be said of another customer: its amount, share and terms, never one payment's id."""
    return {name: value for name, value in entities.items() if name not in _WHOSE and name not in _ONE}
