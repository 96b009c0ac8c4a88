"""The slots of a subscription to start or to cancel."""

import re
from datetime import date
from typing import Final

from paydesk.intents import gates, lexicon, targets
from paydesk.intents.entities.dates import find_dates, following
from paydesk.intents.entities.money import Number
from paydesk.intents.entities.quantities import Interval
from paydesk.intents.patterns import lazy, worded
from paydesk.intents.sentence import Sentence
from paydesk.intents.words import words
from paydesk.intents.writes.commands import Command
from paydesk.intents.writes.filling import Filled, ask_for_sums_elsewhere, sums_of, take_amount, take_customer

_PLAN = worded(
    r"(?P<plan>(?:<who>|<quote>|[\w'+.-]+)(?: (?!(?:to|onto|on|for|with|in|at)\b)(?:<who>|[\w'+.-]+)){0,2}?) "
    r"(?:plan|tier|package|product)\b"
)
_ON_PRODUCT = lazy(
    r"(?<!\S)(?:to|on|onto|for|with) (?:the |our |a "
    r"|an )?(?P<plan>(?!<)[\w'+.-]+(?: [\w'+.-]+)??)(?= (?:<recurs>|<date>|<trial>|<money>|(?:with"
    r"|starting|from|at|for|plan|please|tier|and|to)\b|,)|[ ,.!]*$)"
)
_PRODUCT_SUB = lazy(
    r"(?:the|a|an|our|new"
    r"|'s) (?:<recurs> )?(?P<plan>(?!<)[\w'+.-]+(?: [\w'+.-]+)?) (?:<recurs> )?(?:subscription|sub"
    r"|membership)\b"
)
NOT_A_PRODUCT: Final = words(
    """
    effect immediate
    the a an our new my same subscription sub monthly yearly weekly annual paid free trial recurring current
    existing plan their his her this that another next last cheap cheapest basic_plan
    """
)
_COUNTED = worded(
    r"(?P<n><n>) (?:user )?(?:seats?|licen[cs]es?|units|users|copies|x)\b(?: (?:of|for|on|to) (?:the )?(?!<)"
    r"(?P<plan>[\w'+.-]+)(?= (?:plan|tier|with|starting|from|for|please)\b|[ ,.!]*$))?|\bquantity (?:of )?(?P<n2><n>)"
)
_AT_END = worded(
    r"\b(?:at|by|on|until|till|for|through|after) (?:the )?(?:very )?(?:end|close"
    r"|expiry)(?: of (?:the |his |her |their |its |this |current |billing )*(?:period|cycle|term|month"
    r"|year|billing|subscription)?)?|\b(?:when|once|after|until) (?:the |his |her |their |its |this "
    r"|it's )*(?:current |billing |paid |subscription )*(?:period|cycle|term|month|year|it"
    r"|they)(?: (?:ends?|(?:is|'s) (?:over|up|done|finished)|finishes|expires|runs out|renews|closes"
    r"|has ended))\b|\b(?:at"
    r"|on) (?:the )?(?:next )?(?:period end|renewal|cycle end|billing date)|\bat_period_end\b"
    r"|\bperiod end\b|\bdon't renew\b|\bfrom (?:auto-?)?renewing\b|\bauto-?renew(?:al)?\b"
    r"|\b(?:when|once|after|until|as soon as) (?:the |his |her |their |its |this )?(?:current |billing |paid "
    r"|subscription )*"
    r"(?:period|cycle|term)\b"
    r"|\bend of (?:the |this |his |her |their |its )?(?:current )?(?:billing |paid )?(?:period|cycle|term)\b"
    r"|<date> (?:he|she|they|it) (?:has |have |already )?paid\b"
    r"|\beop\b|\bwhen (?:it )?finish(?:es)? (?:the )?(?:period|month|cycle|term)\b"
    r"|\blet it run out\b|\bafter (?:the |this )?(?:current )?(?:billing )?(?:period|cycle|month)\b"
)
_PAID_UNTIL = lazy(r"<date> (?:he|she|they|it) (?:has |have |already )?paid\b")
_NOT_AT_END = worded(r"\bnot (?:at|until|by|on) (?:the )?(?:period|end|cycle|renewal)\b")
_AFTER_TRIAL = worded(r"\b(?:after|when|once|until|at the end of) (?:the |his |her |their |its )?(?:free )?trials?\b")
_AT_ONCE = lazy(
    r"\b(?:immediately|right away|straight away|at once|effective immediately|effective today|instantly"
    r"|right now|with immediate effect)\b"
    r"|\b(?:now|asap|today)(?= *[.!]*$)"
)


def fill_new_subscription(sentence: Sentence, command: Command, filled: Filled) -> None:
    """Customer, plan or price or amount with its interval, first date, trial."""
    entities = filled.entities
    verb_takes_product = re.match(r"(?:subscribe|enroll?|sign|put|place|move)\b", sentence.gist[command.start :])
    take_customer(
        sentence,
        command,
        filled,
        prepositions="for|by|of|with|from" if verb_takes_product else "for|to|by|of|with|from",
    )
    if not entities.keys() & {"customer", "email", "customer_id"} and filled.doubt is None:
        _plain_subscriber(sentence, command, filled)
    counted_product = _quantity(sentence, filled)
    product, span = (counted_product, True) if counted_product else _product(sentence)
    if product and product != entities.get("customer"):
        entities["product"] = product
        if span and str(entities.get("customer", "")).endswith(product):
            entities.pop("customer")
    priced = "quantity" not in entities and (product is None or bool(sentence.of("every")))
    sums = sums_of(sentence, command if priced else None)
    take_amount(sentence, filled, [mention for _, mention in sums])
    if "amount" in entities:
        ask_for_sums_elsewhere(sentence, command, filled)
    intervals = [token.value for token in sentence.of("every") if isinstance(token.value, Interval)]
    if intervals:
        entities["interval"] = intervals[0].unit
        if intervals[0].count != 1:
            entities["interval_count"] = intervals[0].count
    for trial in sentence.of("trial"):
        entities["trial_days"] = trial.value
    start = _start_date(sentence, command, filled)
    if start:
        entities["start_date"] = start.isoformat()
    if not entities.keys() & {"customer", "email", "customer_id"}:
        filled.missing.append("customer")
    _price(filled)


_PLAINLY = lazy(
    r"(?:subscribe|enroll?) (?P<who>(?:(?!(?:me|us|to|on|in|for|with|and|or|him|her|them|it|everyone|everybody|anyone"
    r"|all|every|each|both|any|this|that|these|those|my|our|your|his|their|the|a|an)\b)[a-z][\w&'-]* ){2,4})"
    r"to (?:the |our )[\w'+.-]+ (?:plan|tier|package|product)(?: (?:please|now|today))*[ .!]*$"
)


def _plain_subscriber(sentence: Sentence, command: Command, filled: Filled) -> None:
    """ "subscribe oak street gym to the gold plan": whoever stands between the verb and its plan, in any words."""
    said = _PLAINLY.match(sentence.gist, command.start)
    words = said["who"].split() if said else []
    if said and not any(word in lexicon.THINGS for word in words):
        first = sentence.index_at(said.start("who"))
        filled.entities["customer"] = sentence.raw(first, first + len(words))


def _price(filled: Filled) -> None:
    entities = filled.entities
    if entities.keys() & {"price_id", "product", "product_id"}:
        return
    if "amount" not in entities:
        filled.missing.append("price")
        return
    if entities.get("currency") is None:
        filled.missing.append("currency")
    if "interval" not in entities:
        filled.missing.append("interval")


def _quantity(sentence: Sentence, filled: Filled) -> str | None:
    """How many, from "3 seats of Pro"; what they are of, where it follows at once."""
    counted = _COUNTED.search(sentence.gist)
    if counted is None:
        return None
    number = sentence.tokens[sentence.index_at(counted.start("n" if counted["n"] else "n2"))].value
    whole = isinstance(number, Number) and not number.doubtful and number.value == number.value.to_integral_value()
    if isinstance(number, Number) and whole and number.value >= 1:
        filled.entities["quantity"] = int(number.value)
    else:
        filled.doubt = filled.doubt or "amounts"
    if not counted["plan"]:
        return None
    index = sentence.index_at(counted.start("plan"))
    return sentence.raw(index, index + 1)


def _product(sentence: Sentence) -> tuple[str | None, bool]:
    for pattern in (_PLAN, _PRODUCT_SUB, _ON_PRODUCT):
        for match in pattern.finditer(sentence.gist):
            words = match["plan"].split()
            start = match.start("plan")
            while words and (
                words[0] in NOT_A_PRODUCT
                or words[0]
                in ("to", "on", "for", "onto", "up", "with", "'s", "of", "from", "in", "at", "and", "subscription")
            ):
                start += len(words.pop(0)) + 1
            if "the" in words:  # "give Umbrella Corp the Enterprise plan"
                cut = len(words) - words[::-1].index("the")
                start += len(" ".join(words[:cut])) + 1
                words = words[cut:]
            joined = " ".join(words)
            if not words or joined in NOT_A_PRODUCT or words[-1] in lexicon.SMALL | {"subscription", "customer"}:
                continue
            first, last = sentence.index_at(start), sentence.index_at(match.end("plan") - 1) + 1
            if sentence.tokens[first].kind == "quote":
                return str(sentence.tokens[first].value), True
            return sentence.raw(first, last), True
    return None, False


def product_of(sentence: Sentence) -> str | None:
    """The plan that is named, "the Pro plan"."""
    return _product(sentence)[0]


def _sentence_end(sentence: Sentence, command: Command) -> int:
    """Where the commanding sentence ends in the text: "... please? He loves the Thursday class." begins nothing."""
    for token in sentence.tokens[sentence.index_at(command.start) :]:
        if token.kind == "punct" and token.lex in ".?!":
            return token.start
    return len(sentence.text)


def _start_date(sentence: Sentence, command: Command, filled: Filled) -> date | None:
    """The first billing date: the next such day on or after today."""
    stop = _sentence_end(sentence, command)
    ahead = [said for said in find_dates(sentence.undated, sentence.today, ahead=True) if said.start_pos < stop]
    if not ahead:
        return None
    if len(ahead) > 1 or ahead[0].doubtful:
        filled.doubt = filled.doubt or "date"
        return None
    start = following(ahead[0], sentence.today)
    if start is None or start < sentence.today:
        filled.doubt = filled.doubt or "date"
        return None
    return start


def fill_cancellation(sentence: Sentence, command: Command, filled: Filled) -> None:
    """Which subscription, and whether at the end of the paid period or at once."""
    entities = filled.entities
    take_customer(sentence, command, filled, prepositions="for|of|from|by|on|belonging to|to")
    if _NOT_AT_END.search(sentence.gist):
        entities["at_period_end"] = False
    elif _AT_END.search(sentence.gist):
        entities["at_period_end"] = True
    elif _AT_ONCE.search(sentence.gist):
        entities["at_period_end"] = False
    plan = re.search(
        r"(?:'s|the|his|her|their) (?P<plan>[\w+-]+) (?:plan|tier|subscription|membership|sub)\b", sentence.gist
    )
    if plan and not (
        plan["plan"] in NOT_A_PRODUCT or plan["plan"] in lexicon.SMALL or plan["plan"] in ("active", "whole", "entire")
    ):
        index = sentence.index_at(plan.start("plan"))
        if sentence.raw(index, index + 1) not in str(entities.get("customer", "")):
            entities["product"] = sentence.raw(index, index + 1)
    _subject_of_wish(sentence, filled)
    if "at_period_end" not in entities and _AFTER_TRIAL.search(sentence.gist):
        filled.doubt = filled.doubt or "later"
    if "at_period_end" not in entities and not re.search(
        r"\b(?:subscriptions?|subs?|plans?|memberships?|unsubscribe|unenroll?|tier|billing)\b|<sub>", sentence.gist
    ):
        filled.doubt = filled.doubt or "referent"
    if (
        sentence.dates
        and not _PAID_UNTIL.search(sentence.gist)
        and not all(said.start == sentence.today and said.grain == "day" for said in sentence.dates)
    ):
        filled.doubt = filled.doubt or "later"
    if not entities.keys() & {"subscription_id", "customer", "email", "customer_id"}:
        filled.missing.append("subscription")


def _subject_of_wish(sentence: Sentence, filled: Filled) -> None:
    """ "Łukasz wants out, kill his subscription": the owner named before the command."""
    if filled.entities.keys() & {"customer", "email", "customer_id", "subscription_id"} or not re.search(
        r"\b(?:his|her|their)\b", sentence.gist
    ):
        return
    billed = gates.stops_by_cancelling(sentence.gist)
    if billed is not None:
        found = targets.at(sentence, sentence.index_at(billed))
        filled.entities.update(found[0] if found else {})
        return
    found = targets.at(sentence, 0)
    if found and found[1] == 0:
        filled.entities.update(found[0])
