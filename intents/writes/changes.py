"""The slots of a change to a subscription that runs: its plan, how many, its trial, a pause, and going on."""

import re
from datetime import date
from typing import Final

from paydesk.intents import lexicon
from paydesk.intents.entities.dates import DateMention, find_dates, following
from paydesk.intents.entities.money import Number
from paydesk.intents.entities.quantities import Interval
from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence
from paydesk.intents.writes.commands import Command
from paydesk.intents.writes.filling import Filled, sums_of, take_amount, take_customer
from paydesk.intents.writes.subscriptions import NOT_A_PRODUCT, product_of

_WHOSE: Final = "for|of|from|by|on|belonging to"
_NAMED: Final = frozenset({"subscription_id", "customer", "email", "customer_id"})
_CHANGED: Final = frozenset(
    {"price_id", "product", "product_id", "quantity", "amount", "interval", "trial_end", "cancel_at"}
)
_TO_PLAN = lazy(
    r"(?<!\S)(?:to|onto|into) (?:the |our |a |an |your )?(?:<recurs> )?(?P<plan>(?:<who>|<quote>|(?!<)[\w'+.-]+)"
    r"(?: (?:<who>|(?!<)[\w'+.-]+)){0,2}?)(?: <recurs>)?(?: (?:plan|tier|package|product|subscription))?"
    r"(?= (?:<recurs>|<date>|with|without|starting|from|at|now|immediately|please|and|for|billed|instead)(?!\S)"
    r"| [,.!;]|[ .!]*$)"
)
_SAYS_PLAN = lazy(r"\b(?:plan|tier|package|product|subscription|sub|membership)\b|<(?:sub|price|prod|recurs)>")
_QUANTITY = lazy(
    r"\b(?:quantity|seats?|licen[cs]es?)(?: (?:on|of|for|in) .+?)?(?: from <n>)? (?:to|at|=|is|be|:) (?P<to><n>)"
    r"|\b(?:to|have|be|at|with) (?P<of><n>) (?:user )?(?:seats?|licen[cs]es?|units|users)\b"
    r"|\b(?:seats?|quantity|licen[cs]es?) (?P<plain><n>)[ .!]*$"
)
_RELATIVE = lazy(
    r"\bby (?:<n>|<money>|<share>)|\b(?:add|remove|drop|increase|decrease|reduce) (?:\w+ )?<n>\b|<n> (?:more|fewer"
    r"|extra|additional|less)\b|\b(?:add|remove|drop) (?:an?|another|one) (?:\w+ )?(?:seat|licen[cs]e)\b"
    r"|\b(?:double|halve)\b|\bfor (?:another|<n> more)\b"
)
_NO_PRORATION = lazy(r"\b(?:without|no|don't|skip) (?:any )?prorat(?:ion|ions|ing|e)\b|\bno credit\b")
_INVOICED = lazy(
    r"\b(?:invoice|bill|charge) (?:it |them |him |her |the difference |that )*(?:now|immediately|at once|right away)\b"
)
_LATER = lazy(
    r"\b(?:at|on|after|from) (?:the )?(?:end of|next) (?:the |this |current |billing )*(?:period|cycle|renewal"
    r"|month|year)|\bat (?:the )?(?:next )?(?:period end|renewal)\b"
)


def fill_change(sentence: Sentence, command: Command, filled: Filled) -> None:
    """Whose subscription, and what becomes of it."""
    entities, gist = filled.entities, sentence.gist
    take_customer(sentence, command, filled, prepositions=_WHOSE)
    _drop_plan_words(filled)
    _quantity(sentence, filled)
    about_trial = re.search(r"\btrial\b|<trial>", gist) is not None
    if about_trial:
        _day(sentence, filled, "trial_end")
    elif _ENDS_ON.search(gist):
        _day(sentence, filled, "cancel_at")
    else:
        _target_plan(sentence, command, filled)
        _price(sentence, command, filled)
        dates = [said for said in sentence.dates if said.start != sentence.today]
        if dates or _LATER.search(gist):
            filled.doubt = filled.doubt or "later"
    if _NO_PRORATION.search(gist):
        entities["proration"] = "none"
    elif _INVOICED.search(gist):
        entities["proration"] = "always_invoice"
    if _RELATIVE.search(gist) or filled.doubt == "relative":
        filled.doubt = filled.doubt or "relative"
        for name in ("quantity", "product"):
            entities.pop(name, None)
    _complete(filled)
    if not entities.keys() & _CHANGED:
        filled.missing.append("change")


def _drop_plan_words(filled: Filled) -> None:
    """ "the quantity of sub_..." and the like name nobody."""
    customer = filled.entities.get("customer")
    if isinstance(customer, str) and customer.lower() in NOT_A_PRODUCT:
        del filled.entities["customer"]


def _quantity(sentence: Sentence, filled: Filled) -> None:
    match = _QUANTITY.search(sentence.gist)
    if match is None:
        if re.search(r"\b(?:quantity|seats?|licen[cs]es?)\b", sentence.gist) and sentence.of("number"):
            filled.doubt = filled.doubt or "relative"
        return
    group = next(name for name in ("to", "of", "plain") if match[name])
    number = sentence.tokens[sentence.index_at(match.start(group))].value
    whole = isinstance(number, Number) and not number.doubtful and number.value == number.value.to_integral_value()
    others = len(sentence.of("number")) - 1 - (" from <n> to <n>" in sentence.gist)
    if others > 0 or not whole or not isinstance(number, Number) or number.value < 1:
        filled.doubt = filled.doubt or "amounts"
        return
    filled.entities["quantity"] = int(number.value)


def _target_plan(sentence: Sentence, command: Command, filled: Filled) -> None:
    entities = filled.entities
    if entities.keys() & {"price_id", "product_id"} or "quantity" in entities:
        return
    for match in _TO_PLAN.finditer(sentence.gist, command.start):
        words = match["plan"].split()
        start = match.start("plan")
        while words and words[0] in NOT_A_PRODUCT:
            start += len(words.pop(0)) + 1
        if not words or words[-1] in lexicon.SMALL or " ".join(words) in NOT_A_PRODUCT:
            continue
        first, last = sentence.index_at(start), sentence.index_at(match.end("plan") - 1) + 1
        token = sentence.tokens[first]
        said = str(token.value) if token.kind == "quote" else sentence.raw(first, last)
        plain = token.kind == "word" and not sentence.is_capital(first) and not _SAYS_PLAN.search(sentence.gist)
        if said != entities.get("customer") and not plain:
            entities["product"] = said
            return
    product = product_of(sentence)
    moved_from = re.search(r"\bfrom (?:the )?\S+", sentence.gist)
    if product and product != entities.get("customer") and not moved_from and re.search(r"\bto\b", sentence.gist):
        entities["product"] = product


def _price(sentence: Sentence, command: Command, filled: Filled) -> None:
    entities = filled.entities
    take_amount(
        sentence, filled, [mention for _, mention in sums_of(sentence, command if sentence.of("every") else None)]
    )
    intervals = [token.value for token in sentence.of("every") if isinstance(token.value, Interval)]
    if len({(one.unit, one.count) for one in intervals}) > 1:
        filled.doubt = filled.doubt or "amounts"
    elif intervals:
        entities["interval"] = intervals[0].unit
        if intervals[0].count != 1:
            entities["interval_count"] = intervals[0].count
    if "amount" in entities and entities.get("currency") is None:
        filled.missing.append("currency")
    if "amount" in entities and "interval" not in entities:
        filled.missing.append("interval")


_ENDS_ON = lazy(r"\b(?:end|expire|stop|cancel) (?:on|at|by) <date>")
_ENDS_NOW = lazy(
    r"^(?:end|stop|finish|terminate)\b.*\btrial\b(?! (?:on|at|by|in))|\btrial (?:now|today|immediately|right away)\b"
)


def _day(sentence: Sentence, filled: Filled, key: str) -> None:
    """The day on which the trial or the subscription is to end; today for "end the trial"."""
    ahead = find_dates(sentence.undated, sentence.today, ahead=True)
    if key == "trial_end" and not ahead and _ENDS_NOW.search(sentence.gist):
        filled.entities["trial_end"] = sentence.today.isoformat()
        return
    if len(ahead) != 1 or ahead[0].doubtful or sentence.of("trial"):
        filled.doubt = filled.doubt or "date"
        return
    end = following(ahead[0], sentence.today)
    if end is None or end < sentence.today or ahead[0].grain != "day":
        filled.doubt = filled.doubt or "date"
        return
    filled.entities[key] = end.isoformat()


_FOR_A_WHILE = lazy(r"\bfor (?:<n>|\w+) (?:\w+ )?(?:days?|weeks?|months?|years?|while)\b")


def fill_pause(sentence: Sentence, command: Command, filled: Filled) -> None:
    """Whose subscription, and until when."""
    take_customer(sentence, command, filled, prepositions=_WHOSE)
    _drop_plan_words(filled)
    _billed_product(sentence, filled)
    ahead = find_dates(sentence.undated, sentence.today, ahead=True)
    resumes = _until(sentence, ahead)
    if resumes is not None:
        filled.entities["resumes_at"] = resumes.isoformat()
    elif _FOR_A_WHILE.search(sentence.gist) or not all(said.start == sentence.today for said in ahead):
        filled.doubt = filled.doubt or "date"
    for behavior, words in (("void", r"\bvoid\b"), ("mark_uncollectible", r"\buncollectible\b|\bfor free\b")):
        if re.search(words, sentence.gist):
            filled.entities["invoices"] = behavior
    _complete(filled)


def _until(sentence: Sentence, ahead: list[DateMention]) -> date | None:
    """The day of "until February 1", on which collecting goes on; None where that is not said, or not clearly."""
    if len(ahead) != 1 or ahead[0].doubtful:
        return None
    begins = re.search(r"\b(?:until|till|through|resum\w+(?: \w+)? on|resum\w+)\b", sentence.undated, re.IGNORECASE)
    # Read again without the "until", which makes a range of a day.
    said = find_dates(sentence.undated[begins.end() :], sentence.today, ahead=True) if begins else []
    if len(said) != 1 or said[0].grain != "day":
        return None
    start = following(said[0], sentence.today)
    return start if start is not None and start > sentence.today else None


def fill_resumption(sentence: Sentence, command: Command, filled: Filled) -> None:
    """Whose subscription goes on."""
    take_customer(sentence, command, filled, prepositions=_WHOSE)
    _drop_plan_words(filled)
    _billed_product(sentence, filled)
    if sentence.dates and not all(said.start == sentence.today and said.grain == "day" for said in sentence.dates):
        filled.doubt = filled.doubt or "later"
    _complete(filled)


def _billed_product(sentence: Sentence, filled: Filled) -> None:
    """ "jane's Pro subscription": which of them."""
    plan = re.search(
        r"(?:'s|the|his|her|their) (?P<plan><who>|[\w+-]+) (?:plan|tier|subscription|membership|sub)\b", sentence.gist
    )
    if plan is None or plan["plan"] in NOT_A_PRODUCT or plan["plan"] in lexicon.SMALL | {"active", "whole", "paused"}:
        return
    index = sentence.index_at(plan.start("plan"))
    said = sentence.raw(index, index + 1)
    if said not in str(filled.entities.get("customer", "")):
        filled.entities["product"] = said


def _complete(filled: Filled) -> None:
    if not filled.entities.keys() & _NAMED:
        filled.missing.append("subscription")
